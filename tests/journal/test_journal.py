"""What the black box keeps, and what a bad disk does to its caller: nothing."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from journal_kit import begin, wait_until

from pitrainer import history, journal, journal_tables
from pitrainer.journal import Journal
from pitrainer.model import Action, Phase

SAMPLE: dict[str, object] = {
    "hr_bpm": 147,
    "incline_pct": 11.5,
    "speed_kmh": 5.5,
    "distance_m": 12.0,
    "ascent_m": 1.25,
    "phase": Phase.RUNNING,
    "action": Action.WARN.name,
    "causes": [{"cause": "hr_near_cap", "action": "WARN", "text": "Near."}],
    "why": "Climbing: 8 bpm below the target.",
}


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


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_a_session_is_kept_with_all_that_came_in_was_decided_and_was_done(box: Journal, path: Path) -> None:
    box.incoming(-1.0, "strap", {"hr_bpm": 70})
    begin(box)
    box.sample(1.0, SAMPLE)
    box.incoming(1.5, "strap", {"hr_bpm": 147, "rr_s": [0.41]})
    box.event(2.0, "hr_lost", "No heart rate for 5 s.")
    box.end(3.0, "done", {"elapsed_s": 3.0, "hr_mean_bpm": 147})
    box.close()
    record = history.read(path, "last")
    assert record.session.ended == "done"
    assert record.session.machine_id == "treadmill"
    assert record.samples[0]["hr_bpm"] == 147
    assert record.samples[0]["phase"] == "running"
    assert record.samples[0]["causes"] == SAMPLE["causes"]
    assert record.samples[0]["cap_bpm"] is None
    assert record.incoming[0]["reading"] == {"hr_bpm": 147, "rr_s": [0.41]}
    assert [(event["kind"], event["text"]) for event in record.events] == [("hr_lost", "No heart rate for 5 s.")]
    assert rows(path, "SELECT count(*) FROM incoming WHERE session_id IS NULL") == [(1,)]


def test_an_event_is_committed_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "COMMIT_EVERY_S", 3600.0)
    box = Journal(path, machine_id="treadmill")
    box.open()
    begin(box)
    box.sample(1.0, SAMPLE)
    box.event(2.0, "stop")
    wait_until(lambda: rows(path, "SELECT kind FROM event") == [("stop",)])
    assert rows(path, "SELECT t_s FROM sample") == [(1.0,)]
    box.close()


def test_a_commit_is_on_the_card_and_the_log_is_folded_in_from_time_to_time(
    box: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(journal_tables.connect(path, busy_s=1.0)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    box.close()
    monkeypatch.setattr(journal, "CHECKPOINT_EVERY_S", 0.0)
    other = Journal(path, machine_id="treadmill")
    other.open()
    begin(other)
    wait_until(lambda: b"Capped climb" in path.read_bytes())
    other.close()


def test_a_session_cut_off_is_closed_at_its_last_sample_by_the_next_start(box: Journal, path: Path) -> None:
    begin(box)
    for t_s in range(10):
        box.sample(float(t_s), {**SAMPLE, "hr_bpm": 140 + t_s, "ascent_m": t_s / 2})
    box.close()
    again = Journal(path, machine_id="treadmill")
    assert again.open() == 1
    again.close()
    session = history.read(path, "last").session
    assert (session.ended, session.elapsed_s, session.ascent_m) == ("cut off", 9.0, 4.5)
    assert (session.hr_mean_bpm, session.hr_highest_bpm) == (144.5, 149.0)
    third = Journal(path, machine_id="treadmill")
    assert third.open() == 0
    third.close()


def test_a_resumed_session_goes_on_under_its_id(box: Journal, path: Path) -> None:
    begin(box)
    box.sample(1.0, SAMPLE)
    box.end(2.0, "cut off", {})
    begin(box)
    box.sample(3.0, SAMPLE)
    box.close()
    record = history.read(path, "last")
    assert record.session.ended is None
    assert [sample["t_s"] for sample in record.samples] == [1.0, 3.0]


def test_values_that_sqlite_or_json_cannot_hold_do_not_stop_the_record(box: Journal, path: Path) -> None:
    begin(box)
    box.sample(1.0, {"hr_bpm": float("nan"), "step": object(), "why": "\ud800", "distance_m": 2**70})
    box.incoming(1.0, "strap", {"hr_bpm": float("inf"), "raw": b"\x16"})
    box.event(1.0, "x", "\udfff")
    box.close()
    record = history.read(path, "last")
    assert record.samples[0]["hr_bpm"] is None
    assert record.incoming[0]["reading"]["hr_bpm"] is None
    assert (box.failures, box.lost) == (0, 0)


def test_samples_without_a_session_are_not_kept(box: Journal, path: Path) -> None:
    box.sample(1.0, SAMPLE)
    box.close()
    assert rows(path, "SELECT count(*) FROM sample") == [(0,)]


def test_a_full_memory_lets_the_oldest_go_but_never_a_beginning_or_an_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "WAITING_MOST", 10)
    box = Journal(path, machine_id="treadmill")  # not open yet: nothing is taken away
    begin(box)
    for t_s in range(100):
        box.sample(float(t_s), SAMPLE)
    box.end(99.0, "done", {})
    assert box.lost == 92
    box.open()
    box.close()
    record = history.read(path, "last")
    assert record.session.ended == "done"
    assert [sample["t_s"] for sample in record.samples] == [float(t_s) for t_s in range(92, 100)]


def test_a_place_that_cannot_be_written_is_told_once_and_does_not_touch_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(journal, "COMMIT_EVERY_S", 0.02)
    in_the_way = tmp_path / "state"
    in_the_way.write_text("a file where a directory should be")
    box = Journal(in_the_way / "journal.sqlite3", machine_id="treadmill")
    with caplog.at_level(logging.WARNING):
        assert box.open() == 0
        begin(box)
        wait_until(lambda: box.failures >= 3)
    assert box.trouble is not None and str(in_the_way) in box.trouble
    assert len(caplog.records) == 1
    in_the_way.unlink()
    wait_until(lambda: box.trouble is None)
    box.close()
    assert history.read(in_the_way / "journal.sqlite3", "last").session.name == "Capped climb"
    assert len(caplog.records) == 2


def test_a_locked_file_makes_the_rows_wait(box: Journal, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "BUSY_S", 0.01)
    box.close()
    other = Journal(path, machine_id="treadmill")
    other.open()
    with closing(sqlite3.connect(path, isolation_level=None)) as bully:
        bully.execute("BEGIN EXCLUSIVE")
        begin(other)
        other.sample(1.0, SAMPLE)
        wait_until(lambda: other.trouble is not None)
        assert "locked" in str(other.trouble)
        bully.execute("ROLLBACK")
    wait_until(lambda: other.trouble is None)
    other.close()
    assert [sample["t_s"] for sample in history.read(path, "last").samples] == [1.0]


def test_a_file_that_is_no_journal_is_trouble_and_not_touched(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"holiday pictures " * 100)
    box = Journal(path, machine_id="treadmill")
    assert box.open() == 0
    begin(box)
    box.close()
    assert "not a database" in str(box.trouble)
    assert path.read_bytes() == b"holiday pictures " * 100


def test_a_file_of_a_newer_program_is_left_alone(box: Journal, path: Path) -> None:
    box.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    other = Journal(path, machine_id="treadmill")
    assert other.open() == 0
    assert "newer pitrainer" in str(other.trouble)
    other.close()


def test_closing_without_opening_is_harmless(path: Path) -> None:
    Journal(path, machine_id="treadmill").close()
    assert not path.exists()


WRITER = """
import sys, time
from pitrainer.journal import Journal
box = Journal(sys.argv[1], machine_id="treadmill")
box.open()
box.begin("killed", name="n", plan={}, athlete={}, started_ts=0.0, simulated=True)
began = time.monotonic()
while True:
    t_s = time.monotonic() - began
    box.sample(t_s, {"hr_bpm": 120})
    print(t_s, flush=True)
    time.sleep(0.05)
"""


def test_kill_minus_9_costs_at_most_the_last_four_seconds(path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    with writer.stdout:
        last_s = next(t_s for t_s in map(float, writer.stdout) if t_s > 4.5)
        writer.kill()
        writer.wait()
    box = Journal(path, machine_id="treadmill")
    assert box.open() == 1
    box.close()
    assert last_s - history.read(path, "killed").samples[-1]["t_s"] <= 4.0
