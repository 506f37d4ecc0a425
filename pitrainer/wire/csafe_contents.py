"""What CSAFE frames say: commands of the host, and the machine's status with its answers.

A command is an id (0x80 and up: nothing follows) or an id, a count and so many octets. The machine's contents are a
status octet, then id, count and data for each command that it could answer. An unsupported question is left out of
the answer without a word, so answers are found by id, never by position. Numbers are low octet first; a quantity
is 16 bits and a unit. Sources: the framework as quoted in public libraries, and captures of a Life Fitness machine,
which reads on in state OFF_LINE while somebody trains.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from pitrainer.wire import WireError
from pitrainer.wire.fields import known
from pitrainer.wire.stream import byte_of, sealed, whole

KM_PER_MILE = 1.609344
KM_PER_FOOT = 0.0003048


class Ask(IntEnum):
    """The commands that a treadmill driver needs."""

    AUTO_UPLOAD = 0x01
    SET_TIME_GOAL = 0x20
    SET_PROGRAM = 0x24
    SET_SPEED = 0x25
    SET_GRADE = 0x28
    SET_USER = 0x2B
    STATUS = 0x80
    GO_IDLE = 0x82
    GO_HAVE_ID = 0x83
    GO_IN_USE = 0x85
    GO_FINISHED = 0x86
    GO_READY = 0x87
    VERSION = 0x91
    UNITS = 0x93
    DISTANCE = 0xA1
    SPEED = 0xA5
    GRADE = 0xA8
    HEART_RATE = 0xB0


class State(IntEnum):
    """The low four bits of the status."""

    ERROR = 0
    READY = 1
    IDLE = 2
    HAVE_ID = 3
    IN_USE = 5
    PAUSE = 6
    FINISH = 7
    MANUAL = 8
    OFF_LINE = 9


class Verdict(IntEnum):
    """What the machine thought of the previous frame."""

    OK = 0
    REJECTED = 1
    BAD = 2
    NOT_READY = 3


class Unit(IntEnum):
    """Those that speeds and grades come in."""

    MPH = 0x10
    TENTH_MPH = 0x11
    HUNDREDTH_MPH = 0x12
    FEET_PER_MINUTE = 0x13
    KMH = 0x30
    TENTH_KMH = 0x31
    HUNDREDTH_KMH = 0x32
    METRES_PER_MINUTE = 0x33
    PERCENT = 0x4A
    HUNDREDTH_PERCENT = 0x4B
    TENTH_PERCENT = 0x4C


KMH_PER_COUNT = {
    Unit.MPH: KM_PER_MILE,
    Unit.TENTH_MPH: KM_PER_MILE / 10,
    Unit.HUNDREDTH_MPH: KM_PER_MILE / 100,
    Unit.FEET_PER_MINUTE: KM_PER_FOOT * 60,
    Unit.KMH: 1.0,
    Unit.TENTH_KMH: 0.1,
    Unit.HUNDREDTH_KMH: 0.01,
    Unit.METRES_PER_MINUTE: 0.06,
}
PCT_PER_COUNT = {Unit.PERCENT: 1.0, Unit.TENTH_PERCENT: 0.1, Unit.HUNDREDTH_PERCENT: 0.01}


@dataclass(frozen=True, slots=True)
class Item:
    """One command or one answer: an id and its data."""

    id: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """`state` is None for a number that the standard does not know. `toggle` flips with every accepted frame."""

    state: State | None
    verdict: Verdict
    toggle: bool
    answers: tuple[Item, ...] = ()

    def answer(self, wanted: int) -> bytes | None:
        """The data for an id; None where the machine left it out."""
        return next((item.data for item in self.answers if item.id == wanted), None)

    def speed_kmh(self) -> float | None:
        """None where there is none, or in a unit that is no speed of a belt (revolutions, a pace)."""
        return _scaled(self.answer(Ask.SPEED), KMH_PER_COUNT)

    def grade_pct(self) -> float | None:
        return _scaled(self.answer(Ask.GRADE), PCT_PER_COUNT)


def _scaled(data: bytes | None, per_count: dict[Unit, float]) -> float | None:
    if data is None or len(data) < 3:
        return None
    unit = known(Unit, data[2])
    factor = None if unit is None else per_count.get(unit)
    return None if factor is None else round(int.from_bytes(data[:2], "little") * factor, 6)


def quantity(counts: int, unit: Unit) -> bytes:
    """Data of a speed or a grade. Raises `WireError` outside 16 bits."""
    return whole(counts, 0, 0xFFFF, f"CSAFE {unit.name}").to_bytes(2, "little") + bytes([unit])


def encode_commands(*commands: Item) -> bytes:
    """The contents of a host's frame. Raises `WireError` for data on a command that has none."""
    return b"".join(map(_command, commands))


def _command(command: Item) -> bytes:
    octet = byte_of(command.id, "CSAFE command")
    if octet < 0x80:
        return _long(command)
    if command.data:
        raise WireError(f"CSAFE command {octet:#04x}: takes no data, {command.data.hex(' ')} was given")
    return bytes([octet])


def _long(item: Item) -> bytes:
    data = sealed(item.data, 0, 90, f"CSAFE data of {item.id:#04x}")
    return bytes([byte_of(item.id, "CSAFE id"), len(data)]) + data


def decode_commands(contents: bytes) -> tuple[Item, ...]:
    """What a host asks for. Raises `WireError` where a command is cut off."""
    return _items(contents, 0, short_ids=True)


def encode_reply(reply: Reply) -> bytes:
    """The contents of a machine's frame. Raises `WireError` without a state."""
    if reply.state is None:
        raise WireError("CSAFE status: a state is needed")
    status = reply.toggle << 7 | reply.verdict << 4 | reply.state
    return bytes([status]) + b"".join(map(_long, reply.answers))


def decode_reply(contents: bytes) -> Reply:
    """What the machine says. Raises `WireError` where it is empty or an answer is cut off."""
    if not contents:
        raise WireError("CSAFE reply: at least the status is needed, there is nothing")
    status = contents[0]
    answers = _items(contents, 1, short_ids=False)
    return Reply(known(State, status & 0x0F), Verdict(status >> 4 & 3), bool(status & 0x80), answers)


def _items(contents: bytes, at: int, *, short_ids: bool) -> tuple[Item, ...]:
    items = []
    while at < len(contents):
        octet = contents[at]
        if short_ids and octet >= 0x80:
            items.append(Item(octet))
            at += 1
            continue
        end = at + 2 + (contents[at + 1] if at + 1 < len(contents) else 0)
        if at + 1 >= len(contents) or end > len(contents):
            raise WireError(f"CSAFE: {octet:#04x} is cut off in {contents.hex(' ')}")
        items.append(Item(octet, contents[at + 2 : end]))
        at = end
    return tuple(items)
