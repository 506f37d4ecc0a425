"""What goes wrong: strap faults by schedule and by seed, the console, a worn lift."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from pitrainer.core.oxygen import Gait
from pitrainer.sim.faults import (
    LASTS_S,
    SPIKES_BPM,
    STRAP_FAULTS,
    Fault,
    FaultKind,
    HandledTreadmill,
    LyingStrap,
    StickyTreadmill,
    draw_faults,
)


@dataclass
class Counting:
    """A heart that goes up by one every second."""

    bpm: float = 100.0

    def step(self, dt_s: float, speed_kmh: float, incline_pct: float) -> float | None:
        self.bpm += 1.0
        return self.bpm


def told(*faults: Fault, seconds: int = 30) -> list[float | None]:
    strap = LyingStrap(Counting(), faults)
    return [strap.step(1.0, 5.0, 5.0) for _ in range(seconds)]


def test_a_dropout_says_nothing_and_ends() -> None:
    assert told(Fault(FaultKind.DROPOUT, 5.0, 4.0))[3:9] == [104.0, None, None, None, None, 109.0]


def test_a_frozen_strap_repeats_its_last_value() -> None:
    assert told(Fault(FaultKind.FROZEN, 5.0, 4.0))[3:9] == [104.0, 104.0, 104.0, 104.0, 104.0, 109.0]


def test_a_locked_strap_shows_steps() -> None:
    shown = told(Fault(FaultKind.CADENCE, 5.0, 20.0, 115.0))[4:24]
    assert all(bpm is not None and abs(bpm - 115.0) <= 1.0 for bpm in shown)
    assert len(set(shown)) > 1


def test_a_spike_shows_nonsense_for_a_moment() -> None:
    assert told(Fault(FaultKind.SPIKE, 5.0, 2.0, 240.0))[3:7] == [104.0, 240.0, 240.0, 107.0]


def test_drawn_faults_come_about_every_seven_minutes_and_last_as_they_do() -> None:
    drawn = [fault for seed in range(60) for fault in draw_faults(seed, 3600.0, Gait.WALK)]
    assert 420.0 * 0.8 < 60 * 3600.0 / len(drawn) < 420.0 * 1.4
    assert {fault.kind for fault in drawn} == set(STRAP_FAULTS)
    for fault in drawn:
        low, high = LASTS_S[fault.kind]
        assert low <= fault.for_s <= high
        if fault.kind is FaultKind.SPIKE:
            assert fault.value in SPIKES_BPM
    locks = [fault.value for fault in drawn if fault.kind is FaultKind.CADENCE]
    assert 105.0 <= min(locks) <= fmean(locks) <= max(locks) <= 120.0
    assert draw_faults(1, 3600.0, Gait.WALK) == draw_faults(1, 3600.0, Gait.WALK)


def test_runners_lock_on_to_running_steps() -> None:
    drawn = draw_faults(5, 40000.0, Gait.RUN, kinds=(FaultKind.CADENCE,))
    assert all(160.0 <= fault.value <= 180.0 for fault in drawn)


def test_no_two_drawn_faults_overlap() -> None:
    for seed in range(30):
        drawn = draw_faults(seed, 7200.0, Gait.WALK, every_s=120.0)
        assert all(a.to_s + 30.0 <= b.from_s for a, b in pairwise(drawn))


def test_a_hand_at_the_console_moves_what_the_program_had_set() -> None:
    machine = HandledTreadmill(
        faults=(Fault(FaultKind.CONSOLE, 60.0, 1.0, -1.0), Fault(FaultKind.CONSOLE, 90.0, 1.0, 2.0))
    )
    machine.apply(5.0, 6.0)
    seen = []
    for second in range(1, 121):
        machine.step(1.0)
        seen.append((second, round(machine.speed_kmh, 2), round(machine.incline_pct, 2)))
    assert seen[58][1:] == (5.0, 6.0)
    assert seen[70][1:] == (5.0, 5.0)
    assert seen[110][1:] == (5.3, 5.0)


def test_a_worn_lift_ignores_a_small_step_and_follows_the_next() -> None:
    machine = StickyTreadmill(speed_kmh=5.0)
    for incline, wanted in ((0.5, 0.0), (1.0, 1.0), (1.5, 1.0), (3.0, 3.0), (2.5, 3.0)):
        machine.apply(5.0, incline)
        for _ in range(80):
            machine.step(0.25)
        assert round(machine.incline_pct, 2) == wanted
