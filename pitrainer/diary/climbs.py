"""Climbs of a session and how the heart came down after each.

A climb begins where the belt in motion reaches 4 % and ends where it falls below 3 % or stops: a hysteresis of one
percent, so that a controller's small corrections do not cut one climb in two. Shorter than 60 s it is not counted.

Heart-rate recovery is the heart rate at the climb's end (mean of its last 5 s) less that 60 s later, as in the
clinical test (Cole 1999, N Engl J Med 341:1351, 12 beats or fewer after a test being a poor sign there). It is only
told where the next 60 s were easy and both heart rates are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pitrainer.diary.trace import Moment, Trace, highest, mean

STEEP_FROM_PCT = 4.0
STEEP_TO_PCT = 3.0
CLIMB_LEAST_S = 60.0
RECOVERY_S = 60.0
END_S = 5.0
NEAR_S = 3.0
"""How far from the sixtieth second its heart rate may be taken."""


@dataclass(frozen=True, slots=True)
class Climb:
    """One climb. `recovery_bpm` is the fall of the heart rate in the 60 s after it."""

    from_s: float
    to_s: float
    ascent_m: float
    incline_mean_pct: float | None
    hr_mean_bpm: float | None
    hr_highest_bpm: float | None
    recovery_bpm: float | None

    @property
    def vam_m_h(self) -> float:
        """Metres climbed per hour."""
        return self.ascent_m / (self.to_s - self.from_s) * 3600.0


def climbs(trace: Trace) -> tuple[Climb, ...]:
    """In order of time."""
    steep = [(first, last) for first, last in _stretches(trace) if _length_s(trace, first, last) >= CLIMB_LEAST_S]
    return tuple(_climb(trace, first, last) for first, last in steep)


def _stretches(trace: Trace) -> Iterator[tuple[int, int]]:
    """First and last index of every stretch that is steep."""
    first: int | None = None
    for index, moment in enumerate(trace):
        steep = _is_steep(moment, first is not None)
        if steep and first is None:
            first = index
        elif not steep and first is not None:
            yield first, index - 1
            first = None
    if first is not None:
        yield first, len(trace) - 1


def _is_steep(moment: Moment, was: bool) -> bool:
    if not moment.active:
        return False
    if moment.incline_pct is None:
        return was
    return moment.incline_pct >= (STEEP_TO_PCT if was else STEEP_FROM_PCT)


def _length_s(trace: Trace, first: int, last: int) -> float:
    return trace[last].t_s - trace[first].t_s


def _climb(trace: Trace, first: int, last: int) -> Climb:
    part = trace[first : last + 1]
    return Climb(
        from_s=part[0].t_s,
        to_s=part[-1].t_s,
        ascent_m=part[-1].ascent_m - part[0].ascent_m,
        incline_mean_pct=mean((moment.incline_pct, moment.dt_s) for moment in part),
        hr_mean_bpm=mean((moment.hr_bpm, moment.dt_s) for moment in part),
        hr_highest_bpm=highest(moment.hr_bpm for moment in part),
        recovery_bpm=_recovery_bpm(trace, last),
    )


def _recovery_bpm(trace: Trace, last: int) -> float | None:
    end_s = trace[last].t_s
    at_end = mean((moment.hr_bpm, 1.0) for moment in trace[max(0, last - 9) : last + 1] if moment.t_s > end_s - END_S)
    after = [moment for moment in trace[last + 1 : last + 200] if moment.t_s <= end_s + RECOVERY_S + NEAR_S]
    if any(_is_steep(moment, False) for moment in after if moment.t_s <= end_s + RECOVERY_S):
        return None
    later = mean((moment.hr_bpm, 1.0) for moment in after if moment.t_s >= end_s + RECOVERY_S - NEAR_S)
    return None if at_end is None or later is None else at_end - later
