"""`pitrainer bench`: controllers against each other, and the simulated people against the literature."""

from __future__ import annotations

import sys
from pathlib import Path

import click

TASK_NAMES = ("hold", "climb", "intervals", "life", "free", "second")


@click.group()
def bench() -> None:
    """Measure controllers on simulated people."""


@bench.command()
@click.option("--people", default=40, show_default=True, help="People of the main population.")
@click.option("--seeds", default=2, show_default=True, help="Days (noise seeds) of each.")
@click.option("--task", "tasks", multiple=True, type=click.Choice(TASK_NAMES), help="Only these tasks.")
@click.option("--law", "laws", multiple=True, help="Only controllers whose names begin so.")
@click.option("--hold-out", "hold_out", default=0, show_default=True, help="As many people of another population.")
@click.option("--stress", "stress_people", default=0, show_default=True, help="Robustness rows, with so many people.")
@click.option("--quick", is_flag=True, help="4 people and one day.")
@click.option("--processes", default=2, show_default=True)
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Put the tables into this file, too.")
def controllers(
    people: int,
    seeds: int,
    tasks: tuple[str, ...],
    laws: tuple[str, ...],
    stress_people: int,
    hold_out: int,
    quick: bool,
    processes: int,
    write: Path | None,
) -> None:
    """Run ours and others' controllers on the same people, days and machines, and print the tables."""
    from pitrainer.benchmark import Size, report
    from pitrainer.benchmark_pages import put_between_marks

    if quick:
        people, seeds = min(people, 4), 1
    size = Size(people, seeds, stress_people, hold_out, tasks or TASK_NAMES, laws)
    parts: list[str] = []
    try:
        for part in report(size, processes, said=lambda line: click.echo(line, err=True)):
            click.echo(f"{part}\n")
            parts.append(part)
    except ValueError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if write is not None:
        put_between_marks(write, "\n\n".join(parts))


@bench.command()
@click.option("--runners", default=30, show_default=True)
@click.option("--seed", default=5, show_default=True)
def people(runners: int, seed: int) -> None:
    """Identify the simulated runners as the literature identifies real ones, and compare."""
    from pitrainer.benchmark_pages import calibration_table
    from pitrainer.sim.calibration import calibrate

    click.echo(calibration_table(calibrate(runners, seed)))
