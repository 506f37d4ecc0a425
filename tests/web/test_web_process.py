"""The page as a process of its own: it serves without a broker, and leaves when told."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import wait_until

PROGRAM = (
    "import sys; from pitrainer import config; from pitrainer.web.serve import serve; serve(config.load(sys.argv[1]))"
)

SETTINGS = """
[athlete]
age_years = 40
[strap]
kind = "simulated"
[machine]
kind = "simulated"
[web]
host = "127.0.0.1"
port = {port}
[mqtt]
port = {broker}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asked(port: int, method: str, path: str) -> int | None:
    """The status of an answer; None while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection), contextlib.suppress(ConnectionRefusedError):
        connection.request(method, path, headers={"X-Pitrainer": "1"})
        return connection.getresponse().status
    return None


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A running page whose broker is not there; the process must end by itself after SIGTERM."""
    port = free_port()
    file = tmp_path / "pitrainer.toml"
    file.write_text(SETTINGS.format(port=port, broker=free_port()))
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    told.settimeout(30)
    environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
    with told, subprocess.Popen([sys.executable, "-c", PROGRAM, str(file)], env=environment) as process:
        try:
            wait_until(lambda: process.poll() is not None or asked(port, "GET", "/healthz") == 200, 30)
            assert told.recv(100).startswith(b"READY=1")
            yield port
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_without_a_broker_the_page_is_there_and_stop_says_that_nobody_answers(port: int) -> None:
    assert asked(port, "GET", "/") == 200
    assert asked(port, "POST", "/api/cmd/stop") == 504


def test_the_process_leaves_on_sigterm_with_a_stream_open(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/api/stream")
    assert connection.getresponse().readline() == b"retry: 1000\n"
