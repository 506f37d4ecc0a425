"""The FIT container: a header, messages that describe themselves, a checksum. Only what a workout needs of it.

Header of 12 or 14 octets (its length, protocol, profile u16, length of data u32, ".FIT", from 14 on a checksum), then
records: a definition (0x40) gives a local number (low 4 bits) a global message, a byte order and fields of (number,
size, base type); a data record has the fields of its number's last definition. Header bit 7 packs a time stamp and a
2-bit number; bit 5 of a definition adds developer fields, which are skipped. After the data a CRC-16 (0xA001,
reflected) over everything before it. Each base type has a value that means "not set": None here.

Own reader instead of a library: it takes a hundred lines, cannot be surprised by what a workout never holds, and ends
every file of strangers in a value or in one error. Source: FIT protocol description, held against fitdecode 0.11.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pitrainer.importers.strangers import refusal

MOST_MESSAGES = 5_000

Value: TypeAlias = "int | str | None"

_INTEGERS = {
    0: "B",
    1: "b",
    2: "B",
    3: "h",
    4: "H",
    5: "i",
    6: "I",
    10: "B",
    11: "H",
    12: "I",
    14: "q",
    15: "Q",
    16: "Q",
}
_NOT_SET = {0: 0xFF, 1: 0x7F, 2: 0xFF, 3: 0x7FFF, 4: 0xFFFF, 5: 0x7FFFFFFF, 6: 0xFFFFFFFF, 10: 0, 11: 0, 12: 0,
            14: 0x7FFFFFFFFFFFFFFF, 15: 0xFFFFFFFFFFFFFFFF, 16: 0}  # fmt: skip
_STRING = 7


@dataclass(frozen=True, slots=True)
class Message:
    """One data record: its global number, and its fields by number."""

    number: int
    fields: dict[int, Value]

    def count(self, field: int) -> int | None:
        value = self.fields.get(field)
        return value if isinstance(value, int) else None

    def text(self, field: int) -> str:
        value = self.fields.get(field)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class _Definition:
    number: int
    order: str
    fields: tuple[tuple[int, int, int], ...]
    size: int


def is_fit(raw: bytes) -> bool:
    return raw[8:12] == b".FIT"


def messages(raw: bytes, file: str) -> Iterator[Message]:
    """The data records of a FIT file. Raises ForeignFileError for one that is cut off, damaged or no FIT file."""
    start, end = _body(raw, file)
    definitions: dict[int, _Definition] = {}
    at, count = start, 0
    try:
        while at < end:
            head = raw[at]
            local = head >> 5 & 0x03 if head & 0x80 else head & 0x0F
            if head & 0xC0 == 0x40:
                definitions[local], at = _definition(raw, at + 1, with_developers=bool(head & 0x20))
                continue
            definition = definitions[local]
            at += 1
            if at + definition.size > end:
                raise IndexError
            yield Message(definition.number, _fields(raw, at, definition))
            at, count = at + definition.size, count + 1
            if count > MOST_MESSAGES:
                raise refusal(file, f"has more than {MOST_MESSAGES} messages; is it a recording and not a workout?")
    except (IndexError, KeyError, struct.error):
        raise refusal(file, f"is a damaged FIT file (at octet {at}); export it again") from None


def checksum(octets: bytes) -> int:
    """CRC-16 of the FIT format."""
    crc = 0
    for octet in octets:
        crc = crc >> 8 ^ _CRC[(crc ^ octet) & 0xFF]
    return crc


def _shifted(crc: int) -> int:
    for _ in range(8):
        crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


_CRC = tuple(map(_shifted, range(256)))


def _body(raw: bytes, file: str) -> tuple[int, int]:
    if len(raw) < 14 or not is_fit(raw) or raw[0] < 12:
        raise refusal(file, "is no FIT file")
    start, length = raw[0], int.from_bytes(raw[4:8], "little")
    end = start + length
    if end + 2 > len(raw):
        raise refusal(file, f"is cut off: {end + 2} octets are announced, there are {len(raw)}; export it again")
    if checksum(raw[:end]) != int.from_bytes(raw[end : end + 2], "little"):
        raise refusal(file, "is a damaged FIT file: its checksum is wrong; export it again")
    return start, end


def _definition(raw: bytes, at: int, *, with_developers: bool) -> tuple[_Definition, int]:
    order = ">" if raw[at + 1] else "<"
    (number,) = struct.unpack_from(order + "H", raw, at + 2)
    at, count = at + 5, raw[at + 4]
    triples = [(raw[i], raw[i + 1], raw[i + 2] & 0x1F) for i in range(at, at + 3 * count, 3)]
    at += 3 * count
    size = sum(size for _, size, _ in triples)
    if with_developers:
        count = raw[at]
        size += sum(raw[i + 1] for i in range(at + 1, at + 1 + 3 * count, 3))
        at += 1 + 3 * count
    return _Definition(number, order, tuple(triples), size), at


def _fields(raw: bytes, at: int, definition: _Definition) -> dict[int, Value]:
    found: dict[int, Value] = {}
    for number, size, kind in definition.fields:
        found[number] = _value(raw[at : at + size], kind, definition.order)
        at += size
    return found


def _value(octets: bytes, kind: int, order: str) -> Value:
    if kind == _STRING:
        return octets.split(b"\0")[0].decode("utf-8", errors="replace")
    code = _INTEGERS.get(kind)
    if code is None or len(octets) != struct.calcsize(order + code):
        return None
    (value,) = struct.unpack(order + code, octets)
    return None if value == _NOT_SET[kind] else int(value)
