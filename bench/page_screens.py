"""Pictures of every phase and view of the page, from a real broker, the real page process and a real Chromium.

    python bench/page_screens.py [DIRECTORY]

Writes PNGs into docs/screens or DIRECTORY. Look at them, and ask of each: would you trust your legs to it?
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from page_stage import Climb, PageStage, State, page_stage
from playwright.sync_api import Page

DIRECTORY = Path(__file__).parents[1] / "docs" / "screens"
UPRIGHT, LYING, TABLET, SMALL = (412, 915), (915, 412), (1024, 768), (320, 640)
STRAP_LOST = {"strap": {"up": False, "name": "HR-STRAP", "detail": "out of reach", "battery_pct": 87},
              "machine": {"up": True, "name": "VTREAD", "detail": "", "battery_pct": None}}  # fmt: skip
AT_REST: State = {"speed_kmh": 0.0, "incline_pct": 0.0, "speed_target_kmh": None, "incline_target_pct": None,
                  "elapsed_s": None, "step": None, "why": "", "prediction": [], "session_id": None,
                  "hr_bpm": 71, "zone": 0, "cap_bpm": None}  # fmt: skip


def cause(name: str, action: str, text: str) -> State:
    return {"action": action, "causes": [{"cause": name, "action": action, "text": text}]}


@dataclass(frozen=True)
class Picture:
    name: str
    state: Mapping[str, Any] = field(default_factory=dict)
    """What differs from the climb at 15 minutes."""
    size: tuple[int, int] = UPRIGHT
    view: str = "full"
    light: bool = False
    language: str = "en-US"
    press: str = ""
    """A part of the page to press first."""


LOST = {**cause("heart_lost_long", "EASE", "No heart rate for 15 s: the incline comes down."),
        "hr_bpm": None, "zone": None, "links": STRAP_LOST, "prediction": [],
        "why": "Waiting for heart rate."}  # fmt: skip
BY_HAND = {**cause("manual", "HOLD", "You changed it at the treadmill: the program waits for you."), "manual": True,
           "can": ["stop", "pause", "skip", "nudge", "continue"], "prediction": [], "why": ""}  # fmt: skip
KEY = {**cause("key_pulled", "STOP", "The safety key is out."), "phase": "fault", "speed_kmh": 3.2,
       "can": ["stop", "acknowledge"], "prediction": []}  # fmt: skip
PICTURES = [
    Picture("running"),
    Picture("running-light", light=True),
    Picture("running-german", language="de-DE"),
    Picture("running-small", size=SMALL),
    Picture("running-lying", size=LYING),
    Picture("running-tablet", size=TABLET),
    Picture("focus", view="focus"),
    Picture("focus-lying", size=LYING, view="focus"),
    Picture("blind", view="blind"),
    Picture("by-hand", BY_HAND),
    Picture("easing", LOST),
    Picture("easing-lying", LOST, size=LYING),
    Picture("paused", {"phase": "paused", "speed_kmh": 0.0, "prediction": [], "can": ["stop", "arm"]}),
    Picture("fault", KEY),
    Picture("done", {"phase": "done", "speed_kmh": 0.0, "step": None, "can": ["stop", "load", "arm"]}),
    Picture("settings", press="#settings summary"),
    Picture("idle", {**AT_REST, "phase": "idle", "session": None, "can": ["stop", "load"]}),
    Picture("loaded", {**AT_REST, "phase": "idle", "can": ["stop", "load", "arm"]}),
    Picture("armed", {**AT_REST, "phase": "armed", "arm_left_s": 47.0, "can": ["stop", "disarm", "start"]}),
    Picture("armed-at-the-treadmill", {**AT_REST, "phase": "armed", "arm_left_s": 47.0, "can": ["stop", "disarm"]}),
]


def main() -> int:
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else DIRECTORY
    directory.mkdir(parents=True, exist_ok=True)
    climb = Climb()
    with page_stage() as made:
        made.controller.load(climb.plan)
        for s in range(0, 900, 2):
            made.controller.say(climb.at(s))
            time.sleep(0.004)
        stale(made, climb, directory / "stale.png")
        for picture in PICTURES:  # those at rest come last: they end the session, and its trace goes
            page = shown(made, climb, picture)
            page.screenshot(path=directory / f"{picture.name}.png")
            page.context.close()
    print(f"{len(PICTURES) + 1} pictures in {directory}")
    return 0


def shown(made: PageStage, climb: Climb, picture: Picture) -> Page:
    state = climb.at(900, **picture.state)
    context = made.browser.new_context(
        viewport={"width": picture.size[0], "height": picture.size[1]},
        color_scheme="light" if picture.light else "dark", locale=picture.language,
    )  # fmt: skip
    page = context.new_page()
    page.add_init_script(f"localStorage.setItem('pitrainer.settings', '{{\"view\":\"{picture.view}\"}}')")
    made.says(state)
    page.goto(made.url)
    for _ in range(2):  # the second finds the plan and the trace in place
        seq = made.says(state)
        page.wait_for_function("seq => Number(document.body.dataset.seq) >= seq", arg=seq)
        page.wait_for_timeout(400)
    if picture.press:
        page.locator(picture.press).click()
    made.says(state)
    page.wait_for_timeout(200)
    return page


def stale(made: PageStage, climb: Climb, file: Path) -> None:
    """Nothing is said for four seconds."""
    page = shown(made, climb, Picture("stale"))
    page.wait_for_selector("#stale:visible")
    page.screenshot(path=file)
    page.context.close()


if __name__ == "__main__":
    sys.exit(main())
