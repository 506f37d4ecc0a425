"""A virtual treadmill, the driver under test, and a tick that renews the lease like the service does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pitrainer.drivers.treadmill_ftms import FtmsProfile, FtmsTreadmill
from pitrainer.model import (
    LEAVE,
    TICK_S,
    Belt,
    Command,
    Feedback,
    LinkState,
    MachineEvent,
    MachineLimits,
    MachineSays,
    Reading,
)
from pitrainer.sim.ble.air import Air
from pitrainer.sim.ble.backend import radio
from pitrainer.sim.ble.deck import Mechanics
from pitrainer.sim.ble.treadmill import ADDRESS, Manners, VirtualTreadmill, Written
from pitrainer.sim.clock import VirtualLoop, run
from pitrainer.wire.ftms import ControlOp

PROFILE = FtmsProfile(limits=MachineLimits(latency_s=1.0))


@dataclass
class World:
    air: Air
    treadmill: VirtualTreadmill
    driver: FtmsTreadmill
    command: Command = LEAVE
    ticking: bool = True
    readings: list[Reading] = field(default_factory=list)

    @property
    def feedback(self) -> list[Feedback]:
        return [r for r in self.readings if isinstance(r, Feedback)]

    @property
    def links(self) -> list[LinkState]:
        return [r for r in self.readings if isinstance(r, LinkState)]

    @property
    def said(self) -> list[tuple[MachineSays, float | None]]:
        return [(r.says, r.value) for r in self.readings if isinstance(r, MachineEvent)]

    def ops(self, since: int = 0) -> list[ControlOp]:
        return [ControlOp(w.op) for w in self.treadmill.written[since:]]

    def speeds(self, since: int = 0) -> list[Written]:
        return [w for w in self.treadmill.written[since:] if w.op == ControlOp.TARGET_SPEED]

    def inclines(self, since: int = 0) -> list[Written]:
        return [w for w in self.treadmill.written[since:] if w.op == ControlOp.TARGET_INCLINE]

    async def tick(self) -> None:
        while True:
            if self.ticking:
                self.driver.apply(self.command)
            await asyncio.sleep(TICK_S)

    async def run_at(self, speed_kmh: float, incline_pct: float | None = None, for_s: float = 40) -> None:
        """Start and run: both acts of a session, shortened."""
        await asyncio.sleep(3)
        self.command = Command(Belt.START, 0.8)
        await asyncio.sleep(8)
        self.command = Command(Belt.RUN, speed_kmh, incline_pct)
        await asyncio.sleep(for_s)

    async def stop_by_ramp(self, from_kmh: float) -> None:
        """What the supervisor does: down by 1 km/h a second."""
        speed_kmh = from_kmh
        while speed_kmh > 0:
            speed_kmh = max(0.0, speed_kmh - TICK_S)
            self.command = Command(Belt.STOP, speed_kmh)
            await asyncio.sleep(TICK_S)


@asynccontextmanager
async def world(
    *,
    manners: Manners | None = None,
    mechanics: Mechanics | None = None,
    profile: FtmsProfile = PROFILE,
    address: str = ADDRESS,
) -> AsyncIterator[World]:
    async with Air() as air, VirtualTreadmill(air, manners=manners, mechanics=mechanics) as treadmill:
        driver = FtmsTreadmill(address, radio=radio(air), profile=profile)
        here = World(air, treadmill, driver)
        driver.attach(here.readings.append)
        async with driver:
            ticking = asyncio.create_task(here.tick())
            try:
                yield here
            finally:
                ticking.cancel()
                await asyncio.wait([ticking])


def in_virtual_time(story: Callable[[], Awaitable[None]]) -> None:
    """Run a story; one that does not end within two virtual hours fails."""

    async def bounded() -> None:
        async with asyncio.timeout(7200):
            await story()

    run(bounded(), loop=VirtualLoop())
