"""Ticks per second of the pure core.

Half an hour of a capped climb is simulated once and the inputs of its ticks are kept. What is timed is `advance`
alone, over those inputs, from the same state; the best of several rounds, in CPU time. The reference is a fixed loop
of plain Python in the same run, so that the ratio can be compared between machines and over the years.

    python bench/core_ticks.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from pitrainer.core.athlete import Athlete
from pitrainer.core.engine import advance
from pitrainer.core.snapshot import snapshot
from pitrainer.core.state import Inputs, Setup, State
from pitrainer.model import TICK_S, Beat, Belt, Drive, Feedback, Intent, MachineLimits, Plan, Step, UserLimits, Verb
from pitrainer.sim.runner import SimulatedRunner
from pitrainer.sim.treadmill import SimulatedTreadmill

ATHLETE = Athlete(hr_max_bpm=185, hr_rest_bpm=55, weight_kg=70)
SETUP = Setup(ATHLETE, MachineLimits(page_start=True, latency_s=2.5), UserLimits(incline_max_pct=15.0))
PLAN = Plan("Climb", (Step("Climb", Drive.CLIMB, (2.0, 15.0), (5.5, 5.5), for_s=3600.0, cap_bpm=155.0),))
TICKS = 7200
ROUNDS = 5
REFERENCE_STEPS = 1000


def main() -> int:
    start, inputs = record()
    tick_s = best(lambda: replay(start, inputs)) / TICKS
    snapshot_s = best(lambda: look(replay(start, inputs[:100]))) / 1000
    reference_s = best(lambda: [reference() for _ in range(200)]) / 200
    print(f"Python {sys.version.split()[0]}, best of {ROUNDS} rounds of {TICKS} ticks, CPU time")
    print(f"{'one tick (advance)':32} {tick_s * 1e6:9.1f} us  {1 / tick_s:9.0f} per second")
    print(f"{'one snapshot':32} {snapshot_s * 1e6:9.1f} us  {1 / snapshot_s:9.0f} per second")
    print(f"{'reference (1000 steps of Python)':32} {reference_s * 1e6:9.1f} us")
    print(f"{'tick / reference':32} {tick_s / reference_s:9.2f}")
    print(f"{'an hour of ticks at 4 Hz':32} {tick_s * 14400:9.2f} s")
    return 0


def record() -> tuple[State, list[tuple[float, Inputs]]]:
    """A minute into the climb, and the inputs of the ticks that follow."""
    state, runner, treadmill = State(now_s=0.0), SimulatedRunner(ATHLETE), SimulatedTreadmill()
    asked = {30: Verb.LOAD, 32: Verb.ARM, 34: Verb.START}
    beat: Beat | None = None
    start, inputs = state, []
    for number in range(1, 240 + TICKS + 1):
        now_s = number * TICK_S
        treadmill.step(TICK_S)
        if number % 4 == 0:
            bpm = runner.step(1.0, treadmill.speed_kmh, treadmill.incline_pct)
            beat = beat if bpm is None else Beat(now_s, bpm)
        intents = (Intent(asked[number], plan=PLAN),) if number in asked else ()
        given = Inputs(beat, Feedback(now_s, treadmill.speed_kmh, treadmill.incline_pct), (), intents)
        if number == 241:
            start = state
        if number > 240:
            inputs.append((now_s, given))
        state = advance(SETUP, state, given, now_s).state
        if state.command.belt is not Belt.LEAVE:
            speed, incline = state.command.speed_kmh, state.command.incline_pct
            treadmill.apply(
                treadmill.told_kmh if speed is None else speed, treadmill.told_pct if incline is None else incline
            )
    assert state.steering, f"the climb did not last: {state.phase}, {state.verdict.causes}"
    return start, inputs


def replay(state: State, inputs: list[tuple[float, Inputs]]) -> State:
    for now_s, given in inputs:
        state = advance(SETUP, state, given, now_s).state
    return state


def look(state: State) -> None:
    for _ in range(1000):
        snapshot(SETUP, state)


def reference() -> int:
    """A fixed amount of plain Python: arithmetic, a comparison, a dictionary."""
    value, seen = 1, {}
    for number in range(REFERENCE_STEPS):
        value = (value * 1103515245 + 12345) & 0x7FFFFFFF
        if value > 1 << 30:
            seen[number & 63] = value
    return len(seen)


def best(work: Callable[[], object]) -> float:
    """CPU seconds of the fastest of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        before = time.process_time()
        work()
        rounds.append(time.process_time() - before)
    return min(rounds)


if __name__ == "__main__":
    sys.exit(main())
