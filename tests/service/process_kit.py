"""Real processes on one machine: Mosquitto, `pitrainer run`, `pitrainer web`; hands and eyes over the broker, and a
look into the journal that they write. Whoever is started is ended by its own pid."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pitrainer import config, history
from pitrainer.mqtt import Remote

PATIENCE_S = 30.0
SESSION = """
name = "Slow walk"
steps = [ { name = "Walk", for = "30:00", incline = 1, speed = 3 } ]
"""
SETTINGS = """
[athlete]
hr_max_bpm = 185
hr_rest_bpm = 55
weight_kg = 70
[strap]
kind = "simulated"
[machine]
kind = "simulated"
page_start = {page_start}
[mqtt]
{broker}
[web]
host = "127.0.0.1"
port = {web_port}
[files]
journal = "journal.sqlite3"
lock = "controller.lock"
session_directories = ["."]
"""


def wait_until(true: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, f"it never happened: {what}"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Child:
    """One process, its words in a file."""

    command: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as words:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=words, stderr=words,
                env={**os.environ, **self.environment},
            )  # fmt: skip

    @property
    def running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None
        return self.process

    def tell(self, number: signal.Signals) -> None:
        self.running.send_signal(number)

    def kill(self) -> None:
        """kill -9, also where it is stopped."""
        self.running.kill()
        self.running.wait(PATIENCE_S)

    def ends(self) -> int:
        """Its exit code."""
        return self.running.wait(PATIENCE_S)

    def said(self) -> str:
        return self.log.read_text()


@dataclass
class Site:
    """A directory with settings, and what runs in it."""

    directory: Path
    broker_port: int
    web_port: int
    over_unix: bool
    broker: Child
    controller: Child
    web: Child
    remote: Remote

    @property
    def settings(self) -> Path:
        return self.directory / "pitrainer.toml"

    @property
    def marker(self) -> Path:
        return self.directory / "controller.moving"

    def start_broker(self) -> None:
        self.broker.start()
        wait_until(lambda: _accepts(self.broker_port), "the broker listens")

    def start_controller(self) -> None:
        self.controller.start()
        self.sees("online", lambda state: True)

    def start_web(self) -> None:
        self.web.start()
        wait_until(lambda: _accepts(self.web_port), "the page listens")

    def pitrainer(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of its own, to its end."""
        command = [sys.executable, "-m", "pitrainer", *arguments, "--config", str(self.settings)]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE_S)

    def sees(self, what: str, true: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The first fresh state of which this is true."""

        def seen() -> bool:
            state, age_s = self.remote.state(), self.remote.state_age_s()
            ours = self.remote.status() == "online" and state is not None and age_s is not None and age_s < 6.0
            return ours and state is not None and bool(true(state))

        wait_until(seen, what)
        state = self.remote.state()
        assert state is not None
        return state

    def asks(self, cmd: str, **fields: object) -> None:
        answer = self.remote.send(cmd, timeout_s=PATIENCE_S, **fields)
        assert answer is not None and answer.ok, (cmd, answer)

    def arms(self) -> None:
        self.asks("load", session="slow-walk")
        self.sees("a heart rate", lambda state: "arm" in state["can"])
        self.asks("arm")

    def walks(self) -> dict[str, Any]:
        """Both acts by the page, and the belt moves."""
        self.arms()
        self.asks("start")
        return self.sees("the belt moves", lambda state: (state["speed_kmh"] or 0.0) > 0.5)

    def recorded_s(self) -> float:
        """How far the record on the disk has come, in seconds of the session."""
        with contextlib.suppress(history.HistoryError):
            samples = history.read(self.directory / "journal.sqlite3", "last").samples
            return float(samples[-1]["t_s"]) if samples else 0.0
        return 0.0

    def goes_on_for(self, seconds: float) -> None:
        """The record grows by this much."""
        until_s = self.recorded_s() + seconds
        wait_until(lambda: self.recorded_s() >= until_s, f"the record reaches {until_s} s")


@contextlib.contextmanager
def site(directory: Path, *, over_unix: bool = False, page_start: bool = True) -> Iterator[Site]:
    """A broker that runs; controller and page to be started."""
    made = _site(directory, over_unix=over_unix, page_start=page_start)
    made.start_broker()
    made.remote.start()
    try:
        yield made
    finally:
        made.remote.close()
        for child in (made.controller, made.web, made.broker):
            if child.process is not None:
                child.kill()


def _site(directory: Path, *, over_unix: bool, page_start: bool) -> Site:
    broker_port, web_port = free_port(), free_port()
    socket_path = directory / "mqtt.sock"
    broker = f'socket = "{socket_path}"' if over_unix else f"port = {broker_port}"
    settings = directory / "pitrainer.toml"
    settings.write_text(SETTINGS.format(broker=broker, web_port=web_port, page_start="true" if page_start else "false"))
    (directory / "slow-walk.toml").write_text(SESSION)
    python = [sys.executable, "-m", "pitrainer"]
    return Site(
        directory, broker_port, web_port, over_unix,
        broker=Child(_mosquitto(directory, broker_port, socket_path), directory / "broker.log"),
        controller=Child([*python, "run", "--config", str(settings)], directory / "controller.log"),
        web=Child([*python, "web", "--config", str(settings)], directory / "web.log"),
        remote=Remote(config.load(settings).mqtt, who="test"),
    )  # fmt: skip


def _mosquitto(directory: Path, port: int, socket_path: Path) -> list[str]:
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    assert found, "mosquitto is missing: apt-get install mosquitto"
    file = directory / "mosquitto.conf"
    user = "user root\n" if os.getuid() == 0 else ""
    listeners = f"listener {port} 127.0.0.1\nlistener 0 {socket_path}\n"
    file.write_text(f"{user}set_tcp_nodelay true\nallow_anonymous true\n{listeners}")
    return [found, "-c", str(file)]


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


class ServiceManager:
    """systemd's ear: a datagram socket, and a thread-free look at what came in."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "n"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.setblocking(False)
        self.heard: list[str] = []

    def listen(self) -> list[str]:
        """Everything since the last look."""
        new: list[str] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                new += self._socket.recv(4096).decode().splitlines()
        self.heard += new
        return new

    def hears(self, line: str) -> None:
        """Waits for this line; those that came before it in the same look count too."""
        wait_until(lambda: line in self.listen(), line)

    def close(self) -> None:
        self._socket.close()
