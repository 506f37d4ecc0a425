"""What is wrong with a person's file: one line per problem, all of them at once.

A line reads `file:line: where: what; cure`. Keys and values come from strangers, so everything that could move a
terminal's cursor is escaped and long words are cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pitrainer.tomlfile.lines import Lines, Path

MAX_PROBLEMS = 50
"""More than this helps nobody: the rest is left out."""

Level: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` counts from 1; None where the whole file is meant. `where` may be empty."""

    file: str
    line: int | None
    where: str
    what: str
    level: Level = "error"

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        level = "" if self.level == "error" else f"{self.level}: "
        where = f"{self.where}: " if self.where else ""
        return plain(f"{place}: {level}{where}{self.what}")


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By line; what is about the whole file comes last."""
    return sorted(problems, key=lambda problem: (problem.line is None, problem.line or 0))


class FileError(ValueError):
    """A file that is refused. `problems` holds at least one error; `str()` has one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(in_order(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Report:
    """Collects the problems of one file while it is read. `data` is the parsed text, for names and counts."""

    def __init__(self, file: str, data: object = None, lines: Lines | None = None) -> None:
        self.file = file
        self.data = data
        self.lines = lines
        self.problems: list[Problem] = []

    @property
    def full(self) -> bool:
        return len(self.problems) >= MAX_PROBLEMS

    @property
    def has_errors(self) -> bool:
        return any(problem.level == "error" for problem in self.problems)

    def add(self, path: Path, what: str, level: Level = "error") -> None:
        """Add a problem at `path` once; the same words at the same line are not repeated."""
        line = None if self.lines is None else self.lines.of(path)
        problem = Problem(self.file, line, where(path, self.data), what, level)
        if self.full or problem in self.problems:
            return
        self.problems.append(problem)
        if self.full:
            self.add_line(None, "has more problems; mend these first", level)

    def add_line(self, line: int | None, what: str, level: Level = "error") -> None:
        """Add a problem that is not about one value."""
        self.problems.append(Problem(self.file, line, "", what, level))


def plain(text: str) -> str:
    """`text` on one line, with everything unprintable escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def short(word: object, longest: int = 40) -> str:
    """`word` as text, cut to `longest` characters."""
    text = str(word)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def where(path: Path, data: object) -> str:
    """A path in words: ('steps', 1, 'for') is `step 2 of 5 "Up", for`; ('mqtt', 'port') is `mqtt.port`."""
    words: list[str] = []
    for part in path:
        if isinstance(part, int):
            rows = data if isinstance(data, list) else []
            data = rows[part] if part < len(rows) else None
            words[-1] = _item(words[-1], part, len(rows), data)
        else:
            words.append(short(part))
            data = data.get(part) if isinstance(data, dict) else None
    return (", " if any(isinstance(part, int) for part in path) else ".").join(words)


def _item(rows: str, index: int, count: int, item: object) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    quoted = f' "{short(name)}"' if isinstance(name, str) and name else ""
    return f"{rows.removesuffix('s')} {index + 1} of {count}{quoted}"
