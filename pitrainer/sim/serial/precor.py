"""A virtual Precor motor controller: answers each key at once with what it measures, and does what it was last told.

The interlock stops the belt whatever is asked; put back, it lets the belt do again what is being asked. Whether a
real one stops when the console falls silent is not known; here `stops_when_silent_s` says so, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pitrainer.sim.serial.mechanics import Mechanics
from pitrainer.sim.treadmill import SimulatedTreadmill
from pitrainer.wire import precor

KMH_PER_COUNT = 0.01609344


def deck() -> SimulatedTreadmill:
    return SimulatedTreadmill(
        speed_min_kmh=50 * KMH_PER_COUNT, speed_max_kmh=1200 * KMH_PER_COUNT, speed_step_kmh=KMH_PER_COUNT,
        incline_rate_pct_s=0.77, speed_up_kmh_s=0.8, latency_s=0.2,
    )  # fmt: skip


@dataclass
class PrecorMachine:
    """Switched on at `now_s`, standing."""

    now_s: float
    lift_counts_per_pct: float = 2.0
    stops_when_silent_s: float | None = None
    mute: bool = False
    deaf_to: frozenset[str] = frozenset()
    """Keys that are answered but not obeyed."""
    heard: list[tuple[float, precor.Frame]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._answer: Callable[[bytes], None] = _into_the_air
        self._decoder = precor.Decoder()
        self.mechanics = Mechanics(deck(), self.now_s, self._watch)
        self._asked_kmh = 0.0
        self._key_in = True
        self._last_word_s = self.now_s

    def look(self, now_s: float) -> SimulatedTreadmill:
        """Belt and lift as they are now."""
        self.now_s = max(self.now_s, now_s)
        self.mechanics.advance(now_s)
        return self.mechanics.deck

    def asked(self, key: str) -> list[tuple[float, int | None]]:
        """When this key was sent, and with which number."""
        return [(at_s, frame.number) for at_s, frame in self.heard if frame.key == key]

    def pull_key(self) -> None:
        self._key_in = False
        self._tell_deck(self.mechanics.deck.told_pct)

    def put_key(self) -> None:
        self._key_in = True
        self._tell_deck(self.mechanics.deck.told_pct)

    def connect(self, answer: Callable[[bytes], None]) -> None:
        self._answer = answer

    def hear(self, octets: bytes, now_s: float) -> None:
        """What arrives, all at `now_s`."""
        self.look(now_s)
        self._last_word_s = now_s
        for frame in self._decoder.feed(octets):
            self.heard.append((now_s, frame))
            reply = self._done(frame)
            if not self.mute:
                self._answer(precor.encode(reply, by_console=False))

    def _done(self, frame: precor.Frame) -> precor.Frame:
        deck, obeyed = self.mechanics.deck, frame.number is not None and frame.key not in self.deaf_to
        match frame.key:
            case precor.SPEED:
                if obeyed:
                    self._asked_kmh = (frame.number or 0) * KMH_PER_COUNT
                    self._tell_deck(deck.told_pct)
                return precor.Frame(frame.key, round(deck.speed_kmh / KMH_PER_COUNT))
            case precor.INCLINE:
                if obeyed:
                    self._tell_deck((frame.number or 0) / self.lift_counts_per_pct)
                return precor.Frame(frame.key, round(deck.incline_pct * self.lift_counts_per_pct))
        return precor.Frame("")

    def _tell_deck(self, incline_pct: float) -> None:
        self.mechanics.deck.apply(self._asked_kmh if self._key_in else 0.0, incline_pct)

    def _watch(self, now_s: float) -> None:
        limit_s = self.stops_when_silent_s
        if limit_s is not None and now_s - self._last_word_s > limit_s:
            self._asked_kmh = 0.0
            self._tell_deck(self.mechanics.deck.told_pct)


def _into_the_air(_: bytes) -> None:
    """Before a line is connected."""
