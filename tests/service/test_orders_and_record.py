"""What people ask through the broker's door and what they are told; what is said, and what is written down."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

from service_kit import CLIMB, EASY, World, play

from pitrainer import history
from pitrainer.journal_tables import SAMPLE_COLUMNS
from pitrainer.model import Phase, Verb
from pitrainer.mqtt import Order

GOOD = """
name = "By name"
steps = [ { name = "Walk", for = "10:00", incline = 2, speed = 5 } ]
"""
TOO_FAST = """
name = "Too fast"
steps = [ { name = "Sprint", for = "10:00", incline = 2, speed = 15 } ]
"""
BROKEN = """
name = "Broken"
steps = [ { name = "Walk", four = "10:00", incline = 2, speed = 5 } ]
"""


def _write_sessions(directory: Path) -> None:
    for name, text in (("by-name", GOOD), ("too-fast", TOO_FAST), ("broken", BROKEN)):
        (directory / f"{name}.toml").write_text(text)


def test_a_session_is_loaded_by_its_name_and_its_plan_is_broadcast(tmp_path: Path) -> None:
    _write_sessions(tmp_path)

    async def script(world: World) -> None:
        answer = await world.order(Verb.LOAD, session="by-name")
        assert (answer.ok, answer.reason) == (True, "")
        plan = world.ear.plans[-1]
        assert plan is not None and plan["session"] == "By name"

    play(tmp_path, script)


def test_a_session_that_cannot_be_loaded_says_what_and_where(tmp_path: Path) -> None:
    _write_sessions(tmp_path)

    async def script(world: World) -> None:
        unknown = await world.order(Verb.LOAD, session="by-nome")
        assert not unknown.ok and "by-name" in unknown.reason
        broken = await world.order(Verb.LOAD, session="broken")
        assert not broken.ok and "broken.toml:3" in broken.reason and "four" in broken.reason
        fast = await world.order(Verb.LOAD, session="too-fast")
        assert not fast.ok and "15 km/h" in fast.reason and "12 km/h" in fast.reason
        outside = await world.order(Verb.LOAD, session="../by-name")
        assert not outside.ok
        assert world.controller.state.plan is None

    play(tmp_path, script)


def test_each_act_is_refused_in_words_until_its_time_has_come(tmp_path: Path) -> None:
    _write_sessions(tmp_path)

    async def script(world: World) -> None:
        await asyncio.sleep(5.0)
        for verb, words in (
            (Verb.ARM, "session"), (Verb.START, "arm"), (Verb.PAUSE, "nothing is running"),
            (Verb.SKIP, "nothing is running"), (Verb.CONTINUE, "nothing to continue"),
            (Verb.ACKNOWLEDGE, "no fault"), (Verb.DISARM, "nothing is armed"),
        ):  # fmt: skip
            answer = await world.order(verb)
            assert not answer.ok and words in answer.reason, (verb, answer)
        assert (await world.order(Verb.LOAD, session="by-name")).ok
        assert not (await world.order(Verb.START)).ok
        assert (await world.order(Verb.ARM)).ok
        assert (await world.order(Verb.START)).ok
        await world.until(lambda: world.phase() is Phase.RUNNING)
        again = await world.order(Verb.LOAD, session="by-name")
        assert not again.ok and "stop it first" in again.reason

    play(tmp_path, script)


def test_stop_is_never_refused_whatever_the_phase(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        assert (await world.order(Verb.STOP)).ok
        await world.ready()
        assert (await world.order(Verb.STOP)).ok
        await world.resume()
        for _ in range(3):
            assert (await world.order(Verb.STOP)).ok
        await asyncio.sleep(20.0)
        assert world.phase() is Phase.DONE
        assert (await world.order(Verb.STOP)).ok

    play(tmp_path, script)


def test_without_a_heart_rate_nothing_can_be_armed(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        world.hardware.do("strap_off")
        await world.ready()
        answer = await world.order(Verb.ARM)
        assert not answer.ok and "strap" in answer.reason

    play(tmp_path, script)


def test_where_the_page_may_not_start_the_treadmills_own_start_is_the_second_act(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.ready()
        assert (await world.order(Verb.ARM)).ok
        refused = await world.order(Verb.START)
        assert not refused.ok and "treadmill" in refused.reason
        await asyncio.sleep(10.0)
        assert world.now.speed_kmh == 0.0
        world.hardware.do("console_start")
        await world.until(lambda: world.phase() is Phase.RUNNING)
        await asyncio.sleep(30.0)
        assert world.now.speed_kmh == 5.5

    play(tmp_path, script, page_start=False)


def test_an_armed_session_that_nobody_starts_is_disarmed_after_a_minute(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.ready()
        assert (await world.order(Verb.ARM)).ok
        await asyncio.sleep(59.0)
        assert world.phase() is Phase.ARMED
        await asyncio.sleep(2.0)
        assert world.phase() is Phase.IDLE
        assert not (await world.order(Verb.START)).ok

    play(tmp_path, script)


def test_the_state_goes_out_at_4_hz_while_the_belt_moves_and_every_5_s_at_the_least_when_idle(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        before = len(world.ear.states)
        await asyncio.sleep(60.0)
        assert len(world.ear.states) - before == 240
        world.ask(Verb.STOP)
        await asyncio.sleep(30.0)
        world.hardware.do("strap_off")
        await asyncio.sleep(30.0)
        quiet = len(world.ear.states)
        await asyncio.sleep(60.0)
        assert 12 <= len(world.ear.states) - quiet <= 13

    world = play(tmp_path, script)
    numbers = [state["seq"] for state in world.ear.states]
    assert all(b == a + 1 for a, b in pairwise(numbers))


def test_rows_events_and_readings_of_a_session_stand_in_the_journal(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll(CLIMB, for_s=30.0)
        world.hardware.do("strap_off")
        await asyncio.sleep(20.0)
        world.hardware.do("strap_on")
        await asyncio.sleep(20.0)
        world.ask(Verb.STOP)
        await asyncio.sleep(20.0)

    world = play(tmp_path, script)
    record = world.record()
    kinds = [event["kind"] for event in record.events]
    assert [kind for kind in kinds if kind.startswith("heart_lost")] == [
        "heart_lost", "heart_lost_long", "heart_lost_over", "heart_lost_long_over",
    ]  # fmt: skip
    assert [e["text"] for e in record.events if e["kind"] == "phase"] == ["starting", "running", "done"]
    assert {"Beat", "Feedback"} <= {reading["source"] for reading in record.incoming}
    assert record.plan["session"] == "Climb" and record.athlete["hr_max_bpm"] == 185
    held = [row for row in record.samples if "heart_lost" in row["causes"]]
    assert held and all(row["hr_bpm"] is None for row in held if row["hr_age_s"] > 5.0)
    assert set(record.samples[0]) == {"t_s", *SAMPLE_COLUMNS}
    told = [event["event_type"] for event in world.ear.events]
    assert "heart_lost" in told and not any(kind.endswith("_over") for kind in told)


def test_a_paused_session_that_gives_way_to_another_keeps_its_figures(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        world.ask(Verb.PAUSE)
        await asyncio.sleep(20.0)
        world.ask(Verb.LOAD, plan=CLIMB)
        await asyncio.sleep(1.0)
        await world.resume()

    play(tmp_path, script)
    later, earlier = history.sessions(tmp_path / "journal.sqlite3")
    assert (earlier.name, earlier.ended) == ("Easy", "left")
    assert earlier.elapsed_s is not None and earlier.elapsed_s > 60.0
    assert earlier.distance_m is not None and earlier.distance_m > 60.0
    assert later.name == "Climb"


def test_two_sessions_begun_in_one_second_of_the_wall_clock_stay_two(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        for plan in (EASY, CLIMB):
            await world.start(plan)
            world.ask(Verb.STOP)
            await asyncio.sleep(20.0)

    play(tmp_path, script)
    assert [row.name for row in history.sessions(tmp_path / "journal.sqlite3")] == ["Climb", "Easy"]


def test_a_controller_without_a_broker_serves_all_the_same(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.ready()
        world.controller.deliver(Order("a", Verb.LOAD, session="nobody hears why this fails"))
        await world.resume()
        await asyncio.sleep(30.0)
        assert world.now.speed_kmh == 5.5

    assert play(tmp_path, script, deaf=True).record().session.ended == "left"
