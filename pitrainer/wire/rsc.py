"""Bluetooth Running Speed and Cadence Service 0x1814: the notifications of a foot pod (RSC Measurement 0x2A53).

Flags u8, speed u16 in 1/256 m/s, cadence u8 in 1/min, then a stride length u16 in cm (bit 0) and a total distance u32
in dm (bit 1). The cadence of pods in use is steps, of both feet; some count strides, and nothing in the packet tells
them apart. Bit 2 says running rather than walking, but only of a pod whose feature (0x2A54, bit 2) says that it can
tell: any other leaves it at 0, so `decode` may be given the feature. Reserved bits and surplus octets are ignored; an
optional field that is cut off is None. Source: Running Speed and Cadence Service 1.0, sections 3.1 and 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitrainer.wire.fields import U8, U16, Number, full_uuid, read_each, take

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload

SERVICE = full_uuid(0x1814)
MEASUREMENT = full_uuid(0x2A53)
FEATURE = full_uuid(0x2A54)
SENSOR_LOCATION = full_uuid(0x2A5D)
CONTROL_POINT = full_uuid(0x2A55)

_STRIDE, _DISTANCE, _RUNNING = 0x01, 0x02, 0x04
_SPEED = Number(2, per_unit=256 / 3.6)
_STRIDE_M = Number(2, per_unit=100)
_DISTANCE_M = Number(4, per_unit=10)


@dataclass(frozen=True, slots=True)
class RunningSpeedCadence:
    """One notification; a foot at rest has speed and cadence 0."""

    speed_kmh: float
    cadence_spm: int
    """Steps per minute, of both feet together."""
    stride_m: float | None = None
    distance_m: float | None = None
    """Since the pod was last set to zero."""
    running: bool | None = None
    """False: walking. None: this pod cannot tell."""


@dataclass(frozen=True, slots=True)
class Feature:
    """What a pod says it can measure (0x2A54)."""

    stride: bool
    distance: bool
    gait: bool
    """Can it tell running from walking?"""
    calibration: bool
    several_locations: bool


def decode(payload: Payload, *, feature: Feature | None = None) -> RunningSpeedCadence:
    """A notification of 0x2A53. Without the pod's `feature` its word for walking is taken. Raises `WireError`
    when speed or cadence is missing."""
    octets = take(payload, 4, "RSC Measurement")
    flags = octets[0]
    wanted = [number for bit, number in ((_STRIDE, _STRIDE_M), (_DISTANCE, _DISTANCE_M)) if flags & bit]
    values = iter(read_each(wanted, octets[4:]))
    stride_m = next(values) if flags & _STRIDE else None
    distance_m = next(values) if flags & _DISTANCE else None
    tells = bool(flags & _RUNNING) or feature is None or feature.gait
    return RunningSpeedCadence(
        int.from_bytes(octets[1:3], "little") * 3.6 / 256,
        octets[3],
        stride_m,
        distance_m,
        bool(flags & _RUNNING) if tells else None,
    )


def encode(measurement: RunningSpeedCadence) -> bytes:
    """The notification for a measurement, for a virtual pod. Raises `WireError` for what the fields cannot hold."""
    flags = _RUNNING if measurement.running else 0
    body = _SPEED.write(measurement.speed_kmh, "speed, km/h") + U8.write(measurement.cadence_spm, "cadence, steps/min")
    if measurement.stride_m is not None:
        flags |= _STRIDE
        body += _STRIDE_M.write(measurement.stride_m, "stride, m")
    if measurement.distance_m is not None:
        flags |= _DISTANCE
        body += _DISTANCE_M.write(measurement.distance_m, "distance, m")
    return bytes([flags]) + body


def decode_feature(payload: Payload) -> Feature:
    """The value of 0x2A54. Raises `WireError` when it is cut short."""
    bits = int.from_bytes(take(payload, 2, "RSC Feature")[:2], "little")
    return Feature(*(bool(bits >> bit & 1) for bit in range(5)))


def encode_feature(feature: Feature) -> bytes:
    told = (feature.stride, feature.distance, feature.gait, feature.calibration, feature.several_locations)
    return U16.write(sum(able << bit for bit, able in enumerate(told)), "RSC Feature")
