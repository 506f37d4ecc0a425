"""Reading the journal: sessions done, one session in full, CSV and JSON. Works while the controller writes.

A file is opened read-only. A session is named by its id, by any beginning of it that only one session has, or by
"last". What is wrong is said in a `HistoryError`.
"""

from __future__ import annotations

import contextlib
import csv
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO, TypeAlias
from urllib.parse import quote

from pitrainer.journal_tables import FIGURES, MIGRATIONS, SAMPLE_COLUMNS, summarise

Json: TypeAlias = dict[str, Any]

BUSY_S = 5.0


class HistoryError(Exception):
    """The journal cannot be read, or there is no such session; the text says what to do."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of the history. `ended` is why it ended, None while it runs."""

    id: str
    machine_id: str
    name: str
    started_ts: float
    simulated: bool
    ended: str | None
    elapsed_s: float | None
    distance_m: float | None
    ascent_m: float | None
    hr_mean_bpm: float | None
    hr_highest_bpm: float | None


@dataclass(frozen=True, slots=True)
class Record:
    """One session in full. Samples are `t_s` and `journal_tables.SAMPLE_COLUMNS`; events `t_s`, `ts`, `kind`,
    `text`; incoming `t_s`, `ts`, `source`, `reading`."""

    session: SessionRow
    plan: Json
    athlete: Json
    summary: Json
    samples: list[Json]
    events: list[Json]
    incoming: list[Json]


def sessions(path: str | Path, limit: int = 20) -> list[SessionRow]:
    """The latest first."""
    with _open(path) as connection:
        rows = connection.execute("SELECT * FROM session ORDER BY started_ts DESC, id DESC LIMIT ?", (limit,))
        return [_session_row(connection, row) for row in rows.fetchall()]


def read(path: str | Path, session: str, *, raw: bool = True) -> Record:
    """One session, by id, unique beginning of an id, or "last". Without `raw`, `incoming` stays empty: it is most
    of the bytes, and figures need none of it."""
    with _open(path) as connection:
        row = _find(connection, session)
        samples, events = (_rows(connection, sql, row["id"]) for sql in (_SAMPLES, _EVENTS))
        incoming = _rows(connection, _INCOMING, row["id"]) if raw else []
        return Record(
            session=_session_row(connection, row),
            plan=json.loads(row["plan"]),
            athlete=json.loads(row["athlete"]),
            summary=_summary(connection, row),
            samples=[_with_json(sample, "causes") for sample in samples],
            events=events,
            incoming=[_with_json(reading, "reading") for reading in incoming],
        )


def export_csv(path: str | Path, session: str, out: TextIO) -> None:
    """One line per sample under a line of column names; unknown is empty."""
    with _open(path) as connection:
        row = _find(connection, session)
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("t_s", *SAMPLE_COLUMNS))
        writer.writerows(tuple(sample) for sample in connection.execute(_SAMPLES, (row["id"],)))


def export_json(path: str | Path, session: str, out: TextIO) -> None:
    """The whole `Record` as one JSON object."""
    json.dump({"v": 1, **asdict(read(path, session))}, out, indent=1)
    out.write("\n")


_SAMPLES = f"SELECT t_s, {', '.join(SAMPLE_COLUMNS)} FROM sample WHERE session_id = ? ORDER BY t_s"
_EVENTS = "SELECT t_s, ts, kind, text FROM event WHERE session_id = ? ORDER BY n"
_INCOMING = "SELECT t_s, ts, source, reading FROM incoming WHERE session_id = ? ORDER BY n"


@contextlib.contextmanager
def _open(path: str | Path) -> Iterator[sqlite3.Connection]:
    path = Path(path)
    if not path.is_file():
        raise HistoryError(f"{path}: there is no journal; it is made at the first `pitrainer run`.")
    try:
        connection = _connect(path)
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error
    connection.row_factory = sqlite3.Row
    try:
        _check_version(connection, path)
        yield connection
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    """Read-only. While nobody writes there is no log beside the file, and a reader who may not make one (the page, as
    a user of its own) takes the file as it lies."""
    uri = f"file:{quote(str(path))}?"
    connection = sqlite3.connect(uri + "mode=ro", uri=True, timeout=BUSY_S)
    try:
        connection.execute("PRAGMA user_version").fetchone()
        return connection
    except sqlite3.OperationalError:
        connection.close()
        if path.with_name(f"{path.name}-wal").exists():
            raise
        return sqlite3.connect(uri + "immutable=1", uri=True)


def _unreadable(path: Path, error: sqlite3.Error) -> HistoryError:
    return HistoryError(
        f"{path}: cannot be read: {error}. It must be a journal of pitrainer, in a directory that you may write to"
        " or while the controller runs."
    )


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != len(MIGRATIONS):
        raise HistoryError(
            f"{path}: version {version} of the journal, and this pitrainer reads version {len(MIGRATIONS)}."
            " Run the controller once to bring an older file up to date; update pitrainer for a newer one."
        )


def _find(connection: sqlite3.Connection, session: str) -> sqlite3.Row:
    found = connection.execute(*_lookup(session)).fetchall()
    if found and (session == "last" or found[0]["id"] == session):
        del found[1:]
    if len(found) == 1 and session:
        row: sqlite3.Row = found[0]
        return row
    if not found:
        raise HistoryError(f"There is no session {session!r}; `pitrainer history` lists them.")
    ids = ", ".join(str(row["id"]) for row in found[:5])
    raise HistoryError(f"{len(found)} sessions begin with {session!r} ({ids}); give more of the id.")


def _lookup(session: str) -> tuple[str, tuple[object, ...]]:
    if session == "last":
        return "SELECT * FROM session ORDER BY started_ts DESC, id DESC LIMIT 1", ()
    # In order of id, the id itself stands before those that only begin with it.
    return "SELECT * FROM session WHERE substr(id, 1, ?) = ? ORDER BY id", (len(session), session)


def _session_row(connection: sqlite3.Connection, row: sqlite3.Row) -> SessionRow:
    figures = _summary(connection, row)
    return SessionRow(
        id=row["id"],
        machine_id=row["machine_id"],
        name=row["name"],
        started_ts=row["started_ts"],
        simulated=bool(row["simulated"]),
        ended=row["ended"],
        elapsed_s=figures["elapsed_s"],
        distance_m=figures["distance_m"],
        ascent_m=figures["ascent_m"],
        hr_mean_bpm=figures["hr_mean_bpm"],
        hr_highest_bpm=figures["hr_highest_bpm"],
    )


def _summary(connection: sqlite3.Connection, row: sqlite3.Row) -> Json:
    """What the session said of itself at its end, filled up from its samples where it said nothing."""
    told = {name: x for name, x in json.loads(row["summary"] or "{}").items() if x is not None}
    return told if told.keys() >= FIGURES else {**summarise(connection, row["id"]), **told}


def _rows(connection: sqlite3.Connection, sql: str, session_id: str) -> list[Json]:
    return [dict(row) for row in connection.execute(sql, (session_id,))]


def _with_json(row: Json, name: str) -> Json:
    text = row[name]
    return {**row, name: json.loads(text) if text else None}
