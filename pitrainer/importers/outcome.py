"""What an import gives, and the list of what it could not carry over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pitrainer.importers.native import Leg, Row, loaded, to_toml
from pitrainer.importers.strangers import one_line, refusal
from pitrainer.model import Plan

MOST_NOTES = 40
LONGEST_S = 3 * 3600.0
MOST_STEPS = 500
"""As the session language has it (docs/sessions.md); seen here, a long file is refused before it is written."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A workout as a session file."""

    toml: str
    plan: Plan
    left_out: tuple[str, ...]
    """What was changed or could not be carried over, a sentence each."""


@dataclass(slots=True)
class LeftOut:
    """Collects sentences; the same one only once, and no more than a person would read."""

    said: dict[str, None] = field(default_factory=dict)

    def say(self, what: str) -> None:
        self.said.setdefault(one_line(what, 200))

    def sentences(self) -> tuple[str, ...]:
        said = tuple(self.said)
        more = len(said) - MOST_NOTES
        return said if more <= 0 else (*said[:MOST_NOTES], f"And {more} more like these.")


def finished(file: str, kind: str, name: str, rows: list[Row], left_out: LeftOut, *, about: str = "") -> Imported:
    """The rows as a session that loads. Raises ForeignFileError where there is nothing, or nothing that may run."""
    if not rows:
        raise refusal(file, "has no step that a treadmill can do")
    if (steps := count(rows)) > MOST_STEPS:
        raise refusal(file, f"has {steps:,} steps with its repeats written out; a session has at most {MOST_STEPS}")
    for leg in _legs(rows):
        if leg.key != "distance" and leg.amount > LONGEST_S:
            raise refusal(file, f'"{leg.name}" lasts {leg.amount / 3600:.3g} h; a session may last at most 3 h')
    sentences = left_out.sentences()
    comments = [f"Imported from {kind}.", *(f"- {sentence}" for sentence in sentences)]
    purpose = one_line(about, 120)
    text = to_toml(name, rows, purpose=purpose, comments=comments)
    return Imported(text, loaded(text, file), sentences)


def _legs(rows: Iterable[Row]) -> Iterator[Leg]:
    for row in rows:
        if isinstance(row, Leg):
            yield row
        else:
            yield from _legs(row.rows)


def count(rows: Iterable[Row]) -> int:
    """Steps with the repeats written out."""
    return sum(1 if isinstance(row, Leg) else row.times * count(row.rows) for row in rows)
