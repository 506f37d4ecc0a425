"""What goes wrong in a session, scripted or drawn from a seed: five lies of a strap, and a hand at the console.

Numbers (from field reports of straps and armbands): nothing at all for 5-40 s; a frozen value for 8-30 s; locked on to
the steps for 20-90 s, 105-120 a minute walking and 160-180 running; spikes to 0, 30, 210 or 240 for 1-3 s; about one
fault in 7 min. A change at the console is 1 % of incline or 0.3 km/h, either way, as long as it does not stop the belt.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from pitrainer.core.oxygen import Gait
from pitrainer.sim.treadmill import SimulatedTreadmill

EVERY_S = 420.0
FIRST_S = 60.0


class FaultKind(StrEnum):
    """What goes wrong."""

    DROPOUT = "dropout"
    FROZEN = "frozen"
    CADENCE = "cadence"
    SPIKE = "spike"
    CONSOLE = "console"


STRAP_FAULTS = (FaultKind.DROPOUT, FaultKind.FROZEN, FaultKind.CADENCE, FaultKind.SPIKE)
LASTS_S = {
    FaultKind.DROPOUT: (5.0, 40.0),
    FaultKind.FROZEN: (8.0, 30.0),
    FaultKind.CADENCE: (20.0, 90.0),
    FaultKind.SPIKE: (1.0, 3.0),
    FaultKind.CONSOLE: (1.0, 1.0),
}
SPIKES_BPM = (0.0, 30.0, 210.0, 240.0)
STEPS_PER_MIN = {Gait.WALK: (105.0, 120.0), Gait.RUN: (160.0, 180.0)}
CONSOLE_PCT = 1.0
CONSOLE_KMH = 0.3


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `value`: the rate that a cadence lock or spike shows; +1 or -1 for incline and +2 or -2 for speed
    at the console."""

    kind: FaultKind
    from_s: float
    for_s: float
    value: float = 0.0

    @property
    def to_s(self) -> float:
        return self.from_s + self.for_s


def draw_faults(
    seed: int,
    session_s: float,
    gait: Gait,
    *,
    kinds: tuple[FaultKind, ...] = STRAP_FAULTS,
    every_s: float = EVERY_S,
    first_s: float = FIRST_S,
) -> tuple[Fault, ...]:
    """Faults of a session in the order of time, never two at once, one in `every_s` on the average."""
    draw = random.Random(seed)
    faults: list[Fault] = []
    at_s = first_s + draw.expovariate(1.0 / every_s)
    while at_s < session_s:
        fault = _fault(draw, draw.choice(kinds), at_s, gait)
        faults.append(fault)
        at_s = fault.to_s + 30.0 + draw.expovariate(1.0 / max(every_s - 60.0, 1.0))
    return tuple(faults)


def _fault(draw: random.Random, kind: FaultKind, at_s: float, gait: Gait) -> Fault:
    lasts = round(draw.uniform(*LASTS_S[kind]))
    if kind is FaultKind.CADENCE:
        return Fault(kind, at_s, lasts, round(draw.uniform(*STEPS_PER_MIN[gait])))
    if kind is FaultKind.SPIKE:
        return Fault(kind, at_s, lasts, draw.choice(SPIKES_BPM))
    if kind is FaultKind.CONSOLE:
        return Fault(kind, at_s, lasts, draw.choice((1.0, -1.0, 2.0, -2.0)))
    return Fault(kind, at_s, lasts)


class Heart(Protocol):
    """A runner with a strap."""

    def step(self, dt_s: float, speed_kmh: float, incline_pct: float) -> float | None: ...


@dataclass(slots=True)
class LyingStrap:
    """A runner whose strap lies by schedule; `step` as ever. A cadence lock wanders by a beat or two."""

    runner: Heart
    faults: tuple[Fault, ...]
    now_s: float = 0.0
    _held_bpm: float | None = None
    _random: random.Random = field(default_factory=lambda: random.Random(7))

    def step(self, dt_s: float, speed_kmh: float, incline_pct: float) -> float | None:
        """What the strap claims after `dt_s` seconds at this load; None: nothing came."""
        self.now_s += dt_s
        told = self.runner.step(dt_s, speed_kmh, incline_pct)
        fault = self.present()
        if fault is None:
            self._held_bpm = told
            return told
        if fault.kind is FaultKind.DROPOUT:
            return None
        if fault.kind is FaultKind.FROZEN:
            return self._held_bpm
        if fault.kind is FaultKind.CADENCE:
            return fault.value + self._random.choice((-1.0, 0.0, 0.0, 1.0))
        return fault.value

    def present(self) -> Fault | None:
        """The strap's fault at this moment."""
        strap = (fault for fault in self.faults if fault.kind is not FaultKind.CONSOLE)
        return next((fault for fault in strap if fault.from_s <= self.now_s < fault.to_s), None)


@dataclass(slots=True)
class HandledTreadmill(SimulatedTreadmill):
    """A treadmill whose runner uses the console by schedule: the machine goes there, whatever was told before."""

    faults: tuple[Fault, ...] = ()

    def step(self, dt_s: float) -> None:
        """Let `dt_s` seconds pass; a due fault is done once."""
        before_s = self._now_s
        SimulatedTreadmill.step(self, dt_s)
        for fault in self.faults:
            if fault.kind is FaultKind.CONSOLE and before_s < fault.from_s <= self._now_s and self.speed_kmh > 0.0:
                self._press(fault.value)

    def _press(self, value: float) -> None:
        sign = 1.0 if value > 0 else -1.0
        by_kmh, by_pct = (CONSOLE_KMH * sign, 0.0) if abs(value) > 1.5 else (0.0, CONSOLE_PCT * sign)
        speed = min(max(self.speed_kmh + by_kmh, self.speed_min_kmh), self.speed_max_kmh)
        incline = min(max(self.incline_pct + by_pct, self.incline_min_pct), self.incline_max_pct)
        self._queue.clear()
        self._told = (speed, incline)


@dataclass(slots=True)
class StickyTreadmill(SimulatedTreadmill):
    """A worn lift: it stays where it is until the set-point is `stick_pct` away, and then goes all the way."""

    stick_pct: float = 0.7
    _free: bool = False

    def step(self, dt_s: float) -> None:
        """Let `dt_s` seconds pass."""
        before_pct = self.incline_pct
        SimulatedTreadmill.step(self, dt_s)
        self._free = self._free or abs(self._told[1] - before_pct) >= self.stick_pct
        if not self._free:
            self.incline_pct = before_pct
        elif self.incline_pct == self._told[1]:
            self._free = False
