"""The console bus of Johnson's home treadmills (Horizon, Livestrong, Vision, AFG): RS-485, 9600 8N1, half duplex.

The console speaks every 70-100 ms, `00 FF command length payload crc`; the motor controller only answers, with
frames that begin `00 7F`. The check octet is CRC-8, polynomial 0x31, start 0, neither reflected nor inverted, over
everything before it. It was found by search and holds for all of 144 captured console frames; that answers carry
it too is an assumption.

Speed is a 16-bit number, high octet first, close to the motor's revolutions per minute: 342.48 mph - 10.15, rounded,
and 0 for a standstill, on the captured Livestrong LS8.0T. Incline is 80 for each percent, plus 40. Both depend on
the machine's rollers and lift, so they are a `Scale` to be measured, not constants.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from pitrainer.wire import WireError
from pitrainer.wire.stream import SKIP_ONE, TOO_EARLY, Stream, byte_of, sealed, whole

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload

KM_PER_MILE = 1.609344


class Sender(IntEnum):
    """The second octet."""

    CONSOLE = 0xFF
    CONTROLLER = 0x7F


class Command(IntEnum):
    """What consoles were seen to send."""

    SPEED = 0xF1
    STOP = 0xF5
    INCLINE = 0xF6
    HEARTBEAT = 0xF9


PAYLOAD_LENGTH = {Command.SPEED: 2, Command.STOP: 1, Command.INCLINE: 2, Command.HEARTBEAT: 0}
MOST = 8
"""Payload octets of any frame seen: 2. Longer than this is noise."""
LONGEST = MOST + 5


@dataclass(frozen=True, slots=True)
class Frame:
    """`command`: a `Command` or another octet; `payload`: up to `MOST` octets."""

    command: int
    payload: bytes = b""
    sender: Sender = Sender.CONSOLE


@dataclass(frozen=True, slots=True)
class Scale:
    """Raw counts of speed and incline on one model of machine."""

    speed_per_kmh: float = 342.48 / KM_PER_MILE
    speed_at_0: float = -10.15
    incline_per_pct: float = 80.0
    incline_at_0: float = 40.0

    def speed_counts(self, speed_kmh: float) -> int:
        """0 for a standstill. Raises `WireError` where 16 bits do not hold it."""
        if speed_kmh == 0:
            return 0
        return _counts(self.speed_per_kmh * speed_kmh + self.speed_at_0, 1, f"speed of {speed_kmh} km/h")

    def speed_kmh(self, counts: int) -> float:
        return 0.0 if counts == 0 else (counts - self.speed_at_0) / self.speed_per_kmh

    def incline_counts(self, incline_pct: float) -> int:
        """Raises `WireError` where 16 bits do not hold it."""
        return _counts(self.incline_per_pct * incline_pct + self.incline_at_0, 0, f"incline of {incline_pct} %")

    def incline_pct(self, counts: int) -> float:
        return (counts - self.incline_at_0) / self.incline_per_pct


def _counts(value: float, least: int, what: str) -> int:
    if not math.isfinite(value):
        raise WireError(f"{what}: a finite number is needed")
    return whole(round(value), least, 0xFFFF, what)


def crc8(octets: bytes) -> int:
    """CRC-8, polynomial 0x31, start 0; leading zeros do not change it."""
    crc = 0
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    return crc


class Decoder:
    """Both directions of the bus; `dropped` counts noise."""

    def __init__(self) -> None:
        self._stream: Stream[Frame] = Stream(_take, LONGEST)

    @property
    def dropped(self) -> int:
        return self._stream.dropped

    def feed(self, payload: Payload) -> list[Frame]:
        """The frames that these octets complete, oldest first."""
        return self._stream.feed(payload)


def _take(waiting: bytes) -> tuple[int, Frame | None]:
    if waiting[0] != 0 or (len(waiting) > 1 and waiting[1] not in (Sender.CONSOLE, Sender.CONTROLLER)):
        return SKIP_ONE
    if len(waiting) < 4:
        return TOO_EARLY
    sender, command, length = Sender(waiting[1]), waiting[2], waiting[3]
    if not _allowed(sender, command, length):
        return SKIP_ONE
    end = 4 + length
    if len(waiting) <= end:
        return TOO_EARLY
    if crc8(waiting[:end]) != waiting[end]:
        return SKIP_ONE
    return end + 1, Frame(command, waiting[4:end], sender)


def _allowed(sender: Sender, command: int, length: int) -> bool:
    if sender is Sender.CONSOLE and command in PAYLOAD_LENGTH:
        return length == PAYLOAD_LENGTH[Command(command)]
    return length <= MOST


def encode(frame: Frame) -> bytes:
    """The octets of a frame. Raises `WireError` for what the bus cannot say."""
    payload = sealed(frame.payload, 0, MOST, "Johnson payload")
    command = byte_of(frame.command, "Johnson command")
    if not _allowed(frame.sender, command, len(payload)):
        raise WireError(f"Johnson {command:#04x}: a payload of {len(payload)} octets is not allowed")
    body = bytes([0, frame.sender, command, len(payload)]) + payload
    return body + bytes([crc8(body)])


def speed(speed_kmh: float, scale: Scale) -> Frame:
    return Frame(Command.SPEED, scale.speed_counts(speed_kmh).to_bytes(2, "big"))


def incline(incline_pct: float, scale: Scale) -> Frame:
    return Frame(Command.INCLINE, scale.incline_counts(incline_pct).to_bytes(2, "big"))


STOP = Frame(Command.STOP, b"\x00")
HEARTBEAT = Frame(Command.HEARTBEAT)
