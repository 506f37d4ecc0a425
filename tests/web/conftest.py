"""A controller to play the page against: the shape of `pitrainer.web.link.Remote`, its states set by the test."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect, sync_playwright
from waitress import wasyncore  # type: ignore[import-untyped]

from pitrainer.web.app import STREAMS, create_app
from pitrainer.web.serve import server_of

State = dict[str, Any]
CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_MS = 5000
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PLAN: State = {
    "v": 1,
    "session": "Capped climb",
    "purpose": "As steep as the cap allows",
    "estimated_s": 2100,
    "steps": [
        {"name": "Easy in", "drive": "ramp", "incline_pct": [2, 8], "cap_bpm": None, "estimated_s": 300},
        {"name": "Climb", "drive": "climb", "incline_pct": [2, 15], "cap_bpm": 155, "estimated_s": 1500},
        {"name": "Cool-down", "drive": "fixed", "incline_pct": [1, 1], "cap_bpm": None, "estimated_s": 300},
    ],
}
IDLE: State = {
    "v": 1, "boot": "b00t", "ts": 0.0, "simulated": True, "phase": "idle", "action": "PASS", "causes": [],
    "hr_bpm": 72, "hr_age_s": 0.4, "zone": 0, "cap_bpm": None, "hr_max_bpm": 185,
    "incline_pct": 0.0, "incline_target_pct": None, "speed_kmh": 0.0, "speed_target_kmh": None,
    "elapsed_s": None, "distance_m": None, "ascent_m": None, "vam_m_h": None,
    "hr_mean_bpm": None, "hr_highest_bpm": None, "above_cap_s": None,
    "session": None, "session_id": None, "step": None, "manual": False, "arm_left_s": None, "page_start": True,
    "why": "", "can": ["stop", "load"],
    "bounds": {"incline_min_pct": 0, "incline_max_pct": 15, "incline_step_pct": 0.5,
               "speed_min_kmh": 0.8, "speed_max_kmh": 12, "speed_step_kmh": 0.1},
    "links": {"strap": {"up": True, "name": "HR-STRAP", "detail": "", "battery_pct": 87},
              "machine": {"up": True, "name": "VTREAD", "detail": "", "battery_pct": None}},
}  # fmt: skip
LOADED: State = IDLE | {"session": "Capped climb", "can": ["stop", "load", "arm"]}
ARMED: State = LOADED | {"phase": "armed", "arm_left_s": 47.0, "can": ["stop", "disarm", "start"]}
RUNNING: State = LOADED | {
    "phase": "running", "hr_bpm": 147, "zone": 3, "cap_bpm": 155, "incline_pct": 11.5, "incline_target_pct": 12.0,
    "speed_kmh": 5.5, "speed_target_kmh": 5.5, "elapsed_s": 1004.0, "distance_m": 1520.4, "ascent_m": 118.2,
    "vam_m_h": 640, "session_id": "20261122-141500", "hr_mean_bpm": 138, "hr_highest_bpm": 153, "above_cap_s": 4.0,
    "step": {"i": 2, "n": 3, "name": "Climb", "left": 796.0, "unit": "s", "done": 0.47, "say": "Short steps",
             "drive": "climb", "next": "Cool-down: 1 %, 4.5 km/h"},
    "why": "Climbing: 8 bpm below the target.", "can": ["stop", "pause", "skip", "nudge"],
}  # fmt: skip
HOLDING: State = RUNNING | {
    "action": "EASE",
    "hr_bpm": None,
    "zone": None,
    "causes": [
        {
            "cause": "hr_lost",
            "action": "EASE",
            "text": "No heart rate for 18 s: incline comes down until it is back.",
        }
    ],
    "links": RUNNING["links"]
    | {"strap": {"up": False, "name": "HR-STRAP", "detail": "out of reach", "battery_pct": 87}},
    "why": "Waiting for the strap.",
}
DONE: State = RUNNING | {
    "phase": "done",
    "speed_kmh": 0.0,
    "step": None,
    "elapsed_s": 2104.0,
    "ascent_m": 268.0,
    "can": ["stop", "load", "arm"],
}

PHASES = {
    "idle": IDLE, "loaded": LOADED, "armed": ARMED, "running": RUNNING, "easing": HOLDING, "done": DONE,
    "paused": RUNNING | {"phase": "paused", "speed_kmh": 0.0, "can": ["stop", "arm"]},
    "fault": RUNNING | {"phase": "fault", "action": "STOP", "can": ["stop", "acknowledge"],
                        "causes": [{"cause": "key", "action": "STOP", "text": "The safety key was pulled."}]},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    ok: bool
    reason: str = ""


@dataclass
class StageRemote:
    """Shows what a test puts on; remembers what the page sends."""

    answer: Answer | None = field(default_factory=lambda: Answer(True))
    connected: bool = True
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sims: list[str] = field(default_factory=list)
    events: list[State] = field(default_factory=list)
    rows: list[list[float | None]] = field(default_factory=list)
    the_plan: State | None = None
    current: State | None = None
    age_s: float | None = 0.1
    seq: int = 0

    def __post_init__(self) -> None:
        self._news = threading.Condition()

    def show(self, state: State, **changes: Any) -> None:
        with self._news:
            self.seq += 1
            self.current = state | changes | {"seq": self.seq, "bt_ns": self.seq * 250_000_000}
            self._news.notify_all()

    def state(self) -> State | None:
        return self.current

    def state_age_s(self) -> float | None:
        return self.age_s if self.current else None

    def plan(self) -> State | None:
        return self.the_plan

    def status(self) -> str | None:
        return "online"

    def wait_newer(self, seq: int | None, timeout_s: float) -> State | None:
        with self._news:
            self._news.wait_for(lambda: self.seq != (seq or 0), timeout_s)
            return self.current

    def recent_events(self) -> list[State]:
        return self.events

    def history(self) -> list[list[float | None]]:
        return self.rows

    def send(self, cmd: str, *, timeout_s: float = 1.0, **fields: Any) -> Answer | None:
        with self._news:
            self.sent.append((cmd, fields))
            self._news.notify_all()
        return self.answer

    def send_sim(self, do: str) -> bool:
        self.sims.append(do)
        return True


def session_rows() -> list[State]:
    steps = PLAN["steps"]
    row = {"name": "capped-climb", "title": "Capped climb", "purpose": PLAN["purpose"], "problems": []}
    return [row | {"estimated_s": 2100, "steps": steps}]


@pytest.fixture
def remote() -> StageRemote:
    return StageRemote(the_plan=PLAN, rows=[[t, 100 + t / 20, t / 100, t / 100, 5.5, 155] for t in range(0, 1000, 2)])


@pytest.fixture
def app(remote: StageRemote) -> Flask:
    return create_app(remote, sessions=session_rows)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def address(app: Flask, remote: StageRemote) -> Iterator[str]:
    """The app behind the real server; its URL."""
    server = cast(Any, server_of(app, host="127.0.0.1", port=0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    app.extensions[STREAMS].end()
    remote.show(IDLE)  # wakes the streams
    server.task_dispatcher.shutdown()
    # Closing every socket in the server's own thread is what ends its loop without leaving one open.
    with contextlib.suppress(OSError):  # an earlier wake-up may already have seen to it
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
    thread.join(10)
    assert not thread.is_alive()


def wait_until(true: Callable[[], bool], within_s: float = 10.0) -> None:
    """Poll for something that another thread or process does; fails when it never happens."""
    end_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end_s, "it never happened"
        time.sleep(0.01)


def visit(page: Page, remote: StageRemote, state: State, **changes: Any) -> None:
    """Open the page, with its clock standing still from then on, and wait until it shows the state."""
    page.clock.install(time=0)
    remote.show(state, **changes)
    page.goto("/")
    see(page, remote, state, **changes)
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 0.5)


def see(page: Page, remote: StageRemote, state: State, **changes: Any) -> None:
    remote.show(state, **changes)
    expect(page.locator("body")).to_have_attribute("data-phase", (state | changes)["phase"])
    page.wait_for_function("seq => document.body.dataset.seq === String(seq)", arg=remote.seq)


def sent(remote: StageRemote, cmd: str) -> list[State]:
    return [fields for name, fields in remote.sent if name == cmd]


def wait_until_sent(remote: StageRemote, count: int) -> None:
    wait_until(lambda: len(remote.sent) >= count)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file of tests: kept longer, its loop would be in the way of other tests' loops. Without it
    they fail: a page nobody looked at is not tested."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing; install it: apt-get install --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """A page on a phone, not yet opened anywhere; its script errors fail the test."""
    context = browser.new_context(base_url=address, viewport={"width": 412, "height": 915}, color_scheme="dark")
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
