"""A row of heights as few straight pieces.

Knots are put where the straight line misses the heights most (Ramer, Douglas, Peucker; the worst place first), never
nearer than 40 m. Their heights are fitted all at once by least squares, so that pieces join and none leans on one bad
point; where that overshoots the summits of small hills, the heights of the grid at the knots are taken instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from math import hypot

FINER = 0.7
SHORTEST_PIECE_M = 40.0
MOST_PIECES = 1500


@dataclass(frozen=True, slots=True)
class Piece:
    """A straight piece of a course: level length and rise, both in metres."""

    length_m: float
    rise_m: float

    @property
    def grade_pct(self) -> float:
        return 100.0 * self.rise_m / self.length_m

    @property
    def way_m(self) -> float:
        """What a foot or a belt travels."""
        return hypot(self.length_m, self.rise_m)


@dataclass(frozen=True, slots=True)
class Grid:
    """Heights at even distances."""

    step_m: float
    heights: tuple[float, ...]
    unit_m: float
    """1 where all elevations are whole metres, else 0."""


def pieces_of(
    grid: Grid, start_m: float, finest_m: float, wanted_m: tuple[float, float]
) -> tuple[tuple[Piece, ...], float]:
    """Pieces within the largest tolerance, from `start_m` down to `finest_m`, whose ascent lies in the range."""
    knots = _Knots(grid)
    tolerance_m = start_m
    while True:
        knots.add(tolerance_m)
        smooth, sharp = _fitted(grid, knots.indices), _joined(grid, knots.indices)
        for pieces in (smooth, sharp):
            if wanted_m[0] <= ascent_of(pieces) <= wanted_m[1]:
                return pieces, tolerance_m
        if tolerance_m <= finest_m:
            middle_m = sum(wanted_m) / 2.0
            return min(smooth, sharp, key=lambda pieces: abs(ascent_of(pieces) - middle_m)), tolerance_m
        tolerance_m = max(tolerance_m * FINER, finest_m)


def ascent_of(pieces: Sequence[Piece]) -> float:
    return sum(max(piece.rise_m, 0.0) for piece in pieces)


class _Knots:
    """The indices of the grid where pieces join; the worst place is mended first."""

    def __init__(self, grid: Grid) -> None:
        self._heights = grid.heights
        self._margin = max(1, round(SHORTEST_PIECE_M / grid.step_m + 0.49))
        self._worst: list[tuple[float, int, int, int]] = []
        self.indices = [0, len(grid.heights) - 1]
        self._look(0, self.indices[-1])

    def add(self, tolerance_m: float) -> None:
        while self._worst and -self._worst[0][0] > tolerance_m and len(self.indices) < MOST_PIECES:
            _, first, knot, last = heappop(self._worst)
            self.indices.append(knot)
            self._look(first, knot)
            self._look(knot, last)
        self.indices.sort()

    def _look(self, first: int, last: int) -> None:
        heights, base = self._heights, self._heights[first]
        slope = (heights[last] - base) / (last - first)
        inner = range(first + self._margin, last - self._margin + 1)
        if inner:
            misses = [abs(heights[index] - base - slope * (index - first)) for index in inner]
            most = max(misses)
            heappush(self._worst, (-most, first, inner[misses.index(most)], last))


def _fitted(grid: Grid, knots: list[int]) -> tuple[Piece, ...]:
    """Knot heights by least squares: every grid height is a mix of the two knots about it (hat functions), so
    the normal equations have three diagonals and are solved in one sweep there and back."""
    count = len(knots)
    diagonal, beside, right = [0.0] * count, [0.0] * count, [0.0] * count
    for knot, (first, last) in enumerate(pairwise(knots)):
        for index in range(first, last + (knot == count - 2)):
            later = (index - first) / (last - first)
            earlier, height = 1.0 - later, grid.heights[index]
            diagonal[knot] += earlier * earlier
            diagonal[knot + 1] += later * later
            beside[knot] += earlier * later
            right[knot] += earlier * height
            right[knot + 1] += later * height
    return _between(grid, knots, _solved(diagonal, beside, right))


def _joined(grid: Grid, knots: list[int]) -> tuple[Piece, ...]:
    """Straight from elevation to elevation."""
    return _between(grid, knots, [grid.heights[knot] for knot in knots])


def _between(grid: Grid, knots: list[int], heights: list[float]) -> tuple[Piece, ...]:
    lengths = [(last - first) * grid.step_m for first, last in pairwise(knots)]
    return tuple(Piece(length, b - a) for length, (a, b) in zip(lengths, pairwise(heights), strict=True))


def _solved(diagonal: list[float], beside: list[float], right: list[float]) -> list[float]:
    for index in range(1, len(diagonal)):
        share = beside[index - 1] / diagonal[index - 1]
        diagonal[index] -= share * beside[index - 1]
        right[index] -= share * right[index - 1]
    found = [0.0] * len(diagonal)
    for index in reversed(range(len(diagonal))):
        after = beside[index] * found[index + 1] if index + 1 < len(found) else 0.0
        found[index] = (right[index] - after) / diagonal[index]
    return found
