"""Beginning a session in a journal, and waiting for what a thread does."""

from __future__ import annotations

import time
from collections.abc import Callable

from pitrainer.journal import Journal

PLAN: dict[str, object] = {"v": 1, "session": "Capped climb", "steps": []}


def begin(box: Journal, session_id: str = "20261122-141500", started_ts: float = 1000.0) -> None:
    box.begin(
        session_id,
        name="Capped climb",
        plan=PLAN,
        athlete={"hr_max_bpm": 185},
        started_ts=started_ts,
        simulated=True,
    )


def wait_until(true: Callable[[], bool], *, at_most_s: float = 20.0) -> None:
    end = time.monotonic() + at_most_s
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)
