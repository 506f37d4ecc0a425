"""The sessions to choose from, as rows for the page: names, purpose, length and the steps for a thumbnail.

Reading and judging a directory of session files takes a Pi a noticeable moment, so the rows are kept until a file
in one of the directories is added, removed or changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

from pitrainer import sessions
from pitrainer.core.athlete import Athlete

Row: TypeAlias = dict[str, Any]
Stamp: TypeAlias = tuple[tuple[str, int, int], ...]

STEP_FIELDS = ("drive", "incline_pct", "cap_bpm", "estimated_s")
"""What a thumbnail needs of a step."""


class Library:
    """Call it for the rows: `name, title, purpose, problems, estimated_s, steps`."""

    def __init__(self, directories: Sequence[Path], athlete: Athlete | None) -> None:
        self._directories = directories
        self._athlete = athlete
        self._lock = Lock()
        self._stamp: Stamp | None = None
        self._rows: list[Row] = []

    def __call__(self) -> list[Row]:
        with self._lock:
            stamp = _stamp(self._directories)
            if stamp != self._stamp:
                found = sessions.available(self._directories)
                self._rows, self._stamp = [self._row(session) for session in found], stamp
            return self._rows

    def _row(self, session: sessions.SessionFile) -> Row:
        row: Row = {"name": session.name, "title": session.title, "purpose": session.purpose}
        problems, plan = [str(problem) for problem in session.problems], {}
        if not problems:
            try:
                path = sessions.find(session.name, self._directories)
                plan = sessions.dumps_plan(sessions.load(path, athlete=self._athlete))
            except sessions.SessionError as error:
                problems = str(error).splitlines()
        steps = [{field: step[field] for field in STEP_FIELDS} for step in plan.get("steps", ())]
        return row | {"problems": problems, "estimated_s": plan.get("estimated_s"), "steps": steps}


def _stamp(directories: Sequence[Path]) -> Stamp:
    """Names, times and sizes of the session files; what cannot be read counts as absent."""
    found = []
    for directory in directories:
        try:
            for path in sorted(directory.glob("*.toml")):
                about = path.stat()
                found.append((str(path), about.st_mtime_ns, about.st_size))
        except OSError:
            continue
    return tuple(found)
