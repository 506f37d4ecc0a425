"""Writing session files: legs and repeats as TOML, one step a line, that a person can read and change.

What is written is read back by the session loader before anybody gets it, so an import ends in a file that loads
or in one error. Numbers are rounded to what a belt can do: 0.1 km/h, 0.1 %, whole seconds, 0.1 m.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from pitrainer import sessions
from pitrainer.core.athlete import Athlete
from pitrainer.importers.strangers import ForeignFileError, one_line
from pitrainer.model import Plan
from pitrainer.tomlfile import Problem

MAX_COMMENT = 116
LONGEST_NAME, LONGEST_SAY, LONGEST_PURPOSE = 60, 120, 300
MOST_TIMES = 50

Number: TypeAlias = "float | tuple[float, float]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One step, in the words of docs/sessions.md. `amount` is seconds for `for` and `ramp`, metres for `distance`."""

    key: Literal["for", "distance", "ramp"]
    amount: float
    incline_pct: Number
    speed_kmh: Number | None = None
    name: str = ""
    hr_max: str | float | None = None
    until_hr_below: str | float | None = None
    until_hr_above: str | float | None = None
    until_tap: bool = False
    say: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Steps done `times` times, once or more."""

    times: int
    rows: tuple[Row, ...]


Row: TypeAlias = "Leg | Repeat"


def to_toml(name: str, rows: Iterable[Row], *, purpose: str = "", comments: Iterable[str] = ()) -> str:
    """A session file. Every comment line is folded at a legible width."""
    lines = [f"# {part}".rstrip() for comment in comments for part in _folded(comment)]
    lines += ["", f"name = {_quoted(one_line(name, LONGEST_NAME) or 'Imported')}"]
    if purpose:
        lines.append(f"purpose = {_quoted(one_line(purpose, LONGEST_PURPOSE))}")
    lines += ["steps = [", *_written(rows, "  "), "]"]
    return "\n".join(lines).lstrip("\n") + "\n"


def loaded(text: str, file: str, *, athlete: Athlete | None = None) -> Plan:
    """The plan that this text makes. Raises ForeignFileError, about `file`, for what no session may be."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "session.toml"
        path.write_text(text, encoding="utf-8")
        try:
            return sessions.load(path, athlete=athlete)
        except sessions.SessionError as error:
            first, more = error.problems[0], len(error.problems) - 1
            what = first.what if more == 0 else f"{first.what} (and {more} more problems)"
            raise ForeignFileError([Problem(file, None, first.where, what)]) from None


def clock(seconds: float) -> str:
    """`4:05`, `1:10:00`."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _written(rows: Iterable[Row], indent: str) -> list[str]:
    lines: list[str] = []
    for row in rows:
        if isinstance(row, Leg):
            lines.append(f"{indent}{{ {_fields(row)} }},")
        else:
            lines += _repeated(row, indent)
    return lines


def _repeated(row: Repeat, indent: str) -> list[str]:
    """A repeat of the language is 2 to 50 times: once is no repeat, and more are several."""
    if row.times == 1:
        return _written(row.rows, indent)
    lines: list[str] = []
    left = row.times
    while left > 0:
        times = left if left <= MOST_TIMES else min(MOST_TIMES, left - 2)
        lines += [f"{indent}{{ repeat = {times}, steps = [", *_written(row.rows, indent + "    "), f"{indent}] }},"]
        left -= times
    return lines


def _fields(leg: Leg) -> str:
    amount = _metres(leg.amount) if leg.key == "distance" else _quoted(clock(leg.amount))
    fields = [("name", _quoted(one_line(leg.name, LONGEST_NAME))) if leg.name.strip() else None]
    fields += [(leg.key, amount), ("incline", _shown(leg.incline_pct, 1))]
    fields.append(None if leg.speed_kmh is None else ("speed", _shown(leg.speed_kmh, 1)))
    hearts = {
        "hr_max": leg.hr_max,
        "until_hr_below": leg.until_hr_below,
        "until_hr_above": leg.until_hr_above,
    }
    fields += [(key, _heart(value)) for key, value in hearts.items() if value is not None]
    fields.append(("until_tap", "true") if leg.until_tap else None)
    fields.append(("say", _quoted(one_line(leg.say, LONGEST_SAY))) if leg.say.strip() else None)
    return ", ".join(f"{key} = {value}" for key, value in filter(None, fields))


def _heart(value: str | float) -> str:
    return _quoted(value) if isinstance(value, str) else f"{value:g}"


def _metres(metres: float) -> str:
    return f"{round(metres, 1):.10g}"


def _shown(value: Number, digits: int) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(end, digits) for end in value) + "]"
    return f"{round(value, digits) + 0.0:g}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _folded(comment: str) -> list[str]:
    lines, line = [], ""
    for word in one_line(comment, 2000).split(" "):
        if line and len(line) + 1 + len(word) > MAX_COMMENT:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
