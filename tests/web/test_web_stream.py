"""The live stream behind the real server: what it sends, how many there may be, and STOP beside all of them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

from conftest import IDLE, RUNNING, StageRemote, wait_until
from flask import Flask

from pitrainer.web import stream
from pitrainer.web.stream import STREAMS_MAX, Streams


@contextmanager
def opened(address: str, path: str = "/api/stream") -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    with closing(connection):
        connection.request("GET", path)
        yield connection.getresponse()


def post(address: str, path: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    with closing(connection):
        connection.request("POST", path, body="{}", headers={"X-Pitrainer": "1", "Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def next_message(response: http.client.HTTPResponse) -> dict[str, str]:
    """One block of the stream as field -> value; comments are left out."""
    fields: dict[str, str] = {}
    while True:
        line = response.readline().decode().rstrip("\n")
        if not line and fields:
            return fields
        name, _, value = line.partition(": ")
        if name:
            fields[name] = value


def next_state(response: http.client.HTTPResponse) -> Any:
    while True:
        message = next_message(response)
        if "data" in message:
            assert message["id"] == str(json.loads(message["data"])["seq"])
            return json.loads(message["data"])


def test_each_new_state_is_sent_once_with_its_seq_and_age(address: str, remote: StageRemote) -> None:
    remote.show(IDLE)
    with opened(address) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert next_message(response) == {"retry": "1000"}
        first = next_state(response)
        assert (first["seq"], first["phase"], first["age_s"]) == (1, "idle", 0.1)
        remote.show(RUNNING)
        assert next_state(response)["phase"] == "running"


def test_the_seventeenth_stream_gets_503_and_stop_still_works(address: str, remote: StageRemote) -> None:
    remote.show(RUNNING)
    with ExitStack() as streams:
        for _ in range(STREAMS_MAX):
            next_state(streams.enter_context(opened(address)))
        with opened(address) as late:
            assert late.status == 503
            assert late.headers["Retry-After"] == "10"
        assert post(address, "/api/cmd/stop") == (200, {"ok": True, "reason": ""})
        with opened(address, "/api/state") as polled:
            assert json.loads(polled.read())["phase"] == "running"
    assert remote.sent == [("stop", {})]


def test_a_closed_tab_gives_its_place_back(address: str, remote: StageRemote) -> None:
    remote.show(RUNNING)
    with ExitStack() as streams:
        for _ in range(STREAMS_MAX):
            next_state(streams.enter_context(opened(address)))

    def free_again() -> bool:
        remote.show(RUNNING)
        with opened(address) as response:
            return response.status == 200

    wait_until(free_again)


def test_a_stream_ends_after_a_minute_and_says_come_again(app: Flask, remote: StageRemote) -> None:
    remote.show(IDLE)
    time = _Steps()
    with app.test_request_context():
        messages = list(Streams(_Unhurried(remote, time), now=time).open().response)
    assert time.now_s == stream.STREAM_S
    assert messages[0] == "retry: 1000\n\n"
    assert str(messages[-1]).startswith("event: again\n")


def test_a_quiet_stream_sends_a_heartbeat_every_five_seconds(app: Flask, remote: StageRemote) -> None:
    remote.show(IDLE)
    time = _Steps()
    with app.test_request_context():
        messages = list(Streams(_Unhurried(remote, time), now=time).open().response)
    beats = [message for message in messages if str(message).startswith(":")]
    assert len(beats) == int(stream.STREAM_S / stream.HEARTBEAT_S) - 1


class _Steps:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class _Unhurried(StageRemote):
    """Waiting for news takes no real time: it moves the clock instead."""

    def __init__(self, stage: StageRemote, time: _Steps) -> None:
        super().__init__(current=stage.current, seq=stage.seq)
        self._time = time

    def wait_newer(self, seq: int | None, timeout_s: float) -> dict[str, Any] | None:
        self._time.now_s += timeout_s
        return None
