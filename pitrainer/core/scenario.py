"""The scenario law: of all sensible moves of one motor, the one that serves every plausible heart best.

A move is a first set-point now and a second one 25 s later. For each, the rate of nine plausible hearts
(core/forecast.py) is foreseen for three minutes with the motor's own rate and delay; what counts is the squared
distance from the target (twice as bad above it), any time above the cap on any of the hearts (heavily), and a
price for moving, so that the lift rests when nothing is to be gained. The governor never lets the first set-point
mean a steady rate further above the target than a share of what is still missing to it and 2 bpm.

Candidates, weights and horizons: prototype of the controller study (`quiet`: 7 lift commands in 10 min).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pitrainer.core.forecast import SHARES, TIMES_S, Curve, Heart, answer
from pitrainer.core.observer import SLOW_LAGS_S

OFFSETS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32)
NEAR_BPM, NEAR_OFFSETS = 6.0, 6
"""This close to the target only moves up to the sixth offset are looked at."""
SECOND_MOVE_S = 25.0
CAP_WEIGHT = 30.0
FIXED_COST = 4.0
SLACK_BPM = 2.0
SOON = 3
"""Index of the time, 40 s, whose target the governor looks at."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A motor and what it does to oxygen demand."""

    present: float
    sent: float
    lowest: float
    highest: float
    step: float
    unit: float
    """What a price for moving is counted in: 1 % or 0.5 km/h."""
    rate_s: float
    latency_s: float
    demand: Callable[[float], float]

    def within(self, value: float) -> float:
        """The nearest set-point that the motor has and that is allowed."""
        steps = round((value - self.lowest) / self.step)
        return min(max(self.lowest + steps * self.step, self.lowest), self.highest)


@dataclass(frozen=True, slots=True)
class Aim:
    """What to reach over forecast.TIMES_S, and how."""

    target_bpm: Curve
    cap_bpm: Curve
    over: float
    """How much worse above the target is than below."""
    move: float
    overdrive: float
    cap_weight: float = CAP_WEIGHT
    may_rise: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """The set-point chosen, and the likely heart rate over TIMES_S with it."""

    value: float
    forecast_bpm: Curve
    cost: float


@dataclass(frozen=True, slots=True)
class _Problem:
    axis: Axis
    hearts: tuple[Heart, ...]
    aim: Aim
    demand_ml: float
    gain: float
    steady_bpm: float
    price: float
    answers: dict[tuple[float, float, bool], tuple[Curve, ...]]


def decide(axis: Axis, hearts: tuple[Heart, ...], aim: Aim) -> Choice:
    """The best first set-point. `hearts` are those of the demand at `axis.present`."""
    problem = _pose(axis, hearts, aim)
    best = _judge(problem, axis.sent, axis.sent, float("inf"))
    assert best is not None
    ideal = _ideal(problem)
    for first in _candidates(problem, ideal):
        for second in {first, ideal}:
            best = _judge(problem, first, second, best.cost) or best
    for second in (ideal + axis.step, ideal - axis.step, ideal + 2 * axis.step, ideal - 2 * axis.step):
        best = _judge(problem, best.value, axis.within(second), best.cost) or best
    return best


def steady_bpm(hearts: tuple[Heart, ...], axis: Axis, value: float) -> float:
    """Where the heart would likely settle with this set-point; `hearts` are those of the demand at `axis.present`."""
    more = axis.demand(value) - axis.demand(axis.present)
    return sum(one.weight * (one.steady_bpm + one.gain * more) for one in hearts)


def _pose(axis: Axis, hearts: tuple[Heart, ...], aim: Aim) -> _Problem:
    gain = sum(one.weight * one.gain for one in hearts)
    steady = sum(one.weight * one.steady_bpm for one in hearts)
    demand = axis.demand(axis.present)
    slope = (axis.demand(axis.sent + axis.unit) - axis.demand(axis.sent - axis.unit)) / (2.0 * axis.unit)
    price = aim.move * gain * max(slope, 0.1)
    return _Problem(axis, hearts, aim, demand, gain, steady, price, {})


def _ideal(problem: _Problem) -> float:
    """The set-point whose steady rate is the last target."""
    axis, wanted = problem.axis, problem.aim.target_bpm[-1]
    low, high = axis.lowest, axis.highest
    for _ in range(12):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _steady(problem, middle) < wanted else (low, middle)
    return axis.within(0.5 * (low + high))


def _steady(problem: _Problem, value: float) -> float:
    return problem.steady_bpm + problem.gain * (problem.axis.demand(value) - problem.demand_ml)


def _candidates(problem: _Problem, ideal: float) -> list[float]:
    axis, aim = problem.axis, problem.aim
    now_bpm = sum(one.weight * one.hr_bpm for one in problem.hearts)
    missing = max(abs(aim.target_bpm[0] - now_bpm), abs(aim.target_bpm[-1] - problem.steady_bpm))
    offsets = OFFSETS[:NEAR_OFFSETS] if missing < NEAR_BPM else OFFSETS
    unit = max(axis.step, 0.5 * axis.unit if axis.unit == 1.0 else axis.step)
    values = {axis.within(axis.sent + way * offset * unit) for offset in offsets for way in (1, -1)}
    highest = aim.target_bpm[SOON] + aim.overdrive * max(0.0, aim.target_bpm[SOON] - now_bpm) + SLACK_BPM
    fit = [v for v in {*values, ideal, axis.within(axis.sent)} if v <= axis.sent or _steady(problem, v) <= highest]
    return sorted(v for v in fit if aim.may_rise or v <= axis.sent)


def _judge(problem: _Problem, first: float, second: float, below: float) -> Choice | None:
    """The cost of this pair of set-points, None as soon as it is not below `below`."""
    axis, aim = problem.axis, problem.aim
    cost = _moving(problem, abs(first - axis.sent), 1.0) + 0.5 * _moving(problem, abs(second - first), 2.0)
    pairs = zip(_answers(problem, axis.present, first, False), _answers(problem, first, second, True), strict=True)
    added = [[a + b for a, b in zip(one, two, strict=True)] for one, two in pairs]
    for heart in problem.hearts:
        if cost >= below:
            return None
        cost += _heart_cost(heart, added[heart.lag], aim)
    if cost >= below:
        return None
    forecast = [0.0] * len(TIMES_S)
    for heart in problem.hearts:
        change = added[heart.lag]
        forecast = [
            f + heart.weight * (a + heart.gain * c) for f, a, c in zip(forecast, heart.alone, change, strict=True)
        ]
    return Choice(first, tuple(forecast), cost)


def _moving(problem: _Problem, by: float, fixed_share: float) -> float:
    return problem.price * (FIXED_COST * fixed_share * problem.axis.unit + by) if by > 1e-9 else 0.0


def _heart_cost(heart: Heart, added: list[float], aim: Aim) -> float:
    away = past = 0.0
    gain, over = heart.gain, aim.over
    for alone, more, target, cap, share in zip(heart.alone, added, aim.target_bpm, aim.cap_bpm, SHARES, strict=True):
        bpm = alone + gain * more
        error = bpm - target
        away += share * error * error * (over if error > 0.0 else 1.0)
        if bpm > cap:
            past += share * (bpm - cap) * (bpm - cap)
    return heart.weight * away + aim.cap_weight * (heart.weight + 0.1) * past


def _answers(problem: _Problem, start: float, end: float, later: bool) -> tuple[Curve, ...]:
    """For each slow lag, what this move does for a gain of 1."""
    key = (start, end, later)
    if key not in problem.answers:
        axis = problem.axis
        change, lasts = axis.demand(end) - axis.demand(start), abs(end - start) / axis.rate_s
        begins = SECOND_MOVE_S + axis.latency_s if later else (0.0 if end == axis.sent else axis.latency_s)
        problem.answers[key] = tuple([answer(slow_s, change, begins, lasts) for slow_s in SLOW_LAGS_S])
    return problem.answers[key]
