"""The machine against what it was told."""

from __future__ import annotations

from math import inf, nan

import pytest

from pitrainer.core.belt import BeltFacts, BeltWatch, accept_link, adopt, announced, command_sent, observe
from pitrainer.model import Belt, Command, Feedback, MachineEvent, MachineLimits, MachineSays

LIMITS = MachineLimits(latency_s=2.0)


class Told:
    """A watch that hears one report a second."""

    def __init__(self) -> None:
        self.watch, self.now_s = BeltWatch(), 100.0
        self.facts = self.hear(6.0, 3.0)

    def hear(self, speed: float | None, incline: float | None, seconds: int = 1, link: int = 1) -> BeltFacts:
        for _ in range(seconds):
            self.now_s += 1.0
            report = Feedback(self.now_s, speed, incline, link)
            self.watch, self.facts = observe(self.watch, report, self.now_s, 1.0, LIMITS)
        return self.facts

    def order(self, speed: float | None = None, incline: float | None = None) -> None:
        self.watch = command_sent(self.watch, Command(Belt.RUN, speed, incline), self.now_s)


def test_the_same_report_again_only_ages() -> None:
    told = Told()
    _, facts = observe(told.watch, told.watch.feedback, told.now_s + 3.0, 3.0, LIMITS)
    assert facts.age_s == 3.0
    assert facts.speed_kmh == 6.0


@pytest.mark.parametrize("speed", [None, nan, inf, -1.0, 655.35, True])
def test_a_speed_that_cannot_be_renews_nothing(speed: float | None) -> None:
    facts = Told().hear(speed, 3.0, seconds=4)
    assert facts.age_s == 4.0
    assert facts.speed_kmh == 6.0


@pytest.mark.parametrize("at_s", [nan, inf, 500.0, 50.0])
def test_a_report_of_another_time_renews_nothing(at_s: float) -> None:
    told = Told()
    _, facts = observe(told.watch, Feedback(at_s, 7.0, 3.0), told.now_s + 1.0, 1.0, LIMITS)
    assert (facts.age_s, facts.speed_kmh) == (1.0, 6.0)


def test_an_incline_that_is_no_longer_reported_becomes_unknown() -> None:
    told = Told()
    assert told.hear(6.0, None, seconds=5).incline_pct == 3.0
    assert told.hear(6.0, None).incline_pct is None


def test_one_report_of_a_standstill_at_speed_is_doubted_and_two_are_believed() -> None:
    told = Told()
    assert told.hear(0.0, 3.0).speed_kmh == 6.0
    assert told.hear(0.0, 3.0).speed_kmh == 0.0


def test_a_new_link_is_seen_until_somebody_accepts_it() -> None:
    told = Told()
    assert told.hear(6.0, 3.0, link=2).relinked
    told.watch = accept_link(told.watch)
    assert not told.hear(6.0, 3.0, link=2).relinked


def test_a_belt_that_follows_is_neither_console_nor_runaway() -> None:
    told = Told()
    told.order(8.0)
    for speed in (6.0, 6.0, 6.4, 6.8, 7.2, 7.6, 8.0, 8.0, 8.0, 8.0):
        facts = told.hear(speed, 3.0)
        assert facts.console_speed_kmh is None
        assert facts.excess_kmh == 0.0
        assert facts.unfollowed_s == 0.0


def test_a_belt_braking_by_a_seventh_of_a_kmh_per_second_is_no_fault() -> None:
    told = Told()
    told.order(8.0)
    told.hear(8.0, 3.0, seconds=30)
    told.order(4.0)
    speed = 8.0
    for second in range(40):
        speed = speed if second < 2 else max(4.0, speed - 0.15)
        facts = told.hear(round(speed, 1), 3.0)
        assert facts.slowing_ignored_s <= 2.0
        assert facts.excess_kmh <= 1.0
        assert facts.console_speed_kmh is None


def test_a_slower_set_point_that_is_ignored_is_seen_within_latency_and_two_seconds() -> None:
    told = Told()
    told.order(6.0)
    told.order(4.0)
    assert told.hear(6.0, 3.0, seconds=5).slowing_ignored_s == 2.0
    assert told.hear(6.0, 3.0).slowing_ignored_s > 2.0


def test_a_faster_or_steeper_set_point_that_is_ignored_is_seen() -> None:
    told = Told()
    told.order(8.0, 6.0)
    facts = told.hear(6.0, 3.0, seconds=7)
    assert (facts.unfollowed_s, facts.rising_ignored_s) == (4.0, 4.0)
    assert facts.slowing_ignored_s == 0.0
    assert facts.lowering_ignored_s == 0.0


def test_a_press_at_the_console_is_seen_and_an_announced_one_expected() -> None:
    for announce in (False, True):
        told = Told()
        told.order(6.0)
        told.hear(6.0, 3.0, seconds=20)
        if announce:
            told.watch = announced(told.watch, MachineEvent(told.now_s, MachineSays.SPEED_SET, 9.0))
        facts = told.hear(7.5, 3.0)
        assert (facts.console_speed_kmh is None) is announce
        assert (facts.excess_kmh > 1.0) is not announce


def test_after_a_press_the_top_follows_slow_presses_but_no_runaway() -> None:
    told = Told()
    told.order(6.0)
    told.hear(6.0, 3.0, seconds=20)
    told.watch = command_sent(adopt(told.watch), Command(Belt.RUN), told.now_s)
    for speed in (6.5, 7.0, 7.5, 8.0):
        assert told.hear(speed, 3.0, seconds=4).excess_kmh <= 1.0
    for speed in (8.5, 9.0, 9.5, 10.0, 10.5):
        facts = told.hear(speed, 3.0)
    assert facts.excess_kmh > 1.0


def test_a_standstill_is_counted_from_its_first_report() -> None:
    told = Told()
    told.hear(1.0, 3.0)
    assert told.hear(0.0, 3.0).standing_s == 0.0
    assert told.hear(0.0, 3.0, seconds=5).standing_s == 5.0
    assert told.hear(0.5, 3.0).standing_s == 0.0
