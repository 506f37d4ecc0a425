"""The whole diary in one file, and back."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from diary_kit import HILL, IDS, SHORT, Kept, keep, rows_of, simulated

from pitrainer import history
from pitrainer.diary.backup import BackupError, Restored, backup, restore
from pitrainer.journal import Journal

TABLES = ("session", "sample", "incoming", "event")


def content(journal: Path, table: str) -> list[tuple[Any, ...]]:
    """All rows, without the numbers that a table gives by itself."""
    with contextlib.closing(sqlite3.connect(journal)) as connection:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "n"]
        return connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY {', '.join(names)}").fetchall()


def change(file: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(sql)


def diary(path: Path, *ids: str, started_ts: float = 1000.0) -> Path:
    box = Journal(path, machine_id="treadmill")
    box.open()
    for id_ in ids:
        keep(box, id_, SHORT, rows_of(simulated(SHORT)), started_ts=started_ts)
        box.event(2.0, "fault", f"in {id_}")
        box.end(60.0, "finished", {})
    box.event(0.0, "strap", "between sessions")
    box.close()
    return path


@pytest.fixture
def saved(kept: Kept, tmp_path: Path) -> Path:
    file = tmp_path / "diary.backup"
    assert backup(kept.journal, file) == len(IDS)
    return file


def test_a_backup_restored_into_nothing_is_the_diary_again(kept: Kept, saved: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / "journal.sqlite3"
    assert restore(saved, new) == Restored(added=len(IDS), kept=0)
    for table in TABLES:
        assert content(new, table) == content(kept.journal, table)
    assert history.read(new, "climb") == history.read(kept.journal, "climb")


def test_a_backup_is_one_file_and_leaves_nothing_beside_it(saved: Path) -> None:
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_restoring_twice_adds_nothing(saved: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.sqlite3"
    restore(saved, new)
    before = [content(new, table) for table in TABLES]
    assert restore(saved, new) == Restored(added=0, kept=len(IDS))
    assert [content(new, table) for table in TABLES] == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("restore-")) == []


def test_restoring_adds_what_is_missing_and_leaves_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "backup"
    backup(diary(tmp_path / "old.sqlite3", "a", "b"), file)
    here = diary(tmp_path / "here.sqlite3", "b", "c")
    change(here, "UPDATE session SET ended = 'mine' WHERE id = 'b'")
    assert restore(file, here) == Restored(added=1, kept=1)
    assert {row.id: row.ended for row in history.sessions(here)} == {"a": "finished", "b": "mine", "c": "finished"}
    assert len(content(here, "event")) == 3 + 2  # one in each session, and one between them in each diary
    assert len(history.read(here, "a").samples) == len(history.read(here, "c").samples) > 0


def test_two_sessions_of_one_id_refuse_the_whole(tmp_path: Path) -> None:
    file = tmp_path / "backup"
    backup(diary(tmp_path / "old.sqlite3", "a", "b"), file)
    here = diary(tmp_path / "here.sqlite3", "b", started_ts=5000.0)
    with pytest.raises(BackupError, match=r"nothing was restored: 1 sessions .*\(b\)"):
        restore(file, here)
    assert [row.id for row in history.sessions(here)] == ["b"]


def test_a_backup_is_made_while_the_controller_writes(kept: Kept, tmp_path: Path) -> None:
    journal = Path(shutil.copy(kept.journal, tmp_path / "journal.sqlite3"))
    box = Journal(journal, machine_id="treadmill")
    box.open()
    try:
        keep(box, "now", HILL, [])
        assert backup(journal, tmp_path / "backup") in (len(IDS), len(IDS) + 1)
    finally:
        box.close()
    assert "now" in {row.id for row in history.sessions(journal, 100)}


def test_an_existing_file_is_never_written_over(kept: Kept, tmp_path: Path) -> None:
    file = tmp_path / "precious"
    file.write_text("a year's work")
    with pytest.raises(BackupError, match="is there already"):
        backup(kept.journal, file)
    assert file.read_text() == "a year's work"


def test_without_a_journal_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="there is no journal"):
        backup(tmp_path / "none", tmp_path / "backup")


def test_a_directory_that_is_not_there_is_said(kept: Kept, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no backup was made"):
        backup(kept.journal, tmp_path / "missing" / "backup")


@pytest.mark.parametrize("harm", ["text", "empty", "cut short", "other database", "newer"])
def test_what_is_no_sound_backup_is_refused_and_changes_nothing(saved: Path, tmp_path: Path, harm: str) -> None:
    here = diary(tmp_path / "here.sqlite3", "a")
    before = [content(here, table) for table in TABLES]
    if harm == "text":
        saved.write_text("no database")
    elif harm == "empty":
        saved.write_bytes(b"")
    elif harm == "cut short":
        saved.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    elif harm == "other database":
        saved.unlink()
        change(saved, "CREATE TABLE songs (title TEXT)")
    else:
        change(saved, "PRAGMA user_version = 99")
    with pytest.raises(BackupError, match="is not a backup that can be restored"):
        restore(saved, here)
    assert [content(here, table) for table in TABLES] == before


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="there is no such file"):
        restore(tmp_path / "none", tmp_path / "journal")


def test_restoring_only_reads_the_backup(saved: Path, tmp_path: Path) -> None:
    before = saved.read_bytes()
    restore(saved, tmp_path / "new.sqlite3")
    assert saved.read_bytes() == before
