"""The strap is pulled in a climb; what the lift and the belt do then, and when. Times count from the last beat."""

from __future__ import annotations

import asyncio
from pathlib import Path

from service_kit import CLIMB, Moment, World, play

from pitrainer.model import Action, Phase, Verb

CLIMBING_S = 360.0
SLACK_S = 3.5
"""From a decision to the machine's first movement: a tick, the latency of 1.5 s, and the strap's beat a second."""


def _highest_pct(moments: list[Moment]) -> float:
    return max(moment.incline_pct for moment in moments)


async def _pull(world: World) -> float:
    """Into the climb, and the strap off; when the last beat came."""
    await world.stroll(CLIMB, for_s=CLIMBING_S)
    assert world.now.incline_pct > 5.0, "the climb must have something to lose"
    world.hardware.do("strap_off")
    assert world.controller.inbox.beat is not None
    return world.controller.inbox.beat.at_s


def test_after_5_seconds_nothing_gets_harder(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        last_s = await _pull(world)
        await asyncio.sleep(14.0)
        sent = [c.incline_pct for c in world.commands_since(last_s + 5.0) if c.incline_pct is not None]
        assert len(sent) > 30
        assert max(sent) == sent[0], "no higher set-point than at the fifth second"
        held = [moment for moment in world.since(last_s + 5.0 + SLACK_S) if moment.at_s < last_s + 15.0]
        assert _highest_pct(held) == held[0].incline_pct
        assert max(moment.speed_kmh for moment in held) == 5.5

    play(tmp_path, script)


def test_after_15_seconds_the_incline_comes_down_by_1_percent_in_10_seconds(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        last_s = await _pull(world)
        await asyncio.sleep(15.0)
        before = world.now
        await asyncio.sleep(last_s + 15.0 + SLACK_S + 30.0 - world.now_s)
        assert 2.5 <= before.incline_pct - world.now.incline_pct <= 4.0
        assert world.now.speed_kmh == 5.5
        assert world.controller.state.verdict.acts("heart_lost_long")

    play(tmp_path, script)


def test_after_60_seconds_the_climb_is_over_and_the_belt_walks_on_the_flat(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        last_s = await _pull(world)
        await world.until(lambda: world.phase() is Phase.COOLING)
        assert 60.0 <= world.now_s - last_s <= 61.5
        await asyncio.sleep(25.0)
        assert 3.5 <= world.now.speed_kmh <= 4.0
        assert world.now.incline_pct <= 1.0

    play(tmp_path, script)


def test_after_105_seconds_the_belt_stops(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        last_s = await _pull(world)
        await world.until(lambda: world.phase() is Phase.PAUSED)
        assert 105.0 <= world.now_s - last_s <= 106.5
        await asyncio.sleep(4.0 + SLACK_S + 2.0)
        assert world.now.speed_kmh == 0.0
        world.hardware.do("strap_on")
        await asyncio.sleep(60.0)
        assert world.now.speed_kmh == 0.0, "a strap that is back starts nothing"

    play(tmp_path, script)


def test_a_strap_back_after_8_seconds_leaves_no_step(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        pulled_s = await _pull(world)
        await asyncio.sleep(8.0)
        world.hardware.do("strap_on")
        await asyncio.sleep(60.0)
        assert world.phase() is Phase.RUNNING
        assert world.controller.state.verdict.action < Action.HOLD
        inclines = [moment.incline_pct for moment in world.since(pulled_s)]
        assert max(inclines) - inclines[0] <= 2.5
        assert max(b - a for a, b in zip(inclines, inclines[20:], strict=False)) <= 1.0, "in any 5 s"

    play(tmp_path, script)


def test_a_strap_back_after_40_seconds_climbs_again_from_where_the_incline_has_come_down_to(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await _pull(world)
        before_pct = world.now.incline_pct
        await asyncio.sleep(40.0)
        world.hardware.do("strap_on")
        back_s, low_pct = world.now_s, world.now.incline_pct
        assert low_pct < before_pct - 1.0
        await asyncio.sleep(10.0)
        assert _highest_pct(world.since(back_s)) <= low_pct, "ten healthy seconds come first"
        await asyncio.sleep(20.0)
        assert _highest_pct(world.since(back_s)) <= low_pct + 1.0, "and no jump back"
        await asyncio.sleep(240.0)
        assert world.now.incline_pct > low_pct + 1.0, "but the climb goes on"

    play(tmp_path, script)


def test_a_strap_back_after_80_seconds_changes_nothing_until_the_runner_continues(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await _pull(world)
        await asyncio.sleep(80.0)
        world.hardware.do("strap_on")
        await asyncio.sleep(5.0)
        early = await world.order(Verb.CONTINUE)
        assert not early.ok and "10 seconds" in early.reason
        await asyncio.sleep(25.0)
        assert world.phase() is Phase.COOLING
        assert world.now.speed_kmh <= 4.0
        assert (await world.order(Verb.CONTINUE)).ok
        await asyncio.sleep(30.0)
        assert world.phase() is Phase.RUNNING
        assert world.now.speed_kmh > 5.0

    play(tmp_path, script)
