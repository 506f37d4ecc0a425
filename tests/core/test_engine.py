"""What becomes of a lost heart, of caps, of stalls and of nonsense."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import inf, nan

import pytest
from small_world import CLIMB, FIXED, World

from pitrainer.model import Action, Beat, Feedback, Phase, Verb


def test_without_a_strap_heart_rate_mode_ends_at_sixty_seconds_and_the_belt_stops_at_105() -> None:
    world = World().begin(CLIMB, run_s=600.0)
    climbed = world.treadmill.incline_pct
    assert climbed > 4.0
    world.runner.strap_on = False
    lost_s = world.now_s
    world.until(lambda w: "heart_lost" in w.acting, 7.0)
    world.until(lambda w: "heart_lost_long" in w.acting, 11.0)
    world.until(lambda w: w.phase is Phase.COOLING, 50.0)
    assert 58.0 <= world.now_s - lost_s <= 62.0
    world.run(25.0)
    assert world.treadmill.incline_pct <= 0.5
    assert world.treadmill.speed_kmh <= 4.0
    world.until(lambda w: w.phase is Phase.PAUSED, 25.0)
    assert 103.0 <= world.now_s - lost_s <= 107.0
    world.until(lambda w: w.stands, 10.0)


def test_a_strap_that_comes_back_after_ten_seconds_continues_from_there_without_a_jump() -> None:
    world = World().begin(CLIMB, run_s=600.0)
    world.runner.strap_on = False
    world.run(10.0)
    held = world.state.memory.incline_pct
    world.runner.strap_on = True
    start_s = world.now_s
    world.run(30.0)
    sent = [(at - start_s, one.incline_pct) for at, one in world.sent if at > start_s and one.incline_pct is not None]
    assert all(incline <= held for at, incline in sent if at < 10.0)
    assert all(later - sooner <= 0.5 for (_, sooner), (_, later) in pairwise(sent))
    assert world.state.verdict.action < Action.EASE
    assert world.phase is Phase.RUNNING


def test_the_runner_continues_out_of_the_cooling_once_the_heart_is_back_for_ten_seconds() -> None:
    world = World().begin(CLIMB, run_s=300.0)
    world.runner.strap_on = False
    world.until(lambda w: w.phase is Phase.COOLING, 75.0)
    assert not world.ask(Verb.CONTINUE).ok
    world.runner.strap_on = True
    world.run(13.0)
    assert world.ask(Verb.CONTINUE).ok
    world.run(5.0)
    assert world.phase is Phase.RUNNING


def test_after_the_belt_stopped_for_want_of_a_heart_the_session_can_be_resumed_at_once() -> None:
    world = World().begin(CLIMB, run_s=120.0)
    world.runner.strap_on = False
    world.until(lambda w: w.phase is Phase.PAUSED, 120.0)
    world.until(lambda w: not w.state.ours, 20.0)
    world.runner.strap_on = True
    world.run(8.0)
    assert world.ask(Verb.ARM).ok
    assert world.ask(Verb.START).ok
    world.until(lambda w: w.phase is Phase.RUNNING, 30.0)


def test_the_owners_cap_binds_a_session_with_a_higher_one() -> None:
    world = World(user=replace(World().user, hr_cap_bpm=130.0)).begin(CLIMB, run_s=900.0)
    assert world.view.cap_bpm == 130.0
    highest = world.state.tally.highest_bpm
    assert highest is not None
    assert highest < 135.0


def test_a_lower_cap_in_the_next_step_is_reached_by_sliding() -> None:
    hard = replace(FIXED.steps[0], for_s=400.0, incline_pct=(9.0, 9.0))
    easy = replace(CLIMB.steps[0], cap_bpm=120.0, incline_pct=(0.0, 15.0))
    world = World().begin(replace(FIXED, steps=(hard, easy)), run_s=402.0)
    assert world.state.progress.index == 1
    bpm = world.state.pulse.median_bpm
    assert bpm is not None
    assert bpm > 131.0
    world.run(300.0)
    assert world.phase is Phase.RUNNING
    assert "beyond_cap" not in {notice.kind for notice in world.notices}
    assert world.state.cap_bpm == 120.0


def test_a_stalled_controller_stops_the_belt() -> None:
    world = World().begin(run_s=30.0)
    world.tick(dt_s=0.75)
    assert world.acting == {"tick_late"}
    world.tick()
    assert world.acting == set()
    world.tick(dt_s=2.0)
    assert world.phase is Phase.FAULT


def test_a_session_comes_to_an_end_and_leaves_the_belt_standing() -> None:
    short = replace(FIXED, steps=(replace(FIXED.steps[0], for_s=30.0),))
    world = World().begin(short)
    world.until(lambda w: w.phase is Phase.DONE, 60.0)
    world.until(lambda w: w.stands, 20.0)
    world.run(5.0)
    assert not world.state.ours
    assert world.ask(Verb.LOAD, FIXED).ok


@pytest.mark.parametrize("value", [nan, inf, -inf, -1.0, 1e9, True])
def test_nonsense_from_the_edges_raises_nothing_and_renews_nothing(value: float) -> None:
    world = World().begin(run_s=30.0)
    world.feedback = lambda report, _: Feedback(report.at_s, value, value)
    world.beat = lambda beat, _: Beat(beat.at_s, value)
    world.run(8.0)
    assert world.acting >= {"machine_lost", "heart_lost"}
    world.feedback = lambda report, now_s: Feedback(value, report.speed_kmh, report.incline_pct)
    world.beat = lambda beat, _: Beat(value, beat.hr_bpm)
    world.run(8.0)
    assert world.acting >= {"machine_lost", "heart_lost"}
    world.until(lambda w: w.stands, 20.0)


def test_a_lift_that_is_never_reported_does_not_rise() -> None:
    world = World()
    world.feedback = lambda report, _: replace(report, incline_pct=None)
    world.begin(CLIMB, run_s=120.0)
    assert world.treadmill.incline_pct == 0.0
    assert world.phase is Phase.RUNNING
