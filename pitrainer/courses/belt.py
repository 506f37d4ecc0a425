"""What a machine makes of a course: inclines in its own steps, and what is lost.

Inclines are rounded to the machine's step, and the rounding is carried: what one piece is too flat, the next is too
steep, so that ascent is kept within 2 m on the way. Where one piece alone would stray further, it is cut in
two with neighbouring inclines. What is beyond the machine's range is not made up for: it is lost, and counted in
metres. A belt travels the slope, not the map: a piece counts with its length along the ground.

Speed is meant for the bottom of the stretch's band, so that the band is left for the heart's drift and the cap
for bad days: heart-rate reserve is taken as oxygen reserve, and a grade costs what the dearer of two equations says
(LCDA and ACSM walking, Minetti and ACSM running). From 10 % on people hike; on flatter ground they run where that speed
is above their walk-run transition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import atan, floor, inf, isclose, sin, sqrt

from pitrainer.core.athlete import Athlete
from pitrainer.core.metabolism import choose, gait_held, kcal_min, speed_for, transition_kmh
from pitrainer.core.oxygen import ACSM_RUN, ACSM_WALK, LCDA, MINETTI_RUN, REST_ML_KG_MIN, Equation
from pitrainer.courses.straight import Piece
from pitrainer.courses.stretches import STEEP_UP_PCT, Ground, Part
from pitrainer.model import MachineLimits, UserLimits

STRAYED_M = 2.0
SHORTEST_CUT_M = 40.0
SLOWEST_KMH = 2.0
LANGUAGE_INCLINE_PCT = (-3.0, 40.0)
LEAST_RESERVE_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Bounds:
    """The narrower of what the machine can do and the owner allows."""

    incline_pct: tuple[float, float]
    incline_step_pct: float
    speed_kmh: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Belt:
    """One leg on the belt: the whole of a piece, or a part."""

    ground: Ground
    number: int
    effort: float
    way_m: float
    incline_pct: float
    speed_kmh: float = 0.0
    say: str = ""

    @property
    def ascent_m(self) -> float:
        return self.way_m * _rise(max(self.incline_pct, 0.0))

    @property
    def for_s(self) -> float:
        return self.way_m * 3.6 / self.speed_kmh


@dataclass(frozen=True, slots=True)
class Lost:
    """What the machine cannot do: pieces out of its range, and the metres of height they cost."""

    too_steep: int = 0
    ascent_m: float = 0.0
    too_low: int = 0
    descent_m: float = 0.0


def bounds(machine: MachineLimits, user: UserLimits | None, most_kmh: float | None) -> Bounds:
    """`user` None: nobody narrows the machine. `most_kmh`: the runner's own wish."""
    own = user or UserLimits(speed_max_kmh=inf, incline_max_pct=inf)
    low = max(machine.incline_min_pct, LANGUAGE_INCLINE_PCT[0])
    high = min(machine.incline_max_pct, own.incline_max_pct, LANGUAGE_INCLINE_PCT[1])
    slowest = max(machine.speed_min_kmh, 0.5)
    fastest = max(min(machine.speed_max_kmh, own.speed_max_kmh, most_kmh or inf, 20.0), slowest)
    return Bounds((low, high), machine.incline_step_pct, (min(max(SLOWEST_KMH, slowest), fastest), fastest))


def lost(parts: Iterable[Part], room: Bounds) -> Lost:
    """The heights of the course that this machine leaves out."""
    low, high = room.incline_pct
    found = Lost()
    for piece in (part.piece for part in parts):
        grade, way_m = piece.grade_pct, piece.way_m
        if grade > high + 1e-6:
            over_m = piece.rise_m - way_m * _rise(high)
            found = replace(found, too_steep=found.too_steep + 1, ascent_m=found.ascent_m + over_m)
        elif grade < low - 1e-6:
            under_m = way_m * _rise(min(low, 0.0)) - piece.rise_m
            found = replace(found, too_low=found.too_low + 1, descent_m=found.descent_m + under_m)
    return found


def legs(parts: Iterable[Part], room: Bounds, athlete: Athlete) -> tuple[Belt, ...]:
    """The belt's legs, those alike in a row joined."""
    joined: list[Belt] = []
    for inclined in _inclined(parts, room):
        speed = speed_kmh(athlete, inclined.effort, inclined.incline_pct, room)
        leg = replace(inclined, speed_kmh=speed)
        before = joined[-1] if joined else None
        if before and _alike(before, leg):
            joined[-1] = replace(before, way_m=before.way_m + leg.way_m)
        else:
            joined.append(leg)
    return tuple(joined)


def without_crumbs(parts: Iterable[Part], shortest_m: float) -> tuple[Part, ...]:
    """Pieces shorter than this join the one before; at the beginning, the one after."""
    found: list[Part] = []
    for part in parts:
        if found and min(part.piece.length_m, found[-1].piece.length_m) < shortest_m:
            last = found[-1]
            longer = max(last, part, key=lambda one: one.piece.length_m)
            both = Piece(last.piece.length_m + part.piece.length_m, last.piece.rise_m + part.piece.rise_m)
            found[-1] = replace(longer, piece=both)
        else:
            found.append(part)
    return tuple(found)


def speed_kmh(athlete: Athlete, effort: float, incline_pct: float, room: Bounds) -> float:
    """The speed at which this incline takes `effort` (share of HRmax), in tenths, within the bounds."""
    reserve = (effort * athlete.hr_max - athlete.hr_rest_bpm) / athlete.hr_reserve_bpm
    oxygen = REST_ML_KG_MIN + max(reserve, LEAST_RESERVE_SHARE) * (athlete.vo2max - REST_ML_KG_MIN)
    slowest, fastest = room.speed_kmh
    transition = transition_kmh(incline_pct)
    walk = min(_speed(oxygen, incline_pct, (LCDA, ACSM_WALK)), transition - 0.1)
    run = _speed(oxygen, incline_pct, (MINETTI_RUN, ACSM_RUN))
    wanted = run if incline_pct < STEEP_UP_PCT and run > transition else walk
    return max(floor(min(max(wanted, slowest), fastest) * 10.0 + 1e-6) / 10.0, slowest)


def _speed(oxygen: float, incline_pct: float, equations: tuple[Equation, ...]) -> float:
    """By the dearest of these; 0 where even standing takes more."""
    return min(speed_for(equation, oxygen, incline_pct) or 0.0 for equation in equations)


def energy_kcal(rows: Iterable[Belt], athlete: Athlete) -> float:
    """Gross energy of all legs."""
    return sum(kcal_min(_equation_cost(leg, athlete), athlete.weight_kg) * leg.for_s / 60.0 for leg in rows)


def _equation_cost(leg: Belt, athlete: Athlete) -> float:
    gait = gait_held(None, leg.speed_kmh, leg.incline_pct)
    return choose(gait, weight_kg=athlete.weight_kg).cost(leg.speed_kmh, leg.incline_pct)


def _alike(before: Belt, leg: Belt) -> bool:
    return (before.number, before.incline_pct, before.speed_kmh) == (leg.number, leg.incline_pct, leg.speed_kmh)


def _inclined(parts: Iterable[Part], room: Bounds) -> Iterator[Belt]:
    low, high = room.incline_pct
    carried_m = 0.0
    for part in parts:
        grade, way_m = min(max(part.piece.grade_pct, low), high), part.piece.way_m
        wanted_m = way_m * _rise(grade)
        if part.piece.grade_pct > high or part.piece.grade_pct < low:
            inclines = [(grade, way_m)]
        else:
            inclines = _in_steps(wanted_m + carried_m, way_m, room)
            carried_m += wanted_m - sum(way * _rise(incline) for incline, way in inclines)
        for incline, way in inclines:
            yield Belt(part.ground, part.number, part.effort, way, incline)


def _in_steps(rise_m: float, way_m: float, room: Bounds) -> list[tuple[float, float]]:
    """(incline, way) of one step of the machine, or of two neighbours where one alone strays too far."""
    low, high = room.incline_pct
    share = min(max(rise_m / way_m, -0.9), 0.9)
    grade = min(max(100.0 * share / sqrt(1.0 - share * share), low), high)
    step = room.incline_step_pct
    flatter = _within(floor(grade / step + 1e-6) * step, room)
    steeper = _within(flatter + step, room)
    nearest = flatter if grade - flatter < steeper - grade or isclose(flatter, steeper) else steeper
    if abs(rise_m - way_m * _rise(nearest)) <= STRAYED_M or isclose(flatter, steeper):
        return [(nearest, way_m)]
    steep_m = (rise_m - way_m * _rise(flatter)) / (_rise(steeper) - _rise(flatter))
    if not SHORTEST_CUT_M <= steep_m <= way_m - SHORTEST_CUT_M:
        return [(nearest, way_m)]
    return [(steeper, steep_m), (flatter, way_m - steep_m)]


def _within(incline_pct: float, room: Bounds) -> float:
    return round(min(max(incline_pct, room.incline_pct[0]), room.incline_pct[1]), 2)


def _rise(incline_pct: float) -> float:
    """Metres of height for one metre of belt."""
    return sin(atan(incline_pct / 100.0))
