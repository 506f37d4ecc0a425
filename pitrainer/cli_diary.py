"""The diary's commands: export, report, backup, restore, upload.

`add_to` hangs them on the command line, which hands in how settings and journal are found. Command bodies import what
they need, as in cli.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from pitrainer.config import Settings

FORMS = ("fit", "tcx", "csv", "json")
KEY_FILE = Path("~/.config/pitrainer/intervals.key")


@dataclass(frozen=True, slots=True)
class Doors:
    """How the command line finds the settings in a file, and the journal that a command is about."""

    default_config: Path
    settings: Callable[[Path], Settings]
    journal: Callable[[Path, Path | None], Path]


def add_to(main: click.Group, doors: Doors) -> None:
    """Hang the diary's commands on the command line."""
    main.context_settings["obj"] = doors
    for command in (export, report, backup, restore, upload):
        main.add_command(command)


def _config_and_journal(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options --config and --journal."""
    for name, parameter, words in (
        ("--journal", "journal", "The record itself, instead of the settings' one."),
        ("--config", "config", "Settings of machine, strap and athlete."),
    ):
        command = click.option(name, parameter, type=click.Path(path_type=Path, dir_okay=False), help=words)(command)
    return command


def _journal(doors: Doors, config: Path | None, journal: Path | None) -> Path:
    return doors.journal(config or doors.default_config, journal)


@click.command()
@_config_and_journal
@click.argument("session")
@click.option("--fit", "form", flag_value="fit", help="For sports watches' sites and training programs.")
@click.option("--tcx", "form", flag_value="tcx", help="For programs that do not take FIT.")
@click.option("--csv", "form", flag_value="csv", help="Comma-separated, one row a second.")
@click.option("--json", "form", flag_value="json", default=True, help="Everything: plan, samples, events.")
@click.option("--output", type=click.File("wb"), default="-", help="File to write, else standard output.")
@click.pass_obj
def export(doors: Doors, config: Path | None, journal: Path | None, session: str, form: str, output: IO[bytes]) -> None:
    """Write one session: its id, the beginning of it, or `last`."""
    from pitrainer.history import HistoryError

    if form == "fit" and output.isatty():
        _fail("A FIT file is no text for a screen: give --output FILE.fit", 2)
    try:
        output.write(_exported(_journal(doors, config, journal), session, form))
    except HistoryError as error:
        _fail(str(error))


def _exported(journal: Path, session: str, form: str) -> bytes:
    import io

    from pitrainer import history

    if form in ("csv", "json"):
        text = io.StringIO()
        (history.export_csv if form == "csv" else history.export_json)(journal, session, text)
        return text.getvalue().encode()
    from pitrainer.diary.fit import to_fit
    from pitrainer.diary.tcx import to_tcx

    record = history.read(journal, session, raw=False)
    return to_fit(record) if form == "fit" else to_tcx(record)


@click.command()
@_config_and_journal
@click.argument("session")
@click.option(
    "--output", type=click.File("w", encoding="utf-8"), default="-", help="File to write, else standard output."
)
@click.pass_obj
def report(doors: Doors, config: Path | None, journal: Path | None, session: str, output: IO[str]) -> None:
    """Write one session as an HTML page: its id, the beginning of it, or `last`."""
    from pitrainer import history
    from pitrainer.diary.report import report as page

    try:
        output.write(page(history.read(_journal(doors, config, journal), session, raw=False)))
    except history.HistoryError as error:
        _fail(str(error))


@click.command()
@_config_and_journal
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(doors: Doors, config: Path | None, journal: Path | None, file: Path) -> None:
    """Write the whole diary to one new file. The controller may be running."""
    from pitrainer.diary import backup as diary

    try:
        count = diary.backup(_journal(doors, config, journal), file)
    except diary.BackupError as error:
        _fail(str(error))
    click.echo(f"{file}: {count} sessions.")


@click.command()
@_config_and_journal
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def restore(doors: Doors, config: Path | None, journal: Path | None, file: Path) -> None:
    """Add the sessions of a backup to the diary. The controller must not be running."""
    from pitrainer.diary import backup as diary
    from pitrainer.opening import LockError, only_one

    try:
        with only_one(_lock(doors, config)):
            done = diary.restore(file, _journal(doors, config, journal))
    except LockError as error:
        _fail(f"Nothing was restored: {error}")
    except diary.BackupError as error:
        _fail(str(error))
    click.echo(f"{done.added} sessions restored, {done.kept} were there already.")


def _lock(doors: Doors, config: Path | None) -> Path:
    """The running controller's: of the settings, else where an unconfigured user's would be."""
    from pitrainer.config import default_lock

    path = config or doors.default_config
    return default_lock() if config is None and not path.exists() else doors.settings(path).lock


@click.command()
@_config_and_journal
@click.argument("session")
@click.option(
    "--key-file", type=click.Path(path_type=Path), default=KEY_FILE, show_default=True,
    help="Holds your API key of intervals.icu, readable by you alone.",
)  # fmt: skip
@click.option("--athlete", default="0", show_default=True, help="Athlete id; 0 is the owner of the key.")
@click.option("--service", default=None, hidden=True)
@click.pass_obj
def upload(
    doors: Doors, config: Path | None, journal: Path | None, session: str, key_file: Path, athlete: str,
    service: str | None,
) -> None:  # fmt: skip
    """Send one session to intervals.icu: its id, the beginning of it, or `last`."""
    from pitrainer import history
    from pitrainer.diary import upload as sending
    from pitrainer.diary.fit import to_fit

    try:
        key = sending.read_key(key_file.expanduser())
        record = history.read(_journal(doors, config, journal), session, raw=False)
        given = sending.upload(
            to_fit(record), name=record.session.name, external_id=f"pitrainer-{record.session.id}",
            key=key, athlete=athlete, service=service or sending.SERVICE,
        )  # fmt: skip
    except (sending.UploadError, history.HistoryError) as error:
        _fail(str(error))
    click.echo(f"{record.session.id}: uploaded{f' as {given}' if given else ''}.")


def _fail(text: str, code: int = 1) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)
