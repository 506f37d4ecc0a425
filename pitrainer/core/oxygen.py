"""What walking and running cost in oxygen: the published equations, each with its range and source.

All give gross ml O2/kg/min against belt speed and grade (1 W/kg is 60/20.9 ml/kg/min). None is clipped to its range:
outside it, `Equation.covers` says so and the number is an extrapolation.

- ACSM (Guidelines for Exercise Testing and Prescription): walking 3.5 + 0.1 s + 1.8 s g, running 3.5 + 0.2 s + 0.9 s g,
  s in m/min, g the grade as a fraction. Uphill only. Too high for 29 of 33 people who run (JSCR 13:219).
- Minetti 2002 (J Appl Physiol 93:1039): net J/kg/m, polynomials of the grade to +-45 %; elite mountain runners.
- LCDA graded walking (Looney 2019): gross W/kg. Its range could not be read: the speeds here are those of its
  sequel on backpacking (Looney 2022, MSSE 54:646), the grades those that pitrainer uses. The sequel itself is not
  used: no source for its coefficients could be read. A load is taken in proportion: LCDA x (W + L) / W, which
  agrees in kind with Huang & Kuo 2014 (power rises linearly with load).
- Pandolf 1977 (J Appl Physiol 43:577): W for a loaded walker on a treadmill (terrain factor 1), uphill only; known to
  be low for modern loads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import pow
from typing import TypeAlias

REST_ML_KG_MIN = 3.5
ML_PER_J_KG = 60.0 / 20.9
"""ml O2/kg/min for 1 W/kg, at 20.9 J per ml of oxygen."""

Cost: TypeAlias = Callable[[float, float], float]
"""(speed_kmh, incline_pct) -> gross ml O2/kg/min."""


class Gait(StrEnum):
    """How somebody gets along. Walking and running are different plants."""

    WALK = "walk"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Equation:
    """A published equation with the range that it was made for."""

    name: str
    gait: Gait
    cost: Cost
    source: str
    speed_kmh: tuple[float, float]
    incline_pct: tuple[float, float]
    rises_from_pct: float = 0.0
    """From this grade upwards the cost rises with the grade at every speed."""

    def covers(self, speed_kmh: float, incline_pct: float) -> bool:
        """Is this inside the range that the equation was made for?"""
        (slowest, fastest), (lowest, steepest) = self.speed_kmh, self.incline_pct
        return slowest <= speed_kmh <= fastest and lowest <= incline_pct <= steepest


def acsm_walk(speed_kmh: float, incline_pct: float) -> float:
    """Gross ml O2/kg/min."""
    return REST_ML_KG_MIN + speed_kmh / 0.06 * (0.1 + 0.018 * incline_pct)


def acsm_run(speed_kmh: float, incline_pct: float) -> float:
    """Gross ml O2/kg/min."""
    return REST_ML_KG_MIN + speed_kmh / 0.06 * (0.2 + 0.009 * incline_pct)


def minetti_walk_j_kg_m(incline_pct: float) -> float:
    """Net energy of walking one metre along the slope."""
    i = incline_pct / 100.0
    return ((((280.5 * i - 58.7) * i - 76.8) * i + 51.9) * i + 19.6) * i + 2.5


def minetti_run_j_kg_m(incline_pct: float) -> float:
    """Net energy of running one metre along the slope."""
    i = incline_pct / 100.0
    return ((((155.4 * i - 30.4) * i - 43.3) * i + 46.3) * i + 19.5) * i + 3.6


def minetti_walk(speed_kmh: float, incline_pct: float) -> float:
    """Gross ml O2/kg/min."""
    return REST_ML_KG_MIN + minetti_walk_j_kg_m(incline_pct) * speed_kmh / 3.6 * ML_PER_J_KG


def minetti_run(speed_kmh: float, incline_pct: float) -> float:
    """Gross ml O2/kg/min."""
    return REST_ML_KG_MIN + minetti_run_j_kg_m(incline_pct) * speed_kmh / 3.6 * ML_PER_J_KG


def lcda_walk_w_kg(speed_kmh: float, incline_pct: float) -> float:
    """Gross W/kg; 1.44 standing."""
    v = speed_kmh / 3.6
    uphill = 0.34 * v * incline_pct * (1.0 - pow(1.05, 1.0 - pow(1.1, incline_pct + 32.0)))
    return 1.44 + 1.94 * pow(v, 0.43) + 0.24 * v * v * v * v + uphill


def lcda_walk(speed_kmh: float, incline_pct: float) -> float:
    """Gross ml O2/kg/min."""
    return lcda_walk_w_kg(speed_kmh, incline_pct) * ML_PER_J_KG


def pandolf_w(speed_kmh: float, incline_pct: float, weight_kg: float, load_kg: float) -> float:
    """Watts of a walker with a load on a treadmill. A falling grade costs what the level does."""
    v, both = speed_kmh / 3.6, weight_kg + load_kg
    moving = both * (1.5 * v * v + 0.35 * v * max(incline_pct, 0.0))
    return 1.5 * weight_kg + 2.0 * both * (load_kg / weight_kg) ** 2 + moving


def pandolf(weight_kg: float, load_kg: float) -> Equation:
    """Pandolf's equation for this walker, per kg of body weight."""
    share = ML_PER_J_KG / weight_kg
    return Equation(
        "Pandolf", Gait.WALK, lambda speed, incline: share * pandolf_w(speed, incline, weight_kg, load_kg),
        "Pandolf 1977", (2.5, 8.0), (0.0, 25.0),
    )  # fmt: skip


def lcda_loaded(weight_kg: float, load_kg: float) -> Equation:
    """LCDA in proportion to the load: a first approximation, per kg of body weight."""
    share = (weight_kg + load_kg) / weight_kg
    return Equation(
        "LCDA loaded", Gait.WALK, lambda speed, incline: share * lcda_walk(speed, incline),
        "Looney 2019 x (W + L) / W", LCDA.speed_kmh, LCDA.incline_pct, LCDA.rises_from_pct,
    )  # fmt: skip


ACSM_WALK = Equation("ACSM walking", Gait.WALK, acsm_walk, "ACSM", (3.0, 8.0), (0.0, 40.0))
"""Stated for 50-100 m/min, and up to 134 m/min for somebody who really walks."""
ACSM_RUN = Equation("ACSM running", Gait.RUN, acsm_run, "ACSM", (4.8, 20.0), (0.0, 40.0))
"""Stated for more than 134 m/min, and from 80 m/min for somebody who really runs."""
MINETTI_WALK = Equation("Minetti walking", Gait.WALK, minetti_walk, "Minetti 2002", (2.0, 7.5), (-45.0, 45.0), -8.0)
MINETTI_RUN = Equation("Minetti running", Gait.RUN, minetti_run, "Minetti 2002", (4.0, 20.0), (-45.0, 45.0), -15.0)
LCDA = Equation("LCDA graded walking", Gait.WALK, lcda_walk, "Looney 2019", (1.6, 7.1), (-20.0, 40.0), -8.0)
EQUATIONS = (ACSM_WALK, ACSM_RUN, MINETTI_WALK, MINETTI_RUN, LCDA)
