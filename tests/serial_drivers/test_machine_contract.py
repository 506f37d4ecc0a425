"""One contract for all machines: simulated hardware and serial drivers on their virtual machines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from contract import CONSOLE_STORIES, STORIES, Story
from rig import Rig, entered, in_virtual_time, now_s
from serial_world import console_rig, trackmaster_rig

from pitrainer.core.athlete import Athlete
from pitrainer.drivers.simulated import SimulatedHardware
from pitrainer.drivers.treadmill_serial import JohnsonProfile, PrecorProfile, PsaProfile
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill


def simulated_rig() -> Rig:
    hardware = SimulatedHardware(SimulatedRunner(Athlete(hr_max_bpm=185)), SimulatedTreadmill())
    belt = hardware.treadmill
    return Rig(hardware, lambda: (belt.speed_kmh, belt.incline_pct), hardware.drop_link, lambda: None)


RIGS: dict[str, Callable[[], Rig]] = {
    "simulated": simulated_rig,
    "trackmaster-mph": lambda: trackmaster_rig("mph"),
    "trackmaster-kmh": lambda: trackmaster_rig("km/h"),
    "precor": lambda: console_rig(PrecorProfile()),
    "johnson": lambda: console_rig(JohnsonProfile()),
    "psa": lambda: console_rig(PsaProfile()),
}
WITH_A_CONSOLE = ["trackmaster-mph", "trackmaster-kmh"]


def name_of(story: Story) -> str:
    return getattr(story, "__name__", "")


def tell(rig: str, story: Story) -> None:
    async def told() -> None:
        assert now_s() > 0
        async with entered(RIGS[rig]()) as ready:
            await story(ready)

    in_virtual_time(told)


@pytest.mark.parametrize("story", STORIES, ids=name_of)
@pytest.mark.parametrize("rig", RIGS)
def test_every_machine_keeps(rig: str, story: Story) -> None:
    tell(rig, story)


@pytest.mark.parametrize("story", CONSOLE_STORIES, ids=name_of)
@pytest.mark.parametrize("rig", WITH_A_CONSOLE)
def test_with_a_console_every_driver_keeps(rig: str, story: Story) -> None:
    tell(rig, story)
