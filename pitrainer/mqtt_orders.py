"""Commands from the network: bytes in, an `Order` or a `Refusal` out. Pure; docs/mqtt.md is the contract.

Everything but STOP must be complete, typed, of this boot, at most 1.5 s old and new. Anything that can be read as
STOP is a STOP: late, repeated, retained, too large or with fields that nobody knows. A STOP too many ends a run
that can be started again; a STOP too few cannot be made good.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from pitrainer.model import Verb
from pitrainer.mqtt_client import plain_boot

LARGEST_COMMAND_B = 2048
OLDEST_NS = 1_500_000_000
LONGEST_ID = 64

_STOP = re.compile(rb'"cmd"\s*:\s*"stop"|^\s*"?stop"?\s*$', re.IGNORECASE)
_TAKES: dict[Verb, frozenset[str]] = {
    Verb.LOAD: frozenset({"session"}),
    Verb.NUDGE: frozenset({"incline_pct", "speed_kmh"}),
}
_MISSING = {Verb.LOAD: "the name of a session in `session`", Verb.NUDGE: "incline_pct, speed_kmh or both"}


@dataclass(frozen=True, slots=True)
class Order:
    """A command that may be acted on. `id` is empty where a STOP came without one."""

    id: str
    cmd: Verb
    session: str | None = None
    incline_pct: float | None = None
    speed_kmh: float | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command was not taken. `id` is empty where none could be read; `repeated`: its id was seen before."""

    id: str
    reason: str
    repeated: bool = False


Verdict: TypeAlias = "Order | Refusal"


class _Envelope(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    id: Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
    boot: Annotated[str, Meta(max_length=64)]
    bt_ns: int
    cmd: Verb
    v: Literal[1] = 1
    session: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    incline_pct: float | None = None
    speed_kmh: Annotated[float, Meta(ge=0)] | None = None
    who: Annotated[str, Meta(max_length=64)] = ""


def judge(payload: bytes, *, retained: bool, boot: str, now_ns: int, seen: Container[str]) -> Verdict:
    """What to make of one message on `cmd`, arriving at `now_ns` (CLOCK_BOOTTIME) of `boot`."""
    if _STOP.search(payload):
        return _stop(_loose(payload))
    if len(payload) > LARGEST_COMMAND_B:
        return Refusal("", f"The command has {len(payload)} bytes; at most {LARGEST_COMMAND_B} are allowed.")
    loose = _loose(payload)
    if not isinstance(loose, dict):
        return Refusal("", "The command is not a JSON object; docs/mqtt.md shows one.")
    try:
        envelope = msgspec.convert(loose, _Envelope)
    except msgspec.ValidationError as error:
        return Refusal(_text(loose, "id"), f"The command was not understood: {error}.")
    reason = _time_fault(envelope, retained, boot, now_ns) or _content_fault(envelope)
    if envelope.id in seen:
        return Refusal(envelope.id, "This command was answered before.", repeated=True)
    return Refusal(_text(loose, "id"), reason) if reason else _order(envelope)


def _time_fault(envelope: _Envelope, retained: bool, boot: str, now_ns: int) -> str:
    age_ns = now_ns - envelope.bt_ns
    if retained:
        return "Retained commands are not taken: publish it without the retain flag."
    if plain_boot(envelope.boot) != plain_boot(boot):
        return "The command is from before a restart of the Pi; send it again."
    if age_ns > OLDEST_NS:
        return f"The command is {age_ns / 1e9:.1f} s old, and only 1.5 s are allowed; send it again."
    if age_ns < 0:
        return "The command is stamped in the future; stamp it with CLOCK_BOOTTIME in nanoseconds."
    return ""


def _content_fault(envelope: _Envelope) -> str:
    given = {name for name in ("session", "incline_pct", "speed_kmh") if getattr(envelope, name) is not None}
    takes = _TAKES.get(envelope.cmd, frozenset())
    if not envelope.id.isprintable():
        return "The id has characters that cannot be printed."
    if given - takes:
        return f"{envelope.cmd.value} takes no {' and no '.join(sorted(given - takes))}."
    if takes and not given:
        return f"{envelope.cmd.value} needs {_MISSING[envelope.cmd]}."
    if not all(math.isfinite(x) for x in (envelope.incline_pct, envelope.speed_kmh) if x is not None):
        return "Incline and speed must be finite numbers."
    return ""


def _order(envelope: _Envelope) -> Order:
    return Order(envelope.id, envelope.cmd, envelope.session, envelope.incline_pct, envelope.speed_kmh, envelope.who)


def _stop(loose: object) -> Order:
    return Order(_text(loose, "id"), Verb.STOP, who=_text(loose, "who"))


def _loose(payload: bytes) -> object:
    try:
        return msgspec.json.decode(payload)
    except (ValueError, RecursionError):
        return None


def _text(loose: object, name: str) -> str:
    value = loose.get(name) if isinstance(loose, dict) else None
    fits = isinstance(value, str) and len(value) <= LONGEST_ID and value.isprintable()
    return value if fits and isinstance(value, str) else ""
