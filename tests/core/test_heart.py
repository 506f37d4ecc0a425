"""Beats: five ways to lie, and none of them renews freshness."""

from __future__ import annotations

from math import inf, nan

import pytest

from pitrainer.core.heart import Heart, Pulse, hear, pulse
from pitrainer.model import Beat


def heard(*rates: float | None, start_s: float = 100.0, moving: bool = True, heart: Heart | None = None) -> Heart:
    """One beat a second."""
    told = heart or Heart()
    for second, bpm in enumerate(rates):
        now_s = start_s + second
        told = hear(told, Beat(now_s, bpm), now_s, moving=moving)
    return told


def at(heart: Heart, now_s: float) -> Pulse:
    return pulse(heart, now_s)


def test_a_strap_never_heard_is_infinitely_old() -> None:
    assert at(Heart(), 5.0).age_s == inf
    assert at(Heart(), 5.0).hr_bpm is None


def test_a_beat_is_believed_for_five_seconds() -> None:
    heart = heard(120.0, 122.0)
    assert at(heart, 101.0).hr_bpm == 122.0
    assert at(heart, 106.0).hr_bpm == 122.0
    assert at(heart, 106.25).hr_bpm is None
    assert at(heart, 106.25).median_bpm is None


@pytest.mark.parametrize("bpm", [None, 0.0, 29.0, 231.0, nan, inf, -inf, True, -80.0])
def test_what_is_no_heart_rate_renews_nothing(bpm: float | None) -> None:
    heart = heard(120.0, bpm)
    assert at(heart, 103.0).age_s == 3.0
    assert at(heart, 103.0).refused


@pytest.mark.parametrize("at_s", [nan, inf, 99.0, 100.0, 102.0, -inf])
def test_a_beat_of_another_time_renews_nothing(at_s: float) -> None:
    heart = hear(heard(120.0), Beat(at_s, 121.0), 101.0, moving=True)
    assert at(heart, 103.0).age_s == 3.0


def test_a_strap_off_the_skin_renews_nothing_and_one_that_cannot_tell_does() -> None:
    off = hear(heard(120.0), Beat(101.0, 121.0, contact=False), 101.0, moving=True)
    mute = hear(heard(120.0), Beat(101.0, 121.0, contact=None), 101.0, moving=True)
    assert (at(off, 101.0).age_s, at(mute, 101.0).age_s) == (1.0, 0.0)


def test_a_spike_is_refused() -> None:
    heart = heard(120.0, 121.0, 190.0, 122.0)
    assert at(heart, 103.0).median_bpm == 121.0
    assert at(heart, 103.0).mean_bpm == 121.0


def test_the_fastest_honest_rise_is_believed() -> None:
    heart = heard(*(100.0 + 3.0 * second for second in range(20)))
    assert at(heart, 119.0).age_s == 0.0
    assert not at(heart, 119.0).doubtful


def test_a_jump_is_believed_after_five_beats_that_agree_with_doubt_for_thirty_seconds() -> None:
    heart = heard(120.0, 170.0, 171.0, 170.0, 172.0)
    assert at(heart, 104.0).age_s == 4.0
    heart = heard(171.0, start_s=105.0, heart=heart)
    assert at(heart, 105.0).hr_bpm == 171.0
    assert at(heart, 134.9).doubtful
    assert not at(heart, 135.1).doubtful


def test_a_fall_to_what_could_be_steps_is_doubted_for_sixty_seconds() -> None:
    heart = heard(165.0, 90.0, 91.0, 90.0, 91.0, 90.0)
    assert at(heart, 164.0).doubtful
    assert not at(heart, 165.1).doubtful


def test_jumps_that_do_not_agree_are_never_believed() -> None:
    heart = heard(120.0, *(170.0 if second % 2 else 60.0 for second in range(40)))
    assert at(heart, 140.0).age_s == 40.0


def test_after_a_minute_of_silence_the_next_rate_is_no_jump() -> None:
    heart = hear(heard(165.0), Beat(161.0, 95.0), 161.0, moving=False)
    assert at(heart, 161.0).hr_bpm == 95.0
    assert not at(heart, 161.0).doubtful


def test_the_same_rate_for_45_s_on_a_moving_belt_is_frozen_from_the_first_on() -> None:
    heart = heard(*[140.0] * 45)
    assert not at(heart, 144.0).frozen
    heart = heard(140.0, start_s=145.0, heart=heart)
    assert at(heart, 145.0).frozen
    assert at(heart, 145.0).age_s == 45.0


def test_a_frozen_strap_thaws_with_the_first_other_rate() -> None:
    heart = heard(*[140.0] * 60, 141.0)
    assert not at(heart, 160.0).frozen
    assert at(heart, 160.0).age_s == 0.0


def test_a_steady_heart_at_rest_is_not_frozen() -> None:
    assert not at(heard(*[60.0] * 100, moving=False), 199.0).frozen


def test_repeated_intervals_renew_nothing_and_are_frozen_from_three_on() -> None:
    first = hear(Heart(), Beat(100.0, 150.0, True, (0.4, 0.41)), 100.0, moving=True)
    again = hear(first, Beat(101.0, 150.0, True, (0.4, 0.41)), 101.0, moving=True)
    assert at(again, 101.0).age_s == 1.0
    assert not at(again, 101.0).frozen
    third = hear(again, Beat(102.0, 150.0, True, (0.4, 0.41)), 102.0, moving=True)
    assert at(third, 102.0).frozen
    assert at(third, 102.0).age_s == 2.0


def test_one_interval_that_repeats_by_chance_is_no_alarm() -> None:
    heart = Heart()
    for second, interval in enumerate((0.6, 0.6, 0.61, 0.61, 0.6, 0.6)):
        heart = hear(heart, Beat(100.0 + second, 100.0, True, (interval,)), 100.0 + second, moving=True)
        assert not at(heart, 100.0 + second).frozen


def test_a_clock_that_goes_back_makes_what_was_heard_untrustworthy() -> None:
    assert at(heard(120.0), 50.0).age_s == inf
