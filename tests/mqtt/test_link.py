"""The controller's end against a real Mosquitto, over TCP and the unix socket, with MQTT 5 and 3.1.1."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from broker_kit import (
    TOPICS,
    Broker,
    Settings,
    command,
    controller,
    mosquitto,
    over_unix,
    running,
    stranger,
    until,
)

from pitrainer.model import Answer, Verb
from pitrainer.mqtt import ControllerLink, open_client


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Broker, Path]]:
    directory = tmp_path_factory.mktemp("broker")
    with running(mosquitto(directory)) as broker:
        yield broker, directory


@pytest.fixture(params=["tcp 5", "tcp 3", "unix 5", "unix 3"])
def settings(shared: tuple[Broker, Path], request: pytest.FixtureRequest) -> Settings:
    broker, directory = shared
    transport, protocol = str(request.param).split()
    chosen = replace(broker.settings, protocol=int(protocol))
    return over_unix(chosen, directory) if transport == "unix" else chosen


@pytest.fixture
def settings5(shared: tuple[Broker, Path]) -> Settings:
    return shared[0].settings


@pytest.fixture(autouse=True)
def nothing_retained(shared: tuple[Broker, Path]) -> Iterator[None]:
    yield
    asyncio.run(_forget(shared[0].settings))


async def _forget(settings: Settings) -> None:
    async with stranger(settings) as other:
        for topic in (TOPICS.status, TOPICS.state, TOPICS.plan, TOPICS.cmd, TOPICS.sim):
            await other.say(topic, b"", retain=True)


def test_an_order_is_delivered_and_its_answer_goes_out(settings: Settings) -> None:
    async def scene() -> None:
        async with controller(settings) as it, stranger(settings) as other:
            await other.say(TOPICS.cmd, command("nudge", incline_pct=12.5))
            await until(other.acks)
            assert [(order.cmd, order.incline_pct, order.who) for order in it.orders] == [(Verb.NUDGE, 12.5, "test")]
            assert other.acks() == [{"v": 1, "id": "a1", "ok": True, "reason": ""}]

    asyncio.run(scene())


def test_status_says_online_and_after_an_orderly_end_offline(settings: Settings) -> None:
    async def scene() -> None:
        async with stranger(settings) as other:
            async with controller(settings):
                await until(lambda: other.said(TOPICS.status) == [b"online"])
            await until(lambda: other.said(TOPICS.status) == [b"online", b"offline"])
        async with stranger(settings) as late:
            await until(lambda: late.heard)
            assert late.heard[0] == (TOPICS.status, b"offline", True)

    asyncio.run(scene())


def test_a_retained_command_from_before_the_start_never_acts(settings: Settings) -> None:
    async def scene() -> None:
        async with stranger(settings) as other:
            await other.say(TOPICS.cmd, command("start", id="old"), retain=True)
            async with controller(settings) as it:
                await other.say(TOPICS.cmd, command("pause", id="new"))
                await until(lambda: it.orders)
                await until(lambda: [ack for ack in other.acks() if ack["id"] == "new"])
                assert [order.id for order in it.orders] == ["new"]

    asyncio.run(scene())


def test_with_mqtt_5_a_retained_command_is_not_even_handed_out_at_the_start(settings5: Settings) -> None:
    async def scene() -> None:
        async with stranger(settings5) as other:
            await other.say(TOPICS.cmd, command("start", id="old"), retain=True)
            async with controller(settings5):
                await other.say(TOPICS.cmd, command("pause", id="new"))
                await until(other.acks)
                assert [ack["id"] for ack in other.acks()] == ["new"]

    asyncio.run(scene())


def test_a_retained_command_published_while_listening_is_refused(settings5: Settings) -> None:
    async def scene() -> None:
        async with controller(settings5) as it, stranger(settings5) as other:
            await other.say(TOPICS.cmd, command("start"), retain=True)
            await until(other.acks)
            assert not other.acks()[0]["ok"]
            assert "retain" in other.acks()[0]["reason"].lower()
            assert it.orders == []

    asyncio.run(scene())


def test_a_retained_stop_stops(settings5: Settings) -> None:
    async def scene() -> None:
        async with controller(settings5) as it, stranger(settings5) as other:
            await other.say(TOPICS.cmd, command("stop"), retain=True)
            await until(lambda: it.orders)
            assert it.orders[0].cmd is Verb.STOP

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (command(age_s=60.0), "old"),
        (command(age_s=-60.0), "future"),
        (command(boot="0" * 32), "restart"),
        (command(surprise=1), "unknown field"),
        (command("nudge", incline_pct="12"), "float"),
        (command(who="x" * 4000), "2048"),
        (b"\xff", "JSON"),
    ],
)
def test_a_bad_command_is_refused_with_an_answer(settings5: Settings, payload: bytes, words: str) -> None:
    async def scene() -> None:
        async with controller(settings5) as it, stranger(settings5) as other:
            await other.say(TOPICS.cmd, payload)
            await until(other.acks)
            assert (other.acks()[0]["ok"], it.orders) == (False, [])
            assert words in other.acks()[0]["reason"]

    asyncio.run(scene())


def test_a_repeated_command_gets_its_first_answer_again_and_does_nothing(settings: Settings) -> None:
    async def scene() -> None:
        async with controller(settings) as it, stranger(settings) as other:
            for _ in range(3):
                await other.say(TOPICS.cmd, command("skip"))
            await until(lambda: len(other.acks()) == 3)
            assert len(it.orders) == 1
            assert {ack["ok"] for ack in other.acks()} == {True}

    asyncio.run(scene())


def test_a_repeated_command_before_its_answer_is_answered_once(settings5: Settings) -> None:
    async def scene() -> None:
        orders: list[str] = []
        link = ControllerLink(settings5, deliver=lambda order: orders.append(order.id))
        task = asyncio.create_task(link.run())
        await until(lambda: link.connected)
        async with stranger(settings5) as other:
            await other.say(TOPICS.cmd, command(id="slow"))
            await other.say(TOPICS.cmd, command(id="slow"))
            await other.say(TOPICS.cmd, command(id="next"))
            await until(lambda: orders == ["slow", "next"])
            link.offer_answer(Answer("slow", False, "no"))
            await until(other.acks)
            await other.say(TOPICS.cmd, command(id="slow"))
            await until(lambda: len(other.acks()) == 2)
            assert other.acks() == [{"v": 1, "id": "slow", "ok": False, "reason": "no"}] * 2
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(scene())


def test_a_repeated_stale_stop_stops_again(settings: Settings) -> None:
    async def scene() -> None:
        async with controller(settings) as it, stranger(settings) as other:
            for _ in range(3):
                await other.say(TOPICS.cmd, command("stop", age_s=3600.0))
            await until(lambda: len(it.orders) == 3)
            assert {order.cmd for order in it.orders} == {Verb.STOP}

    asyncio.run(scene())


def test_only_the_last_256_ids_are_remembered(settings5: Settings) -> None:
    async def scene() -> None:
        async with controller(settings5) as it, stranger(settings5) as other:
            for number in range(257):
                await other.say(TOPICS.cmd, command(id=f"n{number}"))
            await other.say(TOPICS.cmd, command(id="n256"))
            await other.say(TOPICS.cmd, command(id="n0"))
            await until(lambda: len(it.orders) == 258)
            assert it.orders[-1].id == "n0"

    asyncio.run(scene())


def test_a_command_sent_while_the_controller_was_away_is_not_replayed(settings: Settings) -> None:
    async def scene() -> None:
        async with controller(settings):
            pass
        async with stranger(settings) as other:
            await other.say(TOPICS.cmd, command("start", id="meanwhile"))
            async with controller(settings) as it:
                await other.say(TOPICS.cmd, command("pause", id="now"))
                await until(other.acks)
                assert [order.id for order in it.orders] == ["now"]
                assert [ack["id"] for ack in other.acks()] == ["now"]

    asyncio.run(scene())


def test_state_and_plan_are_retained_and_stamped_and_numbers_that_are_none_are_null(settings: Settings) -> None:
    async def scene() -> None:
        async with controller(settings) as it:
            it.link.offer_state({"seq": 1, "hr_bpm": math.nan, "incline_pct": math.inf, "speed_kmh": 5.5})
            it.link.offer_plan({"session": "Capped climb"})
            async with stranger(settings) as other:
                await until(lambda: other.states() and other.said(TOPICS.plan))
                state = other.states()[0]
                assert (state["v"], state["seq"], state["speed_kmh"]) == (1, 1, 5.5)
                assert state["hr_bpm"] is None and state["incline_pct"] is None
                assert isinstance(state["bt_ns"], int) and len(state["boot"]) == 32
                assert other.said(TOPICS.plan) == [b'{"v":1,"session":"Capped climb"}']

    asyncio.run(scene())


def test_an_unloaded_plan_leaves_the_broker(settings5: Settings) -> None:
    async def scene() -> None:
        async with controller(settings5) as it, stranger(settings5) as other:
            it.link.offer_plan({"session": "Capped climb"})
            await until(lambda: b"Capped climb" in b"".join(other.said(TOPICS.plan)))
            it.link.offer_plan(None)
            await until(lambda: other.said(TOPICS.plan)[-1] == b"")
            async with stranger(settings5) as late:
                await until(lambda: late.said(TOPICS.status))
                assert late.said(TOPICS.plan) == []

    asyncio.run(scene())


def test_a_plan_left_behind_by_an_earlier_life_is_cleared(settings5: Settings) -> None:
    async def scene() -> None:
        async with stranger(settings5) as other:
            await other.say(TOPICS.plan, b'{"v":1}', retain=True)
            async with controller(settings5):
                await until(lambda: other.said(TOPICS.plan)[-1:] == [b""])

    asyncio.run(scene())


def test_events_go_out_in_order(settings5: Settings) -> None:
    async def scene() -> None:
        async with controller(settings5) as it, stranger(settings5) as other:
            for kind in ("hr_lost", "hr_back"):
                it.link.offer_event({"event_type": kind, "text": "", "elapsed_s": 1.0})
            await until(lambda: len(other.said(TOPICS.event)) == 2)
            assert b"hr_lost" in other.said(TOPICS.event)[0]

    asyncio.run(scene())


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


def test_wishes_to_the_simulation_are_delivered_unless_retained_or_odd(settings: Settings) -> None:
    async def scene() -> None:
        async with stranger(settings) as other:
            await other.say(TOPICS.sim, b'{"v":1,"do":"retained"}', retain=True)
            async with controller(settings) as it:
                for payload in (b"x", b"[]", b'{"do":7}', b'{"do":"a","b":1}', b'{"v":1,"do":"strap_off"}'):
                    await other.say(TOPICS.sim, payload)
                await until(lambda: it.wishes)
                assert it.wishes == ["strap_off"]

    asyncio.run(scene())


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
