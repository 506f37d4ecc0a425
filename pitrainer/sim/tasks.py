"""What controllers are measured on: tasks, the stress they are put under, and what is written down of a run.

- hold: from a steady 50 % of the heart-rate reserve to 72 %, and there for 30 min.
- climb: 30 min below a cap of 80 % of the reserve; laws that know only a target aim 3 bpm under the cap.
- intervals: four times 4 min at 85 % and 3 min at 60 %.
- life: the climb, with a lying strap and a hand at the console about every 7 min (sim/faults.py).
- free: the climb, for hikers, with the belt's speed free between 3 km/h and the usual one.
- second: the hold again, by a controller that has met this person once before.

Shares are of the person's true reserve; a target that this person's machine cannot reach, or that its level belt
already exceeds, is moved to the nearest that it can. Everybody warms up for 5 min at the starting load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pitrainer.sim.faults import STRAP_FAULTS, Fault, FaultKind, HandledTreadmill, StickyTreadmill, draw_faults
from pitrainer.sim.hearts import HeartModel
from pitrainer.sim.population import HEARTS, Family, Person, PersonRunner
from pitrainer.sim.straps import StrapKind
from pitrainer.sim.treadmill import SimulatedTreadmill

WARM_S = 300
MARGIN_BPM = 3.0
ROOM_BPM = 3.0
"""A target keeps this far from what the machine's flattest and steepest make of the heart."""


class TaskName(StrEnum):
    """What is measured. The last two are for ours alone: against itself at fixed speed, and as a stranger."""

    HOLD = "hold"
    CLIMB = "climb"
    INTERVALS = "intervals"
    LIFE = "life"
    FREE = "free"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Leg:
    """So long at this share of the heart-rate reserve."""

    share: float
    for_s: int


@dataclass(frozen=True, slots=True)
class Task:
    """Legs after a warm-up at `start` of the reserve. `capped`: the share is a cap, not a target."""

    name: TaskName
    start: float
    legs: tuple[Leg, ...]
    capped: bool = False
    faults: bool = False
    free_speed: bool = False


TASKS = {
    TaskName.HOLD: Task(TaskName.HOLD, 0.50, (Leg(0.72, 1800),)),
    TaskName.CLIMB: Task(TaskName.CLIMB, 0.50, (Leg(0.80, 1800),), capped=True),
    TaskName.INTERVALS: Task(TaskName.INTERVALS, 0.60, (Leg(0.85, 240), Leg(0.60, 180)) * 4),
    TaskName.LIFE: Task(TaskName.LIFE, 0.50, (Leg(0.80, 1800),), capped=True, faults=True),
    TaskName.FREE: Task(TaskName.FREE, 0.50, (Leg(0.80, 1800),), capped=True, free_speed=True),
    TaskName.SECOND: Task(TaskName.SECOND, 0.50, (Leg(0.72, 1800),)),
}


@dataclass(frozen=True, slots=True)
class Case:
    """Something outside what a controller was made for."""

    name: str
    change: Callable[[Person], Person] = lambda person: person
    strap: StrapKind = StrapKind.CHEST
    lift_step_pct: float = 0.5
    sticky: bool = False


def _of_heart(person: Person, **changes: float) -> Person:
    return replace(person, heart=replace(person.heart, **changes))  # type: ignore[arg-type]


def _believed_gain(person: Person, factor: float) -> Person:
    """The profile's VO2max, so that the promised beats per oxygen are wrong by this factor."""
    return replace(person, believed_vo2max=3.5 + (person.believed_vo2max - 3.5) / factor)


def _wrong_max(person: Person) -> Person:
    """Every other person is believed 15 bpm too high, the others 15 too low."""
    return replace(person, believed_max_bpm=person.believed_max_bpm + (15.0 if person.number % 2 else -15.0))


CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case("base"),
        Case("optical strap", strap=StrapKind.OPTICAL),
        Case("1 % lift steps", lift_step_pct=1.0),
        Case("slow lift", lambda person: replace(person, lift_pct_s=0.12, latency_s=5.0)),
        Case("sticky lift", sticky=True),
        Case("gain believed / 1.7", lambda person: _believed_gain(person, 1 / 1.7)),
        Case("gain believed x 1.7", lambda person: _believed_gain(person, 1.7)),
        Case("slow heart x 2", lambda person: _of_heart(person, slow_s=2.0 * person.heart.slow_s)),
        Case("variability x 1.6", lambda person: replace(person, variability_bpm=1.6 * person.variability_bpm)),
        Case("linear heart", lambda person: replace(person, family=Family.LINEAR)),
        Case("Cheng's heart", lambda person: replace(person, family=Family.CHENG)),
        Case("HRmax off by 15", _wrong_max),
        Case("hand rails", lambda person: replace(person, rails=True)),
        Case("hot room", lambda person: replace(person, heat_bpm=15.0)),
    )
}


@dataclass(frozen=True, slots=True)
class Course:
    """One task for one person on one day, in numbers."""

    task: Task
    person: Person
    case: Case
    seed: int
    start_pct: float
    targets_bpm: tuple[float, ...]
    """One a leg: what to hold, or the cap."""
    faults: tuple[Fault, ...] = ()

    @property
    def seconds(self) -> int:
        return sum(leg.for_s for leg in self.task.legs)

    def runner(self, *, quiet: bool = False) -> PersonRunner:
        runner = self.person.runner(self.seed, strap=self.case.strap, quiet=quiet)
        runner.settle(self.person.speed_kmh, self.start_pct)
        return runner

    def treadmill(self) -> SimulatedTreadmill:
        machine: SimulatedTreadmill
        if self.case.sticky:
            machine = StickyTreadmill()
        else:
            machine = HandledTreadmill(faults=self.faults) if self.faults else SimulatedTreadmill()
        machine.incline_min_pct, machine.incline_max_pct = self.person.incline_pct
        machine.incline_step_pct = self.case.lift_step_pct
        machine.incline_rate_pct_s, machine.latency_s = self.person.lift_pct_s, self.person.latency_s
        return machine

    def leg_at(self, second: int) -> int:
        """The leg that second `second` of the task lies in."""
        for number, leg in enumerate(self.task.legs):
            second -= leg.for_s
            if second < 0:
                return number
        return len(self.task.legs) - 1


@dataclass(slots=True)
class Trace:
    """One row a second from the task's beginning. `told_*`: the set-points; `strap_bpm`: None when nothing came."""

    true_bpm: list[float] = field(default_factory=list)
    noise_bpm: list[float] = field(default_factory=list)
    strap_bpm: list[float | None] = field(default_factory=list)
    speed_kmh: list[float] = field(default_factory=list)
    incline_pct: list[float] = field(default_factory=list)
    told_kmh: list[float] = field(default_factory=list)
    told_pct: list[float] = field(default_factory=list)
    ended: str = ""
    """Why the controller gave up before the end; empty if it did not."""


def course(task: Task, person: Person, seed: int, case: Case, *, shift_s: float = 0.0) -> Course:
    """`shift_s`: when the task begins on the strap's clock, for the faults."""
    person = case.change(person)
    low, high = (steady_bpm(person, incline) for incline in person.incline_pct)
    wanted = [person.at_reserve(leg.share) for leg in task.legs]
    targets = tuple(min(max(bpm, low + ROOM_BPM), high - ROOM_BPM) for bpm in wanted)
    start = round(incline_for_bpm(person, person.at_reserve(task.start)) / case.lift_step_pct) * case.lift_step_pct
    made = Course(task, person, case, seed, start, targets)
    if not task.faults:
        return made
    kinds = (*STRAP_FAULTS, FaultKind.CONSOLE)
    drawn = draw_faults(seed * 7919 + person.number, made.seconds, person.gait, kinds=kinds)
    return replace(made, faults=tuple(replace(fault, from_s=fault.from_s + shift_s) for fault in drawn))


def steady_bpm(person: Person, incline_pct: float) -> float:
    """Where this grade brings the heart at the usual speed, before drift."""
    heart: HeartModel = HEARTS[person.family](person.heart)
    heart.settle(person.oxygen(person.speed_kmh, incline_pct, person.gait))
    return heart.bpm


def incline_for_bpm(person: Person, bpm: float) -> float:
    """The grade (within the machine's range) that brings the heart there at the usual speed, before drift."""
    low, high = person.incline_pct
    for _ in range(12):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if steady_bpm(person, middle) < bpm else (low, middle)
    return 0.5 * (low + high)
