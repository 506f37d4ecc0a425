"""GPX files of every kind go in, or are refused in one sentence that says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitrainer.courses import gpx
from pitrainer.importers import ForeignFileError

Put = Callable[[str | bytes], Path]
HILL = [100.0 + index for index in range(30)]
POINTS = (
    '<{p}trkpt lat="47.00" lon="11"><{p}ele>500</{p}ele></{p}trkpt><{p}trkpt lat="47.01" lon="11">'
    "<{p}ele>600</{p}ele></{p}trkpt>"
)


def refused(path: Path) -> str:
    with pytest.raises(ForeignFileError) as caught:
        gpx.read(path)
    (line,) = str(caught.value).splitlines()
    return line


def test_a_track_gives_its_way_and_its_elevations(gpx_file: Put, text_of: Callable[..., str]) -> None:
    track = gpx.read(gpx_file(text_of(HILL, name="Long &amp; steep")))
    assert track.name == "Long & steep"
    assert track.along_m == pytest.approx([10.0 * index for index in range(30)], abs=1e-3)
    assert track.elevation_m == tuple(HILL)
    assert track.notes == ()


@pytest.mark.parametrize(
    ("root", "prefix"),
    [
        ('<gpx xmlns="http://www.topografix.com/GPX/1/1">', ""),
        ('<gpx xmlns="http://www.topografix.com/GPX/1/0" version="1.0">', ""),
        ("<gpx>", ""),
        ('<x:gpx xmlns:x="http://www.topografix.com/GPX/1/1">', "x:"),
        ("<x:gpx>", "x:"),
    ],
)
def test_any_namespace_will_do_declared_or_not(gpx_file: Put, root: str, prefix: str) -> None:
    points = POINTS.format(p=prefix)
    text = f"{root}<{prefix}trk><{prefix}trkseg>{points}</{prefix}trkseg></{prefix}trk></{prefix}gpx>"
    assert gpx.read(gpx_file(text)).elevation_m == (500.0, 600.0)


def test_an_extensions_element_called_ele_or_name_is_nobodys_elevation(gpx_file: Put) -> None:
    extra = "<extensions><v:ele>9</v:ele><v:deep><name>no</name><ele>8</ele></v:deep></extensions></trkpt>"
    text = (
        "<gpx><trk><trkseg>" + POINTS.format(p="").replace("</trkpt>", extra) + "</trkseg><name>yes</name></trk></gpx>"
    )
    track = gpx.read(gpx_file(text))
    assert (track.name, track.elevation_m) == ("yes", (500.0, 600.0))


def test_waypoints_are_not_part_of_the_course(gpx_file: Put) -> None:
    text = '<gpx><wpt lat="1" lon="1"><ele>3</ele></wpt><trk><trkseg>' + POINTS.format(p="") + "</trkseg></trk></gpx>"
    assert gpx.read(gpx_file(text)).elevation_m == (500.0, 600.0)


def test_a_route_serves_where_there_is_no_track(gpx_file: Put) -> None:
    text = "<gpx><trk><trkseg/></trk><rte>" + POINTS.format(p="").replace("trkpt", "rtept") + "</rte></gpx>"
    assert gpx.read(gpx_file(text)).along_m[-1] == pytest.approx(1112, abs=1)


def test_segments_are_one_way_and_shorter_tracks_are_left_out(gpx_file: Put) -> None:
    first = '<trkpt lat="46.99" lon="11"><ele>400</ele></trkpt>'
    alone, both = f"<trkseg>{first}</trkseg>", f"<trkseg>{POINTS.format(p='')}</trkseg>"
    text = f"<gpx><trk>{alone}{both}</trk><trk>{alone}</trk></gpx>"
    track = gpx.read(gpx_file(text))
    assert track.elevation_m == (400.0, 500.0, 600.0)
    assert track.notes == ("1 shorter tracks of the file left out.",)


def test_points_at_the_same_place_are_one(gpx_file: Put, text_of: Callable[..., str]) -> None:
    repeated = "\n".join(line * (4 if line.startswith("<trkpt") else 1) for line in text_of(HILL).splitlines())
    track = gpx.read(gpx_file(repeated))
    assert track.elevation_m == tuple(HILL)
    assert track.notes == ("90 of 120 points dropped: nearer than 0.5 m to the one before.",)


def test_a_few_missing_elevations_lie_on_the_line_between(gpx_file: Put, text_of: Callable[..., str]) -> None:
    holes: list[float | None] = [None, *HILL[1:10], None, None, *HILL[12:29], None]
    track = gpx.read(gpx_file(text_of(holes)))
    assert track.elevation_m[10:12] == pytest.approx(HILL[10:12], abs=1e-3)
    assert (track.elevation_m[0], track.elevation_m[-1]) == (HILL[1], HILL[28])
    assert "4 of 30 points had no elevation" in track.notes[0]


def test_a_course_without_elevations_is_refused_with_the_reason_and_the_cure(
    gpx_file: Put, text_of: Callable[..., str]
) -> None:
    path = gpx_file(text_of([None] * 30))
    assert refused(path) == f"{path}: no point has an elevation; let a route planner add them and export it again"


@pytest.mark.parametrize("word", ["nan", "NaN", "inf", "-Infinity", "1e999", "twelve", "9001", "1_0"])
def test_an_elevation_that_is_none_is_refused_with_its_line(
    gpx_file: Put, text_of: Callable[..., str], word: str
) -> None:
    assert ":5: " in refused(gpx_file(text_of(HILL).replace("<ele>102.0</ele>", f"<ele>{word}</ele>")))


@pytest.mark.parametrize("place", ['lat="nan" lon="11"', 'lat="91" lon="11"', 'lat="47"', 'lat="47,5" lon="11"', ""])
def test_a_place_that_is_none_is_refused_with_its_line(gpx_file: Put, place: str) -> None:
    text = f"<gpx>\n<trk><trkseg>\n<trkpt {place}><ele>1</ele></trkpt></trkseg></trk></gpx>"
    assert ":3: a point's l" in refused(gpx_file(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("  \n ", "is empty"),
        ("no markup", "no sound XML"),
        ("<gpx><trk>", "no sound XML"),
        ("<gpx></trk>", ":1: is no sound XML"),
        ("<kml/>", "begins with <kml>"),
        ("<gpx/>", "no track and no route"),
        ('<gpx><trkpt lat="1" lon="1"/></gpx>', "outside any track"),
        ('<?xml version="1.0" encoding="klingon"?><gpx/>', "encoding that is not known"),
        ('<?xml version="1.0" encoding="shift_jis"?><gpx/>', "encoding that is not known"),
        ('<?xml version="1.0" encoding="rot13"?><gpx/>', "encoding that is not known"),
        ("<gpx>" + "<a>" * 100_000, "more than 64 deep"),
        ("<gpx><trk><trkseg>" + POINTS.format(p="").replace("47.01", "47.0001") + "</trkseg></trk></gpx>", "only 11 m"),
        ("<gpx><trk><trkseg>" + POINTS.format(p="").replace("47.01", "-80") + "</trkseg></trk></gpx>", "14,122 km"),
    ],
)
def test_what_is_no_course_is_refused_in_one_line(gpx_file: Put, text: str, words: str) -> None:
    assert words in refused(gpx_file(text))


BOMB = '<!DOCTYPE gpx [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


@pytest.mark.parametrize(
    "declared",
    [
        BOMB + "]>",
        '<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE gpx [<!ATTLIST trkpt lat CDATA "1">]>',
    ],
)
def test_a_file_that_declares_its_own_entities_is_refused(gpx_file: Put, declared: str) -> None:
    text = f"{declared}<gpx><trk><name>&a;</name><trkseg>{POINTS.format(p='')}</trkseg></trk></gpx>"
    assert "declares a document type of its own" in refused(gpx_file(text))


def test_a_document_type_without_declarations_does_no_harm(gpx_file: Put) -> None:
    text = f'<!DOCTYPE gpx SYSTEM "gpx.dtd"><gpx><trk><trkseg>{POINTS.format(p="")}</trkseg></trk></gpx>'
    assert len(gpx.read(gpx_file(text)).along_m) == 2


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.gpx"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    assert refused(path) == f"{path}: is larger than 20 MB, the most that is read of such a file"


def test_too_many_points_are_refused(gpx_file: Put) -> None:
    point = '<trkpt lat="1" lon="1"/>'
    assert "more than 200,000 points" in refused(gpx_file("<gpx><trk>" + point * 200_001))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "missing.gpx")
    assert "not an ordinary file" in refused(tmp_path)
    assert "cannot be read" in refused(Path("a\0b"))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda inner: b"<gpx><trk>" + inner))
def test_any_bytes_are_a_course_or_one_line(gpx_file: Put, raw: bytes) -> None:
    assert refused(gpx_file(raw))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 1900), change=st.binary(max_size=6), cut=st.integers(0, 60))
def test_a_damaged_course_is_a_course_or_one_line(
    gpx_file: Put, text_of: Callable[..., str], at: int, change: bytes, cut: int
) -> None:
    raw = text_of(HILL).encode()
    path = gpx_file(raw[:at] + change + raw[at + cut :])
    try:
        track = gpx.read(path)
    except ForeignFileError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert len(track.along_m) == len(track.elevation_m) >= 2


def test_a_day_at_one_point_a_second_goes_in_whole(gpx_file: Put, text_of: Callable[..., str]) -> None:
    heights = [1000.0 + (index % 2000) / 10 for index in range(60_000)]
    assert len(gpx.read(gpx_file(text_of(heights, 2.5))).along_m) == 60_000
