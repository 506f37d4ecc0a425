"""A rehearsal in words: the course, its stretches, and what the machine makes of it. One line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pitrainer.core.athlete import Athlete
from pitrainer.courses.belt import Belt, Bounds, Lost
from pitrainer.courses.calls import BOTH, DRINK, GEL
from pitrainer.courses.profile import Profile
from pitrainer.courses.stretches import Part, Stretch
from pitrainer.importers.native import clock


def of_course(profile: Profile, stretches: Sequence[Stretch], athlete: Athlete) -> Iterator[str]:
    """The whole course: its size, what was done to its elevations, its stretches and their bands."""
    yield (
        f"Course: {profile.name or 'without a name'}, {profile.length_m / 1000:.2f} km, {profile.ascent_m:.0f} m up, "
        f"{profile.descent_m:.0f} m down, in {len(profile.pieces)} straight pieces."
    )
    yield from profile.notes
    yield f"Heart rates are those of an HRmax of {athlete.hr_max:.0f}; the file has them in percent."
    at_m = 0.0
    for number, stretch in enumerate(stretches, 1):
        low, high = (share * athlete.hr_max for share in stretch.band)
        yield (
            f"{number}. {stretch.ground.value}: km {at_m / 1000:.1f}-{(at_m + stretch.length_m) / 1000:.1f}, "
            f"{stretch.ascent_m:.0f} m up, {stretch.descent_m:.0f} m down; heart rate {low:.0f}-{high:.0f}"
        )
        at_m += stretch.length_m


def of_belt(
    ground: Sequence[Part], legs: Sequence[Belt], lost: Lost, room: Bounds, energy_kcal: float, scale: float
) -> Iterator[str]:
    """What is run: size, what the machine leaves out, time, energy, reminders."""
    length_m = sum(part.piece.length_m for part in ground)
    ascent_m = sum(max(part.piece.rise_m, 0.0) for part in ground)
    belt_m, climbed_m = sum(leg.way_m for leg in legs), sum(leg.ascent_m for leg in legs)
    shrunk = "" if scale == 1.0 else f", scaled by {scale:g}"
    yield (
        f"This session: {length_m / 1000:.2f} km with {ascent_m:.0f} m up{shrunk}; on the belt "
        f"{belt_m / 1000:.2f} km with {climbed_m:.0f} m up."
    )
    low, high = room.incline_pct
    yield f"Made for inclines of {low:g} to {high:g} % and at most {room.speed_kmh[1]:g} km/h."
    yield from _losses(lost, len(ground), room)
    yield (
        f"Expected finish {clock(sum(leg.for_s for leg in legs))}, about {energy_kcal:.0f} kcal; then the cool-down."
    )
    yield from _reminders([leg.say for leg in legs])


def _losses(lost: Lost, count: int, room: Bounds) -> Iterator[str]:
    low, high = room.incline_pct
    if lost.too_steep:
        yield (f"{lost.too_steep} of {count} pieces are steeper than {high:g} %: {lost.ascent_m:.0f} m of ascent lost.")
    if lost.too_low:
        how = "level" if low >= 0 else f"at {low:g} %"
        yield (
            f"{lost.too_low} of {count} pieces go down more than this machine does: they are run {how}, "
            f"{lost.descent_m:.0f} m of descent lost."
        )


def _reminders(says: Sequence[str]) -> Iterator[str]:
    drinks = sum(say.startswith((DRINK, BOTH)) for say in says)
    gels = sum(say.startswith((GEL, BOTH)) for say in says)
    if drinks or gels:
        yield f"Reminders: {drinks} to drink, {gels} to take a gel."
