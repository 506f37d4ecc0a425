"""Workouts of other programs as session files: Zwift's .zwo, QZ's .xml, FIT workouts. See docs/importing.md."""

from __future__ import annotations

from pitrainer.importers import fit_records, fit_workout, qz, zwo
from pitrainer.importers.markup import tree
from pitrainer.importers.outcome import Imported
from pitrainer.importers.strangers import ForeignFileError, file_name, read_bytes, refusal
from pitrainer.tomlfile import StrPath, short

__all__ = ["ForeignFileError", "Imported", "read"]

MOST_BYTES = 2_000_000
"""Workouts have a few kB; a FIT recording has some hundreds and is told apart by its content."""


def read(path: StrPath, *, units: qz.Units | None = None, speed_kmh: float | None = None) -> Imported:
    """The workout in this file; its kind is told by its content.

    `units`: what a QZ program's speeds are in. `speed_kmh`: the runner's over 10 km, 100 % of a Zwift file's power; in
    the others the speed of distances that have none. Raises ForeignFileError for everything that cannot be
    imported.
    """
    file = file_name(path)
    raw = read_bytes(path, MOST_BYTES)
    if fit_records.is_fit(raw):
        return fit_workout.read(raw, file, speed_kmh=speed_kmh)
    if not _is_markup(raw):
        raise refusal(file, "is neither XML (.zwo, QZ's .xml) nor a FIT workout")
    root = tree(raw, file)
    if root.name == zwo.ROOT:
        return zwo.read(root, file, speed_kmh=speed_kmh)
    if root.name == qz.ROOT:
        return qz.read(root, file, units=units, speed_kmh=speed_kmh)
    if root.name == "gpx":
        raise refusal(file, "is a course, not a workout; use: pitrainer course")
    raise refusal(file, f"begins with <{short(root.name)}>; a Zwift workout has <workout_file>, a QZ program <rows>")


def _is_markup(raw: bytes) -> bool:
    """Something with a < near its beginning, in any encoding that expat knows."""
    return b"<" in raw[:64].replace(b"\0", b"")
