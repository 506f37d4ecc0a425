"""The supervisor's own rule for what the heart may raise: a rise is a loan until the heart answers."""

from __future__ import annotations

from math import inf

from pitrainer.core.policy import Facts
from pitrainer.core.safety import LOAN_PCT, LOAN_S, Memory, Wish, envelope, review
from pitrainer.model import Belt, MachineLimits, UserLimits

LIMITS = envelope(MachineLimits(incline_max_pct=40.0), UserLimits(12.0, 40.0))
WISH = Wish(Belt.RUN, 5.0, 35.0, by_heart=True)


def run(memory: Memory, from_s: float, seconds: float, hr_bpm: float, allowed_pct: float | None) -> Memory:
    """Tick through `seconds` of this heart rate, with feedback that follows."""
    ticks = round(seconds / 0.25)
    for tick in range(ticks):
        facts = Facts(
            now_s=from_s + 0.25 * tick, dt_s=0.25, ours=True, heart_age_s=0.5, heart_frozen=False, heart_doubtful=False,
            hr_bpm=hr_bpm, cap_bpm=200.0, feedback_age_s=0.2, speed_kmh=5.0, incline_pct=memory.incline_pct,
            standing_s=0.0, incline_allowed_pct=allowed_pct,
        )  # fmt: skip
        memory, _ = review(memory, WISH, facts, LIMITS)
    return memory


def started() -> Memory:
    return Memory(speed_kmh=5.0, incline_pct=2.0)


def test_without_a_model_the_flat_rule_stands() -> None:
    assert run(started(), 0.0, 60.0, 110.0, None).incline_pct <= 3.01


def test_with_a_model_the_lift_may_rise_ahead_of_the_heart() -> None:
    assert run(started(), 0.0, 30.0, 110.0, 30.0).incline_pct > 10.0


def test_it_never_rises_beyond_what_the_most_generous_model_allows() -> None:
    assert run(started(), 0.0, 60.0, 110.0, 7.0).incline_pct <= 7.0


def test_a_loan_is_bounded_and_is_taken_back_when_the_heart_does_not_answer() -> None:
    lent = run(started(), 0.0, LOAN_S - 5.0, 110.0, 30.0)
    assert lent.incline_pct <= 2.0 + LOAN_PCT + LOAN_S / 60.0 + 0.1
    back = run(lent, LOAN_S - 5.0, 30.0, 110.0, 30.0)
    assert back.incline_pct <= 2.0 + (LOAN_S + 25.0) / 60.0 + 0.1


def test_no_second_loan_without_an_answer() -> None:
    memory = run(started(), 0.0, LOAN_S + 30.0, 110.0, 30.0)
    memory = run(memory, LOAN_S + 30.0, 3600.0, 110.0, 30.0)
    assert memory.incline_pct <= 2.0 + 6.0 + 0.1


def test_a_heart_that_answers_keeps_the_lift_where_it_is() -> None:
    memory = run(started(), 0.0, 40.0, 110.0, 30.0)
    memory = run(memory, 40.0, 20.0, 122.0, 30.0)
    memory = run(memory, 60.0, 60.0, 135.0, 30.0)
    assert memory.incline_pct >= 17.0


def test_a_rise_counts_from_the_lowest_rate_of_the_beginning() -> None:
    falling = run(started(), 0.0, 20.0, 150.0, 5.0)
    falling = run(falling, 20.0, 40.0, 125.0, 5.0)
    assert falling.anchor is not None
    assert falling.anchor.hr_bpm == 125.0


def test_where_the_plan_steers_the_heart_has_no_account() -> None:
    memory = run(started(), 0.0, 30.0, 110.0, 30.0)
    facts = Facts(
        now_s=30.0, dt_s=0.25, ours=True, heart_age_s=0.5, heart_frozen=False, heart_doubtful=False, hr_bpm=110.0,
        cap_bpm=200.0, feedback_age_s=0.2, speed_kmh=5.0, incline_pct=memory.incline_pct, standing_s=0.0,
    )  # fmt: skip
    memory, _ = review(memory, Wish(Belt.RUN, 5.0, 12.0, steepest_pct=inf), facts, LIMITS)
    assert memory.anchor is None
