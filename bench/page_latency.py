"""The page in figures: state to pixel, STOP to acknowledged, scripting per update on a slow phone, memory of a tab.

Real Mosquitto, real page process, real Chromium (412 x 915); states are published as a controller does. "Painted" is
the first moment after the frame in which the state was drawn was handed to the compositor (animation frame, then a
message); a screen adds up to one frame of its own. STOP is from the finger's touch, as the page's own event stamps
it, to the button saying that it was confirmed. Scripting is Chromium's own count (`ScriptDuration`), in processor time
and with the processor throttled six times: one update every 250 ms, 50 minutes into a session, the chart drawn anew
each second. Memory is the heap after a collection, before and after an hour's 14400 states.

    python bench/page_latency.py [STATES]

STATES: how many for the memory (14400).
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from typing import Any

from page_stage import Climb, PageStage, page_stage
from playwright.sync_api import CDPSession, Page

PAINTS, STOPS, UPDATES = 200, 60, 240
FAR_S = 3000
WATCH = """() => {
    window.painted = [];
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => window.painted.push([data, performance.timeOrigin + performance.now()]);
    new MutationObserver(() => {
        const seq = document.body.dataset.seq;
        requestAnimationFrame(() => channel.port2.postMessage(Number(seq)));
    }).observe(document.body, { attributeFilter: ['data-seq'] });
    window.stops = [];
    const stop = document.getElementById('stop');
    let touched = 0;
    stop.addEventListener('pointerdown', event => { touched = event.timeStamp; }, { capture: true });
    const quiet = stop.textContent;
    new MutationObserver(() => {
        if (touched && stop.textContent === quiet) { window.stops.push(performance.now() - touched); touched = 0; }
    }).observe(stop, { childList: true, characterData: true, subtree: true });
}"""


def main() -> int:
    states = int(sys.argv[1]) if len(sys.argv) > 1 else 14400
    climb = Climb()
    with page_stage() as made:
        made.controller.load(climb.plan)
        page = opened(made, climb)
        page.evaluate(WATCH)
        print(f"{'':34} {'median':>9} {'p95':>9} {'worst':>9}")
        row("state on MQTT to painted", to_painted(made, climb, page))
        row("STOP touched to acknowledged", to_acknowledged(page))
        page.close()
        script, all_ms = per_update(made, climb)
        row("scripting per update, 6x throttled", script)
        row("all work per update, 6x throttled", all_ms)
        memory(made, climb, states)
    return 0


def opened(made: PageStage, climb: Climb, at_s: int = 600) -> Page:
    """A page that shows the climb with all that has happened so far in its chart."""
    for s in range(0, at_s, 2):
        made.controller.say(climb.at(s))
        time.sleep(0.002)
    seq = made.says(climb.at(at_s))
    page = made.browser.new_page(viewport={"width": 412, "height": 915})
    page.goto(made.url)
    shows(page, seq)
    return page


def shows(page: Page, seq: int) -> None:
    page.wait_for_function("seq => Number(document.body.dataset.seq) >= seq", arg=seq)


def to_painted(made: PageStage, climb: Climb, page: Page) -> list[float]:
    pause, sent_ms = random.Random(1), {}
    for n in range(PAINTS):
        at_ms = time.time() * 1e3
        sent_ms[made.controller.say(climb.at(601 + n))] = at_ms
        time.sleep(pause.uniform(0.1, 0.3))
    painted = dict(page.evaluate("window.painted"))
    return [painted[seq] - at_ms for seq, at_ms in sent_ms.items() if seq in painted]


def to_acknowledged(page: Page) -> list[float]:
    box = page.locator("#stop").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for n in range(STOPS):
        page.mouse.down()
        page.mouse.up()
        page.wait_for_function("count => window.stops.length === count", arg=n + 1)
        time.sleep(0.8)  # less would count as the same press
    times: list[float] = page.evaluate("window.stops")
    return times


def per_update(made: PageStage, climb: Climb) -> tuple[list[float], list[float]]:
    page = opened(made, climb, FAR_S)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    time.sleep(2.0)
    script, everything = [], []
    before = metrics(session)
    for n in range(UPDATES):
        made.controller.say(climb.at(FAR_S + n // 4, elapsed_s=FAR_S + n / 4))
        time.sleep(0.25)
        after = metrics(session)
        script.append((after["ScriptDuration"] - before["ScriptDuration"]) * 1e3)
        everything.append((after["TaskDuration"] - before["TaskDuration"]) * 1e3)
        before = after
    page.close()
    return script, everything


def memory(made: PageStage, climb: Climb, states: int) -> None:
    page = opened(made, climb, 10)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    before = collected(session)
    for n in range(states):
        seq = made.controller.say(climb.at(10 + n // 4 % (len(climb.samples) - 10), elapsed_s=10 + n / 4))
        time.sleep(0.004)
    made.says(climb.at(10, elapsed_s=10 + states / 4))
    shows(page, seq)
    after = collected(session)
    print(f"memory of the tab: heap {before['JSHeapUsedSize'] / 1e6:.1f} MB -> {after['JSHeapUsedSize'] / 1e6:.1f} MB, "
          f"nodes {before['Nodes']:.0f} -> {after['Nodes']:.0f}, listeners {before['JSEventListeners']:.0f} -> "
          f"{after['JSEventListeners']:.0f}, after {states} states")  # fmt: skip


def collected(session: CDPSession) -> dict[str, float]:
    session.send("HeapProfiler.collectGarbage")
    return metrics(session)


def metrics(session: CDPSession) -> dict[str, float]:
    found: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    return {each["name"]: float(each["value"]) for each in found}


def row(name: str, figures_ms: list[float]) -> None:
    p95 = statistics.quantiles(figures_ms, n=20)[-1]
    print(f"{name:34} {statistics.median(figures_ms):6.1f} ms {p95:6.1f} ms {max(figures_ms):6.1f} ms")


if __name__ == "__main__":
    sys.exit(main())
