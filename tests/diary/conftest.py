"""Fixtures of the diary's tests: a diary with one session of each kind, and a Chromium to look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from diary_kit import CHROMIUM, HILL, HOSTILE, IDS, SHORT, STARTED_TS, Kept, keep, rows_of, simulated, summary_of
from playwright.sync_api import Browser, sync_playwright

from pitrainer.journal import Journal
from pitrainer.sim import Recording


@pytest.fixture(scope="session")
def climb() -> Recording:
    return simulated(HILL)


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory, climb: Recording) -> Kept:
    journal = tmp_path_factory.mktemp("diary") / "journal.sqlite3"
    rows, few = rows_of(climb), rows_of(simulated(SHORT))
    box = Journal(journal, machine_id="treadmill")
    box.open()
    keep(box, "climb", HILL, rows)
    for t_s, notice in climb.notices:
        box.event(t_s, notice.kind, notice.text)
    box.end(climb.samples[-1].t_s, "finished", summary_of(climb))
    keep(box, "heartless", HILL, [(t_s, row | {"hr_bpm": None}) for t_s, row in rows], started_ts=STARTED_TS - 1)
    box.end(rows[-1][0], "stopped", summary_of(climb) | {"hr_mean_bpm": None, "hr_highest_bpm": None})
    keep(box, "hostile", SHORT, few, name=HOSTILE, started_ts=STARTED_TS - 2)
    box.event(3.0, "fault", HOSTILE)
    box.end(60.0, "finished", {})
    keep(box, "second", SHORT, few[:1], started_ts=STARTED_TS - 3)
    box.end(1.0, "stopped", {})
    keep(box, "silent", SHORT, [], started_ts=STARTED_TS - 4)
    box.end(0.0, "stopped", {})
    keep(box, "cut-off", HILL, rows[:700], started_ts=STARTED_TS - 5)
    box.close()
    again = Journal(journal, machine_id="treadmill")
    assert again.open() == 1
    again.close()
    return Kept(journal, IDS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file of tests: kept longer, its loop would be in the way of other tests' loops. Without it
    they fail: a page nobody looked at is not tested."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing; install it: apt-get install --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
        )
        yield browser
        browser.close()
