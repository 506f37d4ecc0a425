"""XML from strangers, read by the standard library's expat with everything dangerous switched off.

A document type with declarations of its own is refused: that is where entity bombs and references to other files
come from; without it expat knows five harmless entities and expands nothing. Depth and number of elements are
limited. The text is given to expat in one piece, since old versions take quadratic time over long tokens in
pieces. Names come without their namespace prefix, declared or not: real files forget to declare them.

`walk` calls back for every element and keeps nothing; `tree` keeps all, with names in lower case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.parsers import expat

from pitrainer.importers.strangers import ForeignFileError, number, refusal
from pitrainer.tomlfile import short

MAX_DEPTH = 64

Opened: TypeAlias = Callable[[str, dict[str, str], int], None]
"""(name, attributes, depth from 1)"""
Closed: TypeAlias = Callable[[str, str, int], None]
"""(name, the text directly before this end tag, depth)"""
Line: TypeAlias = Callable[[], int]
"""The line that is being read."""


def walk(raw: bytes, file: str, handlers: Callable[[Line], tuple[Opened, Closed]], *, most_elements: int) -> None:
    """Call back for every element in the order of the text; `handlers` is told how to ask for the line.

    Raises ForeignFileError for what is no sound XML."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    opened, closed = handlers(lambda: parser.CurrentLineNumber)
    text: list[str] = []
    depth = count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if depth > MAX_DEPTH:
            raise refusal(file, f"elements are nested more than {MAX_DEPTH} deep", parser.CurrentLineNumber)
        if count > most_elements:
            raise refusal(file, f"has more than {most_elements:,} elements; that is no such file")
        text.clear()
        opened(name.rpartition(":")[2] if ":" in name else name, attributes, depth)

    def end(name: str) -> None:
        nonlocal depth
        closed(name.rpartition(":")[2] if ":" in name else name, "".join(text), depth)
        text.clear()
        depth -= 1

    def doctype(_name: str, _system: str | None, _public: str | None, has_declarations: bool) -> None:
        if has_declarations:
            raise refusal(file, "declares a document type of its own, which is not read", parser.CurrentLineNumber)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = doctype
    _parse(parser, raw, file)


def _parse(parser: expat.XMLParserType, raw: bytes, file: str) -> None:
    try:
        parser.Parse(raw.lstrip(b" \t\r\n"), True)
    except expat.ExpatError as error:
        what = expat.errors.messages.get(error.code, "not well-formed")
        raise refusal(file, f"is no sound XML: {what}; save or export it anew", error.lineno) from None
    except ForeignFileError:
        raise
    except (LookupError, ValueError):
        raise refusal(file, "is in an encoding that is not known; save it as UTF-8") from None


@dataclass(slots=True)
class Node:
    """One element; its name and those of its attributes in lower case."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Node]:
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Node | None:
        return next(self.all(name), None)

    def text_of(self, name: str) -> str:
        """The text of the first child of this name; empty where there is none."""
        child = self.first(name)
        return "" if child is None else child.text.strip()

    def number(self, file: str, *names: str) -> float | None:
        """The first of these attributes that is there and a number. Raises ForeignFileError for nan and inf."""
        for name in names:
            try:
                value = number(self.attributes.get(name))
            except ValueError as error:
                raise refusal(file, f"{self.name} {name}: {error}", self.line) from None
            if value is not None:
                return value
        return None


def tree(raw: bytes, file: str, *, most_elements: int = 20_000) -> Node:
    """The whole document as nodes; the root. Raises ForeignFileError."""
    above = Node("", {}, 0)
    path = [above]

    def handlers(line: Line) -> tuple[Opened, Closed]:
        def opened(name: str, attributes: dict[str, str], _depth: int) -> None:
            node = Node(name.lower(), {_bare(key): value for key, value in attributes.items()}, line())
            path[-1].children.append(node)
            path.append(node)

        def closed(_name: str, text: str, _depth: int) -> None:
            path.pop().text = text

        return opened, closed

    walk(raw, file, handlers, most_elements=most_elements)
    return above.children[0]


def _bare(key: str) -> str:
    return short(key.rpartition(":")[2].lower(), 60)
