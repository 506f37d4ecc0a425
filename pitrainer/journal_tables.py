"""The tables of the journal and how they came to be: one place for every statement that writes.

`user_version` counts the migrations that a file has had; each runs once, in order, in a transaction. A file that is
newer than the program is refused rather than guessed at. The machine's id stands in every row, so files of several
machines can be poured together.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

SAMPLE_COLUMNS = (
    "hr_bpm",
    "hr_age_s",
    "cap_bpm",
    "incline_pct",
    "incline_target_pct",
    "speed_kmh",
    "speed_target_kmh",
    "distance_m",
    "ascent_m",
    "phase",
    "action",
    "causes",
    "step",
    "why",
)

MIGRATIONS = (
    """
    CREATE TABLE session (
        id TEXT PRIMARY KEY, machine_id TEXT NOT NULL, name TEXT NOT NULL, plan TEXT NOT NULL,
        athlete TEXT NOT NULL, started_ts REAL NOT NULL, simulated INTEGER NOT NULL,
        ended TEXT, ended_t_s REAL, summary TEXT
    );
    CREATE TABLE sample (
        session_id TEXT NOT NULL, machine_id TEXT NOT NULL, t_s REAL NOT NULL,
        hr_bpm REAL, hr_age_s REAL, cap_bpm REAL, incline_pct REAL, incline_target_pct REAL,
        speed_kmh REAL, speed_target_kmh REAL, distance_m REAL, ascent_m REAL,
        phase TEXT, action TEXT, causes TEXT, step TEXT, why TEXT,
        PRIMARY KEY (session_id, t_s)
    ) WITHOUT ROWID;
    CREATE TABLE incoming (
        n INTEGER PRIMARY KEY, session_id TEXT, machine_id TEXT NOT NULL, ts REAL NOT NULL,
        t_s REAL, source TEXT NOT NULL, reading TEXT NOT NULL
    );
    CREATE INDEX incoming_session ON incoming (session_id);
    CREATE TABLE event (
        n INTEGER PRIMARY KEY, session_id TEXT, machine_id TEXT NOT NULL, ts REAL NOT NULL,
        t_s REAL, kind TEXT NOT NULL, text TEXT NOT NULL
    );
    CREATE INDEX event_session ON event (session_id);
    """,
)

BEGIN = """
    INSERT INTO session (id, machine_id, name, plan, athlete, started_ts, simulated) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET ended = NULL, ended_t_s = NULL, summary = NULL
"""
SAMPLE = f"""
    INSERT OR REPLACE INTO sample (session_id, machine_id, t_s, {", ".join(SAMPLE_COLUMNS)})
    VALUES (?, ?, ?{", ?" * len(SAMPLE_COLUMNS)})
"""
INCOMING = "INSERT INTO incoming (session_id, machine_id, ts, t_s, source, reading) VALUES (?, ?, ?, ?, ?, ?)"
EVENT = "INSERT INTO event (session_id, machine_id, ts, t_s, kind, text) VALUES (?, ?, ?, ?, ?, ?)"
END = "UPDATE session SET ended = ?, ended_t_s = ?, summary = ? WHERE id = ?"

CUT_OFF = "cut off"
_FIGURES = ("elapsed_s", "distance_m", "ascent_m", "hr_mean_bpm", "hr_highest_bpm")
FIGURES = frozenset(_FIGURES)
"""What every finished session can tell; its own summary may tell more."""


def connect(path: Path, *, busy_s: float) -> sqlite3.Connection:
    """Open for writing, in a directory made if need be, with all migrations done. sqlite3.Error or OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=busy_s)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise sqlite3.DatabaseError(f"written by a newer pitrainer (version {version}); update this one")
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")


def close_cut_off(connection: sqlite3.Connection) -> int:
    """Give every session without an end one at its last sample; returns how many there were."""
    with contextlib.closing(connection.execute("SELECT id FROM session WHERE ended IS NULL")) as cursor:
        open_ids = [row[0] for row in cursor]
    with connection:
        for session_id in open_ids:
            summary = summarise(connection, session_id)
            row = (CUT_OFF, summary["elapsed_s"], json.dumps(summary), session_id)
            connection.execute(END, row)
    return len(open_ids)


def summarise(connection: sqlite3.Connection, session_id: str) -> dict[str, float | None]:
    """The figures of a session from its samples, for one that could not tell them itself."""
    row = connection.execute(
        "SELECT max(t_s), max(distance_m), max(ascent_m), avg(hr_bpm), max(hr_bpm) FROM sample WHERE session_id = ?",
        (session_id,),
    ).fetchone()
    return dict(zip(_FIGURES, row, strict=True))
