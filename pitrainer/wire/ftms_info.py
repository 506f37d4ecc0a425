"""What a fitness machine says about itself: advertisement, features and ranges.

All of it is a hint. Real machines leave the service data out or garble it, set feature bits for what they cannot do
and reserved ones besides, cut ranges short, and state miles as kilometres. So reserved bits are kept and
ignored, what is cut off is None, and nothing here is a promise.
Source: Fitness Machine Service 1.0.1, sections 3.1 (advertising), 4.3 (feature) and 4.11 to 4.15 (ranges).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitrainer.wire import WireError
from pitrainer.wire.fields import (
    S16,
    TENTHS_S16,
    TENTHS_U8,
    TENTHS_U16,
    U8,
    U16,
    Number,
    read_each,
    take,
)
from pitrainer.wire.ftms_data import SPEED, SpeedUnit

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload

_U32 = Number(4)
_TREADMILL = 1


def decode_service_data(payload: Payload) -> bool | None:
    """Does the advertised service data of 0x1826 claim a treadmill? None: it does not say.

    A hint only: the type may come in one octet instead of two, or swapped; GATT tells the truth.
    """
    kinds = take(payload, 0, "Fitness Machine service data")[1:3]
    return bool(sum(kinds) & _TREADMILL) if any(kinds) else None


def encode_service_data(available: bool = True) -> bytes:
    """What a treadmill advertises: whether it can be used now, and its type."""
    return bytes([available, _TREADMILL, 0])


@dataclass(frozen=True, slots=True)
class _Bit:
    """Reads as the bit of one of a `Feature`'s two words."""

    word: str
    place: int

    def __get__(self, feature: object, owner: type | None = None) -> bool:
        return feature is not None and bool(getattr(feature, self.word) >> self.place & 1)


@dataclass(frozen=True, slots=True)
class Feature:
    """Fitness Machine Feature 0x2ACC: two words of 32 bits, and a name for every bit that has one."""

    machine: int = 0
    target: int = 0

    average_speed = _Bit("machine", 0)
    cadence = _Bit("machine", 1)
    total_distance = _Bit("machine", 2)
    inclination = _Bit("machine", 3)
    elevation_gain = _Bit("machine", 4)
    pace = _Bit("machine", 5)
    step_count = _Bit("machine", 6)
    resistance = _Bit("machine", 7)
    stride_count = _Bit("machine", 8)
    expended_energy = _Bit("machine", 9)
    heart_rate = _Bit("machine", 10)
    metabolic_equivalent = _Bit("machine", 11)
    elapsed_time = _Bit("machine", 12)
    remaining_time = _Bit("machine", 13)
    power = _Bit("machine", 14)
    force_on_belt = _Bit("machine", 15)
    user_data_retention = _Bit("machine", 16)

    target_speed = _Bit("target", 0)
    target_incline = _Bit("target", 1)
    target_resistance = _Bit("target", 2)
    target_power = _Bit("target", 3)
    target_heart_rate = _Bit("target", 4)
    target_energy = _Bit("target", 5)
    target_steps = _Bit("target", 6)
    target_strides = _Bit("target", 7)
    target_distance = _Bit("target", 8)
    target_time = _Bit("target", 9)
    target_two_zone_times = _Bit("target", 10)
    target_three_zone_times = _Bit("target", 11)
    target_five_zone_times = _Bit("target", 12)
    bike_simulation = _Bit("target", 13)
    wheel_circumference = _Bit("target", 14)
    spin_down = _Bit("target", 15)
    target_cadence = _Bit("target", 16)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the bits that are set, in the standard's order; reserved bits have none."""
        return tuple(name for name in FEATURE_NAMES if getattr(self, name))

    @classmethod
    def of(cls, *names: str) -> Feature:
        """The feature words with exactly these bits. Raises `WireError` for a name that is none."""
        words = {"machine": 0, "target": 0}
        for name in names:
            bit = vars(cls).get(name)
            if not isinstance(bit, _Bit):
                raise WireError(f"Fitness Machine Feature: {name!r} is none of {', '.join(FEATURE_NAMES)}")
            words[bit.word] |= 1 << bit.place
        return cls(**words)


FEATURE_NAMES = tuple(name for name, bit in vars(Feature).items() if isinstance(bit, _Bit))


def decode_feature(payload: Payload) -> Feature:
    """Value of 0x2ACC. A missing second word reads as no bits; raises `WireError` below the first word."""
    octets = take(payload, 4, "Fitness Machine Feature")
    target = octets[4:8] if len(octets) >= 8 else b""
    return Feature(int.from_bytes(octets[:4], "little"), int.from_bytes(target, "little"))


def encode_feature(feature: Feature) -> bytes:
    return _U32.write(feature.machine, "machine features") + _U32.write(feature.target, "target features")


@dataclass(frozen=True, slots=True)
class Range:
    """What a setting can be, in the setting's unit. `step` None: the machine did not say."""

    minimum: float
    maximum: float
    step: float | None


_INCLINE = (TENTHS_S16, TENTHS_S16, TENTHS_U16)
_RESISTANCE = _INCLINE
_HEART_RATE = (U8, U8, U8)
_POWER = (S16, S16, U16)


def _decode_range(payload: Payload, layout: tuple[Number, Number, Number], what: str) -> Range:
    name = f"Supported {what} Range"
    octets = take(payload, 0, name)
    minimum, maximum, step = read_each(layout, octets)
    if minimum is None or maximum is None:
        raise WireError(f"{name}: a minimum and a maximum are needed, there is only '{octets.hex(' ')}'")
    return Range(minimum, maximum, step)


def _encode_range(span: Range, layout: tuple[Number, Number, Number], what: str) -> bytes:
    values = (span.minimum, span.maximum, span.step)
    return b"".join(number.write(value, what) for number, value in zip(layout, values, strict=True))


def decode_speed_range(payload: Payload, unit: SpeedUnit = SpeedUnit.KMH) -> Range:
    """Value of 0x2AD4 in km/h. Raises `WireError` without a minimum and a maximum, as all ranges do."""
    return _decode_range(payload, (SPEED[unit],) * 3, "Speed")


def encode_speed_range(span: Range, unit: SpeedUnit = SpeedUnit.KMH) -> bytes:
    return _encode_range(span, (SPEED[unit],) * 3, "speed range, km/h")


def decode_incline_range(payload: Payload) -> Range:
    """Value of 0x2AD5 in percent, downhill negative."""
    return _decode_range(payload, _INCLINE, "Inclination")


def encode_incline_range(span: Range) -> bytes:
    return _encode_range(span, _INCLINE, "incline range, percent")


def decode_resistance_range(payload: Payload) -> Range:
    """Value of 0x2AD6, without a unit; the three octets of some machines are read as tenths too."""
    short = len(take(payload, 2, "Supported Resistance Range")) <= 3
    return _decode_range(payload, (TENTHS_U8,) * 3 if short else _RESISTANCE, "Resistance")


def encode_resistance_range(span: Range) -> bytes:
    return _encode_range(span, _RESISTANCE, "resistance range")


def decode_heart_rate_range(payload: Payload) -> Range:
    """Value of 0x2AD7 in bpm."""
    return _decode_range(payload, _HEART_RATE, "Heart Rate")


def encode_heart_rate_range(span: Range) -> bytes:
    return _encode_range(span, _HEART_RATE, "heart-rate range, bpm")


def decode_power_range(payload: Payload) -> Range:
    """Value of 0x2AD8 in W."""
    return _decode_range(payload, _POWER, "Power")


def encode_power_range(span: Range) -> bytes:
    return _encode_range(span, _POWER, "power range, W")
