"""The whole controller on virtual time: an hour, leaving, breaking, stalling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from service_kit import HOUR, World, moves, play, steepest_fall_kmh_s

from pitrainer.model import LEASE_S, LEAVE, TICK_S, Belt, Phase, Verb

CAP_BPM = 155
RAMP_MOST_S = 12.0
"""From 5.5 km/h: the ramp, the machine's latency and its reports once a second."""


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A 60-minute session through the real service, to its end and a little longer."""

    async def script(world: World) -> None:
        await world.start(HOUR)
        await world.until(lambda: world.phase() is Phase.DONE)
        await asyncio.sleep(30.0)

    return play(tmp_path_factory.mktemp("hour"), script)


def test_an_hour_ends_as_finished_with_the_belt_at_rest(hour: World) -> None:
    session = hour.record().session
    assert (session.name, session.ended) == ("Hour", "finished")
    assert session.elapsed_s == pytest.approx(3600.0, abs=30.0)
    assert hour.hardware.moments[-1].speed_kmh == 0.0


def test_the_hour_reaches_the_neighbourhood_of_its_cap_and_stays_under_it(hour: World) -> None:
    climb = [row for row in hour.record().samples if row["step"] == "2" and row["hr_bpm"]]
    assert max(row["hr_bpm"] for row in climb) < CAP_BPM + 5
    settled = [row["hr_bpm"] for row in climb[len(climb) // 2 :]]
    assert CAP_BPM - 12 < sum(settled) / len(settled) < CAP_BPM


def test_the_hour_has_a_row_for_every_second(hour: World) -> None:
    times = [row["t_s"] for row in hour.record().samples]
    assert len(times) > 3600
    assert max(b - a for a, b in pairwise(times)) <= 1.0 + TICK_S


def test_the_lease_is_renewed_at_every_tick_of_the_hour(hour: World) -> None:
    times = [sent.at_s for sent in hour.hardware.sent]
    assert max(b - a for a, b in pairwise(times)) < LEASE_S / 2


def test_whoever_leaves_in_mid_run_ramps_the_belt_to_rest_first(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        assert world.serving is not None
        left_s = world.now_s
        world.leave.set()
        await world.serving
        assert world.now_s - left_s < RAMP_MOST_S
        assert world.now.speed_kmh == 0.0
        assert steepest_fall_kmh_s(world.since(left_s)) <= 1.0 + 1e-6
        assert len({moment.incline_pct for moment in world.since(left_s + 2.0)}) == 1

    world = play(tmp_path, script)
    assert world.record().session.ended == "left"
    assert world.hardware.sent[-1].command == LEAVE


def test_whoever_leaves_with_nothing_running_is_gone_at_the_next_tick(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.ready()
        assert world.serving is not None
        left_s = world.now_s
        world.leave.set()
        await world.serving
        assert world.now_s - left_s <= TICK_S

    world = play(tmp_path, script)
    assert {sent.command for sent in world.hardware.sent} == {LEAVE}


def _break_strap(world: World, patch: pytest.MonkeyPatch) -> str:
    world.strap.torn = True
    return "the strap's task broke"


def _break_broker(world: World, patch: pytest.MonkeyPatch) -> str:
    world.ear.broken.set()
    return "the broker's task broke"


def _break_tick(world: World, patch: pytest.MonkeyPatch) -> str:
    def sample(t_s: float, row: object) -> None:
        raise RuntimeError("the tick broke")

    patch.setattr(world.journal, "sample", sample)
    return "the tick broke"


@pytest.mark.parametrize("break_it", [_break_strap, _break_broker, _break_tick])
def test_whatever_breaks_the_belt_is_ramped_to_rest_and_the_error_surfaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, break_it: Callable[[World, pytest.MonkeyPatch], str]
) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        assert world.serving is not None
        broke_s = world.now_s
        said = break_it(world, monkeypatch)
        with pytest.raises(ExceptionGroup) as raised:
            await world.serving
        assert raised.group_contains(RuntimeError, match=said)
        assert world.now.speed_kmh == 0.0
        assert world.now_s - broke_s < RAMP_MOST_S
        assert steepest_fall_kmh_s(world.since(broke_s)) <= 1.0 + 1e-6
        assert not any(moves(command) for command in world.commands_since(broke_s + 1.5))

    world = play(tmp_path, script, crash=True)
    assert world.record().session.ended == "left"
    assert not (tmp_path / "controller.moving").exists()


def test_stop_is_sent_at_once_and_does_not_wait_for_the_clock(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll(for_s=20.1)
        asked_s = world.now_s
        assert world.hardware.sent[-1].at_s < asked_s, "the test must ask between two ticks"
        world.ask(Verb.STOP)
        await world.until(lambda: world.hardware.sent[-1].command.belt is Belt.STOP)
        assert next(s.at_s for s in world.hardware.sent if s.command.belt is Belt.STOP) == asked_s

    play(tmp_path, script)


def test_stop_brings_the_belt_to_rest_by_a_ramp_and_repeating_it_changes_nothing(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        asked_s = world.now_s
        for _ in range(20):
            world.ask(Verb.STOP)
            await asyncio.sleep(0.5)
        assert world.now.speed_kmh == 0.0
        assert steepest_fall_kmh_s(world.since(asked_s)) <= 1.0 + 1e-6
        assert world.phase() is Phase.DONE
        await asyncio.sleep(30.0)
        assert world.now.speed_kmh == 0.0

    assert play(tmp_path, script).record().session.ended == "stopped"


def test_a_stalled_tick_lets_the_lease_lapse_and_the_belt_comes_down_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        stalled_s = world.now_s
        with monkeypatch.context() as patch:
            patch.setattr(world.controller, "tick", lambda now_s: None)
            await asyncio.sleep(LEASE_S + RAMP_MOST_S)
        assert world.commands_since(stalled_s) == []
        assert world.now.speed_kmh == 0.0
        assert steepest_fall_kmh_s(world.since(stalled_s)) <= 1.0 + 1e-6
        await asyncio.sleep(10.0)
        assert world.phase() is Phase.FAULT
        assert max(moment.speed_kmh for moment in world.since(stalled_s + LEASE_S + RAMP_MOST_S)) == 0.0

    play(tmp_path, script)


def test_the_marker_stands_exactly_while_the_belt_is_ours(tmp_path: Path) -> None:
    marker = tmp_path / "controller.moving"

    async def script(world: World) -> None:
        await world.ready()
        world.ask(Verb.ARM)
        await world.until(lambda: world.phase() is Phase.ARMED)
        assert not marker.exists()
        world.ask(Verb.START)
        await world.until(lambda: world.now.speed_kmh > 0.0)
        assert marker.exists()
        await world.until(lambda: world.phase() is Phase.RUNNING)
        world.ask(Verb.STOP)
        await world.until(lambda: not world.controller.state.ours)
        assert world.now.speed_kmh == 0.0
        assert not marker.exists()

    play(tmp_path, script)


def test_a_marker_stays_where_nobody_saw_the_belt_come_to_rest(tmp_path: Path) -> None:
    async def script(world: World) -> None:
        await world.stroll()
        world.hardware.report_nothing = True
        world.leave.set()

    play(tmp_path, script)
    assert (tmp_path / "controller.moving").exists()
