"""The Precor driver in the console's place: what is asked for in every frame, and what no fault makes the belt do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from contract import entered, in_virtual_time, now_s
from serial_world import PrecorRig, precor_rig

from pitrainer.drivers.treadmill_serial import PrecorProfile
from pitrainer.model import LEAVE, TICK_S, Belt, Command
from pitrainer.sim.serial.cable import Faults

Told = Callable[[PrecorRig], Awaitable[None]]


def tell(story: Told, *, profile: PrecorProfile | None = None) -> None:
    async def told() -> None:
        rig = precor_rig(profile)
        async with entered(rig):
            await story(rig)

    in_virtual_time(told)


def test_at_rest_it_asks_like_the_console_does() -> None:
    async def story(rig: PrecorRig) -> None:
        await asyncio.sleep(10)
        assert {octets for _, octets in rig.cable.sent} == {b"[inc]\xff", b"[hmph:0]\xff"}

    tell(story)


def test_the_first_speed_is_one_mile_an_hour() -> None:
    async def story(rig: PrecorRig) -> None:
        await rig.start()
        assert {number for _, number in rig.precor.asked("hmph")} == {0, 0x64}

    tell(story)


def test_the_line_is_never_quiet_for_long() -> None:
    async def story(rig: PrecorRig) -> None:
        await rig.run_at(6.0, 3.0)
        rig.precor.mute = True
        await asyncio.sleep(2)
        times = [at_s for at_s, _ in rig.cable.sent]
        assert max(b - a for a, b in pairwise(times)) <= 0.15

    tell(story)


@pytest.mark.parametrize(("counts", "asked"), [(2.0, 7), (1.0, 4)])
def test_lift_counts_are_the_profiles(counts: float, asked: int) -> None:
    async def story(rig: PrecorRig) -> None:
        rig.precor.lift_counts_per_pct = counts
        await rig.run_at(6.0, 3.5 if counts == 2.0 else 4.0)
        assert rig.precor.asked("inc")[-1][1] == asked
        assert rig.feedback[-1].incline_pct == asked / counts

    tell(story, profile=PrecorProfile(incline_counts_per_pct=counts))


def test_a_stop_freezes_a_lift_under_way() -> None:
    async def story(rig: PrecorRig) -> None:
        await rig.start()
        rig.command = Command(Belt.RUN, 6.0, 10.0)
        await asyncio.sleep(5)
        before_pct = rig.incline_pct
        assert 1.0 < before_pct < 6.0
        await rig.stop_by_ramp()
        assert rig.incline_pct - before_pct < 1.0

    tell(story)


def test_leave_walks_a_moving_belt_down_since_nobody_else_can() -> None:
    async def story(rig: PrecorRig) -> None:
        await rig.run_at(6.0)
        rig.command = LEAVE
        began_s = now_s()
        await asyncio.sleep(2)
        assert 3.0 < rig.speed_kmh < 5.5
        await rig.until(lambda: rig.speed_kmh == 0, 10)
        assert rig.rises_since(began_s) < 0.02

    tell(story)


@pytest.mark.parametrize("belt", [Belt.START, Belt.RUN])
def test_a_key_pulled_and_put_back_moves_nothing(belt: Belt) -> None:
    async def story(rig: PrecorRig) -> None:
        await rig.start()
        rig.command = Command(belt, 5.0)
        await asyncio.sleep(10)
        rig.precor.pull_key()
        await rig.until(lambda: rig.speed_kmh == 0, 10)
        await asyncio.sleep(3)
        rig.precor.put_key()
        began_s = now_s()
        await asyncio.sleep(30)
        assert rig.rises_since(began_s) == 0

    tell(story)


def test_a_stop_that_is_not_obeyed_is_said_and_asked_for_again_and_again() -> None:
    async def story(rig: PrecorRig) -> None:
        await rig.run_at(6.0)
        rig.precor.deaf_to = frozenset({"hmph"})
        rig.command = Command(Belt.STOP, 0.0)
        await asyncio.sleep(20)
        assert "safety key" in rig.links[-1].detail
        rig.precor.deaf_to = frozenset()
        await rig.until(lambda: rig.speed_kmh == 0, 10)

    tell(story)


def test_a_machine_that_stops_when_the_console_is_silent_stops_when_the_controller_dies() -> None:
    async def story() -> None:
        rig = precor_rig()
        rig.precor.stops_when_silent_s = 1.0
        async with entered(rig):
            await rig.run_at(6.0)
        await rig.until(lambda: rig.speed_kmh == 0, 10)

    in_virtual_time(story)


@pytest.mark.parametrize(
    "faults",
    [
        Faults(one_by_one=True),
        Faults(lost_share=0.01),
        Faults(flipped_share=0.003),
        Faults(noise_to_driver=b"[hmph:[\x00]\xff"),
    ],
    ids=["one-by-one", "one-percent-lost", "flipped-bits", "noise"],
)
@pytest.mark.parametrize("seed", range(3))
def test_on_a_bad_line_the_belt_is_hardly_faster_than_ordered_and_stop_stops(faults: Faults, seed: int) -> None:
    async def story() -> None:
        rig = precor_rig()
        rig.cable.seed = seed
        rig.cable.__post_init__()
        async with entered(rig):
            await rig.start()
            rig.cable.faults = faults
            rig.command = Command(Belt.RUN, 6.0, 3.0)
            await asyncio.sleep(60)
            assert max(speed_kmh for _, speed_kmh, _ in rig.path) < 6.5
            assert sum(speed_kmh > 6.01 for _, speed_kmh, _ in rig.path) * TICK_S < 3.0
            await rig.stop_by_ramp()
            await rig.until(lambda: rig.speed_kmh == 0, 15)

    in_virtual_time(story)


def test_after_silence_the_belt_is_asked_to_stop_and_nothing_else() -> None:
    async def story(rig: PrecorRig) -> None:
        await rig.run_at(8.0)
        rig.cable.faults.silent = True
        began_s = now_s()
        await asyncio.sleep(5)
        rig.cable.faults.silent = False
        await rig.until(lambda: rig.speed_kmh == 0, 30)
        assert rig.rises_since(began_s) < 0.02
        assert {number for at_s, number in rig.precor.asked("hmph") if at_s > began_s} == {0}

    tell(story)
