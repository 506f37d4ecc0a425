"""`pitrainer service install | remove`: the command line of pitrainer/installing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

dry_run_option = click.option("--dry-run", is_flag=True, help="Only say what would be changed.")
root_option = click.option(
    "--root", type=click.Path(path_type=Path, file_okay=False, exists=True), default=Path("/"),
    help="Work on the system below this directory, such as an image's, and start nothing.",
)  # fmt: skip


def add_to(main: click.Group) -> None:
    """The commands, below `service`."""
    main.add_command(service)


@click.group()
def service() -> None:
    """Make this computer an appliance that runs pitrainer from boot, or undo that."""


@service.command()
@dry_run_option
@root_option
@click.option("--simulated", is_flag=True, help="With new settings: simulated hardware, to look around first.")
def install(dry_run: bool, root: Path, simulated: bool) -> None:
    """Units, users, the broker's accounts, first settings. Repeatable; changes nothing that is as it should be."""
    from pitrainer import installing

    program = Path(sys.prefix) / "bin" / "pitrainer"
    ground = installing.Ground(click.echo, root.resolve(), dry_run)
    _or_say_why(lambda: installing.install(ground, program=program, simulated=simulated))


@service.command()
@dry_run_option
@root_option
@click.option("--with-diary", is_flag=True, help="Also delete what was recorded, the settings and your sessions.")
def remove(dry_run: bool, root: Path, with_diary: bool) -> None:
    """Undo `install`. What was recorded, the settings and your sessions stay."""
    from pitrainer import installing

    ground = installing.Ground(click.echo, root.resolve(), dry_run)
    _or_say_why(lambda: installing.remove(ground, with_diary=with_diary))


def _or_say_why(deed: Callable[[], None]) -> None:
    from pitrainer.installing import InstallError

    try:
        deed()
    except (InstallError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
