"""The Trackmaster protocol of laboratory treadmills, and Woodway's dialect of it: 4800 8N1, one octet and digits.

A command is one octet, 0xA0-0xAC to act and 0xC0-0xCD to ask, and up to four ASCII digits; the machine answers
with the same octet plus 0x10 and the answer's digits, or complains with 0xBE (out of range) or 0xBF (unknown). No
octet of a command is a digit, so a reader finds its feet at the next command. Speeds and inclines are tenths of
whatever unit the machine is set to. `START` switches the stop on lost communication on (the belt stops after 0.5 s
without a word); `START_UNGUARDED` does not.

Woodway: 0xA9 is the unguarded start, speeds are a direction (0 forward, 3 reverse) and three digits, 0xC1 and 0xC2
ask for speed and incline, 0xC3 for four octets of firmware, and 0xBD says that the master was silent too long.
Sources: maker's service manual 317-160-406 rev. 4, pp. 63-65; what is known of the dialect from a public library.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, NamedTuple

from pitrainer.wire import WireError
from pitrainer.wire.stream import SKIP_ONE, TOO_EARLY, Stream, whole

if TYPE_CHECKING:
    from typing import TypeAlias

    from pitrainer.wire.fields import Payload


class Op(IntEnum):
    """What a command is for; the octet is Trackmaster's."""

    START = 0xA0
    START_UNGUARDED = 0xA1
    STOP = 0xA2
    SET_SPEED = 0xA3
    SET_INCLINE = 0xA4
    SET_TIME = 0xA5
    SET_PROTOCOL = 0xA6
    SET_STAGE = 0xA7
    RESET = 0xA8
    SET_WEIGHT = 0xA9
    AUTO_STOP = 0xAA
    COOL_DOWN = 0xAB
    TOGGLE_ECHO = 0xAC
    ASK_STATE = 0xC0
    ASK_SPEED = 0xC1
    ASK_INCLINE = 0xC2
    ASK_SET_SPEED = 0xC3
    ASK_SET_INCLINE = 0xC4
    ASK_TIME = 0xC5
    ASK_C6 = 0xC6
    ASK_C7 = 0xC7
    ASK_C8 = 0xC8
    ASK_C9 = 0xC9
    ASK_CA = 0xCA
    ASK_CB = 0xCB
    ASK_CC = 0xCC
    ASK_METS = 0xCD
    ASK_FIRMWARE = 0x1C3
    """Woodway's 0xC3, which Trackmaster uses for ASK_SET_SPEED."""


class State(IntEnum):
    """The digit that answers ASK_STATE."""

    STOPPED = 1
    STARTED = 2
    STARTED_UNGUARDED = 3


class Trouble(IntEnum):
    """What a machine complains of, without saying about which command."""

    MASTER_SILENT = 0xBD
    OUT_OF_RANGE = 0xBE
    UNKNOWN_COMMAND = 0xBF


class Dialect(Enum):
    TRACKMASTER = "trackmaster"
    WOODWAY = "woodway"


@dataclass(frozen=True, slots=True)
class Request:
    """To the machine. `number`: tenths for speed and incline, None where the command has no digits."""

    op: Op
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """From the machine: the request's op and its digits as a number (None: a bare acknowledgement)."""

    op: Op
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """From the machine: the last command was not carried out."""

    trouble: Trouble


if TYPE_CHECKING:
    Frame: TypeAlias = Request | Reply | Complaint

LONGEST = 5
REPLY = 0x10


class _Shape(NamedTuple):
    """The frame that an octet opens. `digits` count; `signed`: the first says the direction; `raw`: octets."""

    kind: type[Request] | type[Reply]
    op: Op
    digits: int = 0
    signed: bool = False
    raw: bool = False


_WORDS = dict.fromkeys((Op.SET_SPEED, Op.SET_INCLINE, Op.SET_TIME, Op.SET_WEIGHT), 4) | {
    Op.SET_PROTOCOL: 2,
    Op.SET_STAGE: 2,
}
_TRACKMASTER = {int(op): _Shape(Request, op, _WORDS.get(op, 0)) for op in Op if op <= 0xFF} | {
    op + REPLY: _Shape(Reply, op, 0 if op < Op.ASK_STATE else 1 if op is Op.ASK_STATE else 4) for op in Op if op <= 0xFF
}
_WOODWAY = {
    0xA0: _Shape(Request, Op.START),
    0xA2: _Shape(Request, Op.STOP),
    0xA3: _Shape(Request, Op.SET_SPEED, 4, signed=True),
    0xA4: _Shape(Request, Op.SET_INCLINE, 4),
    0xA9: _Shape(Request, Op.START_UNGUARDED),
    0xB0: _Shape(Reply, Op.START),
    0xB2: _Shape(Reply, Op.STOP),
    0xB3: _Shape(Reply, Op.SET_SPEED),
    0xB4: _Shape(Reply, Op.SET_INCLINE),
    0xB9: _Shape(Reply, Op.START_UNGUARDED),
    0xC0: _Shape(Request, Op.ASK_STATE),
    0xC1: _Shape(Request, Op.ASK_SPEED),
    0xC2: _Shape(Request, Op.ASK_INCLINE),
    0xC3: _Shape(Request, Op.ASK_FIRMWARE),
    0xD0: _Shape(Reply, Op.ASK_STATE, 1),
    0xD1: _Shape(Reply, Op.ASK_SPEED, 4, signed=True),
    0xD2: _Shape(Reply, Op.ASK_INCLINE, 4),
    0xD3: _Shape(Reply, Op.ASK_FIRMWARE, 4, raw=True),
}
_SHAPES = {Dialect.TRACKMASTER: _TRACKMASTER, Dialect.WOODWAY: _WOODWAY}
_OCTETS = {
    dialect: {(shape.kind, shape.op): octet for octet, shape in shapes.items()} for dialect, shapes in _SHAPES.items()
}
_TROUBLES = {
    Dialect.TRACKMASTER: {Trouble.OUT_OF_RANGE, Trouble.UNKNOWN_COMMAND},
    Dialect.WOODWAY: set(Trouble),
}
_FORWARD, _REVERSE = b"0"[0], b"3"[0]


class Decoder:
    """Both directions of the line, since their octets differ; `dropped` counts noise."""

    def __init__(self, dialect: Dialect = Dialect.TRACKMASTER) -> None:
        self._shapes = _SHAPES[dialect]
        self._troubles = {int(trouble): trouble for trouble in _TROUBLES[dialect]}
        self._stream: Stream[Frame] = Stream(self._take, LONGEST)

    @property
    def dropped(self) -> int:
        return self._stream.dropped

    def feed(self, payload: Payload) -> list[Frame]:
        """The frames that these octets complete, oldest first."""
        return self._stream.feed(payload)

    def _take(self, waiting: bytes) -> tuple[int, Frame | None]:
        if waiting[0] in self._troubles:
            return 1, Complaint(self._troubles[waiting[0]])
        shape = self._shapes.get(waiting[0])
        if shape is None:
            return SKIP_ONE
        body = waiting[1 : 1 + shape.digits]
        if not shape.raw and not all(_fits(octet, at, shape) for at, octet in enumerate(body)):
            return SKIP_ONE
        if len(body) < shape.digits:
            return TOO_EARLY
        return 1 + shape.digits, shape.kind(shape.op, _number(body, shape))


def _fits(octet: int, at: int, shape: _Shape) -> bool:
    if shape.signed and at == 0:
        return octet in (_FORWARD, _REVERSE)
    return 0x30 <= octet <= 0x39


def _number(body: bytes, shape: _Shape) -> int | None:
    if not body:
        return None
    if shape.raw:
        return int.from_bytes(body, "big")
    if not shape.signed:
        return int(body)
    return -int(body[1:]) if body[0] == _REVERSE else int(body[1:])


def encode(frame: Frame, dialect: Dialect = Dialect.TRACKMASTER) -> bytes:
    """The octets of a frame. Raises `WireError` for what this dialect cannot say."""
    if isinstance(frame, Complaint):
        if frame.trouble in _TROUBLES[dialect]:
            return bytes([frame.trouble])
    elif (octet := _OCTETS[dialect].get((type(frame), frame.op))) is not None:
        return bytes([octet]) + _body(frame.number, _SHAPES[dialect][octet])
    raise WireError(f"{dialect.value}: cannot say {frame!r}")


def _body(number: int | None, shape: _Shape) -> bytes:
    if shape.digits == 0:
        if number is None:
            return b""
        raise WireError(f"{shape.op.name}: has no digits, {number!r} was given")
    if shape.raw:
        return whole(number, 0, 0xFFFFFFFF, shape.op.name).to_bytes(4, "big")
    most = 10 ** (shape.digits - shape.signed) - 1
    known = whole(number, -most if shape.signed else 0, most, shape.op.name)
    if shape.signed:
        return (b"3" if known < 0 else b"0") + b"%03d" % abs(known)
    return b"%0*d" % (shape.digits, known)
