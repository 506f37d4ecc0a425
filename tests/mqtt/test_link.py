"""The controller's end against a real Mosquitto, over TCP and the unix socket, with MQTT 5 and 3.1.1."""

from __future__ import annotations

import asyncio
import contextlib
import math
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
from pitrainer.mqtt import ControllerLink


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
        (command(age_s=-36000.0), "future"),
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
