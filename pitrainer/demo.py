"""`pitrainer demo`: the whole thing on simulated hardware. Three processes, as on the Pi: a broker (amqtt, embedded,
only ever for this), the page, and in this process the controller, whose loop may run faster than the wall.

The same supervisor, engine, driver doors, broker link and page as in earnest; only runner and treadmill are made up.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from pitrainer import config, sessions
from pitrainer.core.snapshot import Snapshot, snapshot
from pitrainer.drivers.simulated import SimulatedHardware
from pitrainer.journal import Journal
from pitrainer.model import Intent, Phase, Plan, Verb
from pitrainer.opening import controller, leave_on_signal
from pitrainer.service import Controller
from pitrainer.sim.clock import ScaledLoop
from pitrainer.sim.clock import run as run_on

START_WITHIN_S = 20.0
FIRST_SESSION = "capped-climb"
HELP = """
  pitrainer demo: {name}

  Page       http://localhost:{port}
  Try        Arm, then hold Start for three seconds. Then, in the drawer "Try it":
             take the strap off (after 5 s nothing gets harder, after 15 s the incline comes down),
             press the console (the program waits for you), break the link, pull the key. And STOP.
  Recorded   {journal}
             pitrainer history --journal {journal}
  End        Ctrl-C
"""


class DemoError(Exception):
    """Why the demo cannot run, with the cure."""


def show(*, speed: float, session: Path | None, headless_s: float | None, port: int, seed: int) -> None:
    """Run the demo until Ctrl-C, or for `headless_s` seconds of real time. Raises DemoError."""
    if importlib.util.find_spec("amqtt") is None:
        raise DemoError("the demo needs its embedded broker: pip install 'pitrainer[demo]', or run ./demo")
    _must_be_free(port)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    with tempfile.TemporaryDirectory(prefix="pitrainer-demo-") as scratch:
        settings_path = _write_settings(Path(scratch), port, _free_port())
        settings = config.load(settings_path)
        plan = _plan(settings, session)
        with _broker(settings), _page(settings_path, port):
            if headless_s is None:
                click.echo(HELP.format(name=plan.name, port=port, journal=settings.journal))
            main = _control(settings, plan, speed=speed, seed=seed, headless_s=headless_s)
            end = run_on(main, loop=ScaledLoop(speed))
    if headless_s is not None:
        click.echo(summary(end))


def summary(end: Snapshot) -> str:
    """One line for scripts."""
    minutes, seconds = divmod(round(end.elapsed_s), 60)
    cap = "" if end.cap_bpm is None else f" (cap {end.cap_bpm:.0f})"
    return (
        f"time {minutes}:{seconds:02d}, ascent {end.ascent_m:.0f} m, mean heart rate {end.hr_mean_bpm or 0:.0f} bpm, "
        f"highest {end.hr_highest_bpm or 0:.0f} bpm, {end.above_cap_s:.0f} s above the cap{cap}"
    )


async def _control(
    settings: config.Settings, plan: Plan, *, speed: float, seed: int, headless_s: float | None
) -> Snapshot:
    with contextlib.closing(Journal(settings.journal, machine_id=settings.mqtt.machine_id)) as journal:
        journal.open()
        made = controller(settings, journal, time_scale=max(speed, 1.0))
        assert isinstance(made.machine, SimulatedHardware)
        made.machine.runner.reseed(seed)
        made.inbox.ask(Intent(Verb.LOAD, plan=plan))
        leave = leave_on_signal()
        if headless_s is None:
            await made.run(leave)
            return snapshot(made.setup, made.state)
        async with asyncio.TaskGroup() as tasks:
            rider = tasks.create_task(_ride(made, leave, time.monotonic() + headless_s))
            await made.run(leave)
            return rider.result() if rider.done() else snapshot(made.setup, made.state)


async def _ride(made: Controller, leave: asyncio.Event, until_s: float) -> Snapshot:
    """The simulated runner's hands: arm, start, and leave when the real time is over. The figures are those of the
    end of the ride, before the belt is brought to rest."""
    while time.monotonic() < until_s and made.state.phase not in (Phase.DONE, Phase.FAULT):
        ready = made.state.standing and made.state.pulse.hr_bpm is not None
        if made.state.phase is Phase.IDLE and ready:
            made.inbox.ask(Intent(Verb.ARM))
        elif made.state.phase is Phase.ARMED:
            made.inbox.ask(Intent(Verb.START))
        await asyncio.sleep(1.0)
    end = snapshot(made.setup, made.state)
    leave.set()
    return end


def _plan(settings: config.Settings, session: Path | None) -> Plan:
    try:
        path = session or sessions.find(FIRST_SESSION, settings.session_directories)
        return sessions.load(path, athlete=settings.athlete)
    except (sessions.SessionError, OSError, ValueError) as error:
        raise DemoError(str(error)) from None


def _write_settings(scratch: Path, port: int, broker_port: int) -> Path:
    """The shipped demo settings with this run's ports and places."""
    text = (config.shipped_config() / "demo.toml").read_text(encoding="utf-8")
    journal = config.default_journal().with_name("demo.sqlite3")
    text = text.replace("[mqtt]", f"[mqtt]\nport = {broker_port}")
    text += f'\n[web]\nhost = "127.0.0.1"\nport = {port}\n'
    text += f'\n[files]\njournal = "{journal}"\nlock = "{scratch / "controller.lock"}"\n'
    path = scratch / "demo.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _must_be_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise DemoError(f"port {port} is taken: choose another, for example ./demo --port {port + 1}") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _broker(settings: config.Settings) -> contextlib.AbstractContextManager[None]:
    return _child(
        "broker", [sys.executable, "-m", "pitrainer.demo_broker", str(settings.mqtt.port)], settings.mqtt.port
    )


def _page(settings_path: Path, port: int) -> contextlib.AbstractContextManager[None]:
    return _child("page", [sys.executable, "-m", "pitrainer", "web", "--config", str(settings_path)], port)


@contextlib.contextmanager
def _child(name: str, command: list[str], port: int) -> Iterator[None]:
    """A process of ours that listens on a port; it ends with us."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        try:
            _await_port(process, name, port, errors)
            yield
        finally:
            process.terminate()
            try:
                process.wait(5.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_port(process: subprocess.Popen[bytes], name: str, port: int, errors: object) -> None:
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.05)
    assert hasattr(errors, "seek") and hasattr(errors, "read")
    errors.seek(0)
    raise DemoError(f"the {name} did not start: {errors.read().strip() or 'it said nothing'}")
