"""Climbs, the heart's way down after them, steady parts, and the plan against what was done."""

from __future__ import annotations

import pytest
from diary_kit import moments, part

from pitrainer.diary.climbs import climbs
from pitrainer.diary.laps import laps, planned
from pitrainer.diary.steady import decouplings

UP = part(120, incline_pct=10.0, hr_bpm=150.0)
DOWN = part(90, incline_pct=1.0, hr_bpm=120.0)


def test_a_climb_has_its_ascent_rate_and_hearts() -> None:
    (climb,) = climbs(moments(DOWN, UP, DOWN))
    assert (climb.from_s, climb.to_s) == (91.0, 210.0)
    assert climb.vam_m_h == pytest.approx(6000.0 * 0.1)
    assert (climb.hr_mean_bpm, climb.hr_highest_bpm, climb.incline_mean_pct) == (150.0, 150.0, 10.0)


def test_recovery_is_the_fall_in_the_sixty_seconds_after() -> None:
    falling = [each for second in range(90) for each in part(1, incline_pct=1.0, hr_bpm=150.0 - second * 0.5)]
    (climb,) = climbs(moments(UP, falling))
    assert climb.recovery_bpm == pytest.approx(30.0, abs=1.0)


def test_standing_still_after_a_climb_is_recovery_too() -> None:
    (climb,) = climbs(moments(UP, part(70, hr_bpm=110.0, speed_kmh=0.0, active=False)))
    assert climb.recovery_bpm == 40.0


def test_a_belt_that_stops_with_its_incline_up_ends_the_climb() -> None:
    (climb,) = climbs(moments(UP, part(70, incline_pct=10.0, hr_bpm=110.0, active=False)))
    assert climb.to_s == 120.0
    assert climb.recovery_bpm == 40.0


@pytest.mark.parametrize(
    "after",
    [
        part(40, incline_pct=1.0) + UP,
        part(40, incline_pct=1.0),
        part(90, incline_pct=1.0, hr_bpm=None),
        [],
    ],
    ids=["climbing again", "over too soon", "heart unknown", "nothing after"],
)
def test_recovery_is_not_told_where_the_minute_was_not_easy_or_not_seen(after: list[dict[str, object]]) -> None:
    assert climbs(moments(UP, after))[0].recovery_bpm is None


def test_small_corrections_do_not_cut_a_climb_in_two() -> None:
    wavering = [each for pct in (4.0, 3.5, 4.5, 3.0, 4.0) for each in part(20, incline_pct=pct)]
    assert len(climbs(moments(wavering, DOWN))) == 1


def test_a_belt_that_says_nothing_for_a_moment_does_not_end_a_climb() -> None:
    assert len(climbs(moments(UP, part(3, incline_pct=None), UP, DOWN))) == 1


def test_a_gentle_slope_never_becomes_a_climb() -> None:
    assert climbs(moments(part(300, incline_pct=3.9))) == ()


def test_less_than_a_minute_is_no_climb() -> None:
    assert climbs(moments(DOWN, part(59, incline_pct=10.0), DOWN)) == ()


def test_the_same_work_at_the_same_heart_rate_is_no_decoupling() -> None:
    (steady,) = decouplings(moments(part(1600, incline_pct=5.0, hr_bpm=140.0)))
    assert steady.percent == pytest.approx(0.0, abs=1e-9)
    assert steady.to_s - steady.from_s == pytest.approx(1420.0, abs=1.0)


def test_a_heart_that_rises_by_a_tenth_decouples_by_an_eleventh() -> None:
    first, second = part(890, incline_pct=5.0, hr_bpm=130.0), part(710, incline_pct=5.0, hr_bpm=143.0)
    (steady,) = decouplings(moments(first, second))
    assert steady.percent == pytest.approx(100.0 / 11.0, abs=0.1)


def test_work_that_a_cap_takes_away_counts_like_a_rising_heart() -> None:
    first, second = part(890, incline_pct=6.0, hr_bpm=140.0), part(710, incline_pct=5.0, hr_bpm=140.0)
    (steady,) = decouplings(moments(first, second))
    assert 2.0 < steady.percent < 15.0


@pytest.mark.parametrize(
    "parts",
    [
        [part(1370)],
        [part(800), part(5, active=False), part(800)],
        [part(800), part(800, hr_bpm=None)],
        [part(800, incline_pct=1.0), part(800, incline_pct=12.0)],
        [part(800), part(800, step=2)],
        [part(1600, step=0)],
        [part(1600, speed_kmh=None)],
        [],
    ],
    ids=["short", "paused", "heart unknown", "uneven", "two steps", "no step", "belt unknown", "empty"],
)
def test_no_decoupling_is_told_of_what_was_not_steady(parts: list[list[dict[str, object]]]) -> None:
    assert decouplings(moments(*parts)) == ()


def test_a_lap_is_what_happened_in_a_step_pauses_apart() -> None:
    first, second = laps(moments(part(100, incline_pct=5.0), part(30, active=False), part(60, step=2, hr_bpm=150.0)))
    assert (first.from_s, first.to_s, first.active_s) == (0.0, 130.0, 100.0)
    assert (second.from_s, second.to_s, second.active_s) == (130.0, 190.0, 60.0)
    assert first.ascent_m == pytest.approx(100 * 6.0 / 3.6 * 0.05)
    assert (second.ascent_m, second.hr_mean_bpm) == (0.0, 150.0)
    assert first.distance_m + second.distance_m == pytest.approx(160 * 6.0 / 3.6)


def test_a_step_that_was_never_reached_has_no_lap() -> None:
    plan = {"steps": [{"name": "Up", "incline_pct": [2, 8], "for_s": 60}, {"name": "Down", "cap_bpm": 140}]}
    up, down = planned(plan, laps(moments(part(60))))
    assert up.lap is not None and (up.number, up.name, up.incline_pct, up.for_s) == (1, "Up", (2, 8), 60)
    assert (down.lap, down.cap_bpm, down.incline_pct) == (None, 140, None)
