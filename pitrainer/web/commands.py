"""What a press on the page may ask: the shape of each command, checked before it goes to the broker.

The controller checks everything again and decides; this only refuses what cannot be meant. STOP has no shape: a
STOP with a spoilt body is a STOP.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pitrainer.model import Verb

NAME_MAX = 200
FIELDS: Mapping[str, frozenset[str]] = {
    Verb.LOAD: frozenset({"session"}),
    Verb.NUDGE: frozenset({"incline_pct", "speed_kmh"}),
}
SIMULATED = (
    "strap_off",
    "strap_on",
    "console_faster",
    "console_slower",
    "console_steeper",
    "console_flatter",
    "console_start",
    "console_stop",
    "safety_key",
    "link_drop",
)
"""What can happen to the simulated hardware."""


class CommandError(ValueError):
    """A command that cannot be meant; the text says what is allowed."""


def fields(cmd: str, body: object) -> dict[str, Any]:
    """The fields of `cmd` from a JSON body (an object; None counts as empty). Raises CommandError."""
    if body is None:
        body = {}
    if not isinstance(body, dict):
        raise CommandError("the body must be a JSON object")
    allowed = FIELDS.get(cmd, frozenset())
    if unknown := sorted(str(name) for name in body.keys() - allowed):
        raise CommandError(f"{cmd} does not take {', '.join(unknown)}; allowed: {_names(allowed)}")
    if allowed and not body:
        raise CommandError(f"{cmd} needs {_names(allowed)}")
    return {name: _value(name, value) for name, value in body.items()}


def _value(name: str, value: object) -> str | float:
    if name == "session":
        if not isinstance(value, str) or not 0 < len(value) <= NAME_MAX or not value.isprintable():
            raise CommandError(f"session must be a name of 1 to {NAME_MAX} printable characters")
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise CommandError(f"{name} must be a number")
    return float(value)


def _names(allowed: frozenset[str]) -> str:
    return " or ".join(sorted(allowed)) or "nothing"
