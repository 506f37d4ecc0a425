"""Real brokers as child processes, a link that runs while a test looks, and a stranger who may say anything."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec

from pitrainer.model import Answer
from pitrainer.mqtt import ControllerLink, Order, Topics, open_client, stamp

TOPICS = Topics("treadmill")
PATIENCE_S = 20.0


@dataclass(frozen=True)
class Settings:
    """The shape of `config.MqttSettings`."""

    host: str = "127.0.0.1"
    port: int = 1883
    socket: str | None = None
    protocol: int = 5
    username: str | None = None
    password_file: str | None = None
    machine_id: str = "treadmill"


@dataclass
class Broker:
    """`command` starts it in the foreground; it is ended by its own pid."""

    command: list[str]
    settings: Settings
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.accepts)

    def accepts(self) -> bool:
        assert self.process is not None and self.process.poll() is None, f"{self.command} ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.settings.port), 1.0):
            return True
        return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def running(broker: Broker) -> Iterator[Broker]:
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


def mosquitto(directory: Path, *, conf: str = "allow_anonymous true\n") -> Broker:
    """On a free port of loopback and on a unix socket in `directory`."""
    port = free_port()
    file = directory / "mosquitto.conf"
    listeners = f"listener {port} 127.0.0.1\nlistener 0 {directory / 'mqtt.sock'}\n"
    file.write_text(f"user root\nset_tcp_nodelay true\n{listeners}{conf}")
    return Broker([program("mosquitto"), "-c", str(file)], Settings(port=port))


AMQTT = """
import asyncio, sys
from amqtt.broker import Broker
async def main():
    listeners = {"default": {"type": "tcp", "bind": "127.0.0.1:" + sys.argv[1]}}
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    broker = Broker({"listeners": listeners, "plugins": plugins})
    await broker.start()
    await asyncio.Event().wait()
asyncio.run(main())
"""


def amqtt() -> Broker:
    """The demo's broker: MQTT 3.1.1 only."""
    port = free_port()
    return Broker([sys.executable, "-c", AMQTT, str(port)], Settings(port=port, protocol=3))


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    assert found, f"{name} is missing: apt-get install mosquitto"
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.005)


@dataclass
class Controller:
    """A link with a controller behind it that takes every order and says yes."""

    link: ControllerLink
    orders: list[Order] = field(default_factory=list)
    wishes: list[str] = field(default_factory=list)


@contextlib.asynccontextmanager
async def controller(settings: Settings, *, wait: bool = True) -> AsyncIterator[Controller]:
    def take(order: Order) -> None:
        it.orders.append(order)
        it.link.offer_answer(Answer(order.id, True))

    def wish(do: str) -> None:
        it.wishes.append(do)

    it = Controller(ControllerLink(settings, deliver=take, deliver_sim=wish))
    task = asyncio.create_task(it.link.run())
    try:
        if wait:
            await until(lambda: it.link.connected)
        yield it
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@dataclass
class Stranger:
    """Hears all that is said under the machine's name and may say anything."""

    client: aiomqtt.Client
    heard: list[tuple[str, bytes, bool]] = field(default_factory=list)

    def said(self, topic: str) -> list[bytes]:
        return [payload for where, payload, _ in self.heard if where == topic]

    def acks(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(payload) for payload in self.said(TOPICS.ack)]

    def states(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(payload) for payload in self.said(TOPICS.state)]

    async def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        await self.client.publish(topic, payload, qos=1, retain=retain)


@contextlib.asynccontextmanager
async def stranger(settings: Settings) -> AsyncIterator[Stranger]:
    async with open_client(settings, identifier=f"stranger-{time.monotonic_ns()}", will=False) as client:
        it = Stranger(client)
        await client.subscribe("pitrainer/#", qos=1)
        listening = asyncio.create_task(_listen(it))
        try:
            yield it
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
                await listening


async def _listen(it: Stranger) -> None:
    async for message in it.client.messages:
        assert isinstance(message.payload, bytes)
        it.heard.append((message.topic.value, message.payload, bool(message.retain)))


def command(cmd: str = "pause", *, id: str = "a1", age_s: float = 0.0, **fields: object) -> bytes:
    boot, now_ns = stamp()
    envelope = {"v": 1, "id": id, "boot": boot, "bt_ns": now_ns - int(age_s * 1e9), "cmd": cmd, "who": "test"}
    return msgspec.json.encode({**envelope, **fields})


def over_unix(settings: Settings, directory: Path) -> Settings:
    return replace(settings, host="host.invalid", socket=str(directory / "mqtt.sock"))
