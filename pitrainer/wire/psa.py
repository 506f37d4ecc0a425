"""The ASCII of "PSA(xx)" lower boards and BH Fitness treadmills: `[SETSPD:010]`, TTL, 8N1, nominally 4800 baud.

The console sends the wanted speed in tenths of km/h and the wanted lift level in tenths, three digits each, about
every 0.5 s; there is no check. Octets 0x00 drift in between frames. The board answers, but how is not known: any
word in brackets, with or without digits, is handed over as it is. A level is not a percent: level 15 may be a grade
of 8. Source: the notes of a public bridge for such machines; no captures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitrainer.wire import WireError
from pitrainer.wire.stream import Stream, bracketed, whole

if TYPE_CHECKING:
    from pitrainer.wire.fields import Payload

SPEED, INCLINE = "SETSPD", "SETINC"
LONGEST = 24
LONGEST_WORD = 16
NOISE = b"\x00"


@dataclass(frozen=True, slots=True)
class Frame:
    """A word in capitals and its number from 0 to 999, None where there is none."""

    word: str
    number: int | None = None


class Decoder:
    """Both directions of the line; `dropped` counts noise other than 0x00."""

    def __init__(self) -> None:
        self._stream: Stream[Frame] = Stream(_take, LONGEST, silence=NOISE)

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
    word, colon, digits = text.partition(b":")
    if not (0 < len(word) <= LONGEST_WORD and word.isalnum() and word.isupper()):
        return None
    if not colon:
        return Frame(word.decode())
    return Frame(word.decode(), int(digits)) if len(digits) == 3 and digits.isdigit() else None


def encode(frame: Frame) -> bytes:
    """The octets of a frame. Raises `WireError` for what does not fit."""
    number = "" if frame.number is None else f":{whole(frame.number, 0, 999, f'PSA {frame.word}'):03d}"
    text = f"{frame.word}{number}"
    if _frame(text.encode(errors="replace")) != frame:
        raise WireError(f"PSA: {frame!r} does not fit; a word is up to {LONGEST_WORD} capitals and digits")
    return f"[{text}]".encode()
