"""The benchmark of heart-rate controllers: everybody on the same people, days and machines, in one table.

A job is one course (task, case, person, day) run by all controllers, so that the variability's floor and the oracle are
found once; jobs are shared between processes. What comes back are scores, put together as mean, median or 95th
percentile as the column says. A second population with a seed of its own is reported beside, to show what was tuned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import fmean, median

from pitrainer.benchmark_pages import markdown
from pitrainer.core.oxygen import Gait
from pitrainer.sim.peers import LAWS, Law
from pitrainer.sim.population import Person, population
from pitrainer.sim.scores import Score, score
from pitrainer.sim.tasks import CASES, TASKS, Course, TaskName, Trace
from pitrainer.sim.tasks import course as make_course
from pitrainer.sim.trials import OURS_BEGINS_S, oracle_ascent_m, run_fixed_speed, run_law, run_ours, run_second

SEED, HOLD_OUT_SEED = 11, 4242
OURS = "pitrainer"
FIXED, SECOND = "pitrainer, fixed speed", "pitrainer, second session"
EXTRA_PEOPLE = 20
STRESS_LAWS = ("PI, scheduled gain", "Hunt, low-pass 0.06", "steps 1 % / 30 s")
STRESS_TASKS = (TaskName.HOLD, TaskName.CLIMB)


@dataclass(frozen=True, slots=True)
class Job:
    """One course for all controllers, named so that another process can make it."""

    task: TaskName
    case: str
    people_seed: int
    number: int
    noise_seed: int
    laws: tuple[str, ...]
    """Names of `controllers()`."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one controller made of one job."""

    job: Job
    law: str
    score: Score


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a heading, the score's name, how runs are put together, and the digits."""

    heading: str
    name: str
    join: Callable[[Sequence[float]], float] = fmean
    digits: int = 1


MOVES = {OURS: "incline", FIXED: "incline", SECOND: "incline", **{law.name: law.motor.value for law in LAWS}}


def p95(values: Sequence[float]) -> float:
    """The 95th percentile, between the nearest two."""
    ordered = sorted(values)
    place = 0.95 * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return (
        ordered[low] if ordered[low] == ordered[high] else ordered[low] + (place - low) * (ordered[high] - ordered[low])
    )


MOTOR = (Column("commands", "commands"), Column("travel %", "travel"), Column("turns", "reversals"))
CAPPED = (
    Column("> cap %", "above cap %"),
    Column("> cap+2 %", "above cap+2 %", digits=2),
    Column("p95", "above cap+2 %", p95, 2),
    Column("excess bpm", "excess"),
    Column("worst", "excess", max),
    Column("climb m", "climb m", digits=0),
    Column("of oracle %", "of oracle %"),
)
COLUMNS: dict[TaskName, tuple[Column, ...]] = {
    TaskName.HOLD: (
        Column("rmse", "rmse", digits=2),
        Column("p95", "rmse", p95, 2),
        Column("floor", "floor", digits=2),
        Column("rmse - floor", "rmse-floor", digits=2),
        Column("settle s", "settle", median, 0),
        Column("p95", "settle", p95, 0),
        Column("over bpm", "over"),
        *MOTOR,
    ),
    TaskName.CLIMB: (*CAPPED, *MOTOR),
    TaskName.INTERVALS: (
        Column("rmse late", "rmse late", digits=2),
        Column("within 5 %", "within 5 %", digits=0),
        Column("rise s", "rise s", digits=0),
        Column("over bpm", "over"),
        *MOTOR,
    ),
    TaskName.LIFE: (
        *CAPPED[:6],
        Column("ended", "ended", sum, 0),
        Column("rises on stale", "stale rises", sum, 0),
        Column("rises on a lie", "lie rises", sum, 0),
        *MOTOR,
    ),
    TaskName.FREE: (*CAPPED[:6], Column("m/h in last 10 min", "late m/h", digits=0), *MOTOR),
}
COLUMNS[TaskName.SECOND] = COLUMNS[TaskName.HOLD]


def controllers() -> dict[str, Callable[[Course], Trace]]:
    """All controllers by name, ours first."""
    return {OURS: run_ours, FIXED: run_fixed_speed, SECOND: run_second, **{law.name: _runs(law) for law in LAWS}}


def laws_for(task: TaskName) -> tuple[str, ...]:
    """Who is compared in a task."""
    if task is TaskName.FREE:
        return (OURS, FIXED)
    return (OURS, SECOND) if task is TaskName.SECOND else (OURS, *(law.name for law in LAWS))


def _runs(law: Law) -> Callable[[Course], Trace]:
    return lambda course: run_law(course, law)


def run_job(job: Job) -> list[Result]:
    """Every controller's score on one course."""
    made = _course(job)
    oracle = oracle_ascent_m(made) if made.task.capped else None
    runs = controllers()
    return [Result(job, name, score(made, runs[name](made), oracle)) for name in job.laws]


def _course(job: Job) -> Course:
    person = _people(job.people_seed, job.number)
    return make_course(TASKS[job.task], person, job.noise_seed, CASES[job.case], shift_s=OURS_BEGINS_S)


def _people(seed: int, number: int) -> Person:
    return population(number + 1, seed)[number]


def main_jobs(
    people: int, seeds: int, tasks: Iterable[TaskName], laws: tuple[str, ...], *, people_seed: int = SEED
) -> list[Job]:
    """Every task for everybody, on `seeds` days, by these controllers."""
    return [
        Job(task, "base", people_seed, number, seed, tuple(law for law in laws_for(task) if law in laws))
        for task in tasks
        for number, seed in _days(task, people, seeds, people_seed)
    ]


def _days(task: TaskName, people: int, seeds: int, people_seed: int) -> list[tuple[int, int]]:
    """Persons and days of a task. The tasks for ours alone take fewer: one day each."""
    if task in (TaskName.FREE, TaskName.SECOND):
        everybody = population(min(people, EXTRA_PEOPLE), people_seed)
        return [(one.number, 1) for one in everybody if task is TaskName.SECOND or one.gait is Gait.WALK]
    return [(number, seed) for number in range(people) for seed in range(1, seeds + 1)]


def stress_jobs(people: int, *, people_seed: int = SEED) -> list[Job]:
    """Hold and climb in every case but the base, by ours and a few others, on one day."""
    laws = (OURS, *STRESS_LAWS)
    cases = [name for name in CASES if name != "base"]
    return [
        Job(task, case, people_seed, number, 23, laws)
        for case in cases
        for task in STRESS_TASKS
        for number in range(people)
    ]


def run_jobs(jobs: Sequence[Job], processes: int = 2) -> Iterator[Result]:
    """All results, as they come. One process runs here."""
    if processes <= 1:
        for job in jobs:
            yield from run_job(job)
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for results in pool.map(run_job, jobs, chunksize=2):
            yield from results


def table(results: Iterable[Result], task: TaskName) -> str:
    """A Markdown table of one task: a row for each controller, in the order of `controllers`."""
    columns = COLUMNS[task]
    scores: dict[str, list[Score]] = defaultdict(list)
    for result in results:
        if result.job.task is task:
            scores[result.law].append(result.score)
    heads = ["controller", "moves", *(column.heading for column in columns)]
    return markdown(heads, [[law, MOVES[law], *_cells(columns, scores[law])] for law in scores])


def stress_table(results: Iterable[Result]) -> str:
    """A Markdown table of the cases: a row for each case and controller."""
    hold = (Column("rmse", "rmse", digits=2), *COLUMNS[TaskName.HOLD][3:5], MOTOR[0])
    climb = (CAPPED[1], CAPPED[2], CAPPED[4], CAPPED[6])
    scores: dict[tuple[str, str], dict[TaskName, list[Score]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        scores[result.job.case, result.law][result.job.task].append(result.score)
    heads = ["case", "controller", *(f"hold: {c.heading}" for c in hold), *(f"climb: {c.heading}" for c in climb)]
    rows = [
        [case, law, *_cells(hold, by_task[TaskName.HOLD]), *_cells(climb, by_task[TaskName.CLIMB])]
        for (case, law), by_task in scores.items()
    ]
    return markdown(heads, rows)


def _cells(columns: Sequence[Column], scores: Sequence[Score]) -> list[str]:
    return [_cell(column, [score[column.name] for score in scores if column.name in score]) for column in columns]


def _cell(column: Column, values: Sequence[float]) -> str:
    return f"{column.join(values):.{column.digits}f}" if values else "-"


@dataclass(frozen=True, slots=True)
class Size:
    """How much to run."""

    people: int
    seeds: int
    stress_people: int
    hold_out_people: int
    tasks: tuple[str, ...]
    laws: tuple[str, ...] = ()
    """Beginnings of names; none: all."""


def report(size: Size, processes: int, said: Callable[[str], None]) -> Iterator[str]:
    """Run everything and give the tables as Markdown, part by part. Raises ValueError where no controller has such a
    name."""
    tasks = tuple(TaskName(task) for task in size.tasks)
    laws = tuple(name for name in controllers() if not size.laws or name.startswith(size.laws))
    if not laws:
        raise ValueError(f"no controller is called {' or '.join(size.laws)}. There are: {'; '.join(controllers())}")
    said(f"{size.people} people, {size.seeds} days, {len(laws)} controllers")
    yield _main_part(tasks, run_jobs(main_jobs(size.people, size.seeds, tasks, laws), processes), size, SEED)
    if size.hold_out_people:
        said(f"hold-out: {size.hold_out_people} other people")
        jobs = main_jobs(size.hold_out_people, 1, tasks, laws, people_seed=HOLD_OUT_SEED)
        yield _main_part(tasks, run_jobs(jobs, processes), size, HOLD_OUT_SEED)
    if size.stress_people:
        said(f"robustness: {size.stress_people} people, {len(CASES) - 1} cases")
        results = run_jobs(stress_jobs(size.stress_people), processes)
        yield f"### Outside the model\n\n{size.stress_people} people, one day.\n\n{stress_table(results)}"


def _main_part(tasks: tuple[TaskName, ...], results: Iterable[Result], size: Size, people_seed: int) -> str:
    rows = list(results)
    main = people_seed == SEED
    people, days = (size.people, size.seeds) if main else (size.hold_out_people, 1)
    title = "Population" if main else "Hold-out population"
    parts = [f"### {title} (seed {people_seed}): {people} people, {days} {'day' if days == 1 else 'days'}"]
    parts += [f"#### {task}\n\n{table(rows, task)}" for task in tasks if any(row.job.task is task for row in rows)]
    ended = sum(row.score["ended"] for row in rows if row.law == OURS)
    parts.append(f"Runs that pitrainer's supervisor ended early: {ended:.0f}.")
    return "\n\n".join(parts)
