"""Whatever the bytes are, an import gives a session that loads, or one line; hostile files are refused at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pitrainer import importers, sessions
from pitrainer.importers import ForeignFileError

Put = Callable[[str | bytes], Path]
Refused = Callable[..., str]
SLOW_FIXTURE = [HealthCheck.function_scoped_fixture]

ZWO = (
    b'<?xml version="1.0"?><workout_file><name>Hills</name><sportType>run</sportType><durationType>time</durationType>'
    b'<workout><Warmup Duration="300" PowerLow=".5" PowerHigh="0.7" pace="2"><textevent timeoffset="9" message="Go"/>'
    b'</Warmup><IntervalsT Repeat="3" OnDuration="60" OffDuration="60" OnPower="1" OffPower=".6" OnSlope="8"/>'
    b"</workout></workout_file>"
)
QZ = (
    b'<rows><row duration="00:05:00" speed="6" inclination="2" zonehr="2"/><repeat times="4">'
    b'<row distance="0.4" speed="8" hrmax="150"/><row hrbelow="120" lapbutton="1"/></repeat></rows>'
)


def attempt(path: Path) -> str:
    """The session or the one line; anything else fails the test."""
    try:
        found = importers.read(path, units="km", speed_kmh=10.0)
    except ForeignFileError as error:
        (line,) = str(error).splitlines()
        return line
    assert len(found.plan.steps) >= 1
    return found.toml


@settings(deadline=None, max_examples=200, suppress_health_check=SLOW_FIXTURE)
@given(st.binary(max_size=200))
@example(b"\xff\xfe<\x00r\x00o\x00w\x00s\x00/\x00>\x00")
@example(b"<\x00")
@example(b"\x0e\x10\x64\x00\x00\x00\x00\x00.FIT\x00\x00\x00\x00")
def test_any_bytes_are_answered(put: Put, raw: bytes) -> None:
    assert attempt(put(raw))


@settings(deadline=None, max_examples=300, suppress_health_check=SLOW_FIXTURE)
@given(
    base=st.sampled_from([ZWO, QZ]),
    at=st.integers(0, 520),
    change=st.binary(max_size=5) | st.sampled_from([b"nan", b"-1", b"1e309", b"&lol;", b'"/><', b"99999999999", b"0"]),
    cut=st.integers(0, 30),
)
def test_a_damaged_workout_is_answered(put: Put, base: bytes, at: int, change: bytes, cut: int) -> None:
    assert attempt(put(base[:at] + change + base[at + cut :]))


VALUES = st.one_of(
    st.sampled_from(["", "nan", "inf", "-inf", "1e308", "-1e308", "1e-308", ".5", "0", "-0", "word", "00:05:00", "٣"]),
    st.floats().map(str),
    st.integers().map(str),
)
WORDS = """Duration Power PowerLow PowerHigh pace Speed Incline Slope OnSlope Repeat OnDuration OffDuration OnPower
OffPower Cadence duration distance speed speedfrom speedto inclination zonehr hrmax hrbelow times lapbutton"""
ATTRIBUTES = st.sampled_from(WORDS.split())
ELEMENTS = st.sampled_from(
    ["SteadyState", "IntervalsT", "Ramp", "FreeRide", "MaxEffort", "textevent", "row", "repeat", "Bogus"]
)
STEPS = st.lists(st.tuples(ELEMENTS, st.dictionaries(ATTRIBUTES, VALUES, max_size=6)), max_size=5)


@settings(deadline=None, max_examples=300, suppress_health_check=SLOW_FIXTURE)
@given(STEPS, st.booleans(), st.sampled_from(["time", "distance"]))
def test_any_values_in_any_attributes_are_answered(
    put: Put, steps: list[tuple[str, dict[str, str]]], zwift: bool, kind: str
) -> None:
    written = "".join(f"<{name} " + " ".join(f'{k}="{v}"' for k, v in given.items()) + "/>" for name, given in steps)
    head = f"<workout_file><durationType>{kind}</durationType><workout>{written}</workout></workout_file>"
    assert attempt(put(head if zwift else f"<rows>{written}</rows>"))


def test_what_is_written_loads_as_the_same_plan(put: Put, tmp_path: Path) -> None:
    for raw in (ZWO, QZ):
        found = importers.read(put(raw), units="km", speed_kmh=10.0)
        path = tmp_path / "session.toml"
        path.write_text(found.toml, encoding="utf-8")
        assert sessions.load(path) == found.plan
        assert all(problem.level == "warning" for problem in sessions.check(path))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("just words", "is neither XML"),
        ('{"json": 1}', "is neither XML"),
        (b"\x00" * 100, "is neither XML"),
        ("<html></html>", "begins with <html>"),
        ("<gpx></gpx>", "use: pitrainer course"),
        ("<rows>" + "<repeat times='2'>" * 1000, "more than 64 deep"),
        ("<rows>" + "<row/>" * 30_000 + "</rows>", "more than 20,000 elements"),
        ('<!DOCTYPE r [<!ENTITY a "b">]><rows/>', "declares a document type of its own"),
        ('<?xml version="1.0" encoding="utf-7"?><rows/>', "encoding"),
        ("<rows>" + '<row duration="00:00:10"/>' * 19_000 + "</rows>", "has 19,000 steps"),
        ("<rows>&undeclared;</rows>", "no sound XML"),
        ("<" + "a" * 1_900_000 + "/>", "begins with <aaaa"),
        ("<rows " + " ".join(f'a{index}="1"' for index in range(100_000)) + "/>", "no step"),
        ("<rows><row name='" + "x" * 1_900_000 + "'/></rows>", "no step"),
    ],
)
def test_odd_and_hostile_files_are_refused_in_one_line(refused: Refused, content: str | bytes, words: str) -> None:
    line = refused(content, units="km")
    assert words in line
    assert len(line) < 400


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.zwo"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(ForeignFileError, match="larger than 2 MB"):
        importers.read(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "missing", "No such file"), (tmp_path, "not an ordinary file")):
        with pytest.raises(ForeignFileError, match=words):
            importers.read(path)


def test_a_byte_order_mark_or_utf_16_does_no_harm(put: Put) -> None:
    for raw in (b"\xef\xbb\xbf" + QZ, QZ.decode().encode("utf-16"), b"\n  " + QZ):
        assert "[" in attempt(put(raw))
        assert importers.read(put(raw), units="km").plan.steps[0].for_s == 300
