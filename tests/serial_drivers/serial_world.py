"""Drivers on virtual machines, ready for stories."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from contract import Rig, now_s

from pitrainer.drivers.serial_trackmaster import LIMITS, TrackmasterProfile
from pitrainer.drivers.treadmill_serial import PrecorProfile, SerialTreadmill, precor, trackmaster
from pitrainer.sim.serial.cable import Cable
from pitrainer.sim.serial.precor import PrecorMachine
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
        SerialTreadmill(cable.connect, trackmaster(profile_for(unit))),
        look,
        cable.unplug,
        cable.plug,
        virtual.press_start,
        virtual.press_stop,
        lambda: virtual.press_speed(seven),
    )
    rig.cable, rig.trackmaster = cable, virtual
    return rig


class PrecorRig(Rig):
    """With the machine and the cable at hand."""

    cable: Cable
    precor: PrecorMachine


def precor_rig(profile: PrecorProfile | None = None) -> PrecorRig:
    """A driver on a virtual Precor, by a cable in memory."""
    virtual = PrecorMachine(now_s())
    cable = Cable(virtual, baud=9600)

    def look() -> tuple[float, float]:
        deck = virtual.look(now_s())
        return deck.speed_kmh, deck.incline_pct

    machine = SerialTreadmill(cable.connect, precor(profile or PrecorProfile()))
    rig = PrecorRig(machine, look, cable.unplug, cable.plug)
    rig.cable, rig.precor = cable, virtual
    return rig


__all__ = ["KM_PER_MILE", "PrecorRig", "TrackmasterRig", "precor_rig", "profile_for", "trackmaster_rig"]
