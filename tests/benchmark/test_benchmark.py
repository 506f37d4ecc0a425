"""The benchmark: its metrics on traces whose score is known, and a small form of the whole."""

from __future__ import annotations

from dataclasses import replace
from math import inf, sin
from pathlib import Path

import pytest
from click.testing import CliRunner

from pitrainer.benchmark import (
    COLUMNS,
    FIXED,
    OURS,
    SECOND,
    Size,
    controllers,
    main_jobs,
    p95,
    report,
    run_jobs,
    stress_jobs,
    table,
)
from pitrainer.benchmark_pages import BEGIN, END, put_between_marks
from pitrainer.cli import main
from pitrainer.core.heartstep import HeartStep
from pitrainer.sim.faults import Fault, FaultKind
from pitrainer.sim.peers import LAWS
from pitrainer.sim.population import population
from pitrainer.sim.scores import score, settled_s
from pitrainer.sim.tasks import CASES, TASKS, Course, Leg, TaskName, Trace, course, steady_bpm
from pitrainer.sim.trials import OURS_BEGINS_S, oracle_ascent_m, plan_of, run_law, run_ours, run_session

PEOPLE = population(10, 6)
SAME = ("PI, scheduled gain", "steps 0.5 % / 10 s")


def course_of(task: TaskName, number: int = 0, case: str = "base") -> Course:
    return course(TASKS[task], PEOPLE[number], 1, CASES[case], shift_s=OURS_BEGINS_S)


def trace_of(bpm: list[float], noise: float = 0.0) -> Trace:
    n = len(bpm)
    return Trace(bpm, [noise] * n, list(bpm), [5.0] * n, [10.0] * n, [5.0] * n, [10.0] * n)


def test_a_perfect_hold_scores_nothing_and_settles_at_once() -> None:
    made = course_of(TaskName.HOLD)
    scored = score(made, trace_of([made.targets_bpm[0]] * 1800))
    assert {name: round(scored[name], 9) for name in ("rmse", "floor", "over", "commands", "ended")} == {
        "rmse": 0.0, "floor": 0.0, "over": 0.0, "commands": 0.0, "ended": 0.0,
    }  # fmt: skip
    assert scored["settle"] == 29.0


def test_a_constant_error_is_the_rmse_and_never_settles_beyond_3_bpm() -> None:
    made = course_of(TaskName.HOLD)
    scored = score(made, trace_of([made.targets_bpm[0] + 4.0] * 1800, noise=1.5))
    assert scored["rmse"] == pytest.approx(4.0)
    assert scored["floor"] == pytest.approx(1.5)
    assert scored["rmse-floor"] == pytest.approx(2.5)
    assert scored["settle"] == 1800.0
    assert scored["over"] == pytest.approx(4.0)


def test_settling_needs_a_whole_minute_inside() -> None:
    bpm = [0.0] * 100 + [100.0] * 70 + [0.0] * 100 + [100.0] * 200
    assert settled_s(bpm, 100.0) == 270 + 29


def test_time_and_metres_under_a_cap() -> None:
    made = course_of(TaskName.CLIMB)
    cap = made.targets_bpm[0]
    bpm = [cap - 1.0] * 900 + [cap + 1.0] * 450 + [cap + 3.0] * 450
    scored = score(made, trace_of(bpm), oracle_m=500.0)
    assert scored["above cap %"] == pytest.approx(50.0)
    assert scored["above cap+2 %"] == pytest.approx(25.0)
    assert scored["excess"] == pytest.approx(3.0)
    assert scored["climb m"] == pytest.approx(1800 / 3.6 * 5.0 * 0.1, rel=0.01)
    assert scored["of oracle %"] == pytest.approx(scored["climb m"] / 5.0)


def test_intervals_count_the_hard_legs_only() -> None:
    made = course_of(TaskName.INTERVALS)
    hard, easy = made.targets_bpm[:2]
    leg = [hard - 20.0] * 40 + [hard + 2.0] * 200 + [easy + 30.0] * 180
    scored = score(made, trace_of(leg * 4))
    assert scored["rmse late"] == pytest.approx(2.0)
    assert scored["within 5 %"] == 100.0
    assert 40.0 <= scored["rise s"] <= 55.0
    assert scored["over"] == pytest.approx(2.0)


def test_motor_figures_count_set_points_not_seconds() -> None:
    made = course_of(TaskName.HOLD)
    trace = trace_of([made.targets_bpm[0]] * 1800)
    trace.told_pct[600:] = [11.0] * 1200
    trace.told_pct[1200:] = [10.5] * 600
    scored = score(made, trace)
    assert (scored["commands"], scored["travel"], scored["reversals"]) == pytest.approx((2 / 3, 1.5 / 3, 1 / 3))


def test_a_rise_in_silence_and_a_rise_on_a_lie_are_told_from_honest_ones() -> None:
    lock = Fault(FaultKind.CADENCE, OURS_BEGINS_S + 600.0, 60.0, 110.0)
    made = replace(course_of(TaskName.LIFE), faults=(lock,))
    trace = trace_of([made.targets_bpm[0]] * 1800)
    trace.strap_bpm[100:120] = [None] * 20
    for second, pct in ((50, 10.5), (105, 11.0), (115, 11.5), (605, 12.0), (640, 12.5), (700, 13.0)):
        trace.told_pct[second:] = [pct] * (1800 - second)
    scored = score(made, trace)
    assert (scored["stale rises"], scored["lie rises"]) == (1.0, 1.0)


def test_a_run_that_was_given_up_is_counted() -> None:
    made = course_of(TaskName.HOLD)
    assert score(made, trace_of([140.0] * 1700))["ended"] == 1.0


def test_targets_are_what_this_person_and_machine_can_reach() -> None:
    for number in range(10):
        for case in CASES:
            made = course_of(TaskName.INTERVALS, number, case)
            low, high = (steady_bpm(made.person, incline) for incline in made.person.incline_pct)
            assert all(low < bpm < high for bpm in made.targets_bpm)


def test_the_oracle_climbs_more_than_a_pi_and_stays_in_range() -> None:
    for number in (0, 8):
        made = course_of(TaskName.CLIMB, number)
        climbed = score(made, run_law(made, LAWS[0]))["climb m"]
        assert 0.7 * oracle_ascent_m(made) < climbed < oracle_ascent_m(made)


def test_the_tasks_for_ours_alone_compare_it_with_itself() -> None:
    jobs = main_jobs(30, 2, [TaskName.FREE, TaskName.SECOND], tuple(controllers()))
    assert {job.laws for job in jobs if job.task is TaskName.FREE} == {(OURS, FIXED)}
    assert {job.laws for job in jobs if job.task is TaskName.SECOND} == {(OURS, SECOND)}
    assert all(job.number % 10 < 7 for job in jobs if job.task is TaskName.FREE)


def test_what_a_session_has_learned_is_handed_to_the_next() -> None:
    long = course_of(TaskName.SECOND)
    made = replace(long, task=replace(long.task, legs=(Leg(0.72, 300),)))
    first, learned = run_session(made, None)
    second, _ = run_session(made, learned)
    assert learned is not None
    assert learned.heard_s > 300
    assert first.told_pct != second.told_pct


def test_a_free_belt_is_offered_only_where_the_task_says_so() -> None:
    free, fixed = (plan_of(course_of(task)).steps[-1] for task in (TaskName.FREE, TaskName.CLIMB))
    assert isinstance(free, HeartStep) and isinstance(fixed, HeartStep)
    assert free.speed_range_kmh == (3.0, PEOPLE[0].speed_kmh)
    assert fixed.speed_range_kmh is None


def test_our_plan_names_the_caps_of_the_course() -> None:
    made = course_of(TaskName.CLIMB)
    plan = plan_of(made)
    assert [step.cap_bpm for step in plan.steps] == [None, made.targets_bpm[0]]
    assert sum(step.for_s or 0.0 for step in plan.steps) == 300 + 1800


def test_ours_runs_through_engine_and_supervisor_and_is_seen_second_by_second() -> None:
    long = course_of(TaskName.CLIMB)
    made = replace(long, task=replace(long.task, legs=(Leg(0.80, 600),)))
    trace = run_ours(made)
    assert trace.ended == ""
    assert len(trace.true_bpm) == len(trace.told_pct) == 600
    assert max(trace.true_bpm) < made.targets_bpm[0] + 12.0
    assert max(trace.incline_pct) > made.start_pct + 1.0


def test_the_same_job_gives_the_same_scores() -> None:
    jobs = [replace(job, laws=SAME) for job in main_jobs(1, 1, [TaskName.LIFE], SAME)]
    assert list(run_jobs(jobs, 1)) == list(run_jobs(jobs, 1))


def test_the_small_form_ranks_a_pi_above_steps_and_has_a_row_for_everybody() -> None:
    results = list(run_jobs(main_jobs(1, 1, [TaskName.HOLD], (*SAME, OURS)), 1))
    rows = table(results, TaskName.HOLD).splitlines()
    assert len(rows) == 2 + 3
    rmse = {line.split("|")[1].strip(): float(line.split("|")[3]) for line in rows[2:]}
    assert rmse["PI, scheduled gain"] < rmse["steps 0.5 % / 10 s"]
    assert rmse[OURS] < rmse["steps 0.5 % / 10 s"]


def test_every_case_is_in_the_stress_rows_for_both_tasks() -> None:
    jobs = stress_jobs(3)
    assert {job.case for job in jobs} == set(CASES) - {"base"}
    assert len(jobs) == (len(CASES) - 1) * 2 * 3


def test_every_column_is_a_score() -> None:
    for name, columns in COLUMNS.items():
        made = course_of(name)
        scored = score(made, trace_of([120.0 + sin(i) for i in range(made.seconds)]), oracle_m=300.0)
        assert {column.name for column in columns} <= set(scored)


def test_the_95th_percentile_lies_between_its_neighbours() -> None:
    assert p95([float(i) for i in range(21)]) == 19.0
    assert p95([1.0, 2.0]) == pytest.approx(1.95)
    assert p95([3.0, inf, inf]) == inf


def test_an_unknown_controller_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no controller is called PID\. There are: pitrainer; pitrainer, fixed"):
        next(report(Size(1, 1, 0, 0, ("hold",), ("PID",)), 1, said=lambda line: None))
    assert next(iter(controllers())) == OURS


def test_tables_replace_only_what_stands_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Above.\n\n{BEGIN}\nold\n{END}\n\nBelow.\n")
    put_between_marks(page, "new")
    put_between_marks(page, "newer")
    assert page.read_text() == f"Above.\n\n{BEGIN}\n\nnewer\n\n{END}\n\nBelow.\n"


def test_the_command_prints_and_writes_its_tables(tmp_path: Path) -> None:
    page = tmp_path / "controllers.md"
    options = ["--quick", "--people", "1", "--task", "hold", "--law", "steps 1 %", "--processes", "1"]
    ran = CliRunner().invoke(main, ["bench", "controllers", *options, "--write", str(page)])
    assert ran.exit_code == 0, ran.output
    assert "| steps 1 % / 60 s | incline |" in ran.output
    assert "steps 1 % / 30 s" in page.read_text()


def test_the_command_refuses_a_name_it_does_not_know() -> None:
    ran = CliRunner().invoke(main, ["bench", "controllers", "--quick", "--law", "nobody"])
    assert ran.exit_code == 2
    assert "no controller is called nobody" in ran.output
