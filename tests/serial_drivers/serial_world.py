"""Drivers on virtual machines, ready for stories."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from rig import Rig, now_s

from pitrainer.drivers.serial_trackmaster import LIMITS, TrackmasterProfile
from pitrainer.drivers.treadmill_serial import (
    JohnsonProfile,
    PrecorProfile,
    PsaProfile,
    SerialTreadmill,
    machine_of,
)
from pitrainer.sim.serial.cable import Cable
from pitrainer.sim.serial.johnson import JohnsonMachine
from pitrainer.sim.serial.precor import PrecorMachine
from pitrainer.sim.serial.psa import PsaMachine
from pitrainer.sim.serial.trackmaster import KM_PER_MILE, TrackmasterMachine

KMH_LIMITS = replace(LIMITS, speed_min_kmh=0.8, speed_max_kmh=15.0, speed_step_kmh=0.1)


def profile_for(unit: Literal["km/h", "mph"]) -> TrackmasterProfile:
    return TrackmasterProfile(LIMITS if unit == "mph" else KMH_LIMITS, unit)


class TrackmasterRig(Rig):
    """With the machine and the cable at hand."""

    cable: Cable
    trackmaster: TrackmasterMachine


def trackmaster_rig(
    unit: Literal["km/h", "mph"] = "mph", *, switched_on: TrackmasterMachine | None = None
) -> TrackmasterRig:
    """A driver on a virtual Trackmaster, by a cable in memory."""
    virtual = switched_on or TrackmasterMachine(now_s(), unit)
    cable = Cable(virtual)
    seven = 43 if unit == "mph" else 70

    def look() -> tuple[float, float]:
        deck = virtual.look(now_s())
        return deck.speed_kmh, deck.incline_pct

    rig = TrackmasterRig(
        SerialTreadmill(cable.connect, machine_of(profile_for(unit))),
        look,
        cable.unplug,
        cable.plug,
        virtual.press_start,
        virtual.press_stop,
        lambda: virtual.press_speed(seven),
    )
    rig.cable, rig.trackmaster = cable, virtual
    return rig


ConsoleProfile = PrecorProfile | JohnsonProfile | PsaProfile
ConsoleMachine = PrecorMachine | JohnsonMachine | PsaMachine


class ConsoleRig(Rig):
    """With the machine and the cable at hand."""

    cable: Cable
    virtual: ConsoleMachine


def console_rig(profile: ConsoleProfile) -> ConsoleRig:
    """A driver in the console's place, by a cable in memory."""
    virtual: ConsoleMachine
    match profile:
        case PrecorProfile():
            virtual = PrecorMachine(now_s())
        case JohnsonProfile():
            virtual = JohnsonMachine(now_s(), profile.scale)
        case PsaProfile():
            virtual = PsaMachine(now_s())
            virtual.pct_per_level = profile.pct_per_level
    cable = Cable(virtual, baud=9600)

    def look() -> tuple[float, float]:
        deck = virtual.board.look(now_s())
        return deck.speed_kmh, deck.incline_pct

    rig = ConsoleRig(SerialTreadmill(cable.connect, machine_of(profile)), look, cable.unplug, cable.plug)
    rig.cable, rig.virtual = cable, virtual
    return rig


__all__ = ["KM_PER_MILE", "ConsoleRig", "TrackmasterRig", "console_rig", "profile_for", "trackmaster_rig"]
