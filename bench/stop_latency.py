"""STOP on the page until the command is at the treadmill's door.

From just before the POST is written to a page's open HTTP connection, through waitress and Flask, the broker, the
controller's link, its inbox and the tick that the STOP wakes, until that tick has handed its command to the
(simulated) treadmill's driver. Both ends are CLOCK_MONOTONIC, which all processes share. Real Mosquitto, real page
process, real controller process; `watched_controller.py` only looks. Six walks, each stopped while the belt moves
and stopped again and again, at random times, while it ramps down; a STOP that changes nothing takes the same way.

    python bench/stop_latency.py [STREAMS]

STREAMS phones hold a live stream meanwhile (0; at most 16 get one).
"""

from __future__ import annotations

import http.client
import random
import statistics
import sys
import time
from pathlib import Path

from stage import Stage, stage, wait_until, watch

WALKS, STOPS_A_WALK = 6, 20


def main() -> int:
    pause, streams = random.Random(1), int(sys.argv[1]) if len(sys.argv) > 1 else 0
    applied_ms, answered_ms = [], []
    with stage((str(Path(__file__).with_name("watched_controller.py")),)) as made:
        for _ in range(streams):
            watch(made)
        page = http.client.HTTPConnection("127.0.0.1", made.web_port)
        for _ in range(WALKS):
            made.walks()
            for _ in range(STOPS_A_WALK):
                time.sleep(pause.uniform(0.05, 0.4))
                applied, answered = stop(made, page)
                applied_ms.append(applied)
                answered_ms.append(answered)
            made.sees(lambda state: state["speed_kmh"] == 0.0 and "arm" in state["can"])
    print(f"{len(applied_ms)} STOPs, {streams} live streams")
    print(f"{'':16} {'median':>9} {'p95':>9} {'worst':>9}")
    row("at the treadmill", applied_ms)
    row("answered to page", answered_ms)
    return 0


def stop(made: Stage, page: http.client.HTTPConnection) -> tuple[float, float]:
    """Milliseconds until the command was applied, and until the page had its answer."""
    known = len(stops_of(made))
    before_ns = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    page.request("POST", "/api/cmd/stop", headers={"X-Pitrainer": "1"})
    response = page.getresponse()
    body = response.read()
    answered_ns = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    if response.status != 200:
        raise SystemExit(f"{response.status}: {body.decode()}")
    wait_until(lambda: len(stops_of(made)) > known)
    return (stops_of(made)[known] - before_ns) / 1e6, (answered_ns - before_ns) / 1e6


def stops_of(made: Stage) -> list[int]:
    lines = made.words.read_text().splitlines(keepends=True)
    return [int(line.split()[2]) for line in lines if line.startswith("STOP") and line.endswith("\n")]


def row(name: str, figures_ms: list[float]) -> None:
    p95 = statistics.quantiles(figures_ms, n=20)[-1]
    print(f"{name:16} {statistics.median(figures_ms):6.1f} ms {p95:6.1f} ms {max(figures_ms):6.1f} ms")


if __name__ == "__main__":
    sys.exit(main())
