"""Sessions by week and by day, from their stored summaries alone.

Weeks begin on Monday, in the time zone of this machine. Simulated sessions count only in a diary that has no others:
nobody climbed those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pitrainer.diary.words import day
from pitrainer.history import SessionRow

WEEKS_SHOWN = 26


@dataclass(frozen=True, slots=True)
class Week:
    """The sum of one week; `monday` is its first day."""

    monday: date
    sessions: int
    elapsed_s: float
    ascent_m: float


def counted(rows: Sequence[SessionRow]) -> list[SessionRow]:
    """The sessions that count: all that were real, or all where none was."""
    real = [row for row in rows if not row.simulated]
    return real or list(rows)


def weeks(rows: Sequence[SessionRow], today: date, count: int = WEEKS_SHOWN) -> tuple[Week, ...]:
    """The last `count` weeks, this one last; empty weeks are there with zeros."""
    mondays = [_monday(today) - timedelta(weeks=back) for back in reversed(range(count))]
    by_monday: dict[date, list[SessionRow]] = {monday: [] for monday in mondays}
    for row in counted(rows):
        by_monday.get(_monday(day(row.started_ts)), []).append(row)
    return tuple(
        Week(
            monday,
            len(found),
            sum(row.elapsed_s or 0.0 for row in found),
            sum(row.ascent_m or 0.0 for row in found),
        )
        for monday, found in by_monday.items()
    )


def ascent_by_day(rows: Sequence[SessionRow]) -> dict[date, float]:
    """Metres climbed on each day with a session."""
    climbed: dict[date, float] = {}
    for row in counted(rows):
        on = day(row.started_ts)
        climbed[on] = climbed.get(on, 0.0) + (row.ascent_m or 0.0)
    return climbed


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())
