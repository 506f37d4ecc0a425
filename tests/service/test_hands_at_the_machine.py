"""The console, the safety key and a broken link, as the whole service meets them: it follows, it never fights, and
it never starts anything by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

from service_kit import EASY, World, moves, play, steepest_fall_kmh_s

from pitrainer.model import Belt, Phase, Verb

DROPPED_S = 8.0
"""So long the simulated link stays broken."""


def test_the_console_takes_over_and_the_program_waits_for_the_runner(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        world.hardware.do("console_faster")
        pressed_s = world.now_s
        await asyncio.sleep(60.0)
        assert world.now.speed_kmh == 6.0, "the runner's speed stands"
        assert {c.speed_kmh for c in world.commands_since(pressed_s + 0.5)} == {None}
        assert world.controller.state.manual
        assert (await world.order(Verb.CONTINUE)).ok
        await asyncio.sleep(10.0)
        assert world.now.speed_kmh == 5.5

    world = play(tmp_path, script)
    assert "console" in [event["kind"] for event in world.record().events]


def test_the_console_may_raise_the_lift_against_the_program(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        world.hardware.do("console_steeper")
        await asyncio.sleep(60.0)
        assert world.now.incline_pct == 4.0

    play(tmp_path, script)


def test_a_stop_at_the_console_pauses_and_only_both_acts_resume_at_the_same_place(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        world.hardware.do("console_stop")
        stopped_s = world.now_s
        await world.until(lambda: world.phase() is Phase.PAUSED)
        await asyncio.sleep(60.0)
        done_s = world.controller.state.progress.step_s
        assert world.now.speed_kmh == 0.0
        assert not any(moves(command) for command in world.commands_since(stopped_s + 0.5))
        assert not (await world.order(Verb.START)).ok
        await world.resume()
        assert 0.0 <= world.controller.state.progress.step_s - done_s < 1.0
        await asyncio.sleep(30.0)
        assert world.now.speed_kmh == 5.5

    world = play(tmp_path, script)
    assert len([e for e in world.record().events if (e["kind"], e["text"]) == ("phase", "starting")]) == 2


def test_a_pulled_key_is_a_fault_that_only_a_person_clears_at_a_standstill(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        world.hardware.do("safety_key")
        pulled_s = world.now_s
        await asyncio.sleep(2.0)
        assert world.phase() is Phase.FAULT
        early = await world.order(Verb.ACKNOWLEDGE)
        assert not early.ok and "standing still" in early.reason
        await asyncio.sleep(60.0)
        assert world.phase() is Phase.FAULT and world.now.speed_kmh == 0.0
        assert not (await world.order(Verb.ARM)).ok
        assert (await world.order(Verb.ACKNOWLEDGE)).ok
        assert world.phase() is Phase.PAUSED
        assert not any(moves(command) for command in world.commands_since(pulled_s + 0.5))

    play(tmp_path, script)


def test_after_a_broken_link_the_machine_gets_nothing_but_a_stop(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        world.hardware.do("link_drop")
        broke_s = world.now_s
        await asyncio.sleep(DROPPED_S)
        assert world.phase() is Phase.FAULT
        assert world.now.speed_kmh == 5.5, "the belt runs on while nobody reaches it"
        await asyncio.sleep(30.0)
        assert world.now.speed_kmh == 0.0
        assert steepest_fall_kmh_s(world.since(broke_s)) <= 1.0 + 1e-6
        belts = {command.belt for command in world.commands_since(broke_s + DROPPED_S)}
        assert belts <= {Belt.STOP, Belt.LEAVE} and Belt.STOP in belts
        assert world.phase() is Phase.FAULT, "and the fault stays"

    play(tmp_path, script)


def test_after_a_broken_link_acknowledged_and_started_anew_the_session_goes_on_where_it_was(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        world.hardware.do("link_drop")
        await asyncio.sleep(40.0)
        done_s = world.controller.state.progress.step_s
        assert done_s > 50.0
        assert not (await world.order(Verb.ARM)).ok
        assert (await world.order(Verb.ACKNOWLEDGE)).ok
        await asyncio.sleep(20.0)
        assert world.now.speed_kmh == 0.0, "an acknowledgement starts nothing"
        await world.resume()
        assert world.controller.state.progress.step_s - done_s < 1.0
        await asyncio.sleep(30.0)
        assert world.now.speed_kmh == 5.5

    world = play(tmp_path, script)
    session = world.record().session
    assert session.elapsed_s is not None and session.elapsed_s > 90.0
    assert world.controller.state.plan is EASY
