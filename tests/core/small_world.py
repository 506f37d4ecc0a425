"""The real engine around a simulated runner and treadmill, in virtual quarter seconds, with hands that interfere.

`world.beat` and `world.feedback` may be replaced by a fault: a function of (what would have come, now) to what comes.
The strap reports once a second and the machine too, as real ones do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pitrainer.core.athlete import Athlete
from pitrainer.core.engine import advance
from pitrainer.core.snapshot import Snapshot, snapshot
from pitrainer.core.state import Inputs, Setup, State
from pitrainer.model import (
    LEAVE,
    TICK_S,
    Answer,
    Beat,
    Belt,
    Command,
    Drive,
    Feedback,
    Intent,
    MachineEvent,
    MachineLimits,
    MachineSays,
    Notice,
    Phase,
    Plan,
    Step,
    UserLimits,
    Verb,
)
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

ATHLETE = Athlete(hr_max_bpm=185, hr_rest_bpm=55, weight_kg=70)
USER = UserLimits(speed_max_kmh=12.0, incline_max_pct=15.0)
CLIMB = Plan("Climb", (Step("Climb", Drive.CLIMB, (2.0, 15.0), (5.5, 5.5), for_s=1800.0, cap_bpm=155.0),))
FIXED = Plan("Fixed", (Step("Walk", Drive.FIXED, (6.0, 6.0), (6.0, 6.0), for_s=1800.0),))
RAMP = Plan("Ramp", (Step("Up", Drive.RAMP, (0.0, 10.0), (4.0, 7.0), for_s=900.0),))
THEIRS = Plan("Theirs", (Step("Hike", Drive.FIXED, (3.0, 3.0), None, for_s=1800.0),))


def limits(treadmill: SimulatedTreadmill, *, page_start: bool = True) -> MachineLimits:
    return MachineLimits(
        speed_min_kmh=treadmill.speed_min_kmh, speed_max_kmh=treadmill.speed_max_kmh,
        speed_step_kmh=treadmill.speed_step_kmh, incline_min_pct=treadmill.incline_min_pct,
        incline_max_pct=treadmill.incline_max_pct, incline_step_pct=treadmill.incline_step_pct,
        incline_rate_pct_s=treadmill.incline_rate_pct_s, latency_s=treadmill.latency_s + 1.0, page_start=page_start,
    )  # fmt: skip


@dataclass
class World:
    """Step it with `run(seconds)`; look at `state`, `sent` (all commands) and `notices`."""

    treadmill: SimulatedTreadmill = field(default_factory=SimulatedTreadmill)
    runner: SimulatedRunner = field(default_factory=lambda: SimulatedRunner(ATHLETE))
    page_start: bool = True
    user: UserLimits = USER
    now_s: float = 100.0
    beat: Callable[[Beat, float], Beat | None] = lambda beat, _: beat
    feedback: Callable[[Feedback, float], Feedback | None] = lambda feedback, _: feedback
    obeys: Callable[[Command], Command] = lambda command: command
    units: float = 1.0
    """What the machine makes of a speed: 1.609 for one that takes km/h for mph."""
    late_s: float = 0.0
    """How much later than its second a report comes."""
    sent: list[tuple[float, Command]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    running: bool = False
    link: int = 1
    _last: Command = LEAVE
    _ticks: int = 0
    _beat: Beat | None = None
    _feedback: Feedback | None = None

    def __post_init__(self) -> None:
        self.setup = Setup(ATHLETE, limits(self.treadmill, page_start=self.page_start), self.user)
        self.state = State(now_s=self.now_s)

    def tick(self, *intents: Intent, events: tuple[MachineEvent, ...] = (), dt_s: float = TICK_S) -> None:
        self.now_s += dt_s
        self._ticks += 1
        self.treadmill.step(dt_s)
        self._listen()
        outcome = advance(self.setup, self.state, Inputs(self._beat, self._feedback, events, intents), self.now_s)
        self.state = outcome.state
        self.notices += outcome.notices
        self.answers += outcome.answers
        self.sent.append((self.now_s, outcome.state.command))
        self._obey(self.obeys(outcome.state.command))

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.tick()

    def until(self, done: Callable[[World], bool], within_s: float) -> float:
        """Seconds until `done`; fails if that takes longer than `within_s`."""
        start_s = self.now_s
        while not done(self):
            assert self.now_s - start_s < within_s, f"not within {within_s} s: {self.state.phase}, {self.state.verdict}"
            self.tick()
        return self.now_s - start_s

    def ask(
        self, verb: Verb, plan: Plan | None = None, *, speed_kmh: float | None = None, incline_pct: float | None = None
    ) -> Answer:
        self.tick(Intent(verb, plan=plan, speed_kmh=speed_kmh, incline_pct=incline_pct))
        return self.answers[-1]

    @property
    def phase(self) -> Phase:
        return self.state.phase

    def says(self, says: MachineSays, value: float | None = None) -> None:
        self.tick(events=(MachineEvent(self.now_s, says, value),))

    def begin(self, plan: Plan = FIXED, run_s: float = 0.0) -> World:
        """Strap on, load, arm, start, and wait until the program steers; then `run_s` more."""
        self.run(6.0)
        for verb in (Verb.LOAD, Verb.ARM, Verb.START):
            answer = self.ask(verb, plan)
            assert answer.ok, answer.reason
        self.until(lambda world: world.state.phase is Phase.RUNNING, 30.0)
        self.run(run_s)
        return self

    def press(self, speed_kmh: float | None = None, incline_pct: float | None = None, *, announce: bool = True) -> None:
        """A press at the console."""
        self._set(speed_kmh, incline_pct)
        if announce:
            says = MachineSays.INCLINE_SET if speed_kmh is None else MachineSays.SPEED_SET
            self.says(says, incline_pct if speed_kmh is None else speed_kmh)

    @property
    def stands(self) -> bool:
        return self.treadmill.speed_kmh == 0.0

    @property
    def view(self) -> Snapshot:
        return snapshot(self.setup, self.state)

    @property
    def acting(self) -> set[str]:
        return {cause.name for cause in self.state.verdict.causes}

    def _listen(self) -> None:
        if self._ticks % 4 == 0:
            bpm = self.runner.step(1.0, self.treadmill.speed_kmh, self.treadmill.incline_pct)
            if bpm is not None:
                self._beat = self.beat(Beat(self.now_s, bpm), self.now_s) or self._beat
        if self._ticks % 4 == 2:
            measured = round(self.treadmill.speed_kmh, 2), round(self.treadmill.incline_pct, 1)
            report = Feedback(self.now_s - self.late_s, *measured, link=self.link)
            self._feedback = self.feedback(report, self.now_s) or self._feedback

    def _obey(self, command: Command) -> None:
        """Like a driver: only what changed is sent."""
        last, self._last = self._last, command
        if command.belt is Belt.START:
            if last.belt is not Belt.START:
                self.running = True
                self._set(command.speed_kmh or self.treadmill.speed_min_kmh, None)
        elif command.belt is Belt.STOP or (command.belt is Belt.RUN and self.running):
            speed = None if command.speed_kmh == last.speed_kmh else command.speed_kmh
            incline = None if command.incline_pct == last.incline_pct else command.incline_pct
            if (speed, incline) != (None, None):
                self._set(speed, incline)

    def _set(self, speed_kmh: float | None, incline_pct: float | None) -> None:
        speed = self.treadmill.told_kmh if speed_kmh is None else speed_kmh * self.units
        self.treadmill.apply(speed, self.treadmill.told_pct if incline_pct is None else incline_pct)
        self.running = self.running and speed >= self.treadmill.speed_min_kmh


def efforts(world: World, since_s: float) -> list[tuple[float, float | None, float | None]]:
    """(time, commanded speed, commanded incline) from `since_s` on; LEAVE commands nothing."""
    return [(at, one.speed_kmh, one.incline_pct) for at, one in world.sent if at >= since_s and one != LEAVE]
