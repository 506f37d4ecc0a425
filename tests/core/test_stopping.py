"""Stopping: by people, by the console, by the key, by a lost link."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_world import CLIMB, FIXED, RAMP, THEIRS, World, efforts

from pitrainer.model import LEAVE, Belt, Intent, MachineSays, Phase, Plan, Verb


@pytest.mark.parametrize("plan", [CLIMB, FIXED, RAMP, THEIRS], ids=lambda plan: plan.name)
def test_stop_ends_any_session_by_a_ramp_of_one_kmh_per_second(plan: Plan) -> None:
    world = World().begin(FIXED if plan is THEIRS else plan, run_s=120.0)
    speed, incline = world.treadmill.speed_kmh, world.treadmill.incline_pct
    assert world.ask(Verb.STOP).ok
    took_s = world.until(lambda w: w.stands, 20.0)
    assert took_s < speed + world.treadmill.latency_s + 2.0
    assert world.phase is Phase.DONE
    assert abs(world.treadmill.incline_pct - incline) < 1.0
    world.run(5.0)
    assert world.state.command == LEAVE
    assert not world.state.ours


def test_stop_in_the_very_tick_of_the_start_leaves_nothing_moving() -> None:
    world = World()
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    world.ask(Verb.ARM)
    world.tick(Intent(Verb.STOP), Intent(Verb.START))
    world.run(20.0)
    assert world.stands
    assert world.phase in (Phase.IDLE, Phase.DONE)
    assert all(command.belt is not Belt.START for _, command in world.sent)


def test_a_pause_keeps_the_progress_and_arm_and_start_resume_it() -> None:
    world = World().begin(CLIMB, run_s=120.0)
    done_s = world.state.progress.step_s
    world.ask(Verb.PAUSE)
    world.until(lambda w: not w.state.ours, 30.0)
    assert world.phase is Phase.PAUSED
    assert world.ask(Verb.ARM).ok
    assert world.ask(Verb.START).ok
    world.until(lambda w: w.phase is Phase.RUNNING, 30.0)
    assert world.state.progress.step_s >= done_s


def test_a_stop_at_the_console_pauses_and_never_restarts() -> None:
    world = World().begin(run_s=30.0)
    world.press(speed_kmh=0.0, announce=False)
    world.says(MachineSays.STOPPED)
    assert world.phase is Phase.PAUSED
    world.run(60.0)
    assert world.stands


def test_a_belt_that_simply_stands_still_pauses_the_session() -> None:
    world = World().begin(run_s=30.0)
    world.obeys = lambda _: LEAVE
    world.press(speed_kmh=0.0, announce=False)
    world.running = False
    world.until(lambda w: w.phase is Phase.PAUSED, 20.0)


def test_one_report_of_a_sudden_standstill_does_not_brake_a_running_belt() -> None:
    world = World().begin(run_s=60.0)
    world.feedback = lambda report, _: replace(report, speed_kmh=0.0)
    world.run(1.0)
    world.feedback = lambda report, _: report
    world.run(5.0)
    assert world.phase is Phase.RUNNING
    assert min(c.speed_kmh or 0.0 for at, c in world.sent if at > world.now_s - 6.0) == 6.0


def test_the_safety_key_latches_until_somebody_acknowledges_at_a_standstill() -> None:
    world = World().begin(run_s=30.0)
    world.press(speed_kmh=0.0, announce=False)
    world.says(MachineSays.SAFETY_KEY)
    assert world.view.phase is Phase.FAULT
    assert not world.ask(Verb.ACKNOWLEDGE).ok
    assert not world.ask(Verb.ARM).ok
    assert world.ask(Verb.STOP).ok
    assert world.view.phase is Phase.FAULT
    world.run(20.0)
    assert world.ask(Verb.ACKNOWLEDGE).ok
    assert world.phase is Phase.PAUSED
    assert world.ask(Verb.ARM).ok
    assert world.ask(Verb.START).ok
    world.until(lambda w: w.phase is Phase.RUNNING, 30.0)


def test_after_a_fault_at_rest_the_belt_is_the_runners_again() -> None:
    world = World().begin(run_s=30.0)
    world.press(speed_kmh=0.0, announce=False)
    world.says(MachineSays.SAFETY_KEY)
    world.run(20.0)
    since_s = world.now_s
    world.running = True
    world.press(speed_kmh=5.0)
    world.run(30.0)
    assert efforts(world, since_s + 0.1) == []
    assert world.treadmill.speed_kmh == pytest.approx(5.0)


def test_a_link_that_breaks_at_ten_kmh_stops_the_belt_and_stays_a_fault() -> None:
    fast = replace(FIXED, steps=(replace(FIXED.steps[0], speed_kmh=(10.0, 10.0)),))
    world = World().begin(fast, run_s=60.0)
    broken_s = world.now_s
    world.feedback = lambda _, __: None
    world.run(8.0)
    assert world.phase is Phase.FAULT
    world.feedback = lambda report, _: report
    world.link = 2
    world.until(lambda w: w.stands, 30.0)
    assert all((speed or 0.0) <= 10.0 and incline in (None, 6.0) for _, speed, incline in efforts(world, broken_s))
    world.run(3.0)
    assert world.acting >= {"machine_lost", "machine_relinked"}
    assert world.ask(Verb.ACKNOWLEDGE).ok
    world.run(1.0)
    assert world.acting == set()
    assert world.state.progress.elapsed_s > 60.0


def test_a_silent_belt_is_told_to_stand_within_the_ramp() -> None:
    world = World().begin(run_s=60.0)
    world.feedback = lambda _, __: None
    world.run(5.5 + 6.5)
    assert (world.state.command.belt, world.state.command.speed_kmh) == (Belt.STOP, 0.0)


def test_a_quick_relink_is_a_fault_too() -> None:
    world = World().begin(run_s=30.0)
    world.link = 2
    world.run(2.0)
    assert world.phase is Phase.FAULT


def test_a_relink_while_armed_disarms() -> None:
    world = World()
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    world.ask(Verb.ARM)
    world.link = 2
    world.run(2.0)
    assert world.phase is Phase.IDLE
