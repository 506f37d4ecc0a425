"""One field of a record: exact units, rounding to the nearest count, refusal instead of clamping."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitrainer.wire import WireError
from pitrainer.wire.fields import S16, TENTHS_S16, U8, U16, Number, full_uuid, read_each, take

HUNDREDTHS = Number(2, per_unit=100)
MPH = Number(2, per_unit=100 / 1.609344)


@pytest.mark.parametrize("number", [U16, HUNDREDTHS, MPH, Number(2, per_unit=1024), Number(2, per_unit=2)])
def test_every_raw_count_survives_the_way_to_units_and_back(number: Number) -> None:
    for raw in range(0x10000):
        octets = raw.to_bytes(2, "little")
        assert number.write(number.read(octets), "x") == octets


def test_every_signed_tenth_survives_and_reads_as_its_decimal_spelling() -> None:
    for raw in range(-0x8000, 0x8000):
        octets = raw.to_bytes(2, "little", signed=True)
        assert TENTHS_S16.read(octets) == float(f"{raw}e-1")
        assert TENTHS_S16.write(float(f"{raw}e-1"), "x") == octets


def test_35_tenths_are_exactly_3_5() -> None:
    assert TENTHS_S16.read(b"\x23\x00") == 3.5
    assert TENTHS_S16.write(3.5, "x") == b"\x23\x00"


def test_writing_rounds_to_the_nearest_count_and_does_not_cut() -> None:
    # 0.3 * 10 is below 3 in binary for some neighbours; int() loses a tenth on a third of all inclines.
    tenths = [value / 10 for value in range(-30, 151)]
    assert [TENTHS_S16.write(value, "x") for value in tenths] == [
        value.to_bytes(2, "little", signed=True) for value in range(-30, 151)
    ]
    assert HUNDREDTHS.write(2.559, "x") == (256).to_bytes(2, "little")


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, True, False, None, "5", -0.001, -1, 1100.0, 10**400, 1e308, 3 + 0j]
)
def test_what_does_not_fit_is_refused_and_never_clamped(value: Any) -> None:
    for number in (HUNDREDTHS, MPH):
        with pytest.raises(WireError, match="speed"):
            number.write(value, "speed")


def test_the_refusal_says_what_is_allowed() -> None:
    with pytest.raises(WireError, match=r"incline: 4000 does not fit; a number from -3276.8 to 3276.7 does"):
        TENTHS_S16.write(4000, "incline")


@given(st.floats() | st.integers())
def test_a_signed_field_writes_the_nearest_count_or_refuses(value: float) -> None:
    try:
        octets = S16.write(value, "x")
    except WireError:
        assert not -32768.5 < value < 32767.5
    else:
        assert abs(int.from_bytes(octets, "little", signed=True) - value) <= 0.5


def test_a_value_that_would_read_as_not_available_is_refused() -> None:
    number = Number(2, signed=True, absent=(0x7FFF,))
    assert number.read(b"\xff\x7f") is None
    assert number.write(None, "x") == b"\xff\x7f"
    with pytest.raises(WireError):
        number.write(0x7FFF, "x")


def test_from_the_first_cut_field_on_nothing_is_read() -> None:
    # The octet left over belongs to the 16-bit field, not to the 8-bit one after it.
    assert read_each([U8, U16, U8], b"\x01\x02") == [1, None, None]


def test_a_payload_too_short_is_shown_in_the_error() -> None:
    with pytest.raises(WireError, match=r"Thing: at least 3 octets are needed, there are 2 \(01 ff\)"):
        take(b"\x01\xff", 3, "Thing")


@pytest.mark.parametrize("payload", [3, "text", None, [1, 2]])
def test_what_is_not_bytes_is_refused(payload: Any) -> None:
    with pytest.raises(WireError, match="bytes are needed"):
        take(payload, 0, "Thing")


def test_a_16_bit_uuid_is_spelt_in_full_and_lower_case() -> None:
    assert full_uuid(0x2ACD) == "00002acd-0000-1000-8000-00805f9b34fb"
