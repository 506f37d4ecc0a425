"""The samples of a record as moments: typed, with the time each one stands for.

A moment stands for the time since the one before it, at most `GAP_S`: what the journal did not see is counted as
nothing rather than guessed. Distance and ascent are counters and keep their last value where a sample has none;
everything else that is unknown, or no finite number, stays None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

from pitrainer.history import Record
from pitrainer.model import Phase

GAP_S = 5.0
"""Samples come once a second; a longer silence is a gap in the record."""
ACTIVE = frozenset({Phase.STARTING.value, Phase.RUNNING.value, Phase.COOLING.value})
"""Phases in which the session's own clock runs."""


class Moment(NamedTuple):
    """About a second of a session. `t_s` counts from its start through pauses; `step` from 1, 0 where unknown."""

    t_s: float
    dt_s: float
    active: bool
    step: int
    hr_bpm: float | None
    cap_bpm: float | None
    incline_pct: float | None
    speed_kmh: float | None
    distance_m: float
    ascent_m: float


Trace: TypeAlias = tuple[Moment, ...]


def trace(record: Record) -> Trace:
    """The moments of a record in order of time; empty where nothing was sampled."""
    return moments(record.samples)


def moments(samples: Iterable[Mapping[str, Any]]) -> Trace:
    """From rows of `journal_tables.SAMPLE_COLUMNS` and `t_s`, in order of time."""
    found: list[Moment] = []
    t_s = distance_m = ascent_m = 0.0
    for row in samples:
        dt_s, t_s = min(max(row["t_s"] - t_s, 0.0), GAP_S), row["t_s"]
        distance_m = max(distance_m, _known(row["distance_m"]) or 0.0)
        ascent_m = max(ascent_m, _known(row["ascent_m"]) or 0.0)
        heart, cap = _known(row["hr_bpm"]), _known(row["cap_bpm"])
        incline, speed = _known(row["incline_pct"]), _known(row["speed_kmh"])
        active, step = row["phase"] in ACTIVE, _number(row["step"])
        found.append(Moment(t_s, dt_s, active, step, heart, cap, incline, speed, distance_m, ascent_m))
    return tuple(found)


def mean(weighted: Iterable[tuple[float | None, float]]) -> float | None:
    """Of (value, weight); None where no value is known or nothing weighs."""
    total = weight = 0.0
    for value, each in weighted:
        if value is not None:
            total += value * each
            weight += each
    return total / weight if weight > 0.0 else None


def highest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _known(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _number(step: object) -> int:
    """The column is text."""
    text = str(step)
    return int(text) if text.isdecimal() else 0
