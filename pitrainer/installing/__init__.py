"""`pitrainer service install` and `remove`: from a virtual environment to an appliance, and back.

ground   the one thing that changes the machine: says each change, or only says it (dry run), below any root
broker   Mosquitto's accounts: secrets and their hashes
layout   which file goes where, as text; pure but for reading what is shipped
steps    install and remove, in order

Everything is repeatable: what is as it should be is left alone and not mentioned. Nothing of a person's is
overwritten: settings that exist stay, and a file in our place that is not ours is kept beside as `.old`.
"""

from pitrainer.installing.ground import Ground, InstallError
from pitrainer.installing.steps import install, remove

__all__ = ["Ground", "InstallError", "install", "remove"]
