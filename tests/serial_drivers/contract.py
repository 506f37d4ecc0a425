"""What every machine behind `ports.Machine` does, whatever is under it: one story each, told of any `Rig`.

A story is an async function of a `Rig` that has been entered: the machine standing, a tick renewing `rig.command`
every `TICK_S`. `STORIES` is the contract; `CONSOLE_STORIES` adds what a driver must do where the runner has keys of
his own (the simulated hardware leaves that to the core).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from itertools import groupby, pairwise
from typing import TypeAlias

from rig import Rig, now_s

from pitrainer.model import LEASE_S, LEAVE, Belt, Command

Story: TypeAlias = Callable[[Rig], Awaitable[None]]
STORIES: list[Story] = []
CONSOLE_STORIES: list[Story] = []


def clause(story: Story) -> Story:
    STORIES.append(story)
    return story


def console_clause(story: Story) -> Story:
    CONSOLE_STORIES.append(story)
    return story


@clause
async def feedback_comes_at_least_every_one_and_a_half_seconds(rig: Rig) -> None:
    await asyncio.sleep(30)
    times = [one.at_s for one in rig.feedback if one.at_s > now_s() - 20]
    assert max(b - a for a, b in pairwise(times)) <= 1.5
    assert {(one.speed_kmh, one.link) for one in rig.feedback} == {(0.0, 1)}
    assert {one.incline_pct for one in rig.feedback} <= {0.0, None}
    assert [(link.source, link.up) for link in rig.links] == [("machine", True)]


@clause
async def run_never_starts_a_standing_belt(rig: Rig) -> None:
    rig.command = Command(Belt.RUN, 6.0, 4.0)
    await asyncio.sleep(60)
    assert max(speed for _, speed, _ in rig.path) == 0.0


@clause
async def start_begins_at_the_slowest_speed(rig: Rig) -> None:
    await rig.start()
    await asyncio.sleep(10)
    assert rig.speed_kmh <= rig.machine.limits.speed_min_kmh + 0.02
    assert max(speed for _, speed, _ in rig.path) <= rig.machine.limits.speed_min_kmh + 0.02


@clause
async def set_points_are_followed_never_exceeded_and_reported(rig: Rig) -> None:
    await rig.run_at(6.0, 4.0)
    limits = rig.machine.limits
    assert 6.0 - limits.speed_step_kmh < rig.speed_kmh <= 6.0 + 1e-6
    assert 4.0 - limits.incline_step_pct < rig.incline_pct <= 4.0 + 1e-6
    last = rig.feedback[-1]
    assert last.speed_kmh is not None
    assert last.incline_pct is not None
    assert abs(last.speed_kmh - rig.speed_kmh) < 0.1
    assert abs(last.incline_pct - rig.incline_pct) < 0.1
    assert not rig.events


@clause
async def no_incline_given_leaves_the_lift_alone(rig: Rig) -> None:
    await rig.run_at(5.0)
    assert rig.incline_pct == 0.0


@clause
async def set_points_beyond_the_range_are_cut_to_it(rig: Rig) -> None:
    await rig.run_at(99.0, 99.0, for_s=120)
    limits = rig.machine.limits
    assert limits.speed_max_kmh - limits.speed_step_kmh < rig.speed_kmh <= limits.speed_max_kmh + 1e-6
    assert rig.incline_pct == limits.incline_max_pct


@clause
async def stop_walks_down_to_a_standstill_and_freezes_the_incline(rig: Rig) -> None:
    await rig.run_at(8.0, 6.0)
    began_s = now_s()
    await rig.stop_by_ramp()
    await rig.until(lambda: rig.speed_kmh == 0.0, 12)
    await asyncio.sleep(10)
    assert rig.speed_kmh == 0.0
    assert rig.rises_since(began_s) < 0.05
    assert abs(rig.incline_pct - 6.0) <= 0.5
    assert not rig.events


@clause
async def stop_at_once_is_obeyed_at_once(rig: Rig) -> None:
    await rig.run_at(8.0)
    rig.command = Command(Belt.STOP, 0.0)
    await rig.until(lambda: rig.speed_kmh < 7.5, 4)
    await rig.until(lambda: rig.speed_kmh == 0.0, 20)


@clause
async def a_lapsed_lease_ramps_the_belt_down(rig: Rig) -> None:
    await rig.run_at(8.0, 3.0)
    began_s, rig.ticking = now_s(), False
    await asyncio.sleep(LEASE_S + 5.0)
    assert 2.0 < rig.speed_kmh < 7.5
    await rig.until(lambda: rig.speed_kmh == 0.0, 15)
    assert rig.rises_since(began_s) < 0.05


@clause
async def commands_that_are_no_numbers_move_nothing(rig: Rig) -> None:
    await rig.run_at(5.0, 2.0)
    before = rig.look()
    for nonsense in (math.nan, math.inf, -math.inf, -3.0):
        rig.ticking = False
        rig.machine.apply(Command(Belt.RUN, nonsense, 2.0))
        await asyncio.sleep(0.5)
        rig.machine.apply(Command(Belt.RUN, 5.0, math.nan))
        await asyncio.sleep(0.5)
        rig.ticking = True
        await asyncio.sleep(2)
    assert rig.speed_kmh <= before[0] + 1e-6
    assert rig.incline_pct <= before[1] + 1e-6


@clause
async def a_relink_resumes_nothing(rig: Rig) -> None:
    await rig.run_at(8.0, 3.0)
    rig.cut()
    began_s = now_s()
    await asyncio.sleep(3)
    rig.command = Command(Belt.RUN, 12.0, 9.0)
    await asyncio.sleep(3)
    rig.restore()
    await rig.until(lambda: rig.feedback[-1].link >= 2, 30)
    await asyncio.sleep(20)
    assert rig.rises_since(began_s) < 0.05
    assert rig.incline_pct <= 3.0
    assert [up for up, _ in groupby(link.up for link in rig.links)] == [True, False, True]


@clause
async def a_stop_after_a_relink_stops_at_once(rig: Rig) -> None:
    await rig.run_at(8.0)
    rig.cut()
    await asyncio.sleep(1)
    rig.command = Command(Belt.STOP, 5.0)
    rig.restore()
    await rig.until(lambda: rig.feedback[-1].link >= 2, 30)
    await rig.until(lambda: rig.speed_kmh == 0.0, 15)


@clause
async def after_a_stop_start_starts_again(rig: Rig) -> None:
    await rig.run_at(5.0)
    await rig.stop_by_ramp()
    await asyncio.sleep(10)
    await rig.run_at(6.0)
    assert rig.speed_kmh > 5.5


@clause
async def leave_leaves_a_standing_belt_alone(rig: Rig) -> None:
    await asyncio.sleep(60)
    assert rig.command is LEAVE
    assert max(speed for _, speed, _ in rig.path) == 0.0


@console_clause
async def what_the_runner_sets_at_the_console_is_announced_and_wins(rig: Rig) -> None:
    assert rig.press_speed is not None
    await rig.run_at(5.0, 2.0)
    rig.press_speed()
    await asyncio.sleep(20)
    assert 6.5 < rig.speed_kmh < 7.5
    (event,) = rig.events
    assert event.value is not None
    assert abs(event.value - rig.speed_kmh) < 0.1
    rig.command = Command(Belt.RUN, 9.0, 6.0)
    await asyncio.sleep(20)
    assert 6.5 < rig.speed_kmh < 7.5
    assert rig.incline_pct <= 2.0


@console_clause
async def who_has_let_go_after_a_press_may_steer_again(rig: Rig) -> None:
    assert rig.press_speed is not None
    await rig.run_at(5.0)
    rig.press_speed()
    await asyncio.sleep(10)
    rig.command = Command(Belt.RUN)
    await asyncio.sleep(10)
    assert 6.5 < rig.speed_kmh < 7.5
    rig.command = Command(Belt.RUN, 4.0)
    await asyncio.sleep(10)
    assert rig.speed_kmh <= 4.0


@console_clause
async def after_the_runner_took_over_stop_still_stops(rig: Rig) -> None:
    assert rig.press_speed is not None
    await rig.run_at(5.0)
    rig.press_speed()
    await asyncio.sleep(20)
    rig.command = Command(Belt.STOP, 3.0)
    await rig.until(lambda: rig.speed_kmh == 0.0, 15)


@console_clause
async def a_stop_at_the_console_is_announced_and_nothing_starts_the_belt_again(rig: Rig) -> None:
    assert rig.press_stop is not None
    await rig.run_at(5.0)
    rig.press_stop()
    await rig.until(lambda: rig.speed_kmh == 0.0, 15)
    assert len(rig.events) == 1
    began_s = now_s()
    await asyncio.sleep(30)
    assert rig.rises_since(began_s) == 0.0


@console_clause
async def a_stop_at_the_console_during_start_is_not_overruled(rig: Rig) -> None:
    assert rig.press_stop is not None
    await rig.start()
    rig.press_stop()
    await rig.until(lambda: rig.speed_kmh == 0.0, 15)
    began_s = now_s()
    await asyncio.sleep(30)
    assert rig.command.belt is Belt.START
    assert rig.rises_since(began_s) == 0.0


@console_clause
async def leave_lets_the_runner_start_and_set_the_belt(rig: Rig) -> None:
    assert rig.press_start is not None
    assert rig.press_speed is not None
    await asyncio.sleep(4)
    rig.press_speed()
    rig.press_start()
    await asyncio.sleep(20)
    assert 6.5 < rig.speed_kmh < 7.5
    assert "started" in [event.says.value for event in rig.events]
