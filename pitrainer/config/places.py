"""Where things are when nobody says so: journal, lock, session files, and the files that come with pitrainer."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def default_journal() -> Path:
    """`$STATE_DIRECTORY` (set by systemd), else ~/.local/state/pitrainer."""
    directory = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(directory or _home() / ".local/state/pitrainer") / "journal.sqlite3"


def default_lock() -> Path:
    """`$RUNTIME_DIRECTORY` (set by systemd), else a place of this user's own that a reboot clears."""
    if directory := os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]:
        return Path(directory) / "controller.lock"
    if directory := os.environ.get("XDG_RUNTIME_DIR", ""):
        return Path(directory) / "pitrainer" / "controller.lock"
    return Path(tempfile.gettempdir()) / f"pitrainer-{os.getuid()}" / "controller.lock"


def credential(secret: Path) -> Path:
    """Where this process may read a secret: the copy of its name that systemd made for it (LoadCredential), else the
    file itself, which only root can read. Commands after a service's end are told the directory and kept out of it."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY", "")
    copy = Path(directory) / secret.name
    return copy if directory and os.access(copy, os.R_OK) else secret


def shipped_config() -> Path:
    """The directory of the files that come with pitrainer: inside a wheel, or `config/` in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_share" / "config"
    return inside if inside.is_dir() else package.parent / "config"


def shipped_sessions() -> Path:
    """The directory of the session files that come with pitrainer."""
    return shipped_config() / "sessions"


def default_session_directories() -> tuple[Path, ...]:
    """The user's own directory, whose files win, then the shipped one."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    own = Path(base) if base else _home() / ".config"
    return own / "pitrainer" / "sessions", shipped_sessions()


def _home() -> Path:
    """The home directory; the file system's root for a service user that has none."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/")
