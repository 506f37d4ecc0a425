"""Reaching the broker: topics, stamps, one connection, and staying connected.

A connection is clean every time (clean start, session expiry 0), so the broker never keeps a command for somebody
who was away. Keepalive is 5 s: a frozen peer is noticed after about 10 s; who needs to know sooner looks at the age
of the state, judged by CLOCK_BOOTTIME, which all processes of one boot share and no clock correction touches.
TCP_NODELAY is set because Nagle's algorithm with delayed acknowledgements costs 40 ms a message.

Time limits are ours (`Line`): aiomqtt 2.5 sets its own with asyncio.wait_for, which on Python 3.11 can swallow a
cancellation, and then the end of the program, and with it the halt of the belt, would wait for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import math
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import aiomqtt
import msgspec
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

log = logging.getLogger("pitrainer.mqtt")

KEEPALIVE_S = 5
TIMEOUT_S = 3.0
RETRY_FIRST_S = 0.5
RETRY_MOST_S = 5.0
RETRY_REFUSED_S = 30.0
"""After a wrong password: each attempt costs the broker a slow hash, and only a person can cure it."""
STEADY_S = 10.0
"""A connection that held this long starts its next outage with the short wait again."""
COMMAND_EXPIRY_S = 2
LARGEST_B = 128_000
"""No larger message is sent; config/mosquitto/pitrainer.conf lets just a little more pass."""
REFUSALS = {134, 135}
"""MQTT reason codes: bad user name or password, not authorized."""


class BrokerSettings(Protocol):
    """Where the broker is: `config.MqttSettings` has this shape. A `socket` path wins over `host` and `port`."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def socket(self) -> str | os.PathLike[str] | None: ...
    @property
    def protocol(self) -> int: ...
    @property
    def username(self) -> str | None: ...
    @property
    def password_file(self) -> str | os.PathLike[str] | None: ...
    @property
    def machine_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Topics:
    """The full topic names of one machine (docs/mqtt.md)."""

    machine_id: str

    def _of(self, leaf: str) -> str:
        return f"pitrainer/{self.machine_id}/{leaf}"

    @property
    def status(self) -> str:
        return self._of("status")

    @property
    def state(self) -> str:
        return self._of("state")

    @property
    def plan(self) -> str:
        return self._of("plan")

    @property
    def event(self) -> str:
        return self._of("event")

    @property
    def cmd(self) -> str:
        return self._of("cmd")

    @property
    def ack(self) -> str:
        return self._of("ack")

    @property
    def sim(self) -> str:
        return self._of("sim")


def stamp() -> tuple[str, int]:
    """This boot (32 hex digits) and CLOCK_BOOTTIME in ns. OSError where the kernel's boot id is out of reach."""
    return boot_id(), time.clock_gettime_ns(time.CLOCK_BOOTTIME)


@functools.cache
def boot_id() -> str:
    """`$BOOT_ID` (systemd's %b, for units that may not see /proc/sys), else what the kernel says."""
    text = os.environ.get("BOOT_ID") or _kernel_boot_id()
    return plain_boot(text)


def plain_boot(text: str) -> str:
    """systemd writes a boot id without dashes, the kernel with."""
    return text.strip().replace("-", "").lower()


def _kernel_boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError as error:
        message = f"The boot id cannot be read ({error}); set BOOT_ID=%b in the systemd unit."
        raise OSError(error.errno, message) from error


def encode(message: object) -> bytes:
    """JSON; numbers that are none (NaN, infinite) go out as null, what JSON does not know as its text."""
    return msgspec.json.encode(message, enc_hook=str)


def open_client(settings: BrokerSettings, *, identifier: str, will: bool, time_scale: float = 1.0) -> aiomqtt.Client:
    """A client that is not connected yet: enter it to connect. Needs a running loop.

    `will`: leave `offline` behind on `status` if it dies. `time_scale`: how many times faster than real time the
    loop runs. OSError if the password file cannot be read.
    """
    version5 = settings.protocol == 5
    where = settings.socket
    password = settings.password_file
    return aiomqtt.Client(
        os.fspath(where) if where else settings.host,
        settings.port,
        transport="unix" if where else "tcp",
        username=settings.username,
        password=Path(password).read_text().strip() if password else None,
        identifier=identifier,
        protocol=aiomqtt.ProtocolVersion.V5 if version5 else aiomqtt.ProtocolVersion.V311,
        clean_session=None if version5 else True,
        properties=_session_expiry_0() if version5 else None,
        will=aiomqtt.Will(Topics(settings.machine_id).status, b"offline", 1, True) if will else None,
        timeout=TIMEOUT_S * time_scale,
        keepalive=KEEPALIVE_S,
        socket_options=() if where else ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
        # Paho takes the flag with MQTT 5 only, and by default means it for the first connection only.
        clean_start=True if version5 else MQTT_CLEAN_START_FIRST_ONLY,
    )


def _session_expiry_0() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 0
    return properties


def expiring() -> Properties:
    """MQTT 5 properties of a command: the broker forgets it after 2 s."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = COMMAND_EXPIRY_S
    return properties


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
            log.warning("MQTT at %s: %s. Going on without; trying again.", self._where, error)
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
        held_s = time.monotonic() - connected_at if connected_at else 0.0
        await asyncio.sleep(outage.broke(error, held_s=held_s) * time_scale)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


def name_of(settings: BrokerSettings) -> str:
    """Where the broker is, for people."""
    return str(settings.socket) if settings.socket else f"{settings.host}:{settings.port}"
