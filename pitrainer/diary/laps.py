"""Plan against done: one lap per step of the plan, with what was planned beside what happened.

A lap is the stretch of a trace that has one step's number, pauses included in its elapsed time and not in its active
time. Steps that were never reached have no lap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pitrainer.diary.trace import Trace, highest, mean


@dataclass(frozen=True, slots=True)
class Lap:
    """What happened in one step. `from_s` and `to_s` are session time."""

    step: int
    from_s: float
    to_s: float
    active_s: float
    distance_m: float
    ascent_m: float
    incline_mean_pct: float | None
    speed_mean_kmh: float | None
    speed_highest_kmh: float | None
    hr_mean_bpm: float | None
    hr_highest_bpm: float | None


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of the plan and its lap, None where it was not reached. Planned lengths as in docs/mqtt.md."""

    number: int
    name: str
    drive: str
    incline_pct: tuple[float, float] | None
    for_s: float | None
    distance_m: float | None
    ascent_m: float | None
    cap_bpm: float | None
    estimated_s: float | None
    lap: Lap | None


def laps(trace: Trace) -> tuple[Lap, ...]:
    """In order of time; moments without a step make a lap of step 0."""
    found: list[Lap] = []
    before_s = before_m = before_up_m = 0.0
    for step, group in groupby(trace, key=lambda moment: moment.step):
        part = tuple(group)
        found.append(_lap(step, part, before_s, before_m, before_up_m))
        before_s, before_m, before_up_m = part[-1].t_s, part[-1].distance_m, part[-1].ascent_m
    return tuple(found)


def _lap(step: int, part: Trace, before_s: float, before_m: float, before_up_m: float) -> Lap:
    active = [moment for moment in part if moment.active]
    return Lap(
        step=step,
        from_s=before_s,
        to_s=part[-1].t_s,
        active_s=sum(moment.dt_s for moment in active),
        distance_m=part[-1].distance_m - before_m,
        ascent_m=part[-1].ascent_m - before_up_m,
        incline_mean_pct=mean((moment.incline_pct, moment.dt_s) for moment in active),
        speed_mean_kmh=mean((moment.speed_kmh, moment.dt_s) for moment in active),
        speed_highest_kmh=highest(moment.speed_kmh for moment in part),
        hr_mean_bpm=mean((moment.hr_bpm, moment.dt_s) for moment in active),
        hr_highest_bpm=highest(moment.hr_bpm for moment in part),
    )


def planned(plan: Mapping[str, Any], done: tuple[Lap, ...]) -> tuple[PlannedStep, ...]:
    """Each step of the plan (the JSON of docs/mqtt.md) with the lap that carries its number."""
    by_step = {lap.step: lap for lap in done}
    return tuple(_planned(number, step, by_step.get(number)) for number, step in enumerate(plan.get("steps", ()), 1))


def _planned(number: int, step: Mapping[str, Any], lap: Lap | None) -> PlannedStep:
    incline = step.get("incline_pct")
    return PlannedStep(
        number=number,
        name=str(step.get("name", "")),
        drive=str(step.get("drive", "")),
        incline_pct=(incline[0], incline[1]) if incline else None,
        for_s=step.get("for_s"),
        distance_m=step.get("distance_m"),
        ascent_m=step.get("ascent_m"),
        cap_bpm=step.get("cap_bpm"),
        estimated_s=step.get("estimated_s"),
        lap=lap,
    )
