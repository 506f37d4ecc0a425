"""The heart-strap driver against a virtual strap: the real bleak, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from pitrainer.drivers.heart_ble import HeartStrap
from pitrainer.model import Beat, LinkState, Reading
from pitrainer.sim.ble.air import Air
from pitrainer.sim.ble.backend import radio
from pitrainer.sim.ble.strap import ADDRESS, VirtualStrap
from pitrainer.sim.clock import VirtualLoop, run
from pitrainer.wire.hrm import HeartRateMeasurement


@dataclass
class World:
    air: Air
    strap: VirtualStrap
    driver: HeartStrap
    readings: list[Reading] = field(default_factory=list)

    @property
    def beats(self) -> list[Beat]:
        return [r for r in self.readings if isinstance(r, Beat)]

    @property
    def links(self) -> list[LinkState]:
        return [r for r in self.readings if isinstance(r, LinkState)]


@asynccontextmanager
async def world(address: str = ADDRESS) -> AsyncIterator[World]:
    async with Air() as air, VirtualStrap(air, lambda: HeartRateMeasurement(140, rr_s=(0.5,))) as strap:
        here = World(air, strap, HeartStrap(address, radio=radio(air)))
        driving = asyncio.create_task(here.driver.run(here.readings.append))
        try:
            yield here
        finally:
            driving.cancel()
            await asyncio.wait([driving])


def in_virtual_time(story: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(7200):
            await story()

    run(bounded(), loop=VirtualLoop())


def test_beats_arrive_once_a_second_with_rate_contact_and_intervals() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(10)
            assert 7 <= len(w.beats) <= 10
            assert {(b.hr_bpm, b.contact, b.rr_s) for b in w.beats} == {(140, None, (0.5,))}

    in_virtual_time(story)


def test_the_link_reports_name_and_battery() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(5)
            assert [(s.source, s.up, s.name, s.battery_pct) for s in w.links] == [("strap", True, "HR-STRAP", 87)]

    in_virtual_time(story)


def test_the_address_may_be_written_in_small_letters() -> None:
    async def story() -> None:
        async with world(ADDRESS.lower()) as w:
            await asyncio.sleep(5)
            assert w.beats

    in_virtual_time(story)


def test_another_strap_of_the_same_name_is_nobody() -> None:
    async def story() -> None:
        async with world("C0:00:00:00:00:77") as w:
            await asyncio.sleep(30)
            assert not w.beats
            assert "C0:00:00:00:00:77 is not in range" in w.links[0].detail

    in_virtual_time(story)


def test_a_rate_of_zero_is_no_reading_and_lost_contact_is_said() -> None:
    async def story() -> None:
        async with world() as w:
            w.strap.measure = lambda: HeartRateMeasurement(None, contact=False)
            await asyncio.sleep(5)
            assert {(b.hr_bpm, b.contact) for b in w.beats} == {(None, False)}

    in_virtual_time(story)


def test_garbage_is_dropped_counted_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with world() as w:
            w.strap.garbage = b"\x00"
            await asyncio.sleep(20)
            assert not w.beats
            assert w.driver.garbled >= 15
            w.strap.garbage = None
            await asyncio.sleep(3)
            assert w.beats

    in_virtual_time(story)
    assert len([r for r in caplog.records if "cannot be understood" in r.message]) == 1


def test_a_frozen_strap_is_passed_on_as_it_is_for_the_core_to_judge() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(5)
            w.strap.frozen = True
            w.strap.measure = lambda: HeartRateMeasurement(150)
            await asyncio.sleep(5)
            assert {b.hr_bpm for b in w.beats} == {140}

    in_virtual_time(story)


def test_a_silent_strap_is_linked_to_anew_and_said_to_be_silent() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(5)
            w.strap.silent = True
            await asyncio.sleep(12)
            assert any(not s.up and "silent" in s.detail for s in w.links)
            w.strap.silent = False
            before = len(w.beats)
            await asyncio.sleep(10)
            assert len(w.beats) > before

    in_virtual_time(story)


def test_a_strap_switched_off_is_down_and_comes_back() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(5)
            await w.strap.switch_off()
            await asyncio.sleep(60)
            assert not w.links[-1].up
            await w.strap.switch_on()
            await asyncio.sleep(16)
            assert w.links[-1].up
            assert w.readings[-1] == w.beats[-1]

    in_virtual_time(story)


def test_walking_out_of_range_and_back_is_survived() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(5)
            w.air.out_of_range(w.strap.device)
            await asyncio.sleep(30)
            down = [s for s in w.links if not s.up]
            assert down[0].detail == "the radio link was lost"
            w.air.back_in_range(w.strap.device)
            await asyncio.sleep(16)
            assert w.links[-1].up

    in_virtual_time(story)


def test_every_beat_arrives_once_however_often_the_link_was_lost() -> None:
    async def story() -> None:
        async with world() as w:
            for _ in range(5):
                await asyncio.sleep(20)
                await w.air.drop(w.strap.device)
            await asyncio.sleep(20)
            stamps = [b.at_s for b in w.beats]
            assert len([s for s in w.links if s.up]) == 6
            assert all(later - earlier >= 0.99 for earlier, later in pairwise(stamps))

    in_virtual_time(story)


def test_a_link_that_a_killed_process_left_behind_is_taken_over() -> None:
    async def story() -> None:
        async with Air() as air, VirtualStrap(air, lambda: HeartRateMeasurement(140)) as strap:
            await air.central.connect(strap.device.random_address)
            readings: list[Reading] = []
            driving = asyncio.create_task(HeartStrap(ADDRESS, radio=radio(air)).run(readings.append))
            await asyncio.sleep(5)
            assert any(isinstance(r, Beat) for r in readings)
            driving.cancel()
            await asyncio.wait([driving])

    in_virtual_time(story)


def test_an_hour_of_beats_is_complete() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(3600)
            assert len(w.beats) >= 3595

    in_virtual_time(story)
