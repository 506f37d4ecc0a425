"""What treadmill consoles do: a step every so often, h/p/cosmos' matrix of steps, True's order of motors.

- Steps: outside a band around the target, one step of incline per interval (QZ-like 0.5 % in 10 s, consoles 0.5-1 %
  in 30-60 s). No pulse: nothing changes (Kettler).
- h/p/cosmos' cardio mode: the distance to the target picks step and interval, in a gentle and a brisk form on
  elevation, and on speed with a steeper way down. Signal lost: all stays for 60 s, then down to 2 km/h and the end.
- True: speed first up to the runner's own highest, then grade; grade first down, then speed; 0.1 mph and 0.5 %. Its
  loop time is not published; 30 s is borrowed from Yowza and Kettler.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from pitrainer.sim.peers.ask import Aim, Ask, SetPoints

Row = tuple[float, float, float]
"""Up to this distance (bpm): step (km/h or percent), interval (s)."""

GENTLE_PCT: tuple[Row, ...] = ((5, 0.1, 25), (15, 0.2, 25), (30, 0.4, 25), (50, 0.8, 20), (inf, 1.0, 20))
BRISK_PCT: tuple[Row, ...] = ((5, 0.3, 12), (15, 0.8, 12), (30, 1.0, 10), (50, 1.2, 8), (inf, 1.6, 7))
SPEED_UP: tuple[Row, ...] = ((5, 0.2, 25), (15, 0.4, 25), (30, 0.6, 25), (50, 0.8, 20), (inf, 1.0, 20))
SPEED_DOWN: tuple[Row, ...] = ((5, 0.3, 12), (15, 0.8, 12), (30, 1.0, 10), (50, 1.5, 8), (inf, 2.0, 7))
LOST_S, RUN_DOWN_KMH = 60.0, 2.0
TRUE_KMH, TRUE_PCT, TRUE_EVERY_S = 0.160934, 0.5, 30.0


@dataclass(slots=True)
class Steps:
    """One step of incline every `every_s` while the heart is more than `band_bpm` off the target."""

    ask: Ask
    every_s: float
    step_pct: float
    band_bpm: float = 0.0
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    acted_at_s: float = -inf

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        if hr_bpm is None or now_s - self.acted_at_s < self.every_s:
            return self.at.both()
        error = self.aim.target_bpm - hr_bpm
        self.acted_at_s = now_s
        if abs(error) > self.band_bpm:
            self.at.set_incline(self.at.incline_pct + (self.step_pct if error > 0 else -self.step_pct))
        return self.at.both()


@dataclass(slots=True)
class Matrix:
    """h/p/cosmos' table, on the incline or (`by_speed`) on the speed."""

    ask: Ask
    up: tuple[Row, ...]
    down: tuple[Row, ...]
    by_speed: bool = False
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    acted_at_s: float = -inf
    heard_at_s: float = 0.0
    ended: bool = False

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        if hr_bpm is None:
            if now_s - self.heard_at_s > LOST_S:
                self.ended = True
                self.at.speed_kmh = min(self.at.speed_kmh, RUN_DOWN_KMH)
            return self.at.both()
        self.heard_at_s = now_s
        if not self.ended:
            self._step(now_s, self.aim.target_bpm - hr_bpm)
        return self.at.both()

    def _step(self, now_s: float, error: float) -> None:
        rows = self.up if error > 0 else self.down
        _, step, every_s = next(row for row in rows if abs(error) <= row[0])
        if error == 0.0 or now_s - self.acted_at_s < every_s:
            return
        self.acted_at_s = now_s
        change = step if error > 0 else -step
        if self.by_speed:
            self.at.set_speed(self.at.speed_kmh + change)
        else:
            self.at.set_incline(self.at.incline_pct + change)


@dataclass(slots=True)
class TrueOrder:
    """Speed first up, grade first down. The runner's own highest speed is the usual one."""

    ask: Ask
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    acted_at_s: float = -inf

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        if hr_bpm is None or now_s - self.acted_at_s < TRUE_EVERY_S:
            return self.at.both()
        self.acted_at_s = now_s
        if hr_bpm < self.aim.low_bpm:
            self._harder()
        elif hr_bpm > self.aim.high_bpm:
            self._easier()
        return self.at.both()

    def _harder(self) -> None:
        at = self.at
        if at.speed_kmh < self.ask.speed_kmh - 1e-9:
            at.set_speed(min(at.speed_kmh + TRUE_KMH, self.ask.speed_kmh))
        else:
            at.set_incline(at.incline_pct + TRUE_PCT)

    def _easier(self) -> None:
        at = self.at
        if at.incline_pct > max(self.ask.incline_range_pct[0], 0.0):
            at.set_incline(max(at.incline_pct - TRUE_PCT, 0.0))
        else:
            at.set_speed(at.speed_kmh - TRUE_KMH)
