"""Every source x every fault x every phase: from the moment a fault can be known, the effort that is commanded never
rises again while the fault lasts, and it ends at a walk or a standstill within the stated time.

`known_s` is how long the policy lets a fault go unnoticed; until then the gate's slew and authority bound the harm.
`over_s` None: a fault that cannot be told from health while nothing changes (a machine that reports its steady
speed for ever); there the set-points may run ahead by no more than the gaps at which the machine counts as not
following, and STOP is still sent down to zero. Once a fault has passed, a belt that had come to rest stays at rest.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import inf, nan

import pytest
from small_world import CLIMB, FIXED, RAMP, World, efforts

from pitrainer.model import LEAVE, Beat, Belt, Command, Feedback, Phase, Plan, Verb


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    strike: Callable[[World], None]
    known_s: float
    over_s: float | None


def _strap(change: Callable[[Beat, float], Beat | None]) -> Callable[[World], None]:
    def strike(world: World) -> None:
        world.beat = change

    return strike


def _report(change: Callable[[Feedback, float], Feedback | None]) -> Callable[[World], None]:
    def strike(world: World) -> None:
        world.feedback = change

    return strike


def _deaf(obeys: Callable[[Command], Command]) -> Callable[[World], None]:
    def strike(world: World) -> None:
        world.obeys = obeys

    return strike


def _freeze_strap(world: World) -> None:
    last = world.state.heart.beat
    bpm = 100.0 if last is None else last.hr_bpm
    world.beat = lambda beat, _: Beat(beat.at_s, bpm)


def _freeze_strap_with_intervals(world: World) -> None:
    last = world.state.heart.beat
    bpm = 100.0 if last is None else last.hr_bpm
    world.beat = lambda beat, _: Beat(beat.at_s, bpm, True, (0.5, 0.51))


def _freeze_report(world: World) -> None:
    last = world.state.watch.feedback
    assert last is not None
    world.feedback = lambda report, _: replace(last, at_s=report.at_s)


def _flap_link(world: World) -> None:
    def change(report: Feedback, now_s: float) -> Feedback | None:
        return replace(report, link=2 + int(now_s / 4.0)) if now_s % 8.0 < 4.0 else None

    world.feedback = change


FAULTS = (
    Fault("strap silent", _strap(lambda beat, now_s: None), 6.0, 125.0),
    Fault("strap garbage zero", _strap(lambda beat, now_s: replace(beat, hr_bpm=None)), 6.0, 125.0),
    Fault("strap garbage NaN", _strap(lambda beat, now_s: replace(beat, hr_bpm=nan)), 6.0, 125.0),
    Fault("strap garbage 255", _strap(lambda beat, now_s: replace(beat, hr_bpm=255.0)), 6.0, 125.0),
    Fault("strap off the skin", _strap(lambda beat, now_s: replace(beat, contact=False)), 6.0, 125.0),
    Fault("strap frozen", _freeze_strap, 46.0, 170.0),
    Fault("strap frozen with intervals", _freeze_strap_with_intervals, 6.0, 125.0),
    Fault("strap late", _strap(lambda beat, now_s: replace(beat, at_s=now_s - 8.0)), 6.0, 125.0),
    Fault("strap flapping", _strap(lambda beat, now_s: beat if now_s % 14.0 < 1.0 else None), 20.0, 165.0),
    Fault("strap from the future", _strap(lambda beat, now_s: replace(beat, at_s=now_s + 90.0)), 6.0, 125.0),
    Fault("strap timeless", _strap(lambda beat, now_s: replace(beat, at_s=nan)), 6.0, 125.0),
    Fault("report silent", _report(lambda report, now_s: None), 3.5, 20.0),
    Fault("report NaN", _report(lambda report, now_s: replace(report, speed_kmh=nan)), 3.5, 20.0),
    Fault("report absurd", _report(lambda report, now_s: replace(report, speed_kmh=655.35)), 3.5, 20.0),
    Fault("report without a speed", _report(lambda report, now_s: replace(report, speed_kmh=None)), 3.5, 20.0),
    Fault("report late", _report(lambda report, now_s: replace(report, at_s=now_s - 7.0)), 3.5, 20.0),
    Fault("report from the future", _report(lambda report, now_s: replace(report, at_s=now_s + 60.0)), 3.5, 20.0),
    Fault("report timeless", _report(lambda report, now_s: replace(report, at_s=inf)), 3.5, 20.0),
    Fault("report flapping", _flap_link, 3.5, 20.0),
    Fault("report frozen", _freeze_report, 15.0, None),
    Fault("machine deaf", _deaf(lambda command: LEAVE), 15.0, None),
    Fault("lift deaf", _deaf(lambda command: replace(command, incline_pct=None)), 25.0, None),
)


def _armed() -> World:
    world = World()
    world.run(6.0)
    world.ask(Verb.LOAD, FIXED)
    world.ask(Verb.ARM)
    return world


def _starting() -> World:
    world = _armed()
    world.ask(Verb.START)
    world.until(lambda w: w.state.belt.moving, 10.0)
    return world


def _running(plan: Plan, run_s: float) -> Callable[[], World]:
    return lambda: World().begin(plan, run_s)


def _paused() -> World:
    world = World().begin(FIXED, 60.0)
    world.ask(Verb.PAUSE)
    world.run(1.0)
    return world


def _cooling() -> World:
    world = World().begin(FIXED, 60.0)
    world.runner.strap_on = False
    world.until(lambda w: w.phase is Phase.COOLING, 75.0)
    world.runner.strap_on = True
    world.run(6.0)
    return world


PHASES: dict[str, Callable[[], World]] = {
    "armed": _armed,
    "starting": _starting,
    "climbing": _running(CLIMB, 90.0),
    "walking": _running(FIXED, 60.0),
    "ramping": _running(RAMP, 60.0),
    "paused": _paused,
    "cooling": _cooling,
}


def _ordered(world: World) -> tuple[float, float]:
    """The highest speed and incline that are in force now."""
    command, memory = world.state.command, world.state.memory
    speed = max(memory.speed_kmh, command.speed_kmh or 0.0, world.setup.limits.speed_min_kmh)
    return speed, max(memory.incline_pct, command.incline_pct or 0.0, world.treadmill.incline_pct)


def _rests(world: World) -> bool:
    command = world.state.command
    walking = (command.speed_kmh or 0.0) <= 4.0 and (command.incline_pct or 0.0) <= 0.0
    return (command.belt is Belt.RUN and walking) or (command.speed_kmh or 0.0) == 0.0


AHEAD_KMH, AHEAD_PCT = 0.6, 2.5
CASES = [(fault, phase) for fault in FAULTS for phase in PHASES if fault.over_s or phase not in ("armed", "starting")]


@cache
def _prepared(phase: str) -> World:
    return PHASES[phase]()


@pytest.mark.parametrize(("fault", "phase"), CASES, ids=lambda it: it.name if isinstance(it, Fault) else it)
def test_effort_never_rises_from_a_fault_on(fault: Fault, phase: str) -> None:
    world = deepcopy(_prepared(phase))
    fault.strike(world)
    if phase == "armed":
        world.ask(Verb.START)
    world.run(fault.known_s)
    since_s, (speed, incline) = world.now_s, _ordered(world)
    if fault.over_s is None:
        speed, incline = speed + AHEAD_KMH, incline + AHEAD_PCT
    world.run((fault.over_s or 120.0) - fault.known_s)
    if fault.over_s is None:
        world.ask(Verb.STOP)
        world.run(25.0)
    assert all((sent or 0.0) <= speed for _, sent, _ in efforts(world, since_s))
    assert all((sent or 0.0) <= incline for _, _, sent in efforts(world, since_s))
    assert _rests(world), world.state.command
    _recover_without_a_jump(world)


def _recover_without_a_jump(world: World) -> None:
    healthy = World()
    world.beat, world.feedback, world.obeys = healthy.beat, healthy.feedback, healthy.obeys
    rested, since_s = world.treadmill.speed_kmh == 0.0, world.now_s
    world.run(30.0)
    assert not rested or world.treadmill.speed_kmh == 0.0
    assert all(one.belt is not Belt.START for at, one in world.sent if at > since_s)
    speeds = [speed for _, speed, _ in efforts(world, since_s) if speed is not None]
    assert all(later <= sooner + 0.11 for sooner, later in pairwise(speeds))
