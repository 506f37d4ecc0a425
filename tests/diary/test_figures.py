"""What the samples of a session amount to."""

from __future__ import annotations

from itertools import pairwise

import pytest
from diary_kit import ATHLETE, HILL, IDS, Kept, moments, part, record_of
from hypothesis import given
from hypothesis import strategies as some

from pitrainer.core.athlete import Athlete
from pitrainer.diary.figures import ZONES, above_cap_s, athlete_of, best_ascent_m, figures, figures_of, zones_s
from pitrainer.diary.trace import GAP_S
from pitrainer.diary.trace import moments as moments_of
from pitrainer.sim import Recording

UP_M_S = 6.0 / 3.6 * 0.1
"""Ascent a second at 6 km/h on 10 %."""


def sample(t_s: float, **values: object) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(("hr_bpm", "cap_bpm", "incline_pct", "speed_kmh", "distance_m", "ascent_m"))
    return row | {"t_s": t_s, "phase": "running", "step": "1"} | values


def test_a_simulated_climb_gives_the_figures_that_the_engine_kept(kept: Kept, climb: Recording) -> None:
    told = figures(record_of(kept, "climb"))
    end = climb.end
    assert told.active_s == pytest.approx(end.elapsed_s, abs=3.0)
    assert told.ascent_m == pytest.approx(end.ascent_m, abs=0.1)
    assert told.distance_m == pytest.approx(end.distance_m, abs=1.0)
    assert end.hr_mean_bpm is not None and told.hr_mean_bpm == pytest.approx(end.hr_mean_bpm, abs=1.5)
    assert told.hr_highest_bpm == end.hr_highest_bpm
    above = [row.hr_bpm is not None and row.cap_bpm is not None and row.hr_bpm > row.cap_bpm for row in climb.samples]
    crossings = sum(a != b for a, b in pairwise(above))
    assert told.above_cap_s == pytest.approx(end.above_cap_s, abs=crossings + 1.0)


def test_a_long_hill_has_its_recovery_a_steady_part_and_all_its_steps(kept: Kept) -> None:
    told = figures(record_of(kept, "climb"))
    recovery_bpm = told.climbs[-1].recovery_bpm
    assert recovery_bpm is not None and 10 < recovery_bpm < 80
    (steady,) = told.decouplings
    assert -10 < steady.percent < 20
    assert [step.name for step in told.steps] == [step.name for step in HILL.steps]
    assert all(step.lap is not None for step in told.steps)


@pytest.mark.parametrize("id_", IDS)
def test_every_kind_of_session_has_figures(kept: Kept, id_: str) -> None:
    told = figures(record_of(kept, id_))
    assert told.active_s >= 0.0
    assert told.zones_s is not None and sum(told.zones_s) + told.hr_unknown_s == pytest.approx(told.active_s)


def test_without_a_heart_rate_nothing_is_told_of_the_heart(kept: Kept) -> None:
    told = figures(record_of(kept, "heartless"))
    assert (told.hr_mean_bpm, told.hr_highest_bpm, told.recovery_bpm, told.decouplings) == (None, None, None, ())
    assert told.zones_s == (0.0,) * ZONES
    assert told.hr_unknown_s == told.active_s
    assert told.ascent_m > 100.0


def test_a_second_is_too_short_for_a_rate_and_for_bests(kept: Kept) -> None:
    told = figures(record_of(kept, "second"))
    assert told.vam_m_h is None
    assert told.best_ascent_m == (None, None, None)
    assert told.climbs == ()


def test_seconds_are_counted_in_the_zone_of_their_heart_rate_and_unknown_ones_in_none() -> None:
    trace = moments(part(10, hr_bpm=60.0), part(20, hr_bpm=120.0), part(5, hr_bpm=None), part(30, hr_bpm=180.0))
    assert zones_s(trace, ATHLETE) == (10.0, 0.0, 20.0, 0.0, 0.0, 30.0)


def test_pauses_count_in_no_zone() -> None:
    told = figures_of(moments(part(10), part(50, active=False)), ATHLETE, {})
    assert told.zones_s is not None and sum(told.zones_s) == 10.0
    assert told.active_s == 10.0


def test_time_above_the_cap_needs_a_cap_and_a_heart_rate_above_it() -> None:
    trace = moments(
        part(7, hr_bpm=156.0, cap_bpm=155.0), part(8, hr_bpm=155.0, cap_bpm=155.0),
        part(9, hr_bpm=170.0), part(9, hr_bpm=None, cap_bpm=155.0),
    )  # fmt: skip
    assert above_cap_s(trace) == 7.0


def test_vam_is_metres_an_hour_of_active_time() -> None:
    told = figures_of(moments(part(600, incline_pct=10.0), part(600, active=False)), ATHLETE, {})
    assert told.vam_m_h == pytest.approx(UP_M_S * 3600.0)


def test_the_best_window_is_found_in_the_middle() -> None:
    trace = moments(part(700), part(300, incline_pct=10.0), part(700))
    assert best_ascent_m(trace, 600.0) == pytest.approx(300 * UP_M_S)
    assert best_ascent_m(trace, 120.0) == pytest.approx(120 * UP_M_S)


def test_a_pause_counts_in_a_window() -> None:
    trace = moments(part(300, incline_pct=10.0), part(300, active=False), part(300, incline_pct=10.0))
    assert best_ascent_m(trace, 600.0) == pytest.approx(300 * UP_M_S)


def test_a_session_shorter_than_the_window_has_no_best() -> None:
    assert best_ascent_m(moments(part(599, incline_pct=10.0)), 600.0) is None
    assert best_ascent_m(moments(part(600, incline_pct=10.0)), 600.0) == pytest.approx(600 * UP_M_S)
    assert best_ascent_m((), 600.0) is None


@given(some.lists(some.tuples(some.integers(1, 40), some.floats(0, 15)), min_size=1, max_size=12))
def test_a_longer_window_never_holds_less_and_none_holds_more_than_all(stretches: list[tuple[int, float]]) -> None:
    trace = moments(*(part(seconds, incline_pct=pct) for seconds, pct in stretches))
    bests = [best_ascent_m(trace, window_s) for window_s in (5.0, 10.0, 20.0, 40.0)]
    known = [best for best in bests if best is not None]
    assert bests[: len(known)] == known
    assert all(a <= b + 1e-9 for a, b in pairwise(known))
    assert all(best <= trace[-1].ascent_m + 1e-9 for best in known)


def test_a_silence_of_the_journal_counts_as_a_gap_and_no_more() -> None:
    trace = moments_of([sample(1.0), sample(2.0), sample(100.0)])
    assert [moment.dt_s for moment in trace] == [1.0, 1.0, GAP_S]


def test_counters_keep_their_last_value_and_nothing_else_does() -> None:
    first = sample(1.0, hr_bpm=120.0, incline_pct=5.0, distance_m=10.0, ascent_m=1.0)
    (_, moment) = moments_of([first, sample(2.0)])
    assert (moment.distance_m, moment.ascent_m) == (10.0, 1.0)
    assert (moment.hr_bpm, moment.incline_pct) == (None, None)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_what_is_no_finite_number_is_unknown(value: float) -> None:
    broken = sample(1.0, hr_bpm=value, incline_pct=value, speed_kmh=value, distance_m=value, ascent_m=value)
    (moment,) = moments_of([broken])
    assert (moment.hr_bpm, moment.incline_pct, moment.speed_kmh) == (None, None, None)
    assert (moment.distance_m, moment.ascent_m) == (0.0, 0.0)


def test_the_athlete_is_the_recorded_one_whatever_else_the_record_says() -> None:
    assert athlete_of({"hr_max_bpm": 190, "hr_rest_bpm": 50, "shoes": "blue"}) == Athlete(
        hr_max_bpm=190, hr_rest_bpm=50
    )


@pytest.mark.parametrize("recorded", [{}, {"hr_max_bpm": "fast"}, {"hr_max_bpm": 20}])
def test_without_a_sound_athlete_there_are_no_zones(recorded: dict[str, object]) -> None:
    assert athlete_of(recorded) is None
    assert figures_of(moments(part(10)), athlete_of(recorded), {}).zones_s is None
