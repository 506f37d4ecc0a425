"""A 60-minute session through the real service on virtual time: inbox, engine, supervisor, journal, and every state
encoded as it would go out; only the broker is missing. Simulated runner, strap and treadmill are part of the cost.

    python bench/service_hour.py
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

from pitrainer.config import MqttSettings
from pitrainer.core.athlete import Athlete
from pitrainer.core.state import Setup
from pitrainer.drivers.simulated import SimulatedHardware
from pitrainer.journal import Journal
from pitrainer.model import Drive, Intent, Phase, Plan, Step, UserLimits, Verb
from pitrainer.mqtt import ControllerLink
from pitrainer.service import Controller
from pitrainer.sim.clock import VirtualLoop, run
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

ATHLETE = Athlete(hr_max_bpm=185, hr_rest_bpm=55, weight_kg=70)
PLAN = Plan(
    "Hour",
    (
        Step("Easy in", Drive.RAMP, (1.0, 6.0), (5.5, 5.5), for_s=300.0),
        Step("Climb", Drive.CLIMB, (2.0, 15.0), (5.5, 5.5), for_s=3000.0, cap_bpm=155.0),
        Step("Cool-down", Drive.FIXED, (1.0, 1.0), (4.5, 4.5), for_s=300.0),
    ),
)


class Unheard(ControllerLink):
    """Takes and encodes everything, and never connects."""

    async def run(self) -> None:
        await asyncio.Event().wait()


async def session(directory: Path) -> float:
    """Virtual seconds of the whole visit."""
    hardware = SimulatedHardware(SimulatedRunner(ATHLETE), SimulatedTreadmill())
    journal = Journal(directory / "journal.sqlite3", machine_id="bench")
    journal.open()
    controller = Controller(
        Setup(ATHLETE, hardware.limits, UserLimits(incline_max_pct=15.0)), hardware, hardware.strap, journal,
        session_directories=(), marker=directory / "moving", deeds=hardware.do,
    )  # fmt: skip
    controller.link = Unheard(MqttSettings(), deliver=controller.deliver)
    leave, loop = asyncio.Event(), asyncio.get_running_loop()
    start_s = loop.time()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(controller.run(leave))
        for verb in (Verb.LOAD, Verb.ARM, Verb.START):
            await asyncio.sleep(5.0)
            controller.inbox.ask(Intent(verb, plan=PLAN))
        while controller.state.phase is not Phase.DONE:  # noqa: ASYNC110 - nobody tells, and time is virtual
            await asyncio.sleep(1.0)
        leave.set()
    journal.close()
    return loop.time() - start_s


def main() -> int:
    logging.disable(logging.WARNING)
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as directory:
        virtual_s = run(session(Path(directory)), loop=VirtualLoop())
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    ticks = virtual_s * 4
    print(f"Python {sys.version.split()[0]}, one session of {virtual_s / 60:.1f} virtual minutes")
    print(f"{'wall':24} {wall_s:8.2f} s  ({virtual_s / wall_s:.0f} times real time)")
    print(f"{'CPU, journal included':24} {cpu_s:8.2f} s  ({cpu_s / ticks * 1e6:.0f} us a tick)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
