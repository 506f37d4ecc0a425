"""What people ask for, and what they are told when it cannot be."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest
from small_world import CLIMB, FIXED, THEIRS, World

from pitrainer.model import Drive, Intent, Phase, Plan, Step, Verb

TWO = Plan("Two", (FIXED.steps[0], replace(FIXED.steps[0], name="Second", incline_pct=(4.0, 4.0))))


def refusal(world: World, verb: Verb, plan: Plan | None = None) -> str:
    answer = world.ask(verb, plan)
    assert not answer.ok
    return answer.reason


def test_arming_says_what_is_missing() -> None:
    world = World()
    world.run(1.0)
    assert refusal(world, Verb.ARM) == "choose a session first"
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    world.runner.strap_on = False
    world.run(8.0)
    assert "put the strap on" in refusal(world, Verb.ARM)
    world.runner.strap_on = True
    world.run(2.0)
    world.feedback = lambda _, __: None
    world.run(4.0)
    assert "no word from the treadmill" in refusal(world, Verb.ARM)


def test_a_moving_belt_cannot_be_armed() -> None:
    world = World()
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    world.running = True
    world.press(speed_kmh=3.0)
    world.run(10.0)
    assert "stand still" in refusal(world, Verb.ARM)


@pytest.mark.parametrize("verb", [v for v in Verb if v not in (Verb.STOP, Verb.LOAD)])
def test_nothing_but_load_and_stop_works_in_idle(verb: Verb) -> None:
    world = World()
    world.run(6.0)
    assert refusal(world, verb)


def test_a_running_session_is_not_replaced() -> None:
    assert "stop it first" in refusal(World().begin(), Verb.LOAD, CLIMB)


def test_a_session_beyond_the_machine_is_refused_with_the_reason() -> None:
    world = World()
    world.run(6.0)
    steep = Plan("Steep", (Step("Wall", Drive.FIXED, (30.0, 30.0), (5.0, 5.0), for_s=60.0),))
    assert "Wall" in refusal(world, Verb.LOAD, steep)
    assert refusal(world, Verb.LOAD, None)


def test_what_is_offered_is_what_is_accepted() -> None:
    world = World()
    world.run(6.0)
    assert set(world.view.can) == {Verb.STOP, Verb.LOAD}
    world.begin()
    assert set(world.view.can) == {Verb.STOP, Verb.PAUSE, Verb.SKIP, Verb.NUDGE}


def test_an_easier_nudge_lasts_the_session_and_a_harder_one_the_step() -> None:
    world = World().begin(TWO, run_s=30.0)
    assert world.ask(Verb.NUDGE, incline_pct=5.0, speed_kmh=6.5).ok
    world.run(20.0)
    assert (world.state.command.incline_pct, world.state.command.speed_kmh) == (5.0, 6.5)
    assert world.ask(Verb.SKIP).ok
    world.run(20.0)
    assert (world.state.command.incline_pct, world.state.command.speed_kmh) == (3.0, 6.0)


def test_nudges_are_absolute_and_the_last_one_counts() -> None:
    world = World().begin(run_s=30.0)
    for incline in (6.5, 7.0, 7.5, 7.0):
        world.ask(Verb.NUDGE, incline_pct=incline)
    world.run(20.0)
    assert world.state.command.incline_pct == 7.0


def test_a_nudge_never_leaves_the_limits() -> None:
    world = World().begin(run_s=30.0)
    world.ask(Verb.NUDGE, incline_pct=40.0, speed_kmh=30.0)
    world.run(60.0)
    assert (world.state.command.incline_pct, world.state.command.speed_kmh) == (15.0, 12.0)


@pytest.mark.parametrize("value", [nan, inf, -1e9, 1e9, True])
def test_nonsense_is_not_wished(value: float) -> None:
    world = World().begin(run_s=30.0)
    assert not world.ask(Verb.NUDGE, incline_pct=value).ok
    assert not world.ask(Verb.NUDGE, speed_kmh=value).ok
    world.run(5.0)
    assert world.state.phase is Phase.RUNNING


def test_without_a_heart_a_nudge_may_only_ease() -> None:
    world = World().begin(run_s=30.0)
    world.runner.strap_on = False
    world.run(7.0)
    assert "No heart rate" in world.ask(Verb.NUDGE, incline_pct=9.0).reason
    assert world.ask(Verb.NUDGE, incline_pct=3.0).ok


def test_a_nudge_in_a_climb_is_the_new_base_of_the_heart() -> None:
    world = World().begin(CLIMB, run_s=60.0)
    assert world.ask(Verb.NUDGE, incline_pct=3.0).ok
    world.run(10.0)
    assert (world.state.command.incline_pct or 0.0) <= 3.5
    assert world.state.memory.anchor is not None
    assert world.state.memory.anchor.incline_pct == 3.0


def test_a_nudge_after_the_console_takes_the_program_back_from_there() -> None:
    world = World().begin(run_s=30.0)
    world.press(speed_kmh=4.0)
    world.run(10.0)
    assert world.ask(Verb.NUDGE, incline_pct=5.0).ok
    world.run(20.0)
    assert not world.state.manual
    assert world.treadmill.speed_kmh == pytest.approx(4.0)
    assert world.treadmill.incline_pct == pytest.approx(5.0)


def test_a_speed_left_to_the_runner_cannot_be_nudged() -> None:
    world = World()
    world.run(6.0)
    for verb in (Verb.LOAD, Verb.ARM, Verb.START):
        assert world.ask(verb, THEIRS).ok
    world.until(lambda w: w.phase is Phase.RUNNING, 30.0)
    assert "treadmill's own buttons" in world.ask(Verb.NUDGE, speed_kmh=8.0).reason


def test_a_tap_ends_the_step_and_the_last_tap_the_session() -> None:
    world = World().begin(TWO, run_s=10.0)
    world.ask(Verb.SKIP)
    assert world.view.step_number == 2
    world.ask(Verb.SKIP)
    assert world.view.phase is Phase.DONE


def test_of_several_wishes_in_one_tick_stop_comes_last() -> None:
    world = World().begin(run_s=10.0)
    world.tick(Intent(Verb.STOP), Intent(Verb.NUDGE, speed_kmh=9.0), Intent(Verb.SKIP))
    assert world.state.phase is Phase.DONE


def test_a_disarmed_session_does_not_start() -> None:
    world = World()
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    world.ask(Verb.ARM)
    assert world.ask(Verb.DISARM).ok
    assert refusal(world, Verb.START) == "arm the session first"
