"""What a serial treadmill should do next: decisions without I/O or protocol, one `Pilot` per link.

    Command -> Pilot.wish -> Wish -> the protocol's own `Speech` -> octets -> machine -> Speech -> Sighting -> Pilot

The rules are those of `ports`: START only at a seen standstill and once per episode; a set-point only to a moving
belt, on a link that has seen a standstill or START, and never after the runner took over, until the next START or
until whoever commands has let go (LEAVE, or RUN without set-points) and so shown that he knows.
STOP walks the speed down, never up, and ends in the machine's own stop; where set-points are barred the machine's
stop comes at once. A stop that is not obeyed is repeated, and between times the line is kept silent for
`SILENCE_S`, so that a machine which stops by itself when its computer is gone (Trackmaster: 0.5 s) does so.

Where pitrainer replaces the console there is no other hand on the belt: LEAVE then means a walked-down stop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from pitrainer.model import LEASE_S, RAMP_DOWN_KMH_S, Belt, Command, MachineEvent, MachineLimits, MachineSays

HALT_S = 5.0
"""On top of the machine's latency: so long may a belt take to begin to slow after a stop."""
SILENCE_S = 1.5
START_S = 10.0
"""From the order to the first movement."""
STILL_S = 2.0
"""Seen standing for so long, a belt needs no more stops."""
SLOWED_KMH = 0.3


class Deed(Enum):
    """What the protocol should be about."""

    WATCH = "watch"
    """Ask, order nothing."""
    START = "start"
    FOLLOW = "follow"
    HALT = "halt"
    """The machine's own stop."""
    SILENCE = "silence"
    """Not an octet."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Set-points are within the machine's range but not yet in its steps; None leaves that motor alone."""

    deed: Deed
    speed_kmh: float | None = None
    incline_pct: float | None = None
    episode: int = 0
    """Counts START commands: one start order for each."""
    freeze: bool = False
    """The lift is to stay where it is, also on its way to an earlier set-point."""


WATCH = Wish(Deed.WATCH)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a machine just reported. None: this report does not say."""

    speed_kmh: float | None = None
    incline_pct: float | None = None
    running: bool | None = None
    """Its own word on whether the belt is started."""
    says: MachineSays | None = None
    value: float | None = None


class Pilot:
    """The state of one link and the decisions on it. All times are the caller's `now_s`."""

    def __init__(self, limits: MachineLimits, *, is_console: bool = False) -> None:
        self.limits = limits
        self.speed_kmh: float | None = None
        self.incline_pct: float | None = None
        self.barred = True
        self.yielded = False
        self.remark = ""
        self._is_console = is_console
        self._running: bool | None = None
        self._told_kmh: float | None = None
        self._last_belt = Belt.LEAVE
        self._episode = 0
        self._start_s: float | None = None
        self._still_since_s: float | None = None
        self._halt_s: float | None = None
        self._halt_from_kmh = 0.0
        self._leaving_s: float | None = None
        self._leaving_from_kmh = 0.0

    # What comes in.

    def saw(self, sighting: Sighting, now_s: float) -> MachineEvent | None:
        """Take a report; gives the event where it is one that did not come from our own order."""
        if sighting.incline_pct is not None:
            self.incline_pct = sighting.incline_pct
        if sighting.speed_kmh is not None:
            self.speed_kmh = sighting.speed_kmh
        self._running = self._running if sighting.running is None else sighting.running
        self._look_for_standstill(now_s)
        if sighting.says is None or self._is_our_own(sighting.says, now_s):
            return None
        self.yielded = self.yielded or sighting.says is not MachineSays.STARTED
        return MachineEvent(now_s, sighting.says, sighting.value)

    def _look_for_standstill(self, now_s: float) -> None:
        stands = self.speed_kmh == 0 and not self._running
        if not stands:
            self._still_since_s = None
            return
        self.barred, self._told_kmh = False, None
        self._still_since_s = now_s if self._still_since_s is None else self._still_since_s

    def _is_our_own(self, says: MachineSays, now_s: float) -> bool:
        match says:
            case MachineSays.STARTED:
                return self._start_s is not None and now_s - self._start_s < START_S
            case MachineSays.STOPPED:
                return self._halt_s is not None
        return False

    @property
    def stands(self) -> bool:
        return self._still_since_s is not None

    @property
    def lowest_known_kmh(self) -> float | None:
        """The lower of what the belt was told and what it does."""
        known = (speed for speed in (self._told_kmh, self.speed_kmh) if speed is not None)
        return min(known, default=None)

    # What goes out.

    def wish(self, command: Command, now_s: float) -> Wish:
        """What should be done for this command now."""
        began, self._last_belt = command.belt is not self._last_belt, command.belt
        if began and command.belt is Belt.START:
            self.barred = self.yielded = False
            self._episode, self._start_s = self._episode + 1, None
        if command.belt is Belt.LEAVE or command == Command(Belt.RUN):
            self.yielded = False
        if command.belt is not Belt.LEAVE:
            self._leaving_s = None
        if command.belt not in (Belt.STOP, Belt.LEAVE):
            self._halt_s = None
        match command.belt:
            case Belt.LEAVE:
                return self._leave(now_s) if self._is_console else WATCH
            case Belt.STOP:
                return self._stop(command.speed_kmh, now_s)
            case Belt.START if self.stands:
                return self._start(now_s)
        return self._follow(command.speed_kmh, command.incline_pct)

    def _start(self, now_s: float) -> Wish:
        self._start_s = now_s if self._start_s is None else self._start_s
        if self.yielded:
            return WATCH
        if now_s - self._start_s > START_S:
            self.remark = "the belt did not start: is the safety key in?"
            return WATCH
        self._told_kmh = self.limits.speed_min_kmh
        return Wish(Deed.START, self.limits.speed_min_kmh, None, self._episode)

    def _follow(self, speed_kmh: float | None, incline_pct: float | None) -> Wish:
        if self.barred or self.yielded or self.stands or self.speed_kmh is None:
            return WATCH
        self.remark = ""
        limits = self.limits
        if speed_kmh is not None:
            self._told_kmh = speed_kmh = min(max(speed_kmh, limits.speed_min_kmh), limits.speed_max_kmh)
        if incline_pct is not None:
            incline_pct = min(max(incline_pct, limits.incline_min_pct), limits.incline_max_pct)
        return Wish(Deed.FOLLOW, speed_kmh, incline_pct)

    def _leave(self, now_s: float) -> Wish:
        """Nobody else can slow this belt."""
        if self._leaving_s is None:
            self._leaving_s, self._leaving_from_kmh = now_s, self.lowest_known_kmh or 0.0
        return self._stop(self._leaving_from_kmh - RAMP_DOWN_KMH_S * (now_s - self._leaving_s), now_s)

    def _stop(self, speed_kmh: float | None, now_s: float) -> Wish:
        if self._start_s is not None and now_s - self._start_s < START_S and self.stands:
            self._still_since_s = now_s  # it may be about to move
        self._start_s = None
        if self._stands_for_s(now_s) > STILL_S:
            self._halt_s = None
            return WATCH
        wanted = speed_kmh if speed_kmh is not None and math.isfinite(speed_kmh) else 0.0
        wanted = min(wanted, self.lowest_known_kmh or 0.0)
        walk_down = self._halt_s is None and not self.barred and not self.yielded and not self.stands
        if walk_down and wanted >= self.limits.speed_min_kmh:
            self._told_kmh = wanted
            return Wish(Deed.FOLLOW, wanted, freeze=True)
        return self._halt(now_s)

    def _halt(self, now_s: float) -> Wish:
        if self._halt_s is None:
            self._halt_s, self._halt_from_kmh = now_s, self.speed_kmh or 0.0
        waited_s, patience_s = now_s - self._halt_s, self.limits.latency_s + HALT_S
        if self.speed_kmh is not None and self.speed_kmh < self._halt_from_kmh - SLOWED_KMH:
            self._halt_s, self._halt_from_kmh, self.remark = now_s, self.speed_kmh, ""
        elif waited_s > patience_s and not self.stands:
            self.remark = "the belt does not obey its stop: pull the safety key"
            if waited_s < patience_s + SILENCE_S:
                return Wish(Deed.SILENCE)
            self._halt_s = now_s
        return Wish(Deed.HALT, freeze=True)

    def _stands_for_s(self, now_s: float) -> float:
        return 0.0 if self._still_since_s is None else now_s - self._still_since_s


class Lease:
    """The newest command while it is fresh, and a walk to standstill when nobody renews it."""

    def __init__(self) -> None:
        self.refusal = ""
        """Why the last command was not taken; empty for a sound one."""
        self._command = Command(Belt.LEAVE)
        self._taken_s = 0.0
        self._owed: Command | None = None
        self._lapsed_from_kmh: float | None = None

    def take(self, command: Command, now_s: float) -> None:
        """The latest wins; nonsense is dropped; a STOP is never overwritten unseen."""
        self.refusal = _refusal(command)
        if self.refusal:
            return
        self._command, self._taken_s, self._lapsed_from_kmh = command, now_s, None
        if command.belt is Belt.STOP:
            self._owed = command

    def forget_owed(self) -> None:
        """A new link owes nothing from the old one."""
        self._owed = None

    def command(self, pilot: Pilot, now_s: float) -> Command:
        """What to obey now."""
        owed, self._owed = self._owed, None
        if owed is not None and self._command.belt is not Belt.STOP:
            return owed
        overdue_s = now_s - self._taken_s - LEASE_S
        if self._command.belt is Belt.LEAVE or overdue_s <= 0:
            return self._command
        if self._lapsed_from_kmh is None:
            self._lapsed_from_kmh = pilot.lowest_known_kmh or 0.0
        return Command(Belt.STOP, max(0.0, self._lapsed_from_kmh - RAMP_DOWN_KMH_S * overdue_s))


def _refusal(command: Command) -> str:
    """Why a command cannot be obeyed as it stands; empty for a sound one. A STOP is always obeyed."""
    if command.belt is Belt.STOP:
        return ""
    speed, incline = command.speed_kmh, command.incline_pct
    if speed is not None and not (math.isfinite(speed) and speed >= 0):
        return f"a speed of {speed} km/h was refused: it must be a number and not negative"
    if incline is not None and not math.isfinite(incline):
        return f"an incline of {incline} % was refused: it must be a number"
    return ""


def floored(value: float, step: float) -> int:
    """How many whole steps are in a value: the easier side."""
    return math.floor(value / step + 1e-6)


@dataclass(frozen=True, slots=True)
class Steady:
    """A measured value of an unchecked protocol: a jump is believed when the next report agrees."""

    jump: float
    value: float | None = None
    doubted: float | None = None

    def next(self, measured: float) -> Steady:
        believed = self.value is None or abs(measured - self.value) <= self.jump
        agrees = self.doubted is not None and abs(measured - self.doubted) <= self.jump
        if believed or agrees:
            return replace(self, value=measured, doubted=None)
        return replace(self, doubted=measured)
