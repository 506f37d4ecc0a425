"""A treadmill on a serial line: report what it measures, carry out what the `Pilot` wishes, in its own protocol.

    apply(Command) -> Lease -> Pilot.wish -> Speech.say -> port
    port -> Speech.hear -> Sighting -> Pilot.saw -> Feedback, MachineEvent

One loop keeps the line busy, woken by what arrives, by commands, and when the protocol wants to speak. When `apply`
is not called for `LEASE_S` while this driver holds the belt, the belt is walked down here; when this loop itself
dies, a machine that stops on lost communication does. A line on which no speed is heard for `SILENT_S` is closed and
opened anew, and what may be said on the new one starts from nothing.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeAlias

from pitrainer.drivers.ports import Post
from pitrainer.drivers.serial_console import ConsoleSpeech, JohnsonProfile, PrecorProfile, PsaProfile
from pitrainer.drivers.serial_csafe import CsafeProfile, CsafeSpeech
from pitrainer.drivers.serial_link import Connect, LinkError, SerialPort, Wire, keep_linked
from pitrainer.drivers.serial_pilot import Deed, Lease, Pilot, Sighting
from pitrainer.drivers.serial_speech import NewSpeech, Speech
from pitrainer.drivers.serial_trackmaster import TrackmasterProfile, TrackmasterSpeech
from pitrainer.model import Command, Feedback, LinkState, MachineLimits, Reading

__all__ = [
    "CsafeProfile",
    "JohnsonProfile",
    "PrecorProfile",
    "PsaProfile",
    "SerialMachine",
    "SerialTreadmill",
    "TrackmasterProfile",
    "machine_of",
    "on_port",
]

log = logging.getLogger(__name__)

Profile: TypeAlias = TrackmasterProfile | CsafeProfile | PrecorProfile | JohnsonProfile | PsaProfile
BAUD: dict[type[Profile], int] = {
    TrackmasterProfile: 4800,
    CsafeProfile: 9600,
    PrecorProfile: 9600,
    JohnsonProfile: 9600,
    PsaProfile: 4800,
}

SILENT_S = 3.0
LOOK_S = 0.1
"""However long a protocol wants to wait: the line may have been lost."""
INCLINE_FRESH_S = 1.5


@dataclass(frozen=True, slots=True)
class SerialMachine:
    """One model of treadmill: how it is spoken to and what it can do."""

    name: str
    limits: MachineLimits
    speech: NewSpeech
    is_console: bool = False
    """pitrainer takes the console's place: no other hand can slow the belt."""


def machine_of(profile: Profile, name: str = "") -> SerialMachine:
    """The machine that a profile describes. Trackmaster's and CSAFE's consoles stay; the others' is replaced."""
    name = name or type(profile).__name__.removesuffix("Profile")
    match profile:
        case TrackmasterProfile():
            return SerialMachine(name, profile.limits, lambda: TrackmasterSpeech(profile))
        case CsafeProfile():
            return SerialMachine(name, profile.limits, lambda: CsafeSpeech(profile))
        case PrecorProfile():
            return SerialMachine(name, profile.limits, lambda: ConsoleSpeech(profile), is_console=True)
        case JohnsonProfile():
            return SerialMachine(name, profile.limits, lambda: ConsoleSpeech(profile), is_console=True)
        case PsaProfile():
            return SerialMachine(name, profile.limits, lambda: ConsoleSpeech(profile), is_console=True)


def on_port(url: str, profile: Profile, *, baud: int | None = None, name: str = "") -> SerialTreadmill:
    """A treadmill on a device path (best one below /dev/serial/by-id) or pyserial URL."""
    port = SerialPort(url, baud or BAUD[type(profile)])
    return SerialTreadmill(port.connect, machine_of(profile, name))


class SerialTreadmill:
    """A `ports.Machine`."""

    def __init__(self, connect: Connect, machine: SerialMachine) -> None:
        self._connect = connect
        self._machine = machine
        self._post: Post = _nowhere
        self._lease = Lease()
        self._wake = asyncio.Event()
        self._link_count = 0
        self._pilot: Pilot | None = None
        self._speech: Speech | None = None
        self._incline_s = self._heard_s = 0.0
        self._said: tuple[bool, str] | None = None
        """Up or down, and why, as last posted."""
        self.garbled = 0
        """Octets that could not be understood, over all links but the present one."""

    @property
    def limits(self) -> MachineLimits:
        """The profile's: no serial protocol here tells its machine's ranges."""
        return self._machine.limits

    def attach(self, post: Post) -> None:
        """Where readings go."""
        self._post = post

    def apply(self, command: Command) -> None:
        """Take the newest command as a lease. Never blocks, never raises; nonsense is dropped and reported."""
        self._lease.take(command, _now_s())
        self._wake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(keep_linked(self._connect, self._deliver, self._serve, self._lost))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    # One link, from open to lost.

    async def _serve(self, wire: Wire) -> None:
        self._link_count += 1
        self._lease.forget_owed()
        self._speech = speech = self._machine.speech()
        self._pilot = pilot = Pilot(self.limits, is_console=self._machine.is_console)
        self._heard_s = _now_s()
        while not wire.lost.is_set():
            self._check_fresh()
            self._wake.clear()
            wish = pilot.wish(self._lease.command(pilot, _now_s()), _now_s())
            if octets := speech.say(wish, _now_s()):
                wire.write(octets)
            self._say_remark(pilot, speech)
            await self._wait(LOOK_S if wish.deed is Deed.SILENCE else min(LOOK_S, speech.wait_s(_now_s())))
        raise LinkError(wire.reason or "the line ended")

    async def _wait(self, for_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                await self._wake.wait()

    def _check_fresh(self) -> None:
        if _now_s() - self._heard_s > SILENT_S:
            raise LinkError(f"{self._machine.name} does not answer: is it switched on, and the cable in?")

    def _deliver(self, octets: bytes) -> None:
        """What arrived, on the loop."""
        if self._speech is None or self._pilot is None:
            return
        for sighting in self._speech.hear(octets, _now_s()):
            self._take(sighting, self._pilot)
        self._wake.set()

    def _take(self, sighting: Sighting, pilot: Pilot) -> None:
        now_s = _now_s()
        event = pilot.saw(sighting, now_s)
        if sighting.incline_pct is not None:
            self._incline_s = now_s
        if event is not None:
            self._post(event)
        if sighting.speed_kmh is None:
            return
        self._heard_s = now_s
        if self._said is None or not self._said[0]:
            self._say(True, "")
        incline_pct = pilot.incline_pct if now_s - self._incline_s < INCLINE_FRESH_S else None
        self._post(Feedback(now_s, sighting.speed_kmh, incline_pct, self._link_count))

    # What is said about the link.

    def _lost(self, reason: str) -> None:
        if self._speech is not None:
            self.garbled += self._speech.dropped
        self._speech = self._pilot = None
        self._say(False, reason)

    def _say_remark(self, pilot: Pilot, speech: Speech) -> None:
        if self._said is not None and self._said[0]:
            self._say(True, self._lease.refusal or pilot.remark or speech.remark)

    def _say(self, up: bool, detail: str) -> None:
        """Once when it changes."""
        if self._said == (up, detail):
            return
        if detail or (self._said is not None and up and not self._said[0]):
            log.warning("treadmill %s: %s", self._machine.name, detail or "back")
        self._said = up, detail
        self._post(LinkState(_now_s(), "machine", up=up, name=self._machine.name, detail=detail))


def _nowhere(_: Reading) -> None:
    """Before `attach`."""


def _now_s() -> float:
    return asyncio.get_running_loop().time()
