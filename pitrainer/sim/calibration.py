"""Does the population look like published people? The bench's runners, identified and controlled as in the literature.

Each runner runs 35 min while the speed jumps by 0.25 m/s either way around the usual one, every 40-150 s (a
pseudo-random binary sequence, as in Wang & Hunt 2021). A first-order model k / (tau s + 1) with offset and slow trend
is fitted to 5-s means of the true heart rate. Then the speed loop of Wang & Hunt 2023 holds the heart rate for 30 min
with its published nominal model (k = 28.6 bpm/(m/s), tau = 70.6 s): root mean square of the error after 5 min, and
the mean square of the change of speed from one 5-s sample to the next.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, sqrt
from statistics import fmean, stdev

from pitrainer.core.oxygen import Gait
from pitrainer.sim.population import Person, population

SAMPLE_S = 5
JUMP_M_S = 0.25
SECONDS = 2100
NOMINAL_GAIN, NOMINAL_S = 28.6, 70.6
TAUS_S = tuple(10.0 * 1.12**i for i in range(30))


@dataclass(frozen=True, slots=True)
class Plant:
    """A fitted first-order model: bpm/(m/s), s, and the residual's root mean square in bpm."""

    gain: float
    tau_s: float
    residual_bpm: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Means and standard deviations over the runners."""

    gain: tuple[float, float]
    tau_s: tuple[float, float]
    residual_bpm: tuple[float, float]
    rmse_bpm: tuple[float, float]
    power: float
    """Mean square of the change of speed per sample, 1e-4 m2/s2."""


def calibrate(runners: int, seed: int) -> Calibration:
    """Identify and control so many runners of a population."""
    people = [person for person in population(runners * 4, seed) if person.gait is Gait.RUN][:runners]
    plants = [identify(person, seed) for person in people]
    loops = [closed_loop(person, seed + 1) for person in people]
    return Calibration(
        _spread([plant.gain for plant in plants]),
        _spread([plant.tau_s for plant in plants]),
        _spread([plant.residual_bpm for plant in plants]),
        _spread([rmse for rmse, _ in loops]),
        1e4 * fmean(power for _, power in loops),
    )


def identify(person: Person, seed: int) -> Plant:
    """The first-order model that fits this runner best."""
    runner, draw = person.runner(seed), random.Random(seed * 31 + person.number)
    runner.settle(person.speed_kmh, 0.0)
    speeds: list[float] = []
    heart: list[float] = []
    jump, until = JUMP_M_S, 300
    for second in range(SECONDS):
        if second >= until:
            jump, until = -jump, second + draw.choice((40, 70, 100, 150))
        runner.step(1.0, person.speed_kmh + 3.6 * jump, 0.0)
        speeds.append(jump)
        heart.append(runner.true_bpm)
    begin = 300
    inputs, outputs = _means(speeds[begin:]), _means(heart[begin:])
    return min((_fitted(inputs, outputs, tau) for tau in TAUS_S), key=lambda plant: plant.residual_bpm)


def closed_loop(person: Person, seed: int) -> tuple[float, float]:
    """RMSE in bpm and power of Hunt's constant form on speed, holding this runner's own warm heart rate."""
    runner = person.runner(seed)
    runner.settle(person.speed_kmh, 0.0)
    target, seen, speeds, errors = runner.heart.bpm, [runner.heart.bpm], [0.0], list[float]()
    integral = 0.0
    for second in range(1, SECONDS + 1):
        bpm = runner.step(1.0, max(person.speed_kmh + 3.6 * speeds[-1], 3.0), 0.0)
        seen.append(runner.true_bpm if bpm is None else bpm)
        errors.append(runner.true_bpm - target)
        if second % SAMPLE_S == 0:
            error = target - fmean(seen[-SAMPLE_S:])
            integral += error * SAMPLE_S / (NOMINAL_GAIN * NOMINAL_S)
            speeds.append(integral + error / NOMINAL_GAIN)
    late = _means(errors[300:])
    changes = [b - a for a, b in pairwise(speeds[60:])]
    return sqrt(fmean(e * e for e in late)), fmean(c * c for c in changes)


def _fitted(inputs: Sequence[float], outputs: Sequence[float], tau_s: float) -> Plant:
    """Least squares of outputs on the lagged input, a constant and a straight trend."""
    keep, state, lagged = exp(-SAMPLE_S / tau_s), 0.0, []
    for value in inputs:
        lagged.append(state)
        state = keep * state + (1.0 - keep) * value
    trend = [i / len(outputs) for i in range(len(outputs))]
    x, y = _without(lagged, trend), _without(outputs, trend)
    gain = sum(a * b for a, b in zip(x, y, strict=True)) / max(sum(a * a for a in x), 1e-9)
    return Plant(gain, tau_s, sqrt(fmean((b - gain * a) ** 2 for a, b in zip(x, y, strict=True))))


def _without(values: Sequence[float], trend: Sequence[float]) -> list[float]:
    """What a constant and a straight trend leave."""
    mean, middle = fmean(values), fmean(trend)
    slope = sum((v - mean) * (t - middle) for v, t in zip(values, trend, strict=True))
    slope /= sum((t - middle) ** 2 for t in trend)
    return [v - mean - slope * (t - middle) for v, t in zip(values, trend, strict=True)]


def _means(values: Sequence[float]) -> list[float]:
    return [fmean(values[i : i + SAMPLE_S]) for i in range(0, len(values) - SAMPLE_S + 1, SAMPLE_S)]


def _spread(values: Sequence[float]) -> tuple[float, float]:
    return fmean(values), stdev(values)
