"""All words of the page: one table per language, `static/lang/<code>.json`. Another language is another file.

The HTML is filled in here, in the language that the person chose (a cookie of this name, set by the settings panel)
or that the browser asks for; the script reads the same table. English has every key; the others have them all too,
and more where the controller speaks: `cause.<name>` stands for what a cause says, `said.<text>` for its other
sentences with each number as `#`. Without such a key the controller's own English is shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from flask import Request

Table: TypeAlias = Mapping[str, str]

COOKIE = "language"
DEFAULT = "en"
TABLES = Path(__file__).with_name("static") / "lang"


def tables(directory: Path = TABLES) -> dict[str, Table]:
    """Every language there is, by its code. Raises OSError or ValueError where a table cannot be read."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(directory.glob("*.json"))}


def language(asked: Request, known: Mapping[str, Table]) -> str:
    """The code of the language for this request: chosen, else asked for by the browser, else English."""
    chosen = asked.cookies.get(COOKIE, "")
    return chosen if chosen in known else asked.accept_languages.best_match(known.keys(), DEFAULT) or DEFAULT
