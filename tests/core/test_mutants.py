"""Hand mutants of the supervisor and its policy, each of which the gate's checks must kill.

A mutant is one text replaced by another in `core/safety.py` or `core/policy.py`. The mutated text runs as a module of
its own and goes through every check of the gate until one fails. Equivalent mutants are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from gate_checks import CHECKS
from gate_limits import CHECKS as LIMIT_CHECKS
from gate_rules import CASES, CLAIMS
from healthy import Gate

from pitrainer.core import policy, safety

POLICY, SAFETY = "pitrainer.core.policy", "pitrainer.core.safety"


class Mutant(NamedTuple):
    name: str
    where: str
    old: str
    new: str


def _safety(name: str, old: str, new: str) -> Mutant:
    return Mutant(name, SAFETY, old, new)


def _policy(name: str, old: str, new: str) -> Mutant:
    return Mutant(name, POLICY, old, new)


# fmt: off
MUTANTS = (
    _safety("the mildest action wins", "action = max((rule", "action = min((rule"),
    _safety("latched is forgotten", "healthy < rule.clears_s", "healthy < min(rule.clears_s, 30.0)"),
    _safety("grace refills at full speed", "timer.used_s - dt_s / 4.0", "timer.used_s - dt_s"),
    _safety("grace never refills", "timer.used_s - dt_s / 4.0", "timer.used_s"),
    _safety("a stall drains no grace", "max(facts.dt_s, 0.0), rule.spent_s", "dt_s, rule.spent_s"),
    _safety("rules act for a belt that is not ours", "facts.ours and rule.broken", "rule.broken"),
    _safety("rules never act", "facts.ours and rule.broken(facts)", "False"),
    _safety("health is not reset", "timer.acting or used >= rule.after_s, 0.0)",
            "timer.acting or used >= rule.after_s, timer.healthy_s)"),
    _safety("one tick too late", "used >= rule.after_s", "used > rule.after_s"),
    _safety("a stall earns a step", "dt = min(max(facts.dt_s, 0.0), 0.5)\n    speed",
            "dt = max(facts.dt_s, 0.0)\n    speed"),
    _safety("time runs backwards", "dt = min(max(facts.dt_s, 0.0), 0.5)\n    speed",
            "dt = min(facts.dt_s, 0.5)\n    speed"),
    _safety("hold rises with the speed",
            "    if action >= Action.HOLD:\n        target = min(target, base)\n    return",
            "    return"),
    _safety("only ease holds the incline", "if action >= Action.HOLD or unseen", "if action >= Action.EASE or unseen"),
    _safety("an unseen lift rises", "facts.incline_pct is None or (", "False or ("),
    _safety("a heartless climb rises", "or (wish.by_heart and anchor is None)", ""),
    _safety("stop moves the incline", "LEAVE if at_rest else Command(Belt.STOP, _speed_step(speed, limits))",
            "LEAVE if at_rest else Command(Belt.STOP, _speed_step(speed, limits), incline)"),
    _safety("stop follows the report", "not fresh else min(sent, facts.speed_kmh)", "not fresh else facts.speed_kmh"),
    _safety("stop believes a stale report", "if facts.speed_kmh is None or not fresh else",
            "if facts.speed_kmh is None else"),
    _safety("stop is not a ramp", "max(0.0, speed_kmh - RAMP_DOWN_KMH_S * dt_s)", "0.0"),
    _safety("stop does not slow", "speed_kmh - RAMP_DOWN_KMH_S * dt_s)\n\n\ndef _believable",
            "speed_kmh)\n\n\ndef _believable"),
    _safety("a stopping rule does not stop", "if wish.belt is Belt.STOP or action is Action.STOP",
            "if wish.belt is Belt.STOP"),
    _safety("a stop is not obeyed", "if wish.belt is Belt.STOP or action is Action.STOP", "if action is Action.STOP"),
    _safety("a moving belt is left", "fresh and not _rolling(facts) and", "fresh and"),
    _safety("left before it is seen", "still = fresh and", "still ="),
    _safety("a pending start is forgotten", " and not facts.start_pending", ""),
    _safety("left before it rests", " and facts.standing_s >= REST_AFTER_S", ""),
    _safety("a standing belt is pushed in hold", "(action >= Action.HOLD and not _rolling(facts))", "False"),
    _safety("a standing belt is asked for more", "slowest = min(target, limits.speed_min_kmh)", "slowest = target"),
    _safety("the lift moves under a standing belt", "_rolling(facts) and (wish.incline_pct is not None",
            "(wish.incline_pct is not None"),
    _safety("an unsent incline is remembered", "new_incline if give_incline else incline", "new_incline"),
    _safety("unknown speed is rolling", "facts.speed_kmh is not None and facts.speed_kmh >= STANDS_KMH",
            "facts.speed_kmh is None or facts.speed_kmh >= STANDS_KMH"),
    _safety("both rise together",
            "    if new_speed - speed > SPEED_AMBLE_KMH_S * dt:\n        new_incline = min(new_incline, incline)\n",
            ""),
    _safety("speed jumps up", ", base + SPEED_UP_KMH_S * dt)", ", 99.0)"),
    _safety("speed jumps down", "max(target, base - RAMP_DOWN_KMH_S * dt)", "target"),
    _safety("incline jumps up", ", base + INCLINE_UP_PCT_S * dt)", ", 99.0)"),
    _safety("incline jumps down", "max(target, base - INCLINE_DOWN_PCT_S * dt)", "target"),
    _safety("no ease", "    if action >= Action.EASE and base > 0.0:", "    if False:"),
    _safety("ease goes below the level", "min(incline, max(eased, 0.0))", "min(incline, eased)"),
    _safety("shed like ease", "SHED_PCT_S if shed else EASE_PCT_S", "EASE_PCT_S"),
    _safety("ease like shed", "SHED_PCT_S if shed else EASE_PCT_S", "SHED_PCT_S"),
    _safety("shed keeps the speed", "if shed and action >= Action.EASE", "if False"),
    _safety("ease by the lagging lift", "return min(sent, measured) if easing else measured", "return measured"),
    _safety("the runner's choice is overwritten", "return min(sent, measured) if easing else measured", "return sent"),
    _safety("no authority", "target = min(target, max(_allowed(anchor, facts), base))", "pass"),
    _safety("authority without an end", "min(AUTHORITY_PCT, (facts.now_s", "min(99.0, (facts.now_s"),
    _safety("authority at once", "(facts.now_s - anchor.at_s) / 60.0 * AUTHORITY_PCT_MIN", "99.0"),
    _safety("authority by a falling heart", "max(0.0, facts.hr_bpm - anchor.hr_bpm)",
            "abs(facts.hr_bpm - anchor.hr_bpm)"),
    _safety("a rising heart confirms nothing", "granted + risen / HEART_PER_PCT_LEAST", "granted"),
    _safety("authority survives easing", "anchor = None if easing else _anchor", "anchor = _anchor"),
    _safety("the anchor moves along", "anchor = memory.anchor or Anchor(", "anchor = Anchor("),
    _safety("no rebase", "Memory(memory.timers, memory.speed_kmh, memory.incline_pct, anchor)", "memory"),
    _safety("no fastest speed", "min(wish.speed_kmh, limits.speed_max_kmh)", "wish.speed_kmh"),
    _safety("no steepest incline", "min(wish.incline_pct, limits.incline_max_pct, max(", "min(wish.incline_pct, max("),
    _safety("no lowest incline", "target = max(target, limits.incline_min_pct)", "pass"),
    _safety("no oxygen limit", ", max(wish.steepest_pct, 0.0))", ")"),
    _safety("the owner widens the speed", "min(SPEED_MOST_KMH, machine.speed_max_kmh, user.speed_max_kmh)",
            "max(machine.speed_max_kmh, user.speed_max_kmh)"),
    _safety("no hard speed", "min(SPEED_MOST_KMH, machine", "min(99.0, machine"),
    _safety("no owner's speed", "machine.speed_max_kmh, user.speed_max_kmh)", "machine.speed_max_kmh)"),
    _safety("no hard incline", "min(INCLINE_MOST_PCT, machine", "min(99.0, machine"),
    _safety("no owner's incline", "machine.incline_max_pct, user.incline_max_pct)", "machine.incline_max_pct)"),
    _safety("steep downhill", "INCLINE_LEAST_PCT = -3.0", "INCLINE_LEAST_PCT = -30.0"),
    _safety("speed is rounded up", "floor((value - limits.speed_min_kmh)", "ceil((value - limits.speed_min_kmh)"),
    _safety("incline is rounded up", "floor((value - limits.incline_min_pct)", "ceil((value - limits.incline_min_pct)"),
    _safety("below the slowest is the slowest", "        return 0.0\n    steps = floor((value - limits.speed_min",
            "        return limits.speed_min_kmh\n    steps = floor((value - limits.speed_min"),
    _safety("wishes are believed", "return is_speed(wish.speed_kmh) and is_incline(wish.incline_pct) and", "return"),
    _safety("facts are believed", "if not (facts.believable and _believable(wish))", "if not _believable(wish)"),
    _safety("nonsense takes a foreign belt", "ours = bool(facts.ours) or wish.belt is not Belt.LEAVE", "ours = True"),
    _safety("acknowledging clears nothing", "return Memory(speed_kmh=memory.speed_kmh, incline_pct=memory.incline_pct)",
            "return memory"),
    _safety("acknowledging forgets the speed", "Memory(speed_kmh=memory.speed_kmh, ", "Memory("),
    _safety("a foreign belt is stopped", "    if wish.belt is Belt.LEAVE and not facts.ours:", "    if False:"),
    _policy("beats may be older", "HEART_FRESH_S = 2.0", "HEART_FRESH_S = 3.0"),
    _policy("age is not spent", "return facts.heart_age_s - HEART_FRESH_S", "return 0.0"),
    _policy("the cap is exceeded by equality", "facts.hr_bpm > facts.cap_bpm", "facts.hr_bpm >= facts.cap_bpm"),
    _policy("no cap", "facts.hr_bpm > facts.cap_bpm + margin_bpm", "False"),
    _policy("bools are numbers", " and not isinstance(value, bool)", ""),
    _policy("NaN is a number", "least <= value <= most", "not (value < least or value > most)"),
    _policy("a lost machine does not latch", "lambda f: f.feedback_age_s > 5.0, 0.0, LATCHED",
            "lambda f: f.feedback_age_s > 5.0, 0.0, 2.0"),
    _policy("a runaway may take its time", "lambda f: f.excess_kmh > 1.0, 0.5", "lambda f: f.excess_kmh > 1.0, 5.0"),
    _policy("the key only holds", '"The safety key is out.", Action.STOP', '"The safety key is out.", Action.HOLD'),
    _policy("four hours", "SESSION_MOST_S = 3 * 3600.0", "SESSION_MOST_S = 4 * 3600.0"),
    _policy("a rising lift is not watched", "max(f.rising_ignored_s, f.lowering_ignored_s) > 3.0",
            "f.lowering_ignored_s > 3.0"),
)
# fmt: on


@contextmanager
def _stands_for(name: str, module: ModuleType) -> Iterator[None]:
    real = sys.modules[name]
    sys.modules[name] = module
    try:
        yield
    finally:
        sys.modules[name] = real


def _source(name: str, mutant: Mutant) -> str:
    real = policy if name == POLICY else safety
    text = Path(str(real.__file__)).read_text(encoding="utf-8")
    if name != mutant.where:
        return text
    assert text.count(mutant.old) == 1, (
        f"the mutant {mutant.name!r} no longer fits: its text occurs {text.count(mutant.old)} times in {name}; "
        f"write it anew for the present code: {mutant.old!r}"
    )
    return text.replace(mutant.old, mutant.new)


def _gate(mutant: Mutant) -> Gate:
    modules = []
    for name in (POLICY, SAFETY):
        module = ModuleType(name)
        modules.append(module)
        with _stands_for(POLICY, modules[0]), _stands_for(name, module):
            exec(compile(_source(name, mutant), name, "exec"), module.__dict__)
    return Gate(modules[1], modules[0])


def _killed(gate: Gate) -> bool:
    try:
        for check in (*CHECKS, *LIMIT_CHECKS):
            check(gate)
        for case in CASES:
            for claim in CLAIMS:
                claim(gate, case)
    except Exception:
        return True
    return False


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_checks_kill(mutant: Mutant) -> None:
    assert _killed(_gate(mutant)), f"nothing noticed: {mutant.name}"


def test_the_checks_spare_what_is_not_mutated() -> None:
    assert not _killed(_gate(Mutant("nothing", SAFETY, "def review(", "def review(")))
