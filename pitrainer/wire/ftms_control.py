"""Fitness Machine Control Point 0x2AD9: what a client asks of a machine, and the machine's answers.

A client writes an op code and its parameter; the machine indicates `80 op result`. Every op but Request Control
needs permission, one procedure runs at a time, and Reset gives permission up. Start and Resume are one op: nothing
here sends it as a side effect. `LAYOUTS` is shared with the machine status, which repeats most parameters.
Source: Fitness Machine Service 1.0.1, section 4.16 with tables 4.15 and 4.24.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from pitrainer.wire import WireError
from pitrainer.wire.fields import (
    S16,
    TENTHS_S16,
    TENTHS_U8,
    TENTHS_U16,
    U8,
    U16,
    U24,
    Number,
    known,
    named,
    read_each,
    take,
)
from pitrainer.wire.ftms_data import SPEED, SpeedUnit

if TYPE_CHECKING:
    from typing import TypeAlias

    from pitrainer.wire.fields import Payload

    Parameter: TypeAlias = float | tuple[float, ...] | None


class ControlOp(IntEnum):
    """Op codes of table 4.15."""

    REQUEST_CONTROL = 0x00
    RESET = 0x01
    TARGET_SPEED = 0x02
    TARGET_INCLINE = 0x03
    TARGET_RESISTANCE = 0x04
    TARGET_POWER = 0x05
    TARGET_HEART_RATE = 0x06
    START = 0x07
    """Start or resume."""
    STOP = 0x08
    """Stop or pause, by its parameter."""
    TARGET_ENERGY = 0x09
    TARGET_STEPS = 0x0A
    TARGET_STRIDES = 0x0B
    TARGET_DISTANCE = 0x0C
    TARGET_TIME = 0x0D
    TWO_ZONE_TIMES = 0x0E
    THREE_ZONE_TIMES = 0x0F
    FIVE_ZONE_TIMES = 0x10
    BIKE_SIMULATION = 0x11
    WHEEL_CIRCUMFERENCE = 0x12
    SPIN_DOWN = 0x13
    TARGET_CADENCE = 0x14
    RESPONSE = 0x80


class StopKind(IntEnum):
    """The parameter of `ControlOp.STOP`."""

    STOP = 1
    PAUSE = 2


class Result(IntEnum):
    """Result codes of table 4.24."""

    SUCCESS = 0x01
    NOT_SUPPORTED = 0x02
    INVALID_PARAMETER = 0x03
    FAILED = 0x04
    """Also: started when already started, stopped when already stopped."""
    NOT_PERMITTED = 0x05


SIMULATION = (
    Number(2, per_unit=1000, signed=True),
    Number(2, per_unit=100, signed=True),
    Number(1, per_unit=10_000),
    Number(1, per_unit=100),
)

LAYOUTS: dict[ControlOp, tuple[Number, ...]] = {
    ControlOp.TARGET_SPEED: (SPEED[SpeedUnit.KMH],),
    ControlOp.TARGET_INCLINE: (TENTHS_S16,),
    ControlOp.TARGET_RESISTANCE: (TENTHS_U8,),
    ControlOp.TARGET_POWER: (S16,),
    ControlOp.TARGET_HEART_RATE: (U8,),
    ControlOp.STOP: (U8,),
    ControlOp.TARGET_ENERGY: (U16,),
    ControlOp.TARGET_STEPS: (U16,),
    ControlOp.TARGET_STRIDES: (U16,),
    ControlOp.TARGET_DISTANCE: (U24,),
    ControlOp.TARGET_TIME: (U16,),
    ControlOp.TWO_ZONE_TIMES: (U16,) * 2,
    ControlOp.THREE_ZONE_TIMES: (U16,) * 3,
    ControlOp.FIVE_ZONE_TIMES: (U16,) * 5,
    ControlOp.BIKE_SIMULATION: SIMULATION,
    ControlOp.WHEEL_CIRCUMFERENCE: (TENTHS_U16,),
    ControlOp.SPIN_DOWN: (U8,),
    ControlOp.TARGET_CADENCE: (Number(2, per_unit=2),),
}
"""What follows each op code; an op that is not here has no parameter."""


@dataclass(frozen=True, slots=True)
class ControlPointRequest:
    """What a client asks. `op` is a `ControlOp` where it is one; `value` is in km/h, percent, bpm, W, s, m or kcal.

    Several numbers come as a tuple, stop or pause as a `StopKind`. None: no parameter, or not a readable one
    (for an op that needs one a machine answers `INVALID_PARAMETER`).
    """

    op: int
    value: float | tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class ControlPointResponse:
    """A machine's answer to the op `request`. `result` is a `Result` where it is one."""

    request: int
    result: int
    parameter: bytes = b""

    @property
    def ok(self) -> bool:
        return self.result == Result.SUCCESS


def read_parameter(layout: tuple[Number, ...], octets: bytes) -> Parameter:
    """One number, or a tuple where the layout has several; None when there are none or any is cut off."""
    values = tuple(value for value in read_each(layout, octets) if value is not None)
    if not layout or len(values) < len(layout):
        return None
    return values[0] if len(layout) == 1 else values


def write_parameter(layout: tuple[Number, ...], value: Parameter, what: str) -> bytes:
    """The octets of what `read_parameter` gives. Raises `WireError` when number or range do not fit."""
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    if len(values) != len(layout):
        raise WireError(f"{what}: {len(layout)} numbers go with it, {len(values)} were given")
    return b"".join(number.write(each, what) for number, each in zip(layout, values, strict=True))


def _layout(op: int, unit: SpeedUnit) -> tuple[Number, ...]:
    if op == ControlOp.TARGET_SPEED:
        return (SPEED[unit],)
    control_op = known(ControlOp, op)
    return () if control_op is None else LAYOUTS.get(control_op, ())


def decode_control_point(payload: Payload, unit: SpeedUnit = SpeedUnit.KMH) -> ControlPointRequest:
    """What a client wrote to 0x2AD9. Raises `WireError` only when nothing was written."""
    octets = take(payload, 1, "Control Point")
    op, parameter = octets[0], octets[1:]
    layout = _layout(op, unit)
    if op == ControlOp.TARGET_RESISTANCE and len(parameter) > 1:
        layout = (TENTHS_S16,)  # many clients send it as in the machine status
    value = read_parameter(layout, parameter)
    if op == ControlOp.STOP:
        value = known(StopKind, parameter[0]) if parameter else None
    return ControlPointRequest(named(ControlOp, op), value)


def encode_control_point(request: ControlPointRequest, unit: SpeedUnit = SpeedUnit.KMH) -> bytes:
    """What a client writes to 0x2AD9. Raises `WireError` when the value does not suit the op."""
    op = U8.write(request.op, "Control Point op")
    op_name = getattr(known(ControlOp, request.op), "name", f"op {request.op}")
    return op + write_parameter(_layout(request.op, unit), request.value, f"Control Point {op_name}")


def decode_control_point_response(payload: Payload) -> ControlPointResponse:
    """What a machine indicates on 0x2AD9. Raises `WireError` for anything but `80 op result ...`."""
    octets = take(payload, 3, "Control Point response")
    if octets[0] != ControlOp.RESPONSE:
        raise WireError(f"Control Point response: it begins with 80, this with {octets[0]:02x} ({octets.hex(' ')})")
    return ControlPointResponse(named(ControlOp, octets[1]), named(Result, octets[2]), octets[3:])


def encode_control_point_response(response: ControlPointResponse) -> bytes:
    """What a machine indicates on 0x2AD9. Raises `WireError` when op or result are no octets."""
    head = U8.write(response.request, "answered op") + U8.write(response.result, "result")
    return bytes([ControlOp.RESPONSE]) + head + response.parameter
