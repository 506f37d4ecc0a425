"""The mechanics of the virtual treadmill: a belt and a lift that take their time.

The belt starts after a countdown at the machine's lowest speed, speeds up and slows down at its own rates, and the
lift travels slowly. A target takes effect `latency_s` after it was accepted. Figures after real machines: set to
measured 1.4 s, start to first movement 4 to 6 s, stop 2 to 4 s, lifts 0.3 to 1 %/s.
"""

from __future__ import annotations

from dataclasses import dataclass

from pitrainer.wire.ftms import Range

SLICE_S = 0.1
SPEED_KMH, INCLINE_PCT = Range(0.8, 20.0, 0.1), Range(0.0, 15.0, 0.5)


@dataclass(frozen=True, slots=True)
class Mechanics:
    """What this model of treadmill can do."""

    speed_kmh: Range = SPEED_KMH
    incline_pct: Range = INCLINE_PCT
    faster_kmh_s: float = 1.0
    slower_kmh_s: float = 1.5
    lift_pct_s: float = 0.5
    latency_s: float = 0.5
    countdown_s: float = 3.0


class Deck:
    """Belt and lift. All calls carry `now_s`; motion is made up in slices since the last call."""

    def __init__(self, mechanics: Mechanics, now_s: float) -> None:
        self.mechanics = mechanics
        self.running = False
        """Started and not stopped: set-points are accepted."""
        self.speed_kmh = 0.0
        self.incline_pct = 0.0
        self.distance_m = 0.0
        self.elapsed_s = 0.0
        self._speed_target = 0.0
        self._incline_target = 0.0
        self._later: list[tuple[float, float | None, float | None]] = []
        self._now_s = now_s

    def start(self, now_s: float) -> None:
        self.running = True
        self._later.append((now_s + self.mechanics.countdown_s, self.mechanics.speed_kmh.minimum, None))

    def stop(self, now_s: float) -> None:
        """The belt slows to a standstill and the lift freezes where it is."""
        self.advance(now_s)
        self.running = False
        self._later.clear()
        self._speed_target, self._incline_target = 0.0, self.incline_pct

    def set_speed(self, now_s: float, speed_kmh: float) -> None:
        self._later.append((now_s + self.mechanics.latency_s, speed_kmh, None))

    def set_incline(self, now_s: float, incline_pct: float) -> None:
        self._later.append((now_s + self.mechanics.latency_s, None, incline_pct))

    def advance(self, now_s: float) -> None:
        """Move until `now_s`."""
        while self._now_s < now_s - 1e-9:
            dt_s = min(SLICE_S, now_s - self._now_s)
            self._now_s += dt_s
            self._take_targets()
            self._move(dt_s)

    def _take_targets(self) -> None:
        for due in [target for target in self._later if target[0] <= self._now_s + 1e-9]:
            self._later.remove(due)
            _, speed_kmh, incline_pct = due
            self._speed_target = self._speed_target if speed_kmh is None else speed_kmh
            self._incline_target = self._incline_target if incline_pct is None else incline_pct

    def _move(self, dt_s: float) -> None:
        how = self.mechanics
        rate = how.faster_kmh_s if self._speed_target > self.speed_kmh else how.slower_kmh_s
        self.speed_kmh = _towards(self.speed_kmh, self._speed_target, rate * dt_s)
        self.incline_pct = _towards(self.incline_pct, self._incline_target, how.lift_pct_s * dt_s)
        self.distance_m += self.speed_kmh / 3.6 * dt_s
        self.elapsed_s += dt_s if self.speed_kmh > 0 else 0.0


def _towards(value: float, target: float, most: float) -> float:
    if abs(target - value) <= most:
        return target
    return value + most if target > value else value - most
