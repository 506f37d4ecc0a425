"""Battery Level 0x2A19."""

from __future__ import annotations

import pytest

from pitrainer.wire import WireError, battery


def test_percent_reads_as_percent_and_the_reserved_rest_as_unknown() -> None:
    assert [battery.decode(bytes([raw])) for raw in (0, 87, 100, 101, 255)] == [0, 87, 100, None, None]


def test_every_level_and_no_level_survive_both_ways() -> None:
    for level in [None, *range(101)]:
        assert battery.decode(battery.encode(level)) == level


def test_an_empty_value_is_refused() -> None:
    with pytest.raises(WireError, match="Battery Level"):
        battery.decode(b"")


def test_the_uuids_are_those_of_the_battery_service() -> None:
    assert battery.SERVICE == "0000180f-0000-1000-8000-00805f9b34fb"
    assert battery.LEVEL == "00002a19-0000-1000-8000-00805f9b34fb"
