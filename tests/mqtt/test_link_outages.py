"""Deaths and ends: the controller killed, the broker gone, frozen or late, and the link told to end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from broker_kit import (
    TOPICS,
    Broker,
    Settings,
    command,
    controller,
    mosquitto,
    running,
    stranger,
    until,
)

from pitrainer.mqtt import ControllerLink, open_client


@pytest.fixture
def settings5(tmp_path: Path) -> Iterator[Settings]:
    with running(mosquitto(tmp_path)) as broker:
        yield broker.settings


KILLED = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from broker_kit import Settings
from pitrainer.mqtt import ControllerLink
link = ControllerLink(Settings(port=int(sys.argv[2]), protocol=int(sys.argv[3])), deliver=print)
asyncio.run(link.run())
"""


@pytest.mark.parametrize("protocol", [5, 3])
def test_a_killed_controller_leaves_offline_behind(settings5: Settings, protocol: int) -> None:
    async def scene() -> None:
        async with stranger(settings5) as other:
            arguments = [str(Path(__file__).parent), str(settings5.port), str(protocol)]
            process = subprocess.Popen([sys.executable, "-c", KILLED, *arguments])  # noqa: ASYNC220
            try:
                await until(lambda: b"online" in other.said(TOPICS.status))
            finally:
                process.kill()
                process.wait()
            await until(lambda: other.said(TOPICS.status)[-1] == b"offline")

    asyncio.run(scene())


def test_a_second_controller_on_the_same_machine_is_seen(settings5: Settings) -> None:
    async def scene() -> None:
        second = open_client(settings5, identifier="pitrainer-treadmill", will=True)
        async with stranger(settings5) as other, controller(settings5) as it, second:
            await until(lambda: not it.link.connected)
            await until(lambda: b"offline" in other.said(TOPICS.status))

    asyncio.run(scene())


def test_with_the_broker_gone_offers_cost_nothing_and_the_newest_goes_out_when_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(broker: Broker) -> None:
        async with controller(broker.settings) as it:
            it.link.offer_plan({"session": "Capped climb"})
            it.link.offer_state({"seq": 1})
            broker.kill()
            await until(lambda: not it.link.connected)
            for seq in range(2, 502):
                it.link.offer_state({"seq": seq})
                it.link.offer_event({"event_type": "tick", "n": seq})
            assert it.link.dropped == 300
            await asyncio.to_thread(broker.start)
            async with stranger(broker.settings) as other:
                await until(lambda: len(other.said(TOPICS.event)) == 200)
                await until(other.states)
                assert {state["seq"] for state in other.states()} == {501}
                assert other.said(TOPICS.plan)[0] == b'{"v":1,"session":"Capped climb"}'
                assert b'"n":501' in other.said(TOPICS.event)[-1]
                await other.say(TOPICS.cmd, command("pause"))
                await until(lambda: it.orders)

    with running(mosquitto(tmp_path)) as broker, caplog.at_level(logging.WARNING, "pitrainer"):
        asyncio.run(scene(broker))
    said = [record.message for record in caplog.records if record.name == "pitrainer.mqtt"]
    assert [("Going on without" in text, "is back" in text) for text in said] == [(True, False), (False, True)]


def test_a_frozen_broker_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    async def scene(broker: Broker) -> None:
        assert broker.process is not None
        async with controller(broker.settings) as it:
            os.kill(broker.process.pid, signal.SIGSTOP)
            turns = 0
            try:
                for seq in range(1000):
                    it.link.offer_state({"seq": seq})
                    it.link.offer_event({"event_type": "tick"})
                    await asyncio.sleep(0)
                    turns += 1
            finally:
                os.kill(broker.process.pid, signal.SIGCONT)
            assert turns == 1000
            async with stranger(broker.settings) as other:
                await until(lambda: other.states() and other.states()[-1]["seq"] == 999)

    with running(mosquitto(tmp_path)) as broker:
        asyncio.run(scene(broker))


def test_the_link_waits_for_a_broker_that_starts_later(tmp_path: Path) -> None:
    async def scene(broker: Broker) -> None:
        async with controller(broker.settings, wait=False) as it:
            it.link.offer_state({"seq": 1})
            await asyncio.to_thread(broker.start)
            await until(lambda: it.link.connected)

    broker = mosquitto(tmp_path)
    try:
        asyncio.run(scene(broker))
    finally:
        broker.kill()


def test_the_end_of_the_link_waits_for_nobody_whatever_it_is_doing(settings5: Settings) -> None:
    async def scene() -> None:
        for turns in range(60):
            link = ControllerLink(settings5, deliver=lambda order: None)
            task = asyncio.create_task(link.run())
            for number in range(20):
                link.offer_event({"event_type": "tick", "n": number})
            if turns >= 20:
                await until(lambda link=link: link.connected)  # type: ignore[misc]
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await until(task.done)
            assert task.cancelled()

    asyncio.run(scene())


def test_the_link_ends_while_the_broker_is_frozen(tmp_path: Path) -> None:
    async def scene(broker: Broker) -> None:
        assert broker.process is not None
        link = ControllerLink(broker.settings, deliver=lambda order: None)
        task = asyncio.create_task(link.run())
        await until(lambda: link.connected)
        os.kill(broker.process.pid, signal.SIGSTOP)
        link.offer_event({"event_type": "tick"})
        await asyncio.sleep(0)
        task.cancel()
        await until(task.done)
        assert task.cancelled()

    with running(mosquitto(tmp_path)) as broker:
        asyncio.run(scene(broker))


def test_a_message_that_the_broker_would_choke_on_is_left_out_and_said(
    settings5: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        async with controller(settings5) as it, stranger(settings5) as other:
            it.link.offer_plan({"session": "x" * 200_000})
            it.link.offer_state({"seq": 7})
            await until(other.states)
            assert it.link.connected
            assert all(len(plan) < 128_000 for plan in other.said(TOPICS.plan))

    asyncio.run(scene())
    assert "left out" in caplog.text
