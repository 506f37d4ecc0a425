"""What the diary remembers of each session beside its summary."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from diary_kit import IDS, SHORT, Kept, keep, rows_of, simulated

from pitrainer import history
from pitrainer.diary.briefs import Briefs, beside, brief
from pitrainer.diary.figures import figures
from pitrainer.history import SessionRow
from pitrainer.journal import Journal

LONG_S = 1000.0


def rows(journal: Path) -> list[SessionRow]:
    return history.sessions(journal, 1000)


@pytest.fixture
def journal(kept: Kept, tmp_path: Path) -> Path:
    return Path(shutil.copy(kept.journal, tmp_path / "journal.sqlite3"))


def test_the_briefs_are_the_figures_of_the_samples(journal: Path) -> None:
    known = Briefs(journal).of(rows(journal), within_s=LONG_S)
    assert set(known) == set(IDS)
    assert known["climb"] == brief(figures(history.read(journal, "climb", raw=False)))
    assert known["climb"].decoupling_percent is not None


def test_what_is_kept_is_not_worked_out_again(journal: Path) -> None:
    found = rows(journal)
    before = Briefs(journal).of(found, within_s=LONG_S)
    journal.unlink()  # nothing is left to work it out from
    assert Briefs(journal).of(found, within_s=LONG_S) == before


def test_with_no_time_one_session_a_turn_is_done_the_latest_first(journal: Path) -> None:
    briefs, found = Briefs(journal), rows(journal)
    assert set(briefs.of(found, within_s=0.0)) == {found[0].id}
    assert set(briefs.of(found, within_s=0.0)) == {found[0].id, found[1].id}


@pytest.mark.parametrize(
    "content", ["", "nonsense", "[]", '{"v": 99, "sessions": {}}', '{"v": 1, "sessions": {"climb": {"mark": []}}}',
                '{"v": 1, "sessions": {"climb": 5}}', '{"v": 1}', '{"v": 1, "sessions": []}'],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_written_anew(journal: Path, content: str) -> None:
    beside(journal).write_text(content)
    assert set(Briefs(journal).of(rows(journal), within_s=LONG_S)) == set(IDS)
    assert "climb" in beside(journal).read_text()


def test_a_place_that_cannot_be_written_to_is_no_trouble(journal: Path) -> None:
    briefs = Briefs(journal, journal.parent / "missing" / "figures.json")
    assert set(briefs.of(rows(journal), within_s=LONG_S)) == set(IDS)


def test_a_session_that_went_on_is_worked_out_anew(journal: Path) -> None:
    before = Briefs(journal).of(rows(journal), within_s=LONG_S)["cut-off"]
    with contextlib.closing(sqlite3.connect(journal)) as connection, connection:
        connection.execute("UPDATE session SET ended = 'finished' WHERE id = 'cut-off'")
        connection.execute("UPDATE sample SET hr_bpm = 60 WHERE session_id = 'cut-off'")
    after = Briefs(journal).of(rows(journal), within_s=LONG_S)["cut-off"]
    assert before.zones_s is not None and after.zones_s is not None
    assert before.zones_s != after.zones_s
    assert after.zones_s[0] == sum(after.zones_s)


def test_a_running_session_has_no_brief_until_it_ends(tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite3"
    box = Journal(journal, machine_id="treadmill")
    box.open()
    keep(box, "now", SHORT, rows_of(simulated(SHORT)))
    box.close()
    briefs = Briefs(journal)
    assert briefs.of(rows(journal), within_s=LONG_S) == {}
    again = Journal(journal, machine_id="treadmill")
    again.open()
    again.close()
    assert set(briefs.of(rows(journal), within_s=LONG_S)) == {"now"}


def test_a_service_keeps_it_in_its_own_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    assert beside(Path("/elsewhere/journal.sqlite3")) == tmp_path / "journal.figures.json"
