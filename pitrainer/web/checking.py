"""A session that somebody pasted or chose, judged as `pitrainer check` would: the same words, and nothing is kept.

The text goes through a file of its own in a directory that goes away, because that is what the check reads; in the
answer the file has the name that the person knows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from pitrainer import sessions

LARGEST_B = 100_000
"""Of text. No session file is so long."""
NAME_MAX = 80
UNNAMED = "session.toml"

Check: TypeAlias = Callable[[Path], Sequence[sessions.Problem]]


class CheckError(ValueError):
    """A question that cannot be meant; the text says what is allowed."""


def problems(body: object, check: Check = sessions.check) -> list[dict[str, str]]:
    """`{"text": ..., "name": ...}` (the name may be left out) -> rows of `level` and `line`. Raises CheckError."""
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise CheckError('send {"text": "the session file"}')
    text = body["text"].encode("utf-8", "replace")
    if len(text) > LARGEST_B:
        raise CheckError(f"a session file has at most {LARGEST_B // 1000} kB")
    name = plain_name(body.get("name"))
    with tempfile.TemporaryDirectory(prefix="pitrainer-check-") as scratch:
        file = Path(scratch) / "session.toml"
        file.write_bytes(text)
        found = [replace(problem, file=name) for problem in check(file)]
    return [{"level": problem.level, "line": str(problem)} for problem in found]


def plain_name(name: object) -> str:
    """The last part of a file's name as a person knows it, printable and short."""
    if not isinstance(name, str):
        return UNNAMED
    last = "".join(char for char in name.replace("\\", "/").rsplit("/", 1)[-1] if char.isprintable())
    return last[:NAME_MAX] or UNNAMED
