"""Diaries to judge: sessions run on the simulator and kept by the real journal, whole, cut off, without a heart, short,
and named by somebody hostile."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from pitrainer import history, sessions
from pitrainer.core.athlete import Athlete
from pitrainer.diary.trace import Moment, Trace
from pitrainer.history import Record
from pitrainer.journal import Journal
from pitrainer.journal_tables import SAMPLE_COLUMNS
from pitrainer.model import Drive, Plan, Step
from pitrainer.sim import Recording, simulate
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

ATHLETE = Athlete(hr_max_bpm=185, hr_rest_bpm=55, weight_kg=70)
STARTED_TS = 1795363200.0
"""A Sunday, 22 November 2026, 16:00 UTC."""
HOSTILE = "<script>alert('x')</script> & \"quotes\" ]]> \x00\x0b\u202e"
SHORT = Plan("Short", (Step("Walk", Drive.FIXED, (3.0, 3.0), (5.0, 5.0), for_s=60.0),))
HILL = Plan(
    "Long hill",
    (
        Step("Easy in", Drive.FIXED, (1.0, 1.0), (5.0, 5.0), for_s=240.0),
        Step("Climb", Drive.CLIMB, (2.0, 9.0), (5.0, 5.0), for_s=240.0, cap_bpm=150.0),
        Step("Hill", Drive.FIXED, (7.0, 7.0), (5.0, 5.0), for_s=1500.0, cap_bpm=140.0),
        Step("Cool-down", Drive.FIXED, (1.0, 1.0), (4.5, 4.5), for_s=240.0),
    ),
)
"""A climb for the controller, and a long steady part that does not hang on how well it controls."""
CHROMIUM = Path("/usr/bin/chromium")


class Kept(NamedTuple):
    """A journal with one session of each kind."""

    journal: Path
    ids: tuple[str, ...]


IDS = ("climb", "cut-off", "heartless", "hostile", "second", "silent")
"""What `kept` holds, one id each. `silent` has not a single sample."""


def simulated(plan: Plan) -> Recording:
    return simulate(plan, athlete=ATHLETE, runner=SimulatedRunner(ATHLETE), treadmill=SimulatedTreadmill(), seed=1)


def rows_of(recording: Recording) -> list[tuple[float, dict[str, Any]]]:
    return [
        (sample.t_s, {name: sample[name] for name in SAMPLE_COLUMNS if name in sample.keys()})  # noqa: SIM118
        for sample in recording.samples
    ]


def summary_of(recording: Recording) -> dict[str, float | None]:
    end = recording.end
    return {
        "elapsed_s": end.elapsed_s,
        "distance_m": end.distance_m,
        "ascent_m": end.ascent_m,
        "hr_mean_bpm": end.hr_mean_bpm,
        "hr_highest_bpm": end.hr_highest_bpm,
        "above_cap_s": end.above_cap_s,
    }


def keep(
    box: Journal, id_: str, plan: Plan, rows: list[tuple[float, dict[str, Any]]], *,
    name: str | None = None, started_ts: float = STARTED_TS, simulated: bool = False,
) -> None:  # fmt: skip
    """Begin a session and put its samples; the caller ends it or not."""
    box.begin(
        id_, name=name or plan.name, plan=sessions.dumps_plan(plan), athlete=asdict(ATHLETE),
        started_ts=started_ts, simulated=simulated,
    )  # fmt: skip
    for t_s, row in rows:
        box.sample(t_s, row)
    box.incoming(1.0, "Beat", {"hr_bpm": 70})


def record_of(kept: Kept, id_: str) -> Record:
    return history.read(kept.journal, id_, raw=False)


def part(
    seconds: int, *, incline_pct: float | None = 0.0, hr_bpm: float | None = 120.0, speed_kmh: float | None = 6.0,
    step: int = 1, active: bool = True, cap_bpm: float | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """So many like seconds, to be put after each other by `moments`."""
    like = {
        "incline_pct": incline_pct, "hr_bpm": hr_bpm, "speed_kmh": speed_kmh,
        "step": step, "active": active, "cap_bpm": cap_bpm,
    }  # fmt: skip
    return [like] * seconds


def moments(*parts: list[dict[str, Any]]) -> Trace:
    """A trace at one sample a second, its counters counted as the belt would."""
    made: list[Moment] = []
    distance_m = ascent_m = 0.0
    for t_s, like in enumerate((each for one in parts for each in one), 1):
        metres = (like["speed_kmh"] or 0.0) / 3.6 if like["active"] else 0.0
        distance_m += metres
        ascent_m += metres * max(like["incline_pct"] or 0.0, 0.0) / 100.0
        made.append(Moment(t_s=float(t_s), dt_s=1.0, distance_m=distance_m, ascent_m=ascent_m, **like))
    return tuple(made)
