"""The session files that there are: by name, in a row of directories of which the first that has a name wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pitrainer.sessions.loader import SessionError, load_session
from pitrainer.sessions.values import Name
from pitrainer.tomlfile import Problem, StrPath, in_order, nearest, short

MAX_FILES = 500
"""So many session files are listed; the page could not show more."""


@dataclass(frozen=True, slots=True)
class SessionFile:
    """A session to choose. `name` is the file's stem, by which it is loaded; a file with problems cannot be."""

    name: str
    title: str
    purpose: str
    problems: tuple[Problem, ...]


def find(name: str, directories: Iterable[StrPath]) -> Path:
    """The file of the session called `name` (a file's stem, never a path). Raises SessionError."""
    if not _is_stem(name):
        what = "is no session name; give the name of a file without its directory and without .toml"
        raise SessionError([Problem(f'"{short(name)}"', None, "", what)])
    files = _files(directories)
    if name in files:
        return files[name]
    hint = nearest(name, sorted(files)) if files else "; there are no session files"
    raise SessionError([Problem(f'"{short(name)}"', None, "", f"there is no such session{hint}")])


def available(directories: Iterable[StrPath]) -> list[SessionFile]:
    """Every session file, by name. Broken ones are listed too, with their problems. Raises nothing."""
    return [_described(name, path) for name, path in sorted(_files(directories).items())[:MAX_FILES]]


def _described(name: str, path: Path) -> SessionFile:
    session, report = load_session(path)
    problems = tuple(in_order(report.problems))
    if session is None:
        return SessionFile(name, name, "", problems)
    return SessionFile(name, session.plan.name, session.plan.purpose, problems)


def _files(directories: Iterable[StrPath]) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for directory in directories:
        for path in _toml_files(Path(directory)):
            files.setdefault(path.stem, path)
    return files


def _toml_files(directory: Path) -> list[Path]:
    try:
        return [path for path in sorted(directory.iterdir()) if path.suffix == ".toml" and _is_stem(path.stem)]
    except OSError:
        return []


def _is_stem(name: str) -> bool:
    plain = 0 < len(name) <= Name.LONGEST and name.isprintable() and not name.startswith(".")
    return plain and not set(name) & set("/\\:")
