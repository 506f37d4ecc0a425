"""One case per rule, with its numbers written down again: what just does not break it, what does, for how long it
is borne, what is done, and how it clears. Kept apart from pytest, so that mutants can be put through it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from healthy import TICK_S, Gate

from pitrainer.model import Action


@dataclass(frozen=True, slots=True)
class Case:
    """`clears_s` None: latched until acknowledged. `fine` None: the condition is a plain yes or no."""

    cause: str
    action: Action
    broken: dict[str, Any]
    fine: dict[str, Any] | None = None
    after_s: float = 0.0
    clears_s: float | None = None
    shed: bool = False


H, E, S = Action.HOLD, Action.EASE, Action.STOP
OLD, YOUNG = {"heart_age_s": 2.1}, {"heart_age_s": 2.0}

CASES = (
    Case("heart_lost", H, OLD, YOUNG, 3.0, 10.0),
    Case("heart_lost_long", E, OLD, YOUNG, 13.0, 10.0),
    Case("heart_gone", E, OLD, YOUNG, 58.0, 10.0, shed=True),
    Case("nobody", S, OLD, YOUNG, 103.0, 10.0),
    Case("heart_frozen", E, {"heart_frozen": True}, None, 0.0, 10.0),
    Case("heart_doubtful", H, {"heart_doubtful": True}, None, 0.0, 0.0),
    Case("above_cap", H, {"hr_bpm": 160.5}, {"hr_bpm": 160.0}, 0.0, 0.0),
    Case("far_above_cap", E, {"hr_bpm": 165.5}, {"hr_bpm": 165.0}, 15.0, 10.0, shed=True),
    Case("beyond_cap", S, {"hr_bpm": 170.5}, {"hr_bpm": 170.0}, 5.0, 10.0),
    Case("machine_silent", H, {"feedback_age_s": 2.1}, {"feedback_age_s": 2.0}, 0.0, 2.0),
    Case("machine_lost", S, {"feedback_age_s": 5.1}, {"feedback_age_s": 5.0}),
    Case("machine_relinked", S, {"relinked": True}),
    Case("runaway", S, {"excess_kmh": 1.1}, {"excess_kmh": 1.0}, 0.5),
    Case("slowing_ignored", S, {"slowing_ignored_s": 2.1}, {"slowing_ignored_s": 2.0}),
    Case("lift_stuck", H, {"rising_ignored_s": 3.1}, {"rising_ignored_s": 3.0}, 0.0, 2.0),
    Case("lift_stuck", H, {"lowering_ignored_s": 3.1}, {"lowering_ignored_s": 3.0}, 0.0, 2.0),
    Case("lift_stuck_high", E, {"lowering_ignored_s": 6.1}, {"lowering_ignored_s": 6.0}, 0.0, 5.0, shed=True),
    Case("key_pulled", S, {"key_pulled": True}),
    Case("wrong_units", S, {"start_wrong": True}),
    Case("tick_late", H, {"dt_s": 0.55}, {"dt_s": 0.5}, 0.0, 0.0),
    Case("tick_stalled", S, {"dt_s": 1.6}, {"dt_s": 1.5}),
    Case("clock_back", H, {"dt_s": -0.1}, {"dt_s": 0.0}, 0.0, 0.0),
    Case("session_too_long", S, {"session_s": 10801.0}, {"session_s": 10800.0}, 0.0, 0.0),
    Case("nonsense", S, {"nonsense": True}),
)


def acts_after_its_grace_and_not_before(gate: Gate, case: Case) -> None:
    if case.after_s:
        assert case.cause not in gate.acts(case.after_s - TICK_S, **case.broken)
    _, verdict = gate.run(case.after_s, gate.memory(), gate.wish(), gate.facts(**case.broken))
    assert verdict.acts(case.cause)
    assert verdict.action is case.action
    assert {cause.action for cause in verdict.causes if cause.name == case.cause} == {case.action}
    assert verdict.latched is (case.clears_s is None)


def does_not_act_on_the_edge(gate: Gate, case: Case) -> None:
    assert case.cause not in gate.acts(110.0, **(case.fine or {}))


def clears_as_declared(gate: Gate, case: Case) -> None:
    broken, _ = gate.run(case.after_s, gate.memory(), gate.wish(), gate.facts(**case.broken))
    if case.clears_s is None:
        _, verdict = gate.run(60.0, broken, gate.wish(), gate.facts())
        assert verdict.acts(case.cause)
        assert verdict.latched
        _, verdict = gate.review(gate.safety.acknowledge(broken), gate.wish(), gate.facts())
        assert not verdict.causes
        return
    if case.clears_s:
        _, verdict = gate.run(case.clears_s - TICK_S, broken, gate.wish(), gate.facts())
        assert verdict.acts(case.cause)
    _, verdict = gate.run(case.clears_s, broken, gate.wish(), gate.facts())
    assert not verdict.acts(case.cause)


def sheds_only_where_declared(gate: Gate, case: Case) -> None:
    """Shedding brings the speed to a walk within seconds; easing leaves it."""
    if case.action is not Action.EASE:
        return
    broken, _ = gate.run(case.after_s, gate.memory(), gate.wish(), gate.facts(**case.broken))
    memory = gate.memory(timers=broken.timers)
    after, _ = gate.run(5.0, memory, gate.wish(), gate.facts(**case.broken))
    assert (after.speed_kmh == 4.0) is case.shed
    fallen = memory.incline_pct - after.incline_pct
    assert abs(fallen - (2.5 if case.shed else 0.5)) < 1e-6


CLAIMS = (
    acts_after_its_grace_and_not_before,
    does_not_act_on_the_edge,
    clears_as_declared,
    sheds_only_where_declared,
)
