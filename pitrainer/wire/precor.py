"""The key-value bus between console and motor of Precor 9.3x treadmills: ASCII at 9600 8N1, the line inverted.

The console sends `[key]` or `[key:HEX]` and an octet 0xFF; the motor answers each at once with `[key:HEX]`, `[key]`,
or `[]` for a key that it does not know, without the 0xFF. Numbers are hexadecimal, capitals, no leading zeros.
`hmph` is hundredths of a mile per hour: what is asked for in one direction, what was measured in the other. `inc` is
most likely half percents (a note on the same captures says whole percents): settle it with a level.
Source: public captures of a 9.31, both directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitrainer.wire import WireError
from pitrainer.wire.stream import Stream, bracketed, whole

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload

INCLINE, SPEED = "inc", "hmph"
LONGEST = 32
LONGEST_KEY = 16
MOST = 0xFFFFFFFF
END = b"\xff"
_HEX = frozenset(b"0123456789ABCDEFabcdef")


@dataclass(frozen=True, slots=True)
class Frame:
    """A key (empty: the motor's "I do not know that one") and its number, None where there is none."""

    key: str
    number: int | None = None


class Decoder:
    """Both directions of the bus: the 0xFF after console frames is skipped. `dropped` counts noise."""

    def __init__(self) -> None:
        self._stream: Stream[Frame] = Stream(_take, LONGEST, silence=END)

    @property
    def dropped(self) -> int:
        return self._stream.dropped

    def feed(self, payload: Payload) -> list[Frame]:
        """The frames that these octets complete, oldest first."""
        return self._stream.feed(payload)


def _take(waiting: bytes) -> tuple[int, Frame | None]:
    used, text = bracketed(waiting, LONGEST)
    return used, None if text is None else _frame(text)


def _frame(text: bytes) -> Frame | None:
    key, colon, digits = text.partition(b":")
    if not _is_key(key) or len(digits) > 8 or not _HEX.issuperset(digits) or bool(digits) != bool(colon):
        return None
    if not key and colon:
        return None
    return Frame(key.decode(), int(digits, 16) if colon else None)


def _is_key(key: bytes) -> bool:
    return len(key) <= LONGEST_KEY and (not key or (key.isalnum() and key.islower()))


def encode(frame: Frame, *, by_console: bool = True) -> bytes:
    """The octets of a console's frame, or without the 0xFF those of a motor's. Raises `WireError`."""
    text = f"[{frame.key}]" if frame.number is None else f"[{frame.key}:{_digits(frame)}]"
    if _frame(text[1:-1].encode(errors="replace")) != frame:
        raise WireError(f"Precor: {frame!r} does not fit; a key is up to {LONGEST_KEY} small letters and digits")
    return text.encode() + (END if by_console else b"")


def _digits(frame: Frame) -> str:
    return f"{whole(frame.number, 0, MOST, f'Precor {frame.key}'):X}"
