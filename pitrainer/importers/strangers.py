"""Files from strangers: taken in whole, with a limit, or refused in one sentence.

Such a file is either understood or refused with one `ForeignFileError`; it is never repaired. What is understood but
has no place in a session is left out by name. A size limit is checked before anything is read, so that a huge
file costs nothing.
"""

from __future__ import annotations

import math
import os
import stat
from pathlib import Path

from pitrainer.tomlfile import FileError, Problem, StrPath, short


class ForeignFileError(FileError):
    """A file of another program that is refused."""


def refusal(file: str, what: str, line: int | None = None) -> ForeignFileError:
    """The error that refuses `file`; to be raised."""
    return ForeignFileError([Problem(file, line, "", what)])


def file_name(path: StrPath) -> str:
    name = os.fspath(path)
    return name if isinstance(name, str) else os.fsdecode(name)


def read_bytes(path: StrPath, most_bytes: int) -> bytes:
    """The whole file. Raises ForeignFileError where it is missing, no ordinary file, empty or too large."""
    name = file_name(path)
    try:
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise refusal(name, "is not an ordinary file")
        raw = b"" if status.st_size > most_bytes else _at_most(Path(path), most_bytes)
    except OSError as error:
        raise refusal(name, f"cannot be read: {error.strerror or error}") from None
    except ForeignFileError:
        raise
    except ValueError as error:
        raise refusal(name, f"cannot be read: {error}") from None
    if status.st_size > most_bytes or len(raw) > most_bytes:
        raise refusal(name, f"is larger than {most_bytes / 1e6:g} MB, the most that is read of such a file")
    if not raw.strip():
        raise refusal(name, "is empty")
    return raw


def _at_most(path: Path, most_bytes: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most_bytes + 1)


def number(text: str | None) -> float | None:
    """A finite number, also `.5`; None for nothing and for words. Raises ValueError for nan, inf and the like."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value):
        raise ValueError(f'"{short(text.strip())}" is no ordinary number')
    return None if "_" in text else value


def one_line(text: str, longest: int) -> str:
    """Printable, on one line, at most so long: fit for a name or a cue in a session file."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
