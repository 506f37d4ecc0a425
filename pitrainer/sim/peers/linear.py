"""Linear laws on the incline: PI with a fixed or a scheduled gain, and Hunt's low-pass input sensitivity.

The plant is k / (tau s + 1), k = beats per oxygen x oxygen per percent (ACSM walking or running, from the profile), or
a fixed 4 bpm/%. PI: Kp = 0.5 / k, Ti = tau = 60 s, on 5-s means every 5 s. Hunt & Wang's shaped loop:
C(s) = (p / k)(tau s + 1) / (s (tau s + 1 + tau p)): its reaction to heart-rate variability falls off above p rad/s;
p to infinity is the constant form C = (tau s + 1) / (k tau s). Without a sample they wait where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf

from pitrainer.core.metabolism import heart_per_oxygen, oxygen_per_incline_pct
from pitrainer.sim.peers.ask import Aim, Ask, Mean, SetPoints

EVERY_S = 5
TAU_S = 60.0
FIXED_GAIN = 4.0
"""bpm per percent: the mean of people."""
PI_SHARE = 0.7


def scheduled_gain(ask: Ask, speed_kmh: float, incline_pct: float) -> float:
    """bpm per percent that the profile promises at this load."""
    return max(heart_per_oxygen(ask.athlete) * oxygen_per_incline_pct(speed_kmh, incline_pct), 0.5)


@dataclass(slots=True)
class ProportionalIntegral:
    """`gain` None: scheduled by the profile. `quiet_steps`: the dead zone in lift steps; `filter_s`: a low-pass."""

    ask: Ask
    gain: float | None = None
    share: float = PI_SHARE
    quiet_steps: float = 0.5
    filter_s: float = 0.0
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    mean: Mean = field(default_factory=lambda: Mean(EVERY_S))
    wish_pct: float = field(init=False)
    error_bpm: float | None = None
    seen_bpm: float | None = None
    ticks: int = 0

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)
        self.wish_pct = self.ask.incline_pct

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        self.mean.add(hr_bpm)
        self.ticks += 1
        if hr_bpm is not None and self.ticks % EVERY_S == 0 and self.mean.value is not None:
            gain = self.gain or scheduled_gain(self.ask, speed_kmh, incline_pct)
            self._move(self.share / gain, self.mean.value)
        return self.at.both()

    def _move(self, proportional: float, bpm: float) -> None:
        seen = bpm if self.seen_bpm is None else self.seen_bpm
        self.seen_bpm = seen + (bpm - seen) * (1.0 - exp(-EVERY_S / self.filter_s) if self.filter_s else 1.0)
        error = self.aim.target_bpm - self.seen_bpm
        before = error if self.error_bpm is None else self.error_bpm
        self.error_bpm = error
        low, high = self.ask.incline_range_pct
        wish = self.wish_pct + proportional * (error - before + error * EVERY_S / TAU_S)
        self.wish_pct = min(max(wish, low), high)
        if abs(self.wish_pct - self.at.incline_pct) >= self.quiet_steps * self.ask.incline_step_pct:
            self.at.set_incline(_stepped(self.wish_pct, self.ask.incline_step_pct))


@dataclass(slots=True)
class HuntLowPass:
    """Input sensitivity shaped by one corner frequency; `corner_rad_s` inf is the constant form."""

    ask: Ask
    corner_rad_s: float = 0.06
    quiet_steps: float = 0.6
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    mean: Mean = field(default_factory=lambda: Mean(EVERY_S))
    integral_pct: float = field(init=False)
    filtered: float = 0.0
    ticks: int = 0

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)
        self.integral_pct = self.ask.incline_pct

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        self.mean.add(hr_bpm)
        self.ticks += 1
        if hr_bpm is not None and self.ticks % EVERY_S == 0 and self.mean.value is not None:
            self._move(scheduled_gain(self.ask, speed_kmh, incline_pct), self.aim.target_bpm - self.mean.value)
        return self.at.both()

    def _move(self, gain: float, error: float) -> None:
        low, high = self.ask.incline_range_pct
        if self.corner_rad_s == inf:
            rise, ahead = error * EVERY_S / (gain * TAU_S), error / gain
        else:
            p, a = self.corner_rad_s, (1.0 + TAU_S * self.corner_rad_s) / TAU_S
            part = 1.0 / (TAU_S * a)
            keep = exp(-a * EVERY_S)
            self.filtered = keep * self.filtered + (1.0 - keep) / a * error
            rise, ahead = EVERY_S * error * part * p / gain, p / gain * (1.0 - part) * self.filtered
        self.integral_pct = min(max(self.integral_pct + rise, low), high)
        wish = min(max(self.integral_pct + ahead, low), high)
        if abs(wish - self.at.incline_pct) >= self.quiet_steps * self.ask.incline_step_pct:
            self.at.set_incline(_stepped(wish, self.ask.incline_step_pct))


def _stepped(wish_pct: float, step_pct: float) -> float:
    return round(wish_pct / step_pct) * step_pct
