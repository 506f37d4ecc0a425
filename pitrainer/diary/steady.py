"""Decoupling: how much less work a heart beat did in the second half of a steady part than in the first.

Work is the oxygen that speed and grade demand (`core.metabolism`, ACSM), so that a climb that the cap lets down
and a flat run whose heart rate drifts up are judged alike. (first - second) / first in percent, as Friel's
aerobic decoupling; people take below 5 % as well trained for that length.

A steady part is one step of the plan without its first 3 min (the heart is still rising), more than 20 min long,
never paused, the heart rate known for 95 % of it, and no minute's mean demand more than a quarter off the whole's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from pitrainer.core.metabolism import oxygen_ml_kg_min
from pitrainer.diary.trace import Moment, Trace, mean

ONSET_S = 180.0
LEAST_S = 1200.0
KNOWN_SHARE = 0.95
SPREAD_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Decoupling:
    """Of the part from `from_s` to `to_s` (session time). Positive: the heart drifted up, or the work came down."""

    from_s: float
    to_s: float
    percent: float


def decouplings(trace: Trace) -> tuple[Decoupling, ...]:
    """One for every steady part, in order of time."""
    return tuple(_of(part) for part in _steps(trace) if _is_steady(part))


def _steps(trace: Trace) -> Iterator[Trace]:
    """Each step without its onset."""
    for step, group in groupby(trace, key=lambda moment: moment.step):
        part = tuple(group)
        if step:
            yield tuple(moment for moment in part if moment.t_s >= part[0].t_s + ONSET_S)


def _is_steady(part: Trace) -> bool:
    if not part or part[-1].t_s - part[0].t_s <= LEAST_S or not all(moment.active for moment in part):
        return False
    known_s = sum(moment.dt_s for moment in part if moment.hr_bpm is not None)
    if known_s < KNOWN_SHARE * (part[-1].t_s - part[0].t_s):
        return False
    whole = _demand(part)
    minutes = (tuple(group) for _, group in groupby(part, key=lambda moment: moment.t_s // 60))
    demands = [_demand(minute) for minute in minutes]
    return whole is not None and all(each is not None and abs(each - whole) <= SPREAD_SHARE * whole for each in demands)


def _of(part: Trace) -> Decoupling:
    middle_s = (part[0].t_s + part[-1].t_s) / 2
    first = _work_per_beat(tuple(moment for moment in part if moment.t_s < middle_s))
    second = _work_per_beat(tuple(moment for moment in part if moment.t_s >= middle_s))
    return Decoupling(part[0].t_s, part[-1].t_s, (first - second) / first * 100.0)


def _work_per_beat(part: Trace) -> float:
    known = tuple(moment for moment in part if moment.hr_bpm is not None)
    demand, heart = _demand(known), mean((moment.hr_bpm, moment.dt_s) for moment in known)
    assert demand is not None and heart is not None  # 95 % of the part is known
    return demand / heart


def _demand(part: Trace) -> float | None:
    """Mean oxygen demand, ml/kg/min; None where the belt did not report."""
    return mean((_oxygen(moment), moment.dt_s) for moment in part)


def _oxygen(moment: Moment) -> float | None:
    if moment.speed_kmh is None or moment.incline_pct is None:
        return None
    return oxygen_ml_kg_min(moment.speed_kmh, moment.incline_pct)
