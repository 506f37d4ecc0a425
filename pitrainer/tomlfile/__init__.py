"""Files that people write, in TOML: read strictly, refused with reasons, never repaired.

`read` takes a path and a Struct and gives back that Struct, or every problem of the file at once, each with its
line. Whatever the bytes are (binary, huge, deeply nested, in a wrong encoding, not a file at all) the answer is a
report, never another exception. A file may have 1 MB: a session has 1-5 kB.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path as FilePath
from typing import Any, TypeAlias, TypeVar

from pitrainer.tomlfile.lines import Lines, Path, TooDeepError
from pitrainer.tomlfile.problems import (
    MAX_PROBLEMS,
    FileError,
    Level,
    Problem,
    Report,
    in_order,
    plain,
    short,
    where,
)
from pitrainer.tomlfile.structs import BAD, Table, build, keys, kind_of, nearest, number

__all__ = [
    "BAD",
    "MAX_BYTES",
    "MAX_PROBLEMS",
    "FileError",
    "Level",
    "Path",
    "Problem",
    "Report",
    "StrPath",
    "Table",
    "build",
    "in_order",
    "keys",
    "kind_of",
    "nearest",
    "number",
    "plain",
    "read",
    "short",
    "where",
]

MAX_BYTES = 1_000_000

StrPath: TypeAlias = "str | os.PathLike[str]"
TableT = TypeVar("TableT", bound=Table)

_HINTS = (
    (r"[=,\[]\s*\d{1,2}:\d\d\b", 'write times in quotes: "10:00"'),
    (r"[“”„‟‘’]", 'use straight quotes: "..."'),
    (r"=\s*\d+,\d", "write numbers with a point: 5.5"),
    (r"=\s*(True|False|TRUE|FALSE|yes|no|on|off)\b", "write true or false"),
    (r"=\s*[A-Za-z]", "write text in quotes"),
    (r"\{[^}]*$", "a { ... } must begin and end on the same line"),
    (r"^\s*\w+\s*:", "write key = value"),
)
_REWORDED = (
    (r"Cannot overwrite|Cannot declare|Duplicate inline|Cannot mutate", "a key or a table is given twice"),
    (r"Unclosed array", "a [ is not closed, or a comma is missing"),
    (r"Unclosed inline table", "a { is not closed, or a comma is missing"),
    (r"Invalid initial character for a key part", "a key was expected here (or there is a comma too many)"),
)


def read(path: StrPath, kind: type[TableT]) -> tuple[TableT | None, Report]:
    """The file as `kind`, and its report; None where the report has errors. Raises nothing."""
    report = Report(_name(path))
    text = _text(path, report)
    if text is None:
        return None, report
    data = _parse(text, report)
    if data is None:
        return None, report
    report.data = data
    built: Any = build(data, kind, (), report)
    return (None if built is BAD else built), report


def _name(path: StrPath) -> str:
    name = os.fspath(path)
    return name if isinstance(name, str) else os.fsdecode(name)


def _text(path: StrPath, report: Report) -> str | None:
    try:
        raw = _bytes(FilePath(path))
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        report.add_line(line, "is not UTF-8 text; save it as plain text in UTF-8")
    except OSError as error:
        report.add_line(None, f"cannot be read: {error.strerror or error}")
    except ValueError as error:
        report.add_line(None, f"cannot be read: {error}")
    return None


def _bytes(path: FilePath) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is not an ordinary file")
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 1_000_000} MB; sessions and settings are a few kB")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise ValueError("it starts with a byte-order mark; save it as UTF-8 without BOM")
    return raw


def _parse(text: str, report: Report) -> dict[str, Any] | None:
    try:
        report.lines = Lines(text)
        return tomllib.loads(text)
    except TooDeepError as error:
        report.add_line(error.line, "brackets or dotted keys are nested too deeply")
    except tomllib.TOMLDecodeError as error:
        report.add_line(*_syntax(str(error), text))
    except ValueError:
        report.add_line(None, "not TOML: a number has too many digits")
    return None


def _syntax(message: str, text: str) -> tuple[int, str]:
    """tomllib's message as a line number and words with a cure."""
    at = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    lines = text.split("\n")
    number = int(at[1]) if at and at[1] else len(text.rstrip().split("\n"))
    what = short(message[: at.start()] if at else message, 80)
    what = next((ours for theirs, ours in _REWORDED if re.match(theirs, what)), what)
    line = lines[number - 1][:1000] if number <= len(lines) else ""
    hint = next((f"; {cure}" for pattern, cure in _HINTS if re.search(pattern, line)), "")
    return number, f"not TOML: {what}{hint}"
