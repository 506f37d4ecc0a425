"""The gate from any state: ages instead of timestamps, values dense around the limits, several hundred moments each.

A moment is (what was sent, wish, facts) with any rule already acting or half through its grace.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import Any

from healthy import Gate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pitrainer.core.policy import RULES, Facts
from pitrainer.core.safety import STANDS_KMH, Anchor, Envelope, Memory, Timer, Verdict, Wish, envelope, review
from pitrainer.model import LEAVE, Action, Belt, MachineLimits, UserLimits

GATE = Gate()
EPS = 1e-6
thorough = settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def near(*limits: float, low: float, high: float) -> st.SearchStrategy[float]:
    """Anything between, and often a limit or a hair beside it."""
    close = [limit + hair for limit in limits for hair in (-0.01, 0.0, 0.01)]
    return st.sampled_from([value for value in close if low <= value <= high]) | st.floats(low, high)


speeds = near(0.0, 0.15, 0.8, 4.0, 12.0, 20.0, low=0.0, high=22.0)
inclines = near(-3.0, 0.0, 10.0, 15.0, 40.0, low=-5.0, high=45.0)
ages = near(2.0, 5.0, 15.0, 60.0, 105.0, low=0.0, high=200.0) | st.just(float("inf"))
lasting = near(0.0, 2.0, 3.0, 6.0, low=0.0, high=20.0) | st.just(0.0)
rarely = st.sampled_from([False] * 9 + [True])
timers = st.builds(Timer, near(0.0, 3.0, 13.0, low=0.0, high=103.0), rarely, near(0.0, 10.0, low=0.0, high=20.0))
memories = st.builds(
    Memory,
    st.tuples(*(timers | st.just(Timer()) for _ in RULES)) | st.just(Memory().timers),
    speeds,
    inclines,
    st.none() | st.builds(Anchor, st.floats(0.0, 1000.0), inclines, st.floats(60.0, 180.0)),
)
wishes = st.builds(
    Wish,
    st.sampled_from(list(Belt)),
    st.none() | speeds,
    st.none() | inclines,
    st.booleans(),
    st.floats(-10.0, 50.0) | st.just(float("inf")),
)
facts = st.builds(
    Facts,
    now_s=st.just(1000.0),
    dt_s=st.just(0.25) | near(0.0, 0.5, 1.5, low=-1.0, high=12.0),
    ours=st.sampled_from([True, True, True, False]),
    heart_age_s=ages,
    heart_frozen=rarely,
    heart_doubtful=rarely,
    hr_bpm=st.none() | near(150.0, 155.0, 160.0, low=40.0, high=220.0),
    cap_bpm=st.just(150.0),
    feedback_age_s=ages,
    speed_kmh=st.none() | speeds,
    incline_pct=st.none() | inclines,
    standing_s=near(0.0, 2.0, low=0.0, high=60.0),
    start_pending=rarely,
    relinked=rarely,
    excess_kmh=lasting,
    slowing_ignored_s=lasting,
    rising_ignored_s=lasting,
    lowering_ignored_s=lasting,
    key_pulled=rarely,
    start_wrong=rarely,
    session_s=st.just(100.0) | st.just(20000.0),
)
limits = st.sampled_from([
    envelope(MachineLimits(), UserLimits()),
    envelope(MachineLimits(incline_min_pct=-6.0, incline_max_pct=40.0, incline_step_pct=0.7), UserLimits(20.0, 40.0)),
    envelope(MachineLimits(speed_min_kmh=0.80467, speed_step_kmh=0.160934, incline_step_pct=1.0), UserLimits(9.0, 9.0)),
])  # fmt: skip
moments = given(memories, wishes, facts, limits)


def _from_pct(facts: Facts, memory: Memory, wish: Wish) -> float:
    """What a change may begin from: what was sent, or where the runner has put a lift that is left alone."""
    left = wish.incline_pct is None and facts.incline_pct is not None
    return max(memory.incline_pct, facts.incline_pct or 0.0) if left else memory.incline_pct


def _from_kmh(facts: Facts, memory: Memory, wish: Wish) -> float:
    return max(memory.speed_kmh, facts.speed_kmh or 0.0) if wish.speed_kmh is None else memory.speed_kmh


@thorough
@moments
def test_in_hold_or_worse_nothing_is_harder_than_what_was_last_sent(
    memory: Memory, wish: Wish, facts: Facts, limits: Envelope
) -> None:
    _, verdict = review(memory, wish, facts, limits)
    if verdict.action < Action.HOLD:
        return
    command = verdict.command
    assert command.speed_kmh is None or command.speed_kmh <= _from_kmh(facts, memory, wish) + EPS
    if command.incline_pct is not None:
        assert command.incline_pct <= max(_from_pct(facts, memory, wish), limits.incline_min_pct) + EPS


@thorough
@moments
def test_nothing_is_above_the_wish_or_the_limits_but_on_the_way_down(
    memory: Memory, wish: Wish, facts: Facts, limits: Envelope
) -> None:
    _, verdict = review(memory, wish, facts, limits)
    speed, incline = verdict.command.speed_kmh, verdict.command.incline_pct
    if speed is not None:
        most = min(limits.speed_max_kmh, 99.0 if wish.speed_kmh is None else wish.speed_kmh)
        assert 0.0 <= speed <= max(most, _from_kmh(facts, memory, wish)) + EPS
    if incline is not None:
        most = min(limits.incline_max_pct, 99.0 if wish.incline_pct is None else wish.incline_pct)
        assert incline >= limits.incline_min_pct - EPS
        assert incline <= max(most, _from_pct(facts, memory, wish), limits.incline_min_pct) + EPS


@thorough
@moments
def test_nothing_moves_faster_than_a_runner_can_follow(
    memory: Memory, wish: Wish, facts: Facts, limits: Envelope
) -> None:
    after, verdict = review(memory, wish, facts, limits)
    if verdict.command == LEAVE or facts.speed_kmh is None or facts.speed_kmh < STANDS_KMH:
        return
    dt_s = min(max(facts.dt_s, 0.0), 0.5)
    assert after.speed_kmh <= _from_kmh(facts, memory, wish) + 0.36 * dt_s + EPS
    assert after.incline_pct <= _from_pct(facts, memory, wish) + 0.5 * dt_s + EPS
    lowest = min(memory.speed_kmh, facts.speed_kmh)
    assert after.speed_kmh >= lowest - 1.0 * dt_s - EPS
    assert (
        after.incline_pct
        >= min(memory.incline_pct, 99.0 if facts.incline_pct is None else facts.incline_pct) - 1.0 * dt_s - EPS
    )


@thorough
@moments
def test_a_stop_only_slows_and_freezes_the_incline(memory: Memory, wish: Wish, facts: Facts, limits: Envelope) -> None:
    after, verdict = review(memory, wish, facts, limits)
    if wish.belt is not Belt.STOP and (verdict.action is not Action.STOP or not facts.ours):
        return
    assert verdict.command.belt in (Belt.STOP, Belt.LEAVE)
    assert verdict.command.incline_pct is None
    assert after.speed_kmh <= memory.speed_kmh
    assert after.speed_kmh == 0.0 or after.speed_kmh < memory.speed_kmh or facts.dt_s < 0.01
    again, _ = review(after, wish, replace(facts, speed_kmh=22.0), limits)
    assert again.speed_kmh <= after.speed_kmh


@thorough
@moments
def test_what_is_sent_is_finite_and_on_the_machines_steps(
    memory: Memory, wish: Wish, facts: Facts, limits: Envelope
) -> None:
    after, verdict = review(memory, wish, facts, limits)
    assert isfinite(after.speed_kmh)
    assert isfinite(after.incline_pct)
    for value, least, step in (
        (verdict.command.speed_kmh, limits.speed_min_kmh, limits.speed_step_kmh),
        (verdict.command.incline_pct, limits.incline_min_pct, limits.incline_step_pct),
    ):
        if value is not None and not (value == 0.0 and step == limits.speed_step_kmh):
            assert abs((value - least) / step - round((value - least) / step)) < 0.01


WORSE: tuple[dict[str, Any], ...] = (
    {"heart_age_s": 300.0}, {"heart_frozen": True}, {"heart_doubtful": True}, {"feedback_age_s": 60.0},
    {"relinked": True}, {"key_pulled": True}, {"start_wrong": True}, {"session_s": 1e5}, {"hr_bpm": None},
    {"lowering_ignored_s": 50.0}, {"rising_ignored_s": 50.0}, {"excess_kmh": 40.0}, {"nonsense": True},
    {"slowing_ignored_s": 50.0}, {"start_pending": True},
)  # fmt: skip


@thorough
@given(memories, wishes, facts, limits, st.sampled_from(WORSE))
def test_worse_facts_never_give_a_harder_command(
    memory: Memory, wish: Wish, facts: Facts, limits: Envelope, worse: dict[str, Any]
) -> None:
    better, _ = review(memory, wish, replace(facts, ours=True), limits)
    after, verdict = review(memory, wish, replace(facts, ours=True, **worse), limits)
    if verdict.command == LEAVE or (facts.speed_kmh or 0.0) < STANDS_KMH:
        return
    # a stop does not trust a stale report that the belt is slower than what was sent
    most_kmh = max(better.speed_kmh, memory.speed_kmh) if verdict.action is Action.STOP else better.speed_kmh
    assert after.speed_kmh <= most_kmh + EPS
    if verdict.command.incline_pct is not None:
        assert after.incline_pct <= better.incline_pct + EPS


@settings(thorough, max_examples=15)
@given(memories, wishes, st.lists(facts, min_size=30, max_size=30), limits)
def test_over_any_row_of_moments_a_latched_fault_stays_and_stops(
    memory: Memory, wish: Wish, row: list[Facts], limits: Envelope
) -> None:
    memory, _ = review(memory, wish, replace(row[0], ours=True, key_pulled=True), limits)
    for one in row:
        verdict: Verdict
        before = memory.speed_kmh
        memory, verdict = review(memory, wish, replace(one, ours=True), limits)
        assert verdict.latched
        assert verdict.action is Action.STOP
        assert memory.speed_kmh <= before
