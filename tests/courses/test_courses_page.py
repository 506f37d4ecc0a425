"""docs/courses.md shows what the command does."""

from __future__ import annotations

import re
from pathlib import Path

from pitrainer.cli import main
from pitrainer.courses import BANDS

PAGE = (Path(__file__).parents[2] / "docs" / "courses.md").read_text()


def test_every_stretch_is_on_the_page_with_its_band() -> None:
    rows = dict(re.findall(r"^\| ([A-Z][a-z ]+) \| .* \| (\d+-\d+) % \|$", PAGE, re.M))
    assert rows == {ground.value: f"{100 * low:.0f}-{100 * high:.0f}" for ground, (low, high) in BANDS.items()}


def test_every_option_is_on_the_page() -> None:
    options = {option for parameter in main.commands["course"].params for option in parameter.opts} - {"file"}
    assert set(re.findall(r"`(--\w+)`", PAGE)) == options
