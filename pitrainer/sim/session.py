"""A whole session without hardware, broker or waiting: the real engine and supervisor at the real tick.

The strap reports once a second, as straps do; the treadmill is stepped and read at every tick. The simulated runner
arms and starts at once; a fault that stops the belt ends the simulation, since nobody is there to acknowledge it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Protocol

from pitrainer.core.athlete import Athlete
from pitrainer.core.engine import advance
from pitrainer.core.snapshot import Snapshot, snapshot
from pitrainer.core.state import Inputs, Setup, State
from pitrainer.model import (
    LEASE_S,
    TICK_S,
    Beat,
    Belt,
    Command,
    Feedback,
    Intent,
    MachineLimits,
    Notice,
    Phase,
    Plan,
    UserLimits,
    Verb,
)

MOST_S = 4 * 3600.0
SETTLE_S = 5.0
"""The strap is worn for this long before the session is armed."""


class Runner(Protocol):
    """A heart with a strap."""

    def step(self, dt_s: float, speed_kmh: float, incline_pct: float) -> float | None:
        """What the strap reports after `dt_s` at this load; None: nothing came."""


class Treadmill(Protocol):
    """Mechanics that follow set-points."""

    speed_kmh: float
    incline_pct: float
    speed_min_kmh: float
    speed_max_kmh: float
    speed_step_kmh: float
    incline_min_pct: float
    incline_max_pct: float
    incline_step_pct: float

    def apply(self, speed_kmh: float, incline_pct: float) -> None: ...

    def step(self, dt_s: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Sample:
    """One second of a recording; a field is read as `row.t_s` or `row["t_s"]`. `hr_bpm` is None when unknown."""

    t_s: float
    hr_bpm: float | None
    incline_pct: float
    speed_kmh: float
    phase: str
    action: str
    causes: tuple[str, ...]
    cap_bpm: float | None
    incline_target_pct: float | None
    speed_target_kmh: float | None
    step: int
    distance_m: float
    ascent_m: float
    why: str

    def __getitem__(self, name: str) -> Any:
        if name not in self.keys():
            raise KeyError(name)
        return getattr(self, name)

    def keys(self) -> tuple[str, ...]:
        return tuple(field.name for field in fields(self))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())


@dataclass(frozen=True, slots=True)
class Recording:
    """What a simulated session did, second by second, and how it ended (`done`, `paused` or `fault`)."""

    samples: tuple[Sample, ...]
    notices: tuple[tuple[float, Notice], ...]
    end: Snapshot

    @property
    def lift_moves(self) -> int:
        """How often the incline's set-point changed."""
        sent = [row.incline_target_pct for row in self.samples if row.incline_target_pct is not None]
        return sum(a != b for a, b in pairwise(sent))


def simulate(
    plan: Plan,
    *,
    athlete: Athlete,
    runner: Runner,
    treadmill: Treadmill,
    seed: int = 0,
    user: UserLimits | None = None,
) -> Recording:
    """Run `plan` to its end. `seed` seeds the runner where it takes one. Raises ValueError if the plan cannot be
    run on this treadmill at all. `user` defaults to the machine's whole range."""
    if hasattr(runner, "reseed"):
        runner.reseed(seed)
    setup = Setup(athlete, _limits(treadmill), user or UserLimits(treadmill.speed_max_kmh, treadmill.incline_max_pct))
    return _Rehearsal(setup, runner, treadmill).run(plan)


def _limits(treadmill: Treadmill) -> MachineLimits:
    return MachineLimits(
        speed_min_kmh=treadmill.speed_min_kmh,
        speed_max_kmh=treadmill.speed_max_kmh,
        speed_step_kmh=treadmill.speed_step_kmh,
        incline_min_pct=treadmill.incline_min_pct,
        incline_max_pct=treadmill.incline_max_pct,
        incline_step_pct=treadmill.incline_step_pct,
        latency_s=6.0,
        page_start=True,
    )


class _Rehearsal:
    """One run: the loop that the service runs on real time, on counted time."""

    def __init__(self, setup: Setup, runner: Runner, treadmill: Treadmill) -> None:
        self.setup, self.runner, self.treadmill = setup, runner, treadmill
        self.state = State(now_s=0.0)
        self.beat: Beat | None = None
        self.applied: tuple[float, float] = (treadmill.speed_kmh, treadmill.incline_pct)
        self.applied_at_s = 0.0
        self.samples: list[Sample] = []
        self.notices: list[tuple[float, Notice]] = []

    def run(self, plan: Plan) -> Recording:
        ticks = 0
        while ticks * TICK_S < SETTLE_S:
            ticks += 1
            self.tick(ticks * TICK_S, ())
        for verb in (Verb.LOAD, Verb.ARM, Verb.START):
            ticks += 1
            self.tick(ticks * TICK_S, (Intent(verb, plan=plan),))
        started_s = ticks * TICK_S
        while not self.over() and ticks * TICK_S < MOST_S:
            ticks += 1
            self.tick(ticks * TICK_S, ())
            if ticks % round(1.0 / TICK_S) == 0:
                self.samples.append(self.sample(ticks * TICK_S - started_s))
        return Recording(tuple(self.samples), tuple(self.notices), snapshot(self.setup, self.state))

    def over(self) -> bool:
        stopped = self.state.phase in (Phase.DONE, Phase.PAUSED, Phase.FAULT, Phase.IDLE)
        return stopped and self.treadmill.speed_kmh <= 0.0

    def tick(self, now_s: float, intents: tuple[Intent, ...]) -> None:
        treadmill = self.treadmill
        treadmill.step(TICK_S)
        if now_s % 1.0 == 0.0:
            bpm = self.runner.step(1.0, treadmill.speed_kmh, treadmill.incline_pct)
            self.beat = self.beat if bpm is None else Beat(now_s, bpm)
        feedback = Feedback(now_s, treadmill.speed_kmh, treadmill.incline_pct)
        outcome = advance(self.setup, self.state, Inputs(self.beat, feedback, (), intents), now_s)
        refused = [answer.reason for answer in outcome.answers if not answer.ok]
        if refused:
            raise ValueError(refused[0])
        self.notices += [(now_s, notice) for notice in outcome.notices]
        self.state = outcome.state
        self.obey(outcome.state.command, now_s)

    def obey(self, command: Command, now_s: float) -> None:
        """Hand on what changed, and renew the lease every second."""
        if command.belt is Belt.LEAVE:
            return
        speed = self.applied[0] if command.speed_kmh is None else command.speed_kmh
        incline = self.applied[1] if command.incline_pct is None else command.incline_pct
        if (speed, incline) != self.applied or now_s - self.applied_at_s >= LEASE_S - TICK_S:
            self.applied, self.applied_at_s = (speed, incline), now_s
            self.treadmill.apply(speed, incline)

    def sample(self, t_s: float) -> Sample:
        state, verdict, plan = self.state, self.state.verdict, self.state.plan
        assert plan is not None
        index = min(state.progress.index, len(plan.steps) - 1)
        return Sample(
            t_s=t_s,
            hr_bpm=state.pulse.hr_bpm,
            incline_pct=self.treadmill.incline_pct,
            speed_kmh=self.treadmill.speed_kmh,
            phase=state.phase.value,
            action=verdict.action.name,
            causes=tuple(cause.text for cause in verdict.causes),
            cap_bpm=plan.steps[index].cap_bpm,
            incline_target_pct=verdict.command.incline_pct,
            speed_target_kmh=verdict.command.speed_kmh,
            step=index + 1,
            distance_m=state.progress.distance_m,
            ascent_m=state.progress.ascent_m,
            why=state.why,
        )
