"""FIT files, judged by two decoders that nobody here wrote."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import fitdecode  # type: ignore[import-untyped]
import fitparse  # type: ignore[import-untyped]
import pytest
from diary_kit import HILL, HOSTILE, IDS, STARTED_TS, Kept, record_of
from hypothesis import given
from hypothesis import strategies as some

from pitrainer.diary import fit
from pitrainer.diary.figures import figures
from pitrainer.diary.fit import to_fit
from pitrainer.diary.fitfile import SINT16, STRING, UINT8, UINT32, Field, Kind, Message, crc, encode, timestamp
from pitrainer.history import Record
from pitrainer.model import Phase

Values = dict[str, Any]


@cache
def decoded(content: bytes) -> list[tuple[str, Values]]:
    """By fitdecode at its strictest: (message, fields by name)."""
    reader = fitdecode.FitReader(
        io.BytesIO(content), check_crc=fitdecode.CrcCheck.RAISE, error_handling=fitdecode.ErrorHandling.RAISE
    )
    with reader:
        return [
            (frame.name, {field.name: field.value for field in frame.fields})
            for frame in reader
            if isinstance(frame, fitdecode.FitDataMessage)
        ]


@cache
def parsed(content: bytes) -> list[tuple[str, Values]]:
    """The same by fitparse."""
    messages: Iterable[Any] = fitparse.FitFile(io.BytesIO(content), check_crc=True).get_messages()
    return [(message.name, message.get_values()) for message in messages]


def of(kind: str, messages: list[tuple[str, Values]]) -> list[Values]:
    return [values for name, values in messages if name == kind]


@pytest.mark.parametrize("id_", IDS)
def test_two_decoders_read_every_kind_of_session_and_agree(kept: Kept, id_: str) -> None:
    content = to_fit(record_of(kept, id_))
    one, other = decoded(content), parsed(content)
    assert [name for name, _ in one] == [name for name, _ in other]
    assert of("session", one)[0]["total_distance"] == of("session", other)[0]["total_distance"]
    assert [values["heart_rate"] for values in of("record", one)] == [
        values["heart_rate"] for values in of("record", other)
    ]


def test_the_decoders_would_notice_a_flipped_bit(kept: Kept) -> None:
    content = bytearray(to_fit(record_of(kept, "climb")))
    content[len(content) // 2] ^= 1
    with pytest.raises(fitdecode.FitCRCError):
        decoded(bytes(content))
    with pytest.raises(fitparse.utils.FitCRCError):
        parsed(bytes(content))


def test_both_decoders_know_every_field_by_the_name_that_we_give_it(kept: Kept) -> None:
    messages = decoded(to_fit(record_of(kept, "climb")))
    kinds = {
        "file_id": fit.FILE_ID, "file_creator": fit.FILE_CREATOR, "device_info": fit.DEVICE_INFO, "sport": fit.SPORT,
        "event": fit.EVENT, "record": fit.RECORD, "lap": fit.LAP, "session": fit.SESSION, "activity": fit.ACTIVITY,
    }  # fmt: skip
    assert set(kinds) == {name for name, _ in messages}
    for name, values in messages:
        assert set(kinds[name].fields) <= set(values), name
    for name, values in parsed(to_fit(record_of(kept, "climb"))):
        assert set(kinds[name].fields) <= set(values), name


def test_a_session_is_a_treadmill_run_with_a_lap_for_each_step(kept: Kept) -> None:
    record = record_of(kept, "climb")
    messages = decoded(to_fit(record))
    counts = Counter(name for name, _ in messages)
    assert (counts["file_id"], counts["session"], counts["activity"], counts["lap"]) == (1, 1, 1, len(HILL.steps))
    assert of("file_id", messages)[0]["type"] == "activity"
    (session,) = of("session", messages)
    assert (session["sport"], session["sub_sport"], session["num_laps"]) == ("running", "treadmill", len(HILL.steps))
    told = figures(record)
    assert session["total_ascent"] == round(told.ascent_m)
    assert session["total_distance"] == pytest.approx(told.distance_m, abs=0.01)
    assert session["total_timer_time"] == pytest.approx(told.active_s, abs=0.01)
    assert session["max_heart_rate"] == told.hr_highest_bpm


def test_laps_add_up_to_the_session(kept: Kept) -> None:
    messages = decoded(to_fit(record_of(kept, "climb")))
    (session,) = of("session", messages)
    laps = of("lap", messages)
    for field in ("total_distance", "total_timer_time", "total_elapsed_time"):
        assert sum(lap[field] for lap in laps) == pytest.approx(session[field], abs=0.05)
    assert sum(lap["total_ascent"] for lap in laps) == pytest.approx(session["total_ascent"], abs=len(laps))
    assert [lap["message_index"] for lap in laps] == list(range(len(laps)))


def test_a_second_has_grade_speed_climbed_height_and_vertical_speed(kept: Kept) -> None:
    record = record_of(kept, "climb")
    messages = of("record", decoded(to_fit(record)))
    sample = record.samples[1500]
    at = datetime.fromtimestamp(round(STARTED_TS + sample["t_s"]), UTC)
    (values,) = [values for values in messages if values["timestamp"] == at]
    assert values["heart_rate"] == round(sample["hr_bpm"])
    assert values["grade"] == pytest.approx(sample["incline_pct"], abs=0.01)
    assert values["enhanced_speed"] == pytest.approx(sample["speed_kmh"] / 3.6, abs=0.001)
    assert values["enhanced_altitude"] == pytest.approx(sample["ascent_m"], abs=0.11)
    assert values["vertical_speed"] == pytest.approx(5.0 / 3.6 * 0.07, abs=0.003)


def test_seconds_are_in_order_and_never_double(kept: Kept) -> None:
    times = [values["timestamp"] for values in of("record", decoded(to_fit(record_of(kept, "climb"))))]
    assert times == sorted(set(times))
    assert datetime.fromtimestamp(STARTED_TS, UTC) <= times[0]


def test_two_samples_in_one_second_make_one_record(kept: Kept) -> None:
    record = record_of(kept, "climb")
    double = [sample | {"t_s": sample["t_s"] + late_s} for sample in record.samples[:50] for late_s in (0.0, 0.1)]
    twice: Record = replace(record, samples=double)
    assert len(of("record", decoded(to_fit(twice)))) == 50


def test_an_unknown_heart_rate_is_unknown_and_not_0(kept: Kept) -> None:
    messages = decoded(to_fit(record_of(kept, "heartless")))
    hearts = {values["heart_rate"] for values in of("record", messages)}
    assert hearts == {None}
    assert of("session", messages)[0]["avg_heart_rate"] is None
    assert Field(3, UINT8).packed(None) == b"\xff"


def test_a_pause_stops_the_timer_and_has_no_records(kept: Kept) -> None:
    record = record_of(kept, "climb")
    paused = [
        sample | ({"phase": Phase.PAUSED.value} if 500 <= index < 560 else {})
        for index, sample in enumerate(record.samples)
    ]
    with_pause: Record = replace(record, samples=paused)
    messages = decoded(to_fit(with_pause))
    timer = [values["event_type"] for values in of("event", messages)]
    assert timer == ["start", "stop_all", "start", "stop_all"]
    (session,) = of("session", messages)
    assert session["total_elapsed_time"] - session["total_timer_time"] >= 60.0
    whole = of("record", decoded(to_fit(record)))
    assert len(whole) - len(of("record", messages)) == 60


def test_a_hostile_name_is_cut_to_its_room_and_breaks_nothing(kept: Kept) -> None:
    record = record_of(kept, "hostile")
    (sport,) = of("sport", decoded(to_fit(record)))
    assert HOSTILE.startswith(sport["name"])
    long = replace(record, session=replace(record.session, name="é" * 500))
    assert of("sport", decoded(to_fit(long)))[0]["name"] == "é" * 23


def test_the_checksum_is_the_one_that_is_published() -> None:
    assert crc(b"123456789") == 0xBB3D  # CRC-16/ARC's check value


def test_time_is_counted_from_the_last_day_of_1989() -> None:
    assert timestamp(datetime(1989, 12, 31, 0, 1, tzinfo=UTC).timestamp()) == 60


@given(some.floats() | some.integers())
def test_a_number_is_kept_within_its_step_or_becomes_unknown(value: float) -> None:
    field = Field(9, SINT16, 100)
    stored = int.from_bytes(field.packed(value), "little", signed=True)
    if stored != SINT16.invalid:
        assert stored / 100 == pytest.approx(value, abs=0.00501)
    else:
        assert not -327.0 < value < 327.0


@given(some.text())
def test_any_text_fits_and_ends(text: str) -> None:
    packed = Field(3, STRING, size=12).packed(text)
    assert len(packed) == 12
    assert packed[-1] == 0
    packed.rstrip(b"\0").decode()


def test_more_kinds_than_local_numbers_are_refused() -> None:
    kinds = [Message(Kind(number, {"timestamp": Field(253, UINT32)}), {}) for number in range(17)]
    with pytest.raises(ValueError, match="16"):
        encode(kinds)
