"""QZ's two treadmill modes, from their description: a zone of HRmax, and a band of heart rates.

Every 10 s, 0.2 km/h (or, in the forms by inclination, 0.5 %: that step is an assumption) down when above, up when
below. Inside, the "pushy" default creeps upwards: in the zone the wait is 10 (1 - fraction) periods, in the band
30 / (bpm under the top). The latest value is taken as it comes, unfiltered (zone), or the mean of the last 20 that are
not zero (band). A strap that falls silent leaves its last value, and the law goes on with it; a reported zero holds.

In zone mode a change of incline is answered at once by the speed that costs the same by QZ's own power estimate, whose
uphill term does not depend on speed (`same_power_kmh`). The zones' limits are the user's: here they are shifted so
that zone 3 ends 3 bpm above the target, at its usual width of 10 % of HRmax.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from pitrainer.sim.peers.ask import Aim, Ask, Mean, SetPoints

EVERY_S = 10.0
STEP_KMH, STEP_PCT = 0.2, 0.5
CREEP_UNTIL = 0.8
ZONE = 3
ZONE_WIDTH_PCT = 10.0
BAND_SAMPLES = 20
MOVES_KMH = 0.1


def fractional_zone(hr_bpm: float, hr_max_bpm: float, limits_pct: tuple[float, float, float, float]) -> float:
    """1.0 to 5.0; `limits_pct` are the upper limits of zones 1-4 in percent of HRmax."""
    percent = 100.0 * hr_bpm / hr_max_bpm
    low = 0.0
    for zone, high in enumerate(limits_pct, 1):
        if percent < high:
            return min(zone + (percent - low) / (high - low), zone + 0.9999)
        low = high
    return 5.0


def power_w(speed_kmh: float, incline_pct: float, weight_kg: float) -> int:
    """QZ's estimate of the power of running, whole watts."""
    level = 75.0 * (210.0 / (60.0 / speed_kmh)) * weight_kg / 1000.0 if speed_kmh > 0 else 0.0
    return int(level + 9.8 * weight_kg * incline_pct / 100.0)


def same_power_kmh(speed_kmh: float, from_pct: float, to_pct: float, weight_kg: float) -> float:
    """The speed that keeps the estimated power when the incline changes, 0.1-30 km/h."""
    wanted = power_w(speed_kmh, from_pct, weight_kg)
    tenths = min(range(1, 301), key=lambda tenth: abs(power_w(tenth / 10.0, to_pct, weight_kg) - wanted))
    return tenths / 10.0


@dataclass(slots=True)
class QzMover:
    """The motor that a form moves, from its measured value."""

    at: SetPoints
    by_incline: bool

    def move(self, direction: int, speed_kmh: float, incline_pct: float) -> None:
        if self.by_incline:
            self.at.set_incline(incline_pct + direction * STEP_PCT)
        else:
            self.at.set_speed(speed_kmh + direction * STEP_KMH)


@dataclass(slots=True)
class QzZone:
    """Zone mode."""

    ask: Ask
    by_incline: bool = False
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    acted_at_s: float = -inf
    last_bpm: float | None = None
    counter: int = 0
    last_pct: float | None = None

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)

    @property
    def limits_pct(self) -> tuple[float, float, float, float]:
        top = 100.0 * self.aim.high_bpm / self.ask.athlete.hr_max
        return (top - 2 * ZONE_WIDTH_PCT, top - ZONE_WIDTH_PCT, top, top + ZONE_WIDTH_PCT)

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        self.last_bpm = self.last_bpm if hr_bpm is None else hr_bpm
        if not self.by_incline:
            self._compensate(now_s, speed_kmh, incline_pct)
        if now_s - self.acted_at_s >= EVERY_S:
            self.acted_at_s = now_s
            if self.last_bpm and speed_kmh > MOVES_KMH:
                zone = fractional_zone(self.last_bpm, self.ask.athlete.hr_max, self.limits_pct)
                direction = self.direction(zone)
                if direction:
                    QzMover(self.at, self.by_incline).move(direction, speed_kmh, incline_pct)
        return self.at.both()

    def direction(self, zone: float) -> int:
        """-1, 0 or +1 steps for this period."""
        if int(zone) != ZONE:
            self.counter = 0
            return 1 if int(zone) < ZONE else -1
        if zone > ZONE + (1.0 + CREEP_UNTIL) / 2.0:
            self.counter = 0
            return -1
        self.counter += 1
        if zone < ZONE + CREEP_UNTIL and self.counter > 10.0 * (ZONE + 1 - zone):
            self.counter = 0
            return 1
        return 0

    def _compensate(self, now_s: float, speed_kmh: float, incline_pct: float) -> None:
        before, self.last_pct = self.last_pct, incline_pct
        weight = self.ask.athlete.weight_kg
        if before is not None and before != incline_pct and power_w(speed_kmh, before, weight):
            self.at.set_speed(same_power_kmh(speed_kmh, before, incline_pct, weight))
            self.acted_at_s = now_s


@dataclass(slots=True)
class QzBand:
    """Band mode: the least and the highest heart rate."""

    ask: Ask
    by_incline: bool = False
    aim: Aim = field(init=False)
    at: SetPoints = field(init=False)
    mean: Mean = field(default_factory=lambda: Mean(BAND_SAMPLES))
    last_bpm: float | None = None
    acted_at_s: float = -inf
    counter: int = 0

    def __post_init__(self) -> None:
        self.aim, self.at = Aim(self.ask.target_bpm), SetPoints(self.ask)

    def decide(self, now_s: float, hr_bpm: float | None, speed_kmh: float, incline_pct: float) -> tuple[float, float]:
        self.last_bpm = self.last_bpm if hr_bpm is None else hr_bpm
        self.mean.add(self.last_bpm or None)
        mean = self.mean.value
        if mean is not None and self.last_bpm and now_s - self.acted_at_s >= EVERY_S and speed_kmh > MOVES_KMH:
            self.acted_at_s = now_s
            direction = self.direction(mean)
            if direction:
                QzMover(self.at, self.by_incline).move(direction, speed_kmh, incline_pct)
        return self.at.both()

    def direction(self, mean_bpm: float) -> int:
        """-1, 0 or +1 steps for this period."""
        if mean_bpm > self.aim.high_bpm or mean_bpm < self.aim.low_bpm:
            self.counter = 0
            return -1 if mean_bpm > self.aim.high_bpm else 1
        self.counter += 1
        under = abs(self.aim.high_bpm - mean_bpm)
        if under > 0.0 and self.counter > 30.0 / under:
            self.counter = 0
            return 1
        return 0
