"""A machine to run the scripts on: a copy of the checkout and a PATH that holds nothing but what a test puts there.

Python, uv and the installed programs are stand-ins that write down in a log what they were asked for. The stand-in
Python lets the real one judge a made-up version ($VERSION), and fails on demand.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPTS = ("demo", "test", ".ci/run", "scripts/setup.sh")
TOOLS = ("sh", "dirname", "cat", "cmp", "rm", "cp", "mkdir", "chmod", "env", "find", "grep")

PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) exec "$REAL_PYTHON" -c "import sys; sys.version_info = (${VERSION:-3, 11, 0}); $2" ;;
    *"import ensurepip"*) exit "${NO_ENSUREPIP:-0}" ;;
    -c*) exec "$REAL_PYTHON" "$@" ;;
esac
echo "python $*" >>"$LOG"
case "$*" in
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && exit "${VENV_FAILS:-0}" ;;
    "-m pip --version") exit 0 ;;
    "-m pip install"*) cp "$TOOL" .venv/bin/pitrainer && cp "$TOOL" .venv/bin/ruff && cp "$TOOL" .venv/bin/mypy
        exit "${INSTALL_FAILS:-0}" ;;
    "-m pytest"*) echo "3 passed"; exit "${TESTS_FAIL:-0}" ;;
esac
"""
TOOL = """#!/bin/sh
echo "${0##*/} $*" >>"$LOG"
echo "in $PWD" >>"$LOG"
case "${0##*/}" in "${FAILING:-none}") exit 3 ;; esac
"""
UV = """#!/bin/sh
echo "uv $*" >>"$LOG"
mkdir -p .venv/bin
cp "$FAKE_PYTHON" .venv/bin/python
cp "$TOOL" .venv/bin/pitrainer
"""


@dataclass
class Machine:
    """A checkout in a directory with a space in its name, and what is on PATH."""

    home: Path

    @property
    def checkout(self) -> Path:
        return self.home / "my checkout"

    def put(self, name: str, text: str = "#!/bin/sh\n") -> Path:
        program = self.home / "bin" / name
        program.write_text(text)
        program.chmod(0o755)
        return program

    def run(self, script: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Runs a script from another directory, without stdin."""
        fixed = {"PATH": str(self.home / "bin"), "LOG": str(self.home / "log"), "REAL_PYTHON": sys.executable}
        tools = {"TOOL": str(self.home / "tool"), "FAKE_PYTHON": str(self.home / "fake")}
        return subprocess.run(
            [self.checkout / script, *arguments],
            cwd=self.home,
            env={**fixed, **tools, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def calls(self) -> list[str]:
        """What the stand-ins were asked for since the last look."""
        log = self.home / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line for line in lines if not line.endswith("pip --version")]


def bare_machine(home: Path) -> Machine:
    """A checkout and a PATH with Python 3.11 and all that the tests drive, for a person who is not root."""
    found = Machine(home)
    (home / "bin").mkdir()
    for name in (*SCRIPTS, "pyproject.toml"):
        (found.checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, found.checkout / name)
    for name in ("pitrainer/model.py", "tests/wire/test_hrm.py"):
        (found.checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (found.checkout / name).touch()
    for name in TOOLS:
        (home / "bin" / name).symlink_to(str(shutil.which(name)))
    for path, text in ((home / "tool", TOOL), (home / "fake", PYTHON)):
        path.write_text(text)
        path.chmod(0o755)
    for name in ("mosquitto", "systemd-analyze"):
        found.put(name)
    found.put("id", "#!/bin/sh\necho 1000\n")
    found.put("python3", PYTHON)
    return found
