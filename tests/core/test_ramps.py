"""Ramps, as they come out at the belt."""

from __future__ import annotations

from pitrainer.core.athlete import Athlete
from pitrainer.model import Drive, Plan, Step
from pitrainer.sim import simulate
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

WALKER = Athlete(hr_max_bpm=185, hr_rest_bpm=55)


def test_a_ramp_of_both_speed_and_incline_raises_both() -> None:
    ramp = Step("Warm-up", Drive.RAMP, (1.0, 6.0), (4.5, 5.5), for_s=300.0)
    recording = simulate(
        Plan("Ramp", (ramp,)), athlete=WALKER, runner=SimulatedRunner(WALKER), treadmill=SimulatedTreadmill()
    )
    halfway = next(row for row in recording.samples if row["t_s"] >= 165)
    last = [row for row in recording.samples if row.phase == "running"][-1]
    assert 3.0 <= halfway.incline_pct <= 4.0
    assert abs(halfway.speed_kmh - 5.0) < 0.2
    assert last.incline_pct >= 5.5
