"""Whole sessions without hardware: the shipped ones for several people and days, and machines of strangers."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest

from pitrainer import sessions
from pitrainer.core.athlete import Athlete
from pitrainer.model import Drive, Plan, Step
from pitrainer.sim import Recording, simulate
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

SESSIONS = Path(__file__).parents[2] / "config" / "sessions"
ATHLETES = {
    "young": Athlete(hr_max_bpm=195, hr_rest_bpm=50, weight_kg=65, vo2max_ml_kg_min=58),
    "middling": Athlete(hr_max_bpm=182, hr_rest_bpm=58, weight_kg=75, vo2max_ml_kg_min=43),
    "slow": Athlete(hr_max_bpm=170, hr_rest_bpm=65, weight_kg=85, vo2max_ml_kg_min=34),
}
SHORT = Step("Climb", Drive.CLIMB, (2.0, 15.0), (5.5, 5.5), for_s=240.0, cap_bpm=150.0)


def run(name: str, athlete: Athlete, seed: int = 0) -> Recording:
    plan = sessions.load(SESSIONS / f"{name}.toml", athlete=athlete)
    return simulate(plan, athlete=athlete, runner=SimulatedRunner(athlete), treadmill=SimulatedTreadmill(), seed=seed)


def alarms(recording: Recording) -> set[str]:
    quiet = {"phase", "step_started", "above_cap", "above_cap_over"}
    return {notice.kind for _, notice in recording.notices} - quiet


@pytest.mark.parametrize(("who", "seed"), [("young", 1), ("middling", 2), ("middling", 3), ("slow", 1)])
def test_a_capped_climb_reaches_the_caps_neighbourhood_and_stays_below_cap_and_five(who: str, seed: int) -> None:
    recording = run("capped-climb", ATHLETES[who], seed)
    climb = [row for row in recording.samples if row.step == 2 and row.phase == "running"]
    cap = climb[0].cap_bpm
    assert cap is not None
    rates = [row.hr_bpm for row in climb if row.hr_bpm is not None]
    assert max(sum(five) / 5 for five in zip(*(rates[n:] for n in range(5)), strict=False)) < cap + 5
    last = rates[-600:]
    steepest = max(row.incline_pct for row in climb)
    assert cap - 8 < sum(last) / len(last) < cap or steepest == 15.0
    assert alarms(recording) == set()
    assert recording.end.phase == "done"


@pytest.mark.parametrize("name", ["hill-intervals", "easy-hike", "tempo-climb"])
@pytest.mark.parametrize("who", ["young", "middling"])
def test_the_shipped_sessions_end_without_an_alarm(name: str, who: str) -> None:
    recording = run(name, ATHLETES[who], seed=3)
    assert recording.end.phase == "done"
    assert alarms(recording) == set()
    assert recording.samples[-1].speed_kmh < 1.0


def test_hills_that_are_too_hard_for_a_runner_are_eased_and_then_stopped() -> None:
    recording = run("hill-intervals", ATHLETES["slow"], seed=3)
    assert alarms(recording) >= {"far_above_cap", "beyond_cap", "stopped"}
    assert recording.end.phase == "paused"
    assert max(row.hr_bpm or 0.0 for row in recording.samples) < 0.9 * 170 + 16


@pytest.mark.parametrize(
    "machine",
    [
        SimulatedTreadmill(speed_down_kmh_s=0.15),
        SimulatedTreadmill(speed_up_kmh_s=0.15, latency_s=4.0),
        SimulatedTreadmill(incline_rate_pct_s=0.12, latency_s=5.0, incline_step_pct=1.0, incline_max_pct=40.0),
        SimulatedTreadmill(speed_min_kmh=0.80467, speed_step_kmh=0.160934),
        SimulatedTreadmill(incline_min_pct=-3.0),
    ],
    ids=["slow to brake", "slow to speed up", "slow lift", "miles inside", "goes downhill"],
)
def test_odd_but_honest_machines_raise_no_alarm(machine: SimulatedTreadmill) -> None:
    athlete = ATHLETES["middling"]
    plans = sessions.load(SESSIONS / "hill-intervals.toml", athlete=athlete), Plan("Short", (SHORT,))
    for plan in plans:
        recording = simulate(
            plan, athlete=athlete, runner=SimulatedRunner(athlete), treadmill=deepcopy(machine), seed=4
        )
        assert alarms(recording) == set()
        assert recording.end.phase == "done"


def test_a_seed_gives_the_same_session_again_and_another_seed_another() -> None:
    first, again, other = (
        simulate(
            Plan("Short", (SHORT,)),
            athlete=ATHLETES["slow"],
            runner=SimulatedRunner(ATHLETES["slow"]),
            treadmill=SimulatedTreadmill(),
            seed=seed,
        )
        for seed in (5, 5, 6)
    )
    assert first.samples == again.samples
    assert first.samples != other.samples


def test_rows_are_read_by_attribute_and_by_name() -> None:
    row = run("easy-hike", ATHLETES["middling"]).samples[100]
    for name in ("t_s", "hr_bpm", "incline_pct", "speed_kmh", "phase", "action", "causes"):
        assert row[name] == getattr(row, name)
    assert dict(row)["phase"] == "running"
    with pytest.raises(KeyError):
        row["colour"]


@dataclass
class PulledStrap:
    """A runner whose strap slips for a while."""

    runner: SimulatedRunner
    from_s: float
    to_s: float
    now_s: float = 0.0

    def step(self, dt_s: float, speed_kmh: float, incline_pct: float) -> float | None:
        self.now_s += dt_s
        bpm = self.runner.step(dt_s, speed_kmh, incline_pct)
        return None if self.from_s <= self.now_s < self.to_s else bpm


def test_a_strap_that_slips_for_half_a_minute_costs_some_incline_and_nothing_else() -> None:
    athlete = ATHLETES["middling"]
    plan = sessions.load(SESSIONS / "capped-climb.toml", athlete=athlete)
    runner = PulledStrap(SimulatedRunner(athlete), 900.0, 930.0)
    recording = simulate(plan, athlete=athlete, runner=runner, treadmill=SimulatedTreadmill())
    at = {round(row.t_s): row for row in recording.samples}
    assert at[923].incline_pct < at[893].incline_pct
    assert max(row.incline_pct for t, row in at.items() if 900 <= t <= 932) <= at[899].incline_pct + 0.5
    assert recording.end.phase == "done"
    assert max(row.hr_bpm or 0.0 for row in recording.samples) < (at[1000].cap_bpm or 0.0) + 5


class Stranger:
    """An outsider's treadmill, with nothing but what is documented: 1 % steps at 0.12 %/s after 5 s, belt in mph."""

    incline_min_pct, incline_max_pct, incline_step_pct = 0.0, 40.0, 1.0
    speed_min_kmh, speed_max_kmh, speed_step_kmh = 0.8, 19.3, 0.16

    def __init__(self) -> None:
        self.speed_kmh = self.incline_pct = 0.0
        self.orders = [(0.0, 0.0)] * 20

    def apply(self, speed_kmh: float, incline_pct: float) -> None:
        self.orders[-1] = (speed_kmh, incline_pct)

    def step(self, dt_s: float) -> None:
        speed, incline = self.orders[0]
        self.orders = [*self.orders[1:], self.orders[-1]]
        self.speed_kmh += max(-0.15, min(0.3, (speed - self.speed_kmh) / dt_s)) * dt_s
        if self.speed_kmh > 0.0:
            self.incline_pct += max(-0.12, min(0.12, (incline - self.incline_pct) / dt_s)) * dt_s


class Somebody:
    """An outsider's runner: one lag of a minute."""

    def __init__(self) -> None:
        self.bpm, self.ticks = 80.0, 0

    def step(self, dt_s: float, speed_kmh: float, incline_pct: float) -> float | None:
        self.ticks += 1
        wants = 75.0 + 6.0 * speed_kmh + 0.6 * speed_kmh * incline_pct
        self.bpm += (min(wants, 190.0) - self.bpm) * dt_s / 60.0
        return round(self.bpm) + self.ticks % 2


@pytest.mark.parametrize("name", ["hill-intervals", "capped-climb", "easy-hike", "tempo-climb"])
def test_a_strangers_machine_and_runner_raise_no_alarm(name: str) -> None:
    athlete = ATHLETES["middling"]
    plan: Plan = sessions.load(SESSIONS / f"{name}.toml", athlete=athlete)
    recording = simulate(plan, athlete=athlete, runner=Somebody(), treadmill=Stranger())
    assert alarms(recording) == set()
    assert recording.end.phase == "done"
    assert max(row.hr_bpm or 0.0 for row in recording.samples) < 190.0
