"""A virtual machine's belt and lift, moved up to the present whenever somebody looks or speaks."""

from __future__ import annotations

from collections.abc import Callable

from pitrainer.sim.treadmill import SimulatedTreadmill

SLICE_S = 0.05


class Mechanics:
    """A `SimulatedTreadmill` under its own clock. `watch` is called in every slice: a machine's own timers."""

    def __init__(self, deck: SimulatedTreadmill, now_s: float, watch: Callable[[float], None]) -> None:
        self.deck = deck
        self.runaway_kmh_s = 0.0
        """A broken motor controller: the belt speeds up by itself."""
        self._now_s = now_s
        self._watch = watch

    def advance(self, now_s: float) -> None:
        """Move until `now_s`."""
        while self._now_s < now_s - 1e-9:
            dt_s = min(SLICE_S, now_s - self._now_s)
            self._now_s += dt_s
            self._watch(self._now_s)
            self.deck.step(dt_s)
            if self.runaway_kmh_s and self.deck.speed_kmh > 0:
                self.deck.speed_kmh = min(self.deck.speed_kmh + self.runaway_kmh_s * dt_s, self.deck.speed_max_kmh)
