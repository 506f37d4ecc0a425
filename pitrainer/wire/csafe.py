"""CSAFE frames (FitLinxx, 1997), the jack of commercial treadmills: RS-232 at 9600 8N1, the machine only answers.

    F1 stuffed(contents, checksum) F2        or, with addresses,        F0 destination source stuffed(...) F2

The checksum is the XOR of the contents, addresses left out (Concept2's published example proves it). Inside, and in
the checksum too, F0-F3 are sent as F3 00-03. A frame is at most 96 octets with everything; an F0 or F1 inside a
frame starts it anew. What the contents mean is in `csafe_contents`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import TYPE_CHECKING

from pitrainer.wire import WireError
from pitrainer.wire.stream import SKIP_ONE, TOO_EARLY, Stream, byte_of, sealed

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload

EXTENDED, STANDARD, END, STUFF = 0xF0, 0xF1, 0xF2, 0xF3
FLAGS = (EXTENDED, STANDARD, END)
LONGEST = 96


@dataclass(frozen=True, slots=True)
class Frame:
    """`contents` without checksum, at least one octet; both addresses or neither."""

    contents: bytes
    destination: int | None = None
    source: int | None = None


def checksum(contents: bytes) -> int:
    """The XOR of all octets."""
    return reduce(xor, contents, 0)


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
    if waiting[0] not in (EXTENDED, STANDARD):
        return SKIP_ONE
    end = next((at for at, octet in enumerate(waiting[1:], 1) if octet in FLAGS), None)
    if end is None:
        return SKIP_ONE if len(waiting) >= LONGEST else TOO_EARLY
    if waiting[end] != END:
        return end, None
    return end + 1, _frame(waiting[0], waiting[1:end])


def _frame(opening: int, body: bytes) -> Frame | None:
    addresses = 2 if opening == EXTENDED else 0
    contents = _unstuffed(body[addresses:])
    if contents is None or len(contents) < 2 or STUFF in body[:addresses] or checksum(contents):
        return None
    if addresses:
        return Frame(contents[:-1], body[0], body[1])
    return Frame(contents[:-1])


def _unstuffed(octets: bytes) -> bytes | None:
    first, *rest = octets.split(bytes([STUFF]))
    if any(not part or part[0] > 3 for part in rest):
        return None
    return first + b"".join(bytes([EXTENDED + part[0]]) + part[1:] for part in rest)


def _stuffed(octets: bytes) -> bytes:
    return b"".join(bytes([STUFF, o - EXTENDED]) if EXTENDED <= o <= STUFF else bytes([o]) for o in octets)


def encode(frame: Frame) -> bytes:
    """The octets of a frame. Raises `WireError` for one that is empty, too long, or addressed by halves."""
    contents = sealed(frame.contents, 1, LONGEST, "CSAFE contents")
    body = _stuffed(contents + bytes([checksum(contents)]))
    encoded = _opening(frame) + body + bytes([END])
    if len(encoded) > LONGEST:
        raise WireError(f"CSAFE: {len(encoded)} octets are too long for a frame; {LONGEST} are allowed")
    return encoded


def _opening(frame: Frame) -> bytes:
    if frame.destination is None and frame.source is None:
        return bytes([STANDARD])
    addresses = bytes([byte_of(frame.destination, "CSAFE destination"), byte_of(frame.source, "CSAFE source")])
    if any(EXTENDED <= octet <= STUFF for octet in addresses):
        raise WireError(f"CSAFE: an address must not be F0-F3, these are {addresses.hex(' ')}")
    return bytes([EXTENDED]) + addresses
