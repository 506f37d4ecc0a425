"""The command line. Command bodies import what they need, so that `check` and `halt` start quickly.

Exit codes: 0 done, 1 what was asked for failed, 2 wrong usage, 75 another controller runs already.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from pitrainer import __version__, cli_diary, cli_import, cli_service
from pitrainer.cli_bench import bench

if TYPE_CHECKING:
    from pitrainer.config import Settings
    from pitrainer.core.athlete import Athlete
    from pitrainer.history import SessionRow
    from pitrainer.sim import Recording

DEFAULT_CONFIG = Path("/etc/pitrainer/pitrainer.toml")
TEMPORARY_FAILURE = 75

config_option = click.option(
    "--config", "config_path", type=click.Path(path_type=Path, dir_okay=False), default=DEFAULT_CONFIG,
    show_default=True, help="Settings of machine, strap and athlete (docs/configuration.md).",
)  # fmt: skip

journal_option = click.option(
    "--journal",
    type=click.Path(path_type=Path),
    default=None,
    help="The record itself, instead of the settings' one.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """pitrainer: climbs as steeply as your heart allows."""


main.add_command(bench)
cli_service.add_to(main)
cli_import.add_to(main)


@main.command()
@config_option
def run(config_path: Path) -> None:
    """Run the controller (the service does)."""
    import asyncio
    import faulthandler

    from pitrainer.opening import LockError, TakenError, serve

    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    settings = _settings(config_path)
    try:
        asyncio.run(serve(settings))
    except TakenError as error:
        _fail(str(error), TEMPORARY_FAILURE)
    except (LockError, ValueError) as error:
        _fail(str(error))


@main.command()
@config_option
def web(config_path: Path) -> None:
    """Serve the page (the second service does)."""
    from pitrainer.web.serve import serve

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    settings = _settings(config_path)
    try:
        serve(settings)
    except OSError as error:
        _fail(f"cannot listen on {settings.web.host}:{settings.web.port}: {error.strerror or error}")


@main.command()
@config_option
@click.option("--reason", default=None, help="Why the controller ended (systemd's SERVICE_RESULT).")
def halt(config_path: Path, reason: str | None) -> None:
    """Bring the belt to a standstill, from outside."""
    from pitrainer.halting import HaltError
    from pitrainer.halting import halt as bring_to_rest
    from pitrainer.opening import LockError

    try:
        click.echo(bring_to_rest(_settings(config_path), reason=reason))
    except (HaltError, LockError, ValueError) as error:
        _fail(str(error))


@main.command()
@config_option
def forget(config_path: Path) -> None:
    """Forget what earlier sessions have learned of the athlete's heart."""
    from pitrainer.opening import learning_of

    learning = learning_of(_settings(config_path))
    try:
        forgotten = learning.forget()
    except OSError as error:
        _fail(f"{learning.path} cannot be removed: {error.strerror or error}")
    click.echo(f"Forgotten: {learning.path}" if forgotten else "Nothing had been learned yet.")


@main.command()
@click.option("--seconds", default=10.0, show_default=True, help="How long to listen.")
def scan(seconds: float) -> None:
    """Look for straps and treadmills, and print their lines for the settings."""
    import asyncio

    from pitrainer.drivers.scan import report
    from pitrainer.drivers.scan import scan as listen

    try:
        click.echo(report(asyncio.run(listen(seconds))))
    except Exception as error:  # whatever bluetoothd or D-Bus come up with is for the user to read
        _fail(f"cannot scan: {error}. Is Bluetooth on? Try: bluetoothctl power on")


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Judge by this machine and athlete.")
def check(files: tuple[Path, ...], config_path: Path | None) -> None:
    """Check session files; every problem with file, line and cure. Exits with 1 on any error."""
    from pitrainer import sessions

    settings = _settings(config_path) if config_path else None
    bad = False
    for file in files:
        problems = sessions.check(
            file,
            athlete=settings.athlete if settings else None,
            limits=settings.machine.limits if settings else None,
            user=settings.limits if settings else None,
        )
        for problem in problems:
            click.echo(str(problem), err=problem.level == "error")
        bad = bad or any(problem.level == "error" for problem in problems)
        if not problems:
            click.echo(f"{file}: ok")
    sys.exit(1 if bad else 0)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Take the athlete from here.")
@click.option("--seed", default=0, show_default=True, help="Another day of the simulated runner.")
@click.option("--json", "as_json", is_flag=True, help="One row a second.")
def simulate(file: Path, config_path: Path | None, seed: int, as_json: bool) -> None:
    """Run a session without hardware on a simulated runner: what it would be like."""
    from pitrainer import sessions
    from pitrainer.config import DEFAULT_ATHLETE
    from pitrainer.sim import simulate as rehearse
    from pitrainer.sim.runner import SimulatedRunner
    from pitrainer.sim.treadmill import SimulatedTreadmill

    athlete = _settings(config_path).athlete if config_path else DEFAULT_ATHLETE
    try:
        plan = sessions.load(file, athlete=athlete)
        recording = rehearse(
            plan, athlete=athlete, runner=SimulatedRunner(athlete), treadmill=SimulatedTreadmill(), seed=seed
        )
    except (sessions.SessionError, ValueError, OSError) as error:
        _fail(str(error))
    if as_json:
        click.echo(json.dumps([dict(row) for row in recording.samples]))
    else:
        click.echo(_table(recording, athlete))


@main.command()
@config_option
@journal_option
@click.option("--limit", default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def history(config_path: Path, journal: Path | None, limit: int, as_json: bool) -> None:
    """List the recorded sessions, newest first."""
    from dataclasses import asdict

    from pitrainer.history import HistoryError, sessions

    try:
        rows = sessions(_journal(config_path, journal), limit)
    except HistoryError as error:
        _fail(str(error))
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows]))
        return
    for row in rows:
        click.echo(_history_line(row))
    if not rows:
        click.echo("Nothing recorded yet.")


@main.command()
@click.option("--speed", default=1.0, show_default=True, help="Run time this many times faster.")
@click.option("--session", type=click.Path(path_type=Path), help="Another session file than the capped climb.")
@click.option(
    "--headless", "headless_s", type=click.FloatRange(min=1), help="Start by itself and end after so many seconds."
)
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Where the page is.")
@click.option("--seed", default=0, show_default=True, help="Another day of the simulated runner.")
def demo(speed: float, session: Path | None, headless_s: float | None, port: int, seed: int) -> None:
    """The whole thing on simulated hardware: broker, controller, page."""
    from pitrainer.demo import DemoError, show

    if not 0.1 <= speed <= 100:
        _fail(f"--speed {speed:g}: allowed is 0.1 to 100", 2)
    try:
        show(speed=speed, session=session, headless_s=headless_s, port=port, seed=seed)
    except DemoError as error:
        _fail(str(error))


def _settings(path: Path) -> Settings:
    from pitrainer.config import ConfigError, load, shipped_config

    try:
        if not path.exists():
            _fail(
                f"{path}: no such file. Copy {shipped_config() / 'pitrainer.toml'} there, or give another with --config"
            )
        return load(path)
    except (ConfigError, OSError) as error:
        _fail(str(error))


def _journal(config_path: Path, journal: Path | None) -> Path:
    """The record asked for, else that of the settings, else where an unconfigured user's would be."""
    from pitrainer.config import default_journal

    if journal is not None:
        return journal
    return (
        default_journal()
        if config_path == DEFAULT_CONFIG and not config_path.exists()
        else _settings(config_path).journal
    )


def _fail(text: str, code: int = 1) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)


def _table(recording: Recording, athlete: Athlete) -> str:
    """One line a minute, and the sum."""
    lines = ["  time  heart  zone  incline  speed  ascent  what"]
    for row in recording.samples[::60]:
        bpm = "-" if row.hr_bpm is None else f"{row.hr_bpm:.0f}"
        zone = "-" if row.hr_bpm is None else str(athlete.zone(row.hr_bpm))
        what = "; ".join(row.causes) or row.why or row.phase
        lines.append(
            f"{_clock(row.t_s):>6} {bpm:>6} {zone:>5} {row.incline_pct:7.1f}% {row.speed_kmh:6.1f} "
            f"{row.ascent_m:6.0f}m  {what}"
        )
    end = recording.end
    lines.append(
        f"{end.phase.value}: {_clock(end.elapsed_s)}, {end.distance_m / 1000:.2f} km, {end.ascent_m:.0f} m climbed, "
        f"heart rate mean {end.hr_mean_bpm or 0:.0f}, highest {end.hr_highest_bpm or 0:.0f}, "
        f"{end.above_cap_s:.0f} s above the cap, {recording.lift_moves} lift moves"
    )
    return "\n".join(lines)


def _history_line(row: SessionRow) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.started_ts))
    heart = "" if row.hr_mean_bpm is None else f", heart rate {row.hr_mean_bpm:.0f}, highest {row.hr_highest_bpm:.0f}"
    return (
        f"{row.id}  {when}  {row.name}: {_clock(row.elapsed_s or 0)}, {row.ascent_m or 0:.0f} m climbed{heart}"
        f" ({row.ended or 'running'}{', simulated' if row.simulated else ''})"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


cli_diary.add_to(main, cli_diary.Doors(DEFAULT_CONFIG, _settings, _journal))
