"""The phases of a session, as a table one can read: (phase, what happened) -> next phase.

A pair that is not in the table is refused: nothing happens. The belt starts only by `ACT`, and only out of ARMED:
that is the second act of starting, at the machine or as a held press on the page. STOP is in every row.
"""

from __future__ import annotations

from enum import StrEnum

from pitrainer.model import Phase


class Happening(StrEnum):
    """What can move a session from one phase to another."""

    ARM = "arm"
    DISARM = "disarm"
    """Also: the second act did not come in time, or the belt did not move."""
    ACT = "act"
    CHECKED = "checked"
    """The belt moves as ordered and has done so long enough."""
    PAUSE = "pause"
    STOP = "stop"
    FINISHED = "finished"
    HEART_GONE = "heart_gone"
    CONTINUE = "continue"
    TRIP = "trip"
    """A rule latched."""
    ACKNOWLEDGE = "acknowledge"


_RUNNING = (Phase.STARTING, Phase.RUNNING, Phase.COOLING)

TRANSITIONS: dict[tuple[Phase, Happening], Phase] = {
    (Phase.IDLE, Happening.ARM): Phase.ARMED,
    (Phase.PAUSED, Happening.ARM): Phase.ARMED,
    (Phase.DONE, Happening.ARM): Phase.ARMED,
    (Phase.ARMED, Happening.DISARM): Phase.PAUSED,
    (Phase.STARTING, Happening.DISARM): Phase.PAUSED,
    (Phase.ARMED, Happening.ACT): Phase.STARTING,
    (Phase.STARTING, Happening.CHECKED): Phase.RUNNING,
    (Phase.RUNNING, Happening.FINISHED): Phase.DONE,
    (Phase.COOLING, Happening.FINISHED): Phase.DONE,
    (Phase.RUNNING, Happening.HEART_GONE): Phase.COOLING,
    (Phase.COOLING, Happening.CONTINUE): Phase.RUNNING,
    (Phase.FAULT, Happening.ACKNOWLEDGE): Phase.PAUSED,
    (Phase.IDLE, Happening.STOP): Phase.IDLE,
    (Phase.FAULT, Happening.STOP): Phase.FAULT,
    **{(phase, Happening.PAUSE): Phase.PAUSED for phase in _RUNNING},
    **{(phase, Happening.STOP): Phase.DONE for phase in (*_RUNNING, Phase.ARMED, Phase.PAUSED, Phase.DONE)},
    **{(phase, Happening.TRIP): Phase.FAULT for phase in Phase},
}


def follow(phase: Phase, happening: Happening, *, begun: bool) -> Phase | None:
    """The next phase, or None where this cannot happen. A session not yet begun falls back to IDLE instead of
    PAUSED or DONE."""
    following = TRANSITIONS.get((phase, happening))
    if following in (Phase.PAUSED, Phase.DONE) and not begun:
        return Phase.IDLE
    return following
