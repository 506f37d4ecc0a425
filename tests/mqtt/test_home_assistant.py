"""Home Assistant's end of the controller's link, and the plain STOP, under the shipped access list."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiomqtt
import msgspec
import pytest
from broker_kit import TOPICS, Broker, Settings, mosquitto, program, running, until

from pitrainer.homeassistant import Household
from pitrainer.mqtt import ControllerLink, Order, open_client

ACL = Path(__file__).parents[2] / "config" / "mosquitto" / "pitrainer.acl"
DISCOVERY = "homeassistant/device/pitrainer_treadmill/config"
BIRTH = "homeassistant/status"
USERS = ("controller", "home", "bridge", "viewer")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    directory = tmp_path_factory.mktemp("home")
    passwords = directory / "passwd"
    for user in USERS:
        create = [] if passwords.exists() else ["-c"]
        subprocess.run([program("mosquitto_passwd"), *create, "-b", str(passwords), user, user], check=True)
        (directory / f"password-{user}").write_text(user)
    (directory / "acl").write_text(ACL.read_text())
    conf = f"allow_anonymous false\npassword_file {passwords}\nacl_file {directory / 'acl'}\n"
    made = mosquitto(directory, conf=conf)
    with running(replace(made, settings=replace(made.settings, password_file=f"{directory}/password-"))) as it:
        yield it


def as_user(broker: Broker, user: str) -> Settings:
    return replace(broker.settings, username=user, password_file=f"{broker.settings.password_file}{user}")


@dataclass
class Link:
    link: ControllerLink
    orders: list[Order] = field(default_factory=list)


@contextlib.asynccontextmanager
async def controller(settings: Settings, *, at_home: bool = True) -> AsyncIterator[Link]:
    household = Household("treadmill", titles={"Capped climb": "capped-climb"}) if at_home else None
    orders: list[Order] = []
    link = ControllerLink(settings, deliver=orders.append, household=household)
    task = asyncio.create_task(link.run())
    try:
        await until(lambda: link.connected)
        yield Link(link, orders)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@dataclass
class Person:
    client: aiomqtt.Client
    heard: list[tuple[str, bytes]] = field(default_factory=list)

    def said(self, topic: str) -> list[bytes]:
        return [payload for where, payload in self.heard if where == topic]

    async def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        await self.client.publish(topic, payload, qos=1, retain=retain)


@contextlib.asynccontextmanager
async def person(settings: Settings) -> AsyncIterator[Person]:
    async with open_client(settings, identifier=f"person-{settings.username}", will=False) as client:
        it = Person(client)
        for topic in ("homeassistant/#", "pitrainer/#"):
            await client.subscribe(topic, qos=1)
        listening = asyncio.create_task(_listen(it))
        try:
            yield it
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
                await listening


async def _listen(it: Person) -> None:
    async for message in it.client.messages:
        assert isinstance(message.payload, bytes)
        it.heard.append((message.topic.value, message.payload))


@pytest.mark.parametrize("protocol", [5, 3])
def test_the_device_is_announced_retained_and_again_when_home_assistant_starts(broker: Broker, protocol: int) -> None:
    async def scene() -> None:
        settings = replace(as_user(broker, "controller"), protocol=protocol)
        async with controller(settings), person(as_user(broker, "home")) as home:
            await until(lambda: home.said(DISCOVERY))
            before = len(home.said(DISCOVERY))
            await home.say(BIRTH, b"offline")
            await home.say(BIRTH, b"online")
            await until(lambda: len(home.said(DISCOVERY)) == before + 1)
            assert msgspec.json.decode(home.said(DISCOVERY)[-1])["dev"]["ids"] == ["pitrainer_treadmill"]

    asyncio.run(scene())


def test_without_the_setting_nothing_is_announced_and_only_stop_is_heard(broker: Broker) -> None:
    async def scene() -> None:
        async with person(as_user(broker, "controller")) as sweep:
            await sweep.say(DISCOVERY, b"", retain=True)
        alone = controller(as_user(broker, "controller"), at_home=False)
        async with alone as it, person(as_user(broker, "home")) as home:
            await home.say(BIRTH, b"online")
            await home.say(TOPICS.pause, b"PAUSE")
            await home.say(TOPICS.stop, b"STOP")
            await until(lambda: it.orders)
            assert [order.cmd for order in it.orders] == ["stop"]
            assert [payload for payload in home.said(DISCOVERY) if payload] == []

    asyncio.run(scene())


def test_the_household_may_stop_pause_and_choose_and_has_no_other_command(broker: Broker) -> None:
    async def scene() -> None:
        async with controller(as_user(broker, "controller")) as it, person(as_user(broker, "home")) as home:
            await home.say(TOPICS.cmd, b'{"cmd":"stop"}')
            await home.say(TOPICS.sim, b'{"do":"strap_off"}')
            await home.say(TOPICS.session, b"Capped climb")
            await home.say(TOPICS.pause, b"PAUSE")
            await home.say(TOPICS.stop, b"")
            await home.say(TOPICS.stop, b"STOP")
            await until(lambda: len(it.orders) >= 3)
            assert [(order.cmd, order.session) for order in it.orders] == [
                ("load", "capped-climb"),
                ("pause", None),
                ("stop", None),
            ]

    asyncio.run(scene())


def test_a_bridge_may_stop_and_a_viewer_may_not(broker: Broker) -> None:
    async def scene() -> None:
        others = person(as_user(broker, "viewer")), person(as_user(broker, "bridge"))
        async with controller(as_user(broker, "controller")) as it, others[0] as viewer, others[1] as gym:
            await viewer.say(TOPICS.stop, b"STOP")
            await gym.say(TOPICS.pause, b"PAUSE")
            await gym.say(TOPICS.session, b"Capped climb")
            await gym.say(TOPICS.stop, b"STOP")
            await until(lambda: it.orders)
            assert [order.cmd for order in it.orders] == ["stop"]

    asyncio.run(scene())


def test_what_was_left_retained_on_pause_and_session_does_nothing_at_a_start(broker: Broker) -> None:
    async def scene() -> None:
        async with person(as_user(broker, "home")) as home:
            await home.say(TOPICS.pause, b"PAUSE", retain=True)
            await home.say(TOPICS.session, b"Capped climb", retain=True)
            for protocol in (5, 3):
                settings = replace(as_user(broker, "controller"), protocol=protocol)
                async with controller(settings) as it:
                    await home.say(TOPICS.stop, b"STOP")
                    await until(lambda: it.orders)
                    assert [order.cmd for order in it.orders] == ["stop"]
            for topic in (TOPICS.pause, TOPICS.session):
                await home.say(topic, b"", retain=True)

    asyncio.run(scene())
