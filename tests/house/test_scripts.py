"""./demo, ./test and .ci/run on machines that lack things, each in a copy of the checkout with a PATH of its own.

That the real Python, pip and apt-get agree with their stand-ins is shown by every run of ./test on a fresh machine.
/usr/bin/chromium is looked for where Debian puts it: that one is the real machine's.
"""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

import pytest
from machine_kit import PYTHON, ROOT, SCRIPTS, UV, Machine, bare_machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return bare_machine(tmp_path)


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
    outcome = machine.run("demo", VERSION="3, 10, 14")
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


def test_a_failed_install_is_not_forgotten_when_the_project_file_changes_back(machine: Machine) -> None:
    machine.run("demo")
    project = machine.checkout / "pyproject.toml"
    before = project.read_text()
    project.write_text(before + "# changed\n")
    machine.run("demo", INSTALL_FAILS="1")
    project.write_text(before)
    machine.calls()
    machine.run("demo")
    assert any("pip install" in call for call in machine.calls())


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
    assert calls[2:4] == ["ruff format --check .", "ruff check ."]
    assert calls[4:] == ["mypy pitrainer", "mypy tests/wire/", "python -m pytest -n 2 --dist loadfile"]
    assert outcome.stdout.splitlines()[-1] == "3 passed"


def test_the_whole_check_needs_the_development_group_and_leaves_a_demo_ready(machine: Machine) -> None:
    machine.run("test")
    group = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"]
    assert (machine.checkout / ".venv/requirements.txt").read_text().splitlines() == group
    assert any(call.endswith("-e .[demo] -r .venv/requirements.txt") for call in machine.calls())
    assert machine.run("demo").stderr == ""


@pytest.mark.parametrize(("tool", "later"), [("ruff", "mypy pitrainer"), ("mypy", "mypy tests/wire/")])
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
