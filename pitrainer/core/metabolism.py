"""What a speed and a grade cost, in oxygen: the ACSM equations, gross, ml O2/kg/min.

walking 3.5 + 0.1 s + 1.8 s g, running 3.5 + 0.2 s + 0.9 s g, with s in m/min and g the grade as a fraction (ACSM,
Guidelines for Exercise Testing and Prescription). Stated for 50-100 m/min walking and above 134 m/min running; used
in between by gait. Gait is told by speed alone: below 7.3 x (1 - 0.018 grade%) km/h people walk.
"""

from __future__ import annotations

from pitrainer.core.athlete import Athlete

REST_ML_KG_MIN = 3.5
WALK_BELOW_KMH, WALK_FALL_PER_PCT = 7.3, 0.018


def walks(speed_kmh: float, incline_pct: float) -> bool:
    return speed_kmh < WALK_BELOW_KMH * (1.0 - WALK_FALL_PER_PCT * incline_pct)


def oxygen_ml_kg_min(speed_kmh: float, incline_pct: float) -> float:
    """Oxygen cost; 3.5 at a standstill."""
    metres_min = speed_kmh * 1000.0 / 60.0
    level, slope = (0.1, 1.8) if walks(speed_kmh, incline_pct) else (0.2, 0.9)
    return REST_ML_KG_MIN + metres_min * (level + slope * incline_pct / 100.0)


def oxygen_per_incline_pct(speed_kmh: float, incline_pct: float) -> float:
    """Extra oxygen for one more percent of grade, ml/kg/min."""
    metres_min = speed_kmh * 1000.0 / 60.0
    return metres_min * (0.018 if walks(speed_kmh, incline_pct) else 0.009)


def steepest_pct(speed_kmh: float, oxygen_most_ml_kg_min: float) -> float:
    """The walking grade at which this speed costs `oxygen_most_ml_kg_min`. Walking, the dearer gait on slopes,
    errs on the safe side."""
    metres_min = max(speed_kmh, 0.5) * 1000.0 / 60.0
    return (oxygen_most_ml_kg_min - REST_ML_KG_MIN - 0.1 * metres_min) / (0.018 * metres_min)


def heart_per_oxygen(athlete: Athlete) -> float:
    """Beats per minute for one more ml O2/kg/min: reserve over reserve."""
    return athlete.hr_reserve_bpm / (athlete.vo2max - REST_ML_KG_MIN)
