"""What the page's benches stand on: a real Mosquitto, the real page process, a real Chromium, and in the controller's
place somebody who says on MQTT whatever a bench wants said, and takes every command.

The states come from a capped climb on the simulated runner, so that the pictures show a plausible run.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from playwright.sync_api import Browser, sync_playwright
from stage import SETTINGS, _child, _mosquitto, accepts, free_port, wait_until

from pitrainer import config, sessions
from pitrainer.model import Answer
from pitrainer.mqtt import ControllerLink, Order, Remote
from pitrainer.sim import simulate
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

State: TypeAlias = dict[str, Any]
SESSIONS = Path(__file__).parents[1] / "config" / "sessions"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
BOUNDS = {"incline_min_pct": 0, "incline_max_pct": 15, "incline_step_pct": 0.5,
          "speed_min_kmh": 0.8, "speed_max_kmh": 12, "speed_step_kmh": 0.1}  # fmt: skip


class Controller:
    """Says what it is told to say, from a thread of its own, and answers every command with yes."""

    def __init__(self, settings: config.Settings) -> None:
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._settings = settings
        self._seq = 0
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._live(),), daemon=True)
        self._thread.start()
        self._ready.wait()

    async def _live(self) -> None:
        self._link = ControllerLink(self._settings.mqtt, deliver=self._take, deliver_sim=lambda _: None)
        self._task = asyncio.ensure_future(self._link.run())
        self._ready.set()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def _take(self, order: Order) -> None:
        self._link.offer_answer(Answer(order.id, True))

    def say(self, state: Mapping[str, object]) -> int:
        """Returns the state's `seq`."""
        self._seq += 1
        self._loop.call_soon_threadsafe(self._link.offer_state, {**state, "seq": self._seq})
        return self._seq

    def load(self, plan: Mapping[str, object] | None) -> None:
        self._loop.call_soon_threadsafe(self._link.offer_plan, plan)

    def tell(self, event: Mapping[str, object]) -> None:
        self._loop.call_soon_threadsafe(self._link.offer_event, event)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(5)


@dataclass(frozen=True)
class PageStage:
    url: str
    controller: Controller
    remote: Remote
    """Hears what the page hears: for waiting until the broker has passed something on."""
    browser: Browser

    def says(self, state: Mapping[str, object]) -> int:
        """Say it and wait until it came back from the broker."""
        seq = self.controller.say(state)
        wait_until(lambda: (heard := self.remote.state()) is not None and heard["seq"] >= seq)
        return seq


@contextlib.contextmanager
def page_stage() -> Iterator[PageStage]:
    with tempfile.TemporaryDirectory(prefix="pitrainer-bench-") as scratch, contextlib.ExitStack() as ending:
        directory = Path(scratch)
        broker_port, web_port = free_port(), free_port()
        file = directory / "pitrainer.toml"
        text = SETTINGS.format(broker_port=broker_port, web_port=web_port)
        file.write_text(text.replace('session_directories = ["."]', f'session_directories = ["{SESSIONS}"]'))
        settings = config.load(file)
        _child(ending, directory / "broker.out", _mosquitto(directory, broker_port))
        wait_until(lambda: accepts(broker_port))
        page = [sys.executable, "-m", "pitrainer", "web", "--config", str(file)]
        _child(ending, directory / "web.out", page)
        controller = Controller(settings)
        ending.callback(controller.close)
        remote = Remote(settings.mqtt, who="bench")
        remote.start()
        ending.callback(remote.close)
        wait_until(lambda: accepts(web_port) and remote.status() == "online")
        playwright = ending.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        ending.callback(browser.close)
        yield PageStage(f"http://127.0.0.1:{web_port}", controller, remote, browser)


class Climb:
    """A capped climb as states, one for each second of it."""

    def __init__(self) -> None:
        file = SESSIONS / "capped-climb.toml"
        athlete = config.DEFAULT_ATHLETE
        plan = sessions.load(file, athlete=athlete)
        self.plan: State = sessions.dumps_plan(plan)
        recording = simulate(plan, athlete=athlete, runner=SimulatedRunner(athlete), treadmill=SimulatedTreadmill())
        self.samples = [row for row in recording.samples if row.phase == "running"]
        self._lengths = [step["estimated_s"] for step in self.plan["steps"]]
        self._hr_max_bpm = round(athlete.hr_max)

    def at(self, s: int, **changes: object) -> State:
        """The running state of second `s`, with these fields changed."""
        row = self.samples[min(s, len(self.samples) - 1)]
        bpm, cap = row.hr_bpm, row.cap_bpm
        before_s = sum(self._lengths[: row.step - 1])
        left_s = max(0.0, before_s + self._lengths[row.step - 1] - row.t_s)
        running: State = {
            "ts": 0.0, "simulated": True, "phase": "running", "action": "PASS", "causes": [],
            "hr_bpm": None if bpm is None else round(bpm), "hr_age_s": 0.4, "zone": zone(bpm, self._hr_max_bpm),
            "cap_bpm": None if cap is None else round(cap), "hr_max_bpm": self._hr_max_bpm,
            "incline_pct": round(row.incline_pct, 1), "incline_target_pct": row.incline_target_pct,
            "speed_kmh": round(row.speed_kmh, 1), "speed_target_kmh": row.speed_target_kmh,
            "elapsed_s": row.t_s, "distance_m": row.distance_m, "ascent_m": row.ascent_m,
            "vam_m_h": round(row.ascent_m / max(row.t_s, 1) * 3600), "hr_mean_bpm": 138, "hr_highest_bpm": 153,
            "above_cap_s": 4.0, "session": self.plan["session"], "session_id": "20261122-141500",
            "step": self._step(row.step, left_s), "manual": False, "arm_left_s": None, "page_start": True,
            "why": row.why, "prediction": prediction(bpm, cap) if row.why else [],
            "can": ["stop", "pause", "skip", "nudge"], "bounds": BOUNDS,
            "links": {"strap": {"up": True, "name": "HR-STRAP", "detail": "", "battery_pct": 87},
                      "machine": {"up": True, "name": "VTREAD", "detail": "", "battery_pct": None}},
        }  # fmt: skip
        return running | changes

    def _step(self, number: int, left_s: float) -> State:
        steps, length = self.plan["steps"], self._lengths[number - 1]
        step = steps[number - 1]
        return {
            "i": number, "n": len(steps), "name": step["name"], "left": round(left_s, 1), "unit": "s",
            "done": round(1 - left_s / length, 3), "say": step["say"], "drive": step["drive"],
            "next": steps[number]["name"] if number < len(steps) else "", "waits_for": "",
        }  # fmt: skip


def zone(bpm: float | None, highest: float) -> int | None:
    return None if bpm is None else min(5, max(0, int(bpm / highest * 10) - 4))


def prediction(bpm: float | None, cap: float | None) -> list[list[float]]:
    """Towards just under the cap within two minutes."""
    if bpm is None or cap is None:
        return []
    return [[t, round(bpm + (cap - 3 - bpm) * (1 - math.exp(-t / 60)), 1)] for t in range(0, 121, 10)]
