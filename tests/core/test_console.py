"""The runner's own hands on the console win, and a belt that runs away by itself does not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from small_world import CLIMB, FIXED, RAMP, World, efforts

from pitrainer.model import LEAVE, MachineSays, Phase, Plan, Verb


@pytest.mark.parametrize("announce", [True, False])
@pytest.mark.parametrize("speed_kmh", [4.0, 5.0, 6.5, 7.0])
def test_a_press_at_the_console_is_adopted_and_never_fought(speed_kmh: float, announce: bool) -> None:
    world = World().begin(run_s=60.0)
    world.press(speed_kmh=speed_kmh, announce=announce)
    world.run(60.0)
    assert world.phase is Phase.RUNNING
    assert world.state.manual
    assert world.treadmill.speed_kmh == pytest.approx(speed_kmh)
    since_s = world.now_s
    world.run(30.0)
    assert all(speed is None and incline is None for _, speed, incline in efforts(world, since_s))


def test_an_announced_preset_far_away_is_no_runaway() -> None:
    world = World().begin(run_s=60.0)
    world.press(speed_kmh=12.0)
    world.run(60.0)
    assert world.phase is Phase.RUNNING
    assert world.treadmill.speed_kmh == pytest.approx(12.0)


def test_unannounced_presses_one_after_another_are_no_runaway() -> None:
    world = World().begin(run_s=60.0)
    for speed in (6.5, 7.0, 7.5, 8.0, 8.5, 9.0):
        world.press(speed_kmh=speed, announce=False)
        world.run(5.0)
    assert world.phase is Phase.RUNNING
    assert world.treadmill.speed_kmh == pytest.approx(9.0)


@pytest.mark.parametrize("plan", [FIXED, CLIMB], ids=lambda plan: plan.name)
def test_a_belt_that_runs_away_is_stopped(plan: Plan) -> None:
    world = World().begin(plan, run_s=60.0)
    world.obeys = lambda _: LEAVE
    world.press(speed_kmh=16.0, announce=False)
    world.until(lambda w: w.phase is Phase.FAULT, 12.0)
    assert world.treadmill.speed_kmh < 10.0
    assert "runaway" in world.acting


def test_the_program_waits_while_the_console_rules_and_comes_back_without_a_jump() -> None:
    world = World().begin(RAMP, run_s=60.0)
    world.press(speed_kmh=3.0)
    world.run(10.0)
    step_s = world.state.progress.step_s
    world.run(30.0)
    assert world.state.progress.step_s == step_s
    assert world.ask(Verb.CONTINUE).ok
    speeds = [world.state.command.speed_kmh or 0.0]
    for _ in range(20):
        world.tick()
        speeds.append(world.state.command.speed_kmh or 0.0)
    assert speeds[0] <= 3.1
    assert all(later - sooner <= 0.11 for sooner, later in pairwise(speeds))


def test_the_console_is_free_in_the_cooling_too() -> None:
    world = World().begin(run_s=60.0)
    world.runner.strap_on = False
    world.until(lambda w: w.phase is Phase.COOLING, 75.0)
    world.runner.strap_on = True
    world.run(25.0)
    world.press(speed_kmh=6.0)
    world.run(30.0)
    assert world.phase is Phase.COOLING
    assert world.treadmill.speed_kmh == pytest.approx(6.0)


def test_a_refused_start_is_not_a_running_session() -> None:
    world = World()
    world.run(6.0)
    for verb in (Verb.LOAD, Verb.ARM, Verb.START):
        world.ask(verb, FIXED)
    world.says(MachineSays.CONTROL_REFUSED)
    world.run(20.0)
    assert world.phase in (Phase.IDLE, Phase.PAUSED)
    assert world.stands


def test_lost_control_lets_the_program_wait() -> None:
    world = World().begin(run_s=30.0)
    world.says(MachineSays.CONTROL_LOST)
    assert world.phase is Phase.RUNNING
    assert world.state.manual
