"""Staying connected: open, serve, lose, wait, again; and letting go of a connection at once.

Time limits are ours (`Line`): aiomqtt 2.5 sets its own with asyncio.wait_for, which on Python 3.11 can swallow a
cancellation, and then the end of the program, and with it the halt of the belt, would wait for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from pitrainer.mqtt_client import log

RETRY_FIRST_S = 0.5
RETRY_MOST_S = 5.0
RETRY_REFUSED_S = 30.0
"""After a wrong password: each attempt costs the broker a slow hash, and only a person can cure it."""
STEADY_S = 10.0
"""A connection that held this long starts its next outage with the short wait again."""
REFUSALS = {134, 135}
"""MQTT reason codes: bad user name or password, not authorized."""


class Outage:
    """Says once that the broker is out of reach and once that it is back, and how long to wait before trying."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._since: float | None = None
        self._wait_s = RETRY_FIRST_S

    def over(self) -> None:
        if self._since is not None:
            log.warning("MQTT at %s is back.", self._where)
        self._since = None

    def broke(self, error: BaseException, *, held_s: float) -> float:
        """Seconds to wait before the next attempt, after a connection that held for `held_s`."""
        if self._since is None:
            log.warning(
                "MQTT at %s: %s. Going on without; trying again.", self._where, str(error) or "no answer in time"
            )
        self._since = self._since or time.monotonic()
        if isinstance(error, MqttConnectError) and _code(error) in REFUSALS:
            return RETRY_REFUSED_S
        wait_s = RETRY_FIRST_S if held_s >= STEADY_S else self._wait_s
        self._wait_s = min(wait_s * 2, RETRY_MOST_S)
        return wait_s


def _code(error: MqttConnectError) -> int | None:
    return error.rc if isinstance(error.rc, int) else getattr(error.rc, "value", None)


@dataclass(frozen=True, slots=True)
class Line:
    """An open connection on which nothing takes longer than `limit_s`: then it is a TimeoutError."""

    client: aiomqtt.Client
    limit_s: float

    async def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int,
        retain: bool = False,
        properties: Properties | None = None,
        limit_s: float | None = None,
    ) -> None:
        async with asyncio.timeout(limit_s or self.limit_s):
            await self.client.publish(topic, payload, qos=qos, retain=retain, properties=properties)

    async def subscribe(self, topic: str, *, qos: int, options: SubscribeOptions | None = None) -> None:
        """`options` (MQTT 5) stand in for `qos`."""
        async with asyncio.timeout(self.limit_s):
            await self.client.subscribe(topic, qos=0 if options else qos, options=options)


@contextlib.asynccontextmanager
async def connection(client: aiomqtt.Client) -> AsyncIterator[Line]:
    """Connect within the client's own time limit; on leaving, disconnect at once, whatever the state."""
    limit_s, client.timeout = client.timeout, math.inf
    try:
        async with asyncio.timeout(limit_s):
            await client.__aenter__()
        yield Line(client, limit_s)
    finally:
        await _let_go(client)


async def _let_go(client: aiomqtt.Client) -> None:
    """Close the socket and forget it without waiting for anybody. aiomqtt itself leaves socket, reader and a task
    behind when connecting fails or is cancelled, and otherwise waits for the other side."""
    paho = client._client
    paho.on_socket_open = None  # a thread may still be connecting
    paho.on_socket_register_write = None
    # aiomqtt's would ask a future that a time limit has cancelled, and that answers with a cancellation of whoever
    # asks: after a broker that froze, this task would end without a word and never connect again.
    paho.on_disconnect = None
    try:
        await asyncio.sleep(0)  # what that thread has put on the loop must have run before it can be taken off
    finally:
        _close(paho)
        if client._misc_task is not None:
            client._misc_task.cancel()
        if client._disconnected.done() and not client._disconnected.cancelled():
            client._disconnected.exception()  # has been told by what it broke


def _close(paho: PahoClient) -> None:
    paho.disconnect()
    left = paho.socket()  # still open if it would not take a word more
    if isinstance(left, socket.socket) and left.fileno() >= 0:
        loop = asyncio.get_running_loop()
        loop.remove_reader(left)
        loop.remove_writer(left)
        left.close()


async def stay_connected(
    connect: Callable[[], aiomqtt.Client],
    serve: Callable[[Line], Awaitable[None]],
    *,
    where: str,
    time_scale: float = 1.0,
) -> None:
    """Connect, serve, lose, wait, again, for ever. Errors of the link are survived; others are not."""
    outage = Outage(where)
    while True:
        connected_at = None
        error: BaseException = aiomqtt.MqttError("the connection ended")
        try:
            async with connection(connect()) as line:
                connected_at = time.monotonic()
                outage.over()
                await serve(line)
        except* (aiomqtt.MqttError, OSError) as group:
            error = _first(group)
        _settle_cancellations()
        held_s = time.monotonic() - connected_at if connected_at else 0.0
        await asyncio.sleep(outage.broke(error, held_s=held_s) * time_scale)


def _settle_cancellations() -> None:
    """Before Python 3.13 a TaskGroup that ends in an error leaves counted the cancellation with which it woke this
    task, and 3.11.2 (Debian 12) takes every later time limit for that one: the task would end without a word at the
    next that runs out. A second one counted is somebody's who means it."""
    task = asyncio.current_task()
    if sys.version_info >= (3, 13) or task is None:
        return
    if task.cancelling() > 1:
        raise asyncio.CancelledError
    while task.cancelling():
        task.uncancel()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
