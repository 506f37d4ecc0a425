"""The words that every room shares: frozen values and enums, nothing that acts.

Units are in the names (`speed_kmh`, `incline_pct`, `hr_bpm`, `_s` for seconds, `_m` for metres). Absence is
`None`, never 0 and never the last value. Every time is monotonic seconds (`at_s`); wall-clock time appears only
in the journal and on screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

TICK_S = 0.25
"""The control tick: 4 Hz, fixed (docs/architecture.md)."""

LEASE_S = 1.5
"""A set-point not renewed for this long makes the driver ramp the belt down by itself (docs/safety.md)."""


RAMP_DOWN_KMH_S = 1.0
"""How fast every stop slows the belt: 0.28 m/s2, 12 km/h to a standstill in 12 s (docs/safety.md)."""


class Action(IntEnum):
    """What the supervisor does with a wish, mildest first; where several apply, the greatest wins."""

    PASS = 0
    WARN = 1
    HOLD = 2
    EASE = 3
    STOP = 4


class Phase(StrEnum):
    """Where a session is. The belt may be moving under us in STARTING, RUNNING and COOLING, and while it
    ramps down in PAUSED, DONE and FAULT."""

    IDLE = "idle"
    ARMED = "armed"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    COOLING = "cooling"
    DONE = "done"
    FAULT = "fault"


class Belt(StrEnum):
    """What a command wants of the belt's motion."""

    LEAVE = "leave"
    """Nothing is sent: the machine is the runner's."""
    START = "start"
    """Start a standing belt. Only ever sent while STARTING, after the runner's second act."""
    RUN = "run"
    """Follow the set-points; never start a standing belt."""
    STOP = "stop"
    """Ramp down to the given speed; at 0 send the machine's own stop. Incline is frozen (`None`)."""


class Drive(StrEnum):
    """How a step moves the incline."""

    FIXED = "fixed"
    RAMP = "ramp"
    CLIMB = "climb"
    """The heart decides, between the step's lowest and highest incline, below its cap."""


class MachineSays(StrEnum):
    """A treadmill's own announcements (FTMS machine status and its like in other protocols)."""

    STARTED = "started"
    STOPPED = "stopped"
    PAUSED = "paused"
    SAFETY_KEY = "safety_key"
    SPEED_SET = "speed_set"
    INCLINE_SET = "incline_set"
    CONTROL_LOST = "control_lost"
    CONTROL_REFUSED = "control_refused"


class Verb(StrEnum):
    """What a person can ask for."""

    LOAD = "load"
    ARM = "arm"
    """First act: also resumes a paused session."""
    DISARM = "disarm"
    START = "start"
    """Second act, by a held press on the page (only where the machine's profile allows it)."""
    PAUSE = "pause"
    STOP = "stop"
    SKIP = "skip"
    """End this step now; also the tap that a step may wait for."""
    NUDGE = "nudge"
    """Absolute new `incline_pct` and/or `speed_kmh` wished by the runner."""
    CONTINUE = "continue"
    """Let the program steer again after the console was used or heart-rate mode has ended."""
    ACKNOWLEDGE = "acknowledge"
    """Clear a latched fault; only at a standstill."""


@dataclass(frozen=True, slots=True)
class Step:
    """One leg of a session, already in numbers for this athlete.

    Ends at whichever of `for_s`, `distance_m`, `ascent_m` is given (exactly one is), or earlier when the heart
    rate falls below / rises above `until_hr_*_bpm`, or at the runner's tap.
    """

    name: str
    drive: Drive
    incline_pct: tuple[float, float]
    """FIXED: (x, x); RAMP: (from, to); CLIMB: (lowest, highest)."""
    speed_kmh: tuple[float, float] | None
    """(from, to); `None` leaves the belt's speed to the runner."""
    for_s: float | None = None
    distance_m: float | None = None
    ascent_m: float | None = None
    cap_bpm: float | None = None
    until_hr_below_bpm: float | None = None
    until_hr_above_bpm: float | None = None
    until_tap: bool = False
    say: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A session with its repeats unrolled: at least one step."""

    name: str
    steps: tuple[Step, ...]
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a strap reported. `hr_bpm` is None where it reported 0 or nothing."""

    at_s: float
    hr_bpm: float | None
    contact: bool | None = None
    """False: on nobody's skin. None: the strap cannot tell."""
    rr_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a machine measured. `link` counts connections: a new number means the link was lost in between."""

    at_s: float
    speed_kmh: float | None
    incline_pct: float | None
    link: int = 1
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class MachineEvent:
    """An announcement of the machine that did not come from our own command. `value`: km/h or percent."""

    at_s: float
    says: MachineSays
    value: float | None = None


@dataclass(frozen=True, slots=True)
class LinkState:
    """A radio or serial link came up or went down, or learned something about its device."""

    at_s: float
    source: str
    """`strap` or `machine`."""
    up: bool
    name: str = ""
    detail: str = ""
    """Why it is down, in words for a person."""
    battery_pct: int | None = None


Reading: TypeAlias = "Beat | Feedback | MachineEvent | LinkState"


@dataclass(frozen=True, slots=True)
class MachineLimits:
    """What the machine can do, as its profile or its own ranges say. Steps are the real quanta of its motors."""

    speed_min_kmh: float = 0.8
    speed_max_kmh: float = 20.0
    speed_step_kmh: float = 0.1
    incline_min_pct: float = 0.0
    incline_max_pct: float = 15.0
    incline_step_pct: float = 0.5
    incline_rate_pct_s: float = 0.3
    """How fast the lift travels; measured at commissioning, else a slow guess (docs/safety.md)."""
    latency_s: float = 2.0
    """From a set-point to the first telemetry that shows it."""
    page_start: bool = False
    """May a held press on the page be the second act of starting?"""


@dataclass(frozen=True, slots=True)
class UserLimits:
    """What the owner allows on top of the machine's and the code's own limits. Can only narrow those."""

    speed_max_kmh: float = 12.0
    incline_max_pct: float = 10.0
    hr_cap_bpm: float | None = None
    """Never above this heart rate, whatever a session says; None: the athlete's HRmax."""


@dataclass(frozen=True, slots=True)
class Command:
    """One lease of set-points for the machine. `None` leaves that motor alone."""

    belt: Belt
    speed_kmh: float | None = None
    incline_pct: float | None = None


LEAVE = Command(Belt.LEAVE)


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person asked for, once."""

    verb: Verb
    id: str = ""
    plan: Plan | None = None
    incline_pct: float | None = None
    speed_kmh: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an intent: `reason` is in words for a person and empty when all went well."""

    id: str
    ok: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the supervisor did something."""

    name: str
    action: Action
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a line in the record and on the phone, once: step_started, hr_lost, fault, ..."""

    kind: str
    text: str = ""
