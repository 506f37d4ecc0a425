# Sourced by ./demo and ./test, which have set $root and changed into it: makes .venv ready.
#
# Quiet when there is nothing to do, and then it needs no network. .venv/.ready-NAME holds what NAME was installed
# from (this directory and pyproject.toml), so a change of either installs again. .venv/.making stands while
# something is being installed: a set-up that was cut off is thrown away and made anew.
# shellcheck shell=sh

say() { printf '%s\n' "$*" >&2; }

give_up() {
    say "$*"
    exit 1
}

have_uv() { command -v uv >/dev/null 2>&1; }

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Prints the first Python that is new enough; a version manager's shim that only complains does not count.
find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 && is_new_enough "$name"; then
            printf '%s\n' "$name"
            return
        fi
    done
    return 1
}

no_python="pitrainer needs Python 3.11 or newer and found none on PATH. Debian 12, Raspberry Pi OS Bookworm and later have it: sudo apt install python3 python3-venv"
no_venv="Python's venv module is not installed, and pitrainer lives in a virtual environment of its own. Install it, then run this again: sudo apt install python3-venv"
no_parts="Installing failed, for the reason above. The first run needs the network; run this again when it is there."

can_install() { have_uv || .venv/bin/python -m pip --version >/dev/null 2>&1; }

is_whole() { [ ! -e .venv/.making ] && is_new_enough .venv/bin/python && can_install; }

make_venv() {
    rm -rf .venv
    if have_uv; then
        uv venv --quiet --python '>=3.11' .venv || give_up "uv could not make .venv; its reason is above."
        return
    fi
    python=$(find_python) || give_up "$no_python"
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || give_up "$no_venv"
    "$python" -m venv .venv >&2 || {
        rm -rf .venv
        give_up "$python -m venv failed, for the reason above."
    }
}

install_into_venv() {
    if have_uv; then
        uv pip install --quiet --python .venv/bin/python "$@"
    else
        .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-input "$@"
    fi
}

stamp() {
    printf '%s\n' "$root"
    cat pyproject.toml
}

is_ready() { [ -x .venv/bin/pitrainer ] && is_new_enough .venv/bin/python && stamp | cmp -s - ".venv/.ready-$1"; }

# One requirement of a dependency group to a line: pip knows --group only from 25.1, and Debian 12 has 23.0.
requirements_of_group() {
    .venv/bin/python -c 'import sys, tomllib
with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["dependency-groups"][sys.argv[1]], sep="\n")' "$1"
}

# set_up NAME [GROUP]: the product with its demo, and a dependency group where one is named.
set_up() {
    is_ready "$1" && return
    say "Setting up (first run only)..."
    is_whole || make_venv
    : >.venv/.making
    rm -f .venv/.ready-*
    name=$1
    group=${2:-}
    set -- -e '.[demo]'
    if [ -n "$group" ]; then
        requirements_of_group "$group" >.venv/requirements.txt
        set -- "$@" -r .venv/requirements.txt
    fi
    install_into_venv "$@" || give_up "$no_parts"
    stamp >".venv/.ready-$name"
    [ "$name" = demo ] || stamp >.venv/.ready-demo
    rm -f .venv/.making
}
