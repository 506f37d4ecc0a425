"""FIT workouts go in; fitdecode and we read the same steps out of the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import fitdecode  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitrainer.importers import ForeignFileError, Imported, fit_records

Fit = Callable[..., bytes]
Taken = Callable[..., Imported]
Refused = Callable[..., str]

FILE_ID = (0, {0: 5})
TIME, DISTANCE, HR_BELOW, HR_ABOVE, OPEN, REPEAT = 0, 1, 2, 3, 5, 6
SPEED, HEART, NONE = 0, 1, 2


def step(**fields: int | str) -> tuple[int, dict[int, int | str]]:
    numbers = {
        "name": 0, "ends": 1, "amount": 2, "target": 3, "zone": 4, "low": 5, "high": 6, "intensity": 7, "notes": 8,
        "second": 19, "second_zone": 20, "index": 254,
    }  # fmt: skip
    return 27, {numbers[key]: value for key, value in fields.items()}


def workout(*steps: tuple[int, dict[int, int | str]], name: str = "Test") -> list[tuple[int, Any]]:
    numbered = [(number, {254: index, **fields}) for index, (number, fields) in enumerate(steps)]
    return [FILE_ID, (26, {4: 1, 6: len(steps), 8: name}), *numbered]


HILLS = workout(
    step(ends=TIME, amount=600_000, target=NONE, intensity=2),
    step(name="Up", ends=DISTANCE, amount=40_000, target=SPEED, zone=0, low=2400, high=2600, notes="Short steps"),
    step(ends=HR_BELOW, amount=220, target=NONE, intensity=4),
    step(ends=REPEAT, amount=1, zone=4),
    step(ends=OPEN, target=HEART, zone=2, intensity=3),
    name="Hill repeats",
)


def test_a_workout_becomes_a_session_that_reads_like_it(taken: Taken, fit: Fit) -> None:
    found = taken(fit(HILLS))
    assert found.toml.splitlines()[-9:] == [
        'name = "Hill repeats"',
        "steps = [",
        '  { name = "Warm-up", for = "10:00", incline = 0 },',
        "  { repeat = 4, steps = [",
        '      { name = "Up", distance = 400, incline = 0, speed = 9, say = "Short steps" },',
        '      { name = "Recovery", for = "30:00", incline = 0, until_hr_below = 120 },',
        "  ] },",
        '  { name = "Cool-down", for = "30:00", incline = 0, hr_max = "zone 2", until_tap = true },',
        "]",
    ]
    assert any("no usable incline" in what for what in found.left_out)
    assert any("30 min at most" in what for what in found.left_out)


@pytest.mark.parametrize("big_endian", [False, True])
def test_another_reader_finds_the_same_fields(fit: Fit, big_endian: bool) -> None:
    raw = fit(HILLS, big_endian=big_endian)
    reader = fitdecode.FitReader(
        io.BytesIO(raw), check_crc=fitdecode.CrcCheck.RAISE, error_handling=fitdecode.ErrorHandling.RAISE
    )
    theirs = [
        (frame.global_mesg_num, {field.def_num: field.raw_value for field in frame.fields if field.def_num is not None})
        for frame in reader
        if isinstance(frame, fitdecode.FitDataMessage)
    ]
    ours = [(message.number, message.fields) for message in fit_records.messages(raw, "")]
    assert [number for number, _ in ours] == [number for number, _ in theirs]
    for (_, own), (_, other) in zip(ours, theirs, strict=True):
        assert own == {key: other[key] for key in own}


def test_both_byte_orders_mean_the_same(taken: Taken, fit: Fit) -> None:
    assert taken(fit(HILLS, big_endian=True)) == taken(fit(HILLS))


@pytest.mark.parametrize(
    ("fields", "cap_bpm"),
    [
        ({"zone": 3}, 144), ({"zone": 0, "low": 70, "high": 80}, 144), ({"low": 220, "high": 240}, 140),
        ({"zone": 0}, None), ({"high": 120}, None),
    ],
)  # fmt: skip
def test_heart_rates_are_zones_shares_or_beats(taken: Taken, fit: Fit, fields: dict[str, int], cap_bpm: float) -> None:
    found = taken(fit(workout(step(ends=TIME, amount=60_000, target=HEART, **fields))))
    assert found.plan.steps[0].cap_bpm == cap_bpm


def test_a_second_target_counts_too(taken: Taken, fit: Fit) -> None:
    found = taken(
        fit(workout(step(ends=TIME, amount=60_000, target=SPEED, low=2500, high=2500, second=HEART, second_zone=4)))
    )
    assert (found.plan.steps[0].speed_kmh, found.plan.steps[0].cap_bpm) == ((9, 9), 162)


def test_repeats_stand_inside_each_other(taken: Taken, fit: Fit) -> None:
    short = step(ends=TIME, amount=10_000)
    found = taken(
        fit(workout(short, short, step(ends=REPEAT, amount=1, zone=3), short, step(ends=REPEAT, amount=1, zone=2)))
    )
    assert len(found.plan.steps) == 1 + 2 * (3 + 1)


@pytest.mark.parametrize(("times", "words"), [(1, ""), (2, "repeats to more than 500 steps")])
def test_thousands_of_repeats_around_each_other_are_answered(taken: Taken, fit: Fit, times: int, words: str) -> None:
    raw = fit(workout(step(ends=TIME, amount=10_000), *[step(ends=REPEAT, amount=0, zone=times)] * 4000))
    try:
        found = taken(raw)
    except ForeignFileError as error:
        assert words and words in str(error)
    else:
        assert not words and len(found.plan.steps) == 1


def test_a_distance_without_a_speed_takes_the_one_that_is_given(taken: Taken, refused: Refused, fit: Fit) -> None:
    raw = fit(workout(step(ends=DISTANCE, amount=100_000, target=NONE)))
    assert "give one: --speed" in refused(raw)
    assert taken(raw, speed_kmh=9.5).plan.steps[0].speed_kmh == (9.5, 9.5)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ends": TIME, "amount": 60_000, "target": 4}, "Targets of power."),
        ({"ends": TIME, "amount": 60_000, "target": 5, "low": 8, "high": 9}, "Targets of grade."),
        ({"ends": TIME, "amount": 60_000, "target": SPEED, "zone": 3}, "speed zone of the watch"),
        ({"ends": 4, "amount": 300}, "not measured here"),
        ({"ends": HR_ABOVE, "amount": 130}, "none of 60 to 220"),
    ],
)
def test_what_stays_behind_is_listed(taken: Taken, fit: Fit, fields: dict[str, int], words: str) -> None:
    assert any(words in what for what in taken(fit(workout(step(**fields)))).left_out)


def test_repeats_until_something_happens_are_done_once_and_told(taken: Taken, fit: Fit) -> None:
    found = taken(fit(workout(step(ends=TIME, amount=60_000), step(ends=10, amount=0, zone=150))))
    assert len(found.plan.steps) == 1
    assert any("done once" in what for what in found.left_out)


def test_a_bike_workout_says_that_it_is_one(taken: Taken, fit: Fit) -> None:
    messages = [FILE_ID, (26, {4: 2}), step(ends=TIME, amount=60_000)]
    assert any("not made for running" in what for what in taken(fit(messages)).left_out)


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], "not a workout"),
        ([(0, {0: 4}), step(ends=TIME, amount=60_000)], "not a workout"),
        (workout(), "not a workout"),
        (workout(step(ends=TIME, amount=1000)), "no step that a treadmill can do"),
        (workout(step(ends=REPEAT, amount=0, zone=3)), "from a step that does not come before it"),
        (workout(step(ends=TIME, amount=9000), step(ends=REPEAT, amount=7, zone=3)), "does not come before it"),
        (workout(step(ends=TIME, amount=9000), step(ends=REPEAT, amount=0, zone=9999)), "repeats 9999 times"),
        (workout(step(ends=TIME, amount=0xFFFFFFFE)), "at most 3 h"),
        (workout(step(ends=TIME, amount=9000, target=SPEED, low=9000, high=9000)), "at most 20 km/h"),
    ],
)
def test_what_cannot_be_a_session_is_refused_in_one_line(
    refused: Refused, fit: Fit, messages: list[Any], words: str
) -> None:
    assert words in refused(fit(messages))


def test_a_damaged_file_is_told_from_a_short_one(refused: Refused, fit: Fit) -> None:
    raw = fit(HILLS)
    assert "is cut off" in refused(raw[:-5])
    assert "checksum is wrong" in refused(raw[:40] + bytes([raw[40] ^ 1]) + raw[41:])


def test_data_without_a_definition_is_damage(refused: Refused) -> None:
    body = b"\x03\x00"
    head = b"\x0c\x10\x64\x00" + len(body).to_bytes(4, "little") + b".FIT"
    raw = head + body + fit_records.checksum(head + body).to_bytes(2, "little")
    assert "damaged FIT file (at octet 12)" in refused(raw)


def test_a_recording_of_hours_is_no_workout(refused: Refused, fit: Fit) -> None:
    assert "more than 5000 messages" in refused(fit([FILE_ID, *[(20, {5: 1})] * 5001]))


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=80), small_header=st.booleans())
def test_any_body_with_a_right_checksum_is_read_or_refused(body: bytes, small_header: bool) -> None:
    head = (b"\x0c" if small_header else b"\x0e") + b"\x10\x64\x00" + len(body).to_bytes(4, "little") + b".FIT"
    head += b"" if small_header else b"\x00\x00"
    raw = head + body + fit_records.checksum(head + body).to_bytes(2, "little")
    try:
        found = list(fit_records.messages(raw, "file"))
    except ForeignFileError as error:
        assert "damaged" in str(error)
    else:
        assert all(isinstance(value, int | str | None) for message in found for value in message.fields.values())
