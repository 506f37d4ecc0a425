"""HTML and SVG as values: every text is escaped where it enters an element, so no name can become markup.

`tag("p", "a < b", class_="quiet")` gives a `Markup`; children that are `Markup` go in as they are, everything else is
escaped. There are no style attributes and no scripts: the page's content policy allows neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

VOID = frozenset({"meta", "link"})
"""HTML elements that never have an end."""
SHAPES = frozenset({"rect", "path"})
"""SVG elements that close themselves where they are empty."""


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: str | float | None) -> Markup:
    """One element. None among the children or attributes is left out; `class_` is class, `_` in names is `-`."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{said}>")
    if name in SHAPES and not any(children):
        return Markup(f"<{name}{said}/>")
    return Markup(f"<{name}{said}>{joined(*children)}</{name}>")


def joined(*parts: str | None) -> Markup:
    """Several things after each other."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts if part is not None))


def named(text: str) -> Markup:
    """A name that somebody chose: kept apart, so that its direction of writing stays its own."""
    return tag("bdi", text)


def table(label: str, heads: tuple[str, ...], rows: Sequence[tuple[str | None, ...]]) -> Markup:
    """A table that scrolls by itself where it is wider than the screen. The first cell of a row is its head; None is a
    dash."""
    body = [
        tag("tr", tag("th", row[0] or "", scope="row"), *(tag("td", "–" if cell is None else cell) for cell in row[1:]))
        for row in rows
    ]
    head = tag("tr", *(tag("th", text, scope="col") for text in heads))
    made = tag("table", tag("thead", head), tag("tbody", *body))
    return tag("div", made, class_="scroll", tabindex="0", role="region", aria_label=label)


def _short(value: str | float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
