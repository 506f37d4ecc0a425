"""What the controller tells people of a decision: the reason, and what the heart is expected to do."""

from __future__ import annotations

from pitrainer.core.forecast import TIMES_S, Curve
from pitrainer.core.scenario import Aim, Choice
from pitrainer.core.seat import ClimbAsk, Points


def points(forecast_bpm: Curve) -> Points:
    """The next two minutes of a forecast."""
    return tuple((float(t), round(bpm, 1)) for t, bpm in zip(TIMES_S, forecast_bpm, strict=True) if t <= 120)


def reason(move: float, more: str, less: str, choice: Choice, aim: Aim, ask: ClimbAsk) -> str:
    """Why the set-point moves by `move`; `more` and `less` name the two ways."""
    two_minutes = choice.forecast_bpm[TIMES_S.index(120)]
    aimed = f"aiming at {aim.target_bpm[-1]:.0f}, {ask.cap_bpm - aim.target_bpm[0]:.0f} under the cap"
    if ask.target_bpm is not None:
        aimed = f"aiming at {aim.target_bpm[-1]:.0f}"
    change = f"{more}" if move > 1e-9 else f"{less}" if move < -1e-9 else "Steady"
    held = "" if aim.may_rise else " Nothing gets harder until the strap is believable."
    return f"{change}: {two_minutes:.0f} bpm expected in two minutes, {aimed}.{held}"
