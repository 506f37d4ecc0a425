"""The FTMS driver against a virtual treadmill that minds its manners: the real bleak, in virtual time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from treadmill_world import PROFILE, in_virtual_time, world

from pitrainer.drivers.heart_ble import HeartStrap
from pitrainer.drivers.treadmill_ftms import FtmsProfile
from pitrainer.model import LEAVE, Beat, Belt, Command, MachineLimits, MachineSays, Reading
from pitrainer.sim.ble.backend import radio
from pitrainer.sim.ble.deck import Mechanics
from pitrainer.sim.ble.strap import ADDRESS as STRAP_ADDRESS
from pitrainer.sim.ble.strap import VirtualStrap
from pitrainer.sim.ble.treadmill import ADDRESS
from pitrainer.wire.ftms import ControlOp, Range
from pitrainer.wire.hrm import HeartRateMeasurement


def test_telemetry_arrives_once_a_second_with_the_number_of_the_link() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(20)
            assert 17 <= len(w.feedback) <= 20
            last = w.feedback[-1]
            assert (last.speed_kmh, last.incline_pct, last.link, last.distance_m) == (0.0, 0.0, 1, 0)

    in_virtual_time(story)


def test_strap_and_treadmill_are_linked_at_the_same_time() -> None:
    async def story() -> None:
        async with world() as w, VirtualStrap(w.air, lambda: HeartRateMeasurement(140)):
            readings: list[Reading] = []
            one_radio = radio(w.air)
            strap = asyncio.create_task(HeartStrap(STRAP_ADDRESS, radio=one_radio).run(readings.append))
            await asyncio.sleep(30)
            assert w.feedback[-1].at_s >= 1028
            beats = [r for r in readings if isinstance(r, Beat)]
            assert beats[-1].at_s >= 1028
            strap.cancel()
            await asyncio.wait([strap])

    in_virtual_time(story)


def test_start_begins_the_belt_and_set_points_wait_until_it_moves() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0, 4.0)
            assert w.ops().count(ControlOp.START) == 1
            assert w.treadmill.speed_kmh == pytest.approx(6.0)
            assert w.treadmill.incline_pct == pytest.approx(4.0)
            started_s = w.treadmill.writes(ControlOp.START)[0].at_s
            moving_s = next(f.at_s for f in w.feedback if f.speed_kmh)
            assert all(s.at_s >= moving_s > started_s for s in w.speeds() + w.inclines())
            assert not w.said

    in_virtual_time(story)


def test_run_never_starts_a_standing_belt() -> None:
    async def story() -> None:
        async with world() as w:
            w.command = Command(Belt.RUN, 6.0, 4.0)
            await asyncio.sleep(60)
            assert w.ops() == [ControlOp.REQUEST_CONTROL]
            assert w.treadmill.speed_kmh == 0

    in_virtual_time(story)


def test_leave_sends_nothing_whatever_the_runner_does() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(3)
            await w.treadmill.press_start()
            await asyncio.sleep(5)
            await w.treadmill.press_speed(9.0)
            await asyncio.sleep(30)
            assert w.command is LEAVE
            assert w.ops() == [ControlOp.REQUEST_CONTROL]
            assert w.said == [(MachineSays.STARTED, None), (MachineSays.SPEED_SET, 9.0)]

    in_virtual_time(story)


def test_an_unchanged_set_point_is_sent_once() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0, 4.0, for_s=600)
            assert [s.value for s in w.speeds()] == [0.8, 6.0]
            assert [s.value for s in w.inclines()] == [4.0]

    in_virtual_time(story)


def test_no_incline_given_leaves_the_lift_alone() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0, None, for_s=100)
            assert not w.inclines()

    in_virtual_time(story)


def test_targets_are_rounded_to_the_easier_side_of_the_machines_step() -> None:
    async def story() -> None:
        async with world(mechanics=Mechanics(incline_pct=Range(0.0, 12.0, 1.0))) as w:
            await w.run_at(6.16, 4.9)
            assert w.speeds()[-1].value == pytest.approx(6.1)
            assert w.inclines()[-1].value == pytest.approx(4.0)

    in_virtual_time(story)


def test_targets_beyond_the_machines_ranges_are_cut_to_them() -> None:
    async def story() -> None:
        async with world(mechanics=Mechanics(incline_pct=Range(0.0, 12.0, 1.0))) as w:
            await w.run_at(6.0, 14.0)
            assert w.inclines()[-1].value == pytest.approx(12.0)

    in_virtual_time(story)


def test_reported_ranges_narrow_the_profile_and_the_coarser_step_wins() -> None:
    async def story() -> None:
        profile = FtmsProfile(limits=MachineLimits(speed_max_kmh=14.0, incline_step_pct=1.0))
        mechanics = Mechanics(speed_kmh=Range(1.0, 18.0, 0.2), incline_pct=Range(0.0, 12.0, 0.1))
        async with world(profile=profile, mechanics=mechanics) as w:
            assert w.driver.limits == profile.limits
            await asyncio.sleep(5)
            found = w.driver.limits
            assert (found.speed_min_kmh, found.speed_max_kmh, found.speed_step_kmh) == (1.0, 14.0, 0.2)
            assert (found.incline_min_pct, found.incline_max_pct, found.incline_step_pct) == (0.0, 12.0, 1.0)

    in_virtual_time(story)


@pytest.mark.parametrize("speed_kmh", [-1.0, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused_once_and_the_lease_lapses(
    speed_kmh: float, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            before = len(w.treadmill.written)
            w.command = Command(Belt.RUN, speed_kmh)
            await asyncio.sleep(1.2)
            assert len(w.treadmill.written) == before
            assert "was refused" in w.links[-1].detail
            await asyncio.sleep(20)
            assert w.treadmill.speed_kmh == 0

    in_virtual_time(story)
    assert len([r for r in caplog.records if "was refused" in r.message]) == 1


def test_stop_walks_down_never_up_and_ends_in_the_machines_stop() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(8.0, 5.0)
            before = len(w.treadmill.written)
            await w.stop_by_ramp(8.0)
            await asyncio.sleep(10)
            walked = [s.value for s in w.speeds(before) if isinstance(s.value, float)]
            assert len(walked) >= 8
            assert walked[0] < 8.0
            assert all(later < earlier for earlier, later in pairwise(walked))
            assert w.ops(before)[-1] == ControlOp.STOP
            assert w.ops(before).count(ControlOp.STOP) == 1
            assert not w.inclines(before)
            assert w.treadmill.speed_kmh == 0
            assert not w.said

    in_virtual_time(story)


def test_stop_commanded_for_minutes_sends_no_more_than_it_takes() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(5.0)
            before = len(w.treadmill.written)
            w.command = Command(Belt.STOP, 0.0)
            await asyncio.sleep(300)
            assert w.ops(before) == [ControlOp.STOP]

    in_virtual_time(story)


def test_a_stop_during_the_countdown_prevents_the_start() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(3)
            w.command = Command(Belt.START, 0.8)
            await asyncio.sleep(1.5)
            w.command = Command(Belt.STOP, 0.0)
            await asyncio.sleep(20)
            assert w.ops()[-1] == ControlOp.STOP
            assert all(f.speed_kmh == 0 for f in w.feedback)

    in_virtual_time(story)


def test_a_stop_that_is_overwritten_at_once_is_still_carried_out() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            w.driver.apply(Command(Belt.STOP, 0.0))
            w.driver.apply(Command(Belt.RUN, 6.0))
            await asyncio.sleep(2)
            assert w.ops()[-1] == ControlOp.STOP

    in_virtual_time(story)


def test_a_lapsed_lease_walks_the_belt_down_to_a_standstill() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(8.0, 5.0)
            w.ticking = False
            lapsed_s = asyncio.get_running_loop().time()
            before = len(w.treadmill.written)
            await asyncio.sleep(30)
            assert w.treadmill.speed_kmh == 0
            assert w.ops(before)[-1] == ControlOp.STOP
            assert w.treadmill.written[before].at_s - lapsed_s == pytest.approx(1.5, abs=0.6)
            assert 7 <= w.treadmill.written[-1].at_s - w.treadmill.written[before].at_s <= 9
            assert not w.inclines(before)

    in_virtual_time(story)


def test_a_lease_on_nothing_does_not_stop_a_runner_who_runs_alone() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(3)
            await w.treadmill.press_start()
            w.ticking = False
            await asyncio.sleep(60)
            assert w.treadmill.speed_kmh > 0

    in_virtual_time(story)


def test_after_a_drop_at_ten_kmh_only_stop_is_sent() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(10.0, 3.0)
            before = len(w.treadmill.written)
            await w.air.drop(w.treadmill.device)
            await asyncio.sleep(10)
            assert w.feedback[-1].link == 2
            assert w.treadmill.speed_kmh == pytest.approx(10.0)
            assert set(w.ops(before)) == {ControlOp.REQUEST_CONTROL}
            w.command = Command(Belt.STOP, 9.0)
            await asyncio.sleep(20)
            assert set(w.ops(before)) == {ControlOp.REQUEST_CONTROL, ControlOp.STOP}
            assert w.treadmill.speed_kmh == 0

    in_virtual_time(story)


def test_after_a_drop_start_on_a_moving_belt_allows_set_points_again_without_starting() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(10.0)
            before = len(w.treadmill.written)
            await w.air.drop(w.treadmill.device)
            await asyncio.sleep(5)
            w.command = Command(Belt.START, 6.0)
            await asyncio.sleep(10)
            assert ControlOp.START not in w.ops(before)
            assert w.treadmill.speed_kmh == pytest.approx(6.0)

    in_virtual_time(story)


def test_out_of_range_is_down_with_a_reason_and_the_return_is_a_new_link() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(5.0)
            w.air.out_of_range(w.treadmill.device)
            await asyncio.sleep(30)
            assert not w.links[-1].up
            assert "not in range" in w.links[-1].detail
            w.air.back_in_range(w.treadmill.device)
            await asyncio.sleep(20)
            assert w.links[-1].up
            assert w.feedback[-1].link == 2

    in_virtual_time(story)


def test_nothing_is_delivered_twice_after_reconnects() -> None:
    async def story() -> None:
        async with world() as w:
            for _ in range(4):
                await asyncio.sleep(20)
                await w.air.drop(w.treadmill.device)
            await asyncio.sleep(20)
            assert w.feedback[-1].link == 5
            assert all(b.at_s - a.at_s >= 0.99 for a, b in pairwise(w.feedback))

    in_virtual_time(story)


def test_leaving_the_context_closes_the_link_without_a_word_to_the_belt() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            before = len(w.treadmill.written)
            await w.driver.__aexit__(None, None, None)
            assert not w.treadmill.device.connections
            assert len(w.treadmill.written) == before
            assert w.treadmill.speed_kmh == pytest.approx(6.0)
            await w.driver.__aenter__()

    in_virtual_time(story)


def test_the_address_may_be_written_in_small_letters() -> None:
    async def story() -> None:
        async with world(address=ADDRESS.lower(), profile=PROFILE) as w:
            await asyncio.sleep(5)
            assert w.links[-1].up
            assert w.links[-1].name == "VTREAD"

    in_virtual_time(story)
