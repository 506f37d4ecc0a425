"""A course as a person climbs it: few straight pieces, without the noise of its elevations.

Grades from point to point are useless (real files reach 372 %). So: elevations move to an even grid; noise is what
scatters about the middle of points 10 and 20 m away, less what bends (hills quadruple from 10 to 20 m, noise
does not); single spikes go (off the median of 5 points within 30 m by 5 m and by 5 x noise); noisy elevations (0.3 m)
become the mean of 20 m around for each metre of noise, at most 75 m; then they are cut into pieces (straight.py) that
miss them by less than clamp(2.5 x noise, 2, 10) m.

The ascent to reproduce is that of the elevations, counting turns of more than 3 x noise (and more than one unit where
elevations are whole metres). While the pieces miss it by more than 1.5 %, they are made finer down to 2.5 x noise:
clean data come out within 2 %, and noisy data are not chased. A plain median, which cuts every summit and fills
every saddle, loses up to 4 % of the ascent of a course of small hills.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import sqrt
from statistics import median

from pitrainer.courses.gpx import Track
from pitrainer.courses.straight import Grid, Piece, ascent_of, pieces_of

SPIKE_M, SPIKE_PER_NOISE, SPIKE_WITHIN_M = 5.0, 5.0, 30.0
GRID_M, MOST_GRID_POINTS = 5.0, 10_000
NOISE_LAG_M, NOISE_TOLD_M = 10.0, 30.0
SIGMA_PER_MEDIAN = 1.4826
TOLERANCE_PER_NOISE, TOLERANCE_M = 2.5, (2.0, 10.0)
FINEST_TOLERANCE_M = 0.25
TURN_PER_NOISE = 3.0
CALM_PER_NOISE, CALM_M = 20.0, 75.0
ASCENT_WITHIN, ASCENT_WITHIN_PER_NOISE_M = 0.015, 0.02
NOISY_M = 0.3
CLIFF_PCT = 60.0
UNHEARD_M = 1e-6


@dataclass(frozen=True, slots=True)
class Profile:
    """The cleaned course, and what was done to it."""

    name: str
    pieces: tuple[Piece, ...]
    file_ascent_m: float
    """The sum of all rises from point to point, noise and all."""
    counted_ascent_m: float
    """The same, counting only turns above the noise: what `ascent_m` reproduces."""
    noise_m: float
    """Scatter (one sigma) of the elevations."""
    tolerance_m: float
    notes: tuple[str, ...] = ()

    @property
    def length_m(self) -> float:
        return sum(piece.length_m for piece in self.pieces)

    @property
    def ascent_m(self) -> float:
        return ascent_of(self.pieces)

    @property
    def descent_m(self) -> float:
        return sum(max(-piece.rise_m, 0.0) for piece in self.pieces)


def clean(track: Track, *, tolerance_m: float | None = None) -> Profile:
    """The profile of a track; `tolerance_m` overrides how far pieces may miss the elevations."""
    noise_m = _noise_m(_gridded(track, track.elevation_m), _spacing_m(track))
    heights, spikes = _despiked(track, max(SPIKE_M, SPIKE_PER_NOISE * noise_m))
    grid = _calmed(_gridded(track, heights), noise_m)
    wanted_m = ascent_above(grid.heights, max(TURN_PER_NOISE * noise_m, 1.01 * grid.unit_m))
    start_m = tolerance_m or min(max(TOLERANCE_PER_NOISE * noise_m, TOLERANCE_M[0]), TOLERANCE_M[1])
    finest_m = start_m if tolerance_m else max(TOLERANCE_PER_NOISE * noise_m, FINEST_TOLERANCE_M)
    enough_m = wanted_m * (ASCENT_WITHIN + ASCENT_WITHIN_PER_NOISE_M * noise_m)
    pieces, reached_m = pieces_of(grid, start_m, finest_m, (wanted_m - enough_m, wanted_m + enough_m))
    profile = Profile(
        track.name, pieces, ascent_above(track.elevation_m, 0.0), wanted_m, noise_m, reached_m, track.notes
    )
    return replace(profile, notes=(*track.notes, *_notes(profile, spikes)))


def ascent_above(heights: Sequence[float], turn_m: float) -> float:
    """The sum of rises, a turn counting only once it is more than `turn_m` high."""
    total = 0.0
    low = high = heights[0]
    for height in heights:
        if height > high:
            high = height
        elif high - height > turn_m:
            total += high - low if high - low > turn_m else 0.0
            low = high = height
        if height < low and high - low <= turn_m:
            low = high = height
    return total + (high - low if high - low > turn_m else 0.0)


def _notes(profile: Profile, spikes: int) -> list[str]:
    notes = [f"{spikes} spikes of the elevations flattened."] if spikes else []
    if profile.noise_m > NOISY_M:
        notes.append(
            f"The elevations are noisy (about {profile.noise_m:.1f} m): smoothed to within "
            f"{profile.tolerance_m:.1f} m. The file adds up to {profile.file_ascent_m:.0f} m of ascent, "
            f"of which {profile.ascent_m:.0f} m are taken to be real."
        )
    if cliffs := sum(abs(piece.grade_pct) > CLIFF_PCT for piece in profile.pieces):
        notes.append(f"{cliffs} pieces are steeper than {CLIFF_PCT:g} %: positions or elevations are off there.")
    return notes


def _despiked(track: Track, spike_m: float) -> tuple[list[float], int]:
    """Heights without single spikes, and how many there were. A summit of 100 % on both sides is none."""
    along, heights = track.along_m, list(track.elevation_m)
    spikes = 0
    last = len(heights) - 1
    for index in range(last + 1):
        near = [
            track.elevation_m[other]
            for other in range(max(index - 2, 0), min(index + 3, len(heights)))
            if abs(along[other] - along[index]) <= SPIKE_WITHIN_M
        ]
        if len(near) >= 3 and max(near) - min(near) > spike_m:
            middle = median(near)
            beside_m = along[min(index + 1, last)] - along[max(index - 1, 0)]
            if abs(heights[index] - middle) > max(spike_m, beside_m / 2.0):
                heights[index] = middle
                spikes += 1
    return heights, spikes


def _spacing_m(track: Track) -> float:
    return median(b - a for a, b in pairwise(track.along_m))


def _gridded(track: Track, heights: Sequence[float]) -> Grid:
    along = track.along_m
    count = max(2, min(MOST_GRID_POINTS, round(along[-1] / GRID_M)))
    step = along[-1] / count
    levels = [heights[0]]
    after = 1
    for index in range(1, count):
        at = index * step
        after = bisect_left(along, at, after)
        share = (at - along[after - 1]) / (along[after] - along[after - 1])
        levels.append(heights[after - 1] + share * (heights[after] - heights[after - 1]))
    levels.append(heights[-1])
    whole = all(height == round(height) for height in track.elevation_m)
    return Grid(step, tuple(levels), 1.0 if whole else 0.0)


def _calmed(grid: Grid, noise_m: float) -> Grid:
    """Noisy heights, each the mean of those around it; calm ones as they are."""
    reach = round(min(CALM_PER_NOISE * noise_m, CALM_M) / grid.step_m) if noise_m > NOISY_M else 0
    if reach == 0:
        return grid
    sums = list(accumulate(grid.heights, initial=0.0))
    count = len(grid.heights)
    reaches = [min(reach, index, count - 1 - index) for index in range(count)]
    means = [(sums[i + r + 1] - sums[i - r]) / (2 * r + 1) for i, r in enumerate(reaches)]
    return replace(grid, heights=tuple(means))


def _noise_m(grid: Grid, spacing_m: float) -> float:
    """One sigma of what is no hill. With noise n and curvature c, scatter is n2 + c2 at one lag, n2 + 16 c2 at two.
    Between points 30 m and more apart nobody can tell; there it is 0."""
    lag_m = max(NOISE_LAG_M, spacing_m) if spacing_m <= NOISE_TOLD_M else NOISE_LAG_M
    lag = max(1, round(lag_m / grid.step_m))
    near, far = _scatter_m(grid.heights, lag), _scatter_m(grid.heights, 2 * lag)
    return far * sqrt(max(0.0, (16.0 - (far / near) ** 2) / 15.0)) if near > UNHEARD_M else 0.0


def _scatter_m(heights: Sequence[float], lag: int) -> float:
    """Sigma of a point about the middle of two others; that scatters sqrt(1.5) times as much as one point."""
    if len(heights) <= 2 * lag:
        return 0.0
    off = [abs(b - (a + c) / 2.0) for a, b, c in zip(heights, heights[lag:], heights[2 * lag :], strict=False)]
    return SIGMA_PER_MEDIAN * median(off) / sqrt(1.5)
