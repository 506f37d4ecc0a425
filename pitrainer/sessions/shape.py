"""A Plan as JSON-ready values, in the shape of docs/mqtt.md "Plan"."""

from __future__ import annotations

from typing import Any

from pitrainer.model import Plan, Step
from pitrainer.sessions.estimate import plan_s, step_s


def dumps_plan(plan: Plan) -> dict[str, Any]:
    """Plain dict, lists, numbers and texts; times in seconds."""
    return {
        "v": 1,
        "session": plan.name,
        "purpose": plan.purpose,
        "estimated_s": round(plan_s(plan), 1),
        "steps": [_step(step) for step in plan.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "drive": step.drive.value,
        "incline_pct": list(step.incline_pct),
        "speed_kmh": None if step.speed_kmh is None else [round(kmh, 2) for kmh in step.speed_kmh],
        "for_s": step.for_s,
        "distance_m": step.distance_m,
        "ascent_m": step.ascent_m,
        "cap_bpm": step.cap_bpm,
        "estimated_s": round(step_s(step), 1),
        "say": step.say,
    }
