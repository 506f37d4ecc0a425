"""People: a seeded population of hikers and runners with hearts, straps and treadmills of their own.

Seven in ten are hikers (4.1-6.5 km/h on -3 to 40 %), the others run (6.8-11.2 km/h on 0 to 15 %). Ages are 22-60,
HRmax 208 - 0.7 age +- 7, VO2max 45 - 0.25 (age - 38) +- 7.5, runners 9 more, within 28-68. What walking or running
really costs them follows one of four published equations, times a personal economy (10 %) and slope factor (8 %). A
controller is told only what a person would know (`Person.athlete`): age, resting heart rate +-4, VO2max +-7.

The spreads are those of the literature where it has them (docs/controllers.md lists what comes out against published
loops); everything is drawn from one seed, and a person's number and the seed name that person for ever.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import exp, log

from pitrainer.core.athlete import Athlete
from pitrainer.core.oxygen import ACSM_RUN, ACSM_WALK, LCDA, MINETTI_RUN, MINETTI_WALK, REST_ML_KG_MIN, Gait, pandolf
from pitrainer.sim.hearts import CHENG, ChengHeart, HeartModel, HeartTraits, LinearHeart, OxygenHeart
from pitrainer.sim.straps import TRAITS, Strap, StrapKind
from pitrainer.sim.treadmill import SimulatedTreadmill
from pitrainer.sim.variability import LENGTH, variability

HIKERS_OF_TEN = 7
HIKER_KMH, RUNNER_KMH = (4.1, 6.5), (6.8, 11.2)
LEVEL_SHARE = {Gait.WALK: (0.22, 0.36), Gait.RUN: (0.44, 0.56)}
"""What share of the oxygen reserve the usual speed takes on the level."""
CHANGES_GAIT_KMH = {Gait.WALK: (7.8, 7.0), Gait.RUN: (5.6, 5.0)}
"""A hiker runs from the first speed up and walks again below the second; a runner likewise, much lower."""

CHENG_LOOP_MOST = 0.45
RAILS_S, RAILS_LEAVE = 600.0, 0.8


class Family(StrEnum):
    """Which kind of heart (sim/hearts.py)."""

    OXYGEN = "oxygen"
    LINEAR = "linear"
    CHENG = "cheng"


HEARTS: dict[Family, type[OxygenHeart] | type[LinearHeart] | type[ChengHeart]] = {
    Family.OXYGEN: OxygenHeart,
    Family.LINEAR: LinearHeart,
    Family.CHENG: ChengHeart,
}
TRUTHS = ("LCDA", "Minetti", "Pandolf", "ACSM")


@dataclass(frozen=True, slots=True)
class Person:
    """One simulated person. `replace` it to make somebody slightly different."""

    number: int
    seed: int
    gait: Gait
    age_years: float
    weight_kg: float
    load_kg: float
    heart: HeartTraits
    truth: str
    economy: float
    slope_factor: float
    variability_bpm: float
    speed_kmh: float
    incline_pct: tuple[float, float]
    lift_pct_s: float
    latency_s: float
    believed_rest_bpm: float
    believed_vo2max: float
    believed_max_bpm: float
    family: Family = Family.OXYGEN
    heat_bpm: float = 0.0
    """Extra drift of a hot room."""
    rails: bool = False
    """Holds the hand rails for 5 min out of 10, which takes a fifth off the slope."""

    @property
    def name(self) -> str:
        return f"{'hiker' if self.gait is Gait.WALK else 'runner'} {self.seed}-{self.number}"

    def at_reserve(self, share: float) -> float:
        """Heart rate in bpm at this true share of the heart-rate reserve."""
        heart = self.heart
        return heart.hr_rest_bpm + share * (heart.hr_max_bpm - heart.hr_rest_bpm)

    def oxygen(self, speed_kmh: float, incline_pct: float, gait: Gait) -> float:
        """What this load really costs, gross ml O2/kg/min."""
        level = self._published(speed_kmh, 0.0, gait)
        slope = self._published(speed_kmh, incline_pct, gait) - level
        return REST_ML_KG_MIN + (level - REST_ML_KG_MIN) * self.economy + slope * self.slope_factor

    def _published(self, speed_kmh: float, incline_pct: float, gait: Gait) -> float:
        if gait is Gait.RUN:
            equation = ACSM_RUN if self.truth in ("ACSM", "Pandolf") else MINETTI_RUN
        elif self.truth == "Pandolf":
            equation = pandolf(self.weight_kg, self.load_kg)
        else:
            equation = {"LCDA": LCDA, "Minetti": MINETTI_WALK, "ACSM": ACSM_WALK}[self.truth]
        return max(equation.cost(speed_kmh, incline_pct), REST_ML_KG_MIN)

    def athlete(self) -> Athlete:
        """What a controller may know of this person."""
        return Athlete(
            hr_max_bpm=self.believed_max_bpm,
            hr_rest_bpm=self.believed_rest_bpm,
            weight_kg=round(self.weight_kg),
            age_years=round(self.age_years),
            vo2max_ml_kg_min=self.believed_vo2max,
            name=self.name,
            hr_max_is_estimate=True,
        )

    def runner(
        self,
        noise_seed: int = 0,
        *,
        strap: StrapKind = StrapKind.CHEST,
        family: Family | None = None,
        quiet: bool = False,
    ) -> PersonRunner:
        """This person on the belt. `noise_seed`: another day; `quiet`: a heart without variability."""
        return PersonRunner(self, noise_seed, strap, family or self.family, quiet)

    def treadmill(self) -> SimulatedTreadmill:
        """The machine this person uses: lift 0.25-0.6 %/s, 1-2 s from set-point to movement."""
        lowest, highest = self.incline_pct
        return SimulatedTreadmill(
            incline_min_pct=lowest,
            incline_max_pct=highest,
            incline_rate_pct_s=self.lift_pct_s,
            latency_s=self.latency_s,
        )


@dataclass(slots=True)
class PersonRunner:
    """A person on the belt: `step` gives what the strap reports, `true_bpm` is the heart itself."""

    person: Person
    noise_seed: int
    strap_kind: StrapKind
    family: Family
    quiet: bool = False
    true_bpm: float = 0.0
    noise_bpm: float = 0.0
    """The variability in `true_bpm`: all that a perfect feed-forward would leave."""
    now_s: float = 0.0
    gait: Gait = field(init=False)
    heart: HeartModel = field(init=False)
    strap: Strap = field(init=False)
    _series: tuple[float, ...] = field(init=False)
    _heat_bpm: float = 0.0
    _load: tuple[float, float, Gait] | None = None
    _oxygen: float = 0.0

    def __post_init__(self) -> None:
        self.gait = self.person.gait
        self.heart = HEARTS[self.family](self.person.heart)
        self.reseed(self.noise_seed)
        self.true_bpm = self.heart.bpm

    def reseed(self, seed: int) -> None:
        """Another day of the same person: other variability."""
        self.noise_seed = seed
        person = self.person
        own = (person.seed * 1009 + person.number) * 1013 + seed
        self._series = variability(own)
        self.strap = Strap(TRAITS[self.strap_kind], random.Random(own))

    def settle(self, speed_kmh: float, incline_pct: float) -> None:
        """Start as if already warm at this load."""
        self.heart.settle(self.person.oxygen(speed_kmh, incline_pct, self.gait))
        self.true_bpm = self.heart.bpm

    def step(self, dt_s: float, speed_kmh: float, incline_pct: float) -> float | None:
        """Live for `dt_s` seconds at this load; whole bpm as the strap reports them."""
        self.now_s += dt_s
        bpm = self.heart.step(dt_s, self._demand(speed_kmh, incline_pct))
        if self.person.heat_bpm:
            self._heat_bpm += (self.person.heat_bpm - self._heat_bpm) * dt_s / 1200.0
            bpm += self._heat_bpm
        self.noise_bpm = 0.0 if self.quiet else self._variation(bpm)
        self.true_bpm = bpm + self.noise_bpm
        return self.strap.read(dt_s, self.true_bpm)

    def _demand(self, speed_kmh: float, incline_pct: float) -> float:
        up, down = CHANGES_GAIT_KMH[self.person.gait]
        if self.gait is Gait.WALK and speed_kmh > up:
            self.gait = Gait.RUN
        elif self.gait is Gait.RUN and speed_kmh < down:
            self.gait = Gait.WALK
        if self.person.rails and incline_pct > 0.0 and self.now_s % RAILS_S > 0.5 * RAILS_S:
            incline_pct *= RAILS_LEAVE
        load = (speed_kmh, incline_pct, self.gait)
        if load != self._load:
            self._load, self._oxygen = load, self.person.oxygen(*load)
        return self._oxygen

    def _variation(self, bpm: float) -> float:
        heart = self.person.heart
        reserve = (bpm - heart.hr_rest_bpm) / (heart.hr_max_bpm - heart.hr_rest_bpm)
        size = self.person.variability_bpm * min(max(1.5 - 0.8 * reserve, 0.6), 1.5)
        return size * self._series[int(self.now_s) % LENGTH]


def population(n: int, seed: int) -> list[Person]:
    """`n` people; the same for the same seed, and the first ones the same for a smaller `n`."""
    return [_person(number, seed) for number in range(n)]


def _person(number: int, seed: int) -> Person:
    draw = random.Random(seed * 100_003 + number)
    gait = Gait.WALK if number % 10 < HIKERS_OF_TEN else Gait.RUN
    age = draw.uniform(22.0, 60.0)
    heart = _heart(draw, age, 0.0 if gait is Gait.WALK else 9.0)
    truth = TRUTHS[draw.randrange(len(TRUTHS))]
    person = Person(
        number=number,
        seed=seed,
        gait=gait,
        age_years=age,
        weight_kg=_normal(draw, 74.0, 11.0, 50.0, 110.0),
        load_kg=draw.uniform(0.0, 10.0) if gait is Gait.WALK else 0.0,
        heart=heart,
        truth=truth,
        economy=_log_normal(draw, 1.0, 0.10),
        slope_factor=_log_normal(draw, 1.0, 0.08),
        variability_bpm=_normal(draw, 2.25, 0.42, 1.2, 3.6),
        speed_kmh=5.0,
        incline_pct=(-3.0, 40.0) if gait is Gait.WALK else (0.0, 15.0),
        lift_pct_s=draw.uniform(0.25, 0.6),
        latency_s=draw.uniform(1.0, 2.0),
        believed_rest_bpm=round(heart.hr_rest_bpm + draw.gauss(0.0, 4.0)),
        believed_vo2max=round(min(max(heart.vo2max_ml_kg_min + draw.gauss(0.0, 7.0), 22.0), 75.0), 1),
        believed_max_bpm=round(208.0 - 0.7 * age),
    )
    return replace(person, speed_kmh=_usual_speed(person, draw.uniform(*LEVEL_SHARE[gait])))


def _heart(draw: random.Random, age: float, fitter: float) -> HeartTraits:
    return HeartTraits(
        hr_rest_bpm=_normal(draw, 60.0, 8.0, 40.0, 80.0),
        hr_max_bpm=208.0 - 0.7 * age + draw.gauss(0.0, 7.0),
        vo2max_ml_kg_min=_normal(draw, 45.0 - 0.25 * (age - 38.0) + fitter, 7.5, 28.0, 68.0),
        curve=_normal(draw, 0.25, 0.12, -0.1, 0.6),
        fast_s=_log_normal(draw, 12.0, 0.4),
        slow_s=_log_normal(draw, 27.0, 0.45),
        delay_s=draw.uniform(2.0, 8.0),
        falling=_normal(draw, 1.2, 0.15, 0.8, 1.7),
        slow_component=_normal(draw, 0.04, 0.025, 0.0, 0.12),
        threshold=_normal(draw, 0.72, 0.05, 0.55, 0.9),
        drift_bpm=_normal(draw, 14.0, 5.0, 0.0, 30.0),
        drift_s=_normal(draw, 1300.0, 250.0, 600.0, 2200.0),
        linear_gain=_normal(draw, 25.0, 9.0, 10.0, 50.0) / 25.0,
        linear_s=_normal(draw, 58.0, 22.0, 20.0, 130.0),
        linear_dead_s=draw.uniform(5.0, 13.0) - 3.5,
        cheng=_cheng_spread(draw),
    )


def _cheng_spread(draw: random.Random) -> tuple[float, float, float, float, float]:
    """25 % on a1, a2 and a4; drawn again where the drift would feed itself to more than 1.8 times the nominal end."""
    a1, a2, a3, a4, a5 = CHENG
    while True:
        one = (_log_normal(draw, a1, 0.25), _log_normal(draw, a2, 0.25), a3, _log_normal(draw, a4, 0.25), a5)
        if one[1] * one[3] / (one[0] * one[2]) <= CHENG_LOOP_MOST:
            return one


def _usual_speed(person: Person, level_share: float) -> float:
    """The speed that takes this share of the reserve on the level, within what hikers or runners do."""
    low, high = HIKER_KMH if person.gait is Gait.WALK else RUNNER_KMH
    for _ in range(20):
        middle = 0.5 * (low + high)
        enough = person.heart.share(person.oxygen(middle, 0.0, person.gait)) >= level_share
        low, high = (low, middle) if enough else (middle, high)
    return round(0.5 * (low + high), 1)


def _normal(draw: random.Random, mean: float, deviation: float, low: float, high: float) -> float:
    return min(max(draw.gauss(mean, deviation), low), high)


def _log_normal(draw: random.Random, middle: float, spread: float) -> float:
    return exp(draw.gauss(log(middle), spread))
