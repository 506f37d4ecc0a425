"""What the virtual motor controllers behind a console bus have in common: told the speed and the lift, and a key.

The interlock stops the belt whatever is asked; put back, it lets the belt do again what is being asked. After
`stops_when_silent_s` without a frame the belt stops (None: it runs on).
"""

from __future__ import annotations

from pitrainer.sim.serial.mechanics import Mechanics
from pitrainer.sim.treadmill import SimulatedTreadmill


def unheard(_: bytes) -> None:
    """Where answers go before a line is connected."""


class LowerBoard:
    """Belt, lift and interlock at `now_s`."""

    def __init__(self, deck: SimulatedTreadmill, now_s: float) -> None:
        self.mechanics = Mechanics(deck, now_s, self._watch)
        self.now_s = now_s
        self.stops_when_silent_s: float | None = None
        self._asked_kmh = 0.0
        self._key_in = True
        self._last_word_s = now_s

    @property
    def deck(self) -> SimulatedTreadmill:
        return self.mechanics.deck

    def look(self, now_s: float) -> SimulatedTreadmill:
        """Belt and lift as they are now."""
        self.now_s = max(self.now_s, now_s)
        self.mechanics.advance(now_s)
        return self.deck

    def word(self, now_s: float) -> None:
        """Something was heard."""
        self.look(now_s)
        self._last_word_s = now_s

    def ask_speed(self, speed_kmh: float) -> None:
        self._asked_kmh = speed_kmh
        self._tell_deck(self.deck.told_pct)

    def ask_lift(self, incline_pct: float) -> None:
        self._tell_deck(incline_pct)

    def key(self, is_in: bool) -> None:
        self._key_in = is_in
        self._tell_deck(self.deck.told_pct)

    def _tell_deck(self, incline_pct: float) -> None:
        self.deck.apply(self._asked_kmh if self._key_in else 0.0, incline_pct)

    def _watch(self, now_s: float) -> None:
        limit_s = self.stops_when_silent_s
        if limit_s is not None and self._asked_kmh and now_s - self._last_word_s > limit_s:
            self.ask_speed(0.0)
