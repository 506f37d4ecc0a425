"""The page runs as a user of its own, who may read the controller's journal and write nothing beside it."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from diary_kit import SHORT, keep, rows_of, simulated

from pitrainer import history
from pitrainer.diary.briefs import Briefs
from pitrainer.journal import Journal

NOBODY = 65534


@contextlib.contextmanager
def reading_only(directory: Path) -> Iterator[None]:
    """As somebody who cannot write there: another user where we are root, else ourselves without the permission."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        directory.chmod(0o555)
        try:
            yield
        finally:
            directory.chmod(0o755)


@pytest.fixture
def directory() -> Iterator[Path]:
    """Readable for all, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def wait_until(true: Callable[[], bool], *, at_most_s: float = 20.0) -> None:
    """For what the journal's thread does."""
    end_s = time.monotonic() + at_most_s
    while not true():
        assert time.monotonic() < end_s, "it never happened"
        time.sleep(0.01)


def begin(directory: Path) -> tuple[Journal, Path]:
    journal = directory / "journal.sqlite3"
    box = Journal(journal, machine_id="treadmill")
    box.open()
    keep(box, "walk", SHORT, rows_of(simulated(SHORT)))
    box.end(60.0, "finished", {})
    return box, journal


def test_the_diary_is_read_while_the_controller_is_down(directory: Path) -> None:
    box, journal = begin(directory)
    box.close()
    with reading_only(directory):
        assert [row.id for row in history.sessions(journal)] == ["walk"]
        assert set(Briefs(journal).of(history.sessions(journal), within_s=0.0)) == {"walk"}
    assert [path.name for path in directory.iterdir()] == [journal.name]


def test_the_diary_is_read_while_the_controller_writes(directory: Path) -> None:
    box, journal = begin(directory)
    try:
        box.close()
        box = Journal(journal, machine_id="treadmill")
        box.open()
        keep(box, "now", SHORT, [], started_ts=2e9)
        box.event(0.0, "fault", "so that it is written at once")
        wait_until(lambda: len(history.sessions(journal)) == 2)
        with reading_only(directory):
            assert {row.id for row in history.sessions(journal)} == {"walk", "now"}
    finally:
        box.close()
