"""A machine behind `ports.Machine` with hands and eyes at its belt, a tick, and virtual time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pitrainer.drivers.ports import Machine
from pitrainer.model import LEAVE, TICK_S, Belt, Command, Feedback, LinkState, MachineEvent, Reading
from pitrainer.sim.clock import VirtualLoop, run


@dataclass
class Rig:
    """A machine and the hands and eyes at its belt: `look` gives the true speed in km/h and incline in percent."""

    machine: Machine
    look: Callable[[], tuple[float, float]]
    cut: Callable[[], None]
    restore: Callable[[], None]
    press_start: Callable[[], None] | None = None
    press_stop: Callable[[], None] | None = None
    press_speed: Callable[[], None] | None = None
    """To about 7 km/h."""
    command: Command = LEAVE
    ticking: bool = True
    readings: list[Reading] = field(default_factory=list)
    path: list[tuple[float, float, float]] = field(default_factory=list)
    """Time, speed and incline of the belt, at every tick."""

    @property
    def speed_kmh(self) -> float:
        return self.look()[0]

    @property
    def incline_pct(self) -> float:
        return self.look()[1]

    @property
    def feedback(self) -> list[Feedback]:
        return [reading for reading in self.readings if isinstance(reading, Feedback)]

    @property
    def events(self) -> list[MachineEvent]:
        return [reading for reading in self.readings if isinstance(reading, MachineEvent)]

    @property
    def links(self) -> list[LinkState]:
        return [reading for reading in self.readings if isinstance(reading, LinkState)]

    async def tick(self) -> None:
        while True:
            if self.ticking:
                self.machine.apply(self.command)
            self.path.append((now_s(), *self.look()))
            await asyncio.sleep(TICK_S)

    async def start(self) -> None:
        """Both acts, shortened, and a moving belt."""
        await asyncio.sleep(4)
        self.command = Command(Belt.START, self.machine.limits.speed_min_kmh)
        await self.until(lambda: self.speed_kmh >= 0.5, 20)

    async def run_at(self, speed_kmh: float, incline_pct: float | None = None, for_s: float = 30) -> None:
        await self.start()
        self.command = Command(Belt.RUN, speed_kmh, incline_pct)
        await asyncio.sleep(for_s)

    async def stop_by_ramp(self) -> None:
        """As the supervisor does it: down by 1 km/h a second."""
        speed_kmh = self.speed_kmh
        while speed_kmh > 0:
            speed_kmh = max(0.0, speed_kmh - TICK_S)
            self.command = Command(Belt.STOP, speed_kmh)
            await asyncio.sleep(TICK_S)

    async def until(self, holds: Callable[[], bool], within_s: float) -> float:
        """How long it took; fails when it does not come about."""
        began_s = now_s()
        while not holds():
            assert now_s() - began_s < within_s, f"not within {within_s} s"
            await asyncio.sleep(0.05)
        return now_s() - began_s

    def rises_since(self, began_s: float) -> float:
        """How far the belt's speed has ever been above its lowest since then, in km/h."""
        lowest, most = math.inf, 0.0
        for at_s, speed_kmh, _ in self.path:
            if at_s >= began_s:
                lowest = min(lowest, speed_kmh)
                most = max(most, speed_kmh - lowest)
        return most


def now_s() -> float:
    return asyncio.get_running_loop().time()


@asynccontextmanager
async def entered(rig: Rig) -> AsyncIterator[Rig]:
    """The machine's context and a tick."""
    rig.machine.attach(rig.readings.append)
    async with rig.machine:
        ticking = asyncio.create_task(rig.tick())
        try:
            yield rig
        finally:
            ticking.cancel()
            await asyncio.wait([ticking])


def in_virtual_time(story: Callable[[], Awaitable[None]]) -> None:
    """Run a story; one that does not end within two virtual hours fails."""

    async def bounded() -> None:
        async with asyncio.timeout(7200):
            await story()

    run(bounded(), loop=VirtualLoop())
