"""Times, dates and figures as a person reads them. What is not known is None, or a dash where text is needed."""

from __future__ import annotations

from datetime import date, datetime

from pitrainer.history import SessionRow

DASH = "–"
ENDINGS = {None: "running", "finished": "finished", "stopped": "stopped early", "left": "left", "cut off": "cut off"}


def clock(seconds: float | None) -> str | None:
    """`4:05` or `1:04:05`."""
    if seconds is None:
        return None
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def day(ts: float) -> date:
    """In the time zone of this machine."""
    return datetime.fromtimestamp(ts).date()


def when(ts: float) -> str:
    """`Sun 22 Nov 2026, 14:15`."""
    return f"{datetime.fromtimestamp(ts):%a %d %b %Y, %H:%M}"


def whole(value: float | None, unit: str = "") -> str | None:
    """Rounded to whole numbers, with its unit."""
    return None if value is None else f"{value:.0f}{unit}"


def tenths(value: float | None, unit: str = "") -> str | None:
    return None if value is None else f"{value:.1f}{unit}"


def kilometres(metres: float | None) -> str | None:
    return None if metres is None else f"{metres / 1000:.2f} km"


def ending(row: SessionRow) -> str:
    """Why it ended, and whether anybody really ran."""
    return ENDINGS.get(row.ended, str(row.ended)) + (", simulated" if row.simulated else "")
