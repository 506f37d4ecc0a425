"""What no sequence of commands, answers and telemetry makes the pilot order."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from pitrainer.drivers.ftms_pilot import BUSY, Pilot
from pitrainer.drivers.ftms_profile import FtmsProfile, Order, floored, narrowed, refusal
from pitrainer.model import Belt, Command, MachineLimits
from pitrainer.wire.ftms import ControlOp, MachineStatus, Range, Result, StatusOp, StopKind

numbers = st.one_of(st.none(), st.floats(0, 25), st.sampled_from([0.0, 0.79, 0.8, 6.0, 20.0, 20.1]))
commands = st.builds(Command, st.sampled_from(Belt), numbers, numbers)
answers = st.sampled_from([None, BUSY, *Result])
statuses = st.sampled_from(
    [
        MachineStatus(StatusOp.STARTED),
        MachineStatus(StatusOp.STOPPED, stop=StopKind.STOP),
        MachineStatus(StatusOp.SAFETY_KEY),
        MachineStatus(StatusOp.CONTROL_LOST),
        MachineStatus(StatusOp.SPEED, 7.0),
    ]
)
telemetry = st.tuples(st.one_of(st.none(), st.sampled_from([0.0, 0.8, 6.0, 10.0])), numbers)
moments = st.lists(
    st.tuples(commands, answers, st.one_of(st.none(), statuses), st.one_of(st.none(), telemetry), st.floats(0.1, 6)),
    min_size=1,
    max_size=25,
)
Moment = tuple[Command, int | None, MachineStatus | None, tuple[float | None, float | None] | None, float]


def orders(story: list[Moment]) -> list[tuple[Order, Command, Pilot, float | None, bool]]:
    """Play a story; each order with its command, the speed seen then, and whether the link was barred before."""
    now_s, given_orders = 1000.0, []
    pilot = Pilot(FtmsProfile(), MachineLimits(), now_s)
    pilot.subscribed(now_s)
    free = False
    for command, answer, status, seen, dt_s in story:
        now_s += dt_s
        if status is not None:
            pilot.heard(status, now_s)
        if seen is not None:
            pilot.saw(*seen, now_s)
        free = free or command.belt is Belt.START or pilot.speed_kmh == 0
        order = pilot.next_order(command, now_s)
        if order is not None:
            given_orders.append((order, command, pilot, pilot.speed_kmh, free))
            pilot.sent(order, now_s)
            pilot.answered(order, answer, now_s)
    return given_orders


@given(moments)
@settings(max_examples=100, deadline=None)
def test_start_is_ordered_only_for_start_at_a_seen_standstill(story: list[Moment]) -> None:
    for order, command, _, speed_kmh, _ in orders(story):
        if order.op is ControlOp.START:
            assert command.belt is Belt.START
            assert speed_kmh == 0


@given(moments)
@settings(max_examples=100, deadline=None)
def test_set_points_need_a_moving_belt_and_a_link_that_saw_standstill_or_start(story: list[Moment]) -> None:
    for order, command, _, speed_kmh, free in orders(story):
        if order.op in (ControlOp.TARGET_SPEED, ControlOp.TARGET_INCLINE):
            assert free
            assert speed_kmh
            assert command.belt is not Belt.LEAVE


@given(moments)
@settings(max_examples=100, deadline=None)
def test_leave_orders_nothing_and_stop_never_raises(story: list[Moment]) -> None:
    for order, command, _, speed_kmh, _ in orders(story):
        assert command.belt is not Belt.LEAVE
        if command.belt is Belt.STOP:
            assert order.op not in (ControlOp.START, ControlOp.TARGET_INCLINE)
            if order.op is ControlOp.TARGET_SPEED:
                assert order.value is not None
                assert speed_kmh is not None
                assert order.value <= speed_kmh + 1e-6


@given(moments)
@settings(max_examples=100, deadline=None)
def test_every_set_point_is_within_the_limits_and_never_above_the_wish(story: list[Moment]) -> None:
    limits = MachineLimits()
    for order, command, _, _, _ in orders(story):
        if order.op is ControlOp.TARGET_SPEED and order.value is not None:
            assert limits.speed_min_kmh <= order.value <= limits.speed_max_kmh
            assert order.value <= max(command.speed_kmh or 0.0, limits.speed_min_kmh) + 1e-5
        if order.op is ControlOp.TARGET_INCLINE and order.value is not None:
            assert limits.incline_min_pct <= order.value <= limits.incline_max_pct
            assert order.value <= (command.incline_pct or 0.0) + 1e-5


@given(moments)
@settings(max_examples=100, deadline=None)
def test_a_stop_after_anything_reaches_the_machine(story: list[Moment]) -> None:
    moving: tuple[float | None, float | None] = (6.0, 1.0)
    stop = Command(Belt.STOP, 0.0)
    ending: list[Moment] = [(stop, Result.SUCCESS, None, moving, 6.0)] * 3
    assert ControlOp.STOP in [order.op for order, *_ in orders(story + ending)[-3:]]


def test_start_is_ordered_once_per_episode() -> None:
    story: list[Moment] = [(Command(Belt.START, 0.8), Result.SUCCESS, None, (0.0, 0.0), 1.0)] * 30
    assert [order.op for order, *_ in orders(story)] == [ControlOp.REQUEST_CONTROL, ControlOp.START]


def test_negative_and_endless_numbers_are_refused_but_a_stop_never_is() -> None:
    assert "not negative" in refusal(Command(Belt.RUN, -0.5))
    assert "must be a number" in refusal(Command(Belt.RUN, math.nan))
    assert "must be a number" in refusal(Command(Belt.START, 1.0, math.inf))
    assert refusal(Command(Belt.STOP, math.nan)) == ""
    assert refusal(Command(Belt.RUN, 6.0, -2.0)) == ""


def test_a_range_that_leaves_nothing_is_not_believed() -> None:
    limits = MachineLimits()
    assert narrowed(limits, Range(0.0, 0.0, 0.0), Range(20.0, 30.0, 0.5)) == limits
    assert narrowed(limits, Range(1.0, 12.0, None), None).speed_step_kmh == limits.speed_step_kmh


def test_rounding_is_down_but_keeps_what_is_on_the_step() -> None:
    assert [floored(v, 0.1) for v in (0.3, 6.1, 6.16, 8.2)] == [0.3, 6.1, 6.1, 8.2]
    assert [floored(v, 0.5) for v in (-1.3, 4.9, 5.0)] == [-1.5, 4.5, 5.0]
