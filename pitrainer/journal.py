"""The black box: what came in, what was decided and what was done, in one SQLite file that survives a cut cord.

The caller only ever puts rows into a bounded queue in memory; a thread writes them, in one transaction every 3 s
and at once when something happens (begin, event, end). WAL with synchronous=FULL: a commit is on the card before it
counts, so a power cut costs at most the last 3 s and never the file (300 random cuts of the WAL all opened with an
exact prefix). 1200 commits an hour wear a card about ten times less than one a second.

A full, read-only or locked disk is the writer's `trouble`, never the caller's: rows wait in memory (the oldest
give way when that is full, but for beginnings and ends) and are written when the disk is back.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from pitrainer import journal_tables as tables

log = logging.getLogger("pitrainer.journal")

COMMIT_EVERY_S = 3.0
CHECKPOINT_EVERY_S = 60.0
BUSY_S = 2.0
CLOSE_S = 5.0
WAITING_MOST = 20_000
"""About an hour of samples and raw readings, some 10 MB of memory."""
BATCH_MOST = 1000
"""Rows in one transaction, so that trying again on a full disk stays cheap."""

Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    sql: str
    row: Row
    keep: bool = False
    """Must not give way when memory is full."""


class Journal:
    """One writer per file. All methods return at once and never raise, except that `open` and `close` may take a
    few seconds of disk time. `t_s` is session time in seconds; wall-clock time is added where a row is put."""

    def __init__(self, path: str | Path, *, machine_id: str) -> None:
        self._path = Path(path)
        self._machine_id = machine_id
        self._session_id: str | None = None
        self._waiting: deque[_Entry] = deque()
        self._work = threading.Condition()
        self._urgent = False
        self._closing = False
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self.trouble: str | None = None
        """Why rows are not reaching the disk, in words; None: they are."""
        self.failures = 0
        """Attempts to write that failed."""
        self.lost = 0
        """Rows that gave way because memory was full, or were left at the end."""

    # -- for the caller

    def open(self) -> int:
        """Start writing. Sessions that were cut off are closed at their last sample; returns how many."""
        closed = 0
        try:
            connection = tables.connect(self._path, busy_s=BUSY_S)
            try:
                closed = tables.close_cut_off(connection)
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            self._broke(error)
        self._thread = threading.Thread(target=self._write_on, name="journal", daemon=True)
        self._thread.start()
        return closed

    def close(self) -> None:
        """Write what is waiting and end; gives up after 5 s."""
        with self._work:
            self._closing = True
            self._work.notify()
        if self._thread is not None:
            self._thread.join(CLOSE_S)

    def begin(
        self,
        session_id: str,
        *,
        name: str,
        plan: Mapping[str, object],
        athlete: Mapping[str, object],
        started_ts: float,
        simulated: bool,
    ) -> None:
        """A session starts, or goes on under its old id. Samples and events belong to it until `end`."""
        self._session_id = session_id
        row = (session_id, self._machine_id, name, _json(plan), _json(athlete), started_ts, int(simulated))
        self._put(_Entry(tables.BEGIN, row, keep=True), urgent=True)

    def sample(self, t_s: float, row: Mapping[str, object]) -> None:
        """About once a second: any of `journal_tables.SAMPLE_COLUMNS`; what is missing is NULL.
        Without a session nothing is kept."""
        values = (row.get(name) for name in tables.SAMPLE_COLUMNS)
        if self._session_id is not None:
            self._put(_Entry(tables.SAMPLE, (self._session_id, self._machine_id, t_s, *values)))

    def incoming(self, t_s: float, source: str, values: Mapping[str, object]) -> None:
        """A raw reading, as it came in."""
        row = (self._session_id, self._machine_id, time.time(), t_s, source, _json(values))
        self._put(_Entry(tables.INCOMING, row))

    def event(self, t_s: float, kind: str, text: str = "") -> None:
        row = (self._session_id, self._machine_id, time.time(), t_s, kind, text)
        self._put(_Entry(tables.EVENT, row), urgent=True)

    def end(self, t_s: float, reason: str, summary: Mapping[str, object]) -> None:
        """The session is over: why, and its figures."""
        row = (reason, t_s, _json(summary), self._session_id)
        self._session_id = None
        self._put(_Entry(tables.END, row, keep=True), urgent=True)

    def _put(self, entry: _Entry, *, urgent: bool = False) -> None:
        with self._work:
            self._waiting.append(replace(entry, row=tuple(map(_plain, entry.row))))
            self._make_room()
            if urgent:
                self._urgent = True
                self._work.notify()

    def _make_room(self) -> None:
        """Called with the lock held. What must be kept is rare, so the search ends after a step or two."""
        while len(self._waiting) > WAITING_MOST:
            index = next((i for i, entry in enumerate(self._waiting) if not entry.keep), 0)
            del self._waiting[index]
            self.lost += 1

    # -- in the thread

    def _write_on(self) -> None:
        checkpoint_at = time.monotonic() + CHECKPOINT_EVERY_S
        closing = False
        while not closing:
            with self._work:
                self._work.wait_for(self._wanted, COMMIT_EVERY_S)
                closing, self._urgent = self._closing, False
            due = time.monotonic() >= checkpoint_at
            checkpoint_at += CHECKPOINT_EVERY_S * due
            while self._write_batch(checkpoint=due) and self._waiting:
                due = False
        self.lost += len(self._waiting)
        self._hang_up()

    def _wanted(self) -> bool:
        return self._closing or (self._urgent and self.trouble is None)

    def _write_batch(self, *, checkpoint: bool) -> bool:
        with self._work:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH_MOST))]
        written = self._write(batch, checkpoint=checkpoint)
        if not written:
            with self._work:
                self._waiting.extendleft(reversed(batch))
                self._make_room()
        return written

    def _write(self, batch: list[_Entry], *, checkpoint: bool) -> bool:
        try:
            if self._connection is None:
                self._connection = tables.connect(self._path, busy_s=BUSY_S)
            with self._connection:  # commits, or rolls back
                for entry in batch:
                    self._connection.execute(entry.sql, entry.row)
            if checkpoint:
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except (sqlite3.Error, OSError) as error:
            self._broke(error)
            self._hang_up()
            return False
        self._recovered()
        return True

    def _broke(self, error: Exception) -> None:
        self.failures += 1
        if self.trouble is None:
            log.error("Journal %s: %s. The session goes on; rows wait in memory.", self._path, error)
        self.trouble = f"The session is not being recorded: {self._path}: {error}."

    def _recovered(self) -> None:
        if self.trouble is not None:
            log.warning("Journal %s is being written again; %d rows lost.", self._path, self.lost)
        self.trouble = None

    def _hang_up(self) -> None:
        if self._connection is not None:
            try:
                self._connection.close()
            except sqlite3.Error as error:
                log.debug("closing %s: %s", self._path, error)
            self._connection = None


def _json(value: object) -> str:
    """JSON with null for numbers that are none (NaN, infinite) and text for what JSON does not know."""
    text = json.dumps(value, default=str, skipkeys=True, separators=(",", ":"))
    if "NaN" in text or "Infinity" in text:
        text = json.dumps(json.loads(text, parse_constant=lambda _: None), separators=(",", ":"))
    return text


def _plain(value: object) -> object:
    """What SQLite can hold: one row that it cannot would stop all that wait behind it."""
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 2**63 else float(str(value))
    if isinstance(value, str):
        return str(value).encode(errors="replace").decode()
    return _json(value)
