"""Simulated hardware behind the same doors as real: a runner with a strap, and a treadmill with a console.

The world steps every 0.25 s of loop time. The machine obeys as a good FTMS treadmill does: RUN never starts
a standing belt, STOP never speeds one up, a lapsed lease ramps down, after a relink nothing but a stop is taken
until the belt has stood or START is commanded. `do(deed)` is what hands do in the demo and in tests: pull the
strap, press the console.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from pitrainer.core.safety import STANDS_KMH, slowed
from pitrainer.drivers.ports import Post
from pitrainer.model import (
    LEASE_S,
    LEAVE,
    TICK_S,
    Beat,
    Belt,
    Command,
    Feedback,
    LinkState,
    MachineEvent,
    MachineLimits,
    MachineSays,
    Reading,
)
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

REPORT_S = 1.0
DROPPED_S = 8.0
CONSOLE_KMH, CONSOLE_PCT = 0.5, 1.0


class SimulatedHardware:
    """One runner on one treadmill: `strap` is a Source, the object itself a Machine."""

    def __init__(self, runner: SimulatedRunner, treadmill: SimulatedTreadmill, *, page_start: bool = True) -> None:
        self.runner, self.treadmill = runner, treadmill
        self.strap = SimulatedStrap(self)
        self._page_start = page_start
        self._post: Post = _nowhere
        self._command = LEAVE
        self._applied_s = 0.0
        self._running = self._barred = False
        self._link, self._down_until_s = 1, 0.0
        self._stepping: asyncio.Task[None] | None = None

    @property
    def limits(self) -> MachineLimits:
        it = self.treadmill
        return MachineLimits(
            speed_min_kmh=it.speed_min_kmh, speed_max_kmh=it.speed_max_kmh, speed_step_kmh=it.speed_step_kmh,
            incline_min_pct=it.incline_min_pct, incline_max_pct=it.incline_max_pct,
            incline_step_pct=it.incline_step_pct, incline_rate_pct_s=it.incline_rate_pct_s,
            latency_s=it.latency_s + REPORT_S, page_start=self._page_start,
        )  # fmt: skip

    def attach(self, post: Post) -> None:
        self._post = post

    def apply(self, command: Command) -> None:
        self._command, self._applied_s = command, asyncio.get_running_loop().time()

    async def __aenter__(self) -> Self:
        self._stepping = asyncio.get_running_loop().create_task(self._live())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stepping is not None:
            self._stepping.cancel()
            await asyncio.wait([self._stepping])

    def do(self, deed: str) -> None:
        """One of DEEDS; anything else is ignored, since it comes from the network."""
        if deed in DEEDS:
            DEEDS[deed](self)

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        self._say(LinkState(loop.time(), "machine", True, "Simulated treadmill"))
        next_s = reported_s = loop.time()
        while True:
            next_s += TICK_S
            await asyncio.sleep(next_s - loop.time())
            self._step(loop.time())
            if loop.time() - reported_s >= REPORT_S - 1e-6:
                reported_s = loop.time()
                self._report(reported_s)

    def _step(self, now_s: float) -> None:
        if self.linked(now_s):
            self._obey(now_s)
        self.treadmill.step(TICK_S)
        if self.treadmill.speed_kmh < STANDS_KMH and self._barred:
            self._barred = False

    def linked(self, now_s: float) -> bool:
        return now_s >= self._down_until_s

    def _obey(self, now_s: float) -> None:
        command, treadmill = self._command, self.treadmill
        if command.belt is Belt.LEAVE:
            return
        if now_s - self._applied_s > LEASE_S and self._running:
            # from what it was told: its belt shows a set-point only seconds later
            self._set(slowed(min(treadmill.told_kmh, treadmill.speed_kmh), TICK_S), None)
        elif command.belt is Belt.START:
            self._running, self._barred = True, False
            self._set(command.speed_kmh or treadmill.speed_min_kmh, command.incline_pct)
        elif command.belt is Belt.STOP:
            self._set(0.0 if self._barred else min(command.speed_kmh or 0.0, treadmill.told_kmh), None)
        elif self._running and not self._barred:
            self._set(command.speed_kmh, command.incline_pct)

    def _set(self, speed_kmh: float | None, incline_pct: float | None) -> None:
        treadmill = self.treadmill
        speed = treadmill.told_kmh if speed_kmh is None else speed_kmh
        treadmill.apply(speed, treadmill.told_pct if incline_pct is None else incline_pct)
        self._running = self._running and speed >= treadmill.speed_min_kmh

    def _report(self, now_s: float) -> None:
        if self.linked(now_s):
            measured = round(self.treadmill.speed_kmh, 2), round(self.treadmill.incline_pct, 1)
            self._say(Feedback(now_s, *measured, link=self._link))

    def _say(self, reading: Reading) -> None:
        self._post(reading)

    def press(self, says: MachineSays, speed_kmh: float | None = None, incline_pct: float | None = None) -> None:
        """A press at the console: it acts at once, and the machine announces it."""
        self._set(speed_kmh, incline_pct)
        value = speed_kmh if says is MachineSays.SPEED_SET else incline_pct
        self._say(MachineEvent(asyncio.get_running_loop().time(), says, value))

    def press_start(self) -> None:
        self._running = True
        self.press(MachineSays.STARTED, self.treadmill.speed_min_kmh)

    def drop_link(self) -> None:
        """The link breaks for 8 s; the belt runs on, as real ones do."""
        now_s = asyncio.get_running_loop().time()
        self._down_until_s = now_s + DROPPED_S
        self._link, self._barred, self._command = self._link + 1, True, LEAVE
        self._say(LinkState(now_s, "machine", False, "Simulated treadmill", "out of reach"))
        asyncio.get_running_loop().call_later(DROPPED_S, self._back)

    def _back(self) -> None:
        self._say(LinkState(asyncio.get_running_loop().time(), "machine", True, "Simulated treadmill"))

    def wear(self, on: bool) -> None:
        self.runner.strap_on = on
        detail = "" if on else "no signal"
        self._say(LinkState(asyncio.get_running_loop().time(), "strap", on, "Simulated strap", detail, 87))


class SimulatedStrap:
    """Reports the runner's heart once a second while it is worn."""

    def __init__(self, hardware: SimulatedHardware) -> None:
        self._hardware = hardware

    async def run(self, post: Post) -> None:
        loop = asyncio.get_running_loop()
        post(LinkState(loop.time(), "strap", True, "Simulated strap", "", 87))
        next_s = loop.time()
        while True:
            next_s += REPORT_S
            await asyncio.sleep(next_s - loop.time())
            treadmill = self._hardware.treadmill
            bpm = self._hardware.runner.step(REPORT_S, treadmill.speed_kmh, treadmill.incline_pct)
            if bpm is not None:
                post(Beat(loop.time(), bpm))


def _nowhere(reading: Reading) -> None:
    """Before anybody is attached."""


def _faster(hardware: SimulatedHardware, by_kmh: float) -> None:
    hardware.press(MachineSays.SPEED_SET, speed_kmh=max(0.8, hardware.treadmill.told_kmh + by_kmh))


def _steeper(hardware: SimulatedHardware, by_pct: float) -> None:
    hardware.press(MachineSays.INCLINE_SET, incline_pct=max(0.0, hardware.treadmill.told_pct + by_pct))


DEEDS: dict[str, Callable[[SimulatedHardware], None]] = {
    "strap_off": lambda it: it.wear(False),
    "strap_on": lambda it: it.wear(True),
    "console_faster": lambda it: _faster(it, CONSOLE_KMH),
    "console_slower": lambda it: _faster(it, -CONSOLE_KMH),
    "console_steeper": lambda it: _steeper(it, CONSOLE_PCT),
    "console_flatter": lambda it: _steeper(it, -CONSOLE_PCT),
    "console_start": lambda it: it.press_start(),
    "console_stop": lambda it: it.press(MachineSays.STOPPED, 0.0),
    "safety_key": lambda it: it.press(MachineSays.SAFETY_KEY, 0.0),
    "link_drop": lambda it: it.drop_link(),
}
