"""Advertisement, Feature 0x2ACC and the supported ranges: hints, some of them wrong, none of them fatal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitrainer.wire import WireError, ftms
from pitrainer.wire.ftms import FEATURE_NAMES, Feature, Range, SpeedUnit, decode_feature, encode_feature


def test_the_features_of_a_treadmill_are_named() -> None:
    feature = decode_feature(bytes.fromhex("08 14 00 00 03 00 00 00"))
    assert feature.names == ("inclination", "heart_rate", "elapsed_time", "target_speed", "target_incline")
    assert feature.inclination and feature.heart_rate and feature.target_incline
    assert not feature.elevation_gain and not feature.target_resistance


def test_every_bit_of_both_words_has_its_own_name_in_order() -> None:
    machine, target = FEATURE_NAMES[:17], FEATURE_NAMES[17:]
    assert [Feature.of(name) for name in machine] == [Feature(1 << bit, 0) for bit in range(17)]
    assert [Feature.of(name) for name in target] == [Feature(0, 1 << bit) for bit in range(17)]
    assert (machine[3], machine[10], machine[16]) == ("inclination", "heart_rate", "user_data_retention")
    assert (target[0], target[1], target[16]) == ("target_speed", "target_incline", "target_cadence")


def test_reserved_bits_are_kept_and_mean_nothing() -> None:
    feature = decode_feature(b"\x00\x00\xfe\xff\x00\x00\xfe\xff")
    assert feature.names == ()
    assert encode_feature(feature) == b"\x00\x00\xfe\xff\x00\x00\xfe\xff"


@pytest.mark.parametrize("length", [4, 5, 7])
def test_a_feature_without_its_second_word_has_no_targets(length: int) -> None:
    assert decode_feature((b"\x08\x04\x00\x00" + b"\xff" * 4)[:length]) == Feature(0x0408, 0)


def test_surplus_octets_after_a_feature_are_ignored() -> None:
    assert decode_feature(bytes.fromhex("08 00 00 00 03 00 00 00 ff ff")) == Feature(8, 3)


@pytest.mark.parametrize("length", [0, 1, 3])
def test_less_than_one_word_is_refused(length: int) -> None:
    with pytest.raises(WireError, match="Feature"):
        decode_feature(bytes(length))


def test_a_feature_that_is_none_is_refused_with_the_list_of_those_that_are() -> None:
    with pytest.raises(WireError, match=r"'tilt' is none of average_speed, .*target_cadence"):
        Feature.of("tilt")


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_every_feature_decodes_to_itself(machine: int, target: int) -> None:
    assert decode_feature(encode_feature(Feature(machine, target))) == Feature(machine, target)


def test_a_feature_word_that_does_not_fit_is_refused() -> None:
    with pytest.raises(WireError, match="machine features"):
        encode_feature(Feature(2**32, 0))


RANGES: list[tuple[Callable[[bytes], Range], Callable[[Range], bytes], str, Range]] = [
    # Horizon Omega Z.
    (ftms.decode_speed_range, ftms.encode_speed_range, "50 00 d0 07 0a 00", Range(0.8, 20.0, 0.1)),
    (ftms.decode_incline_range, ftms.encode_incline_range, "00 00 78 00 01 00", Range(0.0, 12.0, 0.1)),
    # An adidas T-800 says -6 to 40.
    (ftms.decode_incline_range, ftms.encode_incline_range, "c4 ff 90 01 05 00", Range(-6.0, 40.0, 0.5)),
    (ftms.decode_heart_rate_range, ftms.encode_heart_rate_range, "3c dc 01", Range(60, 220, 1)),
    (ftms.decode_resistance_range, ftms.encode_resistance_range, "00 00 e8 03 0a 00", Range(0.0, 100.0, 1.0)),
    (ftms.decode_power_range, ftms.encode_power_range, "9c ff 0f 27 01 00", Range(-100, 9999, 1)),
]


@pytest.mark.parametrize(("decode", "encode", "octets", "span"), RANGES)
def test_ranges_read_and_write_in_units(
    decode: Callable[[bytes], Range], encode: Callable[[Range], bytes], octets: str, span: Range
) -> None:
    assert decode(bytes.fromhex(octets)) == span
    assert decode(bytes.fromhex(octets) + b"\xff") == span
    assert encode(span).hex(" ") == octets


@pytest.mark.parametrize(("decode", "encode", "octets", "span"), RANGES)
def test_a_range_cut_short_has_no_step_and_one_without_both_ends_is_refused(
    decode: Callable[[bytes], Range], encode: Callable[[Range], bytes], octets: str, span: Range
) -> None:
    packet = encode(span)
    ends = 2 * (len(packet) // 3)
    assert decode(packet[:ends]) == Range(span.minimum, span.maximum, None)
    for length in range(ends):
        # Two or three octets of resistance are a range of their own in the short form.
        if decode is not ftms.decode_resistance_range or length < 2:
            with pytest.raises(WireError, match="Range"):
                decode(packet[:length])


def test_a_resistance_range_of_three_octets_is_understood() -> None:
    assert ftms.decode_resistance_range(b"\x00\xff\x01") == Range(0.0, 25.5, 0.1)


def test_a_speed_range_in_miles_reads_in_kilometres() -> None:
    # FitShow T4: 0.6 to 3.8 mph by steps of 0.1.
    span = ftms.decode_speed_range(bytes.fromhex("3c 00 7c 01 0a 00"), SpeedUnit.MPH)
    assert (span.minimum, span.maximum, span.step) == pytest.approx((0.9656064, 6.1155072, 0.1609344))


@pytest.mark.parametrize(
    ("service_data", "treadmill"),
    [
        ("01 01 00", True),
        ("00 01 00", True),
        ("01 01", True),  # one octet of type
        ("01 00 01", True),  # its octets swapped
        ("01 20 00", False),  # a bike
        ("01 00 00", None),
        ("01", None),
        ("", None),
    ],
)
def test_service_data_is_a_hint_in_every_shape_it_comes_in(service_data: str, treadmill: bool | None) -> None:
    assert ftms.decode_service_data(bytes.fromhex(service_data)) is treadmill


def test_our_own_service_data_says_treadmill() -> None:
    assert ftms.encode_service_data() == b"\x01\x01\x00"
    assert ftms.encode_service_data(available=False) == b"\x00\x01\x00"
    assert ftms.decode_service_data(ftms.encode_service_data()) is True


def test_the_uuids_are_those_of_the_fitness_machine_service() -> None:
    assigned = {
        ftms.FITNESS_MACHINE_SERVICE: 0x1826,
        ftms.FEATURE: 0x2ACC,
        ftms.TREADMILL_DATA: 0x2ACD,
        ftms.TRAINING_STATUS: 0x2AD3,
        ftms.SPEED_RANGE: 0x2AD4,
        ftms.INCLINE_RANGE: 0x2AD5,
        ftms.RESISTANCE_RANGE: 0x2AD6,
        ftms.HEART_RATE_RANGE: 0x2AD7,
        ftms.POWER_RANGE: 0x2AD8,
        ftms.CONTROL_POINT: 0x2AD9,
        ftms.MACHINE_STATUS: 0x2ADA,
    }
    assert all(uuid == f"0000{short:04x}-0000-1000-8000-00805f9b34fb" for uuid, short in assigned.items())
