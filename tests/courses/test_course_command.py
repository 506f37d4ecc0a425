"""`pitrainer course` writes a session that rehearses a course on this athlete's machine, and reports on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pitrainer import sessions
from pitrainer.cli import main

SETTINGS = """
[athlete]
hr_max_bpm = 170
[limits]
incline_max_pct = 8
[strap]
kind = "simulated"
[machine]
kind = "simulated"
"""


def say(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


@pytest.fixture
def hill(gpx_file: Callable[[str], Path], text_of: Callable[..., str]) -> Path:
    """3 km up at 12 %, 3 km down."""
    return gpx_file(text_of([round(500 + 1.2 * min(index, 600 - index), 1) for index in range(601)], name="Hill"))


def test_the_session_goes_to_standard_output_and_the_report_does_not(hill: Path) -> None:
    result = say("course", hill)
    assert result.exit_code == 0
    assert 'name = "Hill"' in result.stdout
    assert "Course: Hill, 6.00 km, 360 m up, 360 m down" in result.stderr
    assert "# Course: Hill, 6.00 km, 360 m up, 360 m down" in result.stdout


def test_settings_bring_the_athlete_and_the_machine(hill: Path, tmp_path: Path) -> None:
    settings, output = tmp_path / "settings.toml", tmp_path / "hill.toml"
    settings.write_text(SETTINGS)
    result = say("course", hill, "--config", settings, "--output", output)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "steeper than 8 %" in result.stderr and "HRmax of 170" in result.stderr
    assert max(step.incline_pct[0] for step in sessions.load(output).steps) == 8


def test_scale_section_and_speed_are_obeyed(hill: Path, tmp_path: Path) -> None:
    output = tmp_path / "hill.toml"
    result = say("course", hill, "--scale", 0.5, "--from", 1, "--to", 2, "--speed", 4, "--output", output)
    assert "This session: 0.50 km with 60 m up, scaled by 0.5" in result.stderr
    steps = sessions.load(output).steps[:-1]
    assert sum(step.distance_m or 0 for step in steps) == pytest.approx(504, abs=1)
    assert max(step.speed_kmh[1] for step in steps if step.speed_kmh) <= 4


def test_reminders_can_be_moved_and_switched_off(hill: Path) -> None:
    assert "Drink." in say("course", hill, "--drink", 7).stdout
    quiet = say("course", hill, "--drink", 0, "--gel", 0)
    assert "Drink" not in quiet.stdout and "gel" not in quiet.stdout


def test_a_refused_course_ends_in_one_line(tmp_path: Path, hill: Path) -> None:
    for arguments in ([tmp_path / "missing.gpx"], [hill, "--from", 9], [hill, "--scale", 50], [hill, "--scale", "nan"]):
        result = say("course", *arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert len(result.stderr.splitlines()) == 1


def test_wrong_settings_are_refused_as_everywhere(hill: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[athlete]\nhr_maxx = 3\n")
    result = say("course", hill, "--config", wrong)
    assert result.exit_code == 1
    assert "wrong.toml:2" in result.stderr


def test_a_file_that_is_there_is_kept_unless_forced(hill: Path) -> None:
    result = say("course", hill, "--output", hill)
    assert result.exit_code == 1
    assert hill.read_text().startswith("<?xml")
