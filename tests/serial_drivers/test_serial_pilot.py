"""What no sequence of commands and sightings makes the serial pilot wish, and what a lease owes."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from pitrainer.drivers.serial_pilot import Deed, Lease, Pilot, Sighting, Steady, Wish
from pitrainer.model import LEASE_S, LEAVE, Belt, Command, MachineLimits, MachineSays

LIMITS = MachineLimits()
numbers = st.one_of(st.none(), st.floats(0, 25), st.sampled_from([0.0, 0.79, 0.8, 6.0, 20.0, 20.1]))
commands = st.builds(Command, st.sampled_from(Belt), numbers, numbers)
sightings = st.builds(
    Sighting,
    st.sampled_from([None, 0.0, 0.8, 6.0, 10.0]),
    st.sampled_from([None, 0.0, 4.0]),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, None, None, MachineSays.STARTED, MachineSays.STOPPED, MachineSays.SPEED_SET]),
)
moments = st.lists(st.tuples(commands, st.none() | sightings, st.floats(0.05, 6)), min_size=1, max_size=25)
Moment = tuple[Command, Sighting | None, float]
thorough = settings(max_examples=100, deadline=None)


def played(story: list[Moment], *, is_console: bool = False) -> list[tuple[Wish, Command, Pilot, float | None, bool]]:
    """Each wish with its command, the pilot, the lowest known speed before it, and whether the link was free."""
    pilot, now_s, free, told = Pilot(LIMITS, is_console=is_console), 1000.0, False, []
    for command, sighting, dt_s in story:
        now_s += dt_s
        if sighting is not None:
            pilot.saw(sighting, now_s)
        free = free or command.belt is Belt.START or pilot.stands
        known = pilot.lowest_known_kmh
        told.append((pilot.wish(command, now_s), command, pilot, known, free))
        stood = pilot.stands
        if told[-1][0].deed is Deed.START:
            assert stood
    return told


@thorough
@given(moments)
def test_start_is_wished_only_for_start_at_a_standstill_at_the_lowest_speed(story: list[Moment]) -> None:
    for wish, command, *_ in played(story):
        if wish.deed is Deed.START:
            assert command.belt is Belt.START
            assert (wish.speed_kmh, wish.incline_pct) == (LIMITS.speed_min_kmh, None)


@thorough
@given(moments)
def test_set_points_need_a_link_that_saw_standstill_or_start_and_stay_in_range(story: list[Moment]) -> None:
    for wish, command, _, _, free in played(story):
        if wish.deed is Deed.FOLLOW:
            assert free
            assert command.belt is not Belt.LEAVE
            assert wish.speed_kmh is None or LIMITS.speed_min_kmh <= wish.speed_kmh <= LIMITS.speed_max_kmh
            assert wish.incline_pct is None or LIMITS.incline_min_pct <= wish.incline_pct <= LIMITS.incline_max_pct


@thorough
@given(moments)
def test_a_stop_never_raises_the_speed_and_never_speaks_of_the_lift(story: list[Moment]) -> None:
    for wish, command, _, known, _ in played(story):
        if command.belt is Belt.STOP:
            assert wish.deed is not Deed.START
            assert wish.incline_pct is None
            assert wish.speed_kmh is None or (known is not None and wish.speed_kmh <= known)


@thorough
@given(moments)
def test_leave_wishes_nothing_where_the_runner_has_a_console(story: list[Moment]) -> None:
    assert {wish.deed for wish, command, *_ in played(story) if command.belt is Belt.LEAVE} <= {Deed.WATCH}


@thorough
@given(moments)
def test_in_a_consoles_place_leave_only_slows(story: list[Moment]) -> None:
    for wish, command, _, known, _ in played(story, is_console=True):
        if command.belt is Belt.LEAVE:
            assert wish.deed is not Deed.START
            assert wish.speed_kmh is None or (known is not None and wish.speed_kmh <= known)


@thorough
@given(moments, st.floats(0, 25))
def test_after_the_runner_took_over_nothing_is_set_until_start_or_letting_go(
    story: list[Moment], speed_kmh: float
) -> None:
    pilot = played(story)[-1][2]
    pilot.saw(Sighting(says=MachineSays.SPEED_SET, value=7.0), 5000.0)
    pilot.saw(Sighting(speed_kmh=7.0, running=True), 5000.1)
    assert pilot.wish(Command(Belt.RUN, speed_kmh, 3.0), 5000.2) == Wish(Deed.WATCH)


def test_one_start_command_is_one_episode_however_often_it_is_repeated() -> None:
    pilot, start = Pilot(LIMITS), Command(Belt.START, 0.8)
    pilot.saw(Sighting(speed_kmh=0.0, running=False), 1000.0)
    assert {pilot.wish(start, 1000.0 + 0.25 * tick).episode for tick in range(20)} == {1}
    pilot.wish(Command(Belt.STOP, 0.0), 1006.0)
    pilot.saw(Sighting(speed_kmh=0.0, running=False), 1007.0)
    assert pilot.wish(start, 1010.0).episode == 2


def test_a_start_that_does_not_start_is_given_up_and_said() -> None:
    pilot, start = Pilot(LIMITS), Command(Belt.START, 0.8)
    pilot.saw(Sighting(speed_kmh=0.0, running=False), 1000.0)
    assert pilot.wish(start, 1001.0).deed is Deed.START
    assert pilot.wish(start, 1012.0).deed is Deed.WATCH
    assert "safety key" in pilot.remark


def test_a_stop_while_the_start_is_under_way_is_sent_to_the_standing_belt() -> None:
    pilot = Pilot(LIMITS)
    for at_s in (990.0, 1000.0):
        pilot.saw(Sighting(speed_kmh=0.0, running=False), at_s)
    assert pilot.wish(Command(Belt.STOP, 0.0), 1000.0).deed is Deed.WATCH
    pilot.wish(Command(Belt.START, 0.8), 1001.0)
    assert pilot.wish(Command(Belt.STOP, 0.0), 1001.2).deed is Deed.HALT
    assert pilot.wish(Command(Belt.STOP, 0.0), 1002.0).deed is Deed.HALT
    assert pilot.wish(Command(Belt.STOP, 0.0), 1004.0).deed is Deed.WATCH


def test_a_stop_on_a_belt_whose_speed_is_not_known_is_the_machines_own_stop() -> None:
    pilot = Pilot(LIMITS)
    pilot.wish(Command(Belt.START, 0.8), 1000.0)
    assert pilot.wish(Command(Belt.STOP, 6.0), 1000.3).deed is Deed.HALT


def test_our_own_start_and_stop_are_no_events_and_the_runners_are() -> None:
    pilot = Pilot(LIMITS)
    pilot.saw(Sighting(speed_kmh=0.0, running=False), 1000.0)
    pilot.wish(Command(Belt.START, 0.8), 1000.0)
    assert pilot.saw(Sighting(running=True, says=MachineSays.STARTED), 1001.0) is None
    pilot.saw(Sighting(speed_kmh=3.0), 1002.0)
    pilot.wish(Command(Belt.STOP, 0.0), 1002.0)
    assert pilot.saw(Sighting(running=False, says=MachineSays.STOPPED), 1003.0) is None
    pilot.saw(Sighting(speed_kmh=0.0), 1004.0)
    pilot.wish(LEAVE, 1010.0)
    event = pilot.saw(Sighting(running=True, says=MachineSays.STARTED), 1030.0)
    assert event is not None
    assert event.says is MachineSays.STARTED


def test_a_lease_keeps_a_stop_that_was_overwritten_before_it_was_seen() -> None:
    lease, pilot = Lease(), Pilot(LIMITS)
    lease.take(Command(Belt.STOP, 3.0), 1000.0)
    lease.take(Command(Belt.RUN, 6.0), 1000.1)
    assert lease.command(pilot, 1000.2) == Command(Belt.STOP, 3.0)
    assert lease.command(pilot, 1000.3) == Command(Belt.RUN, 6.0)


def test_a_lapsed_lease_walks_down_from_the_lower_of_told_and_seen() -> None:
    lease, pilot = Lease(), Pilot(LIMITS)
    pilot.saw(Sighting(speed_kmh=0.0), 990.0)
    pilot.saw(Sighting(speed_kmh=6.0), 1000.0)
    lease.take(Command(Belt.RUN, 8.0), 1000.0)
    pilot.wish(lease.command(pilot, 1000.0), 1000.0)
    assert lease.command(pilot, 1000.0 + LEASE_S).belt is Belt.RUN
    assert lease.command(pilot, 1002.5 + LEASE_S) == Command(Belt.STOP, 6.0 - 2.5)
    assert lease.command(pilot, 1060.0) == Command(Belt.STOP, 0.0)


def test_a_lease_refuses_what_is_no_number_and_never_a_stop() -> None:
    lease, pilot = Lease(), Pilot(LIMITS)
    for nonsense in (math.nan, math.inf, -0.1):
        lease.take(Command(Belt.RUN, nonsense), 1000.0)
        assert str(nonsense) in lease.refusal
    assert lease.command(pilot, 1000.0) == LEAVE
    lease.take(Command(Belt.STOP, math.nan), 1000.0)
    assert not lease.refusal
    assert pilot.wish(lease.command(pilot, 1000.0), 1000.0).deed is Deed.HALT


@given(st.lists(st.floats(0, 25), min_size=1, max_size=30))
def test_one_jump_alone_is_never_believed(measured: list[float]) -> None:
    steady, believed = Steady(2.0), []
    for value in measured:
        steady = steady.next(value)
        if steady.doubted is None:
            believed.append(value)
    assert steady.value == believed[-1]
    assert Steady(2.0).next(6.0).next(14.0).value == 6.0
    assert Steady(2.0).next(6.0).next(14.0).next(6.1).value == 6.1
    assert Steady(2.0).next(6.0).next(0.0).next(0.0).value == 0.0
