"""Stopping a belt from outside: `pitrainer halt`, also run by systemd after every death of the controller.

A living controller is asked over the broker, the way the page does. With none alive the machine is opened here, and
its belt ramped down by 1 km/h per second to its own stop. The incline is left where it is.
"""

from __future__ import annotations

import asyncio

from pitrainer.config import Settings
from pitrainer.core.safety import slowed
from pitrainer.drivers.ports import Machine
from pitrainer.model import LEAVE, TICK_S, Belt, Command, Feedback, LinkState, Reading
from pitrainer.mqtt import Remote
from pitrainer.opening import TakenError, machine_alone, marker_of, only_one

FIND_S = 20.0
RAMP_MOST_S = 30.0
ANSWER_S = 2.0


class HaltError(Exception):
    """The belt could not be seen at a standstill; says what to do."""


def halt(settings: Settings, *, reason: str | None) -> str:
    """Bring the belt to a standstill; says what was done. `reason` is systemd's word for why the controller ended:
    with one, nothing is done unless the controller died while it moved the belt. Raises HaltError."""
    marker = marker_of(settings)
    if reason is not None and not marker.exists():
        return "The controller was not moving the belt: nothing to halt."
    try:
        with only_one(settings.lock):
            said = asyncio.run(halted(machine_alone(settings)))
            marker.unlink(missing_ok=True)
            return said
    except TakenError:
        return _ask(settings)


def _ask(settings: Settings) -> str:
    remote = Remote(settings.mqtt.asking, who="halt")
    remote.start()
    try:
        answer = remote.send("stop", timeout_s=ANSWER_S)
    finally:
        remote.close()
    if answer is None or not answer.ok:
        raise HaltError("The controller runs but did not answer. Press the treadmill's STOP, or pull the safety key.")
    return "The controller is stopping the belt."


async def halted(machine: Machine) -> str:
    """Open the machine, ramp its belt down, and see it stand. Raises HaltError."""
    readings: asyncio.Queue[Reading] = asyncio.Queue()
    machine.attach(readings.put_nowait)
    async with machine:
        speed = await _speed_of(readings)
        if speed == 0.0:
            return "The belt stands."
        return await _ramp(machine, readings, speed)


async def _speed_of(readings: asyncio.Queue[Reading]) -> float:
    reason = "it does not answer"
    try:
        async with asyncio.timeout(FIND_S):
            while True:
                reading = await readings.get()
                if isinstance(reading, Feedback) and reading.speed_kmh is not None:
                    return reading.speed_kmh
                if isinstance(reading, LinkState) and not reading.up:
                    reason = reading.detail
    except TimeoutError:
        raise HaltError(f"No word from the treadmill ({reason}). Press its own STOP, or pull the safety key.") from None


async def _ramp(machine: Machine, readings: asyncio.Queue[Reading], speed_kmh: float) -> str:
    loop = asyncio.get_running_loop()
    until_s, target = loop.time() + RAMP_MOST_S, speed_kmh
    while loop.time() < until_s:
        target = slowed(target, TICK_S)
        machine.apply(Command(Belt.STOP, target if target >= machine.limits.speed_min_kmh else 0.0))
        await asyncio.sleep(TICK_S)
        while not readings.empty():
            reading = readings.get_nowait()
            if isinstance(reading, Feedback) and reading.speed_kmh == 0.0:
                machine.apply(LEAVE)
                return f"The belt has come down from {speed_kmh:g} km/h and stands."
    raise HaltError("The belt does not come to a stop. Press its own STOP, or pull the safety key.")
