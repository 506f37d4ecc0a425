"""What the benches with real processes stand on: a broker, a controller on simulated hardware, a page; in a directory
that goes away, on free ports of loopback, each ended by its own pid."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pitrainer import config
from pitrainer.mqtt import Remote

PATIENCE_S = 60.0
SETTINGS = """
[athlete]
hr_max_bpm = 185
hr_rest_bpm = 55
weight_kg = 70
[strap]
kind = "simulated"
[machine]
kind = "simulated"
page_start = true
[mqtt]
port = {broker_port}
[web]
host = "127.0.0.1"
port = {web_port}
[files]
journal = "journal.sqlite3"
lock = "controller.lock"
session_directories = ["."]
"""
SESSION = 'name = "Walk"\nsteps = [ { name = "Walk", for = "120:00", incline = 3, speed = 4 } ]\n'


@dataclass(frozen=True)
class Stage:
    directory: Path
    web_port: int
    broker: subprocess.Popen[bytes]
    controller: subprocess.Popen[bytes]
    web: subprocess.Popen[bytes]
    remote: Remote

    @property
    def words(self) -> Path:
        """What the controller printed."""
        return self.directory / "controller.out"

    def sees(self, true: Callable[[dict[str, Any]], object]) -> None:
        wait_until(lambda: (state := self.remote.state()) is not None and true(state))

    def asks(self, cmd: str, **fields: object) -> None:
        answer = self.remote.send(cmd, timeout_s=10.0, **fields)
        if answer is None or not answer.ok:
            raise SystemExit(f"{cmd}: {answer}")

    def walks(self) -> None:
        """Both acts; returns when the belt moves."""
        self.sees(lambda state: "arm" in state["can"])
        self.asks("arm")
        self.asks("start")
        self.sees(lambda state: (state["speed_kmh"] or 0.0) > 0.5)


@contextlib.contextmanager
def stage(controller_program: tuple[str, ...] = ("-m", "pitrainer")) -> Iterator[Stage]:
    """Everything up, and the session loaded."""
    with tempfile.TemporaryDirectory(prefix="pitrainer-bench-") as scratch, contextlib.ExitStack() as ending:
        directory = Path(scratch)
        broker_port, web_port = free_port(), free_port()
        settings = directory / "pitrainer.toml"
        settings.write_text(SETTINGS.format(broker_port=broker_port, web_port=web_port))
        (directory / "walk.toml").write_text(SESSION)
        broker = _child(ending, directory / "broker.out", _mosquitto(directory, broker_port))
        wait_until(lambda: accepts(broker_port))
        command = [sys.executable, "-u", *controller_program, "run", "--config", str(settings)]
        controller = _child(ending, directory / "controller.out", command)
        page = [sys.executable, "-m", "pitrainer", "web", "--config", str(settings)]
        web = _child(ending, directory / "web.out", page)
        remote = Remote(config.load(settings).mqtt, who="bench")
        remote.start()
        ending.callback(remote.close)
        wait_until(lambda: accepts(web_port))
        made = Stage(directory, web_port, broker, controller, web, remote)
        wait_until(lambda: remote.status() == "online" and remote.state() is not None)
        made.asks("load", session="walk")
        yield made


def watch(made: Stage) -> None:
    """A phone: reads the live stream until the page goes away."""

    def read() -> None:
        while True:
            try:
                page = http.client.HTTPConnection("127.0.0.1", made.web_port)
                page.request("GET", "/api/stream")
                response = page.getresponse()
                while response.read1(4096):
                    pass
            except (OSError, http.client.HTTPException):
                return

    threading.Thread(target=read, daemon=True).start()


def _child(ending: contextlib.ExitStack, words: Path, command: list[str]) -> subprocess.Popen[bytes]:
    with words.open("wb") as file:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.DEVNULL)
    ending.callback(process.wait)
    ending.callback(process.kill)
    return process


def _mosquitto(directory: Path, port: int) -> list[str]:
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise SystemExit("mosquitto is missing: apt-get install mosquitto")
    file = directory / "mosquitto.conf"
    user = "user root\n" if os.getuid() == 0 else ""
    file.write_text(f"{user}set_tcp_nodelay true\nallow_anonymous true\nlistener {port} 127.0.0.1\n")
    return [found, "-c", str(file)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


def wait_until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            raise SystemExit("a process of the bench did not do what was waited for")
        time.sleep(0.02)
