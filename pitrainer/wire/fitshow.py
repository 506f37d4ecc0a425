"""The packet of FitShow's treadmill modules, over Bluetooth (FFF0) or the module's serial line.

    02 payload xor(payload) 03

Nothing is escaped, so a payload may contain 02 and 03: its length has to come from what it is, else from the first
03 before which the XOR is right. Payloads open with a group (0x50 information, 0x51 status, 0x52 data, 0x53
control) and a kind. A running status has 13 octets; speeds are tenths, `unit_is_miles` (of the speed range) says of
what. Source: captures and two public implementations. "anyrun" machines send distance and energy high octet first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from operator import xor
from typing import TYPE_CHECKING

from pitrainer.wire import WireError
from pitrainer.wire.fields import take as octets_of
from pitrainer.wire.stream import SKIP_ONE, TOO_EARLY, Stream, byte_of, sealed, whole

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload

OPENING, CLOSING = 0x02, 0x03
MOST = 20
LONGEST = MOST + 3
STATUS_LENGTH = 13
INFORMATION, STATUS, DATA, CONTROL = 0x50, 0x51, 0x52, 0x53
GROUPS = range(0x50, 0x60)


class State(IntEnum):
    IDLE = 0
    ENDED = 1
    COUNTDOWN = 2
    RUNNING = 3
    STOPPING = 4
    ERROR = 5
    SAFETY_KEY = 6
    CALIBRATING = 7
    PAUSED = 10


FULL_STATUS = (State.RUNNING, State.STOPPING, State.PAUSED)
"""States in which the status has all its fields."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A payload, 1 to `MOST` octets, the first of them in `GROUPS`."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Status:
    """`speed` in the machine's unit, km/h or mph. In the short states only `state` is known."""

    state: int
    speed: float | None = None
    incline_pct: int | None = None
    elapsed_s: int | None = None
    distance: int | None = None
    energy: int | None = None
    steps: int | None = None
    hr_bpm: int | None = None


class Decoder:
    """Both directions; `dropped` counts noise."""

    def __init__(self) -> None:
        self._stream: Stream[Frame] = Stream(_take, LONGEST)

    @property
    def dropped(self) -> int:
        return self._stream.dropped

    def feed(self, payload: Payload) -> list[Frame]:
        """The frames that these octets complete, oldest first."""
        return self._stream.feed(payload)


def _take(waiting: bytes) -> tuple[int, Frame | None]:
    if waiting[0] != OPENING or (len(waiting) > 1 and waiting[1] not in GROUPS):
        return SKIP_ONE
    for end in range(3, min(len(waiting), LONGEST)):
        payload = waiting[1 : end - 1]
        if waiting[end] == CLOSING and _xor(payload) == waiting[end - 1] and _may_end(payload):
            return end + 1, Frame(payload)
    return SKIP_ONE if len(waiting) >= LONGEST else TOO_EARLY


def _may_end(payload: bytes) -> bool:
    """Is this a whole payload? A running status that fits by chance before its end is not."""
    full = payload[0] == STATUS and len(payload) > 1 and payload[1] in FULL_STATUS
    return not full or len(payload) >= STATUS_LENGTH


def _xor(octets: bytes) -> int:
    return reduce(xor, octets, 0)


def encode(frame: Frame) -> bytes:
    """The octets of a frame. Raises `WireError` for one that a reader would take for something else."""
    payload = sealed(frame.payload, 1, MOST, "FitShow payload")
    encoded = bytes([OPENING]) + payload + bytes([_xor(payload), CLOSING])
    if _take(encoded) != (len(encoded), frame):
        raise WireError(f"FitShow: {payload.hex(' ')} would be read as something else")
    return encoded


def decode_status(payload: bytes) -> Status:
    """A status payload (0x51). Raises `WireError` for another one, or a running status that is cut off."""
    octets = octets_of(payload, 2, "FitShow status")
    if octets[0] != STATUS:
        raise WireError(f"FitShow status: opens with 51, this is {octets.hex(' ')}")
    if octets[1] not in FULL_STATUS:
        return Status(octets[1])
    octets_of(octets, STATUS_LENGTH, "FitShow running status")
    elapsed_s, distance, energy, steps = (int.from_bytes(octets[at : at + 2], "little") for at in (4, 6, 8, 10))
    incline = int.from_bytes(octets[3:4], "little", signed=True)
    return Status(octets[1], octets[2] / 10, incline, elapsed_s, distance, energy, steps, octets[12] or None)


def encode_status(status: Status) -> Frame:
    """The payload of a status. Raises `WireError` where a running one lacks a field or one does not fit."""
    state = byte_of(status.state, "FitShow state")
    if state not in FULL_STATUS:
        return Frame(bytes([STATUS, state]))
    if status.speed is None:
        raise WireError("FitShow status: a running one needs a speed")
    motors = [_tenths(status.speed), _signed(status.incline_pct)]
    counts = (status.elapsed_s, status.distance, status.energy, status.steps)
    words = b"".join(whole(count, 0, 0xFFFF, "FitShow count").to_bytes(2, "little") for count in counts)
    return Frame(bytes([STATUS, state, *motors]) + words + bytes([byte_of(status.hr_bpm or 0, "FitShow heart rate")]))


def set_targets(speed: float, incline_pct: int) -> Frame:
    """Speed in the machine's unit, 0 to 25.5; incline in whole percents. Raises `WireError` otherwise."""
    return Frame(bytes([CONTROL, 0x02, _tenths(speed), _signed(incline_pct)]))


def _tenths(speed: float) -> int:
    if not 0 <= speed <= 25.5:
        raise WireError(f"FitShow speed: {speed!r} does not fit; 0 to 25.5 does")
    return round(speed * 10)


def _signed(incline_pct: int | None) -> int:
    return whole(incline_pct, -128, 127, "FitShow incline") & 0xFF


ASK_STATUS = Frame(bytes([STATUS]))
STOP = Frame(bytes([CONTROL, 0x03]))
PAUSE = Frame(bytes([CONTROL, 0x06]))
