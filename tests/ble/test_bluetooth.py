"""What all Bluetooth drivers share: links, searches, names."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from treadmill_world import in_virtual_time

from pitrainer.drivers.bluetooth import Link, clean_name, keep_linked, open_link
from pitrainer.sim.ble.air import Air
from pitrainer.sim.ble.backend import radio
from pitrainer.sim.ble.strap import ADDRESS, VirtualStrap
from pitrainer.wire import hrm
from pitrainer.wire.hrm import HeartRateMeasurement


def beat() -> HeartRateMeasurement:
    return HeartRateMeasurement(140)


def test_a_closed_link_delivers_nothing_even_if_the_radio_does() -> None:
    async def story() -> None:
        async with Air() as air, VirtualStrap(air, beat) as strap, open_link(radio(air), ADDRESS) as link:
            heard: list[bytes] = []
            assert await link.subscribe(hrm.MEASUREMENT, heard.append)
            await strap.beat()
            await asyncio.sleep(0.1)
            count = len(heard)
            assert count >= 1
            link.close()
            await strap.beat()
            await asyncio.sleep(5)
            assert len(heard) == count

    in_virtual_time(story)


def test_two_searches_on_one_radio_take_turns_and_a_failing_search_is_said_once() -> None:
    async def story() -> None:
        async with Air() as air:
            one_radio, said = radio(air), list[str]()

            async def never(_: Link) -> None:
                raise AssertionError("nobody is there")

            searches = [
                asyncio.create_task(keep_linked(one_radio, address, never, said.append))
                for address in ("C0:00:00:00:00:08", "C0:00:00:00:00:09")
            ]
            await asyncio.sleep(120)
            for search in searches:
                search.cancel()
            await asyncio.wait(searches)
            assert [text.split(" is ")[0] for text in said] == ["C0:00:00:00:00:08", "C0:00:00:00:00:09"]

    in_virtual_time(story)


def test_the_wait_between_links_grows_to_ten_seconds() -> None:
    async def story() -> None:
        async with Air() as air, VirtualStrap(air, beat):
            loop, tried = asyncio.get_running_loop(), list[float]()

            async def fail(_: Link) -> None:
                tried.append(loop.time())
                raise RuntimeError("a device that is good for nothing")

            search = asyncio.create_task(keep_linked(radio(air), ADDRESS, fail, lambda _: None))
            await asyncio.sleep(60)
            search.cancel()
            await asyncio.wait([search])
            waits = [later - earlier for earlier, later in pairwise(tried)]
            assert [int(wait) for wait in waits[:6]] == [0, 1, 2, 5, 10, 10]

    in_virtual_time(story)


def test_names_lose_control_characters_and_length() -> None:
    assert clean_name("A\x00B\n\u202eC\x1b[31m") == "ABC[31m"
    assert len(clean_name("x" * 200)) == 40
    assert clean_name(None) == ""
