"""Run inside the box, by the installed program's own Python: the runner's hands and eyes, over the broker.

hands.py walk SESSION    load, arm, start; returns when the belt moves
hands.py stop            STOP; returns when the belt stands
hands.py state           the newest state of a controller that is online and sees the belt
Each prints one line of JSON. The account is the page's, as for `pitrainer halt`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pitrainer import config
from pitrainer.mqtt import Remote

PATIENCE_S = 40.0


def wait_for(true: Callable[[], Any], what: str, most_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + most_s
    while not true():
        if time.monotonic() > end:
            sys.exit(f"not within {most_s:g} s: {what}")
        time.sleep(0.05)


def ask(remote: Remote, cmd: str, **fields: object) -> None:
    answer = remote.send(cmd, timeout_s=5.0, **fields)
    if answer is None or not answer.ok:
        sys.exit(f"{cmd}: {answer}")


def fresh(remote: Remote) -> dict[str, Any]:
    """The state if it is at most 6 s old, else nothing."""
    age_s = remote.state_age_s()
    state = remote.state()
    return state if state is not None and age_s is not None and age_s < 6.0 else {}


def sees_the_belt(remote: Remote) -> bool:
    return fresh(remote).get("speed_kmh") is not None


def walk(remote: Remote, session: str) -> dict[str, Any]:
    wait_for(lambda: "load" in fresh(remote).get("can", ()), "loading is possible")
    ask(remote, "load", session=session)
    wait_for(lambda: "arm" in fresh(remote).get("can", ()), "arming is possible")
    ask(remote, "arm")
    ask(remote, "start")
    wait_for(lambda: (fresh(remote).get("speed_kmh") or 0.0) > 2.0, "the belt moves")
    return fresh(remote)


def stop(remote: Remote) -> dict[str, Any]:
    begin = time.monotonic()
    ask(remote, "stop")
    wait_for(lambda: fresh(remote).get("speed_kmh") == 0.0, "the belt stands")
    return {"took_s": round(time.monotonic() - begin, 1), **fresh(remote)}


def look(remote: Remote) -> dict[str, Any]:
    return {"status": remote.status(), "age_s": remote.state_age_s(), **(remote.state() or {})}


DEEDS: dict[str, Callable[..., dict[str, Any]]] = {"walk": walk, "stop": stop, "state": look}


def main() -> None:
    remote = Remote(config.load(Path("/etc/pitrainer/pitrainer.toml")).mqtt.asking, who="appliance")
    remote.start()
    try:
        deed, words = sys.argv[1], sys.argv[2:]
        if deed != "state":
            wait_for(lambda: fresh(remote), "the controller says something")
        else:
            wait_for(lambda: remote.status() == "online" and sees_the_belt(remote), "the controller sees the belt")
        print(json.dumps(DEEDS[deed](remote, *words)))
    finally:
        remote.close()


main()
