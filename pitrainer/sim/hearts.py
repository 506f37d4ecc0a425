"""Three kinds of heart, so that no controller is tuned to one.

All take the oxygen demand of the moment (gross ml/kg/min) and give the heart rate without its variability.

- OxygenHeart, the main one: demand after a delay of 2-8 s, raised by a slow component above a threshold; the
  reserve's share x becomes f = x + c x (1 - x) of the heart-rate reserve, soft above 95 %; two lags, the second
  longer in hard work (0.7 + 0.5 x) and when falling; on top a drift D / (1 + exp(-(x - 0.55) / 0.12)) with a
  memory of 20 min (+7 / +14 / +18 bpm by 40 min at 95 / 100 / 105 % of the maximal steady state).
- LinearHeart: gain, time constant 20-130 s and dead time 5-13 s as published for treadmill running (k = 25 +- 9
  bpm/(m/s), Hunt et al. 2015-2019), scaled to the person's gain per oxygen; the same drift.
- ChengHeart: Cheng 2008's nonlinear pair dx1 = -a1 x1 + a2 x2 + a2 u^2, dx2 = -a3 x2 + a4 x1 / (1 + exp(a5 - x1)),
  with u the level walking speed (m/s) of the same oxygen cost, x1 in bpm, time in minutes; it drifts by itself.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp
from typing import Protocol

from pitrainer.core.oxygen import REST_ML_KG_MIN, lcda_walk

CEILING_FROM = 0.95
CEILING_OVER_BPM = 2.0
CHENG = (2.2, 19.96, 0.0831, 0.002526, 8.32)
RUNNING_ML_PER_M_S = 12.0
"""Oxygen of 1 m/s more of level running, ml/kg/min (ACSM)."""


@dataclass(frozen=True, slots=True)
class HeartTraits:
    """One person's heart. Rates in bpm, times in s, oxygen in ml/kg/min."""

    hr_rest_bpm: float
    hr_max_bpm: float
    vo2max_ml_kg_min: float
    curve: float
    fast_s: float
    slow_s: float
    delay_s: float
    falling: float
    slow_component: float
    threshold: float
    drift_bpm: float
    drift_s: float
    linear_gain: float
    """Published gain over its mean, 0.4-2."""
    linear_s: float
    linear_dead_s: float
    cheng: tuple[float, float, float, float, float]

    def share(self, oxygen: float) -> float:
        """Share of the oxygen reserve."""
        return (oxygen - REST_ML_KG_MIN) / (self.vo2max_ml_kg_min - REST_ML_KG_MIN)

    def steady_bpm(self, share: float) -> float:
        """Heart rate at this share of the oxygen reserve, before any drift."""
        share = min(max(share, 0.0), 1.6)
        reserve = share + self.curve * share * (1.0 - share)
        if reserve > CEILING_FROM:
            room = 1.0 - CEILING_FROM
            reserve = CEILING_FROM + room * (1.0 - exp(-(reserve - CEILING_FROM) / room))
        return self.hr_rest_bpm + reserve * (self.hr_max_bpm - self.hr_rest_bpm)

    def drift_to_bpm(self, share: float) -> float:
        """Where the drift would end at this share."""
        return self.drift_bpm / (1.0 + exp(min(max((0.55 - share) / 0.12, -40.0), 40.0)))


class HeartModel(Protocol):
    """A heart without its variability."""

    bpm: float

    def step(self, dt_s: float, oxygen: float) -> float:
        """Live for `dt_s` at this demand; the heart rate then."""

    def settle(self, oxygen: float) -> None:
        """Be as after some minutes at this demand."""


@dataclass(slots=True)
class Delay:
    """A value as it was `delay_s` ago."""

    delay_s: float
    now_s: float = 0.0
    line: deque[tuple[float, float]] = field(default_factory=deque)

    def push(self, dt_s: float, value: float) -> float:
        self.now_s += dt_s
        line = self.line
        if not line or line[-1][1] != value:
            line.append((self.now_s, value))
        while len(line) > 1 and line[1][0] <= self.now_s - self.delay_s:
            line.popleft()
        return line[0][1]


class OxygenHeart:
    """Driven by oxygen demand: two lags, slow component, drift."""

    def __init__(self, traits: HeartTraits) -> None:
        self.traits = traits
        self.delay = Delay(traits.delay_s)
        self.fast = self.slow = self.bpm = traits.steady_bpm(0.05)
        self.extra = self.drift = 0.0

    def settle(self, oxygen: float) -> None:
        traits = self.traits
        self.delay.line.clear()
        self.fast = self.slow = traits.steady_bpm(traits.share(oxygen))
        self.bpm = self.slow + self.drift

    def step(self, dt_s: float, oxygen: float) -> float:
        traits = self.traits
        share = traits.share(self.delay.push(dt_s, oxygen) * (1.0 + self.extra))
        hard = min(max((share - traits.threshold) / 0.30, 0.0), 1.0)
        self.extra += (traits.slow_component * hard - self.extra) * _part(dt_s, 150.0)
        self.fast += (traits.steady_bpm(share) - self.fast) * _part(dt_s, traits.fast_s)
        slow_s = traits.slow_s * (0.7 + 0.5 * max(share, 0.0)) * (traits.falling if self.fast < self.slow else 1.0)
        self.slow += (self.fast - self.slow) * _part(dt_s, slow_s)
        self.drift += (traits.drift_to_bpm(share) - self.drift) * _part(dt_s, traits.drift_s)
        self.bpm = min(self.slow + self.drift, traits.hr_max_bpm + CEILING_OVER_BPM)
        return self.bpm


class LinearHeart:
    """First order with dead time, as identified in the literature."""

    def __init__(self, traits: HeartTraits) -> None:
        self.traits = traits
        self.delay = Delay(traits.linear_dead_s)
        per_oxygen = (traits.hr_max_bpm - traits.hr_rest_bpm) / (traits.vo2max_ml_kg_min - REST_ML_KG_MIN)
        self.gain = per_oxygen * traits.linear_gain
        self.pivot = 0.5 * (traits.vo2max_ml_kg_min + REST_ML_KG_MIN)
        self.level = self.bpm = self._steady(10.0)
        self.drift = 0.0

    def _steady(self, oxygen: float) -> float:
        return self.traits.steady_bpm(0.5) + self.gain * (oxygen - self.pivot)

    def settle(self, oxygen: float) -> None:
        self.delay.line.clear()
        self.level = self._steady(oxygen)
        self.bpm = self.level + self.drift

    def step(self, dt_s: float, oxygen: float) -> float:
        delayed = self.delay.push(dt_s, oxygen)
        traits = self.traits
        self.level += (self._steady(delayed) - self.level) * _part(dt_s, traits.linear_s)
        self.drift += (traits.drift_to_bpm(traits.share(delayed)) - self.drift) * _part(dt_s, traits.drift_s)
        self.bpm = min(self.level + self.drift, traits.hr_max_bpm + CEILING_OVER_BPM)
        return self.bpm


class ChengHeart:
    """Cheng's nonlinear pair, scaled so that 75 % of the oxygen reserve gives this person's heart rate after 10 min."""

    def __init__(self, traits: HeartTraits) -> None:
        self.traits = traits
        hard = REST_ML_KG_MIN + 0.75 * (traits.vo2max_ml_kg_min - REST_ML_KG_MIN)
        self.scale = (traits.steady_bpm(0.75) - traits.hr_rest_bpm) / _nominal_rise_bpm(round(hard, 1))
        self.central = self.peripheral = 0.0
        self.bpm = traits.hr_rest_bpm

    def settle(self, oxygen: float) -> None:
        self.central = self.peripheral = 0.0
        for _ in range(300):
            self.step(1.0, oxygen)

    def step(self, dt_s: float, oxygen: float) -> float:
        pair = (self.central, self.peripheral)
        self.central, self.peripheral = _cheng(self.traits.cheng, pair, level_speed_m_s(oxygen), dt_s)
        bpm = self.traits.hr_rest_bpm + self.scale * self.central
        self.bpm = min(bpm, self.traits.hr_max_bpm + CEILING_OVER_BPM)
        return self.bpm


def _cheng(
    a: tuple[float, float, float, float, float], pair: tuple[float, float], speed_m_s: float, dt_s: float
) -> tuple[float, float]:
    central, peripheral = pair
    minutes = dt_s / 60.0
    gate = a[3] * central / (1.0 + exp(min(max(a[4] - central, -60.0), 60.0)))
    rate = -a[0] * central + a[1] * (peripheral + speed_m_s * speed_m_s)
    return central + rate * minutes, peripheral + (gate - a[2] * peripheral) * minutes


@lru_cache(maxsize=4096)
def _nominal_rise_bpm(oxygen: float) -> float:
    pair, speed = (0.0, 0.0), level_speed_m_s(oxygen)
    for _ in range(600):
        pair = _cheng(CHENG, pair, speed, 1.0)
    return pair[0]


@lru_cache(maxsize=4096)
def _level_speed(tenths: int) -> float:
    low, high = 0.0, 30.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if lcda_walk(middle, 0.0) < tenths / 10.0 else (low, middle)
    return low / 3.6


def level_speed_m_s(oxygen: float) -> float:
    """The level walking speed of this cost (LCDA), between table points of 0.1 ml/kg/min."""
    tenths = max(oxygen, 0.0) * 10.0
    below = int(tenths)
    return _level_speed(below) + (tenths - below) * (_level_speed(below + 1) - _level_speed(below))


def _part(dt_s: float, tau_s: float) -> float:
    """How much of a gap a first-order lag closes in `dt_s`."""
    return dt_s / (tau_s + 0.5 * dt_s)
