"""Drivers on virtual machines, ready for stories."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from contract import Rig, now_s

from pitrainer.drivers.serial_trackmaster import LIMITS, TrackmasterProfile, TrackmasterSpeech
from pitrainer.drivers.treadmill_serial import SerialMachine, SerialTreadmill
from pitrainer.sim.serial.cable import Cable
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
    profile = profile_for(unit)
    speech = SerialMachine("Trackmaster", profile.limits, lambda: TrackmasterSpeech(profile))
    seven = 43 if unit == "mph" else 70

    def look() -> tuple[float, float]:
        deck = virtual.look(now_s())
        return deck.speed_kmh, deck.incline_pct

    rig = TrackmasterRig(
        SerialTreadmill(cable.connect, speech),
        look,
        cable.unplug,
        cable.plug,
        virtual.press_start,
        virtual.press_stop,
        lambda: virtual.press_speed(seven),
    )
    rig.cable, rig.trackmaster = cable, virtual
    return rig


__all__ = ["KM_PER_MILE", "TrackmasterRig", "profile_for", "trackmaster_rig"]
