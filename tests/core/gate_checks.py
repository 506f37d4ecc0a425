"""What the gate promises beyond its table of rules. Each check takes the gate it judges, so that mutants can be put
through the same checks as the real one."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan

from healthy import STANDING, TICK_S, Gate

from pitrainer.model import LEAVE, Action, Belt, MachineLimits

HOLDING = {"heart_doubtful": True}
EASING = {"heart_frozen": True}
STOPPING = {"session_s": 20000.0}


def a_healthy_wish_passes_untouched(gate: Gate) -> None:
    _, verdict = gate.review(gate.memory(), gate.wish(), gate.facts())
    assert verdict.action is Action.PASS
    assert not verdict.causes
    assert not verdict.latched
    assert (verdict.command.belt, verdict.command.speed_kmh, verdict.command.incline_pct) == (Belt.RUN, 8.0, 5.0)


def a_strap_that_gives_one_beat_every_14_s_ends_in_ease_and_then_stop(gate: Gate) -> None:
    memory, at_s = gate.memory(), 0.0
    seen: dict[str, float] = {}
    while at_s < 600.0:
        memory, verdict = gate.review(memory, gate.wish(), gate.facts(now_s=at_s, heart_age_s=at_s % 14.0))
        for cause in verdict.causes:
            seen.setdefault(cause.name, at_s)
        at_s += TICK_S
    assert seen["heart_lost"] < 6.0
    assert seen["heart_lost_long"] < 30.0
    assert 58.0 < seen["heart_gone"] < 90.0
    assert 103.0 < seen["nobody"] < 150.0


def grace_is_refilled_at_a_quarter_of_the_speed_it_drains(gate: Gate) -> None:
    broken, fine = gate.facts(hr_bpm=175.0), gate.facts()
    memory, _ = gate.run(4.0, gate.memory(), gate.wish(), broken)
    memory, _ = gate.run(8.0, memory, gate.wish(), fine)
    _, verdict = gate.run(2.75, memory, gate.wish(), broken)
    assert not verdict.acts("beyond_cap")
    _, verdict = gate.run(3.0, memory, gate.wish(), broken)
    assert verdict.acts("beyond_cap")
    rested, _ = gate.run(16.0, memory, gate.wish(), fine)
    _, verdict = gate.run(4.75, rested, gate.wish(), broken)
    assert not verdict.acts("beyond_cap")


def a_heart_long_silent_is_granted_no_grace_at_all(gate: Gate) -> None:
    assert gate.acts(0.25, heart_age_s=5.0) == {"heart_lost"}
    assert gate.acts(0.25, heart_age_s=15.0) == {"heart_lost", "heart_lost_long"}
    assert gate.acts(0.25, heart_age_s=60.0) == {"heart_lost", "heart_lost_long", "heart_gone"}
    assert gate.acts(0.25, heart_age_s=inf) == {"heart_lost", "heart_lost_long", "heart_gone", "nobody"}


def health_is_counted_without_a_gap(gate: Gate) -> None:
    memory, _ = gate.run(1.0, gate.memory(), gate.wish(), gate.facts(**EASING))
    memory, _ = gate.run(9.0, memory, gate.wish(), gate.facts())
    memory, _ = gate.run(0.25, memory, gate.wish(), gate.facts(**EASING))
    _, verdict = gate.run(9.0, memory, gate.wish(), gate.facts())
    assert verdict.acts("heart_frozen")


def a_slow_tick_drains_grace_by_all_its_time(gate: Gate) -> None:
    memory = gate.memory()
    for _ in range(5):
        memory, verdict = gate.review(memory, gate.wish(), gate.facts(hr_bpm=175.0, dt_s=1.0))
    assert verdict.acts("beyond_cap")


def the_worst_action_wins(gate: Gate) -> None:
    _, verdict = gate.review(gate.memory(), gate.wish(), gate.facts(**HOLDING, **EASING))
    assert verdict.action is Action.EASE
    _, verdict = gate.review(gate.memory(), gate.wish(), gate.facts(**HOLDING, **EASING, **STOPPING))
    assert verdict.action is Action.STOP
    assert verdict.command.belt is Belt.STOP
    assert len(verdict.causes) == 3


def nothing_rises_in_hold_or_worse(gate: Gate) -> None:
    for trouble in (HOLDING, EASING, STOPPING, {"heart_age_s": 9.0}, {"feedback_age_s": 3.0}):
        memory, verdict = gate.run(3.0, gate.memory(), gate.wish(), gate.facts(**trouble))
        before_kmh, before_pct = memory.speed_kmh, memory.incline_pct
        memory, verdict = gate.run(20.0, memory, gate.wish(speed_kmh=12.0, incline_pct=10.0), gate.facts(**trouble))
        assert memory.speed_kmh <= before_kmh
        assert memory.incline_pct <= before_pct
        assert (verdict.command.speed_kmh or 0.0) <= 8.0
        assert (verdict.command.incline_pct or 0.0) <= 5.0


def hold_still_lets_the_runner_down(gate: Gate) -> None:
    _, verdict = gate.run(20.0, gate.memory(), gate.wish(speed_kmh=5.0, incline_pct=2.0), gate.facts(**HOLDING))
    assert (verdict.command.speed_kmh, verdict.command.incline_pct) == (5.0, 2.0)


def easing_lowers_the_incline_by_one_percent_in_ten_seconds_and_leaves_the_speed(gate: Gate) -> None:
    memory, verdict = gate.run(10.0, gate.memory(), gate.wish(), gate.facts(**EASING))
    assert abs(memory.incline_pct - 4.0) < 1e-6
    assert memory.speed_kmh == 8.0
    memory, verdict = gate.run(60.0, memory, gate.wish(), gate.facts(**EASING))
    assert memory.incline_pct == 0.0
    assert verdict.command.incline_pct == 0.0


def shedding_ends_at_a_walk_on_the_level_even_against_a_motor_left_to_the_runner(gate: Gate) -> None:
    shed = gate.facts(lowering_ignored_s=7.0)
    for wish in (gate.wish(), gate.wish(speed_kmh=None, incline_pct=None)):
        memory, speed_kmh, incline_pct = gate.memory(), 8.0, 5.0
        for _ in range(60):
            memory, verdict = gate.review(memory, wish, shed)
            speed_kmh = verdict.command.speed_kmh or speed_kmh
            incline_pct = incline_pct if verdict.command.incline_pct is None else verdict.command.incline_pct
        assert (speed_kmh, incline_pct) == (4.0, 0.0)


def a_lagging_measurement_does_not_slow_the_easing_of_a_motor_left_alone(gate: Gate) -> None:
    left = gate.wish(speed_kmh=None, incline_pct=None)
    memory, _ = gate.run(2.0, gate.memory(), left, gate.facts(lowering_ignored_s=7.0))
    assert abs(memory.speed_kmh - 6.0) < 1e-6
    assert abs(memory.incline_pct - 4.0) < 1e-6


def downhill_is_never_steepened_by_easing(gate: Gate) -> None:
    limits = gate.limits(MachineLimits(incline_min_pct=-3.0))
    memory = gate.memory(incline_pct=-2.0)
    for _ in range(40):
        memory, verdict = gate.safety.review(
            memory, gate.wish(incline_pct=-2.0), gate.facts(incline_pct=-2.0, **EASING), limits
        )
    assert verdict.command.incline_pct == -2.0


def everything_up_is_slew_limited(gate: Gate) -> None:
    wish = gate.wish(speed_kmh=12.0, incline_pct=5.0)
    memory, _ = gate.run(1.0, gate.memory(), wish, gate.facts())
    assert abs(memory.speed_kmh - 8.36) < 1e-6
    memory, _ = gate.run(1.0, gate.memory(), gate.wish(incline_pct=10.0), gate.facts())
    assert abs(memory.incline_pct - 5.5) < 1e-6


def everything_down_is_slew_limited(gate: Gate) -> None:
    memory, _ = gate.run(1.0, gate.memory(), gate.wish(speed_kmh=1.0, incline_pct=0.0), gate.facts())
    assert abs(memory.speed_kmh - 7.0) < 1e-6
    assert abs(memory.incline_pct - 4.0) < 1e-6


def a_stall_of_ten_seconds_earns_no_jump(gate: Gate) -> None:
    wish = gate.wish(speed_kmh=12.0, incline_pct=10.0)
    for stall_s in (10.0, 1.4, 0.5):
        memory, _ = gate.review(gate.memory(), wish, gate.facts(dt_s=stall_s))
        assert memory.speed_kmh <= 8.0 + 0.36 * 0.5 + 1e-6
        assert memory.incline_pct <= 5.0 + 0.5 * 0.5 + 1e-6
    memory, _ = gate.review(gate.memory(), gate.wish(speed_kmh=2.0, incline_pct=0.0), gate.facts(dt_s=10.0))
    assert memory.speed_kmh >= 7.5
    memory, _ = gate.review(gate.memory(), gate.wish(belt=Belt.STOP), gate.facts(dt_s=1.4))
    assert memory.speed_kmh == 7.5


def a_clock_that_goes_back_moves_nothing(gate: Gate) -> None:
    memory, _ = gate.review(gate.memory(), gate.wish(speed_kmh=2.0, incline_pct=9.0), gate.facts(dt_s=-5.0))
    assert (memory.speed_kmh, memory.incline_pct) == (8.0, 5.0)


def speed_and_incline_never_rise_in_the_same_tick(gate: Gate) -> None:
    memory = gate.memory()
    for _ in range(60):
        after, _ = gate.review(memory, gate.wish(speed_kmh=12.0, incline_pct=10.0), gate.facts())
        assert after.speed_kmh <= memory.speed_kmh or after.incline_pct <= memory.incline_pct
        memory = after
    assert memory.speed_kmh == 12.0
    assert memory.incline_pct > 5.5


def a_stop_ramps_at_one_kmh_per_second_to_zero_with_the_incline_frozen(gate: Gate) -> None:
    for wish, facts in ((gate.wish(belt=Belt.STOP), {}), (gate.wish(), STOPPING)):
        memory, speeds = gate.memory(), []
        for _ in range(40):
            memory, verdict = gate.review(memory, wish, gate.facts(**facts))
            assert verdict.command.belt is Belt.STOP
            assert verdict.command.incline_pct is None
            assert verdict.command.speed_kmh is not None
            speeds.append(verdict.command.speed_kmh)
        assert speeds == sorted(speeds, reverse=True)
        assert speeds[0] == 7.7
        assert speeds[15] == 4.0
        assert speeds[31] == 0.0
        assert memory.incline_pct == 5.0


def a_stop_reaches_zero_whatever_the_belt_reports(gate: Gate) -> None:
    for told in ({}, {"speed_kmh": None}, {"speed_kmh": 12.0}, {"feedback_age_s": 99.0}, {"feedback_age_s": inf}):
        for wish in (gate.wish(belt=Belt.STOP), gate.safety.Wish(Belt.STOP), gate.safety.Wish(Belt.RUN)):
            facts = gate.facts(**{**told, **STOPPING})
            _, verdict = gate.run(8.25, gate.memory(), wish, facts)
            assert (verdict.command.belt, verdict.command.speed_kmh) == (Belt.STOP, 0.0)


def a_stop_begins_at_what_a_still_accelerating_belt_has_reached(gate: Gate) -> None:
    _, verdict = gate.review(gate.memory(), gate.wish(belt=Belt.STOP), gate.facts(speed_kmh=3.0))
    assert verdict.command.speed_kmh == 2.7
    stale = gate.facts(speed_kmh=3.0, feedback_age_s=2.5)
    _, verdict = gate.review(gate.memory(), gate.wish(belt=Belt.STOP), stale)
    assert verdict.command.speed_kmh == 7.7


def a_stopped_belt_is_left_alone_once_it_is_freshly_seen_standing_for_two_seconds(gate: Gate) -> None:
    wish, memory = gate.safety.Wish(Belt.STOP), gate.memory(speed_kmh=0.0)
    for facts, rests in (
        ({"speed_kmh": 0.0, "standing_s": 2.0}, True),
        ({"speed_kmh": 0.0, "standing_s": 1.75}, False),
        ({"speed_kmh": 0.0, "standing_s": 60.0, "feedback_age_s": 2.5}, False),
        ({"speed_kmh": None, "standing_s": 0.0}, False),
        ({"speed_kmh": 3.0, "standing_s": 60.0}, False),
        ({"speed_kmh": 0.0, "standing_s": 60.0, "start_pending": True}, False),
    ):
        _, verdict = gate.review(memory, wish, gate.facts(**facts))
        assert (verdict.command == LEAVE) is rests


def a_standing_belt_is_only_ever_asked_for_its_slowest_speed(gate: Gate) -> None:
    for belt in (Belt.START, Belt.RUN):
        for base in (0.0, 8.0):
            wish = gate.wish(belt=belt, speed_kmh=12.0)
            _, verdict = gate.run(5.0, gate.memory(speed_kmh=base), wish, gate.facts(**STANDING))
            assert verdict.command.speed_kmh == 0.8


def nothing_is_sent_to_a_standing_belt_in_hold_or_worse(gate: Gate) -> None:
    for belt in (Belt.START, Belt.RUN):
        for trouble in (HOLDING, EASING):
            for still in (STANDING, {"speed_kmh": 0.1}, {"speed_kmh": None}):
                facts = gate.facts(**still, **trouble)
                _, verdict = gate.review(gate.memory(), gate.wish(belt=belt), facts)
                assert verdict.command == LEAVE


def the_incline_never_moves_while_the_belt_stands(gate: Gate) -> None:
    for still in (STANDING, {"speed_kmh": 0.1}, {"speed_kmh": None}):
        for belt in (Belt.START, Belt.RUN, Belt.STOP):
            wish = gate.wish(belt=belt, incline_pct=9.0)
            memory, verdict = gate.run(5.0, gate.memory(), wish, gate.facts(**still))
            assert verdict.command.incline_pct is None
            assert memory.incline_pct == 5.0


def a_belt_that_is_not_ours_is_left_alone_whatever_is_wrong(gate: Gate) -> None:
    latched, _ = gate.review(gate.memory(), gate.wish(), gate.facts(key_pulled=True))
    for memory in (gate.memory(), latched):
        for trouble in (STOPPING, EASING, {"feedback_age_s": inf}, {"dt_s": 9.0}, {"speed_kmh": nan}):
            facts = gate.facts(**{"ours": False, **trouble})
            _, verdict = gate.review(memory, gate.safety.Wish(Belt.LEAVE), facts)
            assert verdict.command == LEAVE
    _, verdict = gate.review(gate.memory(), gate.safety.Wish(Belt.LEAVE), gate.facts(ours=False, **STOPPING))
    assert not verdict.causes


def motors_left_to_the_runner_are_never_fought(gate: Gate) -> None:
    left = gate.safety.Wish(Belt.RUN)
    for trouble in ({}, HOLDING):
        facts = gate.facts(speed_kmh=13.5, incline_pct=12.0, **trouble)
        memory, verdict = gate.run(5.0, gate.memory(), left, facts)
        assert (verdict.command.speed_kmh, verdict.command.incline_pct) == (None, None)
        assert (memory.speed_kmh, memory.incline_pct) == (13.5, 12.0)


def the_program_comes_back_from_where_the_runner_is(gate: Gate) -> None:
    memory, _ = gate.review(gate.memory(), gate.safety.Wish(Belt.RUN), gate.facts(speed_kmh=5.0, incline_pct=2.0))
    _, verdict = gate.review(memory, gate.wish(), gate.facts(speed_kmh=5.0, incline_pct=2.0))
    assert verdict.command.speed_kmh == 5.0
    assert verdict.command.incline_pct == 2.0


CHECKS: tuple[Callable[[Gate], None], ...] = tuple(
    item for name, item in list(globals().items()) if callable(item) and getattr(item, "__module__", "") == __name__
    and not name.startswith("_") and name.islower()
)  # fmt: skip
