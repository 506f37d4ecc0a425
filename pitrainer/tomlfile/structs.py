"""Plain TOML values -> msgspec Structs, with every problem of the file and not only the first.

A Struct is walked field by field: unknown and missing keys are reported, each value is converted on its own, and
what fails is reported and left out, so one typo hides no other. A value's type is one of
- a Struct, or a union of Structs that each name the one key that tells them apart (`KEY`);
- `tuple[...]` of those;
- a class with a `read` classmethod, which takes any TOML value and raises ValueError in words for a person;
- a Literal, or anything plain that `msgspec.convert` checks strictly, with or without `msgspec.Meta` bounds.
Unions of a bounded number with anything else are not used: msgspec 0.22.0 crashes the process on them.
"""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Protocol, Union, get_args, get_origin, runtime_checkable

import msgspec

from pitrainer.tomlfile.lines import Path
from pitrainer.tomlfile.problems import Report, short


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table in a file. `KEY` is set where a union of tables is told apart by it."""

    KEY: ClassVar[str] = ""


@runtime_checkable
class _Readable(Protocol):
    def read(self, value: object) -> object: ...


class _Bad:
    """Stands for a value that was reported already."""


BAD = _Bad()

_WORDS = {
    bool: "true or false",
    str: "text",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}
_EXPECTED = {"float": "a number", "int": "a whole number", "bool": "true or false", "str": "text in quotes"}
_BOUNDS = {"<=": "at most", ">=": "at least"}


def build(value: object, kind: Any, path: Path, report: Report) -> Any:
    """`value` as `kind`, or `BAD` after at least one problem was added to `report`."""
    kinds = _members(kind)
    if tables := [kind for kind in kinds if _is_table(kind)]:
        return _table(value, tables, path, report)
    (kind,) = kinds
    if get_origin(kind) is tuple and any(map(_is_table, _members(get_args(kind)[0]))):
        return _rows(value, get_args(kind)[0], path, report)
    return _leaf(value, kind, path, report)


def nearest(word: str, allowed: list[str]) -> str:
    """`; did you mean "x"?` where something is close, else the choice there is."""
    close = get_close_matches(word[:60].lower(), allowed, 1, 0.6)
    return f'; did you mean "{close[0]}"?' if close else f"; allowed: {', '.join(allowed)}"


def kind_of(value: object) -> str:
    """What a person would call this TOML value: `text "abc"`, `the number 5`."""
    if isinstance(value, str):
        return f'the text "{short(value)}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {number(value)}"
    return _WORDS.get(type(value), "a date or time")


def number(value: float) -> str:
    """A number as people write it."""
    return f"{value:g}" if abs(value) < 1e15 else "with too many digits"


def keys(table: type[msgspec.Struct]) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(table)]


def _members(kind: Any) -> list[Any]:
    union = get_origin(kind) in (Union, UnionType)
    return [member for member in get_args(kind) if member is not NoneType] if union else [kind]


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Table)


def _table(value: object, kinds: list[type[Table]], path: Path, report: Report) -> Any:
    if not isinstance(value, dict):
        report.add(path, f"must be a {{ table }}, not {kind_of(value)}")
        return BAD
    kind = kinds[0] if len(kinds) == 1 else _choose(value, kinds, path, report)
    if kind is None:
        return BAD
    known = _known_keys(value, kind, kinds, path, report)
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name in value:
            found[field.name] = build(value[field.encode_name], field.type, (*path, field.encode_name), report)
        elif field.required:
            report.add(path, f'"{field.encode_name}" is missing')
            known = False
    return kind(**found) if known and BAD not in found.values() else BAD


def _choose(value: dict[str, Any], kinds: list[type[Table]], path: Path, report: Report) -> type[Table] | None:
    named = [kind for kind in kinds if kind.KEY in value]
    if len(named) == 1:
        return named[0]
    choice = ", ".join(kind.KEY for kind in kinds)
    given = f"it has {' and '.join(kind.KEY for kind in named)}" if named else "it has none"
    report.add(path, f"needs exactly one of {choice}; {given}")
    every = sorted({key for kind in kinds for key in keys(kind)})
    for key in value.keys() - set(every):
        report.add((*path, key), f"unknown key{nearest(key, every)}")
    return None


def _known_keys(value: dict[str, Any], kind: type[Table], kinds: list[type[Table]], path: Path, report: Report) -> bool:
    allowed = keys(kind)
    elsewhere = {key for other in kinds for key in keys(other)}
    strange = [key for key in value if key not in allowed]
    for key in strange:
        if report.full:
            break
        if key in elsewhere:
            what = f'does not belong beside "{kind.KEY}"; allowed: {", ".join(allowed)}'
        else:
            what = f"unknown key{nearest(key, allowed)}"
        report.add((*path, key), what)
    return not strange


def _rows(value: object, item: Any, path: Path, report: Report) -> Any:
    if not isinstance(value, list):
        report.add(path, f"must be a list: [ {{ ... }}, {{ ... }} ], not {kind_of(value)}")
        return BAD
    if not value:
        report.add(path, "is empty; at least one is needed")
        return BAD
    found = []
    for index, row in enumerate(value):
        if report.full:
            return BAD
        found.append(build(row, item, (*path, index), report))
    return BAD if BAD in found else tuple(found)


def _leaf(value: object, kind: Any, path: Path, report: Report) -> Any:
    try:
        if isinstance(kind, _Readable):
            return kind.read(value)
        if get_origin(kind) is Literal:
            return _literal(value, kind)
        return _finite(_convert(value, kind))
    except ValueError as error:
        report.add(path, str(error))
        return BAD


def _literal(value: object, kind: Any) -> object:
    choice = list(get_args(kind))
    if any(value == word and type(value) is type(word) for word in choice):
        return value
    hint = nearest(value, choice) if isinstance(value, str) and isinstance(choice[0], str) else ""
    allowed = hint or f"; allowed: {', '.join(map(str, choice))}"
    raise ValueError(f"must not be {kind_of(value)}{allowed}")


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be an ordinary number, not nan or inf")
    return value


def _convert(value: object, kind: Any) -> object:
    _finite(value)
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        raise ValueError(_friendly(str(error), value)) from None


def _friendly(message: str, value: object) -> str:
    """msgspec's words in ours: 'Expected `float` <= 40.0' is 'must be at most 40, not 41'."""
    bound = re.match(r"Expected `\w+` (<=|>=) (\S+)$", message)
    if bound and isinstance(value, int | float):
        return f"must be {_BOUNDS[bound[1]]} {float(bound[2]):g}, not {number(value)}"
    wrong = re.match(r"Expected `(\w+)", message)
    if wrong and wrong[1] in _EXPECTED:
        return f"must be {_EXPECTED[wrong[1]]}, not {kind_of(value)}"
    if message == "Number out of range":
        return "has too many digits"
    return f'must be a list of texts, like ["a", "b"], not {kind_of(value)}' if "array" in message else message
