"""./demo, ./test and .ci/run on machines that lack things, each in a copy of the checkout with a PATH of its own.

Python, uv and apt-get are stand-ins there that write down what they were asked for; that the real ones agree is
shown by every run of ./test itself. One trap: /usr/bin/chromium is looked for where Debian puts it, so that one is
the real machine's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ("demo", "test", ".ci/run", "scripts/setup.sh")
TOOLS = ("sh", "dirname", "cat", "cmp", "rm", "cp", "mkdir", "chmod", "env")

PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) exit "${TOO_OLD:-0}" ;;
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


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    found = Machine(tmp_path)
    (tmp_path / "bin").mkdir()
    for name in (*SCRIPTS, "pyproject.toml"):
        (found.checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, found.checkout / name)
    for name in TOOLS:
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    for path, text in ((tmp_path / "tool", TOOL), (tmp_path / "fake", PYTHON)):
        path.write_text(text)
        path.chmod(0o755)
    for name in ("mosquitto", "systemd-analyze"):
        found.put(name)
    found.put("id", "#!/bin/sh\necho 1000\n")
    found.put("python3", PYTHON)
    return found


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_posix_shell(script: str) -> None:
    assert subprocess.run(["sh", "-n", ROOT / script], check=False, capture_output=True).stderr == b""


@pytest.mark.parametrize("script", ["demo", "test", ".ci/run"])
def test_a_script_can_be_run_as_it_is(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert (ROOT / script).read_text().startswith("#!/bin/sh\n")


def test_ci_calls_test_and_nothing_else(machine: Machine) -> None:
    commands = [line for line in (ROOT / ".ci/run").read_text().splitlines() if not line.startswith("#")]
    (machine.checkout / "test").write_text("#!/bin/sh\necho ran\nexit 7\n")
    outcome = machine.run(".ci/run")
    assert len(commands) == 1
    assert (outcome.stdout, outcome.returncode) == ("ran\n", 7)


@pytest.mark.parametrize("lack", ["none", "too old"])
def test_without_a_new_enough_python_one_line_tells_the_cure(machine: Machine, lack: str) -> None:
    if lack == "none":
        (machine.home / "bin/python3").unlink()
    outcome = machine.run("demo", TOO_OLD="1")
    said = outcome.stderr.splitlines()
    assert outcome.returncode == 1
    assert "Python 3.11 or newer" in said[-1]
    assert "sudo apt install python3" in said[-1]
    assert said[:-1] == ["Setting up (first run only)..."]
    assert not (machine.checkout / ".venv").exists()


def test_a_shim_that_only_complains_is_passed_over(machine: Machine) -> None:
    machine.put("python3", "#!/bin/sh\nexit 127\n")
    machine.put("python3.13", PYTHON)
    assert machine.run("demo").returncode == 0


def test_without_pythons_venv_module_one_line_tells_the_cure(machine: Machine) -> None:
    outcome = machine.run("demo", NO_ENSUREPIP="1")
    assert outcome.returncode == 1
    assert "sudo apt install python3-venv" in outcome.stderr.splitlines()[-1]
    assert not (machine.checkout / ".venv").exists()


def test_a_venv_that_could_not_be_finished_is_not_left_behind(machine: Machine) -> None:
    assert machine.run("demo", VENV_FAILS="1").returncode == 1
    assert not (machine.checkout / ".venv").exists()


def test_the_first_demo_installs_and_starts_where_it_was_called(machine: Machine) -> None:
    outcome = machine.run("demo", "--session", "my session.toml")
    assert (outcome.returncode, outcome.stderr) == (0, "Setting up (first run only)...\n")
    assert machine.calls() == [
        "python -m venv .venv",
        "python -m pip install --quiet --quiet --disable-pip-version-check --no-input -e .[demo]",
        "pitrainer demo --session my session.toml",
        f"in {machine.home}",
    ]


def test_the_second_demo_installs_nothing_and_says_nothing(machine: Machine) -> None:
    machine.run("demo")
    machine.calls()
    assert machine.run("demo").stderr == ""
    assert machine.calls() == ["pitrainer demo", f"in {machine.home}"]


def test_a_changed_project_file_installs_again_into_the_same_venv(machine: Machine) -> None:
    machine.run("demo")
    machine.calls()
    with (machine.checkout / "pyproject.toml").open("a") as project:
        project.write("# changed\n")
    machine.run("demo")
    calls = machine.calls()
    assert any("pip install" in call for call in calls)
    assert "python -m venv .venv" not in calls


def test_a_checkout_that_was_moved_is_installed_again(machine: Machine) -> None:
    machine.run("demo")
    machine.calls()
    moved = Machine(machine.home / "elsewhere")
    moved.home.mkdir()
    (machine.home / "bin").rename(moved.home / "bin")
    machine.checkout.rename(moved.checkout)
    for name in ("tool", "fake"):
        (machine.home / name).rename(moved.home / name)
    assert moved.run("demo").returncode == 0
    assert any("pip install" in call for call in moved.calls())


def test_a_set_up_that_was_cut_off_is_made_anew(machine: Machine) -> None:
    machine.run("demo")
    torn = machine.checkout / ".venv/torn"
    torn.touch()
    (machine.checkout / ".venv/.making").touch()
    (machine.checkout / ".venv/.ready-demo").unlink()
    machine.calls()
    assert machine.run("demo").returncode == 0
    assert machine.calls()[0] == "python -m venv .venv"
    assert not torn.exists()


def test_a_venv_without_its_python_is_made_anew(machine: Machine) -> None:
    machine.run("demo")
    (machine.checkout / ".venv/bin/python").unlink()
    machine.calls()
    assert machine.run("demo").returncode == 0
    assert machine.calls()[0] == "python -m venv .venv"


def test_a_failed_install_says_so_and_is_tried_again(machine: Machine) -> None:
    outcome = machine.run("demo", INSTALL_FAILS="1")
    assert outcome.returncode == 1
    assert "needs the network" in outcome.stderr.splitlines()[-1]
    assert not any(call.startswith("pitrainer") for call in machine.calls())
    assert machine.run("demo").returncode == 0


def test_uv_does_the_work_where_it_is_there(machine: Machine) -> None:
    (machine.home / "bin/python3").unlink()
    machine.put("uv", UV)
    assert machine.run("demo").returncode == 0
    assert machine.calls()[:2] == [
        "uv venv --quiet --python >=3.11 .venv",
        "uv pip install --quiet --python .venv/bin/python -e .[demo]",
    ]


def test_the_whole_check_runs_every_section_and_ends_with_pytests_own_line(machine: Machine) -> None:
    outcome = machine.run("test")
    calls = [call for call in machine.calls() if not call.startswith("in ")]
    assert outcome.returncode == 0
    assert calls[2:] == ["ruff format --check .", "ruff check .", "mypy ", "python -m pytest"]
    assert outcome.stdout.splitlines()[-1] == "3 passed"


def test_the_whole_check_needs_the_development_group_and_leaves_a_demo_ready(machine: Machine) -> None:
    machine.run("test")
    group = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"]
    assert (machine.checkout / ".venv/requirements.txt").read_text().splitlines() == group
    assert any(call.endswith("-e .[demo] -r .venv/requirements.txt") for call in machine.calls())
    assert machine.run("demo").stderr == ""


@pytest.mark.parametrize(("tool", "later"), [("ruff", "mypy "), ("mypy", "python -m pytest")])
def test_the_first_failing_section_ends_the_check_with_its_code(machine: Machine, tool: str, later: str) -> None:
    assert machine.run("test", FAILING=tool).returncode == 3
    assert later not in machine.calls()


def test_failing_tests_fail_the_check(machine: Machine) -> None:
    assert machine.run("test", TESTS_FAIL="5").returncode == 5


def test_arguments_run_only_pytest_with_them(machine: Machine) -> None:
    machine.run("test")
    machine.calls()
    machine.run("test", "tests/wire", "-k", "incline or speed")
    assert machine.calls() == ["python -m pytest tests/wire -k incline or speed"]


def test_without_root_a_missing_program_is_named_with_the_command_that_brings_it(machine: Machine) -> None:
    (machine.home / "bin/systemd-analyze").unlink()
    outcome = machine.run("test", CI="true")
    assert outcome.returncode == 1
    assert outcome.stderr.splitlines()[-1].endswith("sudo apt install --no-install-recommends systemd")
    assert machine.calls() == []


def test_root_has_a_missing_program_installed_without_being_asked(machine: Machine) -> None:
    (machine.home / "bin/systemd-analyze").unlink()
    machine.put("id", "#!/bin/sh\necho 0\n")
    machine.put("apt-get", '#!/bin/sh\necho "apt-get $* as $DEBIAN_FRONTEND" >>"$LOG"\n')
    assert machine.run("test").returncode == 0
    assert machine.calls()[:2] == [
        "apt-get -qq update as ",
        "apt-get -qq install --no-install-recommends systemd as noninteractive",
    ]


def test_an_install_that_fails_ends_the_check(machine: Machine) -> None:
    (machine.home / "bin/systemd-analyze").unlink()
    machine.put("id", "#!/bin/sh\necho 0\n")
    machine.put("apt-get", "#!/bin/sh\nexit 100\n")
    outcome = machine.run("test")
    assert outcome.returncode == 1
    assert "apt-get could not install: systemd" in outcome.stderr
