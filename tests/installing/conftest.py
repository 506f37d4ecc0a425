from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A system with a broker on it, as far as files go."""
    place = tmp_path / "root"
    (place / "etc").mkdir(parents=True)
    (place / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\nmosquitto:x:101:107::/var/lib/mosquitto:/bin/false\n"
    )
    return place


@pytest.fixture
def program() -> Path:
    """Something that is there, and that services may see."""
    return Path("/bin/sh")
