"""From settings to a running controller: which strap, which machine, one controller per machine.

`controller` builds, `serve` runs it until a signal. A lock file keeps a second controller out: two masters on one
belt is a hazard, not a race to be won.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from pitrainer.config import SERIAL_KINDS, Settings
from pitrainer.core.state import Setup
from pitrainer.drivers.bluetooth import Radio
from pitrainer.drivers.heart_ble import HeartStrap
from pitrainer.drivers.ports import Machine, Source
from pitrainer.drivers.simulated import SimulatedHardware
from pitrainer.drivers.treadmill_ftms import FtmsProfile, FtmsTreadmill
from pitrainer.homeassistant import Household, titles_of
from pitrainer.journal import Journal
from pitrainer.learning import Learning
from pitrainer.mqtt import ControllerLink
from pitrainer.opening_serial import serial_treadmill
from pitrainer.service import Controller
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

log = logging.getLogger(__name__)


class LockError(Exception):
    """The lock cannot be held; says why and what to do."""


class TakenError(LockError):
    """Another controller holds it."""


def marker_of(settings: Settings) -> Path:
    """The file that exists while a controller moves the belt."""
    return settings.lock.with_suffix(".moving")


def learning_of(settings: Settings) -> Learning:
    """Where this athlete's heart is remembered: beside the journal."""
    return Learning(settings.journal.parent, settings.athlete.name)


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold the lock. Raises TakenError where somebody else does, LockError where it cannot be made."""
    with _opened(lock) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TakenError(f"another controller runs already (it holds {lock}): stop that one first") from None
        yield


def _opened(lock: Path) -> TextIO:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        return lock.open("a")
    except OSError as error:
        why = error.strerror or error
        raise LockError(f"{lock}: cannot be made ({why}). Give another place: [files] lock") from None


def devices(settings: Settings) -> tuple[Machine, Source]:
    """The machine and the strap of these settings; simulated ones belong together."""
    kinds = {settings.machine.kind, settings.strap.kind}
    if kinds == {"simulated"}:
        hardware = SimulatedHardware(
            SimulatedRunner(settings.athlete), SimulatedTreadmill(), page_start=settings.machine.page_start
        )
        return hardware, hardware.strap
    if "simulated" in kinds:
        raise ValueError("strap and machine must both be simulated, or neither")
    radio = Radio()
    return _treadmill(settings, radio), HeartStrap(settings.strap.address or "", radio=radio)


def machine_alone(settings: Settings) -> Machine:
    """The machine without a strap, for whoever only wants to halt it."""
    if settings.machine.kind == "simulated":
        return devices(settings)[0]
    return _treadmill(settings, Radio())


def _treadmill(settings: Settings, radio: Radio) -> Machine:
    if settings.machine.kind in SERIAL_KINDS:
        return serial_treadmill(settings.machine)
    profile = FtmsProfile(
        limits=settings.machine.limits,
        speed_unit=settings.machine.speed_unit,
        request_control_each_time=settings.machine.request_control_each_time,
    )
    return FtmsTreadmill(settings.machine.address or "", radio=radio, profile=profile)


def controller(settings: Settings, journal: Journal, *, time_scale: float = 1.0) -> Controller:
    """A controller with its broker's link, ready to `run`. Call it inside the loop that will run it."""
    machine, strap = devices(settings)
    hands = machine.do if isinstance(machine, SimulatedHardware) else None
    learning = None if hands else learning_of(settings)
    made = Controller(
        Setup(settings.athlete, machine.limits, settings.limits, learning.load() if learning else None),
        machine,
        strap,
        journal,
        session_directories=settings.session_directories,
        marker=marker_of(settings),
        deeds=hands,
        learning=learning,
    )
    made.link = ControllerLink(
        settings.mqtt, deliver=made.deliver, deliver_sim=hands, household=_household(settings), time_scale=time_scale
    )
    return made


def _household(settings: Settings) -> Household | None:
    if not settings.mqtt.homeassistant:
        return None
    page = f"http://{os.uname().nodename}.local:{settings.web.port}"
    return Household(settings.mqtt.machine_id, titles=titles_of(settings.session_directories), page=page)


async def serve(settings: Settings) -> None:
    """Run the controller until SIGTERM or SIGINT. Raises LockError."""
    with only_one(settings.lock):
        journal = Journal(settings.journal, machine_id=settings.mqtt.machine_id)
        cut_off = journal.open()
        try:
            if cut_off:
                log.warning("%d session(s) had been cut off; they are closed and can be exported.", cut_off)
            if marker_of(settings).exists():
                log.warning("The last controller died while it moved the belt. Nothing is sent until you arm again.")
            made = controller(settings, journal)
            await made.run(leave_on_signal())
        finally:
            journal.close()


def leave_on_signal() -> asyncio.Event:
    """Set by SIGTERM or SIGINT."""
    leave, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave.set)
    return leave
