"""The numbers of Bluetooth's little-endian records, and how to take a payload apart without trusting it.

A `Number` says how many octets a field has, whether it is signed, how many raw counts make one unit, and which raw
values mean "not available". Reading divides, so 35 tenths are exactly 3.5; writing multiplies and rounds to the
nearest count (real consoles cut 2.56 to 2.5, we must not cut a second time). What does not fit is refused, never
clamped: a clamp would turn a bug into a set-point.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeVar

from pitrainer.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Payload: TypeAlias = bytes | bytearray | memoryview


Code = TypeVar("Code", bound=IntEnum)


def full_uuid(assigned: int) -> str:
    """The 128-bit text, lower case, of a 16-bit number assigned by the Bluetooth SIG."""
    return f"0000{assigned:04x}-0000-1000-8000-00805f9b34fb"


def take(payload: Payload, least: int, what: str) -> bytes:
    """The payload as `bytes` of its own. Raises `WireError` when there are fewer than `least` octets."""
    if not isinstance(payload, bytes | bytearray | memoryview):
        raise WireError(f"{what}: bytes are needed, this is {type(payload).__name__}")
    octets = bytes(payload)
    if len(octets) < least:
        raise WireError(f"{what}: at least {least} octets are needed, there are {len(octets)} ({octets.hex(' ')})")
    return octets


def known(kind: type[Code], code: int) -> Code | None:
    """The member of an enumeration that has this code, or None for one it does not know."""
    try:
        return kind(code)
    except ValueError:
        return None


def named(kind: type[IntEnum], code: int) -> int:
    """The member of an enumeration that has this code, or the bare code where it is reserved."""
    member = known(kind, code)
    return code if member is None else member


@dataclass(frozen=True, slots=True)
class Number:
    """One field: `size` octets holding `per_unit` counts for each unit of the value."""

    size: int
    per_unit: float = 1
    signed: bool = False
    absent: tuple[int, ...] = ()
    """Raw counts that mean "not available"; the first is the one written for `None`."""

    def read(self, octets: bytes) -> float | None:
        """The value of exactly `size` octets: an int where a count is a unit, else a float; None if absent."""
        raw = int.from_bytes(octets, "little", signed=self.signed)
        if raw in self.absent:
            return None
        return raw if self.per_unit == 1 else raw / self.per_unit

    def write(self, value: float | None, what: str) -> bytes:
        """The octets of a value. Raises `WireError` naming `what` for anything the field cannot hold."""
        if value is None and self.absent:
            return self.absent[0].to_bytes(self.size, "little", signed=self.signed)
        raw = self._counts(value)
        if raw is None or raw in self.absent:
            low, high = self._limits()
            raise WireError(
                f"{what}: {value!r} does not fit; "
                f"a number from {low / self.per_unit:g} to {high / self.per_unit:g} does"
            )
        return raw.to_bytes(self.size, "little", signed=self.signed)

    def _limits(self) -> tuple[int, int]:
        bits = 8 * self.size
        return (-(1 << bits - 1), (1 << bits - 1) - 1) if self.signed else (0, (1 << bits) - 1)

    def _counts(self, value: object) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if value < 0 and not self.signed:
            return None
        low, high = self._limits()
        try:
            scaled = value * self.per_unit
        except OverflowError:
            return None
        # Written so that NaN fails it too.
        return round(scaled) if low - 0.5 < scaled < high + 0.5 else None


def read_each(numbers: Iterable[Number], octets: bytes) -> list[float | None]:
    """The values of consecutive fields. From the first field that is cut off, every one is `None`."""
    values: list[float | None] = []
    at = 0
    for number in numbers:
        end = at + number.size
        values.append(number.read(octets[at:end]) if end <= len(octets) else None)
        at = end
    return values


U8 = Number(1)
U16 = Number(2)
U24 = Number(3)
S16 = Number(2, signed=True)
TENTHS_U8 = Number(1, per_unit=10)
TENTHS_U16 = Number(2, per_unit=10)
TENTHS_S16 = Number(2, per_unit=10, signed=True)
