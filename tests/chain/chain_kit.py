"""The whole chain with nothing of ours left out: a strap and a treadmill on the virtual air, the real drivers, the
controller, a real Mosquitto, the page's own process. The controller's thread runs time `FACTOR` times faster."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pitrainer import config
from pitrainer.core.athlete import Athlete
from pitrainer.core.state import Setup
from pitrainer.drivers.heart_ble import HeartStrap
from pitrainer.drivers.treadmill_ftms import FtmsProfile, FtmsTreadmill
from pitrainer.journal import Journal
from pitrainer.model import MachineLimits, UserLimits
from pitrainer.mqtt import ControllerLink
from pitrainer.service import Controller
from pitrainer.sim.ble import strap as straps
from pitrainer.sim.ble import treadmill as treadmills
from pitrainer.sim.ble.air import Air
from pitrainer.sim.ble.backend import radio
from pitrainer.sim.ble.strap import VirtualStrap
from pitrainer.sim.ble.treadmill import VirtualTreadmill
from pitrainer.sim.clock import ScaledLoop, run
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.wire.hrm import HeartRateMeasurement

FACTOR = 8.0
PATIENCE_S = 60.0
ATHLETE = Athlete(hr_max_bpm=185, hr_rest_bpm=55, weight_kg=70, name="Chain")
SESSION = """
name = "Short climb"
steps = [
  { name = "Easy in", ramp = "60s", incline = [1, 4], speed = 5.5 },
  { name = "Climb", climb = "20min", hr_max = 155, incline = [2, 15], speed = 5.5 },
  { name = "Cool-down", for = "2:00", incline = 1, speed = 4.5 },
]
"""
Value = TypeVar("Value")


@dataclass
class World:
    """What the controller's thread holds; touch it only through `Chain.within`."""

    air: Air
    strap: VirtualStrap
    treadmill: VirtualTreadmill
    runner: SimulatedRunner
    controller: Controller


class Chain:
    """The controller on its own thread and clock."""

    def __init__(self, settings: config.Settings) -> None:
        self.settings = settings
        self.world: World | None = None
        self.error: BaseException | None = None
        self._loop = ScaledLoop(FACTOR)
        self._leave: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="chain")

    def __enter__(self) -> Chain:
        self._thread.start()
        wait_until(lambda: self.world is not None or self.error is not None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._leave is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "the controller did not leave"
        if self.error is not None:
            raise self.error

    def within(self, look: Callable[[World], Value]) -> Value:
        """Run `look` in the controller's loop and give its result."""
        answer: Future[Value] = Future()
        world = self.world
        assert world is not None
        self._loop.call_soon_threadsafe(lambda: _settle(answer, lambda: look(world)))
        return answer.result(PATIENCE_S)

    def press(self, hand: Callable[[World], Coroutine[Any, Any, None]]) -> None:
        """Await `hand` in the controller's loop."""
        assert self.world is not None
        asyncio.run_coroutine_threadsafe(hand(self.world), self._loop).result(PATIENCE_S)

    def sleep(self, seconds: float) -> None:
        """Let that many seconds of the controller's time pass."""
        asyncio.run_coroutine_threadsafe(asyncio.sleep(seconds), self._loop).result(PATIENCE_S + seconds)

    def _run(self) -> None:
        try:
            run(self._main(), loop=self._loop)
        except BaseException as error:
            self.error = error

    async def _main(self) -> None:
        self._leave = asyncio.Event()
        air, runner = Air(), SimulatedRunner(ATHLETE)
        async with air, VirtualTreadmill(air) as treadmill:

            def measure() -> HeartRateMeasurement:
                bpm = runner.step(1.0, treadmill.speed_kmh, treadmill.incline_pct)
                return HeartRateMeasurement(None if bpm is None else round(bpm), contact=True)

            async with VirtualStrap(air, measure) as strap:
                with contextlib.closing(Journal(self.settings.journal, machine_id="treadmill")) as journal:
                    journal.open()
                    controller = self._controller(air, journal)
                    self.world = World(air, strap, treadmill, runner, controller)
                    await controller.run(self._leave)

    def _controller(self, air: Air, journal: Journal) -> Controller:
        adapter = radio(air)
        limits = MachineLimits(latency_s=2.0, page_start=True)
        machine = FtmsTreadmill(treadmills.ADDRESS, radio=adapter, profile=FtmsProfile(limits=limits))
        strap = HeartStrap(straps.ADDRESS, radio=adapter)
        made = Controller(
            Setup(ATHLETE, machine.limits, UserLimits(incline_max_pct=15.0)), machine, strap, journal,
            session_directories=self.settings.session_directories, marker=self.settings.lock.with_suffix(".moving"),
        )  # fmt: skip
        made.link = ControllerLink(self.settings.mqtt, deliver=made.deliver, time_scale=FACTOR)
        return made


def _settle(answer: Future[Value], look: Callable[[], Value]) -> None:
    try:
        answer.set_result(look())
    except BaseException as error:
        answer.set_exception(error)


def wait_until(holds: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Real processes are waited for by looking, not by sleeping for a guessed time."""
    until = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_settings(directory: Path, broker_port: int, web_port: int) -> Path:
    """What the page's process and the chain read alike."""
    (directory / "sessions").mkdir()
    (directory / "sessions" / "short-climb.toml").write_text(SESSION)
    file = directory / "pitrainer.toml"
    file.write_text(f"""
[athlete]
hr_max_bpm = 185
hr_rest_bpm = 55
[limits]
incline_max_pct = 15
[strap]
address = "{straps.ADDRESS}"
[machine]
address = "{treadmills.ADDRESS}"
page_start = true
[mqtt]
port = {broker_port}
[web]
host = "127.0.0.1"
port = {web_port}
[files]
journal = "journal.sqlite3"
lock = "controller.lock"
session_directories = ["sessions"]
""")
    return file


@contextlib.contextmanager
def mosquitto(directory: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert program, "mosquitto is missing: sudo apt install mosquitto"
    file = directory / "mosquitto.conf"
    file.write_text(f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\n")
    with _process([program, "-c", str(file)], port) as process:
        yield process


@contextlib.contextmanager
def page_process(settings: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    with _process([sys.executable, "-m", "pitrainer", "web", "--config", str(settings)], port) as process:
        yield process


@contextlib.contextmanager
def _process(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _accepts(process, port))
        yield process
    finally:
        process.kill()
        process.wait()


def _accepts(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, f"{process.args!r} ended"
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False
