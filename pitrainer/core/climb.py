"""The heart-rate controller by incline, first version: a gain-scheduled PI on the 5-second mean heart rate.

The plant between incline and heart rate is taken as k / (tau s + 1) with tau = 60 s and k = (beats per oxygen) x
(oxygen per percent of grade) for this athlete at this speed, so the same law fits a slow hiker and a fast one:
Kp = 0.6 / k, Ti = tau (Hunt et al. 2015-2019 report tau 58-62 s on treadmills). It decides every 5 s, aims 5 bpm
below the cap, and moves the lift only when it wants 0.6 of a lift step or more, which spares the motor.

Anti-windup: each decision starts from what the supervisor really sent. Whenever that differs from the own wish by
more than rounding, the integrator is set back to it; so HOLD, EASE, limits, pause and the console leave no memory.

The seat: `steer(memory, ask) -> (memory, advice)`; whoever replaces this law keeps that signature.
"""

from __future__ import annotations

from dataclasses import dataclass

from pitrainer.core.athlete import Athlete
from pitrainer.core.metabolism import heart_per_oxygen, oxygen_per_incline_pct

MARGIN_BPM = 5.0
"""The target lies this far under the cap (docs/safety.md, section on numbers)."""
DECIDE_S = 5.0
TAU_S = 60.0
LOOP_GAIN = 0.6
DEAD_ZONE_STEPS = 0.6


@dataclass(frozen=True, slots=True)
class ClimbAsk:
    """All that a decision may depend on. `hr_bpm` None: nothing believable now."""

    now_s: float
    hr_bpm: float | None
    cap_bpm: float
    sent_pct: float
    """What the supervisor really let through last, before rounding to the lift's steps: a wish taken from the rounded
    value would ratchet down step by step."""
    speed_kmh: float
    lowest_pct: float
    highest_pct: float
    step_pct: float
    athlete: Athlete


@dataclass(frozen=True, slots=True)
class Climber:
    """Memory between ticks: the wish before rounding, and the last error."""

    decided_at_s: float
    wish_pct: float
    error_bpm: float
    advice: Advice


@dataclass(frozen=True, slots=True)
class Advice:
    """The incline wanted, and why, in words for a person."""

    incline_pct: float
    why: str


def steer(memory: Climber | None, ask: ClimbAsk) -> tuple[Climber | None, Advice]:
    """One tick of the controller. Without a heart rate it wants what was sent and forgets the rest."""
    if ask.hr_bpm is None:
        return None, Advice(ask.sent_pct, "Waiting for heart rate.")
    if memory is None:
        error = ask.cap_bpm - MARGIN_BPM - ask.hr_bpm
        start = _within(ask, ask.sent_pct)
        return _remember(ask, start, error, Advice(start, "Starting from here."))
    if ask.now_s - memory.decided_at_s < DECIDE_S:
        return memory, memory.advice
    return _decide(memory, ask)


def seed(now_s: float, incline_pct: float) -> Climber:
    """Start from an incline that the runner chose by hand."""
    return Climber(now_s, incline_pct, 0.0, Advice(incline_pct, "As you wished; the heart decides from here."))


def _decide(memory: Climber, ask: ClimbAsk) -> tuple[Climber, Advice]:
    assert ask.hr_bpm is not None
    error = ask.cap_bpm - MARGIN_BPM - ask.hr_bpm
    gain = heart_per_oxygen(ask.athlete) * oxygen_per_incline_pct(ask.speed_kmh, ask.sent_pct)
    proportional = LOOP_GAIN / max(gain, 0.5)
    change = proportional * (error - memory.error_bpm + error * DECIDE_S / TAU_S)
    overruled = abs(ask.sent_pct - memory.advice.incline_pct) > ask.step_pct
    present = ask.sent_pct if overruled else memory.advice.incline_pct
    wish = _within(ask, (ask.sent_pct if overruled else memory.wish_pct) + change)
    moved = abs(wish - present) >= DEAD_ZONE_STEPS * ask.step_pct
    incline = _within(ask, round(wish / ask.step_pct) * ask.step_pct) if moved else _within(ask, present)
    return _remember(ask, wish, error, Advice(incline, _why(error, incline - present)))


def _remember(ask: ClimbAsk, wish: float, error: float, advice: Advice) -> tuple[Climber, Advice]:
    return Climber(ask.now_s, wish, error, advice), advice


def _within(ask: ClimbAsk, incline_pct: float) -> float:
    return min(max(incline_pct, ask.lowest_pct), ask.highest_pct)


def _why(error_bpm: float, move_pct: float) -> str:
    side = "below" if error_bpm >= 0 else "above"
    place = f"{abs(error_bpm):.0f} bpm {side} the target"
    if move_pct > 0:
        return f"Steeper: {place}."
    if move_pct < 0:
        return f"Flatter: {place}."
    return f"Steady: {place}."
