"""A treadmill on a serial line in the whole product: from lines of the settings to a belt that starts, climbs, stops.

The session runs on virtual time over a line in memory that takes as long as 4800 baud do; halting, on a real pty.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from service_kit import ATHLETE, CLIMB, USER

from pitrainer import config, history
from pitrainer.core.state import Setup
from pitrainer.drivers.heart_ble import HeartStrap
from pitrainer.drivers.ports import Post
from pitrainer.drivers.treadmill_serial import (
    CsafeProfile,
    JohnsonProfile,
    PrecorProfile,
    PsaProfile,
    SerialTreadmill,
    TrackmasterProfile,
    machine_of,
)
from pitrainer.halting import HaltError, halted
from pitrainer.journal import Journal
from pitrainer.model import Beat, Intent, LinkState, Phase, Verb
from pitrainer.opening import devices, machine_alone
from pitrainer.opening_serial import profile_of, serial_treadmill
from pitrainer.service import Controller
from pitrainer.sim.clock import ScaledLoop, VirtualLoop, run
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.serial.cable import Cable
from pitrainer.sim.serial.stand import Stand
from pitrainer.sim.serial.trackmaster import TrackmasterMachine
from pitrainer.wire.johnson import Scale
from pitrainer.wire.trackmaster import Op

PATIENCE_S = 1800.0
MPH_TENTH_KMH = 0.1609344
FASTER = 4.0


def settings(
    directory: Path, kind: str = "trackmaster", lines: str = "", port: str = "/dev/ttyUSB0"
) -> config.Settings:
    """Loaded from a file, as the service does."""
    own = {"trackmaster": 'speed_unit = "mph"\npage_start = true\n'}.get(kind, "")
    path = directory / "pitrainer.toml"
    path.write_text(
        '[athlete]\nage_years = 40\n[strap]\naddress = "AA:BB:CC:DD:EE:01"\n'
        f'[machine]\nkind = "{kind}"\nport = "{port}"\n{own}{lines}'
    )
    return config.load(path)


def now_s() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class StrapOnTheBelt:
    """The heart of somebody who walks on this very belt, beat by beat."""

    belt: TrackmasterMachine
    runner: SimulatedRunner = field(default_factory=lambda: SimulatedRunner(ATHLETE))

    async def run(self, post: Post) -> None:
        post(LinkState(now_s(), "strap", True, "Simulated strap"))
        while True:
            await asyncio.sleep(1.0)
            deck = self.belt.look(now_s())
            post(Beat(now_s(), self.runner.step(1.0, deck.speed_kmh, deck.incline_pct)))


@dataclass
class World:
    """A controller that serves a virtual Trackmaster, and the belt's true path at every quarter second."""

    controller: Controller
    belt: TrackmasterMachine
    path: list[tuple[float, float, float]] = field(default_factory=list)

    def ask(self, verb: Verb) -> None:
        self.controller.inbox.ask(Intent(verb, plan=CLIMB if verb is Verb.LOAD else None))

    async def watch(self) -> None:
        while True:
            deck = self.belt.look(now_s())
            self.path.append((now_s(), deck.speed_kmh, deck.incline_pct))
            await asyncio.sleep(0.25)

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not true():  # noqa: ASYNC110 - a look at every step of virtual time
                await asyncio.sleep(0.05)

    async def begin(self) -> None:
        """Loaded, armed, and the second act on the page."""
        await asyncio.sleep(5.0)
        for verb, phase in ((Verb.LOAD, Phase.IDLE), (Verb.ARM, Phase.ARMED), (Verb.START, Phase.RUNNING)):
            self.ask(verb)
            await self.until(lambda phase=phase: self.controller.state.phase is phase)  # type: ignore[misc]
            await asyncio.sleep(1.0)


def play(directory: Path, script: Callable[[World], Awaitable[None]]) -> World:
    """Serve on virtual time while `script` plays, then leave in order."""

    async def main() -> World:
        machine_settings = settings(directory).machine
        belt = TrackmasterMachine(now_s())
        machine = SerialTreadmill(Cable(belt).connect, machine_of(profile_of(machine_settings), "Trackmaster"))
        with contextlib.closing(Journal(directory / "journal.sqlite3", machine_id="treadmill")) as journal:
            journal.open()
            controller = Controller(
                Setup(ATHLETE, machine.limits, USER), machine, StrapOnTheBelt(belt), journal,
                session_directories=(directory,), marker=directory / "controller.moving",
            )  # fmt: skip
            world, leave = World(controller, belt), asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                serving = tasks.create_task(controller.run(leave))
                watching = tasks.create_task(world.watch())
                try:
                    await script(world)
                finally:
                    leave.set()
                    await serving
                    watching.cancel()
        return world

    return run(main(), loop=VirtualLoop())


def test_a_session_starts_climbs_and_stops_on_a_trackmaster(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await asyncio.sleep(5.0)
        assert not world.belt.orders(Op.START), "nobody has asked for anything"
        await world.begin()
        await asyncio.sleep(150.0)
        deck = world.belt.look(now_s())
        assert 5.5 - MPH_TENTH_KMH <= deck.speed_kmh <= 5.5 + 1e-6
        assert deck.incline_pct > 3.0
        stopped_s = now_s()
        world.ask(Verb.STOP)
        await world.until(lambda: world.belt.look(now_s()).speed_kmh == 0.0)
        steepest = max(a[1] - b[1] for a, b in zip(world.path[-60:], world.path[-56:], strict=False))
        assert 3.0 < now_s() - stopped_s < 12.0 and steepest < 2.0, "a ramp, neither a jolt nor a coast"
        await asyncio.sleep(10.0)
        assert world.controller.state.phase is Phase.DONE

    world = play(tmp_path, script)
    assert len(world.belt.orders(Op.START)) == 1
    assert not world.belt.orders(Op.START_UNGUARDED)
    assert world.path[-1][1] == 0.0
    assert not (tmp_path / "controller.moving").exists()
    record = history.read(tmp_path / "journal.sqlite3", "last")
    assert len(record.samples) > 140


def test_leaving_in_mid_climb_brings_the_belt_to_rest(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.begin()
        await asyncio.sleep(60.0)
        assert world.belt.look(now_s()).speed_kmh > 5.0

    assert play(tmp_path, script).path[-1][1] == 0.0


def test_a_belt_that_runs_is_brought_to_rest_from_outside_over_a_real_port(tmp_path: Path) -> None:
    async def main() -> None:
        belt = TrackmasterMachine(now_s())
        belt.press_speed(20)
        belt.press_start()
        async with Stand(belt) as stand:
            await asyncio.sleep(4.0)
            assert belt.look(now_s()).speed_kmh > 3.0
            said = await halted(machine_alone(settings(tmp_path, port=stand.path)))
            assert said.startswith("The belt has come down from 3.2") and said.endswith("and stands.")
            assert belt.look(now_s()).speed_kmh == 0.0
            assert await halted(machine_alone(settings(tmp_path, port=stand.path))) == "The belt stands."

    run(main(), loop=ScaledLoop(FASTER))


def test_a_port_that_is_not_there_is_named_when_halting_fails(tmp_path: Path) -> None:
    async def main() -> None:
        with pytest.raises(HaltError, match="/dev/no-such-port cannot be opened"):
            await halted(machine_alone(settings(tmp_path, port="/dev/no-such-port")))

    run(main(), loop=ScaledLoop(20.0))


def test_settings_give_a_serial_treadmill_and_a_strap_by_radio(tmp_path: Path) -> None:
    async def main() -> None:
        machine, strap = devices(settings(tmp_path, lines="incline_max_pct = 25\n"))
        assert isinstance(machine, SerialTreadmill) and isinstance(strap, HeartStrap)
        assert machine.limits.incline_max_pct == 25.0 and machine.limits.page_start

    asyncio.run(main())


def test_each_kind_becomes_its_profile_with_what_was_measured(tmp_path: Path) -> None:
    counts = "page_start = true\nincline_counts_per_pct = 2\n"

    def profile(kind: str, lines: str = "") -> object:
        return profile_of(settings(tmp_path, kind, lines).machine)

    limits = {kind: settings(tmp_path, kind, lines).machine.limits for kind, lines in (
        ("trackmaster", ""), ("precor", counts), ("johnson", counts + "speed_counts_per_kmh = 200\n"),
        ("psa", counts), ("csafe", ""),
    )}  # fmt: skip
    scale = Scale(speed_per_kmh=200, incline_per_pct=2)
    assert profile("trackmaster") == TrackmasterProfile(limits["trackmaster"], "mph")
    assert profile("precor", counts) == PrecorProfile(limits["precor"], 2)
    assert profile("johnson", counts + "speed_counts_per_kmh = 200\n") == JohnsonProfile(limits["johnson"], scale)
    assert profile("psa", counts) == PsaProfile(limits["psa"], 0.5)
    assert profile("csafe") == CsafeProfile(limits["csafe"], probe=False)
    assert profile("csafe", "try_control = true\n") == CsafeProfile(limits["csafe"], probe=True)


@pytest.mark.parametrize(
    "machine",
    [config.MachineSettings("precor", port="/dev/x"), config.MachineSettings("precor", incline_counts_per_pct=2)],
)
def test_settings_that_say_too_little_are_refused_before_a_port_is_opened(machine: config.MachineSettings) -> None:
    with pytest.raises(ValueError, match=r'\[machine\] kind = "precor" needs (a port|incline_counts_per_pct)'):
        serial_treadmill(machine)


def test_another_kind_has_no_serial_profile() -> None:
    with pytest.raises(ValueError, match="is not a treadmill on a serial line"):
        profile_of(config.MachineSettings("ftms"))
