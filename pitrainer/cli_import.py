"""Two commands for files of other programs: `import` for workouts, `course` for a race to rehearse.

Both write a session file, to standard output or with --output, and say on standard error what they did and could not
do. They refuse to write over a file unless told to.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

if TYPE_CHECKING:
    from pitrainer.config import Settings
    from pitrainer.courses import Rehearsal

file_argument = click.argument("file", type=click.Path(path_type=Path))
output_option = click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Session file to write, else standard output."
)
force_option = click.option("--force", is_flag=True, help="Write over an existing file.")


def add_to(main: click.Group) -> None:
    """Register both commands."""
    main.add_command(import_workout)
    main.add_command(course)


@click.command("import")
@file_argument
@click.option("--units", type=click.Choice(["km", "mi"]), help="What the speeds of a QZ program are in.")
@click.option(
    "--speed", "speed_kmh", type=click.FloatRange(1, 20),
    help="Your speed over 10 km in km/h: 100 % of a Zwift workout; in others, where a distance has no speed.",
)  # fmt: skip
@output_option
@force_option
def import_workout(
    file: Path, units: Literal["km", "mi"] | None, speed_kmh: float | None, output: Path | None, force: bool
) -> None:
    """Turn a workout (Zwift .zwo, QZ .xml, FIT) into a session file."""
    from pitrainer import importers

    try:
        workout = importers.read(file, units=units, speed_kmh=speed_kmh)
    except importers.ForeignFileError as error:
        _fail(str(error))
    _write(workout.toml, output, force)
    _say(workout.left_out and ["Changed or not carried over:", *(f"- {what}" for what in workout.left_out)])


@click.command()
@file_argument
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Take athlete and machine from here.")
@click.option("--scale", default=1.0, show_default=True, help="Shorten with the same grades: 0.5 is half the course.")
@click.option("--from", "from_km", type=float, help="Begin at this kilometre of the course.")
@click.option("--to", "to_km", type=float, help="End at this kilometre of the course.")
@click.option("--speed", "speed_kmh", type=click.FloatRange(1, 20), help="Never faster than this, km/h.")
@click.option(
    "--smooth", "smooth_m", type=click.FloatRange(0.25, 50), help="How far grades may miss the elevations, m."
)
@click.option("--drink", "drink_min", default=20.0, show_default=True, help="Minutes between drinks; 0: no reminders.")
@click.option("--gel", "gel_min", default=45.0, show_default=True, help="Minutes between gels; 0: no reminders.")
@output_option
@force_option
def course(
    file: Path, config_path: Path | None, smooth_m: float | None, output: Path | None, force: bool, **wishes: Any
) -> None:
    """Turn a course (GPX) into a session file that rehearses it."""
    from pitrainer.importers import ForeignFileError

    settings = _settings(config_path) if config_path else None
    try:
        rehearsal = _rehearsed(file, settings, smooth_m, wishes)
    except ForeignFileError as error:
        _fail(str(error))
    _write(rehearsal.toml, output, force)
    _say(rehearsal.report)


def _rehearsed(file: Path, settings: Settings | None, smooth_m: float | None, wishes: dict[str, Any]) -> Rehearsal:
    from pitrainer.courses import Wishes, clean, gpx, rehearse

    profile = clean(gpx.read(file), tolerance_m=smooth_m)
    asked = Wishes(**wishes)
    if settings is None:
        return rehearse(profile, str(file), wishes=asked)
    return rehearse(
        profile,
        str(file),
        athlete=settings.athlete,
        machine=settings.machine.limits,
        user=settings.limits,
        wishes=asked,
    )


def _settings(path: Path) -> Settings:
    from pitrainer.config import ConfigError, load

    try:
        return load(path)
    except (ConfigError, OSError) as error:
        _fail(str(error))


def _write(text: str, output: Path | None, force: bool) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with output.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        _fail(f"{output}: is there already; give another name, or --force to write over it")
    except OSError as error:
        _fail(f"{output}: cannot be written: {error.strerror or error}")


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


def _fail(text: str) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(1)
