"""The machine that is installed on: every change goes through here, is said in one line, and is not made in a dry run.

Paths are given as they are on the machine (`/etc/pitrainer`); with another root, as for an image that is being built,
they lie below it, users are those of its `/etc/passwd`, and of the commands only those run that work on a root.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SEARCH = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"


class InstallError(Exception):
    """Why it cannot be done, and what to do."""


@dataclass
class Ground:
    """`say` gets one line per change. `changed` are the paths that were (or would be) written or deleted."""

    say: Callable[[str], None]
    root: Path = Path("/")
    dry_run: bool = False
    changed: list[str] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """Is this the running machine, not a directory that looks like one?"""
        return self.root == Path("/")

    def at(self, path: str) -> Path:
        """Where a path of the machine is from here."""
        return self.root / path.lstrip("/")

    def text_of(self, path: str) -> str | None:
        """None: there is no such file."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return self.at(path).read_text()
        return None

    def has_user(self, name: str) -> bool:
        lines = (self.text_of("/etc/passwd") or "").splitlines()
        return any(line.split(":")[0] == name for line in lines)

    def directory(self, path: str, *, mode: int) -> None:
        place = self.at(path)
        if place.is_dir() and place.stat().st_mode & 0o777 == mode:
            return
        self._tell("make directory" if not place.is_dir() else "set the mode of", path)
        if not self.dry_run:
            place.mkdir(parents=True, exist_ok=True)
            place.chmod(mode)

    def write(self, path: str, text: str, *, mode: int = 0o644, owner: str = "root", keep_old: bool = True) -> None:
        """Make the file say this, in one step. Another text there is kept beside as `.old`."""
        place, before = self.at(path), self.text_of(path)
        if before == text and place.stat().st_mode & 0o777 == mode:
            return
        self._tell("write" if before is None else "change", path)
        if self.dry_run:
            return
        if before is not None and before != text and keep_old:
            self._put(place.with_name(f"{place.name}.old"), before, mode, owner)
            self.say(f"  its former text is in {path}.old")
        self._put(place, text, mode, owner)

    def _put(self, place: Path, text: str, mode: int, owner: str) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f".{place.name}.new")
        new.unlink(missing_ok=True)
        new.touch(0o600, exist_ok=False)
        with new.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if os.geteuid() == 0:
            os.chown(new, *self._ids(owner))
        new.chmod(mode)
        new.replace(place)

    def _ids(self, owner: str) -> tuple[int, int]:
        for line in (self.text_of("/etc/passwd") or "").splitlines():
            name, _, uid, gid = line.split(":")[:4]
            if name == owner:
                return int(uid), int(gid)
        return 0, 0

    def delete(self, path: str) -> None:
        """A file, or a directory with all that is in it."""
        place = self.at(path)
        if not os.path.lexists(place):
            return
        self._tell("delete", path)
        if self.dry_run:
            return
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink()

    def delete_if_empty(self, path: str) -> None:
        place = self.at(path)
        if place.is_dir() and not any(place.iterdir()):
            self._tell("delete", path)
            if not self.dry_run:
                place.rmdir()

    def run(self, *command: str, on_root: str = "", may_fail: bool = False) -> None:
        """A command on the running machine; on another root only with `on_root`, its option for one.
        Raises InstallError with what it said."""
        if not self.is_live:
            if not on_root:
                return
            command = (command[0], f"{on_root}{self.root}", *command[1:])
        self.say(f"{'would run' if self.dry_run else 'run'}: {' '.join(command)}")
        if self.dry_run:
            return
        program = shutil.which(command[0], path=SEARCH)
        if program is None:
            raise InstallError(f"{command[0]} is not there. pitrainer's services need systemd.")
        done = subprocess.run([program, *command[1:]], check=False, capture_output=True, text=True, timeout=120)
        if done.returncode and not may_fail:
            raise InstallError(f"{' '.join(command)} failed: {(done.stderr or done.stdout).strip()}")

    def _tell(self, verb: str, path: str) -> None:
        self.changed.append(path)
        self.say(f"{'would ' if self.dry_run else ''}{verb} {path}")
