"""The control laws that pitrainer is compared with (docs/controllers.md), by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from pitrainer.sim.peers.ask import Aim, Ask, Motor, Peer
from pitrainer.sim.peers.consoles import BRISK_PCT, GENTLE_PCT, SPEED_DOWN, SPEED_UP, Matrix, Steps, TrueOrder
from pitrainer.sim.peers.hobby import BelgianCoder, Mlervaag, Ryanramage, Samsonovss
from pitrainer.sim.peers.linear import FIXED_GAIN, HuntLowPass, ProportionalIntegral
from pitrainer.sim.peers.qz import QzBand, QzZone


@dataclass(frozen=True, slots=True)
class Law:
    """A named law: what it moves, and how one is made for a run."""

    name: str
    motor: Motor
    make: Callable[[Ask], Peer]


LAWS: tuple[Law, ...] = (
    Law("PI, scheduled gain", Motor.INCLINE, ProportionalIntegral),
    Law("PI, fixed gain", Motor.INCLINE, lambda ask: ProportionalIntegral(ask, FIXED_GAIN)),
    Law("PI, scheduled, quiet", Motor.INCLINE, lambda ask: ProportionalIntegral(ask, quiet_steps=1.5, filter_s=8.0)),
    Law("Hunt, constant", Motor.INCLINE, lambda ask: HuntLowPass(ask, inf)),
    Law("Hunt, low-pass 0.06", Motor.INCLINE, HuntLowPass),
    Law("Hunt, low-pass 0.02", Motor.INCLINE, lambda ask: HuntLowPass(ask, 0.02)),
    Law("steps 0.5 % / 10 s", Motor.INCLINE, lambda ask: Steps(ask, 10.0, 0.5)),
    Law("steps 1 % / 30 s", Motor.INCLINE, lambda ask: Steps(ask, 30.0, 1.0, 2.0)),
    Law("steps 1 % / 60 s", Motor.INCLINE, lambda ask: Steps(ask, 60.0, 1.0, 2.0)),
    Law("steps 0.5 % / 30 s", Motor.INCLINE, lambda ask: Steps(ask, 30.0, 0.5, 2.0)),
    Law("h/p/cosmos, gentle", Motor.INCLINE, lambda ask: Matrix(ask, GENTLE_PCT, GENTLE_PCT)),
    Law("h/p/cosmos, brisk", Motor.INCLINE, lambda ask: Matrix(ask, BRISK_PCT, BRISK_PCT)),
    Law("h/p/cosmos, speed", Motor.SPEED, lambda ask: Matrix(ask, SPEED_UP, SPEED_DOWN, by_speed=True)),
    Law("QZ zone", Motor.SPEED, QzZone),
    Law("QZ band", Motor.SPEED, QzBand),
    Law("QZ zone by incline", Motor.INCLINE, lambda ask: QzZone(ask, by_incline=True)),
    Law("QZ band by incline", Motor.INCLINE, lambda ask: QzBand(ask, by_incline=True)),
    Law("mlervaag", Motor.INCLINE, Mlervaag),
    Law("ryanramage", Motor.INCLINE, Ryanramage),
    Law("Belgian-Coder", Motor.SPEED, BelgianCoder),
    Law("True's order", Motor.BOTH, TrueOrder),
    Law("samsonovss", Motor.SPEED, Samsonovss),
)

__all__ = ["LAWS", "Aim", "Ask", "Law", "Motor", "Peer"]
