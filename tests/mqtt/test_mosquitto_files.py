"""config/mosquitto as it is shipped, in a real Mosquitto; only paths and the port are changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from broker_kit import TOPICS, Broker, Settings, command, controller, free_port, program, running, stranger, until

from pitrainer.mqtt import ControllerLink

SHIPPED = Path(__file__).parents[2] / "config" / "mosquitto"
USERS = ("controller", "web", "viewer")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    directory = tmp_path_factory.mktemp("shipped")
    port = free_port()
    for user in USERS:
        (directory / f"password-{user}").write_text(f"secret-of-{user}\n")
        create = [] if (directory / "pitrainer.passwd").exists() else ["-c"]
        passwords = str(directory / "pitrainer.passwd")
        subprocess.run([program("mosquitto_passwd"), *create, "-b", passwords, user, f"secret-of-{user}"], check=True)
    (directory / "pitrainer.acl").write_bytes((SHIPPED / "pitrainer.acl").read_bytes())
    text = (SHIPPED / "pitrainer.conf").read_text()
    assert "listener 1883 127.0.0.1" in text
    text = text.replace("listener 1883 ", f"listener {port} ").replace("/etc/mosquitto/", f"{directory}/")
    text = text.replace("/run/mosquitto/", f"{directory}/")
    (directory / "pitrainer.conf").write_text(f"user root\n{text}")
    command_line = [program("mosquitto"), "-c", str(directory / "pitrainer.conf")]
    with running(Broker(command_line, Settings(port=port, password_file=str(directory / "password-")))) as broker:
        yield broker


def as_user(broker: Broker, user: str) -> Settings:
    return replace(broker.settings, username=user, password_file=f"{broker.settings.password_file}{user}")


def test_the_page_commands_over_tcp_and_the_controller_answers_over_its_socket(broker: Broker) -> None:
    pi = as_user(broker, "controller")
    socket = str(Path(str(pi.password_file)).parent / "mqtt.sock")

    async def scene() -> None:
        async with controller(replace(pi, socket=socket)) as it, stranger(as_user(broker, "web")) as web:
            await web.say(TOPICS.cmd, command("pause"))
            await web.say(TOPICS.sim, b'{"do":"strap_off"}')
            await until(web.acks)
            await until(lambda: it.wishes)
            assert [order.cmd for order in it.orders] == ["pause"]

    asyncio.run(scene())


def test_a_viewer_sees_but_cannot_command_and_nobody_else_writes_state(broker: Broker) -> None:
    async def scene() -> None:
        page, display = stranger(as_user(broker, "web")), stranger(as_user(broker, "viewer"))
        async with controller(as_user(broker, "controller")) as it, page as web, display as viewer:
            await viewer.say(TOPICS.cmd, command("stop", id="viewer"))
            await viewer.say(TOPICS.sim, b'{"do":"strap_off"}')
            for forger in (viewer, web):
                await forger.say(TOPICS.state, b'{"seq":666}', retain=True)
                await forger.say(TOPICS.ack, b'{"id":"x","ok":true}')
            it.link.offer_state({"seq": 1})
            await web.say(TOPICS.cmd, command("pause", id="web"))
            await until(lambda: it.orders)
            await until(viewer.states)
            await until(web.acks)
            assert [order.id for order in it.orders] == ["web"]
            assert it.wishes == []
            assert {state["seq"] for state in viewer.states() + web.states()} == {1}
            assert [ack["id"] for ack in web.acks()] == ["web"]
            assert viewer.acks() == [] and viewer.said(TOPICS.cmd) == [] and web.said(TOPICS.cmd) == []

    asyncio.run(scene())


@pytest.mark.parametrize("protocol", [5, 3])
def test_a_wrong_password_is_told_once_and_shuts_the_door(
    broker: Broker, protocol: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        settings = replace(as_user(broker, "controller"), username="viewer", protocol=protocol)
        link = ControllerLink(settings, deliver=lambda order: None)
        task = asyncio.create_task(link.run())
        await until(lambda: caplog.records)
        assert not link.connected
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    with caplog.at_level(logging.WARNING, "pitrainer.mqtt"):
        asyncio.run(scene())
    assert "authori" in caplog.text.lower()


def test_a_missing_password_file_is_told_and_survived(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        settings = replace(broker.settings, username="controller", password_file="/nowhere/password")
        task = asyncio.create_task(ControllerLink(settings, deliver=lambda order: None).run())
        await until(lambda: caplog.records)
        assert not task.done()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert "/nowhere/password" in caplog.text


def test_the_largest_plan_passes(broker: Broker) -> None:
    async def scene() -> None:
        async with controller(as_user(broker, "controller")) as it, stranger(as_user(broker, "viewer")) as viewer:
            it.link.offer_plan({"session": "x" * 127_900})
            await until(lambda: any(len(plan) > 127_900 for plan in viewer.said(TOPICS.plan)))

    asyncio.run(scene())
