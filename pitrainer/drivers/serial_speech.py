"""What the serial driver asks of a protocol: turn wishes into octets and octets into sightings, one per link.

A `Speech` keeps the line busy as its machine likes it, has one question outstanding, and knows what was set and
read back. It sees no clock and no port: `hear` and `say` are told the time, and `wait_s` says when to come back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from pitrainer.drivers.serial_pilot import Sighting, Wish


class Speech(Protocol):
    """One protocol on one link, from its first octet."""

    @property
    def remark(self) -> str:
        """What the machine would not do, in words; empty while all is well."""

    @property
    def dropped(self) -> int:
        """Octets so far that could not be understood."""

    def hear(self, octets: bytes, now_s: float) -> list[Sighting]:
        """What just arrived says. Never raises."""

    def say(self, wish: Wish, now_s: float) -> bytes | None:
        """The next octets; what is returned is sent. Never more than a protocol's one frame."""

    def wait_s(self, now_s: float) -> float:
        """Until `say` may have something to say again, if nothing arrives before."""


NewSpeech: TypeAlias = Callable[[], Speech]
