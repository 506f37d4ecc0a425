"""Event loops whose time is not the wall's: virtual for tests, scaled for the demo.

Everything timed in pitrainer asks `loop.time()`, so exchanging the loop exchanges the clock of the whole program.

`VirtualLoop`: when nothing is ready to run, time jumps to the next timer. An hour of 4 Hz ticks costs as long as
its arithmetic. With no timer left it waits for a file descriptor or for `call_soon_threadsafe` from a real thread;
if `patience_s` of wall time brings neither, it raises instead of hanging. Time does not wait for threads, child
processes or sockets: under a timeout those lose. Where such are part of the test, use `ScaledLoop`.

`ScaledLoop`: time runs up to `factor` times faster than the wall; sockets, threads and processes work as usual.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from math import inf
from typing import Any, TypeVar

Result = TypeVar("Result")
Ready = list[tuple[selectors.SelectorKey, int]]

STEP_MOST_S = 0.3
"""A little more than a control tick: what a busy host cannot do in time is not passed off as a stalled controller."""

START_S = 1000.0
"""Where virtual time begins: not 0, so that a time is never mistaken for an absence or a duration."""


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of sleeping until the next timer, moves the clock there."""

    def __init__(self, jump: Callable[[float], None], patience_s: float) -> None:
        super().__init__()
        self._jump = jump
        self._patience_s = patience_s

    def select(self, timeout: float | None = None) -> Ready:
        if timeout is None:
            return self._wait_for_the_real_world()
        ready = super().select(0)
        if not ready and timeout > 0:
            self._jump(timeout)
        return ready

    def _wait_for_the_real_world(self) -> Ready:
        ready = super().select(self._patience_s)
        if not ready:
            raise RuntimeError(
                f"virtual time stands still: no timer is set, and no thread or socket spoke for "
                f"{self._patience_s:g} s; something awaits an event that nobody will set"
            )
        return ready


class _SlowedSelector(selectors.DefaultSelector):
    """Turns the loop's seconds into the wall's, and tells the clock when work ends and when waiting ends."""

    def __init__(self, factor: float, turn: Callable[[float], None]) -> None:
        super().__init__()
        self._factor = factor
        self._turn = turn

    def select(self, timeout: float | None = None) -> Ready:
        self._turn(STEP_MOST_S)
        ready = super().select(None if timeout is None else timeout / self._factor)
        self._turn(inf if timeout is None else max(timeout, STEP_MOST_S))
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time jumps to the next timer when nothing is ready."""

    def __init__(self, *, patience_s: float = 30.0) -> None:
        self._now_s = START_S
        super().__init__(_JumpingSelector(self._jump, patience_s))

    def time(self) -> float:
        return self._now_s

    def _jump(self, by_s: float) -> None:
        self._now_s += by_s


class ScaledLoop(asyncio.SelectorEventLoop):
    """Time runs up to `factor` (> 0) times faster than the wall; it starts at the wall's monotonic time. The
    work of one turn of the loop takes at most `STEP_MOST_S`: on a host too busy for the factor time runs slower,
    instead of jumping."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._now_s = self._wall_s = time.monotonic()
        super().__init__(_SlowedSelector(factor, self._turn))
        if not factor > 0:
            self.close()
            raise ValueError(f"factor {factor!r}: allowed is any number above 0, such as 20")

    def time(self) -> float:
        return self._now_s + min((time.monotonic() - self._wall_s) * self._factor, STEP_MOST_S)

    def _turn(self, most_s: float) -> None:
        wall_s = time.monotonic()
        self._now_s += min((wall_s - self._wall_s) * self._factor, most_s)
        self._wall_s = wall_s


def run(main: Coroutine[Any, Any, Result], *, loop: asyncio.AbstractEventLoop) -> Result:
    """Run `main` to its end on `loop`, cancel what is left over, and close the loop."""
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main)
