"""Heart Rate Measurement 0x2A37: real straps, every flag, cut packets, and the virtual strap's direction."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitrainer.wire import WireError, hrm
from pitrainer.wire.hrm import HeartRateMeasurement


@pytest.mark.parametrize(
    ("packet", "hr_bpm", "contact", "rr_s"),
    [
        ("04 54", 84, False, ()),
        ("16 59 a2 02", 89, True, (674 / 1024,)),
        ("16 48 00 04", 72, True, (1.0,)),
        # Polar H7: two intervals, then one.
        ("16 73 10 02 0d 02", 115, True, (528 / 1024, 525 / 1024)),
        ("16 74 29 02", 116, True, (553 / 1024,)),
        # Polar H10 never says that it can tell contact.
        ("10 3c 00 04", 60, None, (1.0,)),
    ],
)
def test_packets_of_real_straps_decode(packet: str, hr_bpm: int, contact: bool | None, rr_s: tuple[float, ...]) -> None:
    assert hrm.decode(bytes.fromhex(packet)) == HeartRateMeasurement(hr_bpm, contact, None, rr_s)


@pytest.mark.parametrize(
    ("flags", "contact"), [(0, None), (2, None), (4, False), (6, True), (0xE6, True), (0xE0, None)]
)
def test_contact_means_something_only_where_the_strap_can_tell(flags: int, contact: bool | None) -> None:
    assert hrm.decode(bytes([flags, 70])).contact is contact


def test_a_rate_of_zero_is_no_reading_in_either_width() -> None:
    assert hrm.decode(b"\x00\x00").hr_bpm is None
    assert hrm.decode(b"\x01\x00\x00").hr_bpm is None


def test_energy_stands_between_rate_and_intervals() -> None:
    assert hrm.decode(bytes.fromhex("19 2c 01 ff ff 00 02")) == HeartRateMeasurement(300, None, 65535, (0.5,))


def test_nine_intervals_come_oldest_first() -> None:
    packet = bytes([0x10, 60]) + b"".join(raw.to_bytes(2, "little") for raw in range(1000, 1009))
    assert hrm.decode(packet).rr_s == tuple(raw / 1024 for raw in range(1000, 1009))


def test_the_interval_bit_without_intervals_gives_none() -> None:
    assert hrm.decode(b"\x10\x3c").rr_s == ()


def test_an_odd_trailing_octet_is_ignored() -> None:
    assert hrm.decode(bytes.fromhex("10 3c 00 04 07")).rr_s == (1.0,)


def test_octets_after_the_rate_without_the_interval_bit_are_ignored() -> None:
    assert hrm.decode(bytes.fromhex("00 3c 00 04")) == HeartRateMeasurement(60)


def test_cut_energy_is_absent_and_does_not_turn_into_an_interval() -> None:
    assert hrm.decode(bytes.fromhex("18 3c 05")) == HeartRateMeasurement(60)


@pytest.mark.parametrize("packet", [b"", b"\x16", b"\x01\x48"])
def test_a_packet_without_a_whole_rate_is_refused(packet: bytes) -> None:
    with pytest.raises(WireError, match="Heart Rate Measurement"):
        hrm.decode(packet)


def test_a_small_rate_can_be_sent_wide() -> None:
    assert hrm.encode(HeartRateMeasurement(72), wide=True) == b"\x01\x48\x00"
    assert hrm.encode(HeartRateMeasurement(72, True, None, (1.0,))) == bytes.fromhex("16 48 00 04")


@pytest.mark.parametrize(
    "measurement",
    [
        HeartRateMeasurement(-1),
        HeartRateMeasurement(70000),
        HeartRateMeasurement(60, energy_kj=-1),
        HeartRateMeasurement(60, rr_s=(64.0,)),
        HeartRateMeasurement(60, rr_s=(float("nan"),)),
    ],
)
def test_what_no_packet_can_carry_is_refused(measurement: HeartRateMeasurement) -> None:
    with pytest.raises(WireError):
        hrm.encode(measurement)


MEASUREMENTS: Any = st.builds(
    HeartRateMeasurement,
    hr_bpm=st.none() | st.integers(1, 0xFFFF),
    contact=st.none() | st.booleans(),
    energy_kj=st.none() | st.integers(0, 0xFFFF),
    rr_s=st.lists(st.integers(0, 0xFFFF).map(lambda raw: raw / 1024), max_size=9).map(tuple),
)


@given(MEASUREMENTS, st.booleans())
def test_what_is_encoded_decodes_to_itself(measurement: HeartRateMeasurement, wide: bool) -> None:
    assert hrm.decode(hrm.encode(measurement, wide=wide)) == measurement


def test_the_uuids_are_those_of_the_heart_rate_service() -> None:
    assert hrm.SERVICE == "0000180d-0000-1000-8000-00805f9b34fb"
    assert hrm.MEASUREMENT == "00002a37-0000-1000-8000-00805f9b34fb"
