"""What the law promises on a heart without noise: it gets there, stays under, rests, and never rises on a lie."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from heart_kit import ModelHeart, a_walk

from pitrainer.core.climb import Ahead, seed, steer

HEARTS = [(1.0, 30.0), (0.7, 30.0), (1.8, 30.0), (1.0, 16.0), (1.0, 90.0)]


@pytest.mark.parametrize(("gain", "slow_s"), HEARTS)
def test_a_target_is_reached_and_held(gain: float, slow_s: float) -> None:
    walk = a_walk(ModelHeart(gain, slow_s), cap_bpm=175.0, target_bpm=140.0, highest_pct=30.0).walk(900)
    assert all(abs(bpm - 140.0) < 2.5 for bpm in walk.rates[-300:])


@pytest.mark.parametrize(("gain", "slow_s"), HEARTS)
def test_a_climb_comes_near_the_cap_and_stays_under_it(gain: float, slow_s: float) -> None:
    walk = a_walk(ModelHeart(gain, slow_s), highest_pct=30.0).walk(1200)
    assert max(walk.rates) < 152.0
    assert all(143.0 < bpm < 150.0 for bpm in walk.rates[-300:])


def test_a_heart_that_stays_where_it_should_lets_the_lift_rest() -> None:
    told = a_walk(target_bpm=140.0, cap_bpm=175.0).walk(1200).told[-600:]
    assert sum(a != b for a, b in pairwise(told)) <= 2


def test_it_starts_from_where_the_lift_is() -> None:
    walk = a_walk()
    _, advice = steer(None, walk.ask)
    assert advice.incline_pct == walk.ask.sent_pct


@pytest.mark.parametrize(
    "doubt", [{"doubtful": True}, {"hr_age_s": 10.5}], ids=["doubtful", "older than ten seconds"]
)  # fmt: skip
def test_it_never_rises_on_a_heart_rate_that_is(doubt: dict[str, object]) -> None:
    walk = a_walk()
    walk.ask = replace(walk.ask, **doubt)  # type: ignore[arg-type]
    walk.walk(60)
    assert max(walk.told) <= 4.0
    assert walk.advice is not None and "strap" in walk.advice.why


@pytest.mark.parametrize("shown", [105.0, 175.0])
def test_a_strap_that_counts_steps_raises_nothing(shown: float) -> None:
    walk = a_walk().walk(400)
    before = walk.told[-1]
    walk.walk(60, shown=shown)
    assert max(walk.told[-60:]) <= before


def test_a_heart_rate_that_sinks_without_reason_raises_little() -> None:
    walk = a_walk().walk(600)
    before, bpm = walk.told[-1], walk.rates[-1]
    for minute_third in range(15):
        walk.walk(20, shown=round(bpm - 3.0 * minute_third))
    assert max(walk.told[-300:]) <= before + 4.0


def test_a_set_point_that_was_overruled_is_where_the_next_move_starts() -> None:
    walk = a_walk().walk(30)
    assert walk.told[-1] > 6.0
    walk.ask = replace(walk.ask, sent_pct=2.0)
    walk.incline_pct = 2.0
    held = walk.walk(5).told[-5:]
    assert min(held) >= 2.0


def test_an_incline_chosen_by_hand_stands_for_a_minute() -> None:
    walk = a_walk().walk(300)
    walk.memory = seed(walk.ask.now_s, 6.0)
    walk.ask = replace(walk.ask, sent_pct=6.0)
    assert set(walk.walk(59).told[-59:]) == {6.0}
    assert walk.walk(60).told[-1] > 6.0


def test_an_incline_chosen_by_hand_beyond_the_cap_does_not_stand() -> None:
    walk = a_walk().walk(300)
    walk.memory = seed(walk.ask.now_s, 15.0)
    walk.ask = replace(walk.ask, sent_pct=15.0)
    assert walk.walk(30).told[-1] < 15.0


def test_the_next_steps_lower_aim_is_met_ahead_by_no_more_than_ten_seconds() -> None:
    walk = a_walk(target_bpm=145.0, cap_bpm=175.0, brisk=True).walk(400)
    steady = walk.told[-1]
    walk.ask = replace(walk.ask, ahead=Ahead(30.0, 175.0, 115.0))
    walk.walk(10)
    assert walk.told[-1] == steady
    walk.ask = replace(walk.ask, ahead=Ahead(5.0, 175.0, 115.0))
    assert walk.walk(6).told[-1] < steady


def test_it_tells_what_the_heart_will_do() -> None:
    walk = a_walk().walk(20)
    assert walk.advice is not None
    assert [at_s for at_s, _ in walk.advice.prediction] == [10.0 * n for n in range(1, 13)]
    foreseen = dict(walk.advice.prediction)[60.0]
    walk.walk(60)
    assert abs(walk.rates[-1] - foreseen) < 8.0
