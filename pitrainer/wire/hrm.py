"""Bluetooth Heart Rate Service 0x180D: the notifications of a strap (Heart Rate Measurement 0x2A37).

Flags u8, then the rate as u8 or u16 (bit 0), energy u16 in kJ (bit 3), and for the rest of the packet R-R
intervals as u16 in 1/1024 s, oldest first (bit 4). Bit 1 says "on skin" but means something only where bit 2 says
that the strap can tell; a Polar H10 never sets bit 2, an H7 sends 0x16. A rate of 0 is no reading. A strap may set
bit 4 and send no interval; a trailing odd octet is ignored, and so are the reserved bits. The packet reports what
the strap said: whether a rate without contact is worth anything is for the core to judge.
Source: Heart Rate Service 1.0, section 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitrainer.wire.fields import U8, U16, Number, full_uuid, take

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload

SERVICE = full_uuid(0x180D)
MEASUREMENT = full_uuid(0x2A37)
BODY_SENSOR_LOCATION = full_uuid(0x2A38)
CONTROL_POINT = full_uuid(0x2A39)

_WIDE, _ON_SKIN, _CAN_TELL, _ENERGY, _INTERVALS = 0x01, 0x02, 0x04, 0x08, 0x10
_INTERVAL = Number(2, per_unit=1024)


@dataclass(frozen=True, slots=True)
class HeartRateMeasurement:
    """One notification. `hr_bpm` None: the strap has no rate. `contact` None: it cannot tell."""

    hr_bpm: int | None = None
    contact: bool | None = None
    energy_kj: int | None = None
    """Accumulated since it was last reset; sticks at 65535."""
    rr_s: tuple[float, ...] = ()
    """Oldest first; exact multiples of 1/1024 s."""


def decode(payload: Payload) -> HeartRateMeasurement:
    """A notification of 0x2A37. Raises `WireError` when the rate itself is missing."""
    octets = take(payload, 2, "Heart Rate Measurement")
    flags = octets[0]
    at = 3 if flags & _WIDE else 2
    hr_bpm = int.from_bytes(take(octets, at, "Heart Rate Measurement with a 16-bit rate")[1:at], "little")
    energy_kj = None
    if flags & _ENERGY:
        cut = octets[at : at + 2]
        energy_kj = int.from_bytes(cut, "little") if len(cut) == 2 else None
        at += 2
    rr_s = _intervals(octets[at:]) if flags & _INTERVALS else ()
    contact = bool(flags & _ON_SKIN) if flags & _CAN_TELL else None
    return HeartRateMeasurement(hr_bpm or None, contact, energy_kj, rr_s)


def _intervals(octets: bytes) -> tuple[float, ...]:
    return tuple(int.from_bytes(octets[at : at + 2], "little") / 1024 for at in range(0, len(octets) - 1, 2))


def encode(measurement: HeartRateMeasurement, *, wide: bool = False) -> bytes:
    """The notification for a measurement; a rate above 255, or `wide`, takes the 16-bit form.

    Raises `WireError` for what the fields cannot hold. Long R-R lists are not cut to the link's size.
    """
    hr_bpm = 0 if measurement.hr_bpm is None else measurement.hr_bpm
    flags = _WIDE if wide or hr_bpm > 255 else 0
    body = (U16 if flags else U8).write(hr_bpm, "heart rate, bpm")
    if measurement.contact is not None:
        flags |= _CAN_TELL | (_ON_SKIN if measurement.contact else 0)
    if measurement.energy_kj is not None:
        flags |= _ENERGY
        body += U16.write(measurement.energy_kj, "energy, kJ")
    if measurement.rr_s:
        flags |= _INTERVALS
        body += b"".join(_INTERVAL.write(rr_s, "R-R interval, s") for rr_s in measurement.rr_s)
    return bytes([flags]) + body
