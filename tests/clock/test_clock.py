"""The clock of the simulation."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from pitrainer.sim.clock import START_S, ScaledLoop, VirtualLoop, run


def test_an_hour_of_ticks_takes_no_real_hour() -> None:
    async def tick_for_an_hour() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        ticks = 0
        while loop.time() < START_S + 3600:
            await asyncio.sleep(0.25)
            ticks += 1
        return ticks, loop.time() - START_S

    ticks, passed_s = run(tick_for_an_hour(), loop=VirtualLoop())
    assert ticks == 14400
    assert passed_s == pytest.approx(3600)


def test_sleepers_wake_in_order_of_their_time() -> None:
    async def main() -> list[int]:
        woken: list[int] = []

        async def sleeper(after_s: int) -> None:
            await asyncio.sleep(after_s)
            woken.append(after_s)

        await asyncio.gather(*(sleeper(s) for s in (30, 10, 20)))
        return woken

    assert run(main(), loop=VirtualLoop()) == [10, 20, 30]


def test_a_timeout_fires_at_its_virtual_time() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.Event().wait()
        return loop.time() - START_S

    assert run(main(), loop=VirtualLoop()) == pytest.approx(30)


def test_a_real_thread_wakes_a_loop_that_has_no_timer() -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        thread = threading.Thread(target=loop.call_soon_threadsafe, args=(woken.set,))
        loop.call_soon(thread.start)
        await woken.wait()
        thread.join()
        return await asyncio.to_thread(lambda: "from a thread")

    assert run(main(), loop=VirtualLoop()) == "from a thread"


def test_waiting_for_nothing_is_an_error_and_not_a_hang() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="virtual time stands still"):
        run(main(), loop=VirtualLoop(patience_s=0.01))


def test_scaled_time_is_faster_than_the_wall() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        before_s, wall_before_s = loop.time(), time.monotonic()
        await asyncio.sleep(20)
        return (loop.time() - before_s) / (time.monotonic() - wall_before_s)

    assert run(main(), loop=ScaledLoop(1000)) > 900


def test_scaled_time_refuses_a_factor_that_is_not_positive() -> None:
    for factor in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            ScaledLoop(factor)
