"""A heart that does exactly what the model thinks, for tests of the observer and the law: no noise, whole seconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pitrainer.core.athlete import Athlete
from pitrainer.core.climb import Advice, ClimbAsk, Climber, steer
from pitrainer.core.heartmodel import DELAY_S, FAST_S, REFERENCE_ML
from pitrainer.core.metabolism import heart_per_oxygen
from pitrainer.core.observer import Bank, Seen, begin, observe
from pitrainer.core.oxygen import lcda_walk

ATHLETE = Athlete(hr_max_bpm=180.0, hr_rest_bpm=60.0, vo2max_ml_kg_min=45.0)
SPEED_KMH = 5.5


@dataclass(slots=True)
class ModelHeart:
    """`gain` over the profile's, and the slow lag in s."""

    gain: float = 1.0
    slow_s: float = 30.0
    offset_bpm: float = 0.0
    fast: float = 110.0
    slow: float = 110.0
    demands: list[float] = field(default_factory=list)

    def steady_bpm(self, demand_ml: float) -> float:
        scale = heart_per_oxygen(ATHLETE)
        level = ATHLETE.hr_rest_bpm + scale * (REFERENCE_ML - 3.5) + self.offset_bpm
        return level + self.gain * scale * (demand_ml - REFERENCE_ML)

    def step(self, incline_pct: float, speed_kmh: float = SPEED_KMH) -> float:
        self.demands.append(lcda_walk(speed_kmh, incline_pct))
        demand = self.demands[max(0, len(self.demands) - 1 - DELAY_S)]
        self.fast += (self.steady_bpm(demand) - self.fast) / FAST_S
        self.slow += (self.fast - self.slow) / self.slow_s
        return self.slow


@dataclass(slots=True)
class Walk:
    """A walk second by second: the heart, the belief, the law, and a lift that goes where it is told at 0.4 %/s."""

    heart: ModelHeart
    ask: ClimbAsk
    incline_pct: float = 4.0
    bank: Bank | None = None
    memory: Climber | None = None
    advice: Advice | None = None
    told: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def walk(self, seconds: int, *, shown: float | None = None, law: bool = True) -> Walk:
        for _ in range(seconds):
            self._second(shown, law)
        return self

    def _second(self, shown: float | None, law: bool) -> None:
        now_s = self.ask.now_s + 1.0
        gap = self.ask.sent_pct - self.incline_pct
        self.incline_pct += min(max(gap, -0.4), 0.4)
        self.rates.append(self.heart.step(self.incline_pct))
        bpm = round(self.rates[-1]) if shown is None else shown
        seen = Seen(now_s, bpm, now_s, SPEED_KMH, self.incline_pct)
        self.bank = begin(ATHLETE, self.ask.learned, seen) if self.bank is None else observe(self.bank, seen)
        self.ask = replace(self.ask, now_s=now_s, hr_bpm=bpm, incline_pct=self.incline_pct, bank=self.bank)
        if law:
            self.memory, self.advice = steer(self.memory, self.ask)
            self.ask = replace(self.ask, sent_pct=self.advice.incline_pct)
        self.told.append(self.ask.sent_pct)


def a_walk(heart: ModelHeart | None = None, *, warm_s: int = 180, **changes: object) -> Walk:
    """A walk that has warmed up at 4 %; `changes` to the ask."""
    ask = ClimbAsk(1000.0, 110.0, 150.0, 4.0, SPEED_KMH, 0.0, 15.0, 0.5, ATHLETE, incline_pct=4.0)
    ask = replace(ask, **changes)  # type: ignore[arg-type]
    return Walk(heart or ModelHeart(), ask).walk(warm_s, law=False)
