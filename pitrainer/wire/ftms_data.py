"""Treadmill Data 0x2ACD: what the belt, the lift and the console's clock did, once a second.

Flags u16, then the fields in a fixed order. Bit 0 is turned round: when it is 0 the instantaneous speed is there
and the record is complete; when it is 1 more notifications belong to it (`merge`). Real treadmills shape the
tolerance here: Matrix consoles flag 31 octets and send 20, walking pads add a step count under reserved bit 13,
others pad, or put 0x7FFF and 0xFFFF into unsigned elevation, or 0 for "no heart rate". A packet decodes as far as
it goes. Pace has two widths in the wild: one octet of 0.1 km/min (the 2017 definition) or two of seconds per 500 m
(the current one); the one whose length fits the packet is right, and one octet where neither fits.
Source: Fitness Machine Service 1.0.1, sections 4.4.1 and 4.19; packets of real machines are in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pitrainer.wire import WireError
from pitrainer.wire.fields import TENTHS_U8, U16, U24, Number, read_each, take

if TYPE_CHECKING:
    from typing import TypeAlias

    from pitrainer.wire.fields import Payload

    Field: TypeAlias = tuple[str, Number]
    Group: TypeAlias = tuple[int, tuple[Field, ...]]
    """A flag bit and the fields that it announces."""


class SpeedUnit(StrEnum):
    """What a machine means by its speed fields. The standard says km/h; some consoles send miles per hour."""

    KMH = "km/h"
    MPH = "mph"


KMH_PER_MPH = 1.609344
SPEED = {SpeedUnit.KMH: Number(2, per_unit=100), SpeedUnit.MPH: Number(2, per_unit=100 / KMH_PER_MPH)}

_SLOPE = Number(2, per_unit=10, signed=True, absent=(0x7FFF,))
_ELEVATION = Number(2, per_unit=10, absent=(0xFFFF, 0x7FFF))
_ENERGY = Number(2, absent=(0xFFFF,))
_EFFORT = Number(2, signed=True, absent=(0x7FFF,))


@dataclass(frozen=True, slots=True)
class TreadmillData:
    """One record, or a part of one while `more_data`. Distances and times count from the start of the session."""

    speed_kmh: float | None = None
    average_speed_kmh: float | None = None
    distance_m: int | None = None
    incline_pct: float | None = None
    ramp_angle_deg: float | None = None
    elevation_gain_m: float | None = None
    elevation_loss_m: float | None = None
    pace_km_min: float | None = None
    """Pace as the 2017 definition has it: km in a minute."""
    pace_s_500m: int | None = None
    """Pace as the current definition has it: seconds for 500 m."""
    average_pace_km_min: float | None = None
    average_pace_s_500m: int | None = None
    energy_kcal: int | None = None
    energy_kcal_h: int | None = None
    energy_kcal_min: int | None = None
    hr_bpm: int | None = None
    met: float | None = None
    elapsed_s: int | None = None
    remaining_s: int | None = None
    force_n: int | None = None
    power_w: int | None = None
    steps: int | None = None
    """Not in the standard: reserved bit 13, as KingSmith, Urevo and CitySports use it."""
    more_data: bool = False
    """True: the rest of this record is still to come."""


def _groups(unit: SpeedUnit, wide_pace: bool) -> tuple[Group, ...]:
    """What follows the instantaneous speed, in order."""
    pace, kind = ("s_500m", U16) if wide_pace else ("km_min", TENTHS_U8)
    return (
        (1, (("average_speed_kmh", SPEED[unit]),)),
        (2, (("distance_m", U24),)),
        (3, (("incline_pct", _SLOPE), ("ramp_angle_deg", _SLOPE))),
        (4, (("elevation_gain_m", _ELEVATION), ("elevation_loss_m", _ELEVATION))),
        (5, ((f"pace_{pace}", kind),)),
        (6, ((f"average_pace_{pace}", kind),)),
        (
            7,
            (
                ("energy_kcal", _ENERGY),
                ("energy_kcal_h", _ENERGY),
                ("energy_kcal_min", Number(1, absent=(0xFF,))),
            ),
        ),
        (8, (("hr_bpm", Number(1, absent=(0,))),)),
        (9, (("met", TENTHS_U8),)),
        (10, (("elapsed_s", U16),)),
        (11, (("remaining_s", U16),)),
        (12, (("force_n", _EFFORT), ("power_w", _EFFORT))),
        (13, (("steps", U24),)),
    )


def _announced(flags: int, unit: SpeedUnit, wide_pace: bool) -> list[Field]:
    speed: list[Field] = [] if flags & 1 else [("speed_kmh", SPEED[unit])]
    return speed + [field for bit, group in _groups(unit, wide_pace) if flags >> bit & 1 for field in group]


def _size(layout: list[Field]) -> int:
    return 2 + sum(number.size for _, number in layout)


def decode_treadmill_data(payload: Payload, unit: SpeedUnit = SpeedUnit.KMH) -> TreadmillData:
    """One notification of 0x2ACD, as far as it goes. Raises `WireError` below the two octets of flags."""
    octets = take(payload, 2, "Treadmill Data")
    flags = int.from_bytes(octets[:2], "little")
    layout = _announced(flags, unit, wide_pace=False)
    wide = _announced(flags, unit, wide_pace=True)
    if len(octets) == _size(wide) != _size(layout):
        layout = wide
    values = read_each((number for _, number in layout), octets[2:])
    found: dict[str, Any] = {name: value for (name, _), value in zip(layout, values, strict=True)}
    return TreadmillData(more_data=bool(flags & 1), **found)


def encode_treadmill_data(data: TreadmillData, unit: SpeedUnit = SpeedUnit.KMH) -> bytes:
    """The notification that says `data`; what is `None` is left out, or marked so where its neighbour is known.

    Raises `WireError` when a complete record has no speed, a part of one has, pace comes in both widths, or a
    value does not fit.
    """
    _check_speakable(data)
    wide = data.pace_s_500m is not None or data.average_pace_s_500m is not None
    flags = 1 if data.more_data else 0
    body = b"" if data.more_data else SPEED[unit].write(data.speed_kmh, "speed_kmh")
    for bit, group in _groups(unit, wide):
        if any(getattr(data, name) is not None for name, _ in group):
            flags |= 1 << bit
            body += b"".join(number.write(getattr(data, name), name) for name, number in group)
    return flags.to_bytes(2, "little") + body


def _check_speakable(data: TreadmillData) -> None:
    if data.more_data and data.speed_kmh is not None:
        raise WireError("Treadmill Data: speed goes into the last part of a record, where more_data is False")
    if not data.more_data and data.speed_kmh is None:
        raise WireError("Treadmill Data: a complete record has a speed; a standing belt has 0.0")
    narrow = data.pace_km_min is not None or data.average_pace_km_min is not None
    if narrow and (data.pace_s_500m is not None or data.average_pace_s_500m is not None):
        raise WireError("Treadmill Data: pace is either in km_min or in s_500m, not in both")


def merge(first: TreadmillData | None, part: TreadmillData) -> TreadmillData:
    """`first`, an unfinished record or None, continued by `part`; use the result once `more_data` is False.

    A finished `first` is over: the part then begins a new record. After a lost link start again with None.
    """
    if first is None or not first.more_data:
        return part
    said = {field.name: getattr(part, field.name) for field in fields(part)}
    return replace(first, **{name: value for name, value in said.items() if value is not None})
