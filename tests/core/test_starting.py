"""Starting: two acts, the slowest speed first, and what must not start."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_world import FIXED, World

from pitrainer.model import LEAVE, Action, Belt, MachineSays, Phase, Verb
from pitrainer.sim.treadmill import SimulatedTreadmill


def test_a_session_starts_at_the_slowest_speed_and_holds_it_for_three_seconds() -> None:
    world = World().begin()
    moving = [(at, c.speed_kmh) for at, c in world.sent if c.speed_kmh]
    first = next(at for at, _ in moving)
    assert all(speed == 0.8 for at, speed in moving if at < first + 3.0)
    assert world.phase is Phase.RUNNING


def test_start_is_commanded_only_between_the_second_act_and_the_first_movement() -> None:
    world = World().begin(run_s=60.0)
    starts = [at for at, command in world.sent if command.belt is Belt.START]
    assert starts[-1] - starts[0] < 5.0


def test_a_belt_stopped_by_hand_while_starting_is_not_started_again() -> None:
    world = World()
    world.run(6.0)
    for verb in (Verb.LOAD, Verb.ARM, Verb.START):
        world.ask(verb, FIXED)
    world.until(lambda w: w.state.belt.moving, 10.0)
    world.obeys = lambda command: replace(command, belt=Belt.LEAVE) if command.belt is not Belt.START else command
    world.press(speed_kmh=0.0, announce=False)
    world.running = False
    world.until(lambda w: w.phase is Phase.PAUSED, 10.0)
    assert not world.running
    world.run(30.0)
    assert world.stands


def test_armed_waits_sixty_seconds_for_the_second_act() -> None:
    world = World()
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    world.ask(Verb.ARM)
    world.run(59.0)
    assert world.view.arm_left_s == 1.0
    world.run(2.0)
    assert world.phase is Phase.IDLE
    assert not world.ask(Verb.START).ok


def test_a_start_at_the_console_is_the_second_act() -> None:
    world = World(page_start=False)
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    world.ask(Verb.ARM)
    assert not world.ask(Verb.START).ok
    world.running = True
    world.press(speed_kmh=0.8, announce=False)
    world.says(MachineSays.STARTED)
    world.until(lambda w: w.phase is Phase.RUNNING, 30.0)
    assert all(command.belt is not Belt.START for _, command in world.sent)


def test_a_preset_pressed_right_after_the_start_is_the_runners_choice_and_no_fault() -> None:
    world = World(page_start=False)
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    world.ask(Verb.ARM)
    world.running = True
    world.press(speed_kmh=0.8, announce=False)
    world.says(MachineSays.STARTED)
    world.run(3.0)
    world.press(speed_kmh=5.0)
    world.run(30.0)
    assert world.phase is Phase.RUNNING
    assert world.state.manual
    assert world.treadmill.speed_kmh == pytest.approx(5.0)


def test_a_belt_that_does_not_start_is_given_up_after_fifteen_seconds() -> None:
    world = World()
    world.obeys = lambda _: LEAVE
    world.run(6.0)
    for verb in (Verb.LOAD, Verb.ARM, Verb.START):
        world.ask(verb, FIXED)
    world.run(16.0)
    assert world.phase in (Phase.IDLE, Phase.PAUSED)
    assert "no_start" in {notice.kind for notice in world.notices}
    world.run(1.0)
    assert not world.state.ours


def test_a_stop_before_the_belt_has_moved_still_stops_it() -> None:
    for wait_s in (0.25, 1.0, 2.0, 3.0, 5.0):
        world = World(treadmill=SimulatedTreadmill(latency_s=5.0))
        world.run(6.0)
        for verb in (Verb.LOAD, Verb.ARM, Verb.START):
            world.ask(verb, FIXED)
        world.run(wait_s)
        world.ask(Verb.STOP)
        world.until(lambda w: not w.state.ours, 30.0)
        world.run(30.0)
        assert world.stands


def test_a_machine_in_miles_is_caught_by_the_start_check() -> None:
    world = World(units=1.609)
    world.run(6.0)
    for verb in (Verb.LOAD, Verb.ARM, Verb.START):
        world.ask(verb, FIXED)
    world.until(lambda w: w.phase is Phase.FAULT, 30.0)
    assert "wrong_units" in world.acting
    assert max(command.speed_kmh or 0.0 for _, command in world.sent) <= 0.8
    world.until(lambda w: w.stands, 20.0)


def test_a_slow_starter_passes_the_start_check() -> None:
    world = World(treadmill=SimulatedTreadmill(speed_up_kmh_s=0.15, latency_s=5.0))
    world.begin(run_s=60.0)
    assert world.state.verdict.action is Action.PASS
