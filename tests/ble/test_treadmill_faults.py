"""The FTMS driver against a virtual treadmill that misbehaves, and against a runner who uses the console."""

from __future__ import annotations

import asyncio

import pytest
from treadmill_world import in_virtual_time, world

from pitrainer.drivers.treadmill_ftms import FtmsProfile
from pitrainer.model import Belt, Command, MachineLimits, MachineSays
from pitrainer.sim.ble.deck import Mechanics
from pitrainer.sim.ble.treadmill import Manners
from pitrainer.wire.ftms import ControlOp, MachineStatus, Range, SpeedUnit, StatusOp, StopKind


def test_the_runners_own_changes_are_events_and_are_not_fought() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0, 4.0)
            before = len(w.treadmill.written)
            await w.treadmill.press_speed(5.0)
            await w.treadmill.press_incline(1.0)
            await asyncio.sleep(30)
            assert w.said == [(MachineSays.SPEED_SET, 5.0), (MachineSays.INCLINE_SET, 1.0)]
            assert len(w.treadmill.written) == before
            assert w.treadmill.speed_kmh == pytest.approx(5.0)

    in_virtual_time(story)


@pytest.mark.parametrize(
    ("press", "says"),
    [("press_stop", MachineSays.STOPPED), ("press_pause", MachineSays.PAUSED), ("pull_key", MachineSays.SAFETY_KEY)],
)
def test_console_stops_are_events_and_nothing_starts_again(press: str, says: MachineSays) -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0, 4.0)
            before = len(w.treadmill.written)
            await getattr(w.treadmill, press)()
            await asyncio.sleep(60)
            assert w.said == [(says, None)]
            assert len(w.treadmill.written) == before
            assert w.treadmill.speed_kmh == 0

    in_virtual_time(story)


def test_a_key_pulled_during_our_own_ramp_is_still_an_event() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            w.command = Command(Belt.STOP, 0.0)
            await asyncio.sleep(1)
            await w.treadmill.pull_key()
            await asyncio.sleep(1)
            assert w.said == [(MachineSays.SAFETY_KEY, None)]

    in_virtual_time(story)


@pytest.mark.parametrize("kind", [StatusOp.STOPPED, StatusOp.SAFETY_KEY, StatusOp.STARTED])
def test_a_status_replayed_at_the_subscription_is_no_event(kind: StatusOp) -> None:
    async def story() -> None:
        stop = StopKind.STOP if kind is StatusOp.STOPPED else None
        async with world(manners=Manners(replayed_status=MachineStatus(kind, stop=stop))) as w:
            await asyncio.sleep(20)
            assert not w.said
            await w.treadmill.pull_key()
            await asyncio.sleep(1)
            assert w.said == [(MachineSays.SAFETY_KEY, None)]

    in_virtual_time(story)


def test_a_first_status_that_comes_later_is_news() -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(20)
            await w.treadmill.pull_key()
            await asyncio.sleep(1)
            assert w.said == [(MachineSays.SAFETY_KEY, None)]

    in_virtual_time(story)


def test_control_that_was_lost_is_not_taken_back_by_run() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0, 4.0)
            before = len(w.treadmill.written)
            await w.treadmill.take_control_away()
            w.command = Command(Belt.RUN, 7.0, 5.0)
            await asyncio.sleep(60)
            assert w.said == [(MachineSays.CONTROL_LOST, None)]
            assert len(w.treadmill.written) == before

    in_virtual_time(story)


def test_control_that_was_lost_is_requested_again_to_deliver_a_stop() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            before = len(w.treadmill.written)
            await w.treadmill.take_control_away()
            w.command = Command(Belt.STOP, 5.0)
            await asyncio.sleep(20)
            assert w.ops(before) == [ControlOp.REQUEST_CONTROL, ControlOp.STOP]
            assert w.treadmill.speed_kmh == 0
            w.command = Command(Belt.RUN, 6.0)
            await asyncio.sleep(20)
            assert w.treadmill.speed_kmh == 0

    in_virtual_time(story)


def test_control_that_was_lost_comes_back_with_the_next_start() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            await w.treadmill.press_stop()
            await w.treadmill.take_control_away()
            await asyncio.sleep(20)
            await w.run_at(5.0)
            assert w.treadmill.speed_kmh == pytest.approx(5.0)

    in_virtual_time(story)


def test_control_lost_without_a_word_is_noticed_at_the_next_set_point() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            w.treadmill._in_control = None
            before = len(w.treadmill.written)
            w.command = Command(Belt.RUN, 7.0)
            await asyncio.sleep(30)
            assert w.said == [(MachineSays.CONTROL_REFUSED, None)]
            assert w.ops(before) == [ControlOp.TARGET_SPEED]

    in_virtual_time(story)


def test_a_machine_that_refuses_control_is_never_started() -> None:
    async def story() -> None:
        async with world(manners=Manners(refuses_control=True)) as w:
            await w.run_at(6.0)
            assert (MachineSays.CONTROL_REFUSED, None) in w.said
            assert set(w.ops()) == {ControlOp.REQUEST_CONTROL}

    in_virtual_time(story)


def test_a_request_for_control_may_stay_unanswered() -> None:
    async def story() -> None:
        async with world(manners=Manners(silent_on_request=True)) as w:
            await w.run_at(6.0)
            assert w.treadmill.speed_kmh == pytest.approx(6.0)
            assert w.feedback[-1].link == 1

    in_virtual_time(story)


def test_two_silences_in_a_row_make_a_new_link() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            w.treadmill.manners.mute = True
            w.command = Command(Belt.RUN, 7.0, 2.0)
            await asyncio.sleep(20)
            assert any("does not answer its control point" in s.detail for s in w.links if not s.up)
            assert w.feedback[-1].link == 2

    in_virtual_time(story)


def test_a_stop_does_not_wait_for_an_answer_that_does_not_come() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            w.treadmill.manners.mute = True
            w.command = Command(Belt.RUN, 7.0)
            await asyncio.sleep(0.5)
            w.command = Command(Belt.STOP, 0.0)
            asked_s = asyncio.get_running_loop().time()
            await asyncio.sleep(3)
            stops = w.treadmill.writes(ControlOp.STOP)
            assert stops
            assert stops[0].at_s - asked_s < 1.0

    in_virtual_time(story)


@pytest.mark.parametrize("motor", ["ignores_speed", "ignores_incline"])
def test_a_set_point_that_has_no_effect_is_retried_once_and_said(motor: str) -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0, 3.0)
            setattr(w.treadmill.manners, motor, True)
            before = len(w.treadmill.written)
            w.command = Command(Belt.RUN, 7.0, 6.0)
            await asyncio.sleep(60)
            ignored, obeyed = w.speeds(before), w.inclines(before)
            if motor == "ignores_incline":
                ignored, obeyed = obeyed, ignored
            assert len(ignored) == 2
            assert len(obeyed) == 1
            assert "does not follow" in w.links[-1].detail

    in_virtual_time(story)


def test_a_slow_lift_is_no_reason_to_repeat() -> None:
    async def story() -> None:
        async with world(mechanics=Mechanics(lift_pct_s=0.1)) as w:
            await w.run_at(6.0, 10.0, for_s=200)
            assert len(w.inclines()) == 1
            assert w.treadmill.incline_pct == pytest.approx(10.0)

    in_virtual_time(story)


def test_a_refused_set_point_is_said_and_not_repeated() -> None:
    async def story() -> None:
        profile = FtmsProfile(limits=MachineLimits(incline_max_pct=20.0))
        async with world(profile=profile) as w:
            await w.run_at(6.0)
            w.treadmill._deck.mechanics = Mechanics(incline_pct=Range(0.0, 8.0, 0.5))
            w.command = Command(Belt.RUN, 6.0, 12.0)
            await asyncio.sleep(60)
            assert len(w.inclines()) == 1
            assert "refused target incline 12" in w.links[-1].detail

    in_virtual_time(story)


def test_a_stop_is_repeated_while_the_belt_does_not_slow() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            w.treadmill._deck.stop = lambda now_s: None  # type: ignore[method-assign]
            before = len(w.treadmill.written)
            w.command = Command(Belt.STOP, 0.0)
            await asyncio.sleep(30)
            assert set(w.ops(before)) == {ControlOp.STOP}
            assert 5 <= len(w.ops(before)) <= 10

    in_virtual_time(story)


def test_silent_data_on_a_moving_belt_make_a_new_link_with_a_reason() -> None:
    async def story() -> None:
        async with world() as w:
            await w.run_at(6.0)
            w.treadmill.manners.silent_data = True
            count = len(w.feedback)
            await asyncio.sleep(8)
            assert any("silent" in s.detail for s in w.links if not s.up)
            assert len(w.feedback) <= count + 1

    in_virtual_time(story)


def test_garbled_data_are_dropped_counted_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with world() as w:
            await asyncio.sleep(5)
            w.treadmill.manners.garbled_data = True
            count = len(w.feedback)
            await asyncio.sleep(10)
            assert len(w.feedback) <= count + 1
            assert w.driver.garbled >= 9

    in_virtual_time(story)
    assert len([r for r in caplog.records if "cannot be understood" in r.message]) == 1


def test_records_in_two_parts_are_put_together() -> None:
    async def story() -> None:
        async with world(manners=Manners(splits_records=True)) as w:
            await w.run_at(6.0, 3.0)
            last = w.feedback[-1]
            assert last.speed_kmh == pytest.approx(6.0)
            assert last.incline_pct == pytest.approx(3.0)
            assert len(w.feedback) <= 52

    in_virtual_time(story)


def test_miles_per_hour_are_spoken_where_the_profile_says_so() -> None:
    async def story() -> None:
        profile = FtmsProfile(limits=MachineLimits(latency_s=1.0), speed_unit="mph")
        async with world(profile=profile, manners=Manners(unit=SpeedUnit.MPH)) as w:
            await w.run_at(8.0)
            assert w.treadmill.speed_kmh == pytest.approx(8.0, abs=0.11)
            assert w.feedback[-1].speed_kmh == pytest.approx(8.0, abs=0.11)

    in_virtual_time(story)


def test_control_is_requested_before_each_order_where_the_profile_says_so() -> None:
    async def story() -> None:
        profile = FtmsProfile(limits=MachineLimits(latency_s=1.0), request_control_each_time=True)
        async with world(profile=profile) as w:
            await w.run_at(6.0, 3.0)
            orders = [op for op in w.ops() if op is not ControlOp.REQUEST_CONTROL]
            assert orders == [ControlOp.START, ControlOp.TARGET_SPEED, ControlOp.TARGET_SPEED, ControlOp.TARGET_INCLINE]
            for at, op in enumerate(w.ops()):
                assert op is ControlOp.REQUEST_CONTROL or w.ops()[at - 1] is ControlOp.REQUEST_CONTROL

    in_virtual_time(story)


def test_a_belt_that_does_not_start_is_said() -> None:
    async def story() -> None:
        async with world(mechanics=Mechanics(countdown_s=1000)) as w:
            await asyncio.sleep(3)
            w.command = Command(Belt.START, 0.8)
            await asyncio.sleep(30)
            assert w.ops().count(ControlOp.START) == 1
            assert "did not start" in w.links[-1].detail

    in_virtual_time(story)
