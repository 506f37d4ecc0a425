"""What a rehearsal says on its way: a cue where a stretch begins, and when to drink and eat.

A drink is called every 20 min and a gel every 45 min unless the runner says otherwise, and none in the last 10: this
project's own choice, about 0.4 l and 30 g of carbohydrate an hour with common sizes. A session file says things at the
start of a leg, so a call in the middle of a leg cuts it in two alike; a call near an end waits for the joint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pitrainer.courses.belt import Belt, Bounds
from pitrainer.courses.stretches import BANDS, Ground

QUIET_END_S = 600.0
SHORTEST_S, SHORTEST_M = 40.0, 15.0
DRINK, GEL, BOTH = "Drink.", "Take a gel.", "Take a gel and drink."

CUES = {
    Ground.START: "Start easy, save it for later",
    Ground.STEEP_UP: "Hike, with short runs where you can",
    Ground.TECHNICAL_DOWN: "Short quick steps, stay loose",
    Ground.GENTLE_DOWN: "Let it roll, light feet",
    Ground.STEADY: "Even effort",
    Ground.LAST: "Last stage: a little faster each time",
}


def cued(legs: Iterable[Belt], room: Bounds) -> tuple[Belt, ...]:
    """The first leg of every stretch says what it is about."""
    found: list[Belt] = []
    for leg in legs:
        begins = not found or found[-1].number != leg.number
        found.append(replace(leg, say=_cue(leg.ground, room)) if begins else leg)
    return tuple(found)


def _cue(ground: Ground, room: Bounds) -> str:
    low, high = BANDS[ground]
    cue = f"{CUES[ground]}; {100 * low:.0f}-{100 * high:.0f} % of HRmax"
    downhill = ground in (Ground.TECHNICAL_DOWN, Ground.GENTLE_DOWN)
    return f"Downhill, the belt stays level. {cue}" if downhill and room.incline_pct[0] >= 0 else cue


def reminded(legs: Iterable[Belt], *, drink_min: float, gel_min: float) -> tuple[Belt, ...]:
    """With the calls to drink and eat, every so many minutes (0: never)."""
    rows = tuple(legs)
    due = _due(drink_min, gel_min, sum(leg.for_s for leg in rows) - QUIET_END_S)
    found: list[Belt] = []
    at_s = 0.0
    for leg in rows:
        found += _called(leg, at_s, due)
        at_s += leg.for_s
    return tuple(found)


def _called(leg: Belt, at_s: float, due: list[tuple[float, str]]) -> Iterator[Belt]:
    """This leg, that begins at `at_s`, cut at what falls due in it; what is called leaves `due`."""
    rest = leg
    while due and due[0][0] < at_s + rest.for_s:
        first_m = rest.way_m * (due[0][0] - at_s) / rest.for_s
        first, second = replace(rest, way_m=first_m), replace(rest, way_m=rest.way_m - first_m, say="")
        if not _is_short(first):
            if _is_short(second):
                break
            yield first
            at_s, rest = at_s + first.for_s, second
        rest = replace(rest, say=f"{due.pop(0)[1]} {rest.say}".strip())
    yield rest


def _is_short(leg: Belt) -> bool:
    return leg.way_m < SHORTEST_M or leg.for_s < SHORTEST_S


def _due(drink_min: float, gel_min: float, end_s: float) -> list[tuple[float, str]]:
    """When to say what: both at once where they fall together."""
    words = dict.fromkeys(_every(drink_min, end_s), DRINK)
    for at_s in _every(gel_min, end_s):
        words[at_s] = BOTH if at_s in words else GEL
    return sorted(words.items())


def _every(minutes: float, end_s: float) -> list[float]:
    if minutes <= 0:
        return []
    every_s = max(minutes, 1.0) * 60.0
    return [every_s * count for count in range(1, int(max(end_s, 0.0) / every_s) + 1)]
