"""What the controller believes about the runner's heart, second by second.

Four filters (core/heartmodel.py) with slow lags of 16 to 100 s hear the same accepted beats and the belt as it
really is; each is weighted by how well it foresaw them. They start from the profile, and from what earlier sessions
learned. Where every filter finds a beat impossible (further off than 6 standard deviations of its error and 3 bpm)
it teaches nothing: a strap locked on to steps or frozen does not pull the belief along. Strange beats that agree
with each other for 20 s above what is expected, or 45 s below it (120 s where feet could be meant), are believed
after all: the rate is taken, the offset is learned anew, and nothing may rise for 30 s.

Numbers: prototype figures of the controller study; gate and relock from its fault runs (cadence lock, frozen strap).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, inf, log, sqrt

from pitrainer.core.athlete import Athlete
from pitrainer.core.heartmodel import (
    DELAY_S,
    FAST_S,
    OFFSET,
    REFERENCE_ML,
    Filter,
    born,
    correct,
    predict,
    reopened,
    surprise,
)
from pitrainer.core.heartmodel import GAIN as GAIN_AT
from pitrainer.core.learned import OFFSET_ENDS_BPM, RATIO_ENDS, SPREAD_ENDS_BPM, LearnedHeart
from pitrainer.core.metabolism import choose, gait_held, heart_per_oxygen
from pitrainer.core.oxygen import REST_ML_KG_MIN, Gait

SLOW_LAGS_S = (16.0, 30.0, 55.0, 100.0)
PRIOR_WEIGHTS = (0.25, 0.45, 0.22, 0.08)
LEAST_WEIGHT = 0.02
FORGET = 0.002
TRUST, TELLING_BPM = 0.4, 6.0
"""How much of a beat's likelihood counts: variability is no white noise, and only a heart on its way tells its lags."""
GATE_SD, GATE_BPM = 6.0, 3.0
OFFSET_SD_BPM, GAIN_SD = 10.0, 0.25
OPEN_OFFSET_SD_BPM = 6.0
KNOWN_OFFSET_SD_BPM, KNOWN_GAIN_SD = 5.0, 0.12
"""How far another day of a known runner lies from what was learned."""
AGREE_BPM = 4.0
ABOVE_S, BELOW_S, FEET_S = 20.0, 45.0, 120.0
FEET_BPM = {Gait.WALK: (100.0, 128.0), Gait.RUN: (150.0, 185.0)}
"""Where a strap that counts steps would lie."""
NO_RISE_S = 30.0
SPREAD_S = 240.0
SPREAD_MOST_BPM = 6.0
"""A single beat counts as no further away than this."""
SPREAD_START_BPM = 1.9
WATCH_S, MOVED_BPM, CLAMP_S, SETTLED_S = 120.0, 12.0, 120.0, 300.0
FALLEN_BPM = 8.0
STEPS_MOST = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to see in one tick. `hr_bpm` and `beat_at_s`: the last accepted beat, None before the first."""

    now_s: float
    hr_bpm: float | None
    beat_at_s: float
    speed_kmh: float
    incline_pct: float


@dataclass(frozen=True, slots=True)
class Strangers:
    """Beats in a row that no filter believes, but that agree with each other."""

    since_s: float
    last_bpm: float


@dataclass(frozen=True, slots=True)
class Bank:
    """The belief. Times in s, demands in ml/kg/min, oldest first."""

    at_s: float
    filters: tuple[Filter, ...]
    log_weights: tuple[float, ...]
    gain_scale: float
    """The profile's bpm per ml."""
    offset_bpm: float
    """The profile's steady heart rate at 20 ml/kg/min."""
    weight_kg: float
    gait: Gait | None
    demands: tuple[float, ...]
    beat_at_s: float
    """When the last beat that was believed was heard."""
    heard_s: float = 0.0
    variance: float = SPREAD_START_BPM**2
    open_loop: tuple[float, float] = (0.0, 0.0)
    """Fast and slow lag as the load alone drives them: what beats scatter around, and no beat corrects."""
    strangers: Strangers | None = None
    no_rise_until_s: float = -inf
    moved_bpm: float = 0.0
    """How far learning has moved the steady heart rate lately (memory of 2 min), once the gain was known."""
    clamped_s: float = 0.0
    """For how long the gain has been at one of its ends."""

    @property
    def weights(self) -> tuple[float, ...]:
        """How likely each filter is; they add up to 1."""
        most = max(self.log_weights)
        shares = [exp(value - most) for value in self.log_weights]
        total = sum(shares)
        floored = [max(share / total, LEAST_WEIGHT) for share in shares]
        total = sum(floored)
        return tuple([share / total for share in floored])

    @property
    def spread_bpm(self) -> float:
        """Standard deviation of what the strap shows around the believed rate."""
        low, high = SPREAD_ENDS_BPM
        return min(max(sqrt(self.variance), low), high)

    @property
    def implausible(self) -> bool:
        """Has learning gone where no heart goes?"""
        return self.clamped_s > CLAMP_S or (self.heard_s > SETTLED_S and abs(self.moved_bpm) > MOVED_BPM)

    @property
    def fallen(self) -> bool:
        """Has the heart rate fallen lately by more than any load explains? Then it is no reason to climb."""
        return self.moved_bpm < -FALLEN_BPM

    def demand(self, speed_kmh: float, incline_pct: float) -> float:
        """Oxygen that this load asks for in the present gait, ml/kg/min."""
        if speed_kmh <= 0.0:
            return REST_ML_KG_MIN
        equation = choose(self.gait or gait_held(None, speed_kmh, 0.0), weight_kg=self.weight_kg)
        return max(equation.cost(speed_kmh, incline_pct), REST_ML_KG_MIN)


def begin(athlete: Athlete, learned: LearnedHeart | None, seen: Seen) -> Bank | None:
    """A belief as far as the profile and earlier sessions carry it; None without a heart rate."""
    if seen.hr_bpm is None:
        return None
    scale = heart_per_oxygen(athlete)
    at_reference = athlete.hr_rest_bpm + scale * (REFERENCE_ML - REST_ML_KG_MIN)
    weights: tuple[float, ...] = PRIOR_WEIGHTS
    offset, gain = (at_reference, OFFSET_SD_BPM), (scale, GAIN_SD * scale)
    if learned is not None:
        offset = (at_reference + learned.offset_bpm, KNOWN_OFFSET_SD_BPM)
        gain, weights = (scale * learned.gain_ratio, KNOWN_GAIN_SD * scale * learned.gain_ratio), learned.slow_weights
    filters = tuple([born(slow_s, seen.hr_bpm, offset, gain) for slow_s in SLOW_LAGS_S])
    logs = tuple([log(max(weight, LEAST_WEIGHT)) for weight in weights])
    bank = Bank(seen.now_s, filters, logs, scale, at_reference, athlete.weight_kg, None, (), seen.beat_at_s)
    demand = bank.demand(seen.speed_kmh, seen.incline_pct)
    variance = (SPREAD_START_BPM if learned is None else learned.spread_bpm) ** 2
    return replace(bank, demands=(demand,) * (DELAY_S + 1), variance=variance, open_loop=(seen.hr_bpm, seen.hr_bpm))


def observe(bank: Bank, seen: Seen) -> Bank:
    """The belief at `seen.now_s`: works once a second, and catches up at most five seconds."""
    seconds = int(seen.now_s - bank.at_s + 1e-6)
    if seconds < 1:
        return bank
    gait = None if seen.speed_kmh <= 0.0 else gait_held(bank.gait, seen.speed_kmh, 0.0)
    bank = replace(bank, gait=gait, at_s=seen.now_s if seconds > STEPS_MOST else bank.at_s + seconds)
    demand = bank.demand(seen.speed_kmh, seen.incline_pct)
    for _ in range(min(seconds, STEPS_MOST)):
        demands = (*bank.demands, demand)[-DELAY_S - 1 :]
        filters = tuple([predict(one, demands[0], bank.gain_scale) for one in bank.filters])
        bank = replace(
            bank, demands=demands, filters=filters, moved_bpm=bank.moved_bpm * (1.0 - 1.0 / WATCH_S),
            open_loop=_unheard(bank),
        )  # fmt: skip
    return _hear(bank, seen)


def _unheard(bank: Bank) -> tuple[float, float]:
    """The open loop, one second on, by the likeliest filter."""
    likeliest = bank.filters[max(range(len(bank.filters)), key=bank.log_weights.__getitem__)]
    fast, slow = bank.open_loop
    fast += (likeliest.steady_bpm(bank.demands[0]) - fast) / FAST_S
    return fast, slow + (fast - slow) / likeliest.slow_s


def _hear(bank: Bank, seen: Seen) -> Bank:
    hr_bpm = seen.hr_bpm
    if hr_bpm is None or seen.beat_at_s <= bank.beat_at_s:
        return bank
    surprises = [surprise(one, hr_bpm) for one in bank.filters]
    if all(abs(error) > GATE_SD * variance**0.5 + GATE_BPM for error, variance in surprises):
        return _estranged(bank, hr_bpm, seen.now_s)
    return _learn(bank, hr_bpm, surprises, seen)


def _learn(bank: Bank, hr_bpm: float, surprises: list[tuple[float, float]], seen: Seen) -> Bank:
    ends = (RATIO_ENDS[0] * bank.gain_scale, RATIO_ENDS[1] * bank.gain_scale)
    filters = tuple([correct(one, hr_bpm, ends) for one in bank.filters])
    now_ml = bank.demands[0]
    on_its_way = max(abs(one.steady_bpm(now_ml) - one.hr_bpm) for one in bank.filters)
    telling = min(1.0, on_its_way / TELLING_BPM)
    trust, keep = 0.5 * TRUST * telling, 1.0 - telling * FORGET
    logs = [
        keep * weight - trust * (min(error * error / variance, 16.0) + log(variance))
        for weight, (error, variance) in zip(bank.log_weights, surprises, strict=True)
    ]
    most = max(logs)
    likeliest = max(range(len(filters)), key=logs.__getitem__)
    before, after = bank.filters[likeliest], filters[likeliest]
    away = hr_bpm - bank.open_loop[1]
    known = sqrt(max(after.spread[GAIN_AT][GAIN_AT], 0.0)) < KNOWN_GAIN_SD * bank.gain_scale
    return replace(
        bank,
        filters=filters,
        log_weights=tuple([max(value - most, log(LEAST_WEIGHT)) for value in logs]),
        beat_at_s=seen.beat_at_s,
        heard_s=bank.heard_s + 1.0,
        variance=bank.variance + (min(away * away, SPREAD_MOST_BPM**2) - bank.variance) / SPREAD_S,
        strangers=None,
        moved_bpm=bank.moved_bpm + (after.steady_bpm(now_ml) - before.steady_bpm(now_ml) if known else 0.0),
        clamped_s=bank.clamped_s + 1.0 if after.state[GAIN_AT] in ends else 0.0,
    )


def _estranged(bank: Bank, hr_bpm: float, now_s: float) -> Bank:
    known = bank.strangers
    if known is None or abs(hr_bpm - known.last_bpm) > AGREE_BPM:
        return replace(bank, strangers=Strangers(now_s, hr_bpm))
    if now_s - known.since_s < _patience_s(bank, hr_bpm):
        return replace(bank, strangers=Strangers(known.since_s, hr_bpm))
    likeliest = bank.filters[max(range(len(bank.filters)), key=bank.log_weights.__getitem__)]
    return replace(
        bank,
        filters=tuple([reopened(one, OPEN_OFFSET_SD_BPM, hr_bpm) for one in bank.filters]),
        strangers=None,
        beat_at_s=now_s,
        no_rise_until_s=now_s + NO_RISE_S,
        moved_bpm=bank.moved_bpm + hr_bpm - likeliest.hr_bpm,
    )


def _patience_s(bank: Bank, hr_bpm: float) -> float:
    if all(hr_bpm > one.hr_bpm for one in bank.filters):
        return ABOVE_S
    low, high = FEET_BPM[bank.gait or Gait.WALK]
    return FEET_S if low <= hr_bpm <= high else BELOW_S


def learned_from(bank: Bank, before: LearnedHeart | None = None) -> LearnedHeart:
    """What this session has taught, to start the next from."""
    weights = bank.weights
    gain = sum(w * one.state[GAIN_AT] for w, one in zip(weights, bank.filters, strict=True)) / bank.gain_scale
    offset = sum(w * one.state[OFFSET] for w, one in zip(weights, bank.filters, strict=True)) - bank.offset_bpm
    return LearnedHeart(
        gain_ratio=min(max(gain, RATIO_ENDS[0]), RATIO_ENDS[1]),
        offset_bpm=min(max(offset, OFFSET_ENDS_BPM[0]), OFFSET_ENDS_BPM[1]),
        slow_weights=weights,
        spread_bpm=bank.spread_bpm,
        heard_s=min(bank.heard_s + (before.heard_s if before else 0.0), 1e7),
    )
