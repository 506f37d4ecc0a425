"""The demo's embedded broker (amqtt) speaks MQTT 3.1.1 only: no expiry, no retain handling. Stamps still guard."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from broker_kit import TOPICS, Broker, amqtt, command, controller, running, stranger, until
from test_link_outages import KILLED

from pitrainer.mqtt import Ack, Remote


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with running(amqtt()) as broker:
        yield broker


def test_a_command_makes_the_round_trip(broker: Broker) -> None:
    async def scene() -> None:
        remote = Remote(broker.settings, who="page")
        remote.start()
        async with controller(broker.settings) as it:
            it.link.offer_state({"seq": 1, "phase": "idle"})
            it.link.offer_plan({"session": "Capped climb"})
            answer = await asyncio.to_thread(remote.send, "nudge", incline_pct=3.0, timeout_s=10.0)
            assert answer == Ack(True, "")
            await until(lambda: remote.state() and remote.plan() and remote.status() == "online")
            assert it.orders[0].incline_pct == 3.0
        await until(lambda: remote.status() == "offline")
        await asyncio.to_thread(remote.close)

    asyncio.run(scene())


def test_a_retained_command_from_before_the_start_is_refused(broker: Broker) -> None:
    async def scene() -> None:
        async with stranger(broker.settings) as other:
            await other.say(TOPICS.cmd, command("start", id="old"), retain=True)
            async with controller(broker.settings) as it:
                await other.say(TOPICS.cmd, command("pause", id="new"))
                await until(lambda: it.orders)
                await until(lambda: {ack["id"]: ack["ok"] for ack in other.acks()} == {"old": False, "new": True})
                assert [order.id for order in it.orders] == ["new"]
            await other.say(TOPICS.cmd, b"", retain=True)

    asyncio.run(scene())


def test_a_stale_command_is_refused_and_a_stale_stop_stops(broker: Broker) -> None:
    async def scene() -> None:
        async with controller(broker.settings) as it, stranger(broker.settings) as other:
            await other.say(TOPICS.cmd, command("start", id="late", age_s=2.0))
            await other.say(TOPICS.cmd, command("stop", id="end", age_s=2.0))
            await until(lambda: len(other.acks()) == 2)
            assert [order.id for order in it.orders] == ["end"]

    asyncio.run(scene())


def test_a_killed_controller_leaves_offline_behind(broker: Broker) -> None:
    async def scene() -> None:
        async with stranger(broker.settings) as other:
            arguments = [str(Path(__file__).parent), str(broker.settings.port), "3"]
            process = subprocess.Popen([sys.executable, "-c", KILLED, *arguments])  # noqa: ASYNC220
            try:
                await until(lambda: other.said(TOPICS.status)[-1:] == [b"online"])
            finally:
                process.kill()
                process.wait()
            await until(lambda: other.said(TOPICS.status)[-1] == b"offline")

    asyncio.run(scene())
