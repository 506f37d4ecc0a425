"""On which line of a TOML text does the value at a path stand?

`tomllib` gives values without positions, so this scans the same text once more, only for its shape: table
headers, keys, arrays and inline tables (TOML 1.0). It never judges a file. Where it meets something it does not
understand it stops, and whoever asks about a later path gets the line of the nearest ancestor it did see.

It runs before `tomllib` and refuses what would make that slow or overflow its stack: more than `MAX_DEPTH` brackets
inside each other or parts in one key (tomllib's work grows with the square of the parts). An unclosed
string ends the scan, so no text is ever read more than a fixed number of times.
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_right
from typing import TypeAlias

MAX_DEPTH = 32

Path: TypeAlias = "tuple[str | int, ...]"

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*+")
_BLANK = re.compile(r"[ \t]*+")
_REST_OF_LINE = re.compile(r"[^\n]*+")
_STRING = re.compile(
    r'"""(?:\\(?s:.)|(?!""")(?s:.))*+"{3,5}'
    r"|'''(?:(?!''')(?s:.))*+'{3,5}"
    r'|"(?!"")(?:[^"\\\n]|\\.)*+"'
    r"|'(?!'')[^'\n]*+'"
    r'|""(?!")|' + r"''(?!')"
)
_BARE = re.compile(r"""[^\s"'#\[\]{},=.]++""")
_SCALAR = re.compile(r"""[^\s"'#\[\]{},]++(?: [0-9]{2}:[^\s"'#\[\]{},]++)?""")


class TooDeepError(Exception):
    """Brackets or dotted keys nest deeper than `MAX_DEPTH`; `line` says where."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _StopError(Exception):
    """The scan cannot go on from here."""


class Lines:
    """The line (from 1) of every key and array item that the scan has seen. Raises TooDeepError."""

    def __init__(self, text: str) -> None:
        scan = _Scan(text)
        with contextlib.suppress(_StopError):
            scan.document()
        self.found = scan.found

    def of(self, path: Path) -> int:
        """The line of `path`, else of its nearest known ancestor, else 1."""
        while path and path not in self.found:
            path = path[:-1]
        return self.found.get(path, 1)


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.found: dict[Path, int] = {}
        self.rows: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while self.skip(_GAP) < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table, depth=1)
            self.skip(_REST_OF_LINE)

    def header(self) -> Path:
        """`[a.b]` or `[[a.b]]`: the path of the table that follows."""
        line, is_row = self.line(), self.text.startswith("[[", self.at)
        self.at += 2 if is_row else 1
        *outer, last = self.key()
        table: Path = ()
        for part in outer:
            table = self.newest((*table, part))
            self.found.setdefault(table, line)
        table += (last,)
        if is_row:
            self.found.setdefault(table, line)
            self.rows[table] = self.rows.get(table, -1) + 1
        table = self.newest(table)
        self.found.setdefault(table, line)
        return table

    def newest(self, table: Path) -> Path:
        """Inside an array of tables a header speaks of the newest one."""
        return (*table, self.rows[table]) if table in self.rows else table

    def pair(self, table: Path, depth: int) -> None:
        line = self.line()
        for part in self.key():
            table += (part,)
            self.found.setdefault(table, line)
        self.expect("=")
        self.skip(_BLANK)
        self.value(table, depth)

    def key(self) -> list[str]:
        parts: list[str] = []
        while True:
            self.skip(_BLANK)
            quoted = self.text.startswith(('"', "'"), self.at)
            part = self.take(_STRING if quoted else _BARE)
            parts.append(part[1:-1] if quoted else part)
            self.guard(len(parts))
            self.skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def value(self, path: Path, depth: int) -> None:
        self.guard(depth)
        opening = self.text[self.at : self.at + 1]
        if opening == "[":
            self.array(path, depth)
        elif opening == "{":
            self.inline_table(path, depth)
        else:
            self.take(_STRING if opening in ('"', "'") else _SCALAR)

    def array(self, path: Path, depth: int) -> None:
        self.at += 1
        index = 0
        while self.skip(_GAP) < len(self.text) and self.text[self.at] != "]":
            self.found[(*path, index)] = self.line()
            self.value((*path, index), depth + 1)
            index += 1
            self.skip(_GAP)
            if not self.text.startswith(",", self.at):
                break
            self.at += 1
        self.expect("]")

    def inline_table(self, path: Path, depth: int) -> None:
        self.at += 1
        while self.skip(_BLANK) < len(self.text) and self.text[self.at] != "}":
            self.pair(path, depth + 1)
            self.skip(_BLANK)
            if not self.text.startswith(",", self.at):
                break
            self.at += 1
        self.expect("}")

    def line(self) -> int:
        return bisect_right(self.starts, self.at)

    def guard(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise TooDeepError(self.line())

    def skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _StopError
        self.at = match.end()
        return match.group()

    def expect(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            raise _StopError
        self.at += 1
