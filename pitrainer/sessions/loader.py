"""A session file becomes a Plan: its Structs are turned into numbers for one athlete, and repeats are unrolled.

Refused here, with the line: speeds outside 0.5-20 km/h and demands above 90 ml O2/kg/min (no runner has more;
docs/safety.md gives the hard limits), more than 4 repeats inside each other, more than 500 steps, more than 3 h.
Every leg is judged once, however often it is repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from pitrainer.config import DEFAULT_ATHLETE
from pitrainer.core.athlete import Athlete
from pitrainer.model import Drive, Plan, Step
from pitrainer.sessions import schema
from pitrainer.sessions.estimate import asked, step_s
from pitrainer.sessions.values import LONGEST_S, METRES_PER_MILE, Ends, HeartRate
from pitrainer.tomlfile import FileError, Path, Report, StrPath, read

MAX_STEPS = 500
MAX_NESTING = 4
SPEED_LEAST_KMH, SPEED_MOST_KMH = 0.5, 20.0
OXYGEN_MOST_ML_KG_MIN = 90.0

Placed: TypeAlias = "tuple[Path, Step]"


class SessionError(FileError):
    """A session that is refused; one line per problem."""


@dataclass(frozen=True, slots=True)
class Session:
    """A file that was read: `places` are the plan's steps with where they stand in the file."""

    plan: Plan
    places: tuple[Placed, ...]


def load(path: StrPath, *, athlete: Athlete | None = None) -> Plan:
    """The plan for this athlete (None: `config.DEFAULT_ATHLETE`). Raises SessionError with every problem."""
    session, report = load_session(path, athlete=athlete)
    if session is None:
        raise SessionError(report.problems)
    return session.plan


def load_session(path: StrPath, *, athlete: Athlete | None = None) -> tuple[Session | None, Report]:
    """Like `load`, with the report instead of an exception; None where the report has errors."""
    table, report = read(path, schema.SessionTable)
    if table is None:
        return None, report
    mile = METRES_PER_MILE / 1000.0 if table.units == "mi" else 1.0
    reader = _Reader(report, athlete or DEFAULT_ATHLETE, mile)
    if not reader.countable(table.steps, ("steps",)):
        return None, report
    places = reader.unrolled(table.steps, ("steps",))
    if not report.has_errors:
        _judge_length(places, report)
    if report.has_errors:
        return None, report
    plan = Plan(str(table.name), tuple(step for _, step in places), str(table.purpose))
    return Session(plan, places), report


def _judge_length(places: tuple[Placed, ...], report: Report) -> None:
    total_s = 0.0
    for path, step in places:
        total_s += step_s(step)
        if total_s > LONGEST_S:
            report.add(path, "here the session passes 3 h; a session may last at most 3 h")
            return


@dataclass(frozen=True, slots=True)
class _Reader:
    report: Report
    athlete: Athlete
    km_per_unit: float

    def countable(self, rows: tuple[schema.AnyStep, ...], path: Path) -> bool:
        """Refuse what would unroll to too much, before unrolling it."""
        deepest = _deepest(rows, path)
        if len(deepest) // 2 > MAX_NESTING:
            self.report.add(deepest, f"repeats nest more than {MAX_NESTING} deep; write them out")
        elif (count := _count(rows)) > MAX_STEPS:
            self.report.add(path, f"has {count} steps with its repeats unrolled; at most {MAX_STEPS} are allowed")
        return not self.report.has_errors

    def unrolled(self, rows: tuple[schema.AnyStep, ...], path: Path) -> tuple[Placed, ...]:
        places: list[Placed] = []
        for index, row in enumerate(rows):
            here = (*path, index)
            if isinstance(row, schema.Repeat):
                places += self.unrolled(row.steps, (*here, "steps")) * row.repeat
            else:
                places.append((here, self.step(row, here)))
        return tuple(places)

    def step(self, leg: schema.AnyLeg, path: Path) -> Step:
        before = len(self.report.problems)
        step = Step(
            name=str(leg.name or leg.KEY.replace("for", "steady").capitalize()),
            drive=_DRIVES.get(type(leg), Drive.FIXED),
            incline_pct=(leg.incline.start, leg.incline.end),
            speed_kmh=self.speed_kmh(leg.speed, path),
            cap_bpm=self.bpm(leg.hr_max, path, "hr_max"),
            until_hr_below_bpm=self.bpm(leg.until_hr_below, path, "until_hr_below", bottom=True),
            until_hr_above_bpm=self.bpm(leg.until_hr_above, path, "until_hr_above"),
            until_tap=leg.until_tap,
            say=str(leg.say),
        )
        step = self.bounded(step, leg, path)
        if len(self.report.problems) == before:
            self.judge(step, path)
        return step

    def bounded(self, step: Step, leg: schema.AnyLeg, path: Path) -> Step:
        match leg:
            case schema.DistanceLeg():
                self.judge_unit(leg.distance.bare, leg.distance.m, (*path, "distance"))
                return replace(step, distance_m=leg.distance.m)
            case schema.AscentLeg():
                self.judge_unit(leg.ascent.bare, leg.ascent.m, (*path, "ascent"))
                return replace(step, ascent_m=leg.ascent.m)
            case schema.RampLeg():
                return replace(step, for_s=leg.ramp.s)
            case schema.ClimbLeg():
                return replace(step, for_s=leg.climb.s)
            case schema.TimedLeg():
                return replace(step, for_s=leg.for_.s)

    def judge_unit(self, bare: bool, value: float, path: Path) -> None:
        if bare and self.km_per_unit != 1.0:
            what = f'needs a unit in a file with units = "mi"; write "{value:g} m" or "0.25 mi", in quotes'
            self.report.add(path, what)

    def judge(self, step: Step, path: Path) -> None:
        if step.ascent_m is not None and step.incline_pct[0] <= 0:
            self.report.add((*path, "incline"), "must be above 0 in a leg that ends by ascent")
        if (demand := asked(step)) > OXYGEN_MOST_ML_KG_MIN:
            what = (
                f"this incline at this speed takes about {demand:.0f} ml O2/kg/min; nobody has more than "
                f"{OXYGEN_MOST_ML_KG_MIN:.0f}: lower the speed or the incline"
            )
            self.report.add(path, what)

    def speed_kmh(self, speed: Ends | None, path: Path) -> tuple[float, float] | None:
        if speed is None:
            return None
        unit = "km/h" if self.km_per_unit == 1.0 else "mph"
        for value in (speed.start, speed.end):
            kmh = value * self.km_per_unit
            if not SPEED_LEAST_KMH <= kmh <= SPEED_MOST_KMH:
                bound = SPEED_MOST_KMH if kmh > SPEED_MOST_KMH else SPEED_LEAST_KMH
                side = "at most" if kmh > SPEED_MOST_KMH else "at least"
                what = f"must be {side} {bound / self.km_per_unit:.3g} {unit}, not {value:g}"
                if kmh == 0:
                    what += "; leave speed out to leave the belt to the runner"
                self.report.add((*path, "speed"), what)
        return speed.start * self.km_per_unit, speed.end * self.km_per_unit

    def bpm(self, rate: HeartRate | None, path: Path, key: str, *, bottom: bool = False) -> float | None:
        if rate is None:
            return None
        try:
            return rate.bpm(self.athlete, bottom=bottom)
        except ValueError as error:
            self.report.add((*path, key), str(error))
            return None


_DRIVES: dict[type[schema.Leg], Drive] = {schema.RampLeg: Drive.RAMP, schema.ClimbLeg: Drive.CLIMB}


def _deepest(rows: tuple[schema.AnyStep, ...], path: Path) -> Path:
    """The path of the innermost repeat: `steps, 3, steps, 0` for two inside each other; () for none."""
    inner = [
        _deepest(row.steps, (*path, index, "steps")) or (*path, index)
        for index, row in enumerate(rows)
        if isinstance(row, schema.Repeat)
    ]
    return max(inner, key=len, default=())


def _count(rows: tuple[schema.AnyStep, ...]) -> int:
    return sum(row.repeat * _count(row.steps) if isinstance(row, schema.Repeat) else 1 for row in rows)
