"""A session as a FIT activity, for watches' sites and training programs.

A treadmill run: one record a second, one lap per step of the plan, the timer stopped in pauses. Times are the
session's start plus its own seconds. A treadmill has no altitude; sites take ascent from it, so what is written is the
height climbed since the start, beside `total_ascent` in laps and session. An unknown heart rate is the format's
"not known", never 0. Field numbers as two independent decoders name them (tests/diary/test_fit.py).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, pairwise

from pitrainer.diary.fitfile import (
    ENUM,
    SINT16,
    STRING,
    UINT8,
    UINT16,
    UINT32,
    UINT32Z,
    Field,
    Kind,
    Message,
    encode,
    timestamp,
)
from pitrainer.diary.laps import Lap, laps
from pitrainer.diary.trace import Moment, Trace, trace
from pitrainer.history import Record

SPORT_RUNNING, SUB_SPORT_TREADMILL = 1, 1
FILE_ACTIVITY, MANUFACTURER_DEVELOPMENT, PRODUCT = 4, 255, 1
EVENT_TIMER, EVENT_SESSION, EVENT_LAP, EVENT_ACTIVITY = 0, 8, 9, 26
TYPE_START, TYPE_STOP, TYPE_STOP_ALL = 0, 1, 4
TRIGGER_SESSION_END, TRIGGER_ACTIVITY_END, TRIGGER_FITNESS_EQUIPMENT = 7, 0, 8


def _milli(number: int) -> Field:
    """Seconds or m/s, in thousandths."""
    return Field(number, UINT32, 1000)


def _centi(number: int) -> Field:
    """Metres, in hundredths."""
    return Field(number, UINT32, 100)


FILE_ID = Kind(0, {
    "type": Field(0, ENUM), "manufacturer": Field(1, UINT16), "product": Field(2, UINT16),
    "serial_number": Field(3, UINT32Z), "time_created": Field(4, UINT32), "product_name": Field(8, STRING, size=10),
})  # fmt: skip
FILE_CREATOR = Kind(49, {"software_version": Field(0, UINT16)})
DEVICE_INFO = Kind(23, {
    "timestamp": Field(253, UINT32), "device_index": Field(0, UINT8), "manufacturer": Field(2, UINT16),
    "serial_number": Field(3, UINT32Z), "product": Field(4, UINT16), "product_name": Field(27, STRING, size=10),
})  # fmt: skip
SPORT = Kind(12, {"sport": Field(0, ENUM), "sub_sport": Field(1, ENUM), "name": Field(3, STRING, size=48)})
EVENT = Kind(21, {"timestamp": Field(253, UINT32), "event": Field(0, ENUM), "event_type": Field(1, ENUM)})
RECORD = Kind(20, {
    "timestamp": Field(253, UINT32), "heart_rate": Field(3, UINT8), "distance": _centi(5),
    "enhanced_speed": _milli(73), "enhanced_altitude": Field(78, UINT32, 5, 500),
    "grade": Field(9, SINT16, 100), "vertical_speed": Field(32, SINT16, 1000),
})  # fmt: skip
STRETCH = {
    "timestamp": Field(253, UINT32), "event": Field(0, ENUM), "event_type": Field(1, ENUM),
    "start_time": Field(2, UINT32), "total_elapsed_time": _milli(7), "total_timer_time": _milli(8),
    "total_distance": _centi(9), "message_index": Field(254, UINT16),
}  # fmt: skip
LAP = Kind(19, STRETCH | {
    "avg_heart_rate": Field(15, UINT8), "max_heart_rate": Field(16, UINT8), "total_ascent": Field(21, UINT16),
    "lap_trigger": Field(24, ENUM), "sport": Field(25, ENUM), "sub_sport": Field(39, ENUM),
    "avg_grade": Field(45, SINT16, 100), "avg_pos_vertical_speed": Field(53, SINT16, 1000),
    "enhanced_avg_speed": _milli(110), "enhanced_max_speed": _milli(111),
})  # fmt: skip
SESSION = Kind(18, STRETCH | {
    "avg_heart_rate": Field(16, UINT8), "max_heart_rate": Field(17, UINT8), "total_ascent": Field(22, UINT16),
    "sport": Field(5, ENUM), "sub_sport": Field(6, ENUM), "first_lap_index": Field(25, UINT16),
    "num_laps": Field(26, UINT16), "trigger": Field(28, ENUM), "avg_grade": Field(52, SINT16, 100),
    "avg_pos_vertical_speed": Field(60, SINT16, 1000), "enhanced_avg_speed": _milli(124),
    "enhanced_max_speed": _milli(125),
})  # fmt: skip
ACTIVITY = Kind(34, {
    "timestamp": Field(253, UINT32), "total_timer_time": _milli(0), "num_sessions": Field(1, UINT16),
    "type": Field(2, ENUM), "event": Field(3, ENUM), "event_type": Field(4, ENUM), "local_timestamp": Field(5, UINT32),
})  # fmt: skip


def to_fit(record: Record) -> bytes:
    """A whole FIT activity file, also of a session without samples, heart rate or end."""
    return encode(_messages(record, trace(record)))


def _messages(record: Record, moments: Trace) -> Iterator[Message]:
    start_ts = record.session.started_ts
    serial = zlib.crc32(record.session.machine_id.encode()) or 1
    maker: dict[str, float | str | None] = {
        "manufacturer": MANUFACTURER_DEVELOPMENT,
        "product": PRODUCT,
        "serial_number": serial,
    }
    created: dict[str, float | str | None] = {
        "type": FILE_ACTIVITY,
        "time_created": timestamp(start_ts),
        "product_name": "pitrainer",
    }
    yield Message(FILE_ID, maker | created)
    yield Message(FILE_CREATOR, {"software_version": 1})
    yield Message(
        DEVICE_INFO, maker | {"timestamp": timestamp(start_ts), "device_index": 0, "product_name": "pitrainer"}
    )
    sport = {"sport": SPORT_RUNNING, "sub_sport": SUB_SPORT_TREADMILL}
    yield Message(SPORT, sport | {"name": record.session.name})
    yield from _recorded(start_ts, moments)
    done = laps(moments)
    for index, lap in enumerate(done):
        yield Message(LAP, _stretch(start_ts, index, lap) | sport | {
            "event": EVENT_LAP, "event_type": TYPE_STOP,
            "lap_trigger": TRIGGER_SESSION_END if index == len(done) - 1 else TRIGGER_FITNESS_EQUIPMENT,
        })  # fmt: skip
    yield from _whole(start_ts, moments, sport, len(done))


def _recorded(start_ts: float, moments: Trace) -> Iterator[Message]:
    """The timer's starts and stops with the records between; no two records in one second."""
    last = timestamp(start_ts) - 1
    for active, group in groupby(moments, key=lambda moment: moment.active):
        part = tuple(group)
        if active:
            yield _timer(start_ts + part[0].t_s - part[0].dt_s, TYPE_START)
        for before, moment in pairwise((part[0], *part)):
            at = timestamp(start_ts + moment.t_s)
            if active and at > last:
                yield Message(RECORD, {"timestamp": at} | _record(before, moment))
                last = at
        if active:
            yield _timer(start_ts + part[-1].t_s, TYPE_STOP_ALL)
    if not moments:
        yield _timer(start_ts, TYPE_START)
        yield _timer(start_ts, TYPE_STOP_ALL)


def _timer(ts: float, event_type: int) -> Message:
    return Message(EVENT, {"timestamp": timestamp(ts), "event": EVENT_TIMER, "event_type": event_type})


def _record(before: Moment, moment: Moment) -> dict[str, float | str | None]:
    apart_s = moment.t_s - before.t_s
    return {
        "heart_rate": moment.hr_bpm,
        "distance": moment.distance_m,
        "enhanced_speed": _m_s(moment.speed_kmh),
        "enhanced_altitude": moment.ascent_m,
        "grade": moment.incline_pct,
        "vertical_speed": (moment.ascent_m - before.ascent_m) / apart_s if apart_s > 0.0 else None,
    }


def _stretch(start_ts: float, index: int, lap: Lap) -> dict[str, float | str | None]:
    """What a lap and the whole session have in common."""
    return {
        "timestamp": timestamp(start_ts + lap.to_s),
        "start_time": timestamp(start_ts + lap.from_s),
        "total_elapsed_time": lap.to_s - lap.from_s,
        "total_timer_time": lap.active_s,
        "total_distance": lap.distance_m,
        "message_index": index,
        "avg_heart_rate": lap.hr_mean_bpm,
        "max_heart_rate": lap.hr_highest_bpm,
        "total_ascent": lap.ascent_m,
        "avg_grade": lap.incline_mean_pct,
        "avg_pos_vertical_speed": lap.ascent_m / lap.active_s if lap.active_s > 0.0 else None,
        "enhanced_avg_speed": _m_s(lap.speed_mean_kmh),
        "enhanced_max_speed": _m_s(lap.speed_highest_kmh),
    }


def _whole(start_ts: float, moments: Trace, sport: dict[str, int], lap_count: int) -> Iterator[Message]:
    """The session and the activity around it."""
    one_step = tuple(moment._replace(step=0) for moment in moments)
    whole = laps(one_step)[0] if moments else Lap(0, 0.0, 0.0, 0.0, 0.0, 0.0, None, None, None, None, None)
    yield Message(SESSION, _stretch(start_ts, 0, whole) | sport | {
        "event": EVENT_SESSION, "event_type": TYPE_STOP, "first_lap_index": 0, "num_laps": lap_count,
        "trigger": TRIGGER_ACTIVITY_END,
    })  # fmt: skip
    end_ts = start_ts + whole.to_s
    yield Message(ACTIVITY, {
        "timestamp": timestamp(end_ts), "local_timestamp": timestamp(end_ts) + _utc_offset_s(end_ts),
        "total_timer_time": whole.active_s, "num_sessions": 1, "type": 0,
        "event": EVENT_ACTIVITY, "event_type": TYPE_STOP,
    })  # fmt: skip


def _utc_offset_s(ts: float) -> int:
    offset = datetime.fromtimestamp(ts).astimezone().utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


def _m_s(kmh: float | None) -> float | None:
    return None if kmh is None else kmh / 3.6
