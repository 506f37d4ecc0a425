"""Where the heart goes from here: for nine plausible hearts at once, and for any move of a motor.

The belief's three filters, each with its gain as it is and one standard deviation to either side, make nine hearts.
All are linear in demand, so a forecast is the heart left alone plus gain x the answer to a move; the answer to a move
of a motor with a finite rate is the difference of two ramp answers, looked up in a table for each slow lag.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp

from pitrainer.core.heartmodel import DELAY_S, FAST_S, GAIN, Filter, shifted
from pitrainer.core.observer import Bank

TIMES_S = (10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 150, 180)
SHARES = (2.0,) * 12 + (6.0, 6.0)
"""How many 5-s steps each of these times stands for."""
LONGEST_S = 200
GAIN_SHARES = ((-1.0, 0.25), (0.0, 0.5), (1.0, 0.25))

Curve = tuple[float, ...]
"""One value for each of TIMES_S."""


@dataclass(frozen=True, slots=True)
class Heart:
    """One plausible heart: how likely, how fast, how strong, and its rate over TIMES_S if nothing moves."""

    weight: float
    lag: int
    """Index of its slow lag."""
    gain: float
    steady_bpm: float
    hr_bpm: float
    alone: Curve


def hearts(bank: Bank, demand_ml: float) -> tuple[Heart, ...]:
    """The plausible hearts at a demand that stays (ml/kg/min); what is under way in them is taken from the belief."""
    waiting = bank.demands[-DELAY_S:]
    under_way = sum(waiting) / len(waiting)
    found = []
    for lag, (one, weight) in enumerate(zip(bank.filters, bank.weights, strict=True)):
        deviation = max(one.spread[GAIN][GAIN], 0.0) ** 0.5
        for way, share in GAIN_SHARES:
            other = shifted(one, way * deviation) if way else one
            found.append(_heart(other, lag, weight * share, under_way, demand_ml))
    return tuple(found)


def _heart(one: Filter, lag: int, weight: float, under_way_ml: float, demand_ml: float) -> Heart:
    fast, slow = one.state[0], one.state[1]
    fast, slow = _relax(fast, slow, one.steady_bpm(under_way_ml), one.slow_s, DELAY_S)
    steady = one.steady_bpm(demand_ml)
    gaps = _gaps(one.slow_s)
    alone = tuple([steady + (fast - steady) * a + (slow - steady) * b for a, b in gaps])
    return Heart(weight, lag, max(one.state[GAIN], 0.05), steady, one.state[1], alone)


def _relax(fast: float, slow: float, steady: float, slow_s: float, seconds: float) -> tuple[float, float]:
    from_fast, from_slow = _shares(slow_s, seconds)
    gap = fast - steady
    return steady + gap * exp(-seconds / FAST_S), steady + gap * from_fast + (slow - steady) * from_slow


def _shares(slow_s: float, seconds: float) -> tuple[float, float]:
    """How much of a gap of the fast lag, and of the slow one, is in the slow one after so long."""
    quick, late = exp(-seconds / FAST_S), exp(-seconds / slow_s)
    return FAST_S / (FAST_S - slow_s) * (quick - late), late


@lru_cache(maxsize=8)
def _gaps(slow_s: float) -> tuple[tuple[float, float], ...]:
    return tuple([_shares(slow_s, max(t - DELAY_S, 0)) for t in TIMES_S])


@lru_cache(maxsize=8)
def _ramp_table(slow_s: float) -> tuple[float, ...]:
    """The answer to a demand that rises by 1 a second from now on, second by second, for a gain of 1."""
    table, total = [0.0], 0.0
    for second in range(1, LONGEST_S + 1):
        t = second - 0.5
        step = 1.0 + (FAST_S * exp(-t / FAST_S) - slow_s * exp(-t / slow_s)) / (slow_s - FAST_S)
        total += step
        table.append(total)
    return tuple(table)


def answer(slow_s: float, change_ml: float, start_s: float, lasts_s: float) -> Curve:
    """What a move adds to TIMES_S for a gain of 1: demand changes by `change_ml` from `start_s` on, in `lasts_s`."""
    lasts_s = max(lasts_s, 0.5)
    rate = change_ml / lasts_s
    begins = start_s + DELAY_S
    table = _ramp_table(slow_s)
    return tuple([rate * (_at(table, t - begins) - _at(table, t - begins - lasts_s)) for t in TIMES_S])


def _at(table: tuple[float, ...], seconds: float) -> float:
    if seconds <= 0.0:
        return 0.0
    whole = int(seconds)
    return table[whole] + (seconds - whole) * (table[whole + 1] - table[whole])
