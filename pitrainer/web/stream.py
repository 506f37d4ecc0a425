"""Server-sent events: the newest state, as often as it changes, to at most `STREAMS_MAX` pages.

Each stream holds a thread of waitress, so they are counted: whoever comes too late gets 503 and polls, and the
threads beyond them stay free for STOP. A phone that left the Wi-Fi sends no goodbye, and its stream would live for
minutes: each ends by itself after `STREAM_S` (the page opens the next one at once), and a comment every
`HEARTBEAT_S` finds closed tabs. Figures: docs/performance.md.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from threading import BoundedSemaphore, Event

from flask import Response

from pitrainer.web.guard import refuse
from pitrainer.web.link import Remote, State, newest

STREAMS_MAX = 16
STREAM_S = 60.0
HEARTBEAT_S = 5.0
LOOK_S = 1.0
"""How often a quiet stream looks whether the broker or the controller went away, or began anew."""
RETRY_MS = 1000


class Streams:
    """The slots, and the streams in them."""

    def __init__(self, remote: Remote, *, now: Callable[[], float] = time.monotonic) -> None:
        self._remote = remote
        self._now = now
        self._slots = BoundedSemaphore(STREAMS_MAX)
        self._ending = Event()

    def open(self) -> Response:
        """A stream, or 503 with `Retry-After` where every slot is taken."""
        if not self._slots.acquire(blocking=False):
            full = refuse(503, f"All {STREAMS_MAX} live connections are taken; this page asks once a second.")
            full.headers["Retry-After"] = "10"
            return full
        response = Response(self._messages(), mimetype="text/event-stream")
        response.headers["X-Accel-Buffering"] = "no"
        response.call_on_close(self._slots.release)
        return response

    def end(self) -> None:
        """Let every stream end within `LOOK_S`: the process is leaving."""
        self._ending.set()

    def _messages(self) -> Iterator[str]:
        yield f"retry: {RETRY_MS}\n\n"
        until_s = self._now() + STREAM_S
        spoken_s = self._now()
        told: tuple[object, ...] | None = None
        while self._now() < until_s and not self._ending.is_set():
            state = newest(self._remote)
            if _news(state) != told:
                told, spoken_s = _news(state), self._now()
                yield message(state)
            elif self._now() - spoken_s >= HEARTBEAT_S:
                spoken_s = self._now()
                yield ": still here\n\n"
            self._remote.wait_newer(state["seq"], LOOK_S)
        yield "event: again\ndata: {}\n\n"


def message(state: State) -> str:
    """One event: the state in one line, with its `seq` as the id."""
    name = "" if state["seq"] is None else f"id: {state['seq']}\n"
    return f"{name}data: {json.dumps(state, separators=(',', ':'))}\n\n"


def _news(state: State) -> tuple[object, ...]:
    """What makes a message worth sending."""
    last_event = tuple(map(str, state["events"][-1:]))
    return state["seq"], state.get("bt_ns"), state["status"], state["connected"], len(state["events"]), last_event
