"""`check`: errors and warnings about sessions that can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pitrainer import sessions
from pitrainer.core.athlete import Athlete
from pitrainer.model import MachineLimits, UserLimits

Session = Callable[..., Path]
ATHLETE = Athlete(hr_max_bpm=180, hr_rest_bpm=60, age_years=40)
COOL = ',\n{ name = "Cool", for = "5:00", incline = 0, speed = 3 }'


def said(
    path: Path, limits: MachineLimits | None = None, user: UserLimits | None = None, athlete: Athlete = ATHLETE
) -> list[str]:
    found = sessions.check(path, athlete=athlete, limits=limits, user=user)
    return [str(problem).removeprefix(f"{path}:") for problem in found]


def test_a_sensible_session_gets_no_word(session: Session) -> None:
    path = session('{ for = "10:00", incline = 5, speed = 5 }' + COOL)
    assert said(path, MachineLimits(), UserLimits()) == []


def test_a_broken_session_gets_its_errors_and_no_warnings(session: Session) -> None:
    found = sessions.check(session('{ for = "10:00", inclne = 5 }'))
    assert [problem.level for problem in found] == ["error", "error"]


@pytest.mark.parametrize("leg", ['for = "10:00", incline = 11', 'ramp = "10:00", incline = [1, 11]'])
def test_an_incline_beyond_what_the_owner_allows_is_an_error(session: Session, leg: str) -> None:
    path = session(f"{{ {leg}, speed = 4 }}" + COOL)
    assert said(path, None, UserLimits(incline_max_pct=10)) == [
        "3: step 1 of 2, incline: 11 % is too steep: [limits] in the configuration allows 10 %"
    ]
    assert said(path, None, UserLimits(incline_max_pct=11)) == []


def test_the_narrower_of_machine_and_owner_is_named(session: Session) -> None:
    path = session('{ for = "10:00", incline = 9, speed = 7 }' + COOL)
    assert said(path, MachineLimits(incline_max_pct=8, speed_max_kmh=6), UserLimits()) == [
        "3: step 1 of 2, incline: 9 % is too steep: the machine goes up to 8 %",
        "3: step 1 of 2, speed: 7 km/h is too fast: the machine goes up to 6 km/h",
    ]


def test_a_climbs_upper_bound_beyond_the_limit_is_only_a_warning(session: Session) -> None:
    path = session('{ climb = "10:00", hr_max = 150, incline = [2, 15], speed = 5 }' + COOL)
    assert said(path, None, UserLimits(incline_max_pct=10)) == [
        "3: warning: step 1 of 2, incline: the climb may use 15 %, but [limits] in the configuration allows 10 %"
    ]


def test_a_climbs_lower_bound_beyond_the_limit_is_an_error(session: Session) -> None:
    path = session('{ climb = "10:00", hr_max = 150, incline = [11, 15], speed = 5 }' + COOL)
    (problem,) = sessions.check(path, athlete=ATHLETE, user=UserLimits(incline_max_pct=10))
    assert (problem.level, problem.what[:4]) == ("error", "11 %")


def test_a_speed_below_the_machines_slowest_is_an_error(session: Session) -> None:
    path = session('{ for = "10:00", incline = 5, speed = 0.6 }' + COOL)
    assert said(path, MachineLimits(speed_min_kmh=0.8))[0] == (
        "3: step 1 of 2, speed: 0.6 km/h is too slow: the machine's slowest is 0.8 km/h"
    )


def test_a_decline_on_a_machine_without_one_is_a_warning(session: Session) -> None:
    path = session('{ for = "10:00", incline = -2, speed = 5 }' + COOL)
    assert said(path, MachineLimits()) == [
        "3: warning: step 1 of 2, incline: -2 % will be 0 %: the machine goes no lower"
    ]
    assert said(path, MachineLimits(incline_min_pct=-3)) == []


def test_a_step_shorter_than_the_lift_needs_is_a_warning(session: Session) -> None:
    path = session('{ name = "Up", for = "15s", incline = 9, speed = 4 }' + COOL)
    slow, fast = MachineLimits(incline_rate_pct_s=0.3), MachineLimits(incline_rate_pct_s=0.6)
    assert said(path, slow) == ['3: warning: step 1 of 2 "Up": lasts 15 s, but the lift needs 30 s']
    assert said(path, fast) == []


def test_a_ramp_steeper_in_time_than_the_lift_is_a_warning(session: Session) -> None:
    path = session('{ ramp = "20s", incline = [0, 9], speed = 4 }' + COOL)
    assert said(path) == ["3: warning: step 1 of 2: lasts 20 s, but the lift needs 30 s"]


def test_the_lift_comes_down_from_where_a_climb_may_have_ended(session: Session) -> None:
    climb = '{ climb = "10:00", hr_max = 150, incline = [1, 13], speed = 5 },\n'
    path = session(climb + '{ for = "30s", incline = 1, speed = 4 }' + COOL)
    assert said(path) == ["4: warning: step 2 of 3: lasts 30 s, but the lift needs 40 s"]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("hr_max = 61", None),
        ("hr_max = 60", "hr_max: 60 bpm is not above the resting heart rate (60)"),
        ("hr_max = 190", "hr_max: 190 bpm is above HRmax (180): the cap will be 180"),
        ("until_hr_below = 60", "until_hr_below: 60 bpm is never reached: it is at rest (60) or below"),
        ("until_hr_above = 180", "until_hr_above: 180 bpm is never reached: the cap is 180"),
        ("until_hr_above = 150, hr_max = 150", "until_hr_above: 150 bpm is never reached: the cap is 150"),
        ("until_hr_above = 149, hr_max = 150", None),
    ],
)
def test_a_heart_rate_that_this_athlete_cannot_have_is_told(session: Session, key: str, words: str | None) -> None:
    path = session(f'{{ for = "10:00", incline = 5, speed = 5, {key} }}' + COOL)
    lines = [line.replace("warning: ", "") for line in said(path)]
    assert lines == ([] if words is None else [f"3: step 1 of 2, {words}"])


def test_a_cap_at_rest_is_an_error_and_one_above_hrmax_a_warning(session: Session) -> None:
    low, high = (
        sessions.check(session(f'{{ for = "10:00", incline = 5, hr_max = {cap} }}' + COOL), athlete=ATHLETE)
        for cap in (60, 190)
    )
    assert [problem.level for problem in low + high] == ["error", "warning"]


def test_a_demand_beyond_the_athlete_without_a_cap_is_a_warning(session: Session) -> None:
    hard = 'for = "10:00", incline = 10, speed = 12'
    assert said(session(f"{{ {hard} }}" + COOL)) == [
        "3: warning: step 1 of 2: asks for about 62 ml O2/kg/min and the athlete has 44; add hr_max, or ease it"
    ]
    assert said(session(f"{{ {hard}, hr_max = 160 }}" + COOL)) == []


@pytest.mark.parametrize(
    "last",
    [
        '{ for = "10:00", incline = 8, speed = 5 }',
        '{ for = "1:59", incline = 0, speed = 3 }',
        '{ climb = "10:00", hr_max = 150, incline = [0, 5], speed = 3 }',
    ],
)
def test_a_session_that_does_not_end_easily_is_a_warning(session: Session, last: str) -> None:
    path = session('{ for = "10:00", incline = 8, speed = 5 },\n' + last)
    assert said(path) == ["4: warning: step 2 of 2: there is no cool-down; end with an easy leg of at least 2 min"]


def test_two_hard_legs_in_a_row_are_a_warning(session: Session) -> None:
    climb, easy = (
        '{ climb = "8min", hr_max = 150, incline = [3, 9], speed = 5 }',
        '{ for = "3:00", incline = 0, speed = 3 }',
    )
    assert said(session(f"{climb},\n{climb}" + COOL)) == [
        "4: warning: step 2 of 3: follows a hard leg and is hard too; put an easier leg between them"
    ]
    assert said(session(f"{climb},\n{easy},\n{climb}" + COOL)) == []


def test_a_warning_in_a_repeat_is_told_once(session: Session) -> None:
    legs = '{ for = "15s", incline = 9, speed = 4 }, { for = "3:00", incline = 0, speed = 3 }'
    path = session(f"{{ repeat = 20, steps = [ {legs} ] }}")
    assert said(path) == ["3: warning: step 1 of 1, step 1 of 2: lasts 15 s, but the lift needs 30 s"]
