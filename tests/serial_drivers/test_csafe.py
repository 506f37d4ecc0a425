"""The CSAFE driver: it always reads, drives only what has proved that it obeys, and says which."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from rig import Rig, entered, in_virtual_time, now_s

from pitrainer.drivers.serial_csafe import ONLY_WATCHED, OWN_STOP, PRESS_START
from pitrainer.drivers.treadmill_serial import CsafeProfile, SerialTreadmill, machine_of
from pitrainer.model import Belt, Command, MachineSays
from pitrainer.sim.serial.cable import Cable, Faults
from pitrainer.sim.serial.csafe import CsafeMachine
from pitrainer.wire.csafe_contents import Ask, State

STATE_CHANGERS = {0x81, Ask.GO_IDLE, Ask.GO_HAVE_ID, Ask.GO_IN_USE, Ask.GO_READY}
Story = Callable[[Rig, CsafeMachine, Cable], Awaitable[None]]


def tell(story: Story, *, profile: CsafeProfile | None = None) -> None:
    async def told() -> None:
        virtual = CsafeMachine(now_s())
        cable = Cable(virtual, baud=9600)

        def look() -> tuple[float, float]:
            deck = virtual.board.look(now_s())
            return deck.speed_kmh, deck.incline_pct

        machine = SerialTreadmill(cable.connect, machine_of(profile or CsafeProfile()))
        async with entered(Rig(machine, look, cable.unplug, cable.plug)) as rig:
            await asyncio.sleep(4)
            await story(rig, virtual, cable)
            assert not {item.id for _, item in virtual.heard} & STATE_CHANGERS

    in_virtual_time(told)


@pytest.mark.parametrize("in_miles", [False, True])
def test_it_reads_while_somebody_trains_off_line_in_whatever_unit(in_miles: bool) -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        virtual.in_miles = in_miles
        virtual.quick_start()
        await asyncio.sleep(40)
        last = rig.feedback[-1]
        assert last.speed_kmh == pytest.approx(6.0, abs=0.08)
        assert last.incline_pct == 4.0
        assert len([one for one in rig.feedback if one.at_s > now_s() - 10]) > 20
        assert {item.id for _, item in virtual.heard} == {Ask.SPEED, Ask.GRADE, Ask.DISTANCE}

    tell(story)


def test_a_machine_without_a_grade_has_an_unknown_incline() -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        virtual.has_grade = False
        virtual.quick_start()
        await asyncio.sleep(20)
        assert rig.feedback[-1].incline_pct is None
        assert rig.feedback[-1].speed_kmh == pytest.approx(6.0)

    tell(story)


def test_start_is_the_runners() -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        rig.command = Command(Belt.START, 0.8)
        await asyncio.sleep(8)
        assert rig.links[-1].detail == PRESS_START
        assert rig.speed_kmh == 0
        assert not virtual.asked(Ask.SET_SPEED)

    tell(story)


def test_a_machine_that_obeys_is_asked_for_less_first_and_then_driven() -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        virtual.quick_start()
        await asyncio.sleep(30)
        rig.command = Command(Belt.RUN, 8.0, 6.0)
        await asyncio.sleep(20)
        assert not virtual.asked(Ask.SET_SPEED)
        rig.command = Command(Belt.RUN, 5.0, 3.0)
        await asyncio.sleep(20)
        assert rig.look() == (5.0, 3.0)
        rig.command = Command(Belt.RUN, 7.0, 5.0)
        await asyncio.sleep(20)
        assert rig.look() == (7.0, 5.0)
        assert len(virtual.asked(Ask.SET_SPEED)) == len(virtual.asked(Ask.SET_GRADE)) == 2
        assert not rig.links[-1].detail

    tell(story)


@pytest.mark.parametrize("rejects", [False, True])
def test_a_machine_that_does_not_obey_is_asked_once_and_then_only_watched(rejects: bool) -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        virtual.obeys, virtual.rejects = frozenset(), rejects
        virtual.quick_start()
        await asyncio.sleep(30)
        rig.command = Command(Belt.RUN, 5.0, None)
        await asyncio.sleep(20)
        rig.command = Command(Belt.RUN, 4.0, None)
        await asyncio.sleep(20)
        assert len(virtual.asked(Ask.SET_SPEED)) == 1
        assert rig.links[-1].detail == ONLY_WATCHED
        assert rig.feedback[-1].speed_kmh == pytest.approx(6.0)

    tell(story)


def test_a_lift_that_obeys_is_driven_though_the_belt_is_deaf() -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        virtual.obeys = frozenset({Ask.SET_GRADE})
        virtual.quick_start()
        await asyncio.sleep(30)
        rig.command = Command(Belt.RUN, 5.0, 2.0)
        await asyncio.sleep(20)
        rig.command = Command(Belt.RUN, 5.0, 6.0)
        await asyncio.sleep(20)
        assert rig.look() == (6.0, 6.0)

    tell(story)


def test_where_the_profile_forbids_the_probe_nothing_but_questions_is_sent() -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        virtual.quick_start()
        await asyncio.sleep(30)
        rig.command = Command(Belt.RUN, 5.0, 2.0)
        await asyncio.sleep(20)
        rig.command = Command(Belt.STOP, 0.0)
        await asyncio.sleep(20)
        assert {item.id for _, item in virtual.heard} == {Ask.SPEED, Ask.GRADE, Ask.DISTANCE}

    tell(story, profile=CsafeProfile(probe=False))


def test_a_stop_is_tried_and_the_runner_is_told_not_to_rely_on_it() -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        virtual.obeys = frozenset()
        virtual.quick_start()
        await asyncio.sleep(30)
        rig.command = Command(Belt.STOP, 0.0)
        await asyncio.sleep(4)
        assert rig.links[-1].detail == OWN_STOP
        virtual.obeys = frozenset({Ask.SET_SPEED})
        await rig.until(lambda: rig.speed_kmh == 0, 20)

    tell(story)


def test_a_pause_at_the_machine_is_announced_and_nothing_moves_it() -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        virtual.quick_start()
        await asyncio.sleep(30)
        rig.command = Command(Belt.RUN, 5.0, 3.0)
        await asyncio.sleep(15)
        virtual.press_stop()
        await rig.until(lambda: rig.speed_kmh == 0, 15)
        began_s = now_s()
        await asyncio.sleep(20)
        assert [event.says for event in rig.events] == [MachineSays.PAUSED]
        assert rig.rises_since(began_s) == 0
        assert virtual.state is State.PAUSE

    tell(story)


def test_one_frame_is_outstanding_and_a_mute_machine_is_given_its_second() -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        virtual.mute = True
        began_s = now_s()
        await asyncio.sleep(2.5)
        assert len([at_s for at_s, _ in cable.sent if at_s > began_s]) <= 3
        assert not any(link.up is False for link in rig.links)
        await asyncio.sleep(10)
        assert not rig.links[-1].up

    tell(story)


@pytest.mark.parametrize(
    "faults",
    [Faults(one_by_one=True), Faults(lost_share=0.01), Faults(flipped_share=0.01), Faults(noise_to_driver=b"\xf1\xa5")],
    ids=["one-by-one", "one-percent-lost", "flipped-bits", "noise"],
)
def test_on_a_bad_line_only_what_was_measured_is_reported(faults: Faults) -> None:
    async def story(rig: Rig, virtual: CsafeMachine, cable: Cable) -> None:
        virtual.quick_start()
        await asyncio.sleep(30)
        cable.faults = faults
        began_s = now_s()
        await asyncio.sleep(60)
        seen = {one.speed_kmh for one in rig.feedback if one.at_s > began_s}
        assert seen == {6.0}

    tell(story)
