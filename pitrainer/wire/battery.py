"""Bluetooth Battery Service 0x180F: one octet of percent in Battery Level 0x2A19, read and notified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitrainer.wire.fields import U8, full_uuid, take

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload

SERVICE = full_uuid(0x180F)
LEVEL = full_uuid(0x2A19)


def decode(payload: Payload) -> int | None:
    """Percent, 0 to 100; None for the reserved values above. Raises `WireError` when there is no octet at all."""
    level = take(payload, 1, "Battery Level")[0]
    return level if level <= 100 else None


def encode(percent: int | None) -> bytes:
    """The octet for a percentage; `None` is written as 255, which no reader takes for a level."""
    return U8.write(255 if percent is None else percent, "Battery Level, percent")
