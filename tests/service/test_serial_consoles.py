"""The same product in a console's place: sessions on virtual Precor, Johnson and PSA motor controllers, from settings.

Their machines answer as docs/serial.md guesses. The belt is watched at its rollers, not at what it reports.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from service_kit import ATHLETE, EASY, USER

from pitrainer import config
from pitrainer.core.state import Setup
from pitrainer.drivers.ports import Post
from pitrainer.drivers.treadmill_serial import SerialTreadmill, machine_of
from pitrainer.journal import Journal
from pitrainer.model import Beat, Intent, Phase, Verb
from pitrainer.opening_serial import profile_of
from pitrainer.service import Controller
from pitrainer.sim.clock import VirtualLoop, run
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.serial.cable import Cable
from pitrainer.sim.serial.johnson import JohnsonMachine
from pitrainer.sim.serial.precor import PrecorMachine
from pitrainer.sim.serial.psa import PsaMachine

Board = PrecorMachine | JohnsonMachine | PsaMachine
KINDS: dict[str, tuple[type[Board], str]] = {
    "precor": (PrecorMachine, "incline_counts_per_pct = 2\n"),
    "johnson": (JohnsonMachine, "incline_counts_per_pct = 80\nspeed_counts_per_kmh = 212.8\n"),
    "psa": (PsaMachine, "incline_counts_per_pct = 1\n"),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def now_s() -> float:
    return asyncio.get_running_loop().time()


def machine_settings(directory: Path, kind: str) -> config.MachineSettings:
    path = directory / "pitrainer.toml"
    path.write_text(
        '[athlete]\nage_years = 40\n[strap]\naddress = "AA:BB:CC:DD:EE:01"\n'
        f'[machine]\nkind = "{kind}"\nport = "/dev/ttyUSB0"\npage_start = true\n{KINDS[kind][1]}'
    )
    return config.load(path).machine


@dataclass
class StrapOnTheBelt:
    """The heart of somebody who walks on this very belt, beat by beat."""

    board: Board
    runner: SimulatedRunner = field(default_factory=lambda: SimulatedRunner(ATHLETE))

    async def run(self, post: Post) -> None:
        while True:
            await asyncio.sleep(1.0)
            deck = self.board.board.look(now_s())
            post(Beat(now_s(), self.runner.step(1.0, deck.speed_kmh, deck.incline_pct)))


@dataclass
class World:
    """A controller that serves one of the boards."""

    controller: Controller
    board: Board
    cable: Cable
    leave: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def speed_kmh(self) -> float:
        return self.board.board.look(now_s()).speed_kmh

    @property
    def incline_pct(self) -> float:
        return self.board.board.look(now_s()).incline_pct

    async def ask(self, verb: Verb, phase: Phase) -> None:
        self.controller.inbox.ask(Intent(verb, plan=EASY if verb is Verb.LOAD else None))
        async with asyncio.timeout(120.0):
            while self.controller.state.phase is not phase:  # noqa: ASYNC110 - a look at every step of virtual time
                await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)

    async def stroll(self) -> None:
        """Two minutes of a session of 5.5 km/h at 3 %."""
        await asyncio.sleep(5.0)
        await self.ask(Verb.LOAD, Phase.IDLE)
        await self.ask(Verb.ARM, Phase.ARMED)
        assert self.speed_kmh == 0.0, "the first act moves nothing"
        await self.ask(Verb.START, Phase.RUNNING)
        await asyncio.sleep(120.0)
        assert self.speed_kmh > 5.0


@contextlib.asynccontextmanager
async def serving(directory: Path, kind: str) -> AsyncIterator[World]:
    """A controller at work, on virtual time."""
    board = KINDS[kind][0](now_s())
    cable = Cable(board, baud=9600)
    machine = SerialTreadmill(cable.connect, machine_of(profile_of(machine_settings(directory, kind)), kind))
    with contextlib.closing(Journal(directory / "journal.sqlite3", machine_id="treadmill")) as journal:
        journal.open()
        controller = Controller(
            Setup(ATHLETE, machine.limits, USER), machine, StrapOnTheBelt(board), journal,
            session_directories=(directory,), marker=directory / "controller.moving",
        )  # fmt: skip
        world = World(controller, board, cable)
        async with asyncio.TaskGroup() as tasks:
            service = tasks.create_task(controller.run(world.leave))
            try:
                yield world
            finally:
                world.leave.set()
                await service


@every_kind
def test_a_session_starts_follows_and_stops(tmp_path: Path, kind: str) -> None:
    async def story() -> None:
        async with serving(tmp_path, kind) as world:
            await world.stroll()
            assert world.speed_kmh == pytest.approx(5.5, abs=0.17) and world.speed_kmh <= 5.5 + 1e-6
            assert world.incline_pct == pytest.approx(3.0, abs=0.01)
            await world.ask(Verb.STOP, Phase.DONE)
            await asyncio.sleep(15.0)
            assert world.speed_kmh == 0.0
            assert world.incline_pct == pytest.approx(3.0, abs=0.5), "a stop freezes the lift"

    run(story(), loop=VirtualLoop())


@every_kind
def test_a_controller_that_leaves_leaves_a_standing_belt(tmp_path: Path, kind: str) -> None:
    async def story() -> None:
        async with serving(tmp_path, kind) as world:
            await world.stroll()
        assert world.speed_kmh == 0.0

    run(story(), loop=VirtualLoop())


@every_kind
def test_a_line_that_breaks_ends_in_words_and_nothing_moves_when_it_is_back(tmp_path: Path, kind: str) -> None:
    async def story() -> None:
        async with serving(tmp_path, kind) as world:
            await world.stroll()
            world.cable.unplug()
            await world.ask(Verb.STOP, world.controller.state.phase)
            await asyncio.sleep(20.0)
            assert world.controller.state.phase in (Phase.FAULT, Phase.DONE)
            assert not world.controller.inbox.links["machine"].up
            world.cable.plug()
            await asyncio.sleep(60.0)
            assert world.controller.inbox.links["machine"].up
            assert world.speed_kmh == 0.0

    run(story(), loop=VirtualLoop())


@every_kind
def test_a_board_that_says_nothing_is_told_of_and_never_started(tmp_path: Path, kind: str) -> None:
    async def story() -> None:
        async with serving(tmp_path, kind) as world:
            world.board.mute = True
            await asyncio.sleep(30.0)
            link = world.controller.inbox.links["machine"]
            assert not link.up and "does not answer" in link.detail
            for verb in (Verb.ARM, Verb.START):
                world.controller.inbox.ask(Intent(verb))
                await asyncio.sleep(5.0)
            assert world.speed_kmh == 0.0 and world.controller.state.phase is Phase.IDLE

    run(story(), loop=VirtualLoop())
