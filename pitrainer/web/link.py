"""What the page needs from the controller: the shape of `pitrainer.mqtt.Remote`, so that the app can be given
anything that has it.

Every method is called from waitress threads and returns at once, except `wait_newer` and `send`, which block for
at most their timeout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

State: TypeAlias = dict[str, Any]
"""The state JSON of docs/mqtt.md."""


class Ack(Protocol):
    """What the controller answered to a command."""

    @property
    def ok(self) -> bool: ...

    @property
    def reason(self) -> str:
        """In words for a person; empty when all went well."""


class Remote(Protocol):
    """The controller, seen through the broker."""

    @property
    def connected(self) -> bool:
        """Is the broker there?"""

    def state(self) -> State | None: ...

    def state_age_s(self) -> float | None:
        """Seconds since the controller made the state; None where nobody can tell."""

    def plan(self) -> Mapping[str, Any] | None: ...

    def status(self) -> str | None:
        """`online`, `offline`, or None before the broker said."""

    def wait_newer(self, seq: int | None, timeout_s: float) -> State | None:
        """The next state that is not `seq`, or None after `timeout_s`."""

    def recent_events(self) -> Sequence[Mapping[str, Any]]: ...

    def history(self) -> Sequence[Sequence[float | None]]:
        """Rows of `HISTORY_COLUMNS`."""

    def send(self, cmd: str, *, timeout_s: float = 1.0, **fields: Any) -> Ack | None:
        """None: no answer within `timeout_s`."""

    def send_sim(self, do: str) -> object: ...


HISTORY_COLUMNS = ("elapsed_s", "hr_bpm", "incline_pct", "incline_target_pct", "speed_kmh", "cap_bpm")
EVENTS_SHOWN = 6


def newest(remote: Remote) -> State:
    """The state as the page gets it: with its age, and whether broker and controller are there.

    Without any state yet `seq` is None.
    """
    state = remote.state() or {"v": 1, "seq": None}
    return state | {
        "age_s": remote.state_age_s(),
        "status": remote.status(),
        "connected": remote.connected,
        "events": list(remote.recent_events())[-EVENTS_SHOWN:],
    }
