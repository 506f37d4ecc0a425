"""Open projects' laws, from their descriptions: mlervaag, ryanramage, Belgian-Coder, samsonovss.

- Mlervaag: a zone of 10 % of HRmax whose top is 3 bpm above the target, judged by the mean of 15 filtered samples every
  10-20 s; small steps up, larger ones down; a step that turns the direction is spent, with a pause; sums of steps are
  bounded. By incline every step is 0.5 %. Its own incline limit (12 %) is widened to the machine's.
- Ryanramage: mean of 20 samples, tolerance 5 bpm, two step sizes and waits (long segments: 0.1 / 0.3 km/h after
  8 / 12 s, twice that in percent). What it does without a heart rate is not described: assumed nothing.
- BelgianCoder: 0.2 km/h up after 20 s below the band and every 30 s, 0.5 km/h down after 10 s above and every 15 s.
- Samsonovss: 0.5 km/h every 2 s beyond 10 bpm, else 0.1 km/h every 20 s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor, inf

from pitrainer.sim.peers.ask import Aim, Ask, Mean, SetPoints

ZONE_PCT = 10.0


@dataclass(slots=True)
class Mlervaag:
    """The zone law, by incline unless `by_speed`."""

    ask: Ask
    by_speed: bool = False
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    ring: Mean = field(default_factory=lambda: Mean(15))
    last_bpm: float | None = None
    jumps: int = 0
    acted_at_s: float = -inf
    rests_until_s: float = -inf
    silent_s: float = 0.0
    off: bool = False
    boundary_at_s: float | None = None
    sustained_at_s: float | None = None
    below: int = 0
    way: int = 0
    sum_kmh: float = 0.0

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)

    @property
    def high_pct(self) -> float:
        """The zone's top in percent of HRmax."""
        return 100.0 * self.aim.high_bpm / self.ask.athlete.hr_max

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        if hr_bpm is None or self.off:
            self._silence()
            return self.at.both()
        self.silent_s = 0.0
        self._accept(hr_bpm)
        percent = self._percent()
        touched = -inf if self.at.touched_at_s is None else self.at.touched_at_s
        if percent is None or now_s < max(self.rests_until_s, touched + 45.0):
            return self.at.both()
        period = 10.0 if percent > self.high_pct else 20.0
        if now_s < touched + 135.0:
            period = 30.0
        if now_s - self.acted_at_s >= period:
            self.acted_at_s = now_s
            self._act(now_s, percent)
        return self.at.both()

    def _silence(self) -> None:
        self.silent_s += 1.0
        hard = self.high_pct > 80.0
        if hard and self.silent_s == 30.0:
            self._apply(-0.3)
        self.off = self.off or self.silent_s >= (60.0 if hard else 120.0)

    def _accept(self, hr_bpm: float) -> None:
        if hr_bpm < max(50.0, 0.4 * self.ask.athlete.hr_max):
            return
        jumped = self.last_bpm is not None and abs(hr_bpm - self.last_bpm) > 15.0
        self.jumps = self.jumps + 1 if jumped else 0
        if not jumped or self.jumps >= 3:
            self.last_bpm, self.jumps = hr_bpm, 0
            self.ring.add(hr_bpm)

    def _percent(self) -> float | None:
        mean = self.ring.value
        if mean is None or len(self.ring.samples) < 8:
            return None
        return 100.0 * mean / self.ask.athlete.hr_max

    def _act(self, now_s: float, percent: float) -> None:
        high, low = self.high_pct, self.high_pct - ZONE_PCT
        self._clocks(now_s, percent, high)
        lasted = 0.0 if self.sustained_at_s is None else now_s - self.sustained_at_s
        if percent > 95.0 or (percent > high + 2 * ZONE_PCT and lasted > 180.0):
            self.at.set_speed(self.at.speed_kmh - 0.5)
            return
        bounded = self.boundary_at_s is not None and now_s - self.boundary_at_s >= 60.0
        if percent > high + 2.0:
            tens = max(1, floor((percent - high) / 10.0))
            self._step(now_s, -min(0.8, 0.3 + 0.25 * (tens - 1)), lasted >= 90.0)
        elif percent > high and bounded:
            self.boundary_at_s = now_s
            self._step(now_s, -0.3, lasted >= 90.0)
        elif percent < low - 2.0:
            self._step(now_s, 0.2, False)
        elif percent < low:
            self._step(now_s, 0.1, False)
            self.acted_at_s = now_s + 10.0
        else:
            self.sum_kmh, self.way = 0.0, 0

    def _clocks(self, now_s: float, percent: float, high: float) -> None:
        if percent > high and self.boundary_at_s is None:
            self.boundary_at_s = now_s
        if percent > high + 2.0 and self.sustained_at_s is None:
            self.sustained_at_s = now_s
        self.below = self.below + 1 if percent < high - 3.0 else 0
        if self.below >= 5:
            self.boundary_at_s = self.sustained_at_s = None

    def _step(self, now_s: float, step_kmh: float, sustained: bool) -> None:
        way = 1 if step_kmh > 0 else -1
        pause = 30.0 if way > 0 else 15.0
        turned = self.way == -way and not (sustained and way < 0)
        self.way = way
        if turned:
            self.sum_kmh, self.rests_until_s = 0.0, now_s + pause
            return
        self.sum_kmh += abs(step_kmh)
        if self.sum_kmh > (0.8 if way > 0 else 2.0) and not sustained:
            self.sum_kmh, self.rests_until_s = 0.0, now_s + pause
            return
        self._apply(step_kmh)

    def _apply(self, step_kmh: float) -> None:
        if self.by_speed:
            self.at.set_speed(round(self.at.speed_kmh + step_kmh, 1))
        else:
            self.at.set_incline(self.at.incline_pct + (0.5 if step_kmh > 0 else -0.5))


@dataclass(slots=True)
class Ryanramage:
    """Two step sizes by distance from a tolerance band; by incline."""

    ask: Ask
    steps_kmh: tuple[float, float] = (0.1, 0.3)
    waits_s: tuple[float, float] = (8.0, 12.0)
    tolerance_bpm: float = 5.0
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    mean: Mean = field(default_factory=lambda: Mean(20))
    ready_at_s: float = -inf

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        self.mean.add(hr_bpm)
        mean = self.mean.value
        if hr_bpm is None or mean is None or now_s < self.ready_at_s:
            return self.at.both()
        error = self.aim.target_bpm - mean
        beyond = abs(error) - self.tolerance_bpm
        if beyond > 0.0:
            large = beyond > 5.0
            step = 2.0 * self.steps_kmh[large]
            self.ready_at_s = now_s + self.waits_s[large]
            self.at.set_incline(self.at.incline_pct + (step if error > 0 else -step))
        return self.at.both()


@dataclass(slots=True)
class BelgianCoder:
    """Dwell below or above the band, then a step of speed and a pause. A hand at the console ends it."""

    ask: Ask
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    heard_at_s: float = -inf
    out_since_s: float | None = None
    side: int = 0
    rests_until_s: float = -inf

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        if self.at.touched_at_s is not None:
            return self.at.both()
        if hr_bpm is None:
            if now_s - self.heard_at_s > 5.0:
                self.out_since_s = None
            return self.at.both()
        self.heard_at_s = now_s
        side = 1 if hr_bpm < self.aim.low_bpm else -1 if hr_bpm > self.aim.high_bpm else 0
        if side == 0 or side != self.side or self.out_since_s is None:
            self.out_since_s = now_s if side else None
        self.side = side
        dwell, step, pause = (20.0, 0.2, 30.0) if side > 0 else (10.0, -0.5, 15.0)
        waited = 0.0 if self.out_since_s is None else now_s - self.out_since_s
        if side and waited >= dwell and now_s >= self.rests_until_s:
            self.at.set_speed(self.at.speed_kmh + step)
            self.rests_until_s, self.out_since_s = now_s + pause, now_s
        return self.at.both()


@dataclass(slots=True)
class Samsonovss:
    """Large quick steps of speed far away, small slow ones near."""

    ask: Ask
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    acted_at_s: float = -inf

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        if hr_bpm is None:
            return self.at.both()
        error = self.aim.target_bpm - hr_bpm
        step, every_s = (0.5, 2.0) if abs(error) > 10.0 else (0.1, 20.0)
        if error != 0.0 and now_s - self.acted_at_s >= every_s:
            self.acted_at_s = now_s
            self.at.set_speed(self.at.speed_kmh + (step if error > 0 else -step))
        return self.at.both()
