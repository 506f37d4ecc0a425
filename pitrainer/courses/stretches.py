"""A course in stretches, each with the heart rates to run it at.

Bands, as shares of HRmax: flat start 60-70, steep up 70-80, technical down at most 70, long gentle down 65-75, last
stage 75-85 and gradually faster (docs/training.md, race stretches). A course file knows no ground, so what falls more
than 12 % counts as technical; steep up is from 10 % on, where hiking is the cheaper gait; a gentle
down falls 2 to 12 % for at least 500 m. Everything else is steady ground, at 70-80 like the climbs, since even output
wins. The start is the first tenth, at most 2 km, as far as it is neither steep nor technical; the last stage the last
tenth, at most 3 km, but for technical downs. What is shorter than 200 m belongs to its longer neighbour.
These bounds are this project's own choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from pitrainer.courses.profile import Profile
from pitrainer.courses.straight import Piece

STEEP_UP_PCT, STEEP_DOWN_PCT, GENTLE_DOWN_PCT = 10.0, -12.0, -2.0
SHORTEST_M, LONG_DOWN_M = 200.0, 500.0
START_SHARE, START_M = 0.1, 2_000.0
LAST_SHARE, LAST_M = 0.1, 3_000.0
FASTER_EVERY_M, RISING = 400.0, 0.25


class Ground(StrEnum):
    """What kind of stretch; the value is its name on the page."""

    START = "Start"
    STEEP_UP = "Steep up"
    TECHNICAL_DOWN = "Technical down"
    GENTLE_DOWN = "Gentle down"
    STEADY = "Steady"
    LAST = "Last stage"


BANDS: dict[Ground, tuple[float, float]] = {
    Ground.START: (0.60, 0.70),
    Ground.STEEP_UP: (0.70, 0.80),
    Ground.TECHNICAL_DOWN: (0.60, 0.70),
    Ground.GENTLE_DOWN: (0.65, 0.75),
    Ground.STEADY: (0.70, 0.80),
    Ground.LAST: (0.75, 0.85),
}
"""Lowest and highest share of HRmax."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a stretch. `effort` is the share of HRmax that its speed is meant for."""

    ground: Ground
    number: int
    """Which stretch of the course, from 1."""
    piece: Piece
    effort: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A row of pieces of one kind."""

    ground: Ground
    pieces: tuple[Piece, ...]

    @property
    def length_m(self) -> float:
        return sum(piece.length_m for piece in self.pieces)

    @property
    def ascent_m(self) -> float:
        return sum(max(piece.rise_m, 0.0) for piece in self.pieces)

    @property
    def descent_m(self) -> float:
        return sum(max(-piece.rise_m, 0.0) for piece in self.pieces)

    @property
    def band(self) -> tuple[float, float]:
        return BANDS[self.ground]


def classed(profile: Profile) -> tuple[Stretch, ...]:
    """The stretches of the whole course, in order."""
    total_m = profile.length_m
    start_m, last_m = min(START_SHARE * total_m, START_M), total_m - min(LAST_SHARE * total_m, LAST_M)
    stretches = _without_short_downs(_without_short(_rows((_ground(p), p) for p in profile.pieces)))
    marked: list[tuple[Ground, Piece]] = []
    at_m, starting = 0.0, True
    for stretch in stretches:
        starting = starting and stretch.ground not in (Ground.STEEP_UP, Ground.TECHNICAL_DOWN)
        for piece in cut(cut(stretch.pieces, start_m - at_m), last_m - at_m):
            middle_m = at_m + piece.length_m / 2.0
            ground = Ground.START if starting and middle_m < start_m else stretch.ground
            is_last = middle_m > last_m and ground is not Ground.TECHNICAL_DOWN
            marked.append((Ground.LAST if is_last else ground, piece))
            at_m += piece.length_m
    return _without_short(_rows(marked), kept=(Ground.START, Ground.LAST))


def cut(pieces: Iterable[Piece], at_m: float) -> tuple[Piece, ...]:
    """The same pieces, with a joint where `at_m` metres of them are over."""
    found: list[Piece] = []
    for piece in pieces:
        if 0.001 < at_m < piece.length_m - 0.001:
            share = at_m / piece.length_m
            found += [_share(piece, share), _share(piece, 1.0 - share)]
        else:
            found.append(piece)
        at_m -= piece.length_m
    return tuple(found)


def parts(stretches: Iterable[Stretch]) -> Iterator[Part]:
    """Every piece with its effort: the bottom of its band, rising by a quarter of it through a last stage."""
    for number, stretch in enumerate(stretches, 1):
        low, high = stretch.band
        pieces, faster = stretch.pieces, 0.0
        if stretch.ground is Ground.LAST:
            faster = RISING * (high - low)
            for at in range(1, int(stretch.length_m / FASTER_EVERY_M) + 1):
                pieces = cut(pieces, at * FASTER_EVERY_M)
        at_m = 0.0
        for piece in pieces:
            yield Part(stretch.ground, number, piece, low + faster * at_m / stretch.length_m)
            at_m += piece.length_m


def section(rows: Iterable[Part], from_m: float, to_m: float) -> tuple[Part, ...]:
    """What lies between two places of the course, as it is in the whole."""
    found: list[Part] = []
    at_m = 0.0
    for part in rows:
        pieces = cut(cut((part.piece,), from_m - at_m), to_m - at_m)
        for piece in pieces:
            if from_m <= at_m + piece.length_m / 2.0 <= to_m:
                found.append(replace(part, piece=piece))
            at_m += piece.length_m
    return tuple(found)


def scaled(rows: Iterable[Part], scale: float) -> tuple[Part, ...]:
    """Shorter or longer with the same grades."""
    return tuple(replace(part, piece=_share(part.piece, scale)) for part in rows)


def _share(piece: Piece, share: float) -> Piece:
    return Piece(piece.length_m * share, piece.rise_m * share)


def _ground(piece: Piece) -> Ground:
    grade = piece.grade_pct
    if grade >= STEEP_UP_PCT:
        return Ground.STEEP_UP
    if grade <= STEEP_DOWN_PCT:
        return Ground.TECHNICAL_DOWN
    return Ground.GENTLE_DOWN if grade <= GENTLE_DOWN_PCT else Ground.STEADY


def _rows(marked: Iterable[tuple[Ground, Piece]]) -> tuple[Stretch, ...]:
    rows = groupby(marked, key=lambda pair: pair[0])
    return tuple(Stretch(ground, tuple(piece for _, piece in pairs)) for ground, pairs in rows)


def _without_short(stretches: tuple[Stretch, ...], kept: tuple[Ground, ...] = ()) -> tuple[Stretch, ...]:
    """The shortest of the short ones joins its longer neighbour, until none is short but those to be kept."""
    while len(stretches) > 1:
        short = [i for i, s in enumerate(stretches) if s.length_m < SHORTEST_M and s.ground not in kept]
        if not short:
            break
        index = min(short, key=lambda i: stretches[i].length_m)
        beside = [stretches[i] for i in (index - 1, index + 1) if 0 <= i < len(stretches)]
        ground = max(beside, key=lambda stretch: stretch.length_m).ground
        around = (*stretches[max(index - 1, 0) : index], Stretch(ground, stretches[index].pieces))
        joined = _joined((*around, *stretches[index + 1 : index + 2]))
        stretches = (*stretches[: max(index - 1, 0)], *joined, *stretches[index + 2 :])
    return stretches


def _without_short_downs(stretches: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
    return _joined(
        replace(s, ground=Ground.STEADY) if s.ground is Ground.GENTLE_DOWN and s.length_m < LONG_DOWN_M else s
        for s in stretches
    )


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    return _rows((stretch.ground, piece) for stretch in stretches for piece in stretch.pieces)
