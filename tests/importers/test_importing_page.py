"""docs/importing.md shows what the import does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pitrainer.cli import main
from pitrainer.importers import Imported

PAGE = (Path(__file__).parents[2] / "docs" / "importing.md").read_text()


def block(language: str) -> str:
    (text,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    return str(text)


def test_the_example_becomes_what_the_page_says(taken: Callable[..., Imported]) -> None:
    assert taken(block("xml"), speed_kmh=11.0).toml == block("toml")


def test_every_option_is_on_the_page() -> None:
    options = {option for parameter in main.commands["import"].params for option in parameter.opts} - {"file"}
    assert set(re.findall(r"`(--\w+)`", PAGE)) == options
