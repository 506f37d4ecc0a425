"""A virtual treadmill's mechanics: belt and lift with rates, latency and steps.

The defaults are a common home machine: belt 0.8-20 km/h in 0.1, lift 0-15 % in 0.5 at 0.4 %/s, belt 0.4 km/h per s
up and 1.0 down, 1.5 s from a set-point to the first movement (measured Start, Stop and set-point times of real FTMS
belts lie around these). A set-point below the slowest speed stops the belt.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class SimulatedTreadmill:
    """Step it with `step(dt_s)`; tell it with `apply(speed_kmh, incline_pct)`."""

    incline_min_pct: float = 0.0
    incline_max_pct: float = 15.0
    incline_step_pct: float = 0.5
    speed_min_kmh: float = 0.8
    speed_max_kmh: float = 20.0
    speed_step_kmh: float = 0.1
    incline_rate_pct_s: float = 0.4
    speed_up_kmh_s: float = 0.4
    speed_down_kmh_s: float = 1.0
    latency_s: float = 1.5
    speed_kmh: float = 0.0
    incline_pct: float = 0.0
    _told: tuple[float, float] = (0.0, 0.0)
    _now_s: float = 0.0
    _queue: list[tuple[float, float, float]] = field(default_factory=list)

    def apply(self, speed_kmh: float, incline_pct: float) -> None:
        """Set-points in km/h and percent; taken to the machine's range and steps."""
        speed = 0.0 if speed_kmh < self.speed_min_kmh else min(speed_kmh, self.speed_max_kmh)
        incline = min(max(incline_pct, self.incline_min_pct), self.incline_max_pct)
        speed = round(speed / self.speed_step_kmh) * self.speed_step_kmh
        incline = round(incline / self.incline_step_pct) * self.incline_step_pct
        if (speed, incline) != (self.told_kmh, self.told_pct):
            self._queue.append((self._now_s + self.latency_s, speed, incline))

    @property
    def told_kmh(self) -> float:
        """The newest set-point, acted on or not."""
        return self._queue[-1][1] if self._queue else self._told[0]

    @property
    def told_pct(self) -> float:
        return self._queue[-1][2] if self._queue else self._told[1]

    def step(self, dt_s: float) -> None:
        """Let `dt_s` seconds pass."""
        self._now_s += dt_s
        while self._queue and self._queue[0][0] <= self._now_s:
            self._told = self._queue.pop(0)[1:]
        speed, incline = self._told
        self.speed_kmh = _towards(self.speed_kmh, speed, self.speed_up_kmh_s * dt_s, self.speed_down_kmh_s * dt_s)
        if self.speed_kmh > 0.0:
            travel = self.incline_rate_pct_s * dt_s
            self.incline_pct = _towards(self.incline_pct, incline, travel, travel)


def _towards(value: float, target: float, up: float, down: float) -> float:
    return min(target, value + up) if target > value else max(target, value - down)
