"""What one model of FTMS treadmill is like, and the orders it can be given.

Ranges that a machine reports are hints: firmware claims steps of 0.1 % and moves in 0.5 %, or reports miles per
hour. So the profile's limits and the reported ones narrow each other, the coarser step wins, and a report that
would leave nothing is not believed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal

from pitrainer.model import Belt, Command, MachineLimits
from pitrainer.wire import ftms
from pitrainer.wire.ftms import ControlOp, SpeedUnit


@dataclass(frozen=True, slots=True)
class FtmsProfile:
    """What commissioning found out about a treadmill. Ranges it reports itself narrow `limits` further."""

    limits: MachineLimits = field(default_factory=MachineLimits)
    speed_unit: Literal["km/h", "mph"] = "km/h"
    """What it means by its speeds."""
    request_control_each_time: bool = False
    """Technogym MyRun forgets permission after every order."""
    start_timeout_s: float = 15.0
    """From its start order to the first movement: 4 to 6 s is usual."""
    set_point_gap_s: float = 0.5
    """Between two set-points for one motor."""
    says_stopped_at_start: bool = False
    """TP1 announces a stop when it starts."""

    @property
    def unit(self) -> SpeedUnit:
        return SpeedUnit(self.speed_unit)


@dataclass(frozen=True, slots=True)
class Order:
    """One op for the control point; `value` in km/h or percent."""

    op: ControlOp
    value: float | None = None

    def payload(self, unit: SpeedUnit) -> bytes:
        match self.op:
            case ControlOp.REQUEST_CONTROL:
                return ftms.encode_request_control()
            case ControlOp.START:
                return ftms.encode_start()
            case ControlOp.STOP:
                return ftms.encode_stop()
            case ControlOp.TARGET_SPEED:
                return ftms.encode_target_speed(self.value or 0.0, unit)
            case _:
                return ftms.encode_target_incline(self.value or 0.0)


def narrowed(limits: MachineLimits, speed: ftms.Range | None, incline: ftms.Range | None) -> MachineLimits:
    """The profile's limits within the machine's own ranges; a range that leaves nothing is not believed."""
    if speed and max(limits.speed_min_kmh, speed.minimum) < min(limits.speed_max_kmh, speed.maximum):
        limits = replace(
            limits,
            speed_min_kmh=max(limits.speed_min_kmh, speed.minimum),
            speed_max_kmh=min(limits.speed_max_kmh, speed.maximum),
            speed_step_kmh=max(limits.speed_step_kmh, speed.step or 0.0),
        )
    if incline and max(limits.incline_min_pct, incline.minimum) < min(limits.incline_max_pct, incline.maximum):
        limits = replace(
            limits,
            incline_min_pct=max(limits.incline_min_pct, incline.minimum),
            incline_max_pct=min(limits.incline_max_pct, incline.maximum),
            incline_step_pct=max(limits.incline_step_pct, incline.step or 0.0),
        )
    return limits


def refusal(command: Command) -> str:
    """Why a command cannot be obeyed as it stands; empty for a sound one. A STOP is always obeyed."""
    if command.belt is Belt.STOP:
        return ""
    speed, incline = command.speed_kmh, command.incline_pct
    if speed is not None and not (math.isfinite(speed) and speed >= 0):
        return f"a speed of {speed} km/h was refused: it must be a number and not negative"
    if incline is not None and not math.isfinite(incline):
        return f"an incline of {incline} % was refused: it must be a number"
    return ""


def floored(value: float, step: float) -> float:
    """Down to the machine's quantum: the easier side."""
    return round(math.floor(value / step + 1e-6) * step, 3) if step > 0 else value
