from pitrainer.cli import main

main()
