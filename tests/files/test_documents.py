"""What the documents say about files is what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from pitrainer import config, sessions
from pitrainer.config.tables import ConfigTable
from pitrainer.sessions import schema
from pitrainer.tomlfile import Table, keys

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/sessions.md").read_text(), re.S)
SETTINGS = (ROOT / "config/pitrainer.toml").read_text()


def documented(text: str) -> dict[str, dict[str, str]]:
    """`{table: {key: default as written}}` of docs/configuration.md."""
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if heading := re.fullmatch(r"## \[(\w+)\]", line):
            found[heading[1]] = {}
        elif row := re.match(r"\| `(\w+)` \| (\S+) \|", line):
            found[list(found)[-1]][row[1]] = row[2].strip("`")
    return found


def implemented() -> dict[str, dict[str, str]]:
    """The same of the Structs."""
    found: dict[str, dict[str, str]] = {}
    for table in msgspec.structs.fields(ConfigTable):
        found[table.encode_name] = {}
        for field in msgspec.structs.fields(table.type):
            found[table.encode_name][field.encode_name] = written(field.default)
    return found


def written(default: object) -> str:
    if default is None:
        return "–"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, int | float):
        return f"{default:g}"
    return f'"{default}"' if isinstance(default, str) else "[]"


def test_every_setting_is_documented_with_its_default() -> None:
    assert documented((ROOT / "docs/configuration.md").read_text()) == implemented()


def test_the_example_configuration_shows_every_setting() -> None:
    shown: dict[str, set[str]] = {}
    for line in SETTINGS.splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            shown[heading[1]] = set()
        elif row := re.match(r"#{0,2}(\w+) = ", line):
            shown[list(shown)[-1]].add(row[1])
    assert shown == {table: set(found) for table, found in implemented().items()}


@pytest.mark.parametrize("pattern", ["(?!)", r"^#(?=\w+ = )"], ids=["as it is", "with every line switched on"])
def test_the_example_configuration_is_accepted(tmp_path: Path, pattern: str) -> None:
    path = tmp_path / "pitrainer.toml"
    path.write_text(re.sub(pattern, "", SETTINGS, flags=re.M))
    assert config.load(path).machine.address == "AA:BB:CC:DD:EE:02"


def test_there_are_examples_of_sessions() -> None:
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split('"')[1])
def test_an_example_of_a_session_is_accepted_without_a_warning(tmp_path: Path, example: str) -> None:
    path = tmp_path / "example.toml"
    path.write_text(example)
    assert [str(problem) for problem in sessions.check(path)] == []


def words_of_the_language() -> list[str]:
    kinds: list[type[Table]] = [*get_args(schema.AnyStep), schema.SessionTable]
    return sorted({word for kind in kinds for word in keys(kind)})


def test_every_word_of_the_session_language_is_documented() -> None:
    text = (ROOT / "docs/sessions.md").read_text()
    assert [word for word in words_of_the_language() if not re.search(rf"`{word}( = [^`]*)?`", text)] == []


def test_every_word_of_the_session_language_is_in_an_example() -> None:
    text = "".join(EXAMPLES)
    assert [word for word in words_of_the_language() if not re.search(rf"\b{word} = ", text)] == []
