"""A session as TCX (Garmin's Training Center XML, version 2), for programs that do not take FIT.

One lap per step; altitude is the height climbed since the start, as in the FIT file. The schema demands calories: what
they are is the oxygen that speed and grade demand (ACSM) at 20.9 J/ml for the recorded weight, an estimate. An
unknown heart rate has no element. The order of elements is the schema's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from pitrainer.core.metabolism import kcal_min, oxygen_ml_kg_min
from pitrainer.diary.figures import athlete_of
from pitrainer.diary.laps import Lap, laps
from pitrainer.diary.trace import Moment, Trace, trace
from pitrainer.history import Record

TCX = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
EXTENSION = "http://www.garmin.com/xmlschemas/ActivityExtension/v2"
UNKNOWN_WEIGHT_KG = 75.0


def to_tcx(record: Record) -> bytes:
    """The whole file, UTF-8."""
    root = Xml.Element("TrainingCenterDatabase", {"xmlns": TCX, "xmlns:x": EXTENSION})
    activity = Xml.SubElement(Xml.SubElement(root, "Activities"), "Activity", {"Sport": "Running"})
    _text(activity, "Id", _time(record.session.started_ts))
    moments = trace(record)
    athlete = athlete_of(record.athlete)
    weight_kg = athlete.weight_kg if athlete else UNKNOWN_WEIGHT_KG
    for lap in laps(moments) or (Lap(0, 0.0, 0.0, 0.0, 0.0, 0.0, None, None, None, None, None),):
        part = tuple(moment for moment in moments if lap.from_s < moment.t_s <= lap.to_s)
        _lap(activity, record.session.started_ts, lap, part, weight_kg)
    _text(activity, "Notes", legible(record.session.name))
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _lap(activity: Xml.Element, start_ts: float, lap: Lap, part: Trace, weight_kg: float) -> None:
    made = Xml.SubElement(activity, "Lap", {"StartTime": _time(start_ts + lap.from_s)})
    _text(made, "TotalTimeSeconds", f"{lap.active_s:.2f}")
    _text(made, "DistanceMeters", f"{lap.distance_m:.2f}")
    if lap.speed_highest_kmh is not None:
        _text(made, "MaximumSpeed", f"{lap.speed_highest_kmh / 3.6:.3f}")
    _text(made, "Calories", str(min(round(_kcal(part, weight_kg)), 0xFFFF)))
    _heart(made, "AverageHeartRateBpm", lap.hr_mean_bpm)
    _heart(made, "MaximumHeartRateBpm", lap.hr_highest_bpm)
    _text(made, "Intensity", "Active")
    _text(made, "TriggerMethod", "Manual")
    for stretch in _stretches(part):
        track = Xml.SubElement(made, "Track")
        for moment in stretch:
            _point(track, start_ts, moment)


def _stretches(part: Trace) -> Iterator[Trace]:
    """What lies between pauses: a track each."""
    stretch: list[Moment] = []
    for moment in part:
        if moment.active:
            stretch.append(moment)
        elif stretch:
            yield tuple(stretch)
            stretch = []
    if stretch:
        yield tuple(stretch)


def _point(track: Xml.Element, start_ts: float, moment: Moment) -> None:
    point = Xml.SubElement(track, "Trackpoint")
    _text(point, "Time", _time(start_ts + moment.t_s))
    _text(point, "AltitudeMeters", f"{moment.ascent_m:.2f}")
    _text(point, "DistanceMeters", f"{moment.distance_m:.2f}")
    _heart(point, "HeartRateBpm", moment.hr_bpm)
    if moment.speed_kmh is not None:
        inner = Xml.SubElement(Xml.SubElement(point, "Extensions"), "x:TPX")
        _text(inner, "x:Speed", f"{moment.speed_kmh / 3.6:.3f}")


def _kcal(part: Trace, weight_kg: float) -> float:
    return sum(
        kcal_min(oxygen_ml_kg_min(moment.speed_kmh, moment.incline_pct), weight_kg) * moment.dt_s / 60.0
        for moment in part
        if moment.active and moment.speed_kmh is not None and moment.incline_pct is not None
    )


def _heart(parent: Xml.Element, name: str, bpm: float | None) -> None:
    """The schema knows whole beats from 1 to 255."""
    if bpm is not None and 1 <= round(bpm) <= 255:
        _text(Xml.SubElement(parent, name), "Value", str(round(bpm)))


def _text(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(parent, name).text = text


def _time(ts: float) -> str:
    return datetime.fromtimestamp(ts, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def legible(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(
        char
        for char in text
        if char in "\t\n" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff"
    )
