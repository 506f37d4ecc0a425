"""The controller's end of MQTT: state, plan, events and answers out, orders in.

The tick only ever puts values down here (`offer_*`); a task of its own carries them away when it can. State and
plan are latest-wins, events and answers wait in a short queue that drops the oldest. So a dead or frozen broker
costs the tick nothing, and after it returns the newest state and plan go out again. Orders are judged as they
arrive and handed straight to `deliver`, behind nothing. All methods belong to the loop that runs `run`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import Protocol

import aiomqtt
import msgspec
from paho.mqtt.subscribeoptions import SubscribeOptions

from pitrainer.model import Answer, Verb
from pitrainer.mqtt_client import (
    LARGEST_B,
    BrokerSettings,
    Topics,
    boot_id,
    encode,
    log,
    name_of,
    open_client,
    stamp,
)
from pitrainer.mqtt_line import Line, stay_connected
from pitrainer.mqtt_orders import Order, Refusal, judge

WAITING_MOST = 200
REMEMBERED = 256
FAREWELL_S = 0.5
LONGEST_WISH = 40


class Household(Protocol):
    """The shape of `homeassistant.Household`: who is told that the treadmill is there, and may ask a little of it."""

    @property
    def listens_to(self) -> tuple[str, ...]: ...
    def announcement(self) -> tuple[str, Mapping[str, object]]: ...
    def is_birth(self, topic: str, payload: bytes) -> bool: ...
    def take(self, topic: str, payload: bytes, *, retained: bool) -> Order | None: ...


class ControllerLink:
    """`deliver` and `deliver_sim` are called in the loop, with each order taken and each wish to the simulation."""

    def __init__(
        self,
        settings: BrokerSettings,
        *,
        deliver: Callable[[Order], None],
        deliver_sim: Callable[[str], None] | None = None,
        household: Household | None = None,
        time_scale: float = 1.0,
    ) -> None:
        boot_id()  # fails here and now where it cannot be read, not in the tick
        self._settings = settings
        self._topics = Topics(settings.machine_id)
        self._deliver = deliver
        self._deliver_sim = deliver_sim
        self._household = household
        self._time_scale = time_scale
        self._state = b""
        self._plan = b""
        self._state_due = self._plan_due = self._announcement_due = False
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=WAITING_MOST)
        self._answers: OrderedDict[str, Answer | None] = OrderedDict()
        self._due = asyncio.Event()
        self.connected = False
        self.dropped = 0
        """Events and answers that gave way to newer ones."""

    def offer_state(self, state: Mapping[str, object]) -> None:
        """The newest state (docs/mqtt.md); `v`, `boot` and `bt_ns` are added where they are missing."""
        boot, bt_ns = stamp()
        self._state = encode({"v": 1, "boot": boot, "bt_ns": bt_ns, **state})
        self._state_due = True
        self._due.set()

    def offer_plan(self, plan: Mapping[str, object] | None) -> None:
        """The loaded session; None: nothing is loaded."""
        self._plan = b"" if plan is None else encode({"v": 1, **plan})
        self._plan_due = True
        self._due.set()

    def offer_event(self, event: Mapping[str, object]) -> None:
        self._queue(self._topics.event, encode({"v": 1, **event}))

    def offer_answer(self, answer: Answer) -> None:
        """The first answer to an id is remembered, and given again should the id come again."""
        if self._answers.get(answer.id, answer) is None:
            self._answers[answer.id] = answer
        self._queue(self._topics.ack, encode({"v": 1, "id": answer.id, "ok": answer.ok, "reason": answer.reason}))

    def _queue(self, topic: str, payload: bytes) -> None:
        self.dropped += len(self._waiting) == WAITING_MOST
        self._waiting.append((topic, payload))
        self._due.set()

    async def run(self) -> None:
        """Serve until cancelled; says `offline` on the way out."""
        await stay_connected(self._client, self._serve, where=name_of(self._settings), time_scale=self._time_scale)

    def _client(self) -> aiomqtt.Client:
        name = f"pitrainer-{self._settings.machine_id}"
        return open_client(self._settings, identifier=name, will=True, time_scale=self._time_scale)

    async def _serve(self, line: Line) -> None:
        await self._subscribe(line)
        await line.publish(self._topics.status, b"online", qos=1, retain=True)
        self._plan_due, self._state_due = True, bool(self._state)
        self._announcement_due = self._household is not None
        self._due.set()
        self.connected = True
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen(line))
                tasks.create_task(self._speak(line))
        except asyncio.CancelledError:
            await self._say_offline(line)
            raise
        finally:
            self.connected = False

    async def _say_offline(self, line: Line) -> None:
        with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
            wait_s = FAREWELL_S * self._time_scale
            await line.publish(self._topics.status, b"offline", qos=1, retain=True, limit_s=wait_s)

    async def _subscribe(self, line: Line) -> None:
        more = self._household.listens_to if self._household else ()
        sim = [self._topics.sim] * (self._deliver_sim is not None)
        for topic in (self._topics.cmd, self._topics.stop, *sim, *more):
            if self._settings.protocol == 5:
                # Without retainAsPublished a retained command published now looks like any other.
                options = SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=2)
                await line.subscribe(topic, qos=1, options=options)
            else:
                await line.subscribe(topic, qos=1)

    async def _speak(self, line: Line) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            while self._waiting:
                await self._send_oldest(line)
            if self._announcement_due and self._household:
                self._announcement_due = False
                topic, found = self._household.announcement()
                await self._publish(line, topic, encode(found), qos=1, retain=True)
            if self._plan_due:
                self._plan_due = False
                await self._publish(line, self._topics.plan, self._plan, qos=1, retain=True)
            if self._state_due:
                self._state_due = False
                await self._publish(line, self._topics.state, self._state, qos=0, retain=True)

    async def _send_oldest(self, line: Line) -> None:
        topic, payload = self._waiting.popleft()
        try:
            await self._publish(line, topic, payload, qos=1, retain=False)
        except (aiomqtt.MqttError, TimeoutError):
            if len(self._waiting) < WAITING_MOST:
                self._waiting.appendleft((topic, payload))
            raise

    async def _publish(self, line: Line, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        if len(payload) > LARGEST_B:
            # The broker would close the connection, and the same message would close it again, for ever.
            log.error("%s has %d bytes, at most %d are sent: left out.", topic, len(payload), LARGEST_B)
            return
        await line.publish(topic, payload, qos=qos, retain=retain)

    async def _listen(self, line: Line) -> None:
        async for message in line.client.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if message.topic.value == self._topics.cmd:
                self._take(payload, retained=bool(message.retain))
            elif message.topic.value == self._topics.stop:
                self._take_stop(payload)
            elif message.topic.value != self._topics.sim:
                self._take_at_home(message.topic.value, payload, retained=bool(message.retain))
            elif not message.retain:
                self._take_sim(payload)

    def _take(self, payload: bytes, *, retained: bool) -> None:
        boot, now_ns = stamp()
        verdict = judge(payload, retained=retained, boot=boot, now_ns=now_ns, seen=self._answers)
        if isinstance(verdict, Order):
            if verdict.id:
                self._remember(verdict.id)
            self._deliver(verdict)
        elif verdict.repeated:
            self._answer_again(verdict.id)
        else:
            self._refuse(verdict)

    def _remember(self, identity: str) -> None:
        self._answers.setdefault(identity, None)
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)

    def _answer_again(self, identity: str) -> None:
        first = self._answers[identity]
        if first is not None:  # else its answer is still to come
            self.offer_answer(first)

    def _refuse(self, refusal: Refusal) -> None:
        if refusal.id:
            self._remember(refusal.id)
        self.offer_answer(Answer(refusal.id, False, refusal.reason))

    def _take_stop(self, payload: bytes) -> None:
        """An empty payload only clears what somebody has retained there."""
        if payload:
            self._deliver(Order("", Verb.STOP, who="stop"))

    def _take_at_home(self, topic: str, payload: bytes, *, retained: bool) -> None:
        if self._household is None:
            return
        if self._household.is_birth(topic, payload):
            self._announcement_due = True
            self._due.set()
        elif order := self._household.take(topic, payload, retained=retained):
            self._deliver(order)

    def _take_sim(self, payload: bytes) -> None:
        with contextlib.suppress(ValueError, RecursionError):
            wish = msgspec.json.decode(payload, type=_SimWish)
            if self._deliver_sim is not None and len(wish.do) <= LONGEST_WISH:
                self._deliver_sim(wish.do)


class _SimWish(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    do: str
    v: int = 1
