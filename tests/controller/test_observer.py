"""What the observer learns, what it refuses, and what survives a session."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest
from heart_kit import ModelHeart, a_walk
from hypothesis import given
from hypothesis import strategies as st

from pitrainer.core.heartmodel import GAIN
from pitrainer.core.learned import LearnedHeart, from_dict, to_dict
from pitrainer.core.observer import Bank, Seen, learned_from, observe

KNOWN = LearnedHeart(1.2, 4.0, (0.1, 0.6, 0.2, 0.1), 1.9, 1800.0)


def gain_ratio(bank: Bank | None) -> float:
    assert bank is not None
    return learned_from(bank).gain_ratio


@pytest.mark.parametrize("gain", [0.7, 1.0, 1.6])
def test_it_learns_the_gain_from_a_change_of_grade(gain: float) -> None:
    walk = a_walk(ModelHeart(gain), target_bpm=140.0, cap_bpm=175.0, highest_pct=30.0).walk(400)
    assert abs(gain_ratio(walk.bank) - gain) < 0.2 * gain


@pytest.mark.parametrize(("slow_s", "likeliest"), [(16.0, 0), (100.0, 3)])
def test_it_learns_how_slow_a_heart_is(slow_s: float, likeliest: int) -> None:
    walk = a_walk(ModelHeart(1.0, slow_s), target_bpm=140.0, cap_bpm=175.0).walk(300)
    assert walk.bank is not None
    weights = walk.bank.weights
    assert weights[likeliest] > (0.25, 0.45, 0.22, 0.08)[likeliest]
    assert sum(weights) == pytest.approx(1.0)


def test_an_impossible_beat_teaches_nothing() -> None:
    bank = a_walk().walk(300, law=False).bank
    assert bank is not None
    after = observe(bank, Seen(bank.at_s + 1.0, 60.0, bank.at_s + 1.0, 5.5, 4.0))
    assert after.beat_at_s == bank.beat_at_s
    assert after.filters[0].state[GAIN] == bank.filters[0].state[GAIN]


def strangers(bank: Bank, bpm: float, seconds: int) -> Bank:
    for _ in range(seconds):
        bank = observe(bank, Seen(bank.at_s + 1.0, bpm, bank.at_s + 1.0, 5.5, 4.0))
    return bank


@pytest.mark.parametrize(("bpm", "after_s"), [(160.0, 20), (80.0, 45), (112.0, 120)])
def test_strange_beats_are_believed_sooner_above_than_below_and_last_where_feet_are_meant(
    bpm: float, after_s: int
) -> None:
    heart = ModelHeart(offset_bpm=30.0 if bpm == 112.0 else 0.0)
    bank = a_walk(heart).walk(300, law=False).bank
    assert bank is not None
    early = strangers(bank, bpm, after_s - 2)
    assert early.beat_at_s == bank.beat_at_s
    late = strangers(early, bpm, 5)
    assert late.beat_at_s > bank.beat_at_s
    assert late.no_rise_until_s > late.at_s


def test_a_gap_is_caught_up_and_a_long_one_is_not_lived_through() -> None:
    bank = a_walk().bank
    assert bank is not None
    assert observe(bank, Seen(bank.at_s + 0.5, None, -inf, 5.5, 4.0)) is bank
    assert observe(bank, Seen(bank.at_s + 3600.0, None, -inf, 5.5, 4.0)).at_s == bank.at_s + 3600.0


def test_what_was_learned_starts_the_next_session_closer() -> None:
    heart = ModelHeart(1.6, 55.0, 8.0)
    taught = a_walk(heart, target_bpm=145.0, cap_bpm=175.0).walk(900)
    assert taught.bank is not None
    again = a_walk(ModelHeart(1.6, 55.0, 8.0), warm_s=30, learned=learned_from(taught.bank))
    anew = a_walk(ModelHeart(1.6, 55.0, 8.0), warm_s=30)
    assert abs(gain_ratio(again.bank) - 1.6) < abs(gain_ratio(anew.bank) - 1.6)


def test_what_was_learned_survives_a_file() -> None:
    assert from_dict(to_dict(KNOWN)) == KNOWN


WRONG: list[dict[str, Any]] = [
    {"gain_ratio": 0.1}, {"gain_ratio": nan}, {"gain_ratio": True}, {"gain_ratio": "1"}, {"offset_bpm": 90.0},
    {"slow_weights": [0.5, 0.5]}, {"slow_weights": [0.9, 0.9, 0.0, 0.0]}, {"slow_weights": 1}, {"spread_bpm": 0.0},
    {"heard_s": -1.0}, {"heard_s": inf}, {"v": 2}, {"more": 1},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_file_outside_the_bounds_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        from_dict({**to_dict(KNOWN), **wrong})


@given(st.lists(st.tuples(st.floats(30.0, 230.0), st.floats(0.0, 20.0), st.floats(-3.0, 40.0)), max_size=40))
def test_any_readings_leave_a_belief_that_may_be_saved(readings: list[tuple[float, float, float]]) -> None:
    bank = START
    for bpm, speed, incline in readings:
        bank = observe(bank, Seen(bank.at_s + 1.0, bpm, bank.at_s + 1.0, speed, incline))
    assert from_dict(to_dict(learned_from(bank)))
    assert all(abs(value) < 1e6 for one in bank.filters for value in one.state)


def _start() -> Bank:
    bank = a_walk().bank
    assert bank is not None
    return replace(bank)


START = _start()
