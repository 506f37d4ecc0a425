"""The other end of MQTT, for the page and the command line: the controller's state in, commands out.

A thread of its own runs the connection and keeps the newest of everything; callers in any thread read it or wait
for news. A command is published with a stamp and an id of its own and then waits for the controller's answer on
`ack`, since a broker says nothing when its access list swallows a message. No answer in time is `None`: neither
done nor refused, as far as anybody knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import uuid
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import aiomqtt
import msgspec

from pitrainer.mqtt_client import (
    BrokerSettings,
    Topics,
    encode,
    expiring,
    name_of,
    open_client,
    plain_boot,
    stamp,
)
from pitrainer.mqtt_line import Line, stay_connected

Json: TypeAlias = dict[str, Any]
T = TypeVar("T")

EVENTS_KEPT = 50
HISTORY_EVERY_S = 2.0
HISTORY_S = 3 * 3600.0
TRY_AGAIN_S = 0.05
ENDING_S = 5.0


@dataclass(frozen=True, slots=True)
class Ack:
    """The controller's answer to a command."""

    ok: bool
    reason: str = ""


Point: TypeAlias = "tuple[float, float | None, float | None, float | None, float | None, float | None]"
"""elapsed_s, hr_bpm, incline_pct, incline_target_pct, speed_kmh, cap_bpm"""


class History:
    """What the chart draws: a point every 2 s of session time, at most 3 h of them, of one session."""

    def __init__(self) -> None:
        self._session_id: object = None
        self._points: deque[Point] = deque(maxlen=int(HISTORY_S / HISTORY_EVERY_S))

    def add(self, state: Json) -> None:
        elapsed_s = state.get("elapsed_s")
        if state.get("session_id") != self._session_id:
            self._session_id = state.get("session_id")
            self._points.clear()
        if self._session_id is None or not isinstance(elapsed_s, int | float):
            return
        if not self._points or elapsed_s >= self._points[-1][0] + HISTORY_EVERY_S:
            self._points.append(_point(elapsed_s, state))

    def points(self) -> list[Point]:
        return list(self._points)


def _point(elapsed_s: float, state: Json) -> Point:
    get = state.get
    return (
        elapsed_s,
        get("hr_bpm"),
        get("incline_pct"),
        get("incline_target_pct"),
        get("speed_kmh"),
        get("cap_bpm"),
    )


class Remote:
    """One connection for a whole process. `who` is told to the controller with every command."""

    def __init__(self, settings: BrokerSettings, *, who: str) -> None:
        self._settings = settings
        self._who = who
        self._topics = Topics(settings.machine_id)
        self._news = threading.Condition()
        self._state: Json | None = None
        self._plan: Json | None = None
        self._status: str | None = None
        self._events: deque[Json] = deque(maxlen=EVENTS_KEPT)
        self._history = History()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._running = threading.Event()
        # Only the thread's own loop touches these two.
        self._line: Line | None = None
        self._asked: dict[str, asyncio.Future[Ack]] = {}
        self._takes: dict[str, Callable[[bytes], None]] = {
            self._topics.status: self._take_status,
            self._topics.state: self._take_state,
            self._topics.plan: self._take_plan,
            self._topics.event: self._take_event,
            self._topics.ack: self._take_ack,
        }

    # -- for callers in any thread

    def start(self) -> None:
        """Begin to connect; returns at once, whether or not there is a broker."""
        self._thread = threading.Thread(target=self._live, name="mqtt", daemon=True)
        self._thread.start()
        self._running.wait(ENDING_S)

    def close(self) -> None:
        """End the connection and wake everybody who waits. Takes at most 5 s."""
        with self._news:
            self._closed = True
            self._news.notify_all()
        if self._loop is not None and self._task is not None:
            with contextlib.suppress(RuntimeError):  # the loop may have ended by itself
                self._loop.call_soon_threadsafe(self._task.cancel)
        if self._thread is not None:
            self._thread.join(ENDING_S)

    @property
    def connected(self) -> bool:
        """Is the broker there? Says nothing about the controller: see `status` and `state_age_s`."""
        return self._line is not None

    def state(self) -> Json | None:
        return self._state

    def plan(self) -> Json | None:
        return self._plan

    def status(self) -> str | None:
        """`online`, `offline`, or None while the broker is out of reach or has not said."""
        return self._status

    def state_age_s(self) -> float | None:
        """None: there is no state, or it is from another boot or not stamped. Treat that as stale."""
        state = self._state
        boot, now_ns = stamp()
        if state is None or not isinstance(state.get("bt_ns"), int):
            return None
        if plain_boot(str(state.get("boot"))) != boot:
            return None
        return float(now_ns - state["bt_ns"]) / 1e9

    def wait_newer(self, seq: int | None, timeout_s: float) -> Json | None:
        """The newest state once its `seq` is another than `seq`; None when none came in time."""

        def newer() -> bool:
            return self._state is not None and self._state.get("seq") != seq

        with self._news:
            self._news.wait_for(lambda: self._closed or newer(), timeout_s)
            return self._state if newer() else None

    def recent_events(self) -> list[Json]:
        """The last 50, oldest first."""
        with self._news:
            return list(self._events)

    def history(self) -> list[Point]:
        with self._news:
            return self._history.points()

    def send(self, cmd: str, *, timeout_s: float = 1.0, **fields: object) -> Ack | None:
        """Send a command (docs/mqtt.md) and wait for its answer; None: no answer in time."""
        return self._within(timeout_s, self._ask(cmd, fields))

    def send_sim(self, do: str, *, timeout_s: float = 1.0) -> bool:
        """Tell the simulated hardware something; did the broker take it?"""
        done = self._within(timeout_s, self._publish(self._topics.sim, lambda: {"v": 1, "do": do}))
        return done is not None

    def _within(self, timeout_s: float, work: Coroutine[Any, Any, T]) -> T | None:
        if self._loop is None or self._closed:
            work.close()
            raise RuntimeError("This Remote is not running: call start() first, and close() last.")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout_s)
        except (TimeoutError, CancelledError, aiomqtt.MqttError):
            future.cancel()
            return None

    # -- in the thread's loop

    def _live(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._stay())

    async def _stay(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._running.set()
        await stay_connected(self._connect, self._serve, where=name_of(self._settings))

    def _connect(self) -> aiomqtt.Client:
        name = f"pitrainer-{self._who[:8]}-{uuid.uuid4().hex[:8]}"
        return open_client(self._settings, identifier=name, will=False)

    async def _serve(self, line: Line) -> None:
        for topic in self._takes:
            await line.subscribe(topic, qos=0 if topic == self._topics.state else 1)
        self._line = line
        try:
            async for message in line.client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                self._takes[message.topic.value](payload)
        finally:
            self._line, self._status = None, None

    def _take_status(self, payload: bytes) -> None:
        self._status = payload.decode(errors="replace") or None

    def _take_plan(self, payload: bytes) -> None:
        self._plan = _object(payload)

    def _take_state(self, payload: bytes) -> None:
        state = _object(payload)
        if state is not None:
            with self._news:
                self._state = state
                self._history.add(state)
                self._news.notify_all()

    def _take_event(self, payload: bytes) -> None:
        event = _object(payload)
        if event is not None:
            with self._news:
                self._events.append(event)

    def _take_ack(self, payload: bytes) -> None:
        answer = _object(payload) or {}
        asked = self._asked.get(str(answer.get("id")))
        if asked is not None and not asked.done():
            asked.set_result(Ack(answer.get("ok") is True, str(answer.get("reason", ""))))

    async def _ask(self, cmd: str, fields: Json) -> Ack:
        identity = uuid.uuid4().hex
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._asked[identity] = answer
        try:
            await self._publish(self._topics.cmd, lambda: self._envelope(identity, cmd, fields))
            return await answer
        finally:
            del self._asked[identity]

    def _envelope(self, identity: str, cmd: str, fields: Json) -> Json:
        boot, bt_ns = stamp()
        return {"v": 1, "id": identity, "boot": boot, "bt_ns": bt_ns, "cmd": cmd, "who": self._who, **fields}

    async def _publish(self, topic: str, message: Callable[[], Json]) -> bool:
        """Publish once there is a connection; each attempt is stamped afresh, the id makes repeats harmless."""
        properties = expiring() if self._settings.protocol == 5 else None
        while True:
            with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                if self._line is not None:
                    await self._line.publish(topic, encode(message()), qos=1, properties=properties)
                    return True
            await asyncio.sleep(TRY_AGAIN_S)


def _object(payload: bytes) -> Json | None:
    try:
        value = msgspec.json.decode(payload)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
