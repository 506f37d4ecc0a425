"""Session files by name, and the ones that ship."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pitrainer import config, sessions
from pitrainer.core.athlete import Athlete
from pitrainer.model import Drive, MachineLimits, UserLimits

GOOD = 'name = "{}"\npurpose = "Because"\nsteps = [ {{ for = "5:00", incline = 1 }} ]\n'
SHIPPED = sorted(config.shipped_sessions().glob("*.toml"))
ATHLETES = [
    None,
    Athlete(hr_max_bpm=185, hr_rest_bpm=55),
    Athlete(age_years=70),
    Athlete(hr_max_bpm=205, hr_rest_bpm=45),
]


@pytest.fixture
def directories(tmp_path: Path) -> list[Path]:
    """Mine before yours; `both` is in each; `broken` cannot be read; a directory that is not there."""
    mine, yours = tmp_path / "mine", tmp_path / "yours"
    for directory, names in ((mine, ["both", "a hill"]), (yours, ["both", "tempo"])):
        directory.mkdir()
        for name in names:
            (directory / f"{name}.toml").write_text(GOOD.format(f"{directory.name} {name}"))
    (mine / "broken.toml").write_text("name = 1\n")
    (mine / "notes.txt").write_text("not a session")
    (mine / ".hidden.toml").write_text(GOOD.format("hidden"))
    return [mine, tmp_path / "nowhere", yours]


def test_every_session_is_listed_once_and_the_first_directory_wins(directories: list[Path]) -> None:
    listed = sessions.available(directories)
    assert [(file.name, file.title) for file in listed] == [
        ("a hill", "mine a hill"),
        ("both", "mine both"),
        ("broken", "broken"),
        ("tempo", "yours tempo"),
    ]
    assert {file.purpose for file in listed if not file.problems} == {"Because"}


def test_a_broken_session_is_listed_with_its_problems(directories: list[Path]) -> None:
    (broken,) = (file for file in sessions.available(directories) if file.problems)
    assert [problem.what for problem in broken.problems] == [
        "must be text in quotes, not the number 1",
        '"steps" is missing',
    ]


def test_a_session_is_found_by_its_name_in_the_first_directory(directories: list[Path]) -> None:
    assert sessions.find("both", directories) == directories[0] / "both.toml"
    assert sessions.find("tempo", directories) == directories[2] / "tempo.toml"


def test_an_unknown_name_is_answered_with_the_nearest(directories: list[Path]) -> None:
    with pytest.raises(sessions.SessionError, match='"temp": there is no such session; did you mean "tempo"'):
        sessions.find("temp", directories)
    with pytest.raises(sessions.SessionError, match="there are no session files"):
        sessions.find("temp", [])


@pytest.mark.parametrize(
    "name", ["", "../yours/tempo", "/etc/passwd", "a\\b", ".hidden", "..", "a\0b", "a\nb", "C:x", "x" * 61]
)
def test_a_name_is_never_a_path(directories: list[Path], name: str) -> None:
    with pytest.raises(sessions.SessionError, match="is no session name"):
        sessions.find(name, directories)


def test_a_pipe_among_the_files_does_not_stop_the_list(directories: list[Path]) -> None:
    os.mkfifo(directories[0] / "pipe.toml")
    (pipe,) = (file for file in sessions.available(directories) if file.name == "pipe")
    assert "ordinary file" in pipe.problems[0].what


def test_the_promised_sessions_ship() -> None:
    assert {"capped-climb", "hill-intervals"} <= {path.stem for path in SHIPPED}


@pytest.mark.parametrize("athlete", ATHLETES, ids=str)
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_session_suits_everybody(path: Path, athlete: Athlete | None) -> None:
    problems = sessions.check(path, athlete=athlete, limits=MachineLimits(), user=UserLimits(incline_max_pct=15))
    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_session_asks_nothing_that_the_first_limits_forbid(path: Path) -> None:
    found = sessions.check(path, limits=MachineLimits(), user=UserLimits())
    assert [str(problem) for problem in found if problem.level == "error"] == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_session_says_why_it_is_as_it_is(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("# ")
    assert sessions.load(path).purpose


def test_the_capped_climb_climbs_under_a_cap_between_an_easy_start_and_end() -> None:
    plan = sessions.load(config.shipped_sessions() / "capped-climb.toml", athlete=ATHLETES[1])
    assert [step.drive for step in plan.steps] == [Drive.RAMP, Drive.CLIMB, Drive.FIXED]
    assert (plan.steps[1].cap_bpm, plan.steps[1].incline_pct) == (155.0, (2.0, 15.0))


def test_the_hill_intervals_recover_by_heart_rate() -> None:
    plan = sessions.load(config.shipped_sessions() / "hill-intervals.toml")
    ups, downs = ([step for step in plan.steps if step.name == name] for name in ("Up", "Down"))
    assert len(ups) == len(downs) == 5
    assert all(step.ascent_m and step.cap_bpm for step in ups)
    assert all(step.until_hr_below_bpm and step.for_s for step in downs)
