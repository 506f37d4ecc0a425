"""Treadmill Data 0x2ACD: packets of real machines, and every way in which they bend the standard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pitrainer.wire import WireError
from pitrainer.wire.ftms import SpeedUnit, TreadmillData, decode_treadmill_data, encode_treadmill_data


def decode(packet: str) -> TreadmillData:
    return decode_treadmill_data(bytes.fromhex(packet))


@pytest.mark.parametrize(
    ("packet", "data"),
    [
        # Life Fitness: no ramp angle, no negative elevation (0x7FFF in an unsigned field), no energy rates.
        (
            "9e 04 73 02 33 02 25 00 00 3c 00 ff 7f 00 00 ff 7f 02 00 ff ff ff 1f 00",
            TreadmillData(
                speed_kmh=6.27,
                average_speed_kmh=5.63,
                distance_m=37,
                incline_pct=6.0,
                elevation_gain_m=0.0,
                energy_kcal=2,
                elapsed_s=31,
            ),
        ),
        (
            "9e 04 92 01 4d 02 7a 00 00 82 00 ff 7f ab 00 ff 7f 10 00 ff ff ff 4d 00",
            TreadmillData(
                speed_kmh=4.02,
                average_speed_kmh=5.89,
                distance_m=122,
                incline_pct=13.0,
                elevation_gain_m=17.1,
                energy_kcal=16,
                elapsed_s=77,
            ),
        ),
        # ... with a strap on,
        (
            "9e 05 17 05 92 02 fb 00 00 00 00 ff 7f 7c 00 ff 7f 1b 00 ff ff ff 69 8a 00",
            TreadmillData(
                speed_kmh=13.03,
                average_speed_kmh=6.58,
                distance_m=251,
                incline_pct=0.0,
                elevation_gain_m=12.4,
                energy_kcal=27,
                hr_bpm=105,
                elapsed_s=138,
            ),
        ),
        # ... and with time remaining.
        (
            "9e 0c 50 00 bd 02 53 01 00 00 00 ff 7f 7c 00 ff 7f 23 00 ff ff ff ad 00 3b 00",
            TreadmillData(
                speed_kmh=0.8,
                average_speed_kmh=7.01,
                distance_m=339,
                incline_pct=0.0,
                elevation_gain_m=12.4,
                energy_kcal=35,
                elapsed_s=173,
                remaining_s=59,
            ),
        ),
        # Horizon at rest.
        (
            "84 04 00 00 00 00 00 00 00 00 00 00 00 00",
            TreadmillData(speed_kmh=0.0, distance_m=0, energy_kcal=0, energy_kcal_h=0, energy_kcal_min=0, elapsed_s=0),
        ),
        # Walking pads (KingSmith, CitySports): steps as u24 under the reserved bit 13.
        (
            "84 24 2c 01 96 00 00 0c 00 ff ff ff 78 00 c8 00 00",
            TreadmillData(speed_kmh=3.0, distance_m=150, energy_kcal=12, elapsed_s=120, steps=200),
        ),
    ],
)
def test_packets_of_real_treadmills_decode(packet: str, data: TreadmillData) -> None:
    assert decode(packet) == data


@pytest.mark.parametrize(
    ("packet", "data"),
    [
        # Matrix flags 31 octets and sends 20: what is there is read, and the octet of half a field is not.
        (
            "9e 1b 00 00 00 00 00 00 00 00 00 ff 7f 00 00 ff ff 00 00 00",
            TreadmillData(
                speed_kmh=0.0,
                average_speed_kmh=0.0,
                distance_m=0,
                incline_pct=0.0,
                elevation_gain_m=0.0,
                energy_kcal=0,
            ),
        ),
        (
            "9e 1f 51 00 b2 00 58 00 00 00 00 ff 7f 0c 00 ff ff 0c 00 97",
            TreadmillData(
                speed_kmh=0.81,
                average_speed_kmh=1.78,
                distance_m=88,
                incline_pct=0.0,
                elevation_gain_m=1.2,
                energy_kcal=12,
            ),
        ),
        (
            "9e 1f c6 03 94 02 3e 01 00 5a 00 ff 7f 32 00 ff ff 25 00 f4",
            TreadmillData(
                speed_kmh=9.66,
                average_speed_kmh=6.6,
                distance_m=318,
                incline_pct=9.0,
                elevation_gain_m=5.0,
                energy_kcal=37,
            ),
        ),
        (
            "9e 1f c6 03 76 03 b8 05 00 00 00 ff 7f 3c 00 ff ff a9 00 5c",
            TreadmillData(
                speed_kmh=9.66,
                average_speed_kmh=8.86,
                distance_m=1464,
                incline_pct=0.0,
                elevation_gain_m=6.0,
                energy_kcal=169,
            ),
        ),
    ],
)
def test_a_packet_cut_to_20_octets_decodes_as_far_as_it_goes(packet: str, data: TreadmillData) -> None:
    assert decode(packet) == data


FULL = TreadmillData(
    speed_kmh=9.5,
    average_speed_kmh=8.25,
    distance_m=70_000,
    incline_pct=-2.5,
    ramp_angle_deg=-1.4,
    elevation_gain_m=123.4,
    elevation_loss_m=5.6,
    energy_kcal=321,
    energy_kcal_h=700,
    energy_kcal_min=11,
    hr_bpm=151,
    met=12.5,
    elapsed_s=3600,
    remaining_s=900,
    force_n=-20,
    power_w=310,
)
NARROW = replace(FULL, pace_km_min=0.2, average_pace_km_min=0.1)
WIDE = replace(FULL, pace_s_500m=189, average_pace_s_500m=218)


def test_a_full_record_has_34_octets_with_narrow_pace_and_36_with_wide() -> None:
    assert (len(encode_treadmill_data(NARROW)), len(encode_treadmill_data(WIDE))) == (34, 36)
    assert encode_treadmill_data(NARROW)[:2] == encode_treadmill_data(WIDE)[:2] == b"\xfe\x1f"


@pytest.mark.parametrize("data", [NARROW, WIDE], ids=["u8", "u16"])
def test_the_width_of_pace_is_told_by_the_length_of_the_packet(data: TreadmillData) -> None:
    assert decode_treadmill_data(encode_treadmill_data(data)) == data


def test_star_trac_sends_flags_17fe_in_32_octets_with_one_octet_of_pace() -> None:
    star_trac = replace(NARROW, remaining_s=None)
    packet = encode_treadmill_data(star_trac)
    assert (packet[:2], len(packet)) == (b"\xfe\x17", 32)
    assert decode_treadmill_data(packet) == star_trac


@pytest.mark.parametrize("surplus", [b"\x00", b"\x01\x02\x03", b"\xff" * 9])
def test_surplus_octets_leave_pace_at_one_octet_and_the_rest_right(surplus: bytes) -> None:
    assert decode_treadmill_data(encode_treadmill_data(NARROW) + surplus) == NARROW


def test_one_pace_field_alone_has_its_width_told_too() -> None:
    assert decode("20 00 64 00 02") == TreadmillData(speed_kmh=1.0, pace_km_min=0.2)
    assert decode("40 00 64 00 20 01") == TreadmillData(speed_kmh=1.0, average_pace_s_500m=288)


def test_reserved_bits_14_and_15_and_their_octets_are_ignored() -> None:
    assert decode("08 c0 64 00 23 00 ff 7f de ad") == TreadmillData(speed_kmh=1.0, incline_pct=3.5)


def test_steps_flagged_but_not_sent_are_absent() -> None:
    assert decode("00 20 64 00 c8 00") == TreadmillData(speed_kmh=1.0)


@pytest.mark.parametrize("length", range(2, 34))
def test_a_record_cut_anywhere_keeps_what_was_whole_and_invents_nothing(length: int) -> None:
    packet = encode_treadmill_data(NARROW)
    cut = decode_treadmill_data(packet[:length])
    names = [name for name in NARROW.__slots__ if getattr(cut, name) is not None]
    assert all(getattr(cut, name) == getattr(NARROW, name) for name in names)
    whole = [name for name in NARROW.__slots__ if getattr(NARROW, name) is not None]
    # What survives is the beginning of the record; `more_data`, the last slot, comes from the flags.
    assert names[:-1] == whole[: len(names) - 1]
    assert len(names) < len(whole)


@pytest.mark.parametrize("elevation", ["ff ff", "ff 7f"])
def test_both_sentinels_in_use_for_elevation_are_no_elevation(elevation: str) -> None:
    assert decode(f"10 00 64 00 {elevation} {elevation}") == TreadmillData(speed_kmh=1.0)


def test_downhill_is_negative_and_unknown_slope_is_none() -> None:
    assert decode("08 00 64 00 e2 ff ff 7f") == TreadmillData(speed_kmh=1.0, incline_pct=-3.0)
    assert decode("08 00 64 00 ff 7f ff 7f") == TreadmillData(speed_kmh=1.0)


def test_force_and_power_are_signed_and_may_be_unknown() -> None:
    assert decode("00 10 64 00 ec ff ff 7f") == TreadmillData(speed_kmh=1.0, force_n=-20)


def test_a_heart_rate_of_zero_is_no_heart_rate() -> None:
    assert decode("00 01 64 00 00") == TreadmillData(speed_kmh=1.0)


def test_a_standing_belt_has_a_speed_of_zero_and_not_none() -> None:
    assert decode("00 00 00 00").speed_kmh == 0.0


@pytest.mark.parametrize("packet", [b"", b"\x00"])
def test_less_than_the_flags_is_refused(packet: bytes) -> None:
    with pytest.raises(WireError, match="Treadmill Data"):
        decode_treadmill_data(packet)


def test_miles_per_hour_read_and_write_as_kilometres_per_hour() -> None:
    data = decode_treadmill_data(bytes.fromhex("02 00 f4 01 64 00"), SpeedUnit.MPH)
    assert data.speed_kmh == pytest.approx(8.04672)
    assert data.average_speed_kmh == pytest.approx(1.609344)
    assert encode_treadmill_data(data, SpeedUnit.MPH) == bytes.fromhex("02 00 f4 01 64 00")


def test_the_recommended_virtual_record_fits_the_smallest_packet() -> None:
    data = TreadmillData(speed_kmh=5.5, distance_m=1320, incline_pct=12.0, hr_bpm=147, elapsed_s=734)
    assert encode_treadmill_data(data).hex(" ") == "0c 05 26 02 28 05 00 78 00 ff 7f 93 de 02"
