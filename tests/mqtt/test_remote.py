"""The end of the page: waiting for news, the chart's ring, and commands that are answered or not."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from broker_kit import Broker, Settings, controller, mosquitto, running, until, wait_until

from pitrainer.mqtt import Ack, Remote
from pitrainer.mqtt_client import encode, stamp
from pitrainer.mqtt_remote import History


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running(mosquitto(tmp_path)) as broker:
        yield broker


@contextlib.contextmanager
def remote_of(settings: Settings) -> Iterator[Remote]:
    remote = Remote(settings, who="page")
    remote.start()
    try:
        yield remote
    finally:
        remote.close()


class Controlled:
    """A controller in a thread of its own, as the page has it: in another process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()))

    async def _live(self) -> None:
        self.loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with controller(self._settings) as self.it:
            self._ready.set()
            await self._end.wait()

    def say(self, seq: int, **state: object) -> None:
        self.loop.call_soon_threadsafe(self.it.link.offer_state, {"seq": seq, **state})

    def __enter__(self) -> Controlled:
        self._thread.start()
        assert self._ready.wait(20.0)
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self._end.set)
        self._thread.join()


def test_a_command_makes_the_round_trip_and_its_answer_comes_back(broker: Broker) -> None:
    with Controlled(broker.settings) as pi, remote_of(broker.settings) as remote:
        assert remote.send("nudge", incline_pct=12.5, timeout_s=10.0) == Ack(True, "")
        order = pi.it.orders[0]
        assert (order.cmd, order.incline_pct, order.who) == ("nudge", 12.5, "page")


def test_a_refusal_comes_back_with_its_reason(broker: Broker) -> None:
    with Controlled(broker.settings) as pi, remote_of(broker.settings) as remote:
        answer = remote.send("start", incline_pct=3.0, timeout_s=10.0)
        assert answer is not None and not answer.ok
        assert "start takes no incline_pct" in answer.reason
        assert pi.it.orders == []


def test_without_a_controller_there_is_no_answer(broker: Broker) -> None:
    with remote_of(broker.settings) as remote:
        wait_until(lambda: remote.connected)
        assert remote.send("stop", timeout_s=0.05) is None


def test_without_a_broker_there_is_no_answer_and_no_error(tmp_path: Path) -> None:
    with remote_of(mosquitto(tmp_path).settings) as remote:
        assert remote.send("stop", timeout_s=0.05) is None
        assert remote.send_sim("strap_off", timeout_s=0.05) is False
        assert (remote.connected, remote.state(), remote.plan(), remote.status()) == (False, None, None, None)
        assert remote.state_age_s() is None


def test_a_command_waits_for_a_broker_that_is_just_coming_back(tmp_path: Path) -> None:
    broker = mosquitto(tmp_path)
    with remote_of(broker.settings) as remote, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(remote.send, "stop", timeout_s=20.0)
        with running(broker), Controlled(broker.settings) as pi:
            # The remote may have published to an empty room: then nobody answers, and a person presses again.
            wait_until(lambda: answer.done() or remote.connected)
            assert remote.send("stop", timeout_s=20.0) == Ack(True, "")
            assert pi.it.orders[-1].cmd == "stop"
            remote.close()
        answer.result()


def test_many_threads_may_ask_at_once(broker: Broker) -> None:
    with Controlled(broker.settings) as pi, remote_of(broker.settings) as remote:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: remote.send("skip", timeout_s=10.0), range(40)))
        assert answers == [Ack(True, "")] * 40
        assert len({order.id for order in pi.it.orders}) == 40


def test_wishes_reach_the_simulation(broker: Broker) -> None:
    with Controlled(broker.settings) as pi, remote_of(broker.settings) as remote:
        assert remote.send_sim("strap_off", timeout_s=10.0)
        wait_until(lambda: pi.it.wishes == ["strap_off"])


def test_everybody_who_waits_gets_the_newer_state(broker: Broker) -> None:
    with Controlled(broker.settings) as pi, remote_of(broker.settings) as remote:
        pi.say(1)
        first = remote.wait_newer(None, 10.0)
        assert first is not None and first["seq"] == 1
        with ThreadPoolExecutor(4) as pool:
            waiting = [pool.submit(remote.wait_newer, 1, 10.0) for _ in range(4)]
            pi.say(2)
            states = [each.result() for each in waiting]
        assert [state and state["seq"] for state in states] == [2] * 4


def test_a_state_that_the_caller_has_is_not_newer(broker: Broker) -> None:
    with Controlled(broker.settings) as pi, remote_of(broker.settings) as remote:
        pi.say(5)
        assert remote.wait_newer(4, 10.0) is not None
        assert remote.wait_newer(5, 0.05) is None


def test_a_controller_that_began_counting_anew_is_newer(broker: Broker) -> None:
    with Controlled(broker.settings) as pi, remote_of(broker.settings) as remote:
        pi.say(900)
        assert remote.wait_newer(None, 10.0) is not None
        pi.say(1)
        state = remote.wait_newer(900, 10.0)
        assert state is not None and state["seq"] == 1


def test_closing_wakes_those_who_wait(broker: Broker) -> None:
    with ThreadPoolExecutor(1) as pool, remote_of(broker.settings) as remote:
        waiting = pool.submit(remote.wait_newer, None, 3600.0)
        remote.close()
        assert waiting.result(20.0) is None


def test_the_remote_survives_the_brokers_death_and_return(broker: Broker) -> None:
    with Controlled(broker.settings) as pi, remote_of(broker.settings) as remote:
        pi.say(1)
        assert remote.wait_newer(None, 10.0) is not None
        broker.kill()
        wait_until(lambda: not remote.connected)
        state = remote.state()
        assert (state and state["seq"], remote.status()) == (1, None)
        broker.start()
        wait_until(lambda: remote.connected and pi.it.link.connected and remote.status() == "online")
        pi.say(2)
        assert remote.wait_newer(1, 10.0) is not None
        assert remote.send("pause", timeout_s=10.0) == Ack(True, "")


def test_status_tells_of_the_controllers_end(broker: Broker) -> None:
    with remote_of(broker.settings) as remote:
        with Controlled(broker.settings):
            wait_until(lambda: remote.status() == "online")
        wait_until(lambda: remote.status() == "offline")


def test_plan_and_events_are_kept(broker: Broker) -> None:
    async def scene() -> None:
        async with controller(broker.settings) as it:
            it.link.offer_plan({"session": "Capped climb"})
            await until(lambda: remote.plan() == {"v": 1, "session": "Capped climb"})
            for number in range(60):
                it.link.offer_event({"event_type": "step_started", "n": number})
            await until(lambda: len(remote.recent_events()) == 50 and remote.recent_events()[-1]["n"] == 59)
            it.link.offer_plan(None)
            await until(lambda: remote.plan() is None)

    with remote_of(broker.settings) as remote:
        asyncio.run(scene())


def test_the_age_of_a_state_is_judged_by_its_stamp(broker: Broker) -> None:
    boot, now_ns = stamp()
    with Controlled(broker.settings) as pi, remote_of(broker.settings) as remote:
        pi.say(1, boot=boot, bt_ns=now_ns - 60_000_000_000)
        remote.wait_newer(None, 10.0)
        age_s = remote.state_age_s()
        assert age_s is not None and 60.0 <= age_s < 3600.0
        pi.say(2, boot="0" * 32)
        remote.wait_newer(1, 10.0)
        assert remote.state_age_s() is None


def test_what_is_no_state_is_dropped(broker: Broker) -> None:
    with remote_of(broker.settings) as remote:
        for payload in (b"", b"[]", b"\xff", b"[" * 100_000):
            remote._take_state(payload)
        remote._take_state(encode({"seq": 1}))
        assert remote.state() == {"seq": 1}
        assert remote.state_age_s() is None


def test_a_remote_that_was_not_started_says_so() -> None:
    remote = Remote(Settings(), who="page")
    with pytest.raises(RuntimeError, match="start"):
        remote.send("stop")
    remote.close()


def state(elapsed_s: float | None, session_id: str | None = "a", **more: Any) -> dict[str, Any]:
    return {"elapsed_s": elapsed_s, "session_id": session_id, "hr_bpm": 147, **more}


def test_the_chart_gets_a_point_every_two_seconds_of_session_time() -> None:
    history = History()
    for quarter in range(41):
        history.add(state(quarter / 4, incline_pct=3.0, incline_target_pct=4.0, speed_kmh=5.5, cap_bpm=155))
    assert [point[0] for point in history.points()] == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    assert history.points()[0] == (0.0, 147, 3.0, 4.0, 5.5, 155)


def test_the_chart_begins_anew_with_another_session() -> None:
    history = History()
    for t_s in (0.0, 2.0):
        history.add(state(t_s))
    history.add(state(0.0, "b"))
    assert [point[0] for point in history.points()] == [0.0]
    history.add(state(None, None))
    assert history.points() == []


def test_the_chart_keeps_three_hours() -> None:
    history = History()
    for t_s in range(0, 4 * 3600, 2):
        history.add(state(float(t_s)))
    assert (len(history.points()), history.points()[0][0]) == (5400, 3600.0)


def test_an_unknown_value_is_a_hole_in_the_chart() -> None:
    history = History()
    history.add({"elapsed_s": 0.0, "session_id": "a"})
    history.add(state(None))
    assert history.points() == [(0.0, None, None, None, None, None)]
