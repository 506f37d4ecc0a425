"""A course becomes a session: legs of belt with heart-rate caps, cues, and reminders to drink and eat.

The whole course is classed first; then a section is taken and scaled, so that a part of a race is rehearsed as it
will be run. Scaling keeps grades and shrinks lengths. Each leg's cap is the top of its stretch's band; its speed is
meant for the middle (belt.py). Five minutes of easy walking are added at the end. A session may last 3 h: a longer one
is refused with the scale that fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pitrainer.config import DEFAULT_ATHLETE
from pitrainer.core.athlete import Athlete
from pitrainer.courses import belt, calls, report
from pitrainer.courses.belt import Belt, Lost
from pitrainer.courses.profile import Profile
from pitrainer.courses.stretches import BANDS, Part, classed, parts, scaled, section
from pitrainer.importers.native import Leg, Row, clock, loaded, to_toml
from pitrainer.importers.strangers import refusal
from pitrainer.model import MachineLimits, Plan, UserLimits

LONGEST_S = 3 * 3600.0
COOL_DOWN_S, COOL_DOWN_KMH = 300.0, 4.5
LEAST_M = 100.0
SCALES = (0.01, 10.0)
CRUMB_M, MOST_LEGS = 20.0, 450


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the runner asks for. `from_km` and `to_km` are places on the course; `speed_kmh` is never exceeded; 0
    minutes switch a reminder off."""

    scale: float = 1.0
    from_km: float | None = None
    to_km: float | None = None
    speed_kmh: float | None = None
    drink_min: float = 20.0
    gel_min: float = 45.0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A course as a session."""

    plan: Plan
    toml: str
    """The session file."""
    legs: tuple[Belt, ...]
    """Without the cool-down."""
    lost: Lost
    length_m: float
    """Level length of the section as scaled, and its ascent on the ground."""
    ascent_m: float
    energy_kcal: float
    report: tuple[str, ...]
    """Everything above for a person, a line each."""

    @property
    def finish_s(self) -> float:
        """Expected time to the end of the course, without the cool-down."""
        return sum(leg.for_s for leg in self.legs)

    @property
    def belt_ascent_m(self) -> float:
        return sum(leg.ascent_m for leg in self.legs)


def rehearse(
    profile: Profile,
    file: str,
    *,
    athlete: Athlete | None = None,
    machine: MachineLimits | None = None,
    user: UserLimits | None = None,
    wishes: Wishes | None = None,
) -> Rehearsal:
    """The session for this course, athlete (None: `config.DEFAULT_ATHLETE`) and machine (None: `MachineLimits()`).
    `file` names the course in errors. Raises ForeignFileError for what no session can be."""
    runner, asked = athlete or DEFAULT_ATHLETE, wishes or Wishes()
    room = belt.bounds(machine or MachineLimits(), user, asked.speed_kmh)
    stretches = classed(profile)
    ground = _asked_for(tuple(parts(stretches)), profile.length_m, asked, file)
    rows = _few(ground, room, runner)
    _judge_length(sum(leg.for_s for leg in rows), asked.scale, file)
    rows = calls.reminded(calls.cued(rows, room), drink_min=asked.drink_min, gel_min=asked.gel_min)
    missing = belt.lost(ground, room)
    energy = belt.energy_kcal(rows, runner)
    lines = (
        *report.of_course(profile, stretches, runner),
        *report.of_belt(ground, rows, missing, room, energy, asked.scale),
    )
    name = profile.name or "Course"
    purpose = f"Race rehearsal: {_kilometres(ground):.1f} km, about {clock(sum(leg.for_s for leg in rows))}"
    text = to_toml(name, (*_session(rows), _cool_down(room)), purpose=purpose, comments=lines)
    plan = loaded(text, file, athlete=runner)
    length_m, ascent_m = 1000.0 * _kilometres(ground), sum(max(part.piece.rise_m, 0.0) for part in ground)
    return Rehearsal(plan, text, rows, missing, length_m, ascent_m, energy, lines)


def _asked_for(rows: tuple[Part, ...], length_m: float, asked: Wishes, file: str) -> tuple[Part, ...]:
    low, high = SCALES
    if not low <= asked.scale <= high:
        raise refusal(file, f"the scale must be from {low:g} to {high:g}, not {asked.scale:g}")
    from_m = 0.0 if asked.from_km is None else asked.from_km * 1000.0
    to_m = length_m if asked.to_km is None else min(asked.to_km * 1000.0, length_m)
    if not 0.0 <= from_m < to_m:
        what = f"there is nothing from km {from_m / 1000:g} to km {to_m / 1000:.4g}: the course has"
        raise refusal(file, f"{what} {length_m / 1000:.2f} km")
    found = scaled(section(rows, from_m, to_m), asked.scale)
    if _kilometres(found) * 1000.0 < LEAST_M:
        raise refusal(file, f"this part and scale is shorter than {LEAST_M:g} m; ask for more of the course")
    return found


def _few(ground: tuple[Part, ...], room: belt.Bounds, athlete: Athlete) -> tuple[Belt, ...]:
    """As many legs as a session may have: where there are more, short pieces are joined."""
    crumb_m = CRUMB_M
    while True:
        rows = belt.legs(belt.without_crumbs(ground, crumb_m), room, athlete)
        if len(rows) <= MOST_LEGS:
            return rows
        crumb_m *= 1.5


def _judge_length(finish_s: float, scale: float, file: str) -> None:
    if finish_s + COOL_DOWN_S > LONGEST_S:
        fits = int(100.0 * scale * (LONGEST_S - COOL_DOWN_S) / finish_s) / 100.0
        raise refusal(
            file,
            f"would take {clock(finish_s)} with {clock(COOL_DOWN_S)} of cool-down; a session may last 3 h: "
            f"try --scale {fits:g}, or a section with --from and --to",
        )


def _session(rows: Iterable[Belt]) -> Iterator[Row]:
    for leg in rows:
        top = BANDS[leg.ground][1]
        yield Leg(
            key="distance",
            amount=leg.way_m,
            incline_pct=leg.incline_pct,
            speed_kmh=leg.speed_kmh,
            name=f"{leg.number}. {leg.ground.value}",
            hr_max=f"{100 * top:.0f}%",
            say=leg.say,
        )


def _cool_down(room: belt.Bounds) -> Leg:
    level = max(room.incline_pct[0], 0.0)
    speed = min(max(COOL_DOWN_KMH, room.speed_kmh[0]), room.speed_kmh[1])
    return Leg(key="for", amount=COOL_DOWN_S, incline_pct=level, speed_kmh=speed, name="Cool-down")


def _kilometres(ground: Iterable[Part]) -> float:
    return sum(part.piece.length_m for part in ground) / 1000.0
