"""The supervisor: the last word on every command, in every phase, and it knows nothing of the controller.

`core/policy.py` says what is broken and how bad that is; the worst action of all acting rules wins. `review` then
turns the wish into a command that is never above the wish, the limits, or (in HOLD or worse) what was last sent,
and that never gets harder faster than a runner can follow.

It only ever lowers effort. What it lets through is always finite. Numbers: docs/safety.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, floor, inf

from pitrainer.core.policy import LATCHED, RULES, Facts, Rule, is_incline, is_number, is_speed
from pitrainer.model import LEAVE, RAMP_DOWN_KMH_S, TICK_S, Action, Belt, Cause, Command, MachineLimits, UserLimits

SPEED_MOST_KMH = 20.0
INCLINE_MOST_PCT = 40.0
INCLINE_LEAST_PCT = -3.0
LEAST_STEP = 0.01
"""For machines that report a step of 0."""
SPEED_UP_KMH_S = 0.36
SPEED_AMBLE_KMH_S = 0.05
"""A speed that rises no faster than this (a ramp of 3 km/h in a minute) lets the incline rise beside it."""
INCLINE_UP_PCT_S = 0.5
INCLINE_DOWN_PCT_S = 1.0
WALK_KMH = 4.0
EASE_PCT_S = 0.1
SHED_PCT_S = 0.5
STANDS_KMH = 0.15
REST_AFTER_S = 2.0
"""A belt seen standing for this long after a stop is left to itself."""
AUTHORITY_PCT, AUTHORITY_PCT_MIN = 6.0, 1.0
HEART_PER_PCT_LEAST = 1.5
"""Each bpm that the heart has risen confirms 1/1.5 % of incline: people show 2.4-5.6 bpm per percent."""
LOAN_PCT, LOAN_S, REPAID_BPM, LOW_S = 10.0, 75.0, 10.0, 90.0
"""What may be risen before the heart has answered, for how long, what answer earns the next loan, and for how long
after the start a falling heart still lowers the rate that its rise is counted from (docs/lying-strap.md)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the session would like now. `None` leaves that motor to the runner."""

    belt: Belt
    speed_kmh: float | None = None
    incline_pct: float | None = None
    by_heart: bool = False
    """Is the incline the heart-rate controller's, and bound by its authority?"""
    steepest_pct: float = inf
    """The grade at which this speed would ask for all of the runner's oxygen."""


@dataclass(frozen=True, slots=True)
class Timer:
    """One rule's state: grace used up, whether it acts, and how long its condition has been healthy."""

    used_s: float = 0.0
    acting: bool = False
    healthy_s: float = 0.0


QUIET = Timer()


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the heart took the incline over: the base that its authority counts from."""

    at_s: float
    incline_pct: float
    hr_bpm: float
    lent_at_s: float = inf
    """Since when more has been risen than the heart has confirmed."""


@dataclass(frozen=True, slots=True)
class Memory:
    """State between ticks. `speed_kmh` and `incline_pct` are what was last sent, before rounding to steps."""

    timers: tuple[Timer, ...] = (QUIET,) * len(RULES)
    speed_kmh: float = 0.0
    incline_pct: float = 0.0
    anchor: Anchor | None = None
    eased: bool = False
    """Something was eased since the last anchor: the next one gets no loan, so that nothing jumps back."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The command to send, the action taken, and why. `latched`: a rule that only a person clears is acting."""

    command: Command
    action: Action
    causes: tuple[Cause, ...] = ()
    latched: bool = False

    def acts(self, cause: str) -> bool:
        return any(one.name == cause for one in self.causes)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The limits in force: the code's own, the machine's and the owner's, whichever is tighter."""

    speed_min_kmh: float
    speed_max_kmh: float
    speed_step_kmh: float
    incline_min_pct: float
    incline_max_pct: float
    incline_step_pct: float


@lru_cache(maxsize=8)
def envelope(machine: MachineLimits, user: UserLimits) -> Envelope:
    """Narrow the hard limits by the machine's and the owner's. Nobody can widen them."""
    return Envelope(
        speed_min_kmh=machine.speed_min_kmh,
        speed_max_kmh=min(SPEED_MOST_KMH, machine.speed_max_kmh, user.speed_max_kmh),
        speed_step_kmh=max(machine.speed_step_kmh, LEAST_STEP),
        incline_min_pct=_lowest_incline_pct(machine),
        incline_max_pct=min(INCLINE_MOST_PCT, machine.incline_max_pct, user.incline_max_pct),
        incline_step_pct=max(machine.incline_step_pct, LEAST_STEP),
    )


def _lowest_incline_pct(machine: MachineLimits) -> float:
    """The machine's own lowest, or its first step at or above the hard limit: steps count from the machine's."""
    step, below = max(machine.incline_step_pct, LEAST_STEP), max(0.0, INCLINE_LEAST_PCT - machine.incline_min_pct)
    return machine.incline_min_pct + ceil(below / step - 1e-6) * step


def review(memory: Memory, wish: Wish, facts: Facts, limits: Envelope) -> tuple[Memory, Verdict]:
    """Judge one tick. Raises nothing, whatever the wish."""
    if not (facts.believable and _believable(wish)):
        wish, facts = _distrust(wish, facts)
    timers = _run_rules(memory.timers, facts)
    acting = [rule for rule, timer in zip(RULES, timers, strict=True) if timer.acting]
    action = max((rule.action for rule in acting), default=Action.PASS)
    causes = tuple(Cause(rule.cause, rule.action, rule.text) for rule in acting)
    latched = any(rule.clears_s == LATCHED for rule in acting)
    shed = any(rule.shed for rule in acting)
    dt = min(max(facts.dt_s, 0.0), 0.5)
    speed, incline, anchor, command = _decide(memory, wish, facts, limits, action, dt, shed=shed)
    eased = action >= Action.EASE or (memory.eased and anchor is None)
    return Memory(timers, speed, incline, anchor, eased), Verdict(command, action, causes, latched)


def acknowledge(memory: Memory) -> Memory:
    """Clear what is latched. Whatever is still broken latches again at the next tick."""
    return Memory(speed_kmh=memory.speed_kmh, incline_pct=memory.incline_pct)


def rebase(memory: Memory, now_s: float, incline_pct: float, hr_bpm: float | None) -> Memory:
    """The runner has chosen another incline by hand: the heart's authority counts from there."""
    anchor = None if hr_bpm is None else Anchor(now_s, incline_pct, hr_bpm)
    return Memory(memory.timers, memory.speed_kmh, memory.incline_pct, anchor)


def slowed(speed_kmh: float, dt_s: float) -> float:
    """The ramp of every stop, also for whoever must stop a belt without a supervisor."""
    return max(0.0, speed_kmh - RAMP_DOWN_KMH_S * dt_s)


def _believable(wish: Wish) -> bool:
    return is_speed(wish.speed_kmh) and is_incline(wish.incline_pct) and is_number(wish.steepest_pct, -inf, inf)


def _distrust(wish: Wish, facts: Facts) -> tuple[Wish, Facts]:
    """Nothing is known, and a belt that is ours stops; one that is not stays the runner's."""
    now_s = facts.now_s if is_number(facts.now_s, -1e12, 1e12) else 0.0
    ours = bool(facts.ours) or wish.belt is not Belt.LEAVE
    blind = Facts(now_s, TICK_S, ours, inf, False, False, None, 0.0, inf, None, None, 0.0, nonsense=True)
    return Wish(Belt.STOP if ours else Belt.LEAVE), blind


def _run_rules(timers: tuple[Timer, ...], facts: Facts) -> tuple[Timer, ...]:
    dt = min(max(facts.dt_s, 0.0), 0.5)
    return tuple([_run(rule, timer, facts, dt) for rule, timer in zip(RULES, timers, strict=True)])


def _run(rule: Rule, timer: Timer, facts: Facts, dt_s: float) -> Timer:
    broken = facts.ours and rule.broken(facts)
    if not broken and timer is QUIET:
        return timer
    if broken:
        used = min(max(timer.used_s + max(facts.dt_s, 0.0), rule.spent_s(facts)), rule.after_s)
        return Timer(used, timer.acting or used >= rule.after_s, 0.0)
    healthy, used = timer.healthy_s + dt_s, max(0.0, timer.used_s - dt_s / 4.0)
    acting = timer.acting and healthy < rule.clears_s  # never, where LATCHED
    return Timer(used, acting, healthy) if acting or used else QUIET


def _decide(
    memory: Memory, wish: Wish, facts: Facts, limits: Envelope, action: Action, dt: float, *, shed: bool
) -> tuple[float, float, Anchor | None, Command]:
    easing = action >= Action.EASE
    incline = _base(memory.incline_pct, wish.incline_pct, facts.incline_pct, easing=easing)
    if wish.belt is Belt.LEAVE and not facts.ours:
        return facts.speed_kmh or 0.0, incline, None, LEAVE
    if wish.belt is Belt.STOP or action is Action.STOP:
        return _stop(memory.speed_kmh, incline, facts, limits, dt)
    if wish.belt is Belt.LEAVE or (action >= Action.HOLD and not _rolling(facts)):
        return facts.speed_kmh or 0.0, incline, None, LEAVE
    speed = _base(memory.speed_kmh, wish.speed_kmh, facts.speed_kmh, easing=easing)
    # what was eased is not given back at once: the heart's authority counts anew from there
    anchor = None if easing else _anchor(memory, wish, facts, incline)
    new_speed = _speed(wish, limits, action, speed, dt, facts, shed=shed)
    new_incline = _incline(wish, limits, action, incline, dt, facts, anchor, shed=shed)
    if new_speed - speed > SPEED_AMBLE_KMH_S * dt:
        new_incline = min(new_incline, incline)
    give_speed = wish.speed_kmh is not None or new_speed < speed
    give_incline = _rolling(facts) and (wish.incline_pct is not None or new_incline < incline)
    command = Command(
        wish.belt,
        _speed_step(new_speed, limits) if give_speed else None,
        _incline_step(new_incline, limits) if give_incline else None,
    )
    return new_speed, new_incline if give_incline else incline, anchor, command


def _base(sent: float, wished: float | None, measured: float | None, *, easing: bool) -> float:
    """What a change starts from: what was sent, or where the runner has put a motor that is left alone. While that
    is being eased, the measurement lags behind what was sent."""
    if wished is not None or measured is None:
        return sent
    return min(sent, measured) if easing else measured


def _stop(
    sent: float, incline: float, facts: Facts, limits: Envelope, dt: float
) -> tuple[float, float, Anchor | None, Command]:
    """Down from what was sent, or from less where the belt is seen slower; what it reports cannot delay the ramp."""
    fresh = facts.feedback_age_s <= 2.0
    speed = slowed(sent if facts.speed_kmh is None or not fresh else min(sent, facts.speed_kmh), dt)
    still = fresh and not _rolling(facts) and not facts.start_pending
    at_rest = speed == 0.0 and still and facts.standing_s >= REST_AFTER_S
    command = LEAVE if at_rest else Command(Belt.STOP, _speed_step(speed, limits))
    return speed, incline, None, command


def _rolling(facts: Facts) -> bool:
    return facts.speed_kmh is not None and facts.speed_kmh >= STANDS_KMH


def _speed(wish: Wish, limits: Envelope, action: Action, base: float, dt: float, facts: Facts, *, shed: bool) -> float:
    target = base if wish.speed_kmh is None else min(wish.speed_kmh, limits.speed_max_kmh)
    if shed and action >= Action.EASE:
        target = min(target, WALK_KMH)
    if not _rolling(facts):
        # a standing belt is only ever asked for its slowest speed, at once
        slowest = min(target, limits.speed_min_kmh)
        return slowest if action < Action.HOLD else min(slowest, base)
    if action >= Action.HOLD:
        target = min(target, base)
    return min(max(target, base - RAMP_DOWN_KMH_S * dt), base + SPEED_UP_KMH_S * dt)


def _incline(
    wish: Wish, limits: Envelope, action: Action, base: float, dt: float, facts: Facts,
    anchor: Anchor | None, *, shed: bool,
) -> float:  # fmt: skip
    target = base
    if wish.incline_pct is not None:
        target = min(wish.incline_pct, limits.incline_max_pct, max(wish.steepest_pct, 0.0))
        target = max(target, limits.incline_min_pct)
    if anchor is not None:
        target = min(target, max(_allowed(anchor, facts), base))
        if facts.now_s - anchor.lent_at_s >= LOAN_S:
            target = min(target, _allowed(anchor, facts))
    unseen = facts.incline_pct is None or (wish.by_heart and anchor is None)
    if action >= Action.HOLD or unseen:
        target = min(target, base)
    incline = min(max(target, base - INCLINE_DOWN_PCT_S * dt), base + INCLINE_UP_PCT_S * dt)
    if action >= Action.EASE and base > 0.0:
        eased = base - (SHED_PCT_S if shed else EASE_PCT_S) * dt
        incline = min(incline, max(eased, 0.0))
    return incline


def _anchor(memory: Memory, wish: Wish, facts: Facts, incline_pct: float) -> Anchor | None:
    if not wish.by_heart:
        return None
    if facts.hr_bpm is None:
        return memory.anchor
    lent_at_s = -inf if memory.eased else inf
    anchor = memory.anchor or Anchor(facts.now_s, incline_pct, facts.hr_bpm, lent_at_s)
    return _lent(anchor, facts, facts.hr_bpm, incline_pct)


def _lent(anchor: Anchor, facts: Facts, hr_bpm: float, incline_pct: float) -> Anchor:
    """Keep the account of a loan: taken when the lift is above what is sure, closed when the heart has answered."""
    if facts.incline_allowed_pct is None:
        return anchor
    if hr_bpm < anchor.hr_bpm and facts.now_s - anchor.at_s < LOW_S:
        anchor = replace(anchor, hr_bpm=hr_bpm)
    if incline_pct > _sure(anchor, facts) + 1e-6:
        return anchor if anchor.lent_at_s < inf else replace(anchor, lent_at_s=facts.now_s)
    answered = hr_bpm - anchor.hr_bpm >= REPAID_BPM
    return replace(anchor, lent_at_s=inf) if answered and anchor.lent_at_s < inf else anchor


def _allowed(anchor: Anchor, facts: Facts) -> float:
    """The heart's authority. With a bound from the runner's model it may rise ahead of the heart's answer, within
    that bound and for a while; without one, or without an answer, only what is sure remains."""
    sure = _sure(anchor, facts)
    if facts.incline_allowed_pct is None:
        return sure
    lent = LOAN_PCT if facts.now_s - anchor.lent_at_s < LOAN_S else 0.0
    return min(sure + lent, facts.incline_allowed_pct)


def _sure(anchor: Anchor, facts: Facts) -> float:
    """1 % a minute up to 6 % over the base, and what a risen heart rate confirms."""
    granted = min(AUTHORITY_PCT, (facts.now_s - anchor.at_s) / 60.0 * AUTHORITY_PCT_MIN)
    risen = 0.0 if facts.hr_bpm is None else max(0.0, facts.hr_bpm - anchor.hr_bpm)
    return anchor.incline_pct + granted + risen / HEART_PER_PCT_LEAST


def _speed_step(value: float, limits: Envelope) -> float:
    """Round down to a speed that the belt has; 0 below its slowest."""
    if value < limits.speed_min_kmh - 1e-6:
        return 0.0
    steps = floor((value - limits.speed_min_kmh) / limits.speed_step_kmh + 1e-6)
    return round(limits.speed_min_kmh + steps * limits.speed_step_kmh, 3)


def _incline_step(value: float, limits: Envelope) -> float:
    """Round down to an incline that the lift has."""
    steps = floor((value - limits.incline_min_pct) / limits.incline_step_pct + 1e-6)
    return round(limits.incline_min_pct + max(steps, 0) * limits.incline_step_pct, 3)
