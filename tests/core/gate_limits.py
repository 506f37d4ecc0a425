"""The gate's limits: the envelope, the heart's authority, rounding, nonsense. See gate_checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from math import inf, isfinite, nan

from healthy import TICK_S, USER, Gate

from pitrainer.model import Action, Belt, MachineLimits, UserLimits

EASING = {"heart_frozen": True}


def nothing_above_the_limits_is_ever_sent(gate: Gate) -> None:
    wish = gate.wish(speed_kmh=30.0, incline_pct=30.0)
    _, verdict = gate.run(120.0, gate.memory(), wish, gate.facts(incline_pct=9.0))
    assert (verdict.command.speed_kmh, verdict.command.incline_pct) == (12.0, 10.0)
    memory, verdict = gate.run(60.0, gate.memory(), gate.wish(incline_pct=-9.0), gate.facts())
    assert verdict.command.incline_pct == 0.0
    assert memory.incline_pct == 0.0


def nobody_can_widen_the_hard_limits(gate: Gate) -> None:
    wild = MachineLimits(speed_max_kmh=45.0, incline_min_pct=-10.0, incline_max_pct=90.0)
    limits = gate.safety.envelope(wild, UserLimits(speed_max_kmh=45.0, incline_max_pct=90.0))
    assert (limits.speed_max_kmh, limits.incline_min_pct, limits.incline_max_pct) == (20.0, -3.0, 40.0)
    tame = gate.safety.envelope(MachineLimits(speed_max_kmh=9.0, incline_max_pct=8.0), USER)
    assert (tame.speed_max_kmh, tame.incline_max_pct) == (9.0, 8.0)
    assert (gate.limits().speed_max_kmh, gate.limits().incline_max_pct) == (12.0, 10.0)


def a_grade_dearer_than_the_runners_oxygen_is_not_climbed(gate: Gate) -> None:
    _, verdict = gate.run(30.0, gate.memory(), gate.wish(incline_pct=9.0, steepest_pct=6.0), gate.facts())
    assert verdict.command.incline_pct == 6.0
    _, verdict = gate.run(30.0, gate.memory(), gate.wish(incline_pct=9.0, steepest_pct=-4.0), gate.facts())
    assert verdict.command.incline_pct == 0.0


def no_incline_rises_that_is_not_measured(gate: Gate) -> None:
    _, verdict = gate.run(30.0, gate.memory(), gate.wish(incline_pct=9.0), gate.facts(incline_pct=None))
    assert verdict.command.incline_pct == 5.0


def the_heart_may_add_one_percent_a_minute_up_to_six(gate: Gate) -> None:
    wish = gate.wish(incline_pct=20.0, by_heart=True)
    memory, at = gate.memory(incline_pct=2.0), {}
    limits = gate.limits(MachineLimits(incline_max_pct=20.0), UserLimits(12.0, 20.0))
    for tick in range(4 * 1200):
        now_s = 1000.0 + tick * TICK_S
        memory, _ = gate.safety.review(memory, wish, gate.facts(now_s=now_s, hr_bpm=85.0), limits)
        at[tick * TICK_S] = memory.incline_pct
    assert abs(at[60.0] - 3.0) < 0.02
    assert abs(at[180.0] - 5.0) < 0.02
    assert at[359.0] < 8.0
    assert at[1199.0] == 8.0


def a_heart_that_rises_confirms_what_the_lift_did(gate: Gate) -> None:
    wish = gate.wish(incline_pct=9.0, by_heart=True)
    memory, _ = gate.review(gate.memory(incline_pct=2.0), wish, gate.facts(hr_bpm=100.0))
    memory, _ = gate.run(60.0, memory, wish, gate.facts(now_s=1000.0, hr_bpm=103.0))
    assert abs(memory.incline_pct - 5.0) < 0.02


def a_heart_that_falls_confirms_nothing(gate: Gate) -> None:
    wish = gate.wish(incline_pct=9.0, by_heart=True)
    memory, _ = gate.review(gate.memory(incline_pct=2.0), wish, gate.facts(hr_bpm=140.0))
    memory, _ = gate.run(60.0, memory, wish, gate.facts(now_s=1000.0, hr_bpm=80.0))
    assert memory.incline_pct < 3.1


def without_a_heart_rate_the_heart_raises_nothing(gate: Gate) -> None:
    wish = gate.wish(incline_pct=9.0, by_heart=True)
    for age_s in (0.5, inf):
        memory, _ = gate.run(2.0, gate.memory(), wish, gate.facts(hr_bpm=None, heart_age_s=age_s))
        assert memory.incline_pct <= 5.0


def what_was_eased_is_given_back_no_faster_than_it_was_first_granted(gate: Gate) -> None:
    wish = gate.wish(incline_pct=9.0, by_heart=True)
    anchored = gate.safety.Anchor(0.0, 5.0, 100.0)
    memory, _ = gate.run(20.0, gate.memory(incline_pct=9.0, anchor=anchored), wish, gate.facts(**EASING))
    memory, _ = gate.run(9.75, memory, wish, gate.facts())
    eased = memory.incline_pct
    memory, _ = gate.run(60.0, memory, wish, gate.facts())
    assert eased < 7.0
    assert memory.incline_pct <= eased + 1.1


def a_choice_by_hand_is_the_new_base(gate: Gate) -> None:
    rebased = gate.safety.rebase(gate.memory(), 1000.0, 7.0, 140.0)
    memory, _ = gate.run(10.0, rebased, gate.wish(incline_pct=9.0, by_heart=True), gate.facts())
    assert 7.0 <= memory.incline_pct < 7.3
    assert gate.safety.rebase(gate.memory(), 1000.0, 7.0, None).anchor is None


def set_points_are_rounded_to_the_easier_step(gate: Gate) -> None:
    odd = MachineLimits(speed_min_kmh=0.75, speed_step_kmh=0.16, incline_min_pct=-2.8, incline_step_pct=0.7)
    limits = gate.safety.envelope(odd, USER)
    for speed, sent in ((7.99, 7.95), (0.75, 0.75), (0.9, 0.75)):
        facts, memory = gate.facts(speed_kmh=speed), gate.memory(speed_kmh=speed, incline_pct=0.0)
        _, verdict = gate.safety.review(memory, gate.wish(speed_kmh=speed, incline_pct=0.0), facts, limits)
        assert verdict.command.speed_kmh == sent
    for incline, sent in ((0.69, 0.0), (0.7, 0.7), (-0.1, -0.7), (-2.8, -2.8), (-2.2, -2.8), (5.0, 4.9)):
        memory = gate.memory(incline_pct=incline)
        _, verdict = gate.safety.review(memory, gate.wish(incline_pct=incline), gate.facts(), limits)
        assert verdict.command.incline_pct == sent


def steps_below_the_hard_limit_are_still_the_machines_own(gate: Gate) -> None:
    deep = gate.safety.envelope(MachineLimits(incline_min_pct=-5.0, incline_step_pct=0.7), USER)
    assert abs(deep.incline_min_pct - -2.9) < 1e-6
    high = gate.safety.envelope(MachineLimits(incline_min_pct=1.0), USER)
    assert high.incline_min_pct == 1.0
    stepless = gate.safety.envelope(MachineLimits(incline_step_pct=0.0, speed_step_kmh=0.0), USER)
    _, verdict = gate.safety.review(gate.memory(), gate.wish(), gate.facts(), stepless)
    assert (verdict.command.speed_kmh, verdict.command.incline_pct) == (8.0, 5.0)


def a_speed_below_the_slowest_is_a_standstill(gate: Gate) -> None:
    _, verdict = gate.review(gate.memory(speed_kmh=0.9), gate.wish(belt=Belt.STOP), gate.facts(speed_kmh=0.9))
    assert verdict.command.speed_kmh == 0.0


NONSENSE = (nan, inf, -inf, True, 1e9, -1e9, -0.5)
SENSIBLE = (
    *(("now_s", value) for value in (1e9, -1e9, -0.5)),
    *((name, value) for name in ("standing_s", "unfollowed_s") for value in (1e9, inf)),
    *((name, None) for name in ("hr_bpm", "speed_kmh", "incline_pct", "incline_allowed_pct")),
    ("incline_pct", -0.5),
)
WISHED = ("speed_kmh", "incline_pct", "steepest_pct")


def nonsense_in_a_wish_stops_and_latches(gate: Gate) -> None:
    for name in WISHED:
        for value in NONSENSE:
            if (name, value) in (("incline_pct", -0.5), ("steepest_pct", -0.5)) or (
                name == "steepest_pct" and abs(value) in (1e9, inf) and value is not True
            ):
                continue
            _, verdict = gate.review(gate.memory(), gate.wish(**{name: value}), gate.facts())
            assert verdict.action is Action.STOP, (name, value)
            assert verdict.latched
            assert verdict.command.speed_kmh == 7.7


def nonsense_in_the_facts_never_raises_and_never_gets_harder(gate: Gate) -> None:
    numbers = [f.name for f in fields(gate.facts()) if f.type in ("float", "float | None")]
    assert len(numbers) >= 13
    wish = gate.wish(speed_kmh=12.0, incline_pct=10.0, by_heart=True)
    for name in numbers:
        for value in (*NONSENSE, None):
            if (name, value) in SENSIBLE:
                continue
            memory = gate.memory()
            for _ in range(8):
                memory, verdict = gate.review(memory, wish, gate.facts(**{name: value}))
                assert isfinite(memory.speed_kmh) and memory.speed_kmh <= 8.0, (name, value)
                assert isfinite(memory.incline_pct) and memory.incline_pct <= 5.0, (name, value)
                assert (verdict.command.speed_kmh or 0.0) <= 8.0, (name, value)
                assert (verdict.command.incline_pct or 0.0) <= 5.0, (name, value)


def an_acknowledged_fault_that_is_still_there_latches_again(gate: Gate) -> None:
    memory, _ = gate.review(gate.memory(), gate.wish(), gate.facts(key_pulled=True))
    memory = gate.safety.acknowledge(memory)
    assert (memory.speed_kmh, memory.incline_pct) == (7.75, 5.0)
    _, verdict = gate.review(memory, gate.wish(), gate.facts(key_pulled=True))
    assert verdict.latched


def the_ramp_for_those_without_a_supervisor_ends_at_zero(gate: Gate) -> None:
    assert gate.safety.slowed(3.0, 1.0) == 2.0
    assert gate.safety.slowed(0.1, 1.0) == 0.0


CHECKS: tuple[Callable[[Gate], None], ...] = tuple(
    item for name, item in list(globals().items()) if callable(item) and getattr(item, "__module__", "") == __name__
    and not name.startswith("_") and name.islower()
)  # fmt: skip
