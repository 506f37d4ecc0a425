"""The engine: starting, stopping, the runner's own hands, and what becomes of faults."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import inf, nan

import pytest
from small_world import CLIMB, FIXED, RAMP, THEIRS, World, efforts

from pitrainer.model import LEAVE, Action, Beat, Belt, Feedback, Intent, MachineSays, Phase, Plan, Verb
from pitrainer.sim.treadmill import SimulatedTreadmill


def standing(world: World) -> bool:
    return world.treadmill.speed_kmh == 0.0


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
    assert standing(world)


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
        assert standing(world)


def test_a_machine_in_miles_is_caught_by_the_start_check() -> None:
    world = World(units=1.609)
    world.run(6.0)
    for verb in (Verb.LOAD, Verb.ARM, Verb.START):
        world.ask(verb, FIXED)
    world.until(lambda w: w.phase is Phase.FAULT, 30.0)
    assert "wrong_units" in world.acting
    assert max(command.speed_kmh or 0.0 for _, command in world.sent) <= 0.8
    world.until(standing, 20.0)


def test_a_slow_starter_passes_the_start_check() -> None:
    world = World(treadmill=SimulatedTreadmill(speed_up_kmh_s=0.15, latency_s=5.0))
    world.begin(run_s=60.0)
    assert world.state.verdict.action is Action.PASS


@pytest.mark.parametrize("plan", [CLIMB, FIXED, RAMP, THEIRS], ids=lambda plan: plan.name)
def test_stop_ends_any_session_by_a_ramp_of_one_kmh_per_second(plan: Plan) -> None:
    world = World().begin(FIXED if plan is THEIRS else plan, run_s=120.0)
    speed, incline = world.treadmill.speed_kmh, world.treadmill.incline_pct
    assert world.ask(Verb.STOP).ok
    took_s = world.until(standing, 20.0)
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
    assert standing(world)
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
    assert standing(world)


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
    world.until(standing, 30.0)
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
    assert standing(world)


def test_lost_control_lets_the_program_wait() -> None:
    world = World().begin(run_s=30.0)
    world.says(MachineSays.CONTROL_LOST)
    assert world.phase is Phase.RUNNING
    assert world.state.manual


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
    world.until(standing, 10.0)


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
    world.until(standing, 20.0)
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
    world.until(standing, 20.0)


def test_a_lift_that_is_never_reported_does_not_rise() -> None:
    world = World()
    world.feedback = lambda report, _: replace(report, incline_pct=None)
    world.begin(CLIMB, run_s=120.0)
    assert world.treadmill.incline_pct == 0.0
    assert world.phase is Phase.RUNNING
