"""What the diary remembers of each session beside its summary: bests, zones, recovery, decoupling.

These need every sample, about 50 ms per hour of session, so each is worked out once and kept in a small JSON file.
The file is a memory and nothing more: unreadable, of another version or not writable, the briefs are worked out again.
A session that changed since (cut off, then closed; resumed) is told by its end and worked out anew. Asked with a
limit of time, what is not ready yet is left for the next time, so that a page never waits for a whole year.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from pitrainer import history
from pitrainer.diary.figures import Figures, figures
from pitrainer.history import SessionRow

VERSION = 1


@dataclass(frozen=True, slots=True)
class Brief:
    """One session. As in `Figures`; `decoupling_percent` is that of its longest steady part."""

    zones_s: tuple[float, ...] | None
    best_ascent_m: tuple[float | None, ...]
    above_cap_s: float
    recovery_bpm: float | None
    decoupling_percent: float | None


def brief(known: Figures) -> Brief:
    longest = max(known.decouplings, key=lambda part: part.to_s - part.from_s, default=None)
    return Brief(
        known.zones_s,
        known.best_ascent_m,
        known.above_cap_s,
        known.recovery_bpm,
        None if longest is None else longest.percent,
    )


def beside(journal: Path) -> Path:
    """Where the briefs of this journal are kept: in `$STATE_DIRECTORY` (set by systemd), else beside the journal."""
    directory = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return (Path(directory) if directory else journal.parent) / f"{journal.stem}.figures.json"


class Briefs:
    """The briefs of one journal; may be asked from several threads."""

    def __init__(self, journal: Path, file: Path | None = None) -> None:
        self._journal = journal
        self._file = file or beside(journal)
        self._lock = Lock()
        self._known: dict[str, dict[str, Any]] | None = None

    def of(self, rows: Sequence[SessionRow], *, within_s: float) -> dict[str, Brief]:
        """By id, those of finished sessions that are known or could be worked out `within_s` seconds; newest first.
        Raises HistoryError where the journal cannot be read."""
        with self._lock:
            known = self._known = self._load() if self._known is None else self._known
            end_s = time.monotonic() + within_s
            missing = [row for row in rows if row.ended and known.get(row.id, {}).get("mark") != _mark(row)]
            for done, row in enumerate(missing):
                if done and time.monotonic() >= end_s:
                    break
                made = brief(figures(history.read(self._journal, row.id, raw=False)))
                known[row.id] = {"mark": _mark(row), "brief": asdict(made)}
            if missing:
                self._save(known)
            return {row.id: _brief(known[row.id]) for row in rows if known.get(row.id, {}).get("mark") == _mark(row)}

    def _load(self) -> dict[str, dict[str, Any]]:
        try:
            kept = json.loads(self._file.read_text())
            if kept["v"] != VERSION:
                return {}
            sessions = {id_: entry for id_, entry in kept["sessions"].items() if isinstance(entry["mark"], list)}
            for entry in sessions.values():
                _brief(entry)
            return sessions
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def _save(self, known: dict[str, dict[str, Any]]) -> None:
        """Whole or not at all; a directory that may not be written to is no trouble."""
        beside_it = self._file.with_suffix(f".{os.getpid()}.part")
        with contextlib.suppress(OSError):
            beside_it.write_text(json.dumps({"v": VERSION, "sessions": known}, separators=(",", ":")))
            beside_it.replace(self._file)


def _mark(row: SessionRow) -> list[object]:
    return [row.started_ts, row.ended, row.elapsed_s]


def _brief(entry: dict[str, Any]) -> Brief:
    kept = entry["brief"]
    zones = kept["zones_s"]
    return Brief(**{
        **kept,
        "zones_s": None if zones is None else tuple(zones),
        "best_ascent_m": tuple(kept["best_ascent_m"]),
    })  # fmt: skip
