"""GPX: the points of a course, in order, with their elevations.

Read: `trkpt` of all segments of the longest track, else `rtept` of the longest route; any namespace or none, any
extensions. Two points nearer than 0.5 m are one (a watch that stands still writes hundreds). Points without an
elevation are filled in on the straight line between their neighbours while they are few; a course without
elevations is refused, since it has no hills to run. At most 20 MB and 200,000 points (a 24-hour race at
1 Hz has 86,400). Distances are on a sphere of 6371 km.

The reader is the standard library's (importers/markup.py), not gpxpy: a third of the time, one dependency less, and
its limits are ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from pitrainer.importers.markup import Closed, Line, Opened, walk
from pitrainer.importers.strangers import ForeignFileError, file_name, number, one_line, read_bytes, refusal
from pitrainer.tomlfile import StrPath, short

MOST_BYTES = 20_000_000
MOST_POINTS = 200_000
MOST_ELEMENTS = 2_000_000
EARTH_RADIUS_M = 6_371_000.0
SAME_PLACE_M = 0.5
MOST_MISSING_SHARE = 0.2
LEAST_LENGTH_M = 100.0
MOST_LENGTH_M = 1_000_000.0
ELEVATION_M = (-500.0, 9_000.0)


class Point(NamedTuple):
    """Degrees, and metres above the sea where the file has them."""

    latitude_deg: float
    longitude_deg: float
    elevation_m: float | None


@dataclass(frozen=True, slots=True)
class Track:
    """A course as its file has it, duplicates dropped: for each point the way so far, and its elevation."""

    name: str
    along_m: tuple[float, ...]
    elevation_m: tuple[float, ...]
    notes: tuple[str, ...] = ()
    """What was done to the points, in words for a person."""


def read(path: StrPath) -> Track:
    """The course in this file. Raises ForeignFileError, within about a second, for everything else."""
    file = file_name(path)
    rows = _Rows(file)
    walk(read_bytes(path, MOST_BYTES), file, rows.handlers, most_elements=MOST_ELEMENTS)
    points, notes = rows.chosen()
    return _track(rows.name, points, notes, file)


@dataclass(slots=True)
class _Rows:
    """Collects the rows of points while the file is walked through."""

    file: str
    name: str = ""
    tracks: list[list[Point]] = field(default_factory=list)
    routes: list[list[Point]] = field(default_factory=list)
    count: int = 0
    _row: list[Point] | None = None
    _at: tuple[float, float] = (0.0, 0.0)
    _elevation_m: float | None = None
    _depth: int = 0
    """Of the point that is open; 0 outside all points."""
    _line: Line = int

    def handlers(self, line: Line) -> tuple[Opened, Closed]:
        self._line = line
        return self.opened, self.closed

    def opened(self, name: str, attributes: dict[str, str], depth: int) -> None:
        if self._depth:
            return
        if depth == 1 and name != "gpx":
            raise refusal(self.file, f"is not a GPX file: it begins with <{short(name)}>", self._line())
        if name in ("trkpt", "rtept"):
            self._open_point(attributes, depth)
        elif name == "trk":
            self._row = []
            self.tracks.append(self._row)
        elif name == "rte":
            self._row = []
            self.routes.append(self._row)

    def _open_point(self, attributes: dict[str, str], depth: int) -> None:
        self.count += 1
        if self._row is None:
            raise refusal(self.file, "has a point outside any track or route", self._line())
        if self.count > MOST_POINTS:
            raise refusal(self.file, f"has more than {MOST_POINTS:,} points; export it with fewer", self._line())
        self._depth, self._elevation_m = depth, None
        self._at = self._degrees(attributes, "lat", 90.0), self._degrees(attributes, "lon", 180.0)

    def closed(self, name: str, text: str, depth: int) -> None:
        if depth == self._depth + 1 and name == "ele" and self._depth:
            self._elevation_m = self._height(text)
        elif depth == self._depth and self._row is not None:
            self._row.append(Point(*self._at, self._elevation_m))
            self._depth = 0
        elif name == "name" and not self._depth and not self.name:
            self.name = one_line(text, 60)

    def chosen(self) -> tuple[list[Point], list[str]]:
        """The longest track, else the longest route."""
        kind, rows = ("tracks", self.tracks) if any(self.tracks) else ("routes", self.routes)
        longest = max(rows, key=len, default=[])
        others = sum(1 for row in rows if row) - 1
        return longest, [f"{others} shorter {kind} of the file left out."] if others > 0 else []

    def _degrees(self, attributes: dict[str, str], key: str, most: float) -> float:
        value = self._number(attributes.get(key), f"a point's {key}")
        if value is None or not -most <= value <= most:
            what = "is missing" if key not in attributes else f"must be a number from {-most:g} to {most:g}"
            raise refusal(self.file, f"a point's {key} {what}", self._line())
        return value

    def _height(self, text: str) -> float | None:
        value = self._number(text, "an elevation")
        low, high = ELEVATION_M
        if value is None and text.strip():
            raise refusal(self.file, f'an elevation is no number: "{short(text.strip())}"', self._line())
        if value is not None and not low <= value <= high:
            raise refusal(self.file, f"an elevation must be from {low:g} to {high:g} m, not {value:g}", self._line())
        return value

    def _number(self, text: str | None, what: str) -> float | None:
        try:
            return number(text)
        except ValueError as error:
            raise refusal(self.file, f"{what}: {error}", self._line()) from None


def _track(name: str, points: list[Point], notes: list[str], file: str) -> Track:
    if len(points) < 2:
        raise refusal(file, "has no track and no route with at least 2 points")
    places, along = _apart(points)
    if dropped := len(points) - len(places):
        notes.append(f"{dropped} of {len(points)} points dropped: nearer than {SAME_PLACE_M:g} m to the one before.")
    _judge_length(along[-1], file)
    heights = _filled(along, [point.elevation_m for point in places], notes, file)
    return Track(name, tuple(along), tuple(heights), tuple(notes))


def _judge_length(length_m: float, file: str) -> None:
    if length_m < LEAST_LENGTH_M:
        raise refusal(file, f"is only {length_m:.0f} m long; a course has at least {LEAST_LENGTH_M:g} m")
    if length_m > MOST_LENGTH_M:
        raise refusal(file, f"is {length_m / 1000:,.0f} km long; a course has at most {MOST_LENGTH_M / 1000:,.0f} km")


def _apart(points: list[Point]) -> tuple[list[Point], list[float]]:
    """Without those too near the last one that was kept, and the way to each. A duplicate's elevation is taken
    where the one kept has none."""
    kept, along = [points[0]], [0.0]
    for point in points[1:]:
        last = kept[-1]
        way_m = metres(last, point)
        if way_m >= SAME_PLACE_M:
            kept.append(point)
            along.append(along[-1] + way_m)
        elif last.elevation_m is None:
            kept[-1] = last._replace(elevation_m=point.elevation_m)
    return kept, along


def metres(a: Point, b: Point) -> float:
    """Level distance between two points, by the haversine."""
    from_lat, to_lat = math.radians(a.latitude_deg), math.radians(b.latitude_deg)
    half_up = math.sin((to_lat - from_lat) / 2.0)
    half_over = math.sin(math.radians(b.longitude_deg - a.longitude_deg) / 2.0)
    chord = half_up * half_up + math.cos(from_lat) * math.cos(to_lat) * half_over * half_over
    return 2.0 * EARTH_RADIUS_M * math.asin(math.sqrt(min(chord, 1.0)))


def _filled(along: list[float], heights: list[float | None], notes: list[str], file: str) -> list[float]:
    """Every point with an elevation. Raises ForeignFileError where too many have none."""
    known = [index for index, height in enumerate(heights) if height is not None]
    missing = len(heights) - len(known)
    if missing > MOST_MISSING_SHARE * len(heights):
        raise _no_elevations(missing, len(heights), file)
    if missing:
        notes.append(f"{missing} of {len(heights)} points had no elevation and took that of the line between others.")
    filled = [0.0 if height is None else height for height in heights]
    for before, after in pairwise([known[0], *known, known[-1]]):
        for index in range(before + 1, after):
            share = (along[index] - along[before]) / (along[after] - along[before])
            filled[index] = filled[before] + share * (filled[after] - filled[before])
    for index in (*range(known[0]), *range(known[-1] + 1, len(filled))):
        filled[index] = filled[known[0] if index < known[0] else known[-1]]
    return filled


def _no_elevations(missing: int, count: int, file: str) -> ForeignFileError:
    which = "no point has" if missing == count else f"{missing} of {count} points have no"
    return refusal(
        file, f"{which} {'an ' if missing == count else ''}elevation; let a route planner add them and export it again"
    )
