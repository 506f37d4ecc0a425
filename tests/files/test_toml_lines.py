"""Positions: the scanner agrees with tomllib about what is in a file, and says where it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitrainer.tomlfile.lines import MAX_DEPTH, Lines, Path, TooDeepError

TEXT = '''# a comment with [brackets] and "quotes
title = "a # no comment"
"quoted key" = 1
a.b.c = 2
[table]  # one
x = [ 1,
  2, # two
  [3, {y = 4, z.w = 5}],
]
text = """
[not.a.table]
x = \\"""
"""
raw = \'\'\'
y = 1\'\'\'
when = 1979-05-27 07:32:00
[[row]]
n = 1
[[row]]
n = 2
[row.inner]
deep = true
[[row.more]]
q = ''
'''


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Every path in parsed TOML."""
    yield path
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        yield from paths(inner, (*path, key))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("quoted key",), 3),
        (("a",), 4),
        (("a", "b", "c"), 4),
        (("table",), 5),
        (("table", "x", 0), 6),
        (("table", "x", 1), 7),
        (("table", "x", 2, 1, "z", "w"), 8),
        (("table", "text"), 10),
        (("table", "raw"), 14),
        (("table", "when"), 16),
        (("row",), 17),
        (("row", 0, "n"), 18),
        (("row", 1, "n"), 20),
        (("row", 1, "inner", "deep"), 22),
        (("row", 1, "more", 0, "q"), 24),
    ],
)
def test_every_value_has_its_line(path: Path, line: int) -> None:
    assert path in set(paths(tomllib.loads(TEXT)))
    assert Lines(TEXT).of(path) == line


def test_every_path_that_tomllib_sees_was_seen_by_the_scan() -> None:
    lines = Lines(TEXT)
    missed = [path for path in paths(tomllib.loads(TEXT)) if path and path not in lines.found]
    assert missed == []


def test_a_path_that_was_not_seen_has_the_line_of_its_nearest_ancestor() -> None:
    assert Lines("a = 1\nb = { c = 1 }").of(("b", "nothing", 3)) == 2
    assert Lines("").of(("nothing",)) == 1


def test_lines_may_end_the_windows_way() -> None:
    assert Lines("a = 1\r\nb = [\r\n 1,\r\n 2]\r\n").of(("b", 1)) == 4


@pytest.mark.parametrize("text", ["a = " + "[" * 99, "a = " + "{a=" * 99, ".".join("a" * 99) + " = 1"])
def test_what_nests_too_deeply_is_refused_before_anything_recurses(text: str) -> None:
    with pytest.raises(TooDeepError) as refused:
        Lines("\n" + text)
    assert refused.value.line == 2


def test_the_deepest_that_is_allowed_is_read_by_tomllib_too() -> None:
    text = "a = " + "[" * (MAX_DEPTH - 1) + "1" + "]" * (MAX_DEPTH - 1)
    assert Lines(text).of(("a",)) == 1
    assert "a" in tomllib.loads(text)


@given(st.text(alphabet="ab=.,#[]{}\"'\\\n 1:-"))
def test_whatever_tomllib_can_read_the_scan_has_seen(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        Lines(text)
        return
    found = Lines(text).found
    escaped = "\\" in text
    assert escaped or all(path in found for path in paths(data) if path)
