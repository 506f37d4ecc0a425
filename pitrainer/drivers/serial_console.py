"""Speaking in a console's place: Precor, Johnson and PSA motor controllers, which are told everything again and again.

Frames go round every `pace_s`. What is asked for is in every round, so a frame that was lost or garbled is put right
by the next. Whenever no set-point is due the speed asked for is 0, and a lift under way is told to stay where it is.
Going up, the speed asked for rises by `rise_kmh_s` at most; down it may jump, controllers slow by themselves.

A cable's safety interlock stops the motor by itself. A belt that stood still once in an episode of START is not asked
to move again in it, so putting the key back moves nothing. Precor answers with what it measured. What Johnson and
PSA boards answer is not known: their profiles say which answer is the speed, and without one the driver hears no
speed and says that the machine does not answer. Whether such a machine stops when the line goes silent is for
commissioning to find out (Johnson's is said to).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from pitrainer.drivers.serial_pilot import Deed, Sighting, Steady, Wish, floored
from pitrainer.model import MachineLimits
from pitrainer.wire import johnson, precor, psa

KM_PER_MILE = 1.609344
JUMP_KMH, JUMP_PCT = 2.0, 2.0
PASSED_MOST_S = 1.0
"""A pause on the line earns no greater jump in speed."""

PRECOR_LIMITS = MachineLimits(
    speed_min_kmh=KM_PER_MILE, speed_max_kmh=12 * KM_PER_MILE, speed_step_kmh=KM_PER_MILE / 100
)
JOHNSON_LIMITS = MachineLimits(
    speed_min_kmh=0.5 * KM_PER_MILE,
    speed_max_kmh=12 * KM_PER_MILE,
    speed_step_kmh=0.1 * KM_PER_MILE,
    incline_max_pct=12.0,
)
PSA_LIMITS = MachineLimits(speed_max_kmh=16.0, incline_step_pct=1.0)

Frame = TypeVar("Frame")


class Decoder(Protocol[Frame]):
    """One of the codecs'."""

    @property
    def dropped(self) -> int: ...

    def feed(self, payload: bytes) -> list[Frame]: ...


class Profile(Protocol[Frame]):
    """One protocol, with what commissioning found out about one machine."""

    @property
    def limits(self) -> MachineLimits: ...

    @property
    def pace_s(self) -> float:
        """From one frame to the next."""

    @property
    def rise_kmh_s(self) -> float:
        """How fast the speed asked for may rise; inf: as it likes."""

    def decoder(self) -> Decoder[Frame]: ...

    def read(self, frame: Frame) -> Sighting | None:
        """What an answer measures: speed or incline; None for any other."""

    def round(self, speed_kmh: float, incline_pct: float | None, *, halting: bool) -> tuple[bytes, ...]:
        """The frames of one round. No incline: the lift is not spoken of."""


@dataclass(frozen=True, slots=True)
class PrecorProfile:
    """`incline_counts_per_pct`: 2 or 1, to be settled with a level. The console's own first speed is 1.00 mph."""

    limits: MachineLimits = PRECOR_LIMITS
    incline_counts_per_pct: float = 2.0
    pace_s: float = 0.1
    rise_kmh_s: float = math.inf

    def decoder(self) -> Decoder[precor.Frame]:
        return precor.Decoder()

    def read(self, frame: precor.Frame) -> Sighting | None:
        if frame.number is None:
            return None
        if frame.key == precor.SPEED:
            return Sighting(speed_kmh=round(frame.number * KM_PER_MILE / 100, 3))
        return Sighting(incline_pct=frame.number / self.incline_counts_per_pct) if frame.key == precor.INCLINE else None

    def round(self, speed_kmh: float, incline_pct: float | None, *, halting: bool) -> tuple[bytes, ...]:
        counts = None if incline_pct is None else round(incline_pct * self.incline_counts_per_pct)
        speed = precor.Frame(precor.SPEED, floored(speed_kmh, KM_PER_MILE / 100))
        return precor.encode(precor.Frame(precor.INCLINE, counts)), precor.encode(speed)


@dataclass(frozen=True, slots=True)
class JohnsonProfile:
    """`scale` depends on rollers and lift. `*_answer`: the command octet of the controller's frame that carries the
    measured value as a 16-bit number in the same scale; None where it has none."""

    limits: MachineLimits = JOHNSON_LIMITS
    scale: johnson.Scale = field(default_factory=johnson.Scale)
    speed_answer: int | None = johnson.Command.SPEED
    incline_answer: int | None = johnson.Command.INCLINE
    pace_s: float = 0.1
    rise_kmh_s: float = 0.5 * KM_PER_MILE
    """0.1 mph for each 0.2 s: the boards fault on jumps, how large is not known."""

    def decoder(self) -> Decoder[johnson.Frame]:
        return johnson.Decoder()

    def read(self, frame: johnson.Frame) -> Sighting | None:
        if frame.sender is not johnson.Sender.CONTROLLER or len(frame.payload) != 2:
            return None
        counts = int.from_bytes(frame.payload, "big")
        if frame.command == self.speed_answer:
            return Sighting(speed_kmh=round(max(0.0, self.scale.speed_kmh(counts)), 3))
        return Sighting(incline_pct=self.scale.incline_pct(counts)) if frame.command == self.incline_answer else None

    def round(self, speed_kmh: float, incline_pct: float | None, *, halting: bool) -> tuple[bytes, ...]:
        frames = [johnson.STOP] if halting else []
        frames.append(johnson.speed(speed_kmh, self.scale))
        if incline_pct is not None:
            frames.append(johnson.incline(incline_pct, self.scale))
        return tuple(johnson.encode(frame) for frame in (*frames, johnson.HEARTBEAT))


@dataclass(frozen=True, slots=True)
class PsaProfile:
    """`pct_per_level`: a level is not a percent; measure. `*_answer`: the word whose number is the measured value in
    tenths; None where the board has none."""

    limits: MachineLimits = PSA_LIMITS
    pct_per_level: float = 1.0
    speed_answer: str | None = psa.SPEED
    incline_answer: str | None = psa.INCLINE
    pace_s: float = 0.25
    rise_kmh_s: float = math.inf

    def decoder(self) -> Decoder[psa.Frame]:
        return psa.Decoder()

    def read(self, frame: psa.Frame) -> Sighting | None:
        if frame.number is None:
            return None
        if frame.word == self.speed_answer:
            return Sighting(speed_kmh=frame.number / 10)
        tenths = frame.number if frame.word == self.incline_answer else None
        return None if tenths is None else Sighting(incline_pct=tenths / 10 * self.pct_per_level)

    def round(self, speed_kmh: float, incline_pct: float | None, *, halting: bool) -> tuple[bytes, ...]:
        speed = psa.encode(psa.Frame(psa.SPEED, floored(speed_kmh, 0.1)))
        if incline_pct is None:
            return (speed,)
        return speed, psa.encode(psa.Frame(psa.INCLINE, round(incline_pct / self.pct_per_level * 10)))


class ConsoleSpeech(Generic[Frame]):
    """A `Speech`."""

    remark = ""

    def __init__(self, profile: Profile[Frame]) -> None:
        self._profile = profile
        self._decoder = profile.decoder()
        self._spoke_s = -math.inf
        self._turn = 0
        self._speed = Steady(JUMP_KMH)
        self._incline = Steady(JUMP_PCT)
        self._told_kmh = 0.0
        self._told_pct: float | None = None
        self._holding = False
        self._episode = 0
        self._moved_in = 0
        """The START episode in which the belt has moved."""

    @property
    def dropped(self) -> int:
        return self._decoder.dropped

    def wait_s(self, now_s: float) -> float:
        return max(0.0, self._spoke_s + self._profile.pace_s - now_s)

    def hear(self, octets: bytes, now_s: float) -> list[Sighting]:
        heard = (self._believed(self._profile.read(frame)) for frame in self._decoder.feed(octets))
        return [sighting for sighting in heard if sighting is not None]

    def _believed(self, sighting: Sighting | None) -> Sighting | None:
        """A jump waits for a second answer that agrees."""
        if sighting is not None and sighting.speed_kmh is not None:
            self._speed = self._speed.next(sighting.speed_kmh)
            self._moved_in = self._episode if self._speed.value else self._moved_in
            return None if self._speed.doubted is not None else sighting
        if sighting is not None and sighting.incline_pct is not None:
            self._incline = self._incline.next(sighting.incline_pct)
            return None if self._incline.doubted is not None else sighting
        return None

    def say(self, wish: Wish, now_s: float) -> bytes | None:
        if wish.deed is Deed.SILENCE or self.wait_s(now_s) > 0:
            return None
        self._told_kmh = self._next_kmh(wish, min(now_s - self._spoke_s, PASSED_MOST_S))
        self._told_pct = self._next_pct(wish)
        self._spoke_s, self._turn = now_s, self._turn + 1
        frames = self._profile.round(self._told_kmh, self._told_pct, halting=wish.deed is Deed.HALT)
        return frames[self._turn % len(frames)]

    def _next_kmh(self, wish: Wish, passed_s: float) -> float:
        if wish.deed is Deed.START:
            self._episode = wish.episode
            return 0.0 if self._moved_in == wish.episode else wish.speed_kmh or 0.0
        if wish.deed is not Deed.FOLLOW:
            return 0.0
        wanted = self._told_kmh if wish.speed_kmh is None else wish.speed_kmh
        return min(wanted, self._told_kmh + self._profile.rise_kmh_s * passed_s)

    def _next_pct(self, wish: Wish) -> float | None:
        """Where the lift is asked to be; once it is to freeze, where it was then."""
        if wish.deed is Deed.FOLLOW and wish.incline_pct is not None:
            self._holding = False
            step = self._profile.limits.incline_step_pct
            return round(floored(wish.incline_pct, step) * step, 3)
        if self._holding or self._told_pct is None or (wish.deed is Deed.FOLLOW and not wish.freeze):
            return self._told_pct
        self._holding = True
        return self._told_pct if self._incline.value is None else self._incline.value
