"""Reading back: lists, single sessions, CSV and JSON, and the words for what is wrong."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from journal_kit import begin, wait_until

from pitrainer import history, journal, journal_tables
from pitrainer.history import HistoryError
from pitrainer.journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.sqlite3"


@pytest.fixture
def box(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    monkeypatch.setattr(journal, "COMMIT_EVERY_S", 0.02)
    box = Journal(path, machine_id="treadmill")
    box.open()
    yield box
    box.close()


def three_sessions(box: Journal) -> None:
    for number, session_id in enumerate(("20261120-070000", "20261122-070000", "20261122-180000")):
        begin(box, session_id, started_ts=1000.0 * number)
        box.sample(1.0, {"hr_bpm": 120 + number, "speed_kmh": 5.5, "why": 'says "hold", then waits'})
        box.sample(2.0, {"hr_bpm": None, "causes": [{"cause": "hr_stale"}]})
        box.end(2.0, "done", {"elapsed_s": 2.0, "ascent_m": 10.0 * number})
    box.close()


def test_sessions_are_listed_latest_first_with_their_figures(box: Journal, path: Path) -> None:
    three_sessions(box)
    listed = history.sessions(path, limit=2)
    assert [row.id for row in listed] == ["20261122-180000", "20261122-070000"]
    assert (listed[0].ascent_m, listed[0].hr_mean_bpm, listed[0].ended) == (20.0, 122.0, "done")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("last", "20261122-180000"),
        ("20261120-070000", "20261120-070000"),
        ("20261120", "20261120-070000"),
        ("20261122-18", "20261122-180000"),
    ],
)
def test_a_session_is_found_by_id_by_a_unique_beginning_or_as_the_last(
    box: Journal, path: Path, asked: str, found: str
) -> None:
    three_sessions(box)
    assert history.read(path, asked).session.id == found


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("2026", "3 sessions begin with '2026'.*give more"),
        ("2025", "no session '2025'.*pitrainer history"),
        ("", "3 sessions"),
        ("%", "no session"),
        ("' OR 1=1 --", "no session"),
    ],
)
def test_a_name_that_fits_none_or_several_is_told(box: Journal, path: Path, asked: str, words: str) -> None:
    three_sessions(box)
    with pytest.raises(HistoryError, match=words):
        history.read(path, asked)


def test_one_session_is_the_last_but_not_the_nameless(box: Journal, path: Path) -> None:
    begin(box)
    box.close()
    assert history.read(path, "last").session.id == "20261122-141500"
    with pytest.raises(HistoryError, match="1 sessions begin with ''"):
        history.read(path, "")


def test_csv_has_a_line_per_sample_and_unknown_is_empty(box: Journal, path: Path) -> None:
    three_sessions(box)
    out = io.StringIO()
    history.export_csv(path, "last", out)
    lines = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert list(lines[0]) == ["t_s", *journal_tables.SAMPLE_COLUMNS]
    assert (lines[0]["t_s"], lines[0]["hr_bpm"], lines[0]["cap_bpm"]) == ("1.0", "122.0", "")
    assert lines[0]["why"] == 'says "hold", then waits'
    assert lines[1]["hr_bpm"] == ""


def test_json_holds_the_whole_record(box: Journal, path: Path) -> None:
    three_sessions(box)
    out = io.StringIO()
    history.export_json(path, "last", out)
    told = json.loads(out.getvalue())
    assert (told["v"], told["session"]["id"]) == (1, "20261122-180000")
    assert told["plan"]["session"] == "Capped climb"
    assert told["samples"][1]["causes"] == [{"cause": "hr_stale"}]
    assert set(told) == {"v", "session", "plan", "athlete", "summary", "samples", "events", "incoming"}


def test_a_session_is_readable_while_it_is_written(box: Journal, path: Path) -> None:
    begin(box)
    box.event(0.0, "began")
    wait_until(lambda: len(history.sessions(path)) == 1)
    for t_s in range(1, 200):
        box.sample(float(t_s), {"hr_bpm": 120})
        if t_s % 40 == 0:
            wait_until(lambda t_s=t_s: len(history.read(path, "last").samples) >= t_s)  # type: ignore[misc]
    assert history.read(path, "last").session.ended is None
    assert box.trouble is None


def test_no_journal_yet_is_told_with_what_to_do(path: Path) -> None:
    with pytest.raises(HistoryError, match=r"there is no journal.*pitrainer run"):
        history.sessions(path)
    assert not path.exists()


def test_a_file_that_is_no_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / "j").write_bytes(b"holiday pictures " * 100)
    with pytest.raises(HistoryError, match="not a database"):
        history.sessions(tmp_path / "j")


@pytest.mark.parametrize("version", [0, 99])
def test_another_version_of_the_journal_is_told_with_what_to_do(box: Journal, path: Path, version: int) -> None:
    box.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(HistoryError, match=f"version {version} of the journal.*Run the controller once"):
        history.sessions(path)
