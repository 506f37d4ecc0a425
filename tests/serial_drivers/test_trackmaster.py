"""The Trackmaster driver on a virtual machine: what goes over the line, and what no fault makes the belt do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from rig import entered, in_virtual_time, now_s
from serial_world import TrackmasterRig, trackmaster_rig

from pitrainer.model import TICK_S, Belt, Command, MachineSays
from pitrainer.sim.serial.cable import Faults
from pitrainer.sim.serial.trackmaster import KM_PER_MILE, TrackmasterMachine
from pitrainer.wire.trackmaster import Op

Told = Callable[[TrackmasterRig], Awaitable[None]]


def tell(story: Told, *, prepare: Callable[[TrackmasterRig], None] = lambda rig: None) -> None:
    async def told() -> None:
        rig = trackmaster_rig()
        prepare(rig)
        async with entered(rig):
            await story(rig)

    in_virtual_time(told)


def test_the_belt_is_started_guarded_once_and_only_after_the_lowest_speed_reads_back() -> None:
    async def story(rig: TrackmasterRig) -> None:
        rig.trackmaster.press_speed(100)
        await rig.run_at(6.0)
        assert len(rig.trackmaster.orders(Op.START)) == 1
        assert not rig.trackmaster.orders(Op.START_UNGUARDED)
        started_s = rig.trackmaster.orders(Op.START)[0][0]
        assert [number for at_s, number in rig.trackmaster.orders(Op.SET_SPEED) if at_s < started_s] == [5]
        assert rig.trackmaster.orders(Op.STOP)[0][0] < started_s - 0.5

    tell(story)


def test_a_question_is_asked_at_least_every_200_ms_whatever_happens() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await rig.run_at(6.0, 4.0)
        rig.trackmaster.manners.mute = True
        await asyncio.sleep(2)
        rig.trackmaster.manners.mute = False
        await rig.stop_by_ramp()
        await asyncio.sleep(10)
        times = [at_s for at_s, _ in rig.cable.sent]
        assert max(b - a for a, b in pairwise(times)) <= 0.2

    tell(story)


def test_an_unchanged_set_point_is_sent_once() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await rig.run_at(6.0, 4.3, for_s=120)
        assert [number for _, number in rig.trackmaster.orders(Op.SET_SPEED)] == [5, 37]
        assert [number for _, number in rig.trackmaster.orders(Op.SET_INCLINE)] == [40]

    tell(story)


def test_what_eases_goes_first() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await rig.run_at(6.0, 4.0)
        rig.command = Command(Belt.RUN, 8.0, 1.0)
        await asyncio.sleep(2)
        assert rig.trackmaster.orders(Op.SET_INCLINE)[-1][0] < rig.trackmaster.orders(Op.SET_SPEED)[-1][0]

    tell(story)


def test_a_stop_freezes_a_lift_under_way() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await rig.start()
        rig.command = Command(Belt.RUN, 8.0, 20.0)
        await asyncio.sleep(12)
        before_pct = rig.incline_pct
        assert 3.0 < before_pct < 10.0
        await rig.stop_by_ramp()
        assert abs(rig.incline_pct - before_pct) <= 0.7

    tell(story)


def test_a_belt_started_at_the_console_is_watched_and_stopped_but_not_driven() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await asyncio.sleep(4)
        rig.trackmaster.press_speed(20)
        rig.trackmaster.press_start()
        await asyncio.sleep(5)
        rig.command = Command(Belt.RUN, 6.0, 4.0)
        await asyncio.sleep(10)
        assert not rig.trackmaster.orders(Op.SET_SPEED)
        assert "console" in rig.links[-1].detail
        rig.command = Command(Belt.STOP, 0.0)
        await rig.until(lambda: rig.speed_kmh == 0, 10)

    tell(story)


def test_a_dead_controller_stops_the_belt_within_half_a_second_and_its_slowing() -> None:
    async def story() -> None:
        rig = trackmaster_rig()
        async with entered(rig):
            await rig.run_at(8.0)
        took_s = await rig.until(lambda: rig.speed_kmh == 0, 20)
        assert took_s < 0.5 + 0.2 + 8.0 / 1.5 + 0.2

    in_virtual_time(story)


def test_an_ignored_stop_is_repeated_and_then_silence_makes_the_machine_stop_by_itself() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await rig.run_at(8.0)
        rig.trackmaster.manners.ignores = frozenset({Op.STOP, Op.SET_SPEED})
        rig.command = Command(Belt.STOP, 0.0)
        took_s = await rig.until(lambda: rig.speed_kmh == 0, 30)
        assert len(rig.trackmaster.orders(Op.STOP)) >= 4
        assert took_s < 5 + rig.machine.limits.latency_s + 0.5 + 8.0 / 1.5 + 2
        assert any("safety key" in link.detail for link in rig.links)

    tell(story)


def test_an_ignored_set_point_is_tried_three_times_and_then_said() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await rig.run_at(6.0)
        rig.trackmaster.manners.ignores = frozenset({Op.SET_SPEED})
        rig.command = Command(Belt.RUN, 5.0)
        await asyncio.sleep(20)
        assert [number for _, number in rig.trackmaster.orders(Op.SET_SPEED)][-3:] == [31, 31, 31]
        assert len(rig.trackmaster.orders(Op.SET_SPEED)) == 5
        assert "does not take" in rig.links[-1].detail

    tell(story)


def test_a_refused_set_point_is_said_and_not_repeated() -> None:
    def low_lift(rig: TrackmasterRig) -> None:
        rig.trackmaster.mechanics.deck.incline_max_pct = 10.0

    async def story(rig: TrackmasterRig) -> None:
        await rig.run_at(6.0, 12.0, for_s=20)
        assert len(rig.trackmaster.orders(Op.SET_INCLINE)) == 1
        assert "refused" in rig.links[-1].detail

    tell(story, prepare=low_lift)


def test_a_runaway_is_reported_as_it_is_and_stop_stops_it() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await rig.run_at(5.0)
        rig.trackmaster.mechanics.runaway_kmh_s = 3.0
        await rig.until(lambda: (rig.feedback[-1].speed_kmh or 0) > 6.0, 3)
        rig.command = Command(Belt.STOP, 5.0)
        await asyncio.sleep(1)
        rig.command = Command(Belt.STOP, 0.0)
        await rig.until(lambda: rig.speed_kmh == 0, 20)

    tell(story)


def test_a_reboot_in_mid_run_stands_and_nothing_starts_it_again() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await rig.run_at(6.0, 3.0)
        rig.trackmaster.boot()
        began_s = now_s()
        await asyncio.sleep(60)
        assert rig.speed_kmh == 0
        assert rig.rises_since(began_s) == 0
        assert [event.says for event in rig.events] == [MachineSays.STOPPED]

    tell(story)


def test_wrong_echoes_do_no_harm() -> None:
    async def story(rig: TrackmasterRig) -> None:
        rig.trackmaster.manners.wrong_echo = True
        await asyncio.sleep(10)
        assert not rig.feedback
        assert rig.speed_kmh == 0

    tell(story)


def test_echoed_commands_are_told_from_answers() -> None:
    async def story(rig: TrackmasterRig) -> None:
        rig.trackmaster.manners.echoes = True
        await rig.run_at(6.0, 3.0)
        assert rig.speed_kmh == pytest.approx(37 * KM_PER_MILE / 10)
        assert not rig.events

    tell(story)


@pytest.mark.parametrize(
    "faults",
    [
        Faults(one_by_one=True),
        Faults(lost_share=0.01),
        Faults(lost_share=0.01, one_by_one=True),
        Faults(flipped_share=0.003),
        Faults(noise_to_driver=b"\xff\x00\xd1\x39\xa3"),
    ],
    ids=["one-by-one", "one-percent-lost", "lost-and-one-by-one", "flipped-bits", "noise"],
)
@pytest.mark.parametrize("seed", range(3))
def test_on_a_bad_line_the_belt_is_never_faster_than_ordered_for_long_and_stop_stops(faults: Faults, seed: int) -> None:
    async def story() -> None:
        rig = trackmaster_rig()
        rig.cable.seed = seed
        rig.cable.__post_init__()
        async with entered(rig):
            await rig.start()
            rig.cable.faults = faults
            rig.command = Command(Belt.RUN, 6.0, 3.0)
            await asyncio.sleep(60)
            too_fast = [at_s for at_s, speed_kmh, _ in rig.path if speed_kmh > 6.0 + 1e-6]
            assert len(too_fast) * TICK_S < 3.0
            await rig.stop_by_ramp()
            await rig.until(lambda: rig.speed_kmh == 0, 15)
            began_s = now_s()
            await asyncio.sleep(20)
            assert rig.rises_since(began_s) == 0

    in_virtual_time(story)


def test_after_five_seconds_of_silence_the_belt_stands_and_comes_back_only_by_start() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await rig.run_at(8.0)
        rig.cable.faults.silent = True
        began_s = now_s()
        await asyncio.sleep(5)
        rig.cable.faults.silent = False
        await rig.until(lambda: rig.feedback[-1].link >= 2 and rig.speed_kmh == 0, 20)
        await asyncio.sleep(20)
        assert rig.rises_since(began_s) < 0.05
        rig.command = Command(Belt.STOP, 0.0)
        await asyncio.sleep(5)
        await rig.run_at(5.0)
        assert rig.speed_kmh > 4.5

    tell(story)


def test_unplugged_during_a_ramp_the_belt_only_slows_and_is_said_to_be_gone() -> None:
    async def story(rig: TrackmasterRig) -> None:
        await rig.start()
        rig.command = Command(Belt.RUN, 10.0, 5.0)
        await asyncio.sleep(4)
        rig.cable.unplug()
        await asyncio.sleep(0.8)
        began_s = now_s()
        await asyncio.sleep(20)
        assert rig.rises_since(began_s) == 0
        assert rig.speed_kmh == 0
        assert not rig.links[-1].up
        assert len(rig.links) <= 3

    tell(story)


def test_a_machine_that_is_off_is_said_once_and_found_when_it_comes() -> None:
    async def story(rig: TrackmasterRig) -> None:
        rig.trackmaster.manners.mute = True
        await asyncio.sleep(60)
        assert [link.up for link in rig.links] == [False]
        assert "switched on" in rig.links[0].detail
        rig.trackmaster.manners.mute = False
        await rig.until(lambda: bool(rig.feedback), 15)
        assert rig.links[-1].up

    tell(story)


def test_nothing_is_sent_to_a_belt_that_moves_when_the_link_comes_but_questions() -> None:
    async def story() -> None:
        machine = TrackmasterMachine(now_s())
        machine.press_speed(30)
        machine.press_start()
        machine.look(now_s() + 10)
        rig = trackmaster_rig(switched_on=machine)
        async with entered(rig):
            await asyncio.sleep(12)
            rig.command = Command(Belt.RUN, 8.0)
            await asyncio.sleep(10)
            assert not machine.heard
            assert rig.feedback[-1].speed_kmh == pytest.approx(3 * KM_PER_MILE, abs=0.01)

    in_virtual_time(story)
