"""What a strap makes of a heart: a lag, an error, whole beats per minute once a second.

A chest strap lags by 1 s and then 2.5 s (first order). An optical armband lags by 4 s and then 9 s, and wanders by
1.5 bpm with a memory of 25 s (agreement of +-5 bpm with the ECG: PLoS ONE 2019 on the OH1; lags of wrist and arm
sensors in intervals are longer than a chest strap's by 10 s and more).
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from math import exp, sqrt


class StrapKind(StrEnum):
    """Where the heart rate is taken."""

    CHEST = "chest"
    OPTICAL = "optical"


@dataclass(frozen=True, slots=True)
class StrapTraits:
    """Dead time and first-order lag in s, and a wandering error (SD in bpm, memory in s)."""

    dead_s: float
    lag_s: float
    error_bpm: float
    error_s: float = 25.0


TRAITS = {StrapKind.CHEST: StrapTraits(1.0, 2.5, 0.0), StrapKind.OPTICAL: StrapTraits(4.0, 9.0, 1.5)}


@dataclass(slots=True)
class Strap:
    """`read(dt_s, true_bpm)` gives what is reported now."""

    traits: StrapTraits
    source: random.Random
    shown_bpm: float | None = None
    _waiting: deque[tuple[float, float]] = field(default_factory=deque)
    _now_s: float = 0.0
    _error_bpm: float = 0.0

    def read(self, dt_s: float, true_bpm: float) -> float:
        """The report after `dt_s` seconds, whole bpm."""
        self._now_s += dt_s
        self._waiting.append((self._now_s, true_bpm))
        while len(self._waiting) > 1 and self._waiting[1][0] <= self._now_s - self.traits.dead_s:
            self._waiting.popleft()
        delayed = self._waiting[0][1]
        shown = delayed if self.shown_bpm is None else self.shown_bpm
        self.shown_bpm = shown + (delayed - shown) * (1.0 - exp(-dt_s / self.traits.lag_s))
        return float(round(self.shown_bpm + self._wander(dt_s)))

    def _wander(self, dt_s: float) -> float:
        deviation = self.traits.error_bpm
        if deviation == 0.0:
            return 0.0
        keep = exp(-dt_s / self.traits.error_s)
        self._error_bpm = keep * self._error_bpm + deviation * sqrt(1.0 - keep * keep) * self.source.gauss(0.0, 1.0)
        return self._error_bpm
