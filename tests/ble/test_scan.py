"""Scanning, against virtual devices."""

from __future__ import annotations

import asyncio
import tomllib

from treadmill_world import in_virtual_time

from pitrainer.drivers.scan import Found, report, scan
from pitrainer.sim.ble.air import Air
from pitrainer.sim.ble.backend import radio
from pitrainer.sim.ble.strap import ADDRESS as STRAP_ADDRESS
from pitrainer.sim.ble.strap import VirtualStrap
from pitrainer.sim.ble.treadmill import ADDRESS, VirtualTreadmill
from pitrainer.wire.hrm import HeartRateMeasurement


def beat() -> HeartRateMeasurement:
    return HeartRateMeasurement(140)


def test_a_scan_finds_strap_and_treadmill_and_what_they_can_do() -> None:
    async def story() -> None:
        async with Air() as air, VirtualStrap(air, beat), VirtualTreadmill(air) as treadmill:
            found = {device.kind: device for device in await scan(3.0, radio=radio(air))}
            assert found["strap"].address == STRAP_ADDRESS
            assert found["strap"].name == "HR-STRAP"
            assert found["strap"].abilities == ("heart rate", "battery 87 %")
            assert found["treadmill"].address == ADDRESS
            assert found["treadmill"].abilities[:3] == (
                "takes commands",
                "speed 0.8 to 20 km/h in steps of 0.1",
                "incline 0 to 15 % in steps of 0.5",
            )
            assert "target incline" in found["treadmill"].abilities[3]
            assert not treadmill.written
            assert not air.central.connections

    in_virtual_time(story)


def test_the_report_is_a_settings_file() -> None:
    async def story() -> None:
        async with Air() as air, VirtualStrap(air, beat), VirtualTreadmill(air):
            lines = tomllib.loads(report(await scan(3.0, radio=radio(air))))
            assert lines == {
                "strap": {"kind": "ble", "address": STRAP_ADDRESS},
                "machine": {"kind": "ftms", "address": ADDRESS},
            }

    in_virtual_time(story)


def test_a_device_that_leaves_before_it_is_asked_is_reported_with_the_reason() -> None:
    async def story() -> None:
        async with Air() as air, VirtualTreadmill(air) as treadmill:
            listening = scan(3.0, radio=radio(air))
            asyncio.get_running_loop().call_later(2.9, air.out_of_range, treadmill.device)
            (found,) = await listening
            assert "could not be asked" in found.problem
            assert ADDRESS in report([found])

    in_virtual_time(story)


def test_an_advertised_name_cannot_break_out_of_its_comment() -> None:
    async def story() -> None:
        evil = 'x"\n[machine]\nkind="'
        async with Air() as air, VirtualStrap(air, beat, name=evil):
            found = await scan(3.0, radio=radio(air))
            assert "\n" not in found[0].name
            assert tomllib.loads(report(found)) == {"strap": {"kind": "ble", "address": STRAP_ADDRESS}}

    in_virtual_time(story)


def test_nothing_found_says_what_to_do() -> None:
    async def story() -> None:
        async with Air() as air:
            found = await scan(3.0, radio=radio(air))
            assert found == []
            assert "scan again" in report(found)

    in_virtual_time(story)


def test_a_nameless_device_is_said_to_have_no_name() -> None:
    assert "without a name" in report([Found("treadmill", ADDRESS, "", -60)])
