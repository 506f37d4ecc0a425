from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Puts a text or bytes into a file of its own and gives its path."""

    def put(content: str | bytes) -> Path:
        path = tmp_path / "file.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


@pytest.fixture
def session(write: Callable[[str | bytes], Path]) -> Callable[[str], Path]:
    """A session file around the given steps, which begin on line 3."""

    def put(steps: str, top: str = "") -> Path:
        return write(f'name = "Test"  # a comment\n{top}steps = [\n{steps}\n]\n')

    return put
