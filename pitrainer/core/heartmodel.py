"""One hypothesis about a runner's heart: a Kalman filter on two lags between oxygen demand and heart rate.

Steady heart rate b + k (V - 20), V the oxygen demand that speed and grade ask for (ml/kg/min), drives a fast lag
of 12 s and a slow one of `slow_s`; the strap adds 2.5 s; variability wanders around the true rate with a memory of
16 s. State: fast, slow, strap, wander, offset b, gain k. Two lags with a dead time are the right simple model of
treadmill running (Hunt & Wang 2024); only b and k are learned, since they are what differs most between people.
The step is 1 s. Numbers: prototype figures from 40 simulated people calibrated on published identifications
(Wang & Hunt 2021: second-order residual 2.07 bpm).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

FAST_S, STRAP_S, WANDER_S = 12.0, 2.5, 16.0
REFERENCE_ML = 20.0
"""Demand at which b is the steady heart rate: in the middle of brisk walking, so that b and k are learned apart."""
DELAY_S = 6
"""From a demand to the heart's first answer as the strap shows it."""
WANDER_BPM = 1.7
STRAP_NOISE = 0.35
OFFSET_DRIFT = 0.08
"""bpm per root second: b follows drift of 14 bpm in 20 min."""
GAIN_DRIFT = 6e-4
DYNAMICS = 0.8
"""Variance per second for each (bpm/s)^2 of change: no heart keeps to two lags, so rates err by 20 % for 20 s."""
STRAP, WANDER, OFFSET, GAIN = 2, 3, 4, 5

Vector: TypeAlias = tuple[float, float, float, float, float, float]
Matrix: TypeAlias = tuple[Vector, Vector, Vector, Vector, Vector, Vector]


@dataclass(frozen=True, slots=True)
class Filter:
    """State and covariance; `slow_s` is this hypothesis's slow lag."""

    slow_s: float
    state: Vector
    spread: Matrix

    @property
    def hr_bpm(self) -> float:
        """The heart rate without its variability."""
        return self.state[1]

    def steady_bpm(self, demand_ml: float) -> float:
        """Where the heart would settle at this demand."""
        return self.state[OFFSET] + self.state[GAIN] * (demand_ml - REFERENCE_ML)

    def steady_sd_bpm(self, demand_ml: float) -> float:
        """Standard deviation of `steady_bpm`."""
        away, p = demand_ml - REFERENCE_ML, self.spread
        variance = p[OFFSET][OFFSET] + 2.0 * away * p[OFFSET][GAIN] + away * away * p[GAIN][GAIN]
        return sqrt(max(variance, 0.0))


def born(slow_s: float, hr_bpm: float, offset: tuple[float, float], gain: tuple[float, float]) -> Filter:
    """A filter that has heard one beat. `offset` and `gain`: (mean, standard deviation) in bpm and bpm per ml."""
    variances = (16.0, 16.0, 4.0, WANDER_BPM**2, offset[1] ** 2, gain[1] ** 2)
    return Filter(slow_s, (hr_bpm, hr_bpm, hr_bpm, 0.0, offset[0], gain[0]), _diagonal(variances))


def _diagonal(values: Vector) -> Matrix:
    a, b, c, d, e, f = values
    return (
        (a, 0.0, 0.0, 0.0, 0.0, 0.0), (0.0, b, 0.0, 0.0, 0.0, 0.0), (0.0, 0.0, c, 0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, d, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0, e, 0.0), (0.0, 0.0, 0.0, 0.0, 0.0, f),
    )  # fmt: skip


def predict(one: Filter, demand_ml: float, gain_scale: float) -> Filter:
    """One second on. `gain_scale` is the profile's gain, which drift is measured by."""
    away = demand_ml - REFERENCE_ML
    f, s = 1.0 / FAST_S, 1.0 / one.slow_s
    fast, slow, strap, wander, offset, gain = one.state
    state = (
        fast + f * (offset + gain * away - fast),
        slow + s * (fast - slow),
        strap + (slow + wander - strap) / STRAP_S,
        wander - wander / WANDER_S,
        offset,
        gain,
    )
    hurry = (slow - fast) * s
    return Filter(one.slow_s, state, _spread_on(one.spread, f, s, away, gain_scale, hurry * hurry * DYNAMICS))


def _spread_on(p: Matrix, f: float, s: float, away: float, gain_scale: float, unsure: float) -> Matrix:
    """F P F' + Q, written out along the few entries of F that are not 0."""
    keep_f, keep_s, t, keep_w = 1.0 - f, 1.0 - s, 1.0 / STRAP_S, 1.0 - 1.0 / WANDER_S
    keep_t, fa = 1.0 - t, f * away
    p0, p1, p2, p3, p4, p5 = p
    rows = (
        [keep_f * a + f * b + fa * c for a, b, c in zip(p0, p4, p5, strict=True)],
        [keep_s * a + s * b for a, b in zip(p1, p0, strict=True)],
        [keep_t * a + t * (b + c) for a, b, c in zip(p2, p1, p3, strict=True)],
        [keep_w * a for a in p3],
        p4,
        p5,
    )
    a, b, c, d, e, g = [
        (
            keep_f * r[0] + f * r[4] + fa * r[5],
            keep_s * r[1] + s * r[0],
            keep_t * r[2] + t * (r[1] + r[3]),
            keep_w * r[3],
            r[4],
            r[5],
        )
        for r in rows
    ]
    drift = GAIN_DRIFT * gain_scale
    return (
        (a[0] + 0.02, *a[1:]),
        (b[0], b[1] + 0.02 + unsure, *b[2:]),
        (c[0], c[1], c[2] + 0.01, *c[3:]),
        (d[0], d[1], d[2], d[3] + 2.0 * WANDER_BPM**2 / WANDER_S, d[4], d[5]),
        (e[0], e[1], e[2], e[3], e[4] + OFFSET_DRIFT**2, e[5]),
        (g[0], g[1], g[2], g[3], g[4], g[5] + drift * drift),
    )


def surprise(one: Filter, hr_bpm: float) -> tuple[float, float]:
    """What a beat differs by from what was expected, and the variance of that difference."""
    return hr_bpm - one.state[STRAP], one.spread[STRAP][STRAP] + STRAP_NOISE


def correct(one: Filter, hr_bpm: float, gain_ends: tuple[float, float]) -> Filter:
    """Learn from an accepted beat; the gain stays between its ends."""
    error, variance = surprise(one, hr_bpm)
    heard = one.spread[STRAP]
    share = [value / variance for value in heard]
    x = [value + k * error for value, k in zip(one.state, share, strict=True)]
    x[GAIN] = min(max(x[GAIN], gain_ends[0]), gain_ends[1])
    a, b, c, d, e, g = [
        _row([value - k * h for value, h in zip(row, heard, strict=True)])
        for k, row in zip(share, one.spread, strict=True)
    ]
    return Filter(one.slow_s, _row(x), (a, b, c, d, e, g))


def _row(values: list[float]) -> Vector:
    a, b, c, d, e, f = values
    return a, b, c, d, e, f


def shifted(one: Filter, by: float) -> Filter:
    """The same heart with another gain: everything that is known together with the gain moves along."""
    column = one.spread[GAIN]
    scale = by / max(column[GAIN], 1e-9)
    return Filter(one.slow_s, _row([x + c * scale for x, c in zip(one.state, column, strict=True)]), one.spread)


def reopened(one: Filter, offset_sd_bpm: float, hr_bpm: float) -> Filter:
    """The heart is elsewhere than thought: take its rate, keep the gain, learn the offset anew."""
    by = hr_bpm - one.state[1]
    fast, slow, _, _, offset, gain = one.state
    variances = (16.0, 16.0, 4.0, WANDER_BPM**2, offset_sd_bpm**2, one.spread[GAIN][GAIN])
    return Filter(one.slow_s, (fast + by, slow + by, hr_bpm, 0.0, offset + by, gain), _diagonal(variances))
