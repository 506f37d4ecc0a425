"""Fitness Machine Status 0x2ADA and Training Status 0x2AD3: what a machine announces of its own accord.

A machine tells its other clients what one of them changed, and every client what the runner did on the console;
many echo our own changes as well. 0xFF says that permission to control is gone. Parameters are those of the control
point (`LAYOUTS`), under other op codes. Unknown ops, short parameters and empty training states are facts of life
and give `OTHER` or None. A stop that does not say which kind counts as a stop, never as a pause.
Source: Fitness Machine Service 1.0.1, sections 4.17 (table 4.26) and 4.10.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from pitrainer.model import MachineSays
from pitrainer.wire import WireError
from pitrainer.wire.fields import TENTHS_S16, TENTHS_U8, U8, Number, known, take
from pitrainer.wire.ftms_control import LAYOUTS, ControlOp, StopKind, read_parameter, write_parameter
from pitrainer.wire.ftms_data import SPEED, SpeedUnit

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload


class StatusOp(IntEnum):
    """Op codes of table 4.26. `OTHER` stands for those that are not in it."""

    OTHER = -1
    RESET = 0x01
    STOPPED = 0x02
    """Stopped or paused by the user, by its parameter."""
    SAFETY_KEY = 0x03
    STARTED = 0x04
    SPEED = 0x05
    INCLINE = 0x06
    RESISTANCE = 0x07
    POWER = 0x08
    HEART_RATE = 0x09
    ENERGY = 0x0A
    STEPS = 0x0B
    STRIDES = 0x0C
    DISTANCE = 0x0D
    TIME = 0x0E
    TWO_ZONE_TIMES = 0x0F
    THREE_ZONE_TIMES = 0x10
    FIVE_ZONE_TIMES = 0x11
    BIKE_SIMULATION = 0x12
    WHEEL_CIRCUMFERENCE = 0x13
    SPIN_DOWN = 0x14
    CADENCE = 0x15
    CONTROL_LOST = 0xFF


_SAYS = {
    StatusOp.SAFETY_KEY: MachineSays.SAFETY_KEY,
    StatusOp.STARTED: MachineSays.STARTED,
    StatusOp.SPEED: MachineSays.SPEED_SET,
    StatusOp.INCLINE: MachineSays.INCLINE_SET,
    StatusOp.CONTROL_LOST: MachineSays.CONTROL_LOST,
}


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """One announcement.

    `value` is the new target where there is one: km/h, percent, bpm, W, kcal, m or s, by `op`; `values` where
    there are several; `stop` which kind, None where the machine did not say; `unknown` the octets of an `OTHER`.
    """

    op: StatusOp
    value: float | None = None
    values: tuple[float, ...] = ()
    stop: StopKind | None = None
    unknown: bytes = b""

    @property
    def says(self) -> MachineSays | None:
        """The same in the controller's words; None where it has none (a reset, targets we do not use)."""
        if self.op is StatusOp.STOPPED:
            return MachineSays.PAUSED if self.stop is StopKind.PAUSE else MachineSays.STOPPED
        return _SAYS.get(self.op)

    @property
    def speed_kmh(self) -> float | None:
        return self.value if self.op is StatusOp.SPEED else None

    @property
    def incline_pct(self) -> float | None:
        return self.value if self.op is StatusOp.INCLINE else None

    @property
    def control_lost(self) -> bool:
        return self.op is StatusOp.CONTROL_LOST


def _layout(op: StatusOp, unit: SpeedUnit) -> tuple[Number, ...]:
    """Where the parameters are those of the control point, its op code is three lower up to 0x08, one above."""
    if op is StatusOp.SPEED:
        return (SPEED[unit],)
    if op is StatusOp.RESISTANCE:
        return (TENTHS_S16,)
    if StatusOp.INCLINE <= op <= StatusOp.HEART_RATE:
        return LAYOUTS[ControlOp(op - 3)]
    if StatusOp.ENERGY <= op <= StatusOp.CADENCE:
        return LAYOUTS[ControlOp(op - 1)]
    return ()


def decode_machine_status(payload: Payload, unit: SpeedUnit = SpeedUnit.KMH) -> MachineStatus:
    """A notification of 0x2ADA. Raises `WireError` only for an empty one."""
    octets = take(payload, 1, "Machine Status")
    op, parameter = known(StatusOp, octets[0]), octets[1:]
    if op is None:
        return MachineStatus(StatusOp.OTHER, unknown=octets)
    if op is StatusOp.STOPPED:
        return MachineStatus(op, stop=known(StopKind, parameter[0]) if parameter else None)
    layout = _layout(op, unit)
    if op is StatusOp.RESISTANCE and len(parameter) == 1:
        layout = (TENTHS_U8,)  # version 1.0 of the service
    value = read_parameter(layout, parameter)
    return MachineStatus(op, values=value) if isinstance(value, tuple) else MachineStatus(op, value)


def encode_machine_status(status: MachineStatus, unit: SpeedUnit = SpeedUnit.KMH) -> bytes:
    """The notification for a status. Raises `WireError` where its parameter is missing or does not fit."""
    if status.op is StatusOp.OTHER:
        return take(status.unknown, 1, "Machine Status OTHER")
    what = f"Machine Status {status.op.name}"
    if status.op is StatusOp.STOPPED:
        return bytes([status.op]) + U8.write(status.stop, what)
    value = status.values if status.values else status.value
    return bytes([status.op]) + write_parameter(_layout(status.op, unit), value, what)


class Training(IntEnum):
    """Codes of the training status, table 4.13."""

    OTHER = 0x00
    IDLE = 0x01
    WARMING_UP = 0x02
    LOW_INTENSITY_INTERVAL = 0x03
    HIGH_INTENSITY_INTERVAL = 0x04
    RECOVERY_INTERVAL = 0x05
    ISOMETRIC = 0x06
    HEART_RATE_CONTROL = 0x07
    FITNESS_TEST = 0x08
    SPEED_TOO_LOW = 0x09
    SPEED_TOO_HIGH = 0x0A
    COOL_DOWN = 0x0B
    WATT_CONTROL = 0x0C
    MANUAL = 0x0D
    """Quick start."""
    PRE_WORKOUT = 0x0E
    POST_WORKOUT = 0x0F


@dataclass(frozen=True, slots=True)
class TrainingStatus:
    """What a machine believes the runner is doing, as it says so; `code` None: it said nothing."""

    code: int | None = None
    text: str = ""

    @property
    def status(self) -> Training | None:
        """The code by name; None for nothing or for a reserved code."""
        return None if self.code is None else known(Training, self.code)


def decode_training_status(payload: Payload) -> TrainingStatus:
    """Value of 0x2AD3. No octets are wrong: an empty or strange one has a `status` of None."""
    octets = take(payload, 0, "Training Status")
    if len(octets) < 2:
        return TrainingStatus()
    return TrainingStatus(octets[1], octets[2:].decode("utf-8", "replace") if octets[0] & 1 else "")


def encode_training_status(training: TrainingStatus) -> bytes:
    """The value for a training status, empty where there is no code. Raises `WireError` for a text without one."""
    if training.code is None:
        if training.text:
            raise WireError("Training Status: a text goes with a code; without one there is none")
        return b""
    flags = 1 if training.text else 0
    return bytes([flags]) + U8.write(training.code, "training status") + training.text.encode("utf-8", "replace")
