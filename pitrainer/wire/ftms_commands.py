"""What to write to the Fitness Machine Control Point 0x2AD9, one function an op of table 4.15.

Numbers are rounded to the nearest count of their field; what does not fit (out of range, negative where there is
no sign, NaN, a bool) raises `WireError` and is never clamped. Whether a machine can do it, and whether it may here
and now, is decided elsewhere: `ftms_info` knows the ranges and the core the limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitrainer.wire import WireError
from pitrainer.wire.ftms_control import ControlOp, ControlPointRequest, StopKind, encode_control_point
from pitrainer.wire.ftms_data import SpeedUnit

if TYPE_CHECKING:
    from collections.abc import Sequence


def _command(op: ControlOp, *values: float) -> bytes:
    return encode_control_point(ControlPointRequest(op, values))


def encode_request_control() -> bytes:
    return _command(ControlOp.REQUEST_CONTROL)


def encode_reset() -> bytes:
    """Targets to their defaults, clocks to 0, and permission given up."""
    return _command(ControlOp.RESET)


def encode_start() -> bytes:
    """Start or resume. This moves a standing belt."""
    return _command(ControlOp.START)


def encode_stop() -> bytes:
    return _command(ControlOp.STOP, StopKind.STOP)


def encode_pause() -> bytes:
    return _command(ControlOp.STOP, StopKind.PAUSE)


def encode_target_speed(speed_kmh: float, unit: SpeedUnit = SpeedUnit.KMH) -> bytes:
    """0 to 655.35 km/h in steps of 0.01; `unit` is what this machine takes the number for."""
    return encode_control_point(ControlPointRequest(ControlOp.TARGET_SPEED, speed_kmh), unit)


def encode_target_incline(incline_pct: float) -> bytes:
    """-3276.8 to 3276.7 percent in steps of 0.1."""
    return _command(ControlOp.TARGET_INCLINE, incline_pct)


def encode_target_resistance(level: float) -> bytes:
    """0 to 25.5 in steps of 0.1."""
    return _command(ControlOp.TARGET_RESISTANCE, level)


def encode_target_power(power_w: float) -> bytes:
    return _command(ControlOp.TARGET_POWER, power_w)


def encode_target_heart_rate(hr_bpm: float) -> bytes:
    """0 to 255 bpm: the machine's own heart-rate control, not ours."""
    return _command(ControlOp.TARGET_HEART_RATE, hr_bpm)


def encode_target_energy(energy_kcal: float) -> bytes:
    return _command(ControlOp.TARGET_ENERGY, energy_kcal)


def encode_target_steps(steps: int) -> bytes:
    return _command(ControlOp.TARGET_STEPS, steps)


def encode_target_strides(strides: int) -> bytes:
    return _command(ControlOp.TARGET_STRIDES, strides)


def encode_target_distance(distance_m: float) -> bytes:
    """0 to 16 777 215 m."""
    return _command(ControlOp.TARGET_DISTANCE, distance_m)


def encode_target_time(time_s: float) -> bytes:
    """0 to 65 535 s."""
    return _command(ControlOp.TARGET_TIME, time_s)


def encode_target_zone_times(times_s: Sequence[float]) -> bytes:
    """Seconds in each of two, three or five heart-rate zones, lightest first."""
    ops = {2: ControlOp.TWO_ZONE_TIMES, 3: ControlOp.THREE_ZONE_TIMES, 5: ControlOp.FIVE_ZONE_TIMES}
    if len(times_s) not in ops:
        raise WireError(f"Control Point: times go with two, three or five zones, not with {len(times_s)}")
    return _command(ops[len(times_s)], *times_s)


def encode_bike_simulation(wind_m_s: float, grade_pct: float, rolling: float, drag_kg_m: float) -> bytes:
    """Wind and grade of either sign; `rolling` 0 to 0.0255 and `drag_kg_m` 0 to 2.55."""
    return _command(ControlOp.BIKE_SIMULATION, wind_m_s, grade_pct, rolling, drag_kg_m)


def encode_wheel_circumference(circumference_mm: float) -> bytes:
    return _command(ControlOp.WHEEL_CIRCUMFERENCE, circumference_mm)


def encode_spin_down(start: bool = True) -> bytes:
    """Start the spin-down that a machine asked for, or ignore it."""
    return _command(ControlOp.SPIN_DOWN, 1 if start else 2)


def encode_target_cadence(cadence_rpm: float) -> bytes:
    return _command(ControlOp.TARGET_CADENCE, cadence_rpm)
