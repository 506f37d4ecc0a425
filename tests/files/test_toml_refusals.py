"""Any bytes give a value or one report with lines; never another exception, and never half a screen of escapes."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from pitrainer import config, sessions
from pitrainer.tomlfile import MAX_BYTES, MAX_PROBLEMS, FileError, Table, in_order, read

Write = Callable[[str | bytes], Path]


class Inner(Table, frozen=True, kw_only=True):
    KEY: ClassVar[str] = "n"
    n: int


class Sample(Table, frozen=True, kw_only=True):
    speed: Annotated[float, Meta(ge=0, le=20)] = 1.0
    gap: Annotated[int, Meta(ge=1, le=9)] = 1
    on: bool = False
    mode: Literal["fast", "slow"] = "slow"
    version: Literal[3, 5] = 5
    rows: tuple[Inner, ...] = ()
    inner: Inner | None = None


def report_of(path: Path) -> list[str]:
    _, report = read(path, Sample)
    return [str(problem).removeprefix(str(path)) for problem in in_order(report.problems)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("speed = 21", [":1: speed: must be at most 20, not 21"]),
        ("speed = -1", [":1: speed: must be at least 0, not -1"]),
        ("gap = 0", [":1: gap: must be at least 1, not 0"]),
        ("gap = 10", [":1: gap: must be at most 9, not 10"]),
        ("speed = true", [":1: speed: must be a number, not true"]),
        ("gap = true", [":1: gap: must be a whole number, not true"]),
        ("on = 1", [":1: on: must be true or false, not the number 1"]),
        ('speed = "5"', [':1: speed: must be a number, not the text "5"']),
        ("speed = nan", [":1: speed: must be an ordinary number, not nan or inf"]),
        ("speed = inf", [":1: speed: must be an ordinary number, not nan or inf"]),
        ("speed = -inf", [":1: speed: must be an ordinary number, not nan or inf"]),
        ("speed = 1e9", [":1: speed: must be at most 20, not 1e+09"]),
        ("speed = 0x" + "f" * 400, [":1: speed: has too many digits"]),
        ("gap = 1.5", [":1: gap: must be a whole number, not the number 1.5"]),
        ("speed = 10:00:00", [":1: speed: must be a number, not a date or time"]),
        ("\nsped = 1", [':2: sped: unknown key; did you mean "speed"?']),
        ('mode = "fats"', [':1: mode: must not be the text "fats"; did you mean "fast"?']),
        ("version = 4", [":1: version: must not be the number 4; allowed: 3, 5"]),
        ("version = true", [":1: version: must not be true; allowed: 3, 5"]),
        ("rows = 1", [":1: rows: must be a list: [ { ... }, { ... } ], not the number 1"]),
        ("rows = []", [":1: rows: is empty; at least one is needed"]),
        ("rows = [\n{n = 1},\n{}]", [':3: row 2 of 2: "n" is missing']),
        ("inner = 1", [":1: inner: must be a { table }, not the number 1"]),
        ("inner.n = 1\ninner.m = 2", [":2: inner.m: unknown key; allowed: n"]),
    ],
)
def test_each_mistake_is_named_with_its_line_and_cure(write: Write, text: str, lines: list[str]) -> None:
    assert report_of(write(text)) == lines


def test_all_mistakes_of_a_file_come_at_once(write: Write) -> None:
    text = "speed = 99\nsped = 1\n\nrows = [\n  { n = 1 },\n  { n = true, m = 2 },\n]\non = 3\n"
    lines = [problem.split(": ")[0] for problem in report_of(write(text))]
    assert lines == [":1", ":2", ":6", ":6", ":8"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "speed = 10:00",
            ':1: not TOML: Expected newline or end of document after a statement; write times in quotes: "10:00"',
        ),
        (
            "inner = { n = 10:00 }",
            ':1: not TOML: a { is not closed, or a comma is missing; write times in quotes: "10:00"',
        ),
        (
            "speed = 5,5",
            ":1: not TOML: Expected newline or end of document after a statement; write numbers with a point: 5.5",
        ),
        ("\non = True", ":2: not TOML: Invalid value; write true or false"),
        ("mode = “fast”", ':1: not TOML: Invalid value; use straight quotes: "..."'),
        ("mode = fast", ":1: not TOML: Invalid value; write text in quotes"),
        ("gap = 1\ngap = 2", ":2: not TOML: a key or a table is given twice"),
        ("rows = [ { n = 1 }\n { n = 2 } ]", ":2: not TOML: a [ is not closed, or a comma is missing"),
        (
            "inner = {\n n = 1 }",
            ":1: not TOML: a key was expected here (or there is a comma too many); "
            "a { ... } must begin and end on the same line",
        ),
        ("gap = " + "9" * 5000, ": not TOML: a number has too many digits"),
        ("gap = " + "[" * 5000, ":1: brackets or dotted keys are nested too deeply"),
        ("a." * 5000 + "b = 1", ":1: brackets or dotted keys are nested too deeply"),
    ],
)
def test_what_is_not_toml_is_told_in_words_of_its_writer(write: Write, text: str, line: str) -> None:
    assert report_of(write(text)) == [line]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"\x00\xff", ":1: is not UTF-8 text; save it as plain text in UTF-8"),
        (b"speed = 1\n# \xe9t\xe9\n", ":2: is not UTF-8 text; save it as plain text in UTF-8"),
        ("speed = 1".encode("utf-16"), ":1: is not UTF-8 text; save it as plain text in UTF-8"),
        (
            b"\xef\xbb\xbfspeed = 1",
            ": cannot be read: it starts with a byte-order mark; save it as UTF-8 without BOM",
        ),
        (b"#" * (MAX_BYTES + 1), ": cannot be read: it is larger than 1 MB; sessions and settings are a few kB"),
    ],
)
def test_what_is_no_text_of_reasonable_size_is_refused(write: Write, raw: bytes, line: str) -> None:
    assert report_of(write(raw)) == [line]


def test_a_file_of_exactly_the_greatest_size_is_read(write: Write) -> None:
    assert report_of(write(b"#" * MAX_BYTES)) == []


@pytest.mark.parametrize("path", ["/dev/zero", "/nonexistent/x.toml", "/tmp", "a\0b"])
def test_what_is_no_file_is_refused_without_being_opened(path: str) -> None:
    for load, error in ((sessions.load, sessions.SessionError), (config.load, config.ConfigError)):
        with pytest.raises(error) as refused:
            load(path)
        assert "cannot be read" in str(refused.value)


def test_keys_and_names_cannot_move_a_terminals_cursor(write: Write) -> None:
    (line,) = report_of(write('"\\u001b[2J\\n" = 1'))
    assert line == ":1: \\x1b[2J\\n: unknown key; allowed: speed, gap, on, mode, version, rows, inner"


def test_a_file_full_of_mistakes_gets_a_report_of_bearable_length(write: Write) -> None:
    lines = report_of(write("".join(f"x{n} = 1\n" for n in range(1000))))
    assert len(lines) == MAX_PROBLEMS + 1
    assert lines[-1] == ": has more problems; mend these first"


def shipped() -> list[bytes]:
    return [path.read_bytes() for path in sorted(config.shipped_config().rglob("*.toml"))]


PIECES = [
    b'"',
    b"[",
    b"{",
    b"=",
    b"nan",
    b"-inf",
    b"1e999",
    b"9" * 400,
    b"'''",
    b'"""',
    b".",
    b"\n",
    b"true",
    b"\\",
]


@given(
    seed=st.sampled_from(shipped()),
    cuts=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(PIECES) | st.binary(max_size=6)), max_size=5
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_shipped_file_spoilt_anyhow_is_read_or_refused_line_by_line(
    write: Write, seed: bytes, cuts: list[tuple[float, int, bytes]]
) -> None:
    for share, length, piece in cuts:
        at = math.floor(share * len(seed))
        seed = seed[:at] + piece + seed[at + length :]
    path = write(seed)
    loads: list[Callable[[Path], object]] = [sessions.load, config.load]
    for load in loads:
        try:
            load(path)
        except FileError as refused:
            assert refused.problems
            assert all(line.startswith(f"{path}:") for line in str(refused).split("\n"))
    sessions.check(path)


@given(raw=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_at_all_are_refused_and_nothing_else_happens(write: Write, raw: bytes) -> None:
    path = write(raw)
    with pytest.raises(sessions.SessionError):
        sessions.load(path)
    with pytest.raises(config.ConfigError):
        config.load(path)
