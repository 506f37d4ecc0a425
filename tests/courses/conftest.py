from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

import pytest

METRES_PER_DEGREE = 111_194.9266
"""Of latitude, on a sphere of 6371 km."""


def gpx_text(heights: Sequence[float | None], spacing_m: float = 10.0, name: str = "Course") -> str:
    """A track due north, a point every `spacing_m` metres."""
    places = accumulate([spacing_m] * (len(heights) - 1), initial=0.0)
    points = [
        f'<trkpt lat="{47 + along / METRES_PER_DEGREE:.9f}" lon="11">'
        + ("" if height is None else f"<ele>{height}</ele>")
        + "</trkpt>"
        for along, height in zip(places, heights, strict=True)
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="test" '
        f'xmlns="http://www.topografix.com/GPX/1/1"><trk><name>{name}</name><trkseg>\n'
        + "\n".join(points)
        + "\n</trkseg></trk></gpx>\n"
    )


@pytest.fixture
def text_of() -> Callable[..., str]:
    return gpx_text


@pytest.fixture
def gpx_file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Puts a text or bytes into a file of its own and gives its path."""

    def put(content: str | bytes) -> Path:
        path = tmp_path / "course.gpx"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put
