"""LifeSpan TR1200 desk treadmills, which speak Modbus RTU: 4800 8N1, TTL, slave 1, functions 03 and 06.

A frame ends with CRC-16/MODBUS, low octet first. Length, not silence, divides frames: two requests were seen glued
together. A read request and its answer open alike, so both lengths are tried, the shorter first, and the check
decides. A write and its answer look the same. There is no incline.

`SPEED` is written, and `MEASURED_SPEED` read, as 235 for each mph, rounded down (94 is 0.4 mph); 50 is idle. The
answer to the write that resets `STEPS` carries 0x0F00 whatever was sent. Source: a public log of 10 013 frames, of
which 10 005 check.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from pitrainer.wire import WireError
from pitrainer.wire.stream import SKIP_ONE, TOO_EARLY, Stream, byte_of, whole

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload

KM_PER_MILE = 1.609344
COUNTS_PER_MPH = 235
IDLE_COUNTS = 50
MOST_REGISTERS = 16
"""In one answer; Modbus would allow 125, the console asks for 1."""
LONGEST = 2 * MOST_REGISTERS + 5
READ, WRITE, REFUSED = 3, 6, 0x80
FUNCTIONS = (READ, WRITE, READ | REFUSED, WRITE | REFUSED)


class Register(IntEnum):
    START = 0x0001
    STOP = 0x0002
    SPEED = 0x000A
    STEPS = 0x000F
    STATUS = 0x0101
    MEASURED_SPEED = 0xD10A


@dataclass(frozen=True, slots=True)
class ReadRequest:
    register: int
    count: int = 1
    slave: int = 1


@dataclass(frozen=True, slots=True)
class ReadReply:
    """The registers' contents, in order: 1 to `MOST_REGISTERS`."""

    values: tuple[int, ...]
    slave: int = 1


@dataclass(frozen=True, slots=True)
class Write:
    """A request to write one register, and its answer, which repeats it."""

    register: int
    value: int
    slave: int = 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """The slave's "no" to `function` (3 or 6): 1 unknown function, 2 unknown register, 3 bad value, 4 failed."""

    function: int
    reason: int
    slave: int = 1


Frame: TypeAlias = ReadRequest | ReadReply | Write | Refusal


def crc16(octets: bytes) -> int:
    """CRC-16/MODBUS; on the wire its low octet comes first."""
    crc = 0xFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def speed_counts(speed_kmh: float) -> int:
    """What stands for a speed, rounded down. Raises `WireError` for what 16 bits do not hold."""
    if not math.isfinite(speed_kmh):
        raise WireError(f"LifeSpan speed: {speed_kmh!r} is no number")
    return whole(math.floor(speed_kmh / KM_PER_MILE * COUNTS_PER_MPH + 1e-6), 0, 0xFFFF, "LifeSpan speed")


def speed_kmh(counts: int) -> float:
    """0 for the idle value and below."""
    return 0.0 if counts <= IDLE_COUNTS else counts / COUNTS_PER_MPH * KM_PER_MILE


class Decoder:
    """Both directions of the line; `dropped` counts noise."""

    def __init__(self) -> None:
        self._stream: Stream[Frame] = Stream(_take, LONGEST)

    @property
    def dropped(self) -> int:
        return self._stream.dropped

    def feed(self, payload: Payload) -> list[Frame]:
        """The frames that these octets complete, oldest first."""
        return self._stream.feed(payload)


def _take(waiting: bytes) -> tuple[int, Frame | None]:
    if not 1 <= waiting[0] <= 247 or (len(waiting) > 1 and waiting[1] not in FUNCTIONS):
        return SKIP_ONE
    if len(waiting) < 3:
        return TOO_EARLY
    for length in _lengths(waiting):
        if len(waiting) < length:
            return TOO_EARLY
        if crc16(waiting[: length - 2]).to_bytes(2, "little") == waiting[length - 2 : length]:
            frame = _frame(waiting[: length - 2])
            if frame is not None:
                return length, frame
    return SKIP_ONE


def _lengths(waiting: bytes) -> list[int]:
    """How long the frame that opens so may be, shortest first; three octets tell."""
    function, third = waiting[1], waiting[2]
    if function == READ:
        may_be_reply = third % 2 == 0 and 2 <= third <= 2 * MOST_REGISTERS
        return sorted([8] + [5 + third] * may_be_reply)
    return [8] if function == WRITE else [5]


def _frame(body: bytes) -> Frame | None:
    slave, function = body[0], body[1]
    if function & REFUSED:
        return Refusal(function & ~REFUSED, body[2], slave)
    first, second = int.from_bytes(body[2:4], "big"), int.from_bytes(body[4:6], "big")
    if function == WRITE:
        return Write(first, second, slave)
    if len(body) == 6:
        return ReadRequest(first, second, slave) if 1 <= second <= MOST_REGISTERS else None
    words = body[3:]
    return ReadReply(tuple(int.from_bytes(words[at : at + 2], "big") for at in range(0, len(words), 2)), slave)


def encode(frame: Frame) -> bytes:
    """The octets of a frame. Raises `WireError` for what does not fit."""
    body = bytes([whole(frame.slave, 1, 247, "Modbus slave")]) + _body(frame)
    return body + crc16(body).to_bytes(2, "little")


def _body(frame: Frame) -> bytes:
    match frame:
        case ReadRequest(register, count):
            return bytes([READ]) + _word(register) + whole(count, 1, MOST_REGISTERS, "count").to_bytes(2, "big")
        case ReadReply(values):
            count = whole(len(values), 1, MOST_REGISTERS, "registers in an answer")
            return bytes([READ, 2 * count]) + b"".join(map(_word, values))
        case Write(register, value):
            return bytes([WRITE]) + _word(register) + _word(value)
        case Refusal(function, reason) if function in (READ, WRITE):
            return bytes([function | REFUSED, byte_of(reason, "reason")])
    raise WireError(f"Modbus: cannot say {frame!r}")


def _word(value: int) -> bytes:
    return whole(value, 0, 0xFFFF, "Modbus register").to_bytes(2, "big")
