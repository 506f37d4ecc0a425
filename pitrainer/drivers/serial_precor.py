"""Speaking Precor 9.3x: in the console's place, one key at a time, each answered at once by the motor.

`inc` and `hmph` take turns, a frame every `PACE_S` (the real console: a round in 0.35 s; the motor takes other
rhythms). What is asked for is in every frame, so a frame that was lost or garbled is put right by the next, and the
answers are what was measured. Whenever no set-point is due, the speed asked for is 0 and `inc` goes without a
number, as the console does at rest; a lift under way is then told to stay where it is.

The cable's interlock (pin 5) stops the motor by itself. A belt that stood still once in an episode of START is not
asked to move again in it, so putting the key back moves nothing. Whether the motor stops when the line goes silent
is not known: find out at commissioning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pitrainer.drivers.serial_pilot import Deed, Sighting, Steady, Wish, floored
from pitrainer.model import MachineLimits
from pitrainer.wire import precor

KM_PER_MILE = 1.609344
KMH_PER_COUNT = KM_PER_MILE / 100
PACE_S = 0.1
JUMP_KMH, JUMP_PCT = 2.0, 2.0
LIMITS = MachineLimits(
    speed_min_kmh=KM_PER_MILE,
    speed_max_kmh=12 * KM_PER_MILE,
    speed_step_kmh=KMH_PER_COUNT,
    incline_max_pct=15.0,
    incline_step_pct=0.5,
)
"""The console's own first speed is 1.00 mph."""


@dataclass(frozen=True, slots=True)
class PrecorProfile:
    """What commissioning found out. `incline_counts_per_pct`: 2 or 1, to be settled with a level."""

    limits: MachineLimits = LIMITS
    incline_counts_per_pct: float = 2.0


@dataclass(slots=True)
class PrecorSpeech:
    """A `Speech`."""

    profile: PrecorProfile
    remark: str = ""
    _decoder: precor.Decoder = field(default_factory=precor.Decoder)
    _spoke_s: float = -math.inf
    _speed_next: bool = True
    _speed: Steady = field(default_factory=lambda: Steady(JUMP_KMH))
    _incline: Steady = field(default_factory=lambda: Steady(JUMP_PCT))
    _told_kmh: float = 0.0
    _told_lift: int | None = None
    _reached_lift: int | None = None
    _moved_in: int = 0
    """The START episode in which the belt has moved."""
    _episode: int = 0

    @property
    def dropped(self) -> int:
        return self._decoder.dropped

    def wait_s(self, now_s: float) -> float:
        return max(0.0, self._spoke_s + PACE_S - now_s)

    def hear(self, octets: bytes, now_s: float) -> list[Sighting]:
        heard = (self._take(frame) for frame in self._decoder.feed(octets))
        return [sighting for sighting in heard if sighting is not None]

    def _take(self, frame: precor.Frame) -> Sighting | None:
        if frame.number is None:
            return None
        if frame.key == precor.SPEED:
            self._speed = self._speed.next(round(frame.number * KMH_PER_COUNT, 3))
            if self._speed.value:
                self._moved_in = self._episode
            return None if self._speed.doubted is not None else Sighting(speed_kmh=self._speed.value)
        if frame.key == precor.INCLINE:
            self._incline = self._incline.next(frame.number / self.profile.incline_counts_per_pct)
            if self._incline.doubted is None:
                self._reached_lift = frame.number
                return Sighting(incline_pct=self._incline.value)
        return None

    def say(self, wish: Wish, now_s: float) -> bytes | None:
        if wish.deed is Deed.SILENCE or self.wait_s(now_s) > 0:
            return None
        self._spoke_s = now_s
        self._speed_next = not self._speed_next
        frame = self._ask_speed(wish) if self._speed_next else self._ask_lift(wish)
        return precor.encode(frame)

    def _ask_speed(self, wish: Wish) -> precor.Frame:
        match wish.deed:
            case Deed.START:
                self._episode = wish.episode
                self._told_kmh = 0.0 if self._moved_in == wish.episode else wish.speed_kmh or 0.0
            case Deed.FOLLOW:
                self._told_kmh = self._told_kmh if wish.speed_kmh is None else wish.speed_kmh
            case _:
                self._told_kmh = 0.0
        return precor.Frame(precor.SPEED, floored(self._told_kmh, KMH_PER_COUNT))

    def _ask_lift(self, wish: Wish) -> precor.Frame:
        if wish.deed is Deed.FOLLOW and wish.incline_pct is not None:
            step = self.profile.limits.incline_step_pct
            self._told_lift = round(floored(wish.incline_pct, step) * step * self.profile.incline_counts_per_pct)
        elif self._told_lift is not None:
            self._told_lift = None if self._told_lift == self._reached_lift else self._reached_lift
        return precor.Frame(precor.INCLINE, self._told_lift)
