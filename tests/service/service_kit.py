"""The real service on virtual time: simulated hardware that writes down what was done to it, a real journal, and in
the broker's place an ear that keeps what was said."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pitrainer import history
from pitrainer.core.athlete import Athlete
from pitrainer.core.state import Setup
from pitrainer.drivers.ports import Post
from pitrainer.drivers.simulated import SimulatedHardware, SimulatedStrap
from pitrainer.history import Record
from pitrainer.journal import Journal
from pitrainer.model import Answer, Belt, Command, Drive, Intent, Phase, Plan, Reading, Step, UserLimits, Verb
from pitrainer.mqtt import ControllerLink, Order
from pitrainer.service import Controller
from pitrainer.sim.clock import VirtualLoop
from pitrainer.sim.clock import run as run_on
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

ATHLETE = Athlete(hr_max_bpm=185, hr_rest_bpm=55, weight_kg=70)
USER = UserLimits(speed_max_kmh=12.0, incline_max_pct=15.0)
EASY = Plan("Easy", (Step("Walk", Drive.FIXED, (3.0, 3.0), (5.5, 5.5), for_s=1800.0),))
CLIMB = Plan("Climb", (Step("Climb", Drive.CLIMB, (2.0, 15.0), (5.5, 5.5), for_s=1800.0, cap_bpm=155.0),))
HOUR = Plan(
    "Hour",
    (
        Step("Easy in", Drive.RAMP, (1.0, 6.0), (5.5, 5.5), for_s=300.0),
        Step("Climb", Drive.CLIMB, (2.0, 15.0), (5.5, 5.5), for_s=3000.0, cap_bpm=155.0),
        Step("Cool-down", Drive.FIXED, (1.0, 1.0), (4.5, 4.5), for_s=300.0),
    ),
)
PATIENCE_S = 7200.0
"""Of virtual time."""


class Moment(NamedTuple):
    """The machine after one of its steps."""

    at_s: float
    speed_kmh: float
    incline_pct: float


class Sent(NamedTuple):
    """One call of `apply`."""

    at_s: float
    command: Command


class WatchedHardware(SimulatedHardware):
    """Simulated hardware that remembers every command and where its belt and lift were."""

    def __init__(self, *, page_start: bool) -> None:
        super().__init__(SimulatedRunner(ATHLETE), SimulatedTreadmill(), page_start=page_start)
        self.moments: list[Moment] = []
        self.sent: list[Sent] = []
        self.report_nothing = False

    def apply(self, command: Command) -> None:
        self.sent.append(Sent(asyncio.get_running_loop().time(), command))
        super().apply(command)

    def _report(self, now_s: float) -> None:
        if not self.report_nothing:
            super()._report(now_s)

    def _step(self, now_s: float) -> None:
        super()._step(now_s)
        self.moments.append(Moment(now_s, self.treadmill.speed_kmh, self.treadmill.incline_pct))


class FrailStrap:
    """The simulated strap, whose task raises once it is `torn`."""

    def __init__(self, whole: SimulatedStrap) -> None:
        self._whole = whole
        self.torn = False

    async def run(self, post: Post) -> None:
        def relay(reading: Reading) -> None:
            if self.torn:
                raise RuntimeError("the strap's task broke")
            post(reading)

        await self._whole.run(relay)


class Ear(ControllerLink):
    """Where the broker's link would be: hears what the controller says and can be told to break."""

    def __init__(self) -> None:
        self.states: list[Mapping[str, Any]] = []
        self.plans: list[Mapping[str, object] | None] = []
        self.events: list[Mapping[str, Any]] = []
        self.answers: list[Answer] = []
        self.broken = asyncio.Event()

    def offer_state(self, state: Mapping[str, object]) -> None:
        self.states.append(state)

    def offer_plan(self, plan: Mapping[str, object] | None) -> None:
        self.plans.append(plan)

    def offer_event(self, event: Mapping[str, object]) -> None:
        self.events.append(event)

    def offer_answer(self, answer: Answer) -> None:
        self.answers.append(answer)

    async def run(self) -> None:
        await self.broken.wait()
        raise RuntimeError("the broker's task broke")


@dataclass
class World:
    """A controller that serves, and the hands around it."""

    controller: Controller
    hardware: WatchedHardware
    strap: FrailStrap
    journal: Journal
    directory: Path
    leave: asyncio.Event = field(default_factory=asyncio.Event)
    serving: asyncio.Task[None] | None = None

    @property
    def ear(self) -> Ear:
        assert isinstance(self.controller.link, Ear)
        return self.controller.link

    def phase(self) -> Phase:
        """A call, since a checker believes that an attribute stays what it was."""
        return self.controller.state.phase

    @property
    def now_s(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def now(self) -> Moment:
        return self.hardware.moments[-1]

    def ask(self, verb: Verb, **fields: Any) -> None:
        self.controller.inbox.ask(Intent(verb, **fields))

    async def order(self, cmd: Verb, **fields: Any) -> Answer:
        """Through the broker's door; the answer that came out of it."""
        identity = f"{cmd.value}-{len(self.ear.answers)}"
        self.controller.deliver(Order(identity, cmd, **fields))
        await self.until(lambda: any(answer.id == identity for answer in self.ear.answers))
        return next(answer for answer in self.ear.answers if answer.id == identity)

    async def until(self, true: Callable[[], object]) -> None:
        """Within two hours of virtual time."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():  # noqa: ASYNC110 - a look at every step of virtual time
                await asyncio.sleep(0.05)

    async def ready(self, plan: Plan = EASY) -> None:
        """Loaded, with a heart rate and a belt that stands."""
        await asyncio.sleep(5.0)
        self.ask(Verb.LOAD, plan=plan)
        await self.until(lambda: self.controller.state.plan is plan)

    async def start(self, plan: Plan = EASY) -> None:
        """Both acts; the program steers from here."""
        await self.ready(plan)
        await self.resume()

    async def resume(self) -> None:
        self.ask(Verb.ARM)
        await self.until(lambda: self.phase() is Phase.ARMED)
        self.ask(Verb.START)
        await self.until(lambda: self.phase() is Phase.RUNNING)

    async def stroll(self, plan: Plan = EASY, *, for_s: float = 60.0) -> None:
        """Start, and settle at the plan's speed."""
        await self.start(plan)
        await asyncio.sleep(for_s)

    def since(self, at_s: float) -> list[Moment]:
        return [moment for moment in self.hardware.moments if moment.at_s > at_s]

    def record(self, session: str = "last") -> Record:
        """From the file: only once the play is over."""
        return history.read(self.directory / "journal.sqlite3", session)

    def commands_since(self, at_s: float) -> list[Command]:
        return [command for sent_s, command in self.hardware.sent if sent_s > at_s]


Script = Callable[[World], Coroutine[Any, Any, None]]


def play(tmp_path: Path, script: Script, *, page_start: bool = True, deaf: bool = False, crash: bool = False) -> World:
    """Serve on virtual time while `script` plays; then leave in order. `crash`: the script has broken something,
    and whoever serves is expected to raise, which the script has looked at itself. `deaf`: no link at all."""

    async def main() -> World:
        world = _world(tmp_path, page_start=page_start, deaf=deaf)
        world.serving = asyncio.create_task(world.controller.run(world.leave))
        try:
            await script(world)
        finally:
            world.leave.set()
            with contextlib.suppress(*([BaseExceptionGroup] if crash else [])):
                await world.serving
            world.journal.close()
        return world

    return run_on(main(), loop=VirtualLoop())


def _world(directory: Path, *, page_start: bool, deaf: bool) -> World:
    hardware = WatchedHardware(page_start=page_start)
    journal = Journal(directory / "journal.sqlite3", machine_id="treadmill")
    journal.open()
    strap = FrailStrap(hardware.strap)
    controller = Controller(
        Setup(ATHLETE, hardware.limits, USER), hardware, strap, journal,
        session_directories=(directory,), marker=directory / "controller.moving", deeds=hardware.do,
    )  # fmt: skip
    controller.link = None if deaf else Ear()
    return World(controller, hardware, strap, journal, directory)


def steepest_fall_kmh_s(moments: list[Moment]) -> float:
    """Over any whole second."""
    return max((a.speed_kmh - b.speed_kmh for a, b in zip(moments, moments[4:], strict=False)), default=0.0)


def moves(command: Command) -> bool:
    """Could this command make a belt or a lift do anything but stop?"""
    return command.belt in (Belt.START, Belt.RUN)
