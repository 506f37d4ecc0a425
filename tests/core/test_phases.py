"""The table of phases, and that no row of requests moves a belt without the two acts of starting."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import FIXED, World

from pitrainer.core.phases import TRANSITIONS, Happening, follow
from pitrainer.model import Belt, Intent, MachineEvent, MachineSays, Phase, Verb

MOVING = (Phase.STARTING, Phase.RUNNING, Phase.COOLING)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("begun", [True, False])
def test_stop_is_accepted_in_every_phase_and_twice_is_once(phase: Phase, begun: bool) -> None:
    once = follow(phase, Happening.STOP, begun=begun)
    assert once is not None
    assert once not in (*MOVING, Phase.ARMED)
    assert follow(once, Happening.STOP, begun=begun) is once


def test_only_the_second_act_out_of_armed_leads_to_starting() -> None:
    assert {pair for pair, phase in TRANSITIONS.items() if phase is Phase.STARTING} == {(Phase.ARMED, Happening.ACT)}


def test_only_a_person_arms() -> None:
    assert {what for (_, what), phase in TRANSITIONS.items() if phase is Phase.ARMED} == {Happening.ARM}


def test_a_fault_ends_by_acknowledgement_alone() -> None:
    ways = {what for (where, what), phase in TRANSITIONS.items() if where is Phase.FAULT and phase is not Phase.FAULT}
    assert ways == {Happening.ACKNOWLEDGE}


@pytest.mark.parametrize("phase", Phase)
def test_a_latched_rule_leads_to_fault_from_anywhere(phase: Phase) -> None:
    assert follow(phase, Happening.TRIP, begun=False) is Phase.FAULT


def test_a_session_not_begun_falls_back_to_idle() -> None:
    assert follow(Phase.ARMED, Happening.STOP, begun=False) is Phase.IDLE
    assert follow(Phase.ARMED, Happening.DISARM, begun=False) is Phase.IDLE
    assert follow(Phase.ARMED, Happening.DISARM, begun=True) is Phase.PAUSED


requests = st.sampled_from([verb for verb in Verb if verb is not Verb.START])
events = st.sampled_from([says for says in MachineSays if says is not MachineSays.STARTED])


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.lists(requests, max_size=3), st.lists(events, max_size=2)), max_size=40))
def test_without_the_second_act_nothing_ever_moves(rows: list[tuple[list[Verb], list[MachineSays]]]) -> None:
    world = World()
    world.run(6.0)
    for verbs, says in rows:
        wishes = tuple(Intent(verb, plan=FIXED, incline_pct=5.0, speed_kmh=5.0) for verb in verbs)
        world.tick(*wishes, events=tuple(MachineEvent(world.now_s, one, 5.0) for one in says))
    assert all(command.belt in (Belt.LEAVE, Belt.STOP) for _, command in world.sent)
    assert world.treadmill.speed_kmh == 0.0


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(Verb), max_size=25), st.integers(0, 24))
def test_a_stop_anywhere_in_a_row_of_requests_ends_with_a_standing_belt(verbs: list[Verb], place: int) -> None:
    world = World()
    world.run(6.0)
    for verb in verbs[:place]:
        world.ask(verb, FIXED, speed_kmh=5.0, incline_pct=5.0)
        world.run(1.0)
    assert world.ask(Verb.STOP).ok
    world.run(40.0)
    assert world.treadmill.speed_kmh == 0.0
    assert world.state.phase not in MOVING


def test_no_event_of_the_machine_starts_anything_but_in_armed() -> None:
    world = World()
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    for says in MachineSays:
        world.says(says, 5.0)
        world.run(1.0)
    assert world.state.phase is Phase.IDLE
    assert all(command.belt is Belt.LEAVE for _, command in world.sent)


def test_nothing_depends_on_what_the_clock_says_only_on_how_it_goes_on() -> None:
    early, late = World(now_s=0.0).begin(run_s=20.0), World(now_s=1e6).begin(run_s=20.0)
    assert [command for _, command in early.sent] == [command for _, command in late.sent]
