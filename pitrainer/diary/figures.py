"""What one recorded session amounts to, from its samples alone: pure arithmetic, nothing is stored or drawn.

Times in zones are counted while the session's clock runs, by the zones of the athlete as recorded with the session.
VAM is metres climbed per hour of that time. The best 10, 20 and 60 min are by the clock on the wall, pauses included:
the most ascent in any window of that length, to the second, None where the session is shorter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pitrainer.core.athlete import Athlete
from pitrainer.diary.climbs import Climb, climbs
from pitrainer.diary.laps import PlannedStep, laps, planned
from pitrainer.diary.steady import Decoupling, decouplings
from pitrainer.diary.trace import Trace, highest, mean, trace
from pitrainer.history import Record

ZONES = 6
"""Below zone 1, and zones 1 to 5."""
BEST_WINDOWS_S = (600, 1200, 3600)
VAM_LEAST_S = 30.0


@dataclass(frozen=True, slots=True)
class Figures:
    """A session in numbers. `zones_s` has `ZONES` entries, None where the athlete's HRmax is not known;
    `best_ascent_m` has one for each of `BEST_WINDOWS_S`."""

    active_s: float
    distance_m: float
    ascent_m: float
    vam_m_h: float | None
    hr_mean_bpm: float | None
    hr_highest_bpm: float | None
    hr_unknown_s: float
    above_cap_s: float
    zones_s: tuple[float, ...] | None
    best_ascent_m: tuple[float | None, ...]
    climbs: tuple[Climb, ...]
    decouplings: tuple[Decoupling, ...]
    steps: tuple[PlannedStep, ...]

    @property
    def recovery_bpm(self) -> float | None:
        """Mean fall of the heart rate in the minute after a climb."""
        return mean((climb.recovery_bpm, 1.0) for climb in self.climbs)


def figures(record: Record) -> Figures:
    """Of a record read with or without its raw readings."""
    return figures_of(trace(record), athlete_of(record.athlete), record.plan)


def figures_of(moments: Trace, athlete: Athlete | None, plan: Mapping[str, Any]) -> Figures:
    active = tuple(moment for moment in moments if moment.active)
    active_s = sum(moment.dt_s for moment in active)
    ascent_m = moments[-1].ascent_m if moments else 0.0
    return Figures(
        active_s=active_s,
        distance_m=moments[-1].distance_m if moments else 0.0,
        ascent_m=ascent_m,
        vam_m_h=ascent_m / active_s * 3600.0 if active_s >= VAM_LEAST_S else None,
        hr_mean_bpm=mean((moment.hr_bpm, moment.dt_s) for moment in active),
        hr_highest_bpm=highest(moment.hr_bpm for moment in active),
        hr_unknown_s=sum(moment.dt_s for moment in active if moment.hr_bpm is None),
        above_cap_s=above_cap_s(active),
        zones_s=None if athlete is None else zones_s(active, athlete),
        best_ascent_m=tuple(best_ascent_m(moments, window_s) for window_s in BEST_WINDOWS_S),
        climbs=climbs(moments),
        decouplings=decouplings(moments),
        steps=planned(plan, laps(moments)),
    )


def athlete_of(recorded: Mapping[str, Any]) -> Athlete | None:
    """The athlete as recorded with a session; None where that makes none."""
    known = {field.name for field in fields(Athlete)}
    try:
        return Athlete(**{name: value for name, value in recorded.items() if name in known})
    except (TypeError, ValueError):
        return None


def zones_s(moments: Trace, athlete: Athlete) -> tuple[float, ...]:
    """Seconds below zone 1 and in zones 1 to 5; where the heart rate is unknown, in none."""
    spent = [0.0] * ZONES
    for moment in moments:
        if moment.hr_bpm is not None:
            spent[athlete.zone(moment.hr_bpm)] += moment.dt_s
    return tuple(spent)


def above_cap_s(moments: Trace) -> float:
    """Seconds with the heart rate above the cap that held at that moment."""
    return sum(
        moment.dt_s
        for moment in moments
        if moment.hr_bpm is not None and moment.cap_bpm is not None and moment.hr_bpm > moment.cap_bpm
    )


def best_ascent_m(moments: Trace, window_s: float) -> float | None:
    """The most metres climbed in `window_s` seconds on end; None where there are not so many."""
    points = [(0.0, 0.0), *((moment.t_s, moment.ascent_m) for moment in moments)]
    best: float | None = None
    left = 0
    for at_s, ascent_m in points:
        from_s = at_s - window_s
        if from_s < 0.0:
            continue
        while points[left + 1][0] <= from_s:
            left += 1
        climbed_m = ascent_m - _between(points[left], points[left + 1], from_s)
        best = climbed_m if best is None else max(best, climbed_m)
    return best


def _between(a: tuple[float, float], b: tuple[float, float], at_s: float) -> float:
    return a[1] + (b[1] - a[1]) * (at_s - a[0]) / (b[0] - a[0])
