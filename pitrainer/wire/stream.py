"""Frames off a serial line: bytes come in pieces of any size, with noise between and inside.

`Stream` looks at the front of what has not been used yet. A protocol's `take` says how many octets to use up and
which frame they were (None: noise), or 0 for "too early to tell". It sees at most `longest` octets and must have
decided by then, so the buffer is bounded, and it must decide the same whatever follows, so that the size of the
pieces never matters. Noise is dropped as little as possible: one octet, then looked at again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from pitrainer.wire import WireError
from pitrainer.wire.fields import take as octets_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from pitrainer.wire.fields import Payload

Frame = TypeVar("Frame")

if TYPE_CHECKING:
    Take: TypeAlias = Callable[[bytes], "tuple[int, Frame | None]"]

TOO_EARLY = 0, None
SKIP_ONE = 1, None


class Stream(Generic[Frame]):
    """What has arrived and not been understood yet, `longest` octets at most."""

    def __init__(self, take: Take[Frame], longest: int, *, silence: bytes = b"") -> None:
        """`silence`: octets that stand for nothing between frames and do not count as noise."""
        self._take = take
        self._longest = longest
        self._silence = silence
        self._rest = b""
        self.dropped = 0
        """Octets so far that belonged to no frame."""

    def feed(self, payload: Payload) -> list[Frame]:
        """The frames that these octets complete, oldest first."""
        arrived = self._rest + octets_of(payload, 0, "serial line")
        frames: list[Frame] = []
        at = 0
        while at < len(arrived):
            used, frame = self._take(arrived[at : at + self._longest])
            if used == 0:
                break
            if frame is not None:
                frames.append(frame)
            else:
                self.dropped += sum(octet not in self._silence for octet in arrived[at : at + used])
            at += used
        self._rest = arrived[at:]
        return frames


def bracketed(waiting: bytes, longest: int) -> tuple[int, bytes | None]:
    """The text of `[text]` at the front. A `[` inside starts anew; anything unprintable is noise."""
    if waiting[:1] != b"[":
        return SKIP_ONE
    for at, octet in enumerate(waiting[1:longest], 1):
        if octet == ord("]"):
            return at + 1, waiting[1:at]
        if octet == ord("[") or not 0x20 <= octet < 0x7F:
            return at, None
    return SKIP_ONE if len(waiting) >= longest else TOO_EARLY


def byte_of(value: object, what: str) -> int:
    """The value itself where it is an int from 0 to 255. Raises `WireError` naming `what` otherwise."""
    return whole(value, 0, 0xFF, what)


def whole(value: object, low: int, high: int, what: str) -> int:
    """The value itself where it is an int (no bool) from `low` to `high`. Raises `WireError` otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise WireError(f"{what}: {value!r} does not fit; a whole number from {low} to {high} does")
    return int(value)


def sealed(value: object, least: int, most: int, what: str) -> bytes:
    """The octets themselves, `least` to `most` of them. Raises `WireError` otherwise."""
    if not isinstance(value, bytes) or not least <= len(value) <= most:
        raise WireError(f"{what}: {value!r} does not fit; {least} to {most} bytes do")
    return value
