"""How long a step takes and what it costs, before anybody has run it.

Climbing `ascent_m` on a belt of grade g takes ascent / sin(atan g) metres of belt. A belt left to the runner is
counted as a brisk walk of 5 km/h. A step that may end early (heart rate, tap) counts with its full bound.
"""

from __future__ import annotations

from math import hypot

from pitrainer.core.metabolism import oxygen_ml_kg_min
from pitrainer.model import Drive, Plan, Step

RUNNERS_OWN_KMH = 5.0
LEAST_GRADE = 0.005


def step_s(step: Step) -> float:
    """Seconds that the step is expected to last."""
    if step.for_s is not None:
        return step.for_s
    metres = step.distance_m if step.distance_m is not None else _belt_m(step)
    return metres / (_mean_kmh(step) / 3.6)


def plan_s(plan: Plan) -> float:
    """Seconds that the whole plan is expected to last."""
    return sum(step_s(step) for step in plan.steps)


def oxygen(step: Step) -> tuple[float, float]:
    """Oxygen demand at the step's start and end, ml/kg/min; of a climb at its lowest and highest incline."""
    from_kmh, to_kmh = step.speed_kmh or (RUNNERS_OWN_KMH, RUNNERS_OWN_KMH)
    from_pct, to_pct = step.incline_pct
    return oxygen_ml_kg_min(from_kmh, from_pct), oxygen_ml_kg_min(to_kmh, to_pct)


def asked(step: Step) -> float:
    """The oxygen demand that the step insists on, ml/kg/min: a climb only on its lowest incline."""
    start, end = oxygen(step)
    return start if step.drive is Drive.CLIMB else max(start, end)


def _mean_kmh(step: Step) -> float:
    return RUNNERS_OWN_KMH if step.speed_kmh is None else max(sum(step.speed_kmh) / 2.0, 0.1)


def _belt_m(step: Step) -> float:
    grade = max(sum(step.incline_pct) / 200.0, LEAST_GRADE)
    return (step.ascent_m or 0.0) * hypot(1.0, grade) / grade
