"""From the engine's state to the heart-rate controller's questions: what it is asked, and what it may believe.

The belief about the heart (core/observer.py) begins with the first minute on the belt and hears every accepted
beat from then on, whatever the step: a warm-up already teaches it. It sees the belt as measured, never as ordered.
While the belt stands it sleeps, and begins anew from what it knew.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf

from pitrainer.core.climb import Ahead, ClimbAsk, SpeedSeat
from pitrainer.core.heartstep import HeartStep
from pitrainer.core.learned import LearnedHeart
from pitrainer.core.metabolism import heart_per_oxygen, steepest_pct
from pitrainer.core.observer import Bank, Seen, begin, learned_from, observe
from pitrainer.core.oxygen import REST_ML_KG_MIN
from pitrainer.core.plan import Wanted
from pitrainer.core.state import Setup, State
from pitrainer.model import Action, Drive, Step

ASLEEP_S = 5.0
GENEROUS = 0.6
"""The weakest plausible gain, over the profile's: profiles erred by factors of 0.62 to 2.1 in simulated people."""
KNOWN_SHARE, KNOWN_S = 0.75, 1200.0
"""Of a gain learned over so many seconds, the share that stays plausible."""
BEGINS_S = 45.0
"""A standing heart and the first steps follow other laws than walking: they would teach a wrong gain."""
BRISK_S = 360.0
"""A heart-rate step no longer than this is an interval."""


def watched_heart(setup: Setup, state: State) -> Bank | None:
    """The belief after this tick's readings."""
    accepted, belt = state.heart.accepted, state.belt
    at_s, bpm = accepted[-1] if accepted else (-inf, None)
    seen = Seen(state.now_s, bpm, at_s, belt.speed_kmh or 0.0, belt.incline_pct or 0.0)
    present = _present(state)
    if present is not None:
        return observe(present, seen) if belt.moving else present
    if not state.ours or state.now_s - state.rolling_since_s < BEGINS_S or state.pulse.hr_bpm is None:
        return state.bank
    return begin(setup.athlete, _known(setup, state), seen)


def _present(state: State) -> Bank | None:
    """The belief, unless the belt has stood since."""
    bank = state.bank
    return None if bank is None or state.now_s - bank.at_s > ASLEEP_S else bank


def _known(setup: Setup, state: State) -> LearnedHeart | None:
    """What earlier sessions taught, or this one before its pause."""
    return setup.learned if state.bank is None else learned_from(state.bank, setup.learned)


def ask_of(setup: Setup, state: State, wanted: Wanted) -> ClimbAsk:
    """What the controller is asked in this tick of a CLIMB step."""
    limits, step = setup.envelope, wanted.step
    lowest, highest = step.incline_pct
    blind = state.verdict.action >= Action.HOLD and state.pulse.age_s > 5.0
    return ClimbAsk(
        now_s=state.now_s,
        hr_bpm=None if blind else state.pulse.mean_bpm,
        cap_bpm=_cap(setup, step),
        sent_pct=state.memory.incline_pct,
        speed_kmh=state.belt.speed_kmh or 0.0,
        lowest_pct=max(lowest, limits.incline_min_pct),
        highest_pct=min(highest, limits.incline_max_pct),
        step_pct=limits.incline_step_pct,
        athlete=setup.athlete,
        incline_pct=state.belt.incline_pct,
        bank=_present(state),
        learned=_known(setup, state),
        hr_age_s=state.pulse.age_s,
        doubtful=state.pulse.doubtful,
        target_bpm=_target(step),
        brisk=step.for_s is not None and step.for_s <= BRISK_S,
        ahead=_ahead(setup, state, wanted),
        lift_pct_s=setup.limits.incline_rate_pct_s,
        latency_s=setup.limits.latency_s,
        speed=_speed_seat(setup, state, wanted),
    )


def allowed_pct(setup: Setup, state: State, wanted: Wanted) -> float:
    """The grade at which the most generous plausible heart of this profile would settle at the cap.

    No reading of the strap raises it: a lie cannot. What earlier sessions learned can only lower it, and while the
    heart rate has fallen for no reason, or is not believed, it is where the lift is.
    """
    bank = _present(state)
    if bank is not None and (bank.fallen or bank.strangers is not None):
        return min(max(state.memory.incline_pct, 0.0), 100.0)
    known, share = setup.learned, GENEROUS
    if known is not None and known.heard_s >= KNOWN_S:
        share = max(share, KNOWN_SHARE * known.gain_ratio)
    reserve = _cap(setup, wanted.step) - setup.athlete.hr_rest_bpm
    oxygen = REST_ML_KG_MIN + max(reserve, 0.0) / (share * heart_per_oxygen(setup.athlete))
    steepest = steepest_pct(max(state.memory.speed_kmh, state.belt.speed_kmh or 0.0), oxygen)
    return min(max(steepest, 0.0), 100.0)


def _cap(setup: Setup, step: Step) -> float:
    return min(step.cap_bpm or inf, setup.cap_bpm)


def _target(step: Step) -> float | None:
    return step.target_bpm if isinstance(step, HeartStep) else None


def _ahead(setup: Setup, state: State, wanted: Wanted) -> Ahead | None:
    following = state.progress.index + 1
    if wanted.unit != "s" or state.plan is None or following >= len(state.plan.steps):
        return None
    step = state.plan.steps[following]
    return Ahead(wanted.left, _cap(setup, step), _target(step)) if step.drive is Drive.CLIMB else None


def _speed_seat(setup: Setup, state: State, wanted: Wanted) -> SpeedSeat | None:
    """The belt, where this step hands it to the heart. What the runner slowed by hand stays slower."""
    step, limits, start = wanted.step, setup.envelope, wanted.speed_kmh
    if not isinstance(step, HeartStep) or step.speed_range_kmh is None or start is None:
        return None
    lowest = max(step.speed_range_kmh[0], limits.speed_min_kmh)
    highest = min(step.speed_range_kmh[1], limits.speed_max_kmh) + state.trim.speed_kmh
    sent = start if state.climber is None else state.memory.speed_kmh
    seat = SpeedSeat(sent, lowest, max(highest, lowest), limits.speed_step_kmh, step.order)
    return replace(seat, sent_kmh=min(max(sent, seat.lowest_kmh), seat.highest_kmh))
