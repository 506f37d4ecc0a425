"""A step whose heart-rate aim says more than a cap: a rate to hold, and whether speed may move too."""

from __future__ import annotations

from dataclasses import dataclass

from pitrainer.core.climb import Order
from pitrainer.model import Step


@dataclass(frozen=True, slots=True)
class HeartStep(Step):
    """A CLIMB step. `cap_bpm` stays the line that is never crossed for long."""

    target_bpm: float | None = None
    """Hold this rate; None: as close below the cap as is safe."""
    speed_range_kmh: tuple[float, float] | None = None
    """The heart may move the belt between these, from `speed_kmh`'s start on; None: speed stays the plan's."""
    order: Order = Order.STEEPEST
