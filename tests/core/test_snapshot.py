"""What people see of one moment."""

from __future__ import annotations

from dataclasses import replace

from small_world import CLIMB, FIXED, World

from pitrainer.core.snapshot import in_words
from pitrainer.model import Action, Verb


def test_before_anything_has_come_everything_is_unknown_and_nothing_is_zero() -> None:
    view = World().view
    assert (view.hr_bpm, view.speed_kmh, view.incline_pct, view.zone, view.session, view.step) == (None,) * 6
    assert (view.step_number, view.steps) == (0, 0)
    assert view.can == (Verb.STOP, Verb.LOAD)


def test_a_running_session_shows_where_it_is() -> None:
    two = replace(FIXED, steps=(FIXED.steps[0], replace(CLIMB.steps[0], name="Wall")))
    view = World().begin(two, run_s=60.0).view
    assert (view.session, view.step_number, view.steps) == ("Fixed", 1, 2)
    assert view.following == "Wall: up to 15 %, 5.5 km/h"
    assert view.step is not None
    assert 0.0 < view.step.done < 0.1
    assert view.speed_target_kmh == 6.0
    assert view.zone is not None
    assert view.elapsed_s > 60.0
    assert view.distance_m > 80.0
    assert view.ascent_m > 2.0


def test_the_cap_shown_is_the_one_in_force() -> None:
    assert World().begin(CLIMB).view.cap_bpm == 155.0
    assert World().begin(FIXED).view.cap_bpm == 185.0


def test_causes_are_in_words_the_worst_first() -> None:
    world = World().begin(run_s=30.0)
    world.runner.strap_on = False
    world.run(20.0)
    causes = world.view.causes
    assert [cause.action for cause in causes] == [Action.EASE, Action.HOLD]
    assert all(len(cause.text) > 10 for cause in causes)


def test_a_program_that_waits_says_so() -> None:
    world = World().begin(run_s=30.0)
    world.press(speed_kmh=4.0)
    assert world.view.causes[0].name == "manual"
    assert "waits for you" in world.view.manual


def test_the_time_left_to_start_is_shown_only_while_armed() -> None:
    world = World()
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    assert world.view.arm_left_s is None
    world.ask(Verb.ARM)
    world.run(10.0)
    assert world.view.arm_left_s == 50.0


def test_a_step_in_words() -> None:
    assert in_words(FIXED.steps[0]) == "Walk: 6 %, 6 km/h"
    assert in_words(replace(FIXED.steps[0], speed_kmh=None)) == "Walk: 6 %"
