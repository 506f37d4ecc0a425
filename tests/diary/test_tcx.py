"""TCX files: what a program that knows the schema would find."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree as Xml

import pytest
from diary_kit import HILL, HOSTILE, IDS, STARTED_TS, Kept, record_of

from pitrainer.diary.figures import figures
from pitrainer.diary.tcx import EXTENSION, TCX, legible, to_tcx
from pitrainer.history import Record
from pitrainer.model import Phase

NAMES = {"t": TCX, "x": EXTENSION}
LAP_ORDER = [
    "TotalTimeSeconds", "DistanceMeters", "MaximumSpeed", "Calories", "AverageHeartRateBpm", "MaximumHeartRateBpm",
    "Intensity", "TriggerMethod", "Track",
]  # fmt: skip
POINT_ORDER = ["Time", "AltitudeMeters", "DistanceMeters", "HeartRateBpm", "Extensions"]
"""As the schema's sequences have them."""


def tree(record: Record) -> Xml.Element:
    return Xml.fromstring(to_tcx(record))


def texts(element: Xml.Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, NAMES)]


def in_order(element: Xml.Element, order: list[str]) -> bool:
    places = [order.index(child.tag.split("}")[1]) for child in element]
    return places == sorted(places)


@pytest.mark.parametrize("id_", IDS)
def test_every_kind_of_session_is_an_activity_in_the_schemas_order(kept: Kept, id_: str) -> None:
    root = tree(record_of(kept, id_))
    assert [activity.get("Sport") for activity in root.findall("t:Activities/t:Activity", NAMES)] == ["Running"]
    laps = root.findall(".//t:Lap", NAMES)
    assert laps
    assert all(in_order(lap, LAP_ORDER) for lap in laps)
    assert all(in_order(point, POINT_ORDER) for point in root.findall(".//t:Trackpoint", NAMES))


def test_there_is_a_lap_for_each_step_and_they_add_up(kept: Kept) -> None:
    record = record_of(kept, "climb")
    root, told = tree(record), figures(record)
    assert len(root.findall(".//t:Lap", NAMES)) == len(HILL.steps)
    assert sum(map(float, texts(root, ".//t:Lap/t:DistanceMeters"))) == pytest.approx(told.distance_m, abs=0.1)
    assert sum(map(float, texts(root, ".//t:TotalTimeSeconds"))) == pytest.approx(told.active_s, abs=0.1)
    assert float(texts(root, ".//t:AltitudeMeters")[-1]) == pytest.approx(told.ascent_m, abs=0.01)
    assert 100 < sum(map(int, texts(root, ".//t:Calories"))) < 600


def test_times_are_the_start_and_the_sessions_own_seconds(kept: Kept) -> None:
    record = record_of(kept, "climb")
    times = [datetime.fromisoformat(text).timestamp() for text in texts(tree(record), ".//t:Time")]
    assert times == sorted(times)
    assert times[0] == pytest.approx(STARTED_TS + record.samples[0]["t_s"], abs=0.001)


def test_an_unknown_heart_rate_has_no_element(kept: Kept) -> None:
    root = tree(record_of(kept, "heartless"))
    assert texts(root, ".//t:HeartRateBpm") == []
    assert texts(root, ".//t:AverageHeartRateBpm") == []
    assert len(texts(tree(record_of(kept, "climb")), ".//t:HeartRateBpm/t:Value")) > 2000


def test_a_pause_ends_a_track_and_another_begins(kept: Kept) -> None:
    record = record_of(kept, "climb")
    paused = [
        sample | ({"phase": Phase.PAUSED.value} if 100 <= index < 130 else {})
        for index, sample in enumerate(record.samples)
    ]
    first = tree(replace(record, samples=paused)).findall(".//t:Lap", NAMES)[0]
    assert len(first.findall("t:Track", NAMES)) == 2


def test_a_hostile_name_stays_text_and_loses_what_xml_cannot_hold(kept: Kept) -> None:
    (notes,) = texts(tree(record_of(kept, "hostile")), ".//t:Notes")
    assert notes == legible(HOSTILE)
    assert "<script>" in notes and "\x00" not in notes
