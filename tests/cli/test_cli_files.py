"""`check` and `simulate`, and what every command says about files that are missing or wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pitrainer.cli import main

SHORT = """
name = "Short"
steps = [
  { name = "In", ramp = "1:00", incline = [1, 4], speed = 5 },
  { name = "Climb", climb = "2min", hr_max = "80%", incline = [2, 12], speed = 5.5 },
  { name = "Out", for = "2:00", incline = 0, speed = 4 },
]
"""
BROKEN = """
name = "Broken"
steps = [ { name = "Walk", four = "10:00", incline = 2, speed = 5 } ]
"""
TOO_FAST = """
name = "Too fast"
steps = [ { name = "Sprint", for = "10:00", incline = 2, speed = 25 } ]
"""
STEEP = """
name = "Steep"
steps = [ { name = "Wall", for = "10:00", incline = 14, speed = 4 } ]
"""
SETTINGS = """
[athlete]
hr_max_bpm = 170
[limits]
incline_max_pct = 10
[strap]
kind = "simulated"
[machine]
kind = "simulated"
[files]
journal = "journal.sqlite3"
lock = "controller.lock"
"""


def apart(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, for commands that want real file descriptors."""
    command = [sys.executable, "-m", "pitrainer", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60.0)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def files(tmp_path: Path) -> Path:
    texts = {"short": SHORT, "broken": BROKEN, "fast": TOO_FAST, "steep": STEEP, "settings": SETTINGS}
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return tmp_path


def say(*arguments: object) -> Result:
    """Run a command here; whatever it does, it ends by an exit code and not by an exception."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def test_check_passes_a_good_file(files: Path) -> None:
    result = say("check", files / "short.toml")
    assert (result.exit_code, result.output) == (0, f"{files / 'short.toml'}: ok\n")


def test_check_names_file_line_and_cure_and_exits_with_1(files: Path) -> None:
    result = say("check", files / "broken.toml", files / "short.toml")
    assert result.exit_code == 1
    assert f"{files / 'broken.toml'}:3: " in result.stderr
    assert 'did you mean "for"' in result.stderr
    assert result.stdout == f"{files / 'short.toml'}: ok\n"


def test_check_judges_by_the_machine_and_owner_of_the_settings_where_they_are_given(files: Path) -> None:
    assert say("check", files / "steep.toml").exit_code == 0
    judged = say("check", files / "steep.toml", "--config", files / "settings.toml")
    assert judged.exit_code == 1
    assert "14 %" in judged.output and "10 %" in judged.output


def test_check_passes_every_session_that_is_shipped() -> None:
    shipped = sorted((Path(__file__).parents[2] / "config" / "sessions").glob("*.toml"))
    assert len(shipped) >= 2
    assert say("check", *shipped).exit_code == 0


def test_simulate_prints_a_line_a_minute_and_the_sum(files: Path) -> None:
    result = say("simulate", files / "short.toml")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["time", "heart", "zone", "incline", "speed", "ascent", "what"]
    assert [line.split()[0] for line in lines[1:-1]] == ["0:00", "1:00", "2:00", "3:00", "4:00", "5:00"]
    assert lines[-1].startswith("done: 5:") and "m climbed" in lines[-1] and "above the cap" in lines[-1]


def _rows(files: Path, *more: object) -> list[dict[str, Any]]:
    result = say("simulate", files / "short.toml", "--json", *more)
    assert result.exit_code == 0
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def test_simulate_gives_rows_of_the_pinned_names(files: Path) -> None:
    rows = _rows(files)
    assert len(rows) > 180
    assert {"t_s", "hr_bpm", "incline_pct", "speed_kmh", "phase", "action", "causes"} <= rows[0].keys()
    assert {b["t_s"] - a["t_s"] for a, b in pairwise(rows)} == {1.0}
    assert {row["phase"] for row in rows} == {"starting", "running", "done"}
    assert rows[-1]["speed_kmh"] < 1.2, "the ramp of the last second"
    assert max(row["incline_pct"] for row in rows) > 3.0


def test_simulate_repeats_itself_by_seed_and_differs_between_seeds(files: Path) -> None:
    assert _rows(files) == _rows(files, "--seed", 0)
    assert _rows(files, "--seed", 7) == _rows(files, "--seed", 7)
    assert _rows(files, "--seed", 7) != _rows(files)


def test_simulate_takes_the_athlete_from_the_settings(files: Path) -> None:
    assert _rows(files)[90]["cap_bpm"] == pytest.approx(0.8 * 180)
    assert _rows(files, "--config", files / "settings.toml")[90]["cap_bpm"] == pytest.approx(0.8 * 170)


@pytest.mark.parametrize("name", ["broken", "fast", "missing"])
def test_simulate_refuses_a_bad_file_as_check_does(files: Path, name: str) -> None:
    result = say("simulate", files / f"{name}.toml")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"{name}.toml" in result.stderr or "25 km/h" in result.stderr


@pytest.mark.parametrize(
    "command",
    [["run"], ["web"], ["halt"], ["history"], ["export", "last"], ["check", "short.toml"], ["simulate", "short.toml"]],
)
def test_missing_settings_are_named_with_a_cure(
    files: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)
    result = apart(*command, "--config", "absent.toml")
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("absent.toml: no such file. Copy ")
    assert "--config" in result.stderr


def test_wrong_settings_are_refused_with_file_and_line(files: Path) -> None:
    wrong = files / "wrong.toml"
    wrong.write_text(SETTINGS + '[web]\nprot = 8080\nhost = "127.0.0.1"\n')
    for command in (["run"], ["web"], ["halt"]):
        result = apart(*command, "--config", wrong)
        assert result.returncode == 1
        assert f"{wrong}:14: " in result.stderr and 'did you mean "port"' in result.stderr


def test_half_simulated_hardware_is_refused_in_words(files: Path) -> None:
    mixed = files / "mixed.toml"
    mixed.write_text(SETTINGS.replace('[strap]\nkind = "simulated"', '[strap]\naddress = "AA:BB:CC:DD:EE:01"'))
    for command in (["run"], ["halt"]):
        result = apart(*command, "--config", mixed)
        assert result.returncode == 1
        assert "must both be simulated, or neither" in result.stderr


def test_a_lock_that_cannot_be_made_is_named_with_a_cure(files: Path) -> None:
    (files / "file").write_text("")
    settings = files / "locked.toml"
    settings.write_text(SETTINGS.replace('"controller.lock"', '"file/controller.lock"'))
    for command in (["run"], ["halt"]):
        result = apart(*command, "--config", settings)
        assert result.returncode == 1
        assert "controller.lock: cannot be made" in result.stderr and "[files] lock" in result.stderr


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    look = "import sys, pitrainer.cli; print(sorted({'flask', 'bleak', 'aiomqtt', 'msgspec'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_command_has_words_of_help() -> None:
    for name, command in main.commands.items():
        assert command.help, name
        assert say(name, "--help").exit_code == 0
