"""The whole diary in one file, and back.

A backup is the journal itself as SQLite writes it anew: one consistent file without a log beside it, made while the
controller goes on. It is checked before it gets its name. Restoring pours into the journal the sessions that it does
not have, all or none; one that is there already stays as it is, and two different sessions of one id refuse the
whole. Every table is treated by its columns, so tables that come later are kept too. An older backup is brought up to
date on a copy; the file itself is only read.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pitrainer import journal_tables

BUSY_S = 10.0
NAMED_MOST = 5


class BackupError(Exception):
    """Not done, nothing changed; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How many sessions came in, and how many were there already."""

    added: int
    kept: int


def backup(journal: Path, file: Path) -> int:
    """Write the journal to a new file; returns how many sessions it holds. Raises BackupError."""
    if file.exists():
        raise BackupError(f"{file}: is there already; give another name, or remove it first.")
    if not journal.is_file():
        raise BackupError(f"{journal}: there is no journal; it is made at the first `pitrainer run`.")
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with _opened(journal, "ro") as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        count = _checked(part)
        _synced(part)
        part.rename(file)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{file}: no backup was made: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return count


def restore(file: Path, journal: Path) -> Restored:
    """Pour a backup into the journal, which is made if need be. No controller may be running. Raises BackupError."""
    if not file.is_file():
        raise BackupError(f"{file}: there is no such file.")
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=journal.parent, prefix="restore-") as scratch:
            copy = Path(shutil.copy(file, Path(scratch) / "backup.sqlite3"))
            _bring_up_to_date(copy, file)
            return _pour(copy, file, journal)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{journal}: nothing was restored: {error}.") from error


@contextlib.contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=BUSY_S)
    try:
        yield connection
    finally:
        connection.close()


def _checked(path: Path) -> int:
    with _opened(path, "ro") as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged ({verdict}); look at the disk")
        (count,) = connection.execute("SELECT count(*) FROM session").fetchone()
    return int(count)


def _synced(path: Path) -> None:
    with path.open("rb") as written:
        os.fsync(written.fileno())


def _bring_up_to_date(copy: Path, file: Path) -> None:
    """Check that it is a backup at all, then run the migrations that it lacks."""
    try:
        _checked(copy)
        journal_tables.connect(copy, busy_s=BUSY_S).close()
    except sqlite3.Error as error:
        raise BackupError(f"{file}: is not a backup that can be restored: {error}.") from error


def _pour(copy: Path, file: Path, journal: Path) -> Restored:
    connection = journal_tables.connect(journal, busy_s=BUSY_S)
    try:
        connection.execute("ATTACH ? AS old", (str(copy),))
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            _refuse_doubles(connection, file)
            (kept,) = connection.execute("SELECT count(*) FROM old.session JOIN main.session USING (id)").fetchone()
            connection.execute("CREATE TEMP TABLE new AS SELECT id FROM old.session EXCEPT SELECT id FROM main.session")
            (added,) = connection.execute("SELECT count(*) FROM new").fetchone()
            for (table,) in connection.execute(
                "SELECT name FROM old.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall():
                _pour_table(connection, table)
    finally:
        connection.close()
    return Restored(added, kept)


def _refuse_doubles(connection: sqlite3.Connection, file: Path) -> None:
    """Two sessions of one id that are not the same one."""
    doubles = connection.execute(
        "SELECT id FROM old.session a JOIN main.session b USING (id)"
        " WHERE a.started_ts <> b.started_ts OR a.machine_id <> b.machine_id ORDER BY id"
    ).fetchall()
    if doubles:
        ids = ", ".join(row[0] for row in doubles[:NAMED_MOST])
        raise BackupError(
            f"{file}: nothing was restored: {len(doubles)} sessions have an id that another session has here ({ids})."
            " Restore into an empty journal instead: --journal FILE."
        )


def _pour_table(connection: sqlite3.Connection, table: str) -> None:
    """Rows of new sessions; of rows without a session, and of tables that know none, those that are not here yet."""
    columns = [(row[1], row[5], row[2]) for row in connection.execute(f'PRAGMA main.table_info("{table}")')]
    counts = {name for name, key, kind in columns if key and kind == "INTEGER"}
    names = [name for name, _, _ in columns if name not in counts]
    listed = ", ".join(f'"{name}"' for name in names)
    into = f'INSERT INTO main."{table}" ({listed}) SELECT {listed} FROM old."{table}"'
    if table == "session":
        connection.execute(f"{into} WHERE id IN (SELECT id FROM new)")
        return
    if "session_id" in names:
        connection.execute(f"{into} WHERE session_id IN (SELECT id FROM new)")
    loose = "WHERE session_id IS NULL" if "session_id" in names else ""
    connection.execute(f'{into} {loose} EXCEPT SELECT {listed} FROM main."{table}" {loose}')
