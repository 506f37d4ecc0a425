"""What a speed and a grade cost somebody, and the way back: which grade or speed costs so much.

`choose` picks an equation of core/oxygen.py by gait and load alone, never by speed or grade, so that cost has no step
inside a control cycle: LCDA for walking (made for grades up and down, and the youngest); the same in proportion to
a load (Pandolf's own form is known to be low for modern loads); Minetti for running (the only one that knows running
downhill; ACSM is too high for most). Everything inverse is a bisection where cost rises.

Gait is held: people take up running at PTS + 0.5 km/h and walking at PTS - 0.5, PTS = 7.3 (1 - 0.018 grade%) km/h
(level preferred transition 1.9-2.1 m/s, falling with slope; 3.75 km/h from 27 % on, where no measurement goes).

`oxygen_ml_kg_min` and its like remain the ACSM equations with the gait told by speed alone: simple, stated for uphill.
"""

from __future__ import annotations

from collections.abc import Callable

from pitrainer.core import oxygen as equations
from pitrainer.core.athlete import Athlete
from pitrainer.core.oxygen import (
    LCDA,
    MINETTI_RUN,
    Equation,
    Gait,
    acsm_run,
    acsm_walk,
    lcda_loaded,
    minetti_run_j_kg_m,
    minetti_walk_j_kg_m,
)

REST_ML_KG_MIN = equations.REST_ML_KG_MIN
WALK_BELOW_KMH, WALK_FALL_PER_PCT, STEEPEST_KNOWN_PCT = 7.3, 0.018, 27.0
GAIT_HYSTERESIS_KMH = 0.5
KCAL_PER_ML = 0.00499
"""20.9 J of energy per ml of oxygen."""
SEARCH_STEPS = 40
FASTEST_KMH = 25.0


def transition_kmh(incline_pct: float) -> float:
    """The speed at which most people change between walking and running."""
    return WALK_BELOW_KMH * (1.0 - WALK_FALL_PER_PCT * min(max(incline_pct, 0.0), STEEPEST_KNOWN_PCT))


def walks(speed_kmh: float, incline_pct: float) -> bool:
    return speed_kmh < transition_kmh(incline_pct)


def gait_held(gait: Gait | None, speed_kmh: float, incline_pct: float) -> Gait:
    """The gait now, if it was `gait`: changed only well beyond the transition. None: nothing known before."""
    transition = transition_kmh(incline_pct)
    if gait is None:
        return Gait.WALK if speed_kmh < transition else Gait.RUN
    if gait is Gait.WALK:
        return Gait.RUN if speed_kmh > transition + GAIT_HYSTERESIS_KMH else Gait.WALK
    return Gait.WALK if speed_kmh < transition - GAIT_HYSTERESIS_KMH else Gait.RUN


def choose(gait: Gait, *, weight_kg: float = 75.0, load_kg: float = 0.0) -> Equation:
    """The equation for this gait and load. A runner's load counts nothing here: nobody published its cost on slopes."""
    if gait is Gait.RUN:
        return MINETTI_RUN
    return LCDA if load_kg <= 0.0 else lcda_loaded(weight_kg, load_kg)


def incline_for(
    equation: Equation, oxygen: float, speed_kmh: float, *, lowest_pct: float = 0.0, highest_pct: float = 40.0
) -> float | None:
    """The grade at which this speed costs `oxygen` (gross ml/kg/min); None where no grade of the range does.

    The range is taken from `equation.rises_from_pct` upwards, where cost rises with grade.
    """
    low = max(lowest_pct, equation.rises_from_pct)
    return _search(lambda incline: equation.cost(speed_kmh, incline), oxygen, low, highest_pct)


def speed_for(
    equation: Equation, oxygen: float, incline_pct: float, *, slowest_kmh: float = 0.0, fastest_kmh: float = FASTEST_KMH
) -> float | None:
    """The speed (km/h) that costs `oxygen` on this grade (-3 % or more); None where none of the range does."""
    return _search(lambda speed: equation.cost(speed, incline_pct), oxygen, slowest_kmh, fastest_kmh)


def _search(cost: Callable[[float], float], wanted: float, low: float, high: float) -> float | None:
    if low > high or not cost(low) <= wanted <= cost(high):
        return None
    for _ in range(SEARCH_STEPS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if cost(middle) < wanted else (low, middle)
    return 0.5 * (low + high)


def oxygen_per_pct(equation: Equation, speed_kmh: float, incline_pct: float) -> float:
    """Extra oxygen for one more percent of grade, ml/kg/min, of any equation."""
    return equation.cost(speed_kmh, incline_pct + 0.5) - equation.cost(speed_kmh, incline_pct - 0.5)


def oxygen_per_kmh(equation: Equation, speed_kmh: float, incline_pct: float) -> float:
    """Extra oxygen for one more km/h, ml/kg/min, of any equation."""
    slower = max(speed_kmh - 0.05, 0.0)
    return (equation.cost(slower + 0.1, incline_pct) - equation.cost(slower, incline_pct)) * 10.0


def mets(oxygen: float) -> float:
    """Multiples of rest (3.5 ml/kg/min)."""
    return oxygen / REST_ML_KG_MIN


def kcal_min(oxygen: float, weight_kg: float) -> float:
    """Energy in kcal per minute of somebody of this weight."""
    return oxygen * weight_kg * KCAL_PER_ML


def level_equivalent_kmh(speed_kmh: float, incline_pct: float, gait: Gait) -> float:
    """Grade-adjusted speed: on the level as dear per metre as this (Minetti), grade within +-45 %."""
    cost = minetti_run_j_kg_m if gait is Gait.RUN else minetti_walk_j_kg_m
    return speed_kmh * cost(min(max(incline_pct, -45.0), 45.0)) / cost(0.0)


def grade_adjusted_pace_s_km(speed_kmh: float, incline_pct: float, gait: Gait) -> float | None:
    """Seconds per kilometre on the level for the same cost per metre; None at a standstill."""
    return None if speed_kmh <= 0.0 else 3600.0 / level_equivalent_kmh(speed_kmh, incline_pct, gait)


def oxygen_ml_kg_min(speed_kmh: float, incline_pct: float) -> float:
    """Oxygen cost by ACSM, the gait told by speed alone; 3.5 at a standstill."""
    return (acsm_walk if walks(speed_kmh, incline_pct) else acsm_run)(speed_kmh, incline_pct)


def oxygen_per_incline_pct(speed_kmh: float, incline_pct: float) -> float:
    """Extra oxygen for one more percent of grade by ACSM, ml/kg/min."""
    return speed_kmh / 0.06 * (0.018 if walks(speed_kmh, incline_pct) else 0.009)


def steepest_pct(speed_kmh: float, oxygen_most_ml_kg_min: float) -> float:
    """The walking grade at which this speed costs `oxygen_most_ml_kg_min` by ACSM. Walking, the dearer gait on
    slopes, errs on the safe side."""
    metres_min = max(speed_kmh, 0.5) * 1000.0 / 60.0
    return (oxygen_most_ml_kg_min - REST_ML_KG_MIN - 0.1 * metres_min) / (0.018 * metres_min)


def heart_per_oxygen(athlete: Athlete) -> float:
    """Beats per minute for one more ml O2/kg/min: reserve over reserve."""
    return athlete.hr_reserve_bpm / (athlete.vo2max - REST_ML_KG_MIN)
