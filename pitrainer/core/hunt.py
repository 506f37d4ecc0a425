"""The fall-back law: low-pass input-sensitivity shaping on a first-order plant, gain-scheduled; it learns nothing.

C(s) = (p / k) (tau s + 1) / (s (tau s + 1 + tau p)), k = beats per percent for this athlete at this speed, tau = 60 s,
p = 0.02 rad/s (quiet). Hunt & Fankhauser 2016, Wang & Hunt 2023: robust without knowing the person (infinite gain
margin, RMSE 2-3 bpm on people), and calm. It decides every 5 s and moves only by 0.6 of a lift step or more.

Anti-windup: a set-point other than the own wish (the supervisor, the runner, a limit) sets the integral back to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

DECIDE_S = 5.0
TAU_S, CORNER_RAD_S = 60.0, 0.02
DEAD_ZONE_STEPS = 0.6
_A = (1.0 + TAU_S * CORNER_RAD_S) / TAU_S
_INTEGRAL = 1.0 / (TAU_S * _A)


@dataclass(frozen=True, slots=True)
class Hunter:
    """Memory: integral (percent) and filtered error (bpm s)."""

    integral_pct: float
    filtered: float = 0.0


def hunt(
    memory: Hunter | None,
    error_bpm: float,
    sent_pct: float,
    ends_pct: tuple[float, float],
    step_pct: float,
    gain: float,
) -> tuple[Hunter, float]:
    """One decision. `error_bpm`: target less heart rate; `gain`: bpm per percent. Gives the incline wanted."""
    gain = max(gain, 0.5)
    high = CORNER_RAD_S / gain * (1.0 - _INTEGRAL)
    if memory is None or abs(memory.integral_pct + high * memory.filtered - sent_pct) > 1.6 * step_pct:
        memory = Hunter(sent_pct - high * (memory.filtered if memory else 0.0), memory.filtered if memory else 0.0)
    keep = exp(-_A * DECIDE_S)
    filtered = keep * memory.filtered + (1.0 - keep) / _A * error_bpm
    integral = memory.integral_pct + DECIDE_S * error_bpm * _INTEGRAL * CORNER_RAD_S / gain
    wish = integral + high * filtered
    held = min(max(wish, ends_pct[0]), ends_pct[1])
    after = Hunter(integral + held - wish, filtered)
    if abs(held - sent_pct) < DEAD_ZONE_STEPS * step_pct:
        return after, min(max(sent_pct, ends_pct[0]), ends_pct[1])
    return after, min(max(round(held / step_pct) * step_pct, ends_pct[0]), ends_pct[1])
