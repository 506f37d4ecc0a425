"""Drivers in a console's place (Precor, Johnson, PSA): what is asked for, and what no fault makes the belt do."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from rig import entered, in_virtual_time, now_s
from serial_world import ConsoleProfile, ConsoleRig, console_rig

from pitrainer.drivers.treadmill_serial import JohnsonProfile, PrecorProfile, PsaProfile
from pitrainer.model import LEAVE, TICK_S, Belt, Command
from pitrainer.sim.serial.cable import Faults
from pitrainer.sim.serial.johnson import JohnsonMachine
from pitrainer.sim.serial.precor import PrecorMachine
from pitrainer.sim.serial.psa import PsaMachine
from pitrainer.wire import johnson

Told = Callable[[ConsoleRig], Awaitable[None]]
PRECOR, JOHNSON, PSA = PrecorProfile(), JohnsonProfile(), PsaProfile()
each_profile = pytest.mark.parametrize("profile", [PRECOR, JOHNSON, PSA], ids=["precor", "johnson", "psa"])


def tell(profile: ConsoleProfile, story: Told) -> None:
    async def told() -> None:
        rig = console_rig(profile)
        async with entered(rig):
            await story(rig)

    in_virtual_time(told)


def test_at_rest_precor_is_asked_like_its_console_does() -> None:
    async def story(rig: ConsoleRig) -> None:
        await asyncio.sleep(10)
        assert {octets for _, octets in rig.cable.sent} == {b"[inc]\xff", b"[hmph:0]\xff"}

    tell(PRECOR, story)


def test_at_rest_johnson_hears_no_speed_and_a_heartbeat() -> None:
    async def story(rig: ConsoleRig) -> None:
        await asyncio.sleep(10)
        heard = {octets for at_s, octets in rig.cable.sent if at_s > now_s() - 5}
        assert heard == {johnson.encode(johnson.speed(0, johnson.Scale())), johnson.encode(johnson.HEARTBEAT)}

    tell(JOHNSON, story)


def test_precors_first_speed_is_one_mile_an_hour() -> None:
    async def story(rig: ConsoleRig) -> None:
        assert isinstance(rig.virtual, PrecorMachine)
        await rig.start()
        assert {number for _, number in rig.virtual.asked("hmph")} == {0, 0x64}

    tell(PRECOR, story)


def test_psa_is_asked_in_tenths() -> None:
    async def story(rig: ConsoleRig) -> None:
        await rig.run_at(6.27, 4.0)
        assert rig.cable.sent[-1][1] in (b"[SETSPD:062]", b"[SETINC:040]")
        assert {octets for _, octets in rig.cable.sent[-2:]} == {b"[SETSPD:062]", b"[SETINC:040]"}

    tell(PSA, story)


@pytest.mark.parametrize(("profile", "most_s"), [(PRECOR, 0.15), (JOHNSON, 0.15), (PSA, 0.5)])
def test_the_line_is_never_quiet_for_long(profile: ConsoleProfile, most_s: float) -> None:
    async def story(rig: ConsoleRig) -> None:
        await rig.run_at(6.0, 3.0)
        rig.virtual.mute = True
        await asyncio.sleep(2)
        times = [at_s for at_s, _ in rig.cable.sent]
        assert max(b - a for a, b in pairwise(times)) <= most_s

    tell(profile, story)


def test_johnsons_speed_rises_in_steps_and_may_fall_at_once() -> None:
    async def story(rig: ConsoleRig) -> None:
        assert isinstance(rig.virtual, JohnsonMachine)
        await rig.run_at(12.0)
        assert rig.speed_kmh > 11.5
        asked = [number for _, number in rig.virtual.asked(johnson.Command.SPEED) if number is not None]
        assert max(b - a for a, b in pairwise(asked) if a) <= 342.48 * 0.2
        assert not rig.virtual.faulted
        rig.command = Command(Belt.STOP, 0.0)
        await rig.until(lambda: rig.speed_kmh == 0, 20)
        assert rig.virtual.asked(johnson.Command.STOP)

    tell(JOHNSON, story)


@pytest.mark.parametrize(("counts", "pct", "asked"), [(2.0, 3.5, 7), (1.0, 4.0, 4)])
def test_precors_lift_counts_are_the_profiles(counts: float, pct: float, asked: int) -> None:
    async def story(rig: ConsoleRig) -> None:
        assert isinstance(rig.virtual, PrecorMachine)
        rig.virtual.lift_counts_per_pct = counts
        await rig.run_at(6.0, pct)
        assert rig.virtual.asked("inc")[-1][1] == asked
        assert rig.feedback[-1].incline_pct == pct

    tell(PrecorProfile(incline_counts_per_pct=counts), story)


def test_johnsons_scale_is_the_profiles() -> None:
    scale = johnson.Scale(speed_per_kmh=300.0, speed_at_0=5.0, incline_per_pct=50.0, incline_at_0=10.0)

    async def story(rig: ConsoleRig) -> None:
        assert isinstance(rig.virtual, JohnsonMachine)
        await rig.run_at(6.0, 4.0)
        assert rig.virtual.asked(johnson.Command.SPEED)[-1][1] == 1805
        assert rig.virtual.asked(johnson.Command.INCLINE)[-1][1] == 210
        assert rig.incline_pct == 4.0

    tell(JohnsonProfile(scale=scale), story)


def test_a_psa_level_is_worth_what_the_profile_says() -> None:
    async def story(rig: ConsoleRig) -> None:
        assert isinstance(rig.virtual, PsaMachine)
        await rig.run_at(6.0, 4.0)
        assert rig.virtual.asked("SETINC")[-1][1] == 80
        assert rig.incline_pct == 4.0

    tell(PsaProfile(pct_per_level=0.5), story)


@pytest.mark.parametrize("profile", [JohnsonProfile(speed_answer=None), PsaProfile(speed_answer=None)])
def test_a_board_whose_answers_carry_no_speed_is_never_asked_to_move(profile: ConsoleProfile) -> None:
    async def story(rig: ConsoleRig) -> None:
        rig.command = Command(Belt.START, 0.8)
        await asyncio.sleep(30)
        rig.command = Command(Belt.RUN, 5.0, 3.0)
        await asyncio.sleep(30)
        assert max(speed_kmh for _, speed_kmh, _ in rig.path) == 0
        assert not rig.feedback
        assert "does not answer" in rig.links[-1].detail

    tell(profile, story)


@each_profile
def test_a_stop_freezes_a_lift_under_way(profile: ConsoleProfile) -> None:
    async def story(rig: ConsoleRig) -> None:
        await rig.start()
        rig.command = Command(Belt.RUN, 6.0, 10.0)
        await asyncio.sleep(6)
        before_pct = rig.incline_pct
        assert 1.0 < before_pct < 6.0
        await rig.stop_by_ramp()
        assert abs(rig.incline_pct - before_pct) < 1.5

    tell(profile, story)


@each_profile
def test_leave_walks_a_moving_belt_down_since_nobody_else_can(profile: ConsoleProfile) -> None:
    async def story(rig: ConsoleRig) -> None:
        await rig.run_at(6.0)
        rig.command = LEAVE
        began_s = now_s()
        await asyncio.sleep(2)
        assert 3.0 < rig.speed_kmh < 5.9
        await rig.until(lambda: rig.speed_kmh == 0, 12)
        assert rig.rises_since(began_s) < 0.02

    tell(profile, story)


@pytest.mark.parametrize("belt", [Belt.START, Belt.RUN])
@each_profile
def test_a_key_pulled_and_put_back_moves_nothing(profile: ConsoleProfile, belt: Belt) -> None:
    async def story(rig: ConsoleRig) -> None:
        await rig.start()
        rig.command = Command(belt, 5.0)
        await asyncio.sleep(10)
        rig.virtual.board.key(False)
        await rig.until(lambda: rig.speed_kmh == 0, 10)
        await asyncio.sleep(3)
        rig.virtual.board.key(True)
        began_s = now_s()
        await asyncio.sleep(30)
        assert rig.rises_since(began_s) == 0

    tell(profile, story)


@each_profile
def test_a_stop_that_is_not_obeyed_is_said_and_asked_for_again_and_again(profile: ConsoleProfile) -> None:
    async def story(rig: ConsoleRig) -> None:
        await rig.run_at(6.0)
        rig.virtual.deaf = True
        rig.virtual.board.stops_when_silent_s = None
        rig.command = Command(Belt.STOP, 0.0)
        await asyncio.sleep(20)
        assert "safety key" in rig.links[-1].detail
        rig.virtual.deaf = False
        await rig.until(lambda: rig.speed_kmh == 0, 12)

    tell(profile, story)


@each_profile
def test_a_machine_that_stops_on_silence_stops_when_the_controller_dies(profile: ConsoleProfile) -> None:
    async def story() -> None:
        rig = console_rig(profile)
        rig.virtual.board.stops_when_silent_s = 1.0
        async with entered(rig):
            await rig.run_at(6.0)
        await rig.until(lambda: rig.speed_kmh == 0, 10)

    in_virtual_time(story)


@each_profile
def test_a_runaway_is_reported_as_it_is(profile: ConsoleProfile) -> None:
    async def story(rig: ConsoleRig) -> None:
        await rig.run_at(5.0)
        rig.virtual.board.mechanics.runaway_kmh_s = 3.0
        await rig.until(lambda: (rig.feedback[-1].speed_kmh or 0) > 6.0, 4)

    tell(profile, story)


FAULTS = {
    "one-by-one": Faults(one_by_one=True),
    "one-percent-lost": Faults(lost_share=0.01),
    "flipped-bits": Faults(flipped_share=0.003),
    "noise": Faults(noise_to_driver=b"[hmph:[\x00]\xff\x00\xff\xf1"),
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
@each_profile
def test_on_a_bad_line_the_belt_is_hardly_faster_than_ordered_and_stop_stops(
    profile: ConsoleProfile, faults: Faults
) -> None:
    async def story() -> None:
        rig = console_rig(profile)
        async with entered(rig):
            await rig.start()
            rig.cable.faults = faults
            rig.command = Command(Belt.RUN, 6.0, 3.0)
            await asyncio.sleep(60)
            assert max(speed_kmh for _, speed_kmh, _ in rig.path) < 6.6
            assert sum(speed_kmh > 6.01 for _, speed_kmh, _ in rig.path) * TICK_S < 3.0
            await rig.stop_by_ramp()
            await rig.until(lambda: rig.speed_kmh == 0, 15)

    in_virtual_time(story)


@each_profile
def test_after_silence_the_belt_is_asked_to_stop_and_nothing_else(profile: ConsoleProfile) -> None:
    async def story(rig: ConsoleRig) -> None:
        await rig.run_at(8.0)
        rig.cable.faults.silent = True
        began_s = now_s()
        await asyncio.sleep(5)
        rig.cable.faults.silent = False
        await rig.until(lambda: rig.speed_kmh == 0 and rig.links[-1].up, 30)
        assert rig.rises_since(began_s) < 0.02
        await asyncio.sleep(10)
        assert rig.speed_kmh == 0
        assert math.isclose(rig.feedback[-1].speed_kmh or 0.0, 0.0)

    tell(profile, story)
