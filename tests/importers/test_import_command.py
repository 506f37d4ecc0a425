"""`pitrainer import` writes a session file, says what stayed behind, and never overwrites by accident."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pitrainer import sessions
from pitrainer.cli import main

Put = Callable[[str | bytes], Path]
QZ = '<rows><row duration="00:05:00" speed="6" inclination="2" fanspeed="3"/></rows>'
ZWO = (
    "<workout_file><sportType>run</sportType><workout>"
    "<SteadyState Duration='800' Power='0.9'/></workout></workout_file>"
)


def say(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def test_the_session_goes_to_standard_output_and_the_remarks_do_not(put: Put) -> None:
    result = say("import", put(QZ), "--units", "km")
    assert result.exit_code == 0
    assert result.stdout.startswith("# Imported from a QZ program.\n")
    assert result.stderr == "Changed or not carried over:\n- The fan (fanspeed).\n"


def test_a_session_is_written_where_it_is_asked_for(put: Put, tmp_path: Path) -> None:
    output = tmp_path / "mine.toml"
    result = say("import", put(QZ), "--units", "mi", "--output", output)
    assert (result.exit_code, result.stdout) == (0, "")
    assert sessions.load(output).steps[0].speed_kmh == pytest.approx((9.7, 9.7))


def test_a_file_that_is_there_is_kept_unless_forced(put: Put, tmp_path: Path) -> None:
    output = tmp_path / "mine.toml"
    output.write_text("precious")
    result = say("import", put(QZ), "--units", "km", "--output", output)
    assert (result.exit_code, output.read_text()) == (1, "precious")
    assert "is there already" in result.stderr and "--force" in result.stderr
    assert say("import", put(QZ), "--units", "km", "--output", output, "--force").exit_code == 0
    assert sessions.load(output).steps


def test_an_output_that_cannot_be_is_told(put: Put, tmp_path: Path) -> None:
    result = say("import", put(QZ), "--units", "km", "--output", tmp_path / "no" / "such.toml")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_missing_units_and_speeds_end_in_one_line_with_the_cure(put: Put) -> None:
    for content, cure in ((QZ, "--units km or --units mi"), (ZWO, "--speed 11")):
        result = say("import", put(content))
        assert (result.exit_code, result.stdout) == (1, "")
        (line,) = result.stderr.splitlines()
        assert cure in line


def test_a_speed_is_the_runners_over_10_km(put: Put) -> None:
    result = say("import", put(ZWO), "--speed", "12")
    assert "distance = 800, incline = 0, speed = 10.8" in result.stdout


def test_a_wrong_option_is_wrong_usage(put: Put) -> None:
    assert say("import", put(QZ), "--units", "furlongs").exit_code == 2
    assert say("import", put(QZ), "--speed", "0").exit_code == 2
    assert say("import").exit_code == 2
