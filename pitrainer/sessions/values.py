"""The words of a session file: durations, lengths, heart rates, ranges.

Each class reads one TOML value of any type and raises ValueError, in words for a person and with the cure. Digits
are ASCII digits. Bounds: a leg lasts 5 s to 3 h (docs/safety.md: no session is longer), 10 m to 50 km, or
1 to 3000 m of ascent; inclines are -3 to 40 % (docs/safety.md: the hard envelope of any machine); heart
rates are 60 to 220 bpm.
"""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass
from typing import Literal, Self

from pitrainer.core.athlete import ZONE_EDGES, Athlete
from pitrainer.tomlfile import kind_of, number, short

SHORTEST_LEG_S, LONGEST_S = 5.0, 3 * 3600.0
HR_LEAST_BPM, HR_MOST_BPM = 60.0, 220.0
INCLINE_LEAST_PCT, INCLINE_MOST_PCT = -3.0, 40.0
METRES_PER_MILE = 1609.344

_CLOCK = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-9]{2})")
_SPAN = re.compile(r"(?:([0-9.]{1,6}) ?h)? ?(?:([0-9.]{1,6}) ?min)? ?(?:([0-9.]{1,6}) ?s)?")
_LENGTH = re.compile(r"([0-9.]{1,8}) ?(m|km|mi|ft)")
_METRES = {"m": 1.0, "km": 1000.0, "mi": METRES_PER_MILE, "ft": 0.3048}
_SHARE = re.compile(r"([0-9.]{1,5}) ?%( reserve)?")
_ZONE = re.compile(r"zone ([1-5])")


class Label(str):
    """Printable text on one line, at most 120 characters."""

    LONGEST = 120

    @classmethod
    def read(cls, value: object) -> Self:
        if not isinstance(value, str):
            raise ValueError(f"must be text in quotes, not {kind_of(value)}")
        if not value.isprintable():
            raise ValueError("must be one line of ordinary characters")
        if len(value) > cls.LONGEST:
            raise ValueError(f"must have at most {cls.LONGEST} characters, not {len(value)}")
        return cls(value)


class Name(Label):
    """A label that is not empty, at most 60 characters."""

    LONGEST = 60

    @classmethod
    def read(cls, value: object) -> Self:
        name = super().read(value)
        if not name.strip():
            raise ValueError('must not be empty; write a name like "Climb"')
        return name


class Purpose(Label):
    """At most 300 characters."""

    LONGEST = 300


@dataclass(frozen=True, slots=True)
class Duration:
    """`"10:00"`, `"1:10:00"`, `"90s"`, `"40min"`, `"1h"`, `"1h 30min"`."""

    s: float

    @classmethod
    def read(cls, value: object) -> Self:
        if isinstance(value, datetime.time):
            raise ValueError(f'write times in quotes: "{value.isoformat()}"')
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = number(value)
            raise ValueError(f'times need a unit: write "{shown}s" or "{shown}min", in quotes')
        if not isinstance(value, str):
            raise ValueError(f'must be a time like "10:00" or "90s", not {kind_of(value)}')
        seconds = _clock_s(value) if ":" in value else _span_s(value)
        if not SHORTEST_LEG_S <= seconds <= LONGEST_S:
            raise ValueError(f'must be between 5 s and 3 h, not "{short(value)}"')
        return cls(seconds)


@dataclass(frozen=True, slots=True)
class _Length:
    """A length in metres; `bare` where the file gives a number without a unit."""

    m: float
    bare: bool

    @classmethod
    def metres(cls, value: object, least: float, most: float) -> Self:
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = cls(_finite(value), bare=True)
        else:
            match = _LENGTH.fullmatch(value) if isinstance(value, str) else None
            if match is None:
                raise ValueError(f'must be metres, or text like "400 m", "2 km" or "1 mi"; not {kind_of(value)}')
            found = cls(_decimal(match[1]) * _METRES[match[2]], bare=False)
        if not least <= found.m <= most:
            raise ValueError(f"must be between {least:g} and {most:g} m, not {number(found.m)} m")
        return found


class Distance(_Length):
    """Metres of belt: `400`, `"400 m"`, `"2 km"`, `"1 mi"`."""

    @classmethod
    def read(cls, value: object) -> Self:
        return cls.metres(value, 10.0, 50_000.0)


class Ascent(_Length):
    """Metres climbed: `60`, `"60 m"`, `"200 ft"`."""

    @classmethod
    def read(cls, value: object) -> Self:
        return cls.metres(value, 1.0, 3_000.0)


@dataclass(frozen=True, slots=True)
class HeartRate:
    """`150` bpm, or text that the athlete's numbers turn into bpm: `"85%"`, `"75% reserve"`, `"zone 3"`."""

    of: Literal["bpm", "max", "reserve", "zone"]
    value: float

    @classmethod
    def read(cls, value: object) -> Self:
        if isinstance(value, int | float) and not isinstance(value, bool):
            bpm = _finite(value)
            if not HR_LEAST_BPM <= bpm <= HR_MOST_BPM:
                raise ValueError(f"must be {_side(bpm)}, not {number(bpm)}")
            return cls("bpm", bpm)
        text = value if isinstance(value, str) else ""
        if match := _ZONE.fullmatch(text):
            return cls("zone", float(match[1]))
        if match := _SHARE.fullmatch(text):
            share = _decimal(match[1])
            if not 0 < share <= 100:
                raise ValueError(f"must be at most 100 %, not {share:g} %")
            return cls("reserve" if match[2] else "max", share / 100.0)
        raise ValueError(f'must be bpm like 150, or text like "85%", "75% reserve" or "zone 3"; not {kind_of(value)}')

    def bpm(self, athlete: Athlete, *, bottom: bool = False) -> float:
        """Whole beats per minute for this athlete; a zone counts by its top, or by its `bottom`. Raises
        ValueError outside 60..220."""
        found = float(round(self._bpm(athlete, bottom)))
        if not HR_LEAST_BPM <= found <= HR_MOST_BPM:
            raise ValueError(f"is {found:g} bpm for this athlete; must be {_side(found)}")
        return found

    def _bpm(self, athlete: Athlete, bottom: bool) -> float:
        if self.of == "bpm":
            return self.value
        if self.of == "reserve":
            return athlete.hr_rest_bpm + self.value * athlete.hr_reserve_bpm
        if self.of == "max":
            return self.value * athlete.hr_max
        zone = int(self.value)
        return (*ZONE_EDGES, 1.0)[zone - 1 if bottom else zone] * athlete.hr_max


@dataclass(frozen=True, slots=True)
class Ends:
    """A number, or `[from, to]`."""

    start: float
    end: float

    @classmethod
    def read(cls, value: object) -> Self:
        pair = value if isinstance(value, list) else [value, value]
        numbers = [_finite(n) for n in pair if isinstance(n, int | float) and not isinstance(n, bool)]
        if len(pair) != 2 or len(numbers) != 2:
            raise ValueError(f"must be {cls.form()}, not {_shown(value)}")
        return cls(numbers[0], numbers[1])

    @staticmethod
    def form() -> str:
        return "a number or [from, to]"


class Incline(Ends):
    """Percent, -3 to 40."""

    @classmethod
    def read(cls, value: object) -> Self:
        ends = super().read(value)
        for pct in (ends.start, ends.end):
            if pct > INCLINE_MOST_PCT:
                raise ValueError(f"must be at most {INCLINE_MOST_PCT:g} %, not {number(pct)}")
            if pct < INCLINE_LEAST_PCT:
                raise ValueError(f"must be at least {INCLINE_LEAST_PCT:g} %, not {number(pct)}")
        return ends


class FixedIncline(Incline):
    """Percent, one number."""

    @classmethod
    def read(cls, value: object) -> Self:
        if isinstance(value, list):
            raise ValueError(f"must be one number here, not {_shown(value)}; [from, to] belongs in a ramp or climb")
        return super().read(value)

    @staticmethod
    def form() -> str:
        return "a number"


class ClimbIncline(Incline):
    """Percent, `[lowest, highest]`."""

    @classmethod
    def read(cls, value: object) -> Self:
        ends = super().read(value)
        if not isinstance(value, list) or ends.start >= ends.end:
            raise ValueError(f"must be [lowest, highest] in a climb, like [2, 15], not {_shown(value)}")
        return ends

    @staticmethod
    def form() -> str:
        return "[lowest, highest]"


class FixedSpeed(Ends):
    """Speed in the file's unit, one number."""

    @classmethod
    def read(cls, value: object) -> Self:
        if isinstance(value, list):
            raise ValueError(f"must be one number here, not {_shown(value)}; [from, to] belongs in a ramp")
        return super().read(value)

    @staticmethod
    def form() -> str:
        return "a number"


def _clock_s(text: str) -> float:
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f'must be a time like "10:00" or "1:10:00", not "{short(text)}"')
    hours, minutes, seconds = int(match[1] or 0), int(match[2]), int(match[3])
    if seconds > 59 or (match[1] and minutes > 59):
        raise ValueError(f'"{text}" is no time: seconds, and minutes after hours, must be below 60')
    return hours * 3600.0 + minutes * 60.0 + seconds


def _span_s(text: str) -> float:
    match = _SPAN.fullmatch(text)
    if match is None or not any(match.groups()):
        minutes = re.fullmatch(r"([0-9.]{1,6}) ?m", text)
        cure = f'; "m" means metres, write "{minutes[1]}min"' if minutes else '; write "90s", "40min", "1h" or "10:00"'
        raise ValueError(f'"{short(text)}" is no time{cure}')
    hours, minutes_, seconds = (_decimal(part or "0") for part in match.groups())
    return hours * 3600.0 + minutes_ * 60.0 + seconds


def _decimal(text: str) -> float:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise ValueError(f'"{text}" is no number')
    return float(text)


def _finite(value: float) -> float:
    try:
        found = float(value)
    except OverflowError:
        raise ValueError("has too many digits") from None
    if not math.isfinite(found):
        raise ValueError("must be an ordinary number, not nan or inf")
    return found


def _side(value: float) -> str:
    return f"at most {HR_MOST_BPM:g}" if value > HR_MOST_BPM else f"at least {HR_LEAST_BPM:g}"


def _shown(value: object) -> str:
    return short(value) if isinstance(value, list) else kind_of(value)
