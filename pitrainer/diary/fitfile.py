"""The FIT container: messages as bytes, with header, definitions and checksums.

A file is a 14-byte header, records, and a CRC-16 over all of it. A record is either a definition, which says which
fields a message of one local number has, or data in that order. Each kind of message keeps one local number, and is
defined where it first appears. Little-endian throughout. Every type has a bit pattern for "not known", and that is
what None becomes, as does a number that its field cannot hold: a wrong value would be worse than none.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

EPOCH_TS = int(datetime(1989, 12, 31, tzinfo=UTC).timestamp())
PROTOCOL_VERSION = 0x20
PROFILE_VERSION = 21_00
LOCAL_NUMBERS = 16


@dataclass(frozen=True, slots=True)
class Type:
    """A base type: its number in definitions, its struct letter, its pattern for "not known", its range."""

    number: int
    letter: str
    invalid: int
    lowest: int
    highest: int


ENUM = Type(0x00, "B", 0xFF, 0, 0xFE)
UINT8 = Type(0x02, "B", 0xFF, 0, 0xFE)
SINT16 = Type(0x83, "h", 0x7FFF, -0x8000, 0x7FFE)
UINT16 = Type(0x84, "H", 0xFFFF, 0, 0xFFFE)
UINT32 = Type(0x86, "I", 0xFFFFFFFF, 0, 0xFFFFFFFE)
UINT32Z = Type(0x8C, "I", 0, 1, 0xFFFFFFFF)
STRING = Type(0x07, "s", 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: stored as (value + offset) x scale. A text takes `size` bytes with its end."""

    number: int
    type: Type
    scale: float = 1
    offset: float = 0
    size: int = 0

    @property
    def length(self) -> int:
        return self.size or struct.calcsize(self.type.letter)

    def packed(self, value: float | str | None) -> bytes:
        """The field's bytes for a value; "not known" for None and for what does not fit."""
        if self.type is STRING:
            text = str(value or "").encode()[: self.size - 1].decode(errors="ignore")
            return text.encode().ljust(self.size, b"\0")
        return struct.pack("<" + self.type.letter, self._stored(value))

    def _stored(self, value: float | str | None) -> int:
        if value is None or isinstance(value, str):
            return self.type.invalid
        scaled = (value + self.offset) * self.scale
        if not self.type.lowest <= scaled <= self.type.highest:  # nor is NaN
            return self.type.invalid
        return round(scaled)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of message: its global number and its fields by name."""

    number: int
    fields: Mapping[str, Field]

    def definition(self, local: int) -> bytes:
        head = struct.pack("<BBBHB", 0x40 | local, 0, 0, self.number, len(self.fields))
        return head + b"".join(bytes((field.number, field.length, field.type.number)) for field in self.fields.values())


@dataclass(frozen=True, slots=True)
class Message:
    """One message; a field that is not named is not known."""

    kind: Kind
    values: Mapping[str, float | str | None]


def timestamp(ts: float) -> int:
    """Wall-clock seconds since 1970 as the format counts them."""
    return round(ts) - EPOCH_TS


def encode(messages: Iterable[Message]) -> bytes:
    """The whole file. Raises ValueError for more kinds than there are local numbers."""
    body = b"".join(_records(messages))
    header = struct.pack("<BBHI4s", 14, PROTOCOL_VERSION, PROFILE_VERSION, len(body), b".FIT")
    whole = header + struct.pack("<H", crc(header)) + body
    return whole + struct.pack("<H", crc(whole))


def _records(messages: Iterable[Message]) -> Iterable[bytes]:
    locals_of: dict[int, int] = {}
    for message in messages:
        kind = message.kind
        if kind.number not in locals_of:
            if len(locals_of) == LOCAL_NUMBERS:
                raise ValueError(f"more than {LOCAL_NUMBERS} kinds of messages in one file")
            locals_of[kind.number] = len(locals_of)
            yield kind.definition(locals_of[kind.number])
        values = message.values
        data = b"".join(field.packed(values.get(name)) for name, field in kind.fields.items())
        yield bytes((locals_of[kind.number],)) + data


def _table() -> tuple[int, ...]:
    """CRC-16/ARC: polynomial 0x8005 reflected, start 0."""
    made = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
        made.append(value)
    return tuple(made)


_CRC = _table()


def crc(data: bytes) -> int:
    value = 0
    for byte in data:
        value = (value >> 8) ^ _CRC[(value ^ byte) & 0xFF]
    return value
