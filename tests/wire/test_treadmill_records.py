"""Treadmill Data 0x2ACD: records in several parts, what cannot be said, and the way there and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitrainer.wire import WireError
from pitrainer.wire.ftms import TreadmillData, decode_treadmill_data, encode_treadmill_data, merge

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


def decode(packet: str) -> TreadmillData:
    return decode_treadmill_data(bytes.fromhex(packet))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        # Matrix TouchXL: flags 9F 00, then 00 1F.
        (replace(FULL, speed_kmh=None, hr_bpm=None, met=None), ("hr_bpm", "met")),
        # Technogym MyRun: flags 1F 00, then 80 06.
        (replace(FULL, speed_kmh=None, energy_kcal=None), ("energy_kcal", "met")),
    ],
)
def test_a_split_record_is_whole_after_its_last_part(first: TreadmillData, last: tuple[str, ...]) -> None:
    head = replace(first, more_data=True)
    tail = TreadmillData(speed_kmh=9.5, **{name: getattr(FULL, name) for name in last})
    parts = [decode_treadmill_data(encode_treadmill_data(part)) for part in (head, tail)]
    assert [part.more_data for part in parts] == [True, False]
    assert merge(merge(None, parts[0]), parts[1]) == FULL


def test_the_two_parts_of_a_matrix_touchxl_and_a_technogym_myrun_merge() -> None:
    touch = decode("9f 00 26 02 0a 00 00 32 00 ff 7f 0a 00 ff 7f 05 00 ff ff ff")
    assert (touch.more_data, touch.speed_kmh, touch.incline_pct) == (True, None, 5.0)
    whole = merge(touch, decode("00 1f 58 02 78 37 3c 00 00 00 ff 7f ff 7f"))
    assert whole == TreadmillData(
        speed_kmh=6.0,
        average_speed_kmh=5.5,
        distance_m=10,
        incline_pct=5.0,
        elevation_gain_m=1.0,
        energy_kcal=5,
        hr_bpm=120,
        met=5.5,
        elapsed_s=60,
        remaining_s=0,
    )
    run = merge(decode("1f 00 26 02 0a 00 00 32 00 ff 7f 0a 00 00 00"), decode("80 06 58 02 05 00 ff ff ff 37 3c 00"))
    assert (run.speed_kmh, run.incline_pct, run.energy_kcal, run.elapsed_s, run.more_data) == (
        6.0,
        5.0,
        5,
        60,
        False,
    )


def test_a_part_after_a_finished_record_begins_a_new_one() -> None:
    finished = TreadmillData(speed_kmh=6.0, hr_bpm=120)
    assert merge(finished, TreadmillData(speed_kmh=6.1)) == TreadmillData(speed_kmh=6.1)


def test_a_later_part_wins_over_an_earlier_one() -> None:
    first = TreadmillData(incline_pct=5.0, distance_m=10, more_data=True)
    assert merge(first, TreadmillData(speed_kmh=6.0, incline_pct=5.5)) == TreadmillData(
        speed_kmh=6.0, incline_pct=5.5, distance_m=10
    )


@pytest.mark.parametrize(
    "data",
    [
        TreadmillData(),
        TreadmillData(speed_kmh=1.0, more_data=True),
        TreadmillData(speed_kmh=1.0, pace_km_min=0.1, average_pace_s_500m=100),
        TreadmillData(speed_kmh=-1.0),
        TreadmillData(speed_kmh=1.0, hr_bpm=0),
        TreadmillData(speed_kmh=1.0, hr_bpm=256),
        TreadmillData(speed_kmh=1.0, incline_pct=3276.7),
        TreadmillData(speed_kmh=1.0, elevation_gain_m=3276.7),
    ],
)
def test_a_record_that_cannot_be_said_is_refused(data: TreadmillData) -> None:
    with pytest.raises(WireError):
        encode_treadmill_data(data)


def counts(high: int, low: int = 0, per_unit: int = 1, absent: tuple[int, ...] = ()) -> Any:
    raws = st.none() | st.integers(low, high).filter(lambda raw: raw not in absent)
    return raws.map(lambda raw: raw if raw is None or per_unit == 1 else raw / per_unit)


SLOPE = counts(0x7FFE, -0x8000, 10)
ELEVATION = counts(0xFFFE, 0, 10, (0x7FFF,))
PARTS: dict[str, Any] = {
    "average_speed_kmh": counts(0xFFFF, per_unit=100),
    "distance_m": counts(0xFFFFFF),
    "incline_pct": SLOPE,
    "ramp_angle_deg": SLOPE,
    "elevation_gain_m": ELEVATION,
    "elevation_loss_m": ELEVATION,
    "energy_kcal": counts(0xFFFE),
    "energy_kcal_h": counts(0xFFFE),
    "energy_kcal_min": counts(0xFE),
    "hr_bpm": counts(0xFF, 1),
    "met": counts(0xFF, per_unit=10),
    "elapsed_s": counts(0xFFFF),
    "remaining_s": counts(0xFFFF),
    "force_n": counts(0x7FFE, -0x8000),
    "power_w": counts(0x7FFE, -0x8000),
    "steps": counts(0xFFFFFF),
}
PACES: Any = st.one_of(
    st.fixed_dictionaries({"pace_km_min": counts(0xFF, per_unit=10), "average_pace_km_min": counts(0xFF, per_unit=10)}),
    st.fixed_dictionaries({"pace_s_500m": counts(0xFFFF), "average_pace_s_500m": counts(0xFFFF)}),
)
SPEEDS: Any = st.one_of(
    st.fixed_dictionaries({"speed_kmh": st.integers(0, 0xFFFF).map(lambda raw: raw / 100)}),
    st.just({"more_data": True}),
)


@given(st.fixed_dictionaries(PARTS), PACES, SPEEDS)
def test_what_is_encoded_decodes_to_itself(
    parts: dict[str, Any], paces: dict[str, Any], speeds: dict[str, Any]
) -> None:
    data = TreadmillData(**parts, **paces, **speeds)
    assert decode_treadmill_data(encode_treadmill_data(data)) == data


@given(st.fixed_dictionaries(PARTS), SPEEDS, st.binary(max_size=8))
def test_whatever_is_appended_a_record_without_pace_reads_the_same(
    parts: dict[str, Any], speeds: dict[str, Any], surplus: bytes
) -> None:
    data = TreadmillData(**parts, **speeds)
    assert decode_treadmill_data(encode_treadmill_data(data) + surplus) == data
