"""The seat of the heart-rate controller: what any law that sits there must keep to, seen through the engine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_world import CLIMB, World

from pitrainer.core.asking import ask_of
from pitrainer.core.climb import steer
from pitrainer.core.plan import where
from pitrainer.model import Verb


def test_without_a_heart_rate_the_law_wants_what_was_sent() -> None:
    world = World().begin(CLIMB, run_s=120.0)
    ask = replace(ask_of(world.setup, world.state, where(CLIMB, world.state.progress)), hr_bpm=None)
    _, advice = steer(world.state.climber, ask)
    assert advice.incline_pct <= ask.sent_pct
    assert advice.why


@pytest.mark.parametrize("hr_bpm", [40.0, 100.0, 150.0, 160.0, 220.0])
@pytest.mark.parametrize("sent_pct", [0.0, 5.0, 15.0])
def test_the_law_wants_nothing_outside_its_step(hr_bpm: float, sent_pct: float) -> None:
    world = World().begin(CLIMB, run_s=30.0)
    ask = ask_of(world.setup, world.state, where(CLIMB, world.state.progress))
    memory = None
    for second in range(60):
        ask = replace(ask, now_s=1000.0 + second, hr_bpm=hr_bpm, sent_pct=sent_pct)
        memory, advice = steer(memory, ask)
        assert ask.lowest_pct <= advice.incline_pct <= ask.highest_pct


def test_the_law_is_told_the_owners_cap_where_that_is_lower() -> None:
    world = World(user=replace(World().user, hr_cap_bpm=140.0)).begin(CLIMB, run_s=30.0)
    assert ask_of(world.setup, world.state, where(CLIMB, world.state.progress)).cap_bpm == 140.0


def test_a_pause_leaves_no_memory_that_jumps() -> None:
    world = World().begin(CLIMB, run_s=300.0)
    world.ask(Verb.PAUSE)
    world.until(lambda w: not w.state.ours, 30.0)
    assert world.state.climber is None
    held = world.treadmill.incline_pct
    world.run(8.0)
    for verb in (Verb.ARM, Verb.START):
        assert world.ask(verb).ok
    world.until(lambda w: w.phase.value == "running", 30.0)
    world.run(10.0)
    assert (world.state.command.incline_pct or 0.0) <= held + 1.0
