"""Where a runner is in a plan, and what the plan wants there.

A plan is a flat row of steps. `Progress` counts up what was really done (seconds the program steered, metres of
belt, metres climbed); the position, what is left and what is wanted are computed from it, never counted down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot

from pitrainer.model import Drive, MachineLimits, Plan, Step, UserLimits


@dataclass(frozen=True, slots=True)
class Progress:
    """Totals of the session, and of the present step (`index`, counted from 0)."""

    index: int = 0
    elapsed_s: float = 0.0
    distance_m: float = 0.0
    ascent_m: float = 0.0
    step_s: float = 0.0
    step_m: float = 0.0
    step_up_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the plan wants now. `incline_pct` is None in a climb: there the heart decides."""

    step: Step
    incline_pct: float | None
    speed_kmh: float | None
    left: float
    unit: str
    """`s`, `m` (belt) or `m_up` (climbed)."""
    done: float
    """0 at the step's start, 1 at its end."""


def advance(progress: Progress, dt_s: float, speed_kmh: float, incline_pct: float, *, steering: bool) -> Progress:
    """Count what the belt did in `dt_s`. Without `steering` the step's own counters stand still."""
    metres = speed_kmh / 3.6 * dt_s
    grade = incline_pct / 100.0
    up = metres * max(grade, 0.0) / hypot(1.0, grade)
    share = 1.0 if steering else 0.0
    return Progress(
        progress.index,
        progress.elapsed_s + dt_s,
        progress.distance_m + metres,
        progress.ascent_m + up,
        progress.step_s + share * dt_s,
        progress.step_m + share * metres,
        progress.step_up_m + share * up,
    )


def where(plan: Plan, progress: Progress) -> Wanted:
    """What is wanted at this position; the last step's end once everything is done."""
    step = plan.steps[min(progress.index, len(plan.steps) - 1)]
    left, total, unit = _measure(step, progress)
    done = 1.0 if progress.index >= len(plan.steps) else min(1.0, max(0.0, 1.0 - left / total))
    incline = None if step.drive is Drive.CLIMB else _between(step.incline_pct, done)
    speed = None if step.speed_kmh is None else _between(step.speed_kmh, done)
    return Wanted(step, incline, speed, max(left, 0.0), unit, done)


def ended(step: Step, progress: Progress, hr_bpm: float | None) -> bool:
    """Has this step come to its end by measure or by heart rate? (A tap is an intent, not a measure.)"""
    if _measure(step, progress)[0] <= 0.0:
        return True
    if hr_bpm is None or progress.step_s < 1.0:
        return False
    below, above = step.until_hr_below_bpm, step.until_hr_above_bpm
    return (below is not None and hr_bpm < below) or (above is not None and hr_bpm > above)


def onward(progress: Progress) -> Progress:
    """The beginning of the next step."""
    return replace(progress, index=progress.index + 1, step_s=0.0, step_m=0.0, step_up_m=0.0)


def infeasible(plan: Plan, machine: MachineLimits, user: UserLimits) -> str:
    """Why this plan cannot be run within these limits, in words; empty if it can.

    A climb's upper bound is a permission and is narrowed; what a step demands outright is not.
    """
    speed_max = min(machine.speed_max_kmh, user.speed_max_kmh)
    incline_max = min(machine.incline_max_pct, user.incline_max_pct)
    for number, step in enumerate(plan.steps, 1):
        place = f"step {number} of {len(plan.steps)} ({step.name})"
        if step.speed_kmh is not None and max(step.speed_kmh) > speed_max + 1e-9:
            return f"{place} wants {max(step.speed_kmh):g} km/h; the limit here is {speed_max:g} km/h"
        if step.speed_kmh is not None and min(step.speed_kmh) < machine.speed_min_kmh - 1e-9:
            return f"{place} wants {min(step.speed_kmh):g} km/h; the belt's slowest is {machine.speed_min_kmh:g} km/h"
        floor = machine.incline_min_pct
        lowest = step.incline_pct[0] if step.drive is Drive.CLIMB else max(step.incline_pct)
        if lowest > incline_max + 1e-9:
            return f"{place} wants {lowest:g} % incline; the limit here is {incline_max:g} %"
        if min(step.incline_pct) < min(floor, 0.0) - 1e-9:
            return f"{place} wants {min(step.incline_pct):g} % incline; the lift's lowest is {floor:g} %"
    return ""


def _measure(step: Step, progress: Progress) -> tuple[float, float, str]:
    if step.distance_m is not None:
        return step.distance_m - progress.step_m, step.distance_m, "m"
    if step.ascent_m is not None:
        return step.ascent_m - progress.step_up_m, step.ascent_m, "m_up"
    total = step.for_s or 0.001
    return total - progress.step_s, total, "s"


def _between(ends: tuple[float, float], done: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * done
