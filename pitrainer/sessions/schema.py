"""What a session file may say: one Struct per kind of step, told apart by the key that gives its length."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta

from pitrainer.sessions.values import (
    Ascent,
    ClimbIncline,
    Distance,
    Duration,
    Ends,
    FixedIncline,
    FixedSpeed,
    HeartRate,
    Incline,
    Label,
    Name,
    Purpose,
)
from pitrainer.tomlfile import Table


class Leg(Table, frozen=True, kw_only=True):
    """What every leg may say. `until_*` end it early; the key that names its kind is its bound."""

    name: Name | None = None
    say: Label = Label()
    hr_max: HeartRate | None = None
    until_hr_below: HeartRate | None = None
    until_hr_above: HeartRate | None = None
    until_tap: bool = False


class TimedLeg(Leg, frozen=True, kw_only=True, rename={"for_": "for"}):
    KEY: ClassVar[str] = "for"
    for_: Duration
    incline: FixedIncline
    speed: FixedSpeed | None = None


class DistanceLeg(Leg, frozen=True, kw_only=True):
    KEY: ClassVar[str] = "distance"
    distance: Distance
    incline: FixedIncline
    speed: FixedSpeed


class AscentLeg(Leg, frozen=True, kw_only=True):
    KEY: ClassVar[str] = "ascent"
    ascent: Ascent
    incline: FixedIncline
    speed: FixedSpeed


class RampLeg(Leg, frozen=True, kw_only=True):
    KEY: ClassVar[str] = "ramp"
    ramp: Duration
    incline: Incline
    speed: Ends | None = None


class ClimbLeg(Leg, frozen=True, kw_only=True):
    KEY: ClassVar[str] = "climb"
    climb: Duration
    incline: ClimbIncline
    hr_max: HeartRate
    speed: FixedSpeed | None = None


class Repeat(Table, frozen=True, kw_only=True):
    KEY: ClassVar[str] = "repeat"
    repeat: Annotated[int, Meta(ge=2, le=50)]
    steps: tuple[AnyStep, ...]


AnyLeg: TypeAlias = TimedLeg | DistanceLeg | AscentLeg | RampLeg | ClimbLeg
AnyStep: TypeAlias = TimedLeg | DistanceLeg | AscentLeg | RampLeg | ClimbLeg | Repeat


class SessionTable(Table, frozen=True, kw_only=True):
    """The whole file."""

    name: Name
    steps: tuple[AnyStep, ...]
    purpose: Purpose = Purpose()
    units: Literal["km", "mi"] = "km"
