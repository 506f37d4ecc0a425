"""A virtual runner's heart, and the strap that reports it.

Oxygen demand (ACSM) after a delay of 4 s drives two lags (12 s and 27 s) towards the steady heart rate
rest + f (max - rest), f = x + 0.25 x (1 - x), x the share of the oxygen reserve; falling takes 1.2 times as long.
Slow drift of up to 14 bpm over 20 min in hard work, and variability of about 2 bpm. The strap adds a lag of 2.5 s
and reports whole beats once a second. Sources: docs/architecture.md, section on simulation.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from math import exp, sqrt

from pitrainer.core.athlete import Athlete
from pitrainer.core.metabolism import REST_ML_KG_MIN, oxygen_ml_kg_min

DELAY_S, FAST_S, SLOW_S, FALL = 4.0, 12.0, 27.0, 1.2
DRIFT_BPM, DRIFT_S = 14.0, 1300.0
NOISE_BPM, NOISE_S, STRAP_S = 1.8, 12.0, 2.5


@dataclass(slots=True)
class SimulatedRunner:
    """`step(dt_s, speed_kmh, incline_pct)` gives what the strap reports, None while it is off."""

    athlete: Athlete
    strap_on: bool = True
    _random: random.Random = field(default_factory=lambda: random.Random(0))
    _demands: deque[tuple[float, float]] = field(default_factory=deque)
    _now_s: float = 0.0
    _fast: float = field(init=False)
    _slow: float = field(init=False)
    _strap: float = field(init=False)
    _drift: float = 0.0
    _noise: float = 0.0

    def __post_init__(self) -> None:
        self._fast = self._slow = self._strap = self.athlete.hr_rest_bpm + 15.0

    def reseed(self, seed: int) -> None:
        """Another day of the same runner: other variability."""
        self._random = random.Random(seed)

    @property
    def true_bpm(self) -> float:
        """The heart itself, which no strap shows."""
        return min(self._slow + self._drift + self._noise, self.athlete.hr_max + 2.0)

    def step(self, dt_s: float, speed_kmh: float, incline_pct: float) -> float | None:
        """Live for `dt_s` seconds at this load."""
        self._now_s += dt_s
        share = self._share(oxygen_ml_kg_min(speed_kmh, incline_pct))
        steady = self.athlete.hr_rest_bpm + self.athlete.hr_reserve_bpm * (share + 0.25 * share * (1.0 - share))
        steady = max(steady, self.athlete.hr_rest_bpm + 15.0)
        self._fast += (steady - self._fast) * _lag(dt_s, FAST_S)
        slow_s = SLOW_S * (0.7 + 0.5 * share) * (FALL if self._fast < self._slow else 1.0)
        self._slow += (self._fast - self._slow) * _lag(dt_s, slow_s)
        self._drift += (DRIFT_BPM / (1.0 + exp((0.55 - share) / 0.12)) - self._drift) * _lag(dt_s, DRIFT_S)
        self._noise += -self._noise * _lag(dt_s, NOISE_S)
        self._noise += NOISE_BPM * sqrt(2.0 * dt_s / NOISE_S) * self._random.gauss(0.0, 1.0)
        self._strap += (self.true_bpm - self._strap) * _lag(dt_s, STRAP_S)
        return float(round(self._strap)) if self.strap_on else None

    def _share(self, oxygen: float) -> float:
        """Share of the oxygen reserve, `DELAY_S` ago."""
        self._demands.append((self._now_s, oxygen))
        while len(self._demands) > 1 and self._demands[1][0] <= self._now_s - DELAY_S:
            self._demands.popleft()
        demand = self._demands[0][1]
        return min(max((demand - REST_ML_KG_MIN) / (self.athlete.vo2max - REST_ML_KG_MIN), 0.0), 1.0)


def _lag(dt_s: float, tau_s: float) -> float:
    return 1.0 - exp(-dt_s / tau_s)
