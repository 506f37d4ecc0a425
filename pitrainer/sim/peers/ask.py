"""What every compared law is given and gives: an aim, the runner's profile, the motors' ranges; set-points.

The laws are written anew from published descriptions. They read a heart rate per second and the measured speed and
incline. Where a law moves speed only, the bench leaves the incline where it is, and the table says which motor moves.
Where a law knows a band instead of a target, the band is `low_bpm` to `high_bpm`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from pitrainer.core.athlete import Athlete

BAND_BPM = 3.0


class Motor(StrEnum):
    """What a law moves."""

    INCLINE = "incline"
    SPEED = "speed"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Aim:
    """The heart rate wanted: a target, and the band around it for laws that know only bands."""

    target_bpm: float
    band_bpm: float = BAND_BPM

    @property
    def low_bpm(self) -> float:
        return self.target_bpm - self.band_bpm

    @property
    def high_bpm(self) -> float:
        return self.target_bpm + self.band_bpm


@dataclass(frozen=True, slots=True)
class Ask:
    """Profile, start and ranges of one run."""

    athlete: Athlete
    target_bpm: float
    speed_kmh: float
    incline_pct: float
    speed_range_kmh: tuple[float, float]
    incline_range_pct: tuple[float, float]
    incline_step_pct: float = 0.5


@dataclass(slots=True)
class SetPoints:
    """What a law wants of the motors now, unrounded and within their ranges."""

    ask: Ask
    speed_kmh: float = field(init=False)
    incline_pct: float = field(init=False)
    touched_at_s: float | None = None
    """When the runner last used the console."""

    def __post_init__(self) -> None:
        self.speed_kmh, self.incline_pct = self.ask.speed_kmh, self.ask.incline_pct

    def adopt(self, now_s: float, speed_kmh: float, incline_pct: float) -> None:
        """The runner has used the console: go on from there."""
        self.speed_kmh, self.incline_pct, self.touched_at_s = speed_kmh, incline_pct, now_s

    def set_speed(self, speed_kmh: float) -> None:
        low, high = self.ask.speed_range_kmh
        self.speed_kmh = min(max(speed_kmh, low), high)

    def set_incline(self, incline_pct: float) -> None:
        low, high = self.ask.incline_range_pct
        self.incline_pct = min(max(incline_pct, low), high)

    def both(self) -> tuple[float, float]:
        return self.speed_kmh, self.incline_pct


class Peer(Protocol):
    """A control law on one run. `aim` may be changed at any time."""

    aim: Aim
    at: SetPoints

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        """Called once a second with what came from the strap (None: nothing) and what the machine measures.
        Gives the set-points (km/h, percent)."""


@dataclass(slots=True)
class Mean:
    """The mean of the last so many samples; None before the first."""

    length: int
    samples: deque[float] = field(default_factory=deque)

    def add(self, hr_bpm: float | None) -> None:
        if hr_bpm is not None:
            self.samples.append(hr_bpm)
            if len(self.samples) > self.length:
                self.samples.popleft()

    @property
    def value(self) -> float | None:
        return sum(self.samples) / len(self.samples) if self.samples else None
