"""Where a runner is in a plan."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitrainer.core.plan import Progress, advance, ended, infeasible, onward, where
from pitrainer.model import Drive, MachineLimits, Plan, Step, UserLimits

WALK = Step("Walk", Drive.FIXED, (5.0, 5.0), (6.0, 6.0), for_s=60.0)
RAMP = Step("Ramp", Drive.RAMP, (0.0, 10.0), (4.0, 6.0), for_s=100.0)
MACHINE, USER = MachineLimits(), UserLimits()


def test_position_is_counted_from_what_was_really_done() -> None:
    progress = advance(Progress(), 10.0, 3.6, 10.0, steering=True)
    assert progress.distance_m == pytest.approx(10.0)
    assert progress.ascent_m == pytest.approx(10.0 * 0.1 / hypot(1.0, 0.1))
    assert progress.step_s == 10.0


def test_while_the_console_rules_the_totals_go_on_and_the_step_waits() -> None:
    progress = advance(Progress(), 10.0, 3.6, 10.0, steering=False)
    assert progress.elapsed_s == 10.0
    assert progress.distance_m > 0.0
    assert (progress.step_s, progress.step_m, progress.step_up_m) == (0.0, 0.0, 0.0)


def test_downhill_earns_no_ascent() -> None:
    assert advance(Progress(), 10.0, 10.0, -3.0, steering=True).ascent_m == 0.0


@pytest.mark.parametrize(
    ("step", "done"),
    [
        (WALK, Progress(step_s=60.0)),
        (replace(WALK, for_s=None, distance_m=100.0), Progress(step_m=100.0)),
        (replace(WALK, for_s=None, ascent_m=25.0), Progress(step_up_m=25.0)),
    ],
    ids=["time", "distance", "ascent"],
)
def test_a_step_ends_by_its_measure_and_not_before(step: Step, done: Progress) -> None:
    assert ended(step, done, None)
    nearly = replace(done, step_s=done.step_s * 0.99, step_m=done.step_m * 0.99, step_up_m=done.step_up_m * 0.99)
    assert not ended(step, nearly, None)


def test_a_step_ends_by_the_heart_but_not_in_its_first_second_and_not_without_one() -> None:
    rest = replace(WALK, until_hr_below_bpm=110.0)
    push = replace(WALK, until_hr_above_bpm=160.0)
    assert ended(rest, Progress(step_s=5.0), 109.0)
    assert not ended(rest, Progress(step_s=5.0), 110.0)
    assert ended(push, Progress(step_s=5.0), 161.0)
    assert not ended(push, Progress(step_s=5.0), 160.0)
    assert not ended(rest, Progress(step_s=0.5), 100.0)
    assert not ended(rest, Progress(step_s=5.0), None)


def test_a_ramp_is_where_its_time_says() -> None:
    wanted = where(Plan("R", (RAMP,)), Progress(step_s=50.0))
    assert (wanted.incline_pct, wanted.speed_kmh, wanted.left, wanted.done) == (5.0, 5.0, 50.0, 0.5)


def test_in_a_climb_the_plan_wants_no_incline_and_a_speed_may_be_the_runners() -> None:
    climb = Step("Up", Drive.CLIMB, (2.0, 12.0), None, for_s=60.0)
    wanted = where(Plan("C", (climb,)), Progress())
    assert (wanted.incline_pct, wanted.speed_kmh) == (None, None)


def test_after_the_last_step_its_end_is_wanted() -> None:
    wanted = where(Plan("R", (RAMP,)), onward(Progress(step_s=100.0)))
    assert (wanted.incline_pct, wanted.done) == (10.0, 1.0)


@pytest.mark.parametrize(
    ("step", "word"),
    [
        (replace(WALK, speed_kmh=(6.0, 13.0)), "13 km/h"),
        (replace(WALK, speed_kmh=(0.5, 6.0)), "0.5 km/h"),
        (replace(WALK, incline_pct=(11.0, 11.0)), "11 %"),
        (replace(WALK, incline_pct=(-1.0, -1.0)), "-1 %"),
    ],
)
def test_a_plan_beyond_the_limits_is_refused_with_the_place_and_the_limit(step: Step, word: str) -> None:
    reason = infeasible(Plan("P", (WALK, step)), MACHINE, USER)
    assert "step 2 of 2" in reason
    assert word in reason


def test_a_climbs_upper_bound_is_a_permission_and_is_narrowed() -> None:
    climb = Step("Up", Drive.CLIMB, (2.0, 40.0), (6.0, 6.0), for_s=60.0)
    assert infeasible(Plan("P", (climb,)), MACHINE, USER) == ""
    assert infeasible(Plan("P", (replace(climb, incline_pct=(12.0, 40.0)),)), MACHINE, USER)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.floats(0.0, 2.0), st.floats(0.0, 20.0), st.floats(-5.0, 40.0)), max_size=60))
def test_progress_never_goes_back_and_done_stays_between_0_and_1(row: list[tuple[float, float, float]]) -> None:
    progress, done = Progress(), 0.0
    for dt_s, speed, incline in row:
        before, progress = progress, advance(progress, dt_s, speed, incline, steering=True)
        assert progress.distance_m >= before.distance_m
        assert progress.ascent_m >= before.ascent_m
        now = where(Plan("R", (RAMP,)), progress).done
        assert done <= now <= 1.0
        done = now
