"""A serial line in memory, in the loop's own time: octets take as long as the baud rate says, and faults happen.

One end is a driver's `Wire`, the other a machine. The faults are switches, to be flipped at any time; what is random
comes from a seeded generator. Pulling the plug ends the link as a USB adapter's disappearance does; silence keeps the
port open and carries nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from pitrainer.drivers.serial_link import LinkError

BITS_PER_OCTET = 10


class Machine(Protocol):
    """The far end."""

    def connect(self, answer: Callable[[bytes], None]) -> None:
        """Where its octets go from now on."""

    def hear(self, octets: bytes, now_s: float) -> None:
        """What arrives, all at `now_s`."""


@dataclass
class Faults:
    """What is wrong with the line; shares are 0 to 1 of all octets, both ways."""

    silent: bool = False
    lost_share: float = 0.0
    flipped_share: float = 0.0
    """Octets with one bit turned over."""
    one_by_one: bool = False
    """Every octet is delivered alone."""
    noise_to_driver: bytes = b""
    """Put before everything that the machine says."""


class CableEnd:
    """The driver's `Wire`."""

    def __init__(self, cable: Cable) -> None:
        self.lost = asyncio.Event()
        self.reason = ""
        self._cable = cable

    def write(self, octets: bytes) -> None:
        self._cable.to_machine(octets)


@dataclass
class Cable:
    """A line to `machine`. `sent` is all that the driver wrote, with times."""

    machine: Machine
    baud: int = 4800
    faults: Faults = field(default_factory=Faults)
    seed: int = 1
    sent: list[tuple[float, bytes]] = field(default_factory=list)
    plugged: bool = True

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._end: CableEnd | None = None
        self._deliver: Callable[[bytes], None] = lambda octets: None
        self._free_s = {"there": 0.0, "back": 0.0}
        self.machine.connect(self._to_driver)

    @asynccontextmanager
    async def connect(self, deliver: Callable[[bytes], None]) -> AsyncIterator[CableEnd]:
        """A `serial_link.Connect`. Raises LinkError while unplugged."""
        if not self.plugged:
            raise LinkError("no such port")
        self._end, self._deliver = CableEnd(self), deliver
        try:
            yield self._end
        finally:
            self._end, self._deliver = None, lambda octets: None

    def unplug(self) -> None:
        """The adapter is pulled."""
        self.plugged = False
        if self._end is not None:
            self._end.reason = "the device is gone"
            self._end.lost.set()

    def plug(self) -> None:
        self.plugged = True

    def to_machine(self, octets: bytes) -> None:
        """What a driver writes."""
        self.sent.append((_now_s(), octets))
        self._carry(octets, "there", lambda arrived: self.machine.hear(arrived, _now_s()))

    def _to_driver(self, octets: bytes) -> None:
        self._carry(self.faults.noise_to_driver + octets, "back", self._arrived)

    def _arrived(self, octets: bytes) -> None:
        """To whoever listens by now."""
        self._deliver(octets)

    def _carry(self, octets: bytes, way: str, deliver: Callable[[bytes], None]) -> None:
        if self.faults.silent or not self.plugged:
            return
        octet_s = BITS_PER_OCTET / self.baud
        pieces = [octets[at : at + 1] for at in range(len(octets))] if self.faults.one_by_one else [octets]
        for piece in pieces:
            begin_s = max(_now_s(), self._free_s[way])
            self._free_s[way] = begin_s + octet_s * len(piece)
            spoilt = self._spoilt(piece)
            if spoilt:
                asyncio.get_running_loop().call_at(self._free_s[way], deliver, spoilt)

    def _spoilt(self, octets: bytes) -> bytes:
        faults, chance = self.faults, self._random
        kept = (octet for octet in octets if chance.random() >= faults.lost_share)
        return bytes(
            octet ^ (1 << chance.randrange(8) if chance.random() < faults.flipped_share else 0) for octet in kept
        )


def _now_s() -> float:
    return asyncio.get_running_loop().time()
