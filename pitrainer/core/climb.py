"""The heart-rate controller: which incline, and where the session lets it which speed, the heart allows now.

Every 5 s it asks the scenario law (core/scenario.py) with what the observer believes (core/observer.py). In a climb
it aims below the cap by a margin learned from the heart's own variability (twice its standard deviation less 0.2,
1.5-7 bpm, 3 at first); a step with a target aims at that. It rises only on a believable beat younger than 10 s.
Where the belief has gone where no heart goes, the plain law of core/hunt.py steers and says so.

Speed. Without a range in the ask it is the plan's or the runner's. `Order.SPEED_FIRST` (runners; True's order):
speed rises first, incline falls first. `Order.STEEPEST` (hikers): speed falls by 0.1 km/h in 30 s at most while the
same oxygen climbs more on a steeper slope at less speed, and rises again where the lift is at its end.

The seat: `steer(memory, ask) -> (memory, advice)`; whoever replaces this law keeps that signature.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import hypot, inf

from pitrainer.core.athlete import Athlete
from pitrainer.core.forecast import TIMES_S, Curve, hearts
from pitrainer.core.hunt import Hunter, hunt
from pitrainer.core.learned import LearnedHeart
from pitrainer.core.metabolism import heart_per_oxygen, oxygen_per_incline_pct
from pitrainer.core.observer import Bank, Seen, begin, observe
from pitrainer.core.scenario import CAP_WEIGHT, Aim, Axis, Choice, decide

DECIDE_S = 5.0
MARGIN_BPM = 3.0
"""The margin before the heart's own variability is known."""
MARGIN_SD, MARGIN_LESS_BPM, MARGIN_ENDS_BPM = 1.65, 0.2, (1.5, 7.0)
RISE_AGE_S = 10.0
HEARD_LEAST_S = 20.0
QUIET_OVER, QUIET_MOVE = 2.0, 1.2
BRISK_OVER, BRISK_MOVE = 1.0, 0.5
CLIMB_OVERDRIVE, HOLD_OVERDRIVE, BRISK_OVERDRIVE = 0.3, 1.0, 1.0
HOLD_CAP_WEIGHT = 3.0
"""The cap over a held target is a fence, not the aim."""
LATENCY_MOST_S = 3.0
WISHED_S = 60.0
"""An incline chosen by hand stands for this long, unless the heart would cross the cap."""
SPEED_EVERY_S = 30.0
SPEED_UP_KMH_S = 0.2
FOLLOWS_KMH = 0.35
GAINS_MORE = 1.002
FAR_BPM, NEAR_BPM = 3.5, 5.0
BUDGET_S, BUDGET_MOVES = 600.0, 4.0
AHEAD_S = 10.0
"""A change of target is foreseen by lift and heart's dead time, no sooner: an interval is run to its end."""

Points = tuple[tuple[float, float], ...]
"""(seconds from now, bpm) every 10 s for two minutes."""


class Order(StrEnum):
    """How speed and incline share the work where the heart may move both."""

    SPEED_FIRST = "speed_first"
    STEEPEST = "steepest"


@dataclass(frozen=True, slots=True)
class SpeedSeat:
    """The belt as a second motor, in km/h."""

    sent_kmh: float
    lowest_kmh: float
    highest_kmh: float
    step_kmh: float
    order: Order


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next step, where the heart steers there too: when it begins and what it aims at."""

    in_s: float
    cap_bpm: float
    target_bpm: float | None = None


@dataclass(frozen=True, slots=True)
class ClimbAsk:
    """All that a decision may depend on. `hr_bpm` None: nothing believable now."""

    now_s: float
    hr_bpm: float | None
    cap_bpm: float
    sent_pct: float
    """The incline that the supervisor really sent last."""
    speed_kmh: float
    lowest_pct: float
    highest_pct: float
    step_pct: float
    athlete: Athlete
    incline_pct: float | None = None
    """Measured; None: take what was sent."""
    bank: Bank | None = None
    """The belief; None: the seat keeps one of its own."""
    learned: LearnedHeart | None = None
    hr_age_s: float = 0.0
    doubtful: bool = False
    target_bpm: float | None = None
    """Aim at this instead of just below the cap."""
    brisk: bool = False
    """An interval: be there soon rather than gently."""
    ahead: Ahead | None = None
    lift_pct_s: float = 0.3
    latency_s: float = 2.0
    speed: SpeedSeat | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """The incline wanted, why, in words for a person, and what the heart is expected to do."""

    incline_pct: float
    why: str
    prediction: Points = ()
    speed_kmh: float | None = None
    """None: leave the speed to the plan."""


@dataclass(frozen=True, slots=True)
class Climber:
    """Memory between ticks."""

    decided_at_s: float
    advice: Advice
    bank: Bank | None = None
    hunter: Hunter | None = None
    wished_until_s: float = -inf
    speed_at_s: float = -inf
    sent_pct: float | None = None
    """What had been sent at the last decision."""
    moves_s: tuple[float, ...] = ()
    """When the lift was moved lately."""


def steer(memory: Climber | None, ask: ClimbAsk) -> tuple[Climber | None, Advice]:
    """One tick of the controller. Without a heart rate it wants what was sent and forgets the rest."""
    if ask.hr_bpm is None:
        return None, Advice(ask.sent_pct, "Waiting for heart rate.")
    if memory is None:
        advice = Advice(_within(ask, ask.sent_pct), "Starting from here.", speed_kmh=_speed_now(None, ask))
        memory = Climber(ask.now_s, advice, _belief(None, ask), sent_pct=ask.sent_pct)
        return memory, advice
    bank = _belief(memory, ask)
    if ask.now_s - memory.decided_at_s < DECIDE_S:
        return (memory if bank is memory.bank else replace(memory, bank=bank)), memory.advice
    memory = _decide(replace(memory, bank=bank, decided_at_s=ask.now_s), ask)
    return memory, memory.advice


def seed(now_s: float, incline_pct: float) -> Climber:
    """Start from an incline that the runner chose by hand."""
    advice = Advice(incline_pct, "As you wished; the heart decides from here.")
    return Climber(now_s, advice, wished_until_s=now_s + WISHED_S)


def margin_bpm(bank: Bank) -> float:
    """How far under the cap to aim."""
    if bank.heard_s < 60.0:
        return MARGIN_BPM
    low, high = MARGIN_ENDS_BPM
    return min(max(MARGIN_SD * bank.spread_bpm - MARGIN_LESS_BPM, low), high)


def _belief(memory: Climber | None, ask: ClimbAsk) -> Bank | None:
    if ask.bank is not None:
        return ask.bank
    incline = ask.sent_pct if ask.incline_pct is None else ask.incline_pct
    seen = Seen(ask.now_s, ask.hr_bpm, ask.now_s - ask.hr_age_s, ask.speed_kmh, incline)
    if memory is None or memory.bank is None:
        return begin(ask.athlete, ask.learned, seen)
    return observe(memory.bank, seen)


def _decide(memory: Climber, ask: ClimbAsk) -> Climber:
    bank = memory.bank
    if bank is None or bank.implausible:
        return _fall_back(memory, ask)
    if ask.speed is not None:
        ask = replace(ask, speed=replace(ask.speed, sent_kmh=_speed_now(memory, ask) or ask.speed.sent_kmh))
    order = None if ask.speed is None else ask.speed.order
    if order is Order.SPEED_FIRST and _speed_turn(bank, ask):
        return _by_speed(memory, bank, ask)
    memory = _by_incline(memory, bank, ask)
    return _steepen(memory, bank, ask) if order is Order.STEEPEST else memory


def _by_incline(memory: Climber, bank: Bank, ask: ClimbAsk) -> Climber:
    base = _base(memory, ask)
    moves = tuple(at for at in memory.moves_s if ask.now_s - at < BUDGET_S)
    axis, aim = _lift(bank, ask, base), _aim(bank, ask, 1.0 + max(0.0, len(moves) - BUDGET_MOVES) / BUDGET_MOVES)
    choice = decide(axis, hearts(bank, axis.demand(axis.present)), aim)
    wanted = choice.value
    if ask.now_s < memory.wished_until_s and wanted > memory.advice.incline_pct:
        wanted = memory.advice.incline_pct
    incline = _within(ask, wanted)
    why = _why(incline - base, "Steeper", "Flatter", choice, aim, ask)
    moves = (*moves, ask.now_s) if abs(incline - base) > 1e-9 else moves
    advice = Advice(incline, why, _points(choice.forecast_bpm), _speed_now(memory, ask))
    return replace(memory, hunter=None, sent_pct=ask.sent_pct, moves_s=moves, advice=advice)


def _base(memory: Climber, ask: ClimbAsk) -> float:
    """The set-point that a move starts from: the own wish while it is being followed, else what was sent."""
    wish, before = memory.advice.incline_pct, memory.sent_pct
    if before is None or abs(ask.sent_pct - wish) < ask.step_pct:
        return _within(ask, wish)
    following = (wish - before) * (ask.sent_pct - before) > 0.0 and abs(wish - ask.sent_pct) < abs(wish - before)
    return _within(ask, wish if following else ask.sent_pct)


def _lift(bank: Bank, ask: ClimbAsk, base: float) -> Axis:
    speed = ask.speed_kmh
    return Axis(
        present=ask.sent_pct if ask.incline_pct is None else ask.incline_pct,
        sent=base,
        lowest=ask.lowest_pct,
        highest=max(ask.highest_pct, ask.lowest_pct),
        step=ask.step_pct,
        unit=1.0,
        rate_s=ask.lift_pct_s,
        latency_s=min(ask.latency_s, LATENCY_MOST_S),
        demand=lambda incline: bank.demand(speed, incline),
    )


def _aim(bank: Bank, ask: ClimbAsk, busy: float = 1.0) -> Aim:
    margin = margin_bpm(bank)
    target = _target(ask.target_bpm, ask.cap_bpm, margin)
    targets, caps = [target] * len(TIMES_S), [ask.cap_bpm] * len(TIMES_S)
    if ask.ahead is not None and ask.ahead.in_s <= AHEAD_S:
        after = _target(ask.ahead.target_bpm, ask.ahead.cap_bpm, margin)
        targets = [target if t < ask.ahead.in_s else after for t in TIMES_S]
        caps = [ask.cap_bpm if t < ask.ahead.in_s else max(ask.ahead.cap_bpm, after) for t in TIMES_S]
    far = ask.target_bpm is not None and ask.hr_bpm is not None and abs(targets[0] - ask.hr_bpm) > FAR_BPM
    overdrive = CLIMB_OVERDRIVE if ask.target_bpm is None else HOLD_OVERDRIVE
    over, move = (BRISK_OVER, BRISK_MOVE) if ask.brisk or far else (QUIET_OVER, QUIET_MOVE)
    move *= 1.0 if far else busy
    weight = CAP_WEIGHT if ask.target_bpm is None else HOLD_CAP_WEIGHT
    return Aim(tuple(targets), tuple(caps), over, move, overdrive, weight, may_rise=_may_rise(bank, ask))


def _target(target_bpm: float | None, cap_bpm: float, margin: float) -> float:
    return cap_bpm - margin if target_bpm is None else min(target_bpm, cap_bpm - margin)


def _may_rise(bank: Bank, ask: ClimbAsk) -> bool:
    believed_age = ask.now_s - bank.beat_at_s
    return (
        max(ask.hr_age_s, believed_age) <= RISE_AGE_S
        and not ask.doubtful
        and bank.strangers is None
        and not bank.fallen
        and bank.heard_s >= HEARD_LEAST_S
        and ask.now_s >= bank.no_rise_until_s
    )


def _speed_now(memory: Climber | None, ask: ClimbAsk) -> float | None:
    """The own wish while the belt follows it, else what was sent."""
    if ask.speed is None:
        return None
    wish = ask.speed.sent_kmh if memory is None or memory.advice.speed_kmh is None else memory.advice.speed_kmh
    followed = abs(ask.speed_kmh - wish) <= FOLLOWS_KMH
    return min(max(wish if followed else ask.speed.sent_kmh, ask.speed.lowest_kmh), ask.speed.highest_kmh)


def _speed_turn(bank: Bank, ask: ClimbAsk) -> bool:
    """True's order: is it the belt's turn to move?"""
    assert ask.speed is not None
    aim, axis = _aim(bank, ask), _belt(bank, ask)
    plausible = hearts(bank, axis.demand(axis.present))
    missing = aim.target_bpm[-1] - sum(one.weight * one.steady_bpm for one in plausible)
    if missing > 0.0:
        return ask.speed.sent_kmh < ask.speed.highest_kmh - 1e-9
    return ask.sent_pct <= ask.lowest_pct + 1e-9


def _belt(bank: Bank, ask: ClimbAsk) -> Axis:
    seat, incline = ask.speed, ask.sent_pct if ask.incline_pct is None else ask.incline_pct
    assert seat is not None
    return Axis(
        present=ask.speed_kmh,
        sent=seat.sent_kmh,
        lowest=seat.lowest_kmh,
        highest=max(seat.highest_kmh, seat.lowest_kmh),
        step=seat.step_kmh,
        unit=0.5,
        rate_s=SPEED_UP_KMH_S,
        latency_s=min(ask.latency_s, LATENCY_MOST_S),
        demand=lambda speed: bank.demand(speed, incline),
    )


def _by_speed(memory: Climber, bank: Bank, ask: ClimbAsk) -> Climber:
    axis, aim = _belt(bank, ask), _aim(bank, ask)
    choice = decide(axis, hearts(bank, axis.demand(axis.present)), aim)
    why = _why(choice.value - axis.sent, "Faster", "Slower", choice, aim, ask)
    advice = Advice(_within(ask, ask.sent_pct), why, _points(choice.forecast_bpm), choice.value)
    return replace(memory, hunter=None, advice=advice, speed_at_s=ask.now_s)


def _steepen(memory: Climber, bank: Bank, ask: ClimbAsk) -> Climber:
    """One step of speed where the same oxygen climbs more at another speed, or where the lift is at its end."""
    seat, advice = ask.speed, memory.advice
    assert seat is not None
    if ask.now_s - memory.speed_at_s < SPEED_EVERY_S:
        return memory
    change = _exchange(bank, ask, seat)
    if change == 0.0:
        return memory
    words = "Slower and steeper: the same effort climbs more." if change < 0.0 else "Faster: the lift is at its end."
    speed = min(max(seat.sent_kmh + change, seat.lowest_kmh), seat.highest_kmh)
    if speed == seat.sent_kmh:
        return memory
    return replace(memory, advice=replace(advice, speed_kmh=round(speed, 3), why=words), speed_at_s=ask.now_s)


def _exchange(bank: Bank, ask: ClimbAsk, seat: SpeedSeat) -> float:
    aim, axis = _aim(bank, ask), _lift(bank, ask, ask.sent_pct)
    plausible = hearts(bank, axis.demand(axis.sent))
    missing = aim.target_bpm[-1] - sum(one.weight * one.steady_bpm for one in plausible)
    if ask.sent_pct >= axis.highest - 1e-9:
        return seat.step_kmh if missing > 0.5 * NEAR_BPM and aim.may_rise else 0.0
    if ask.sent_pct <= axis.lowest + 1e-9 and missing < -NEAR_BPM:
        return -seat.step_kmh
    slower = seat.sent_kmh - seat.step_kmh
    if slower < seat.lowest_kmh - 1e-9 or not aim.may_rise:
        return 0.0
    steeper = _same_demand(bank, ask, slower)
    return -seat.step_kmh if _climbs(slower, steeper) > GAINS_MORE * _climbs(seat.sent_kmh, ask.sent_pct) else 0.0


def _same_demand(bank: Bank, ask: ClimbAsk, speed_kmh: float) -> float:
    """The incline at which this speed costs what is paid now; no more than the lift has."""
    assert ask.speed is not None
    paid, low, high = bank.demand(ask.speed.sent_kmh, ask.sent_pct), ask.sent_pct, ask.highest_pct
    for _ in range(12):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if bank.demand(speed_kmh, middle) < paid else (low, middle)
    return low


def _climbs(speed_kmh: float, incline_pct: float) -> float:
    return speed_kmh * incline_pct / hypot(100.0, incline_pct)


def _fall_back(memory: Climber, ask: ClimbAsk) -> Climber:
    assert ask.hr_bpm is not None
    margin = MARGIN_BPM if memory.bank is None else margin_bpm(memory.bank)
    error = _target(ask.target_bpm, ask.cap_bpm, margin) - ask.hr_bpm
    gain = heart_per_oxygen(ask.athlete) * oxygen_per_incline_pct(ask.speed_kmh, ask.sent_pct)
    hunter, wanted = hunt(memory.hunter, error, ask.sent_pct, (ask.lowest_pct, ask.highest_pct), ask.step_pct, gain)
    if ask.doubtful or ask.hr_age_s > RISE_AGE_S or (memory.bank is not None and memory.bank.fallen):
        wanted = min(wanted, ask.sent_pct)
    why = "The heart rate does not behave as it should: check the strap. Steering by simpler rules."
    return replace(memory, hunter=hunter, advice=Advice(_within(ask, wanted), why, (), _speed_now(memory, ask)))


def _within(ask: ClimbAsk, incline_pct: float) -> float:
    return min(max(incline_pct, ask.lowest_pct), ask.highest_pct)


def _points(forecast_bpm: Curve) -> Points:
    return tuple((float(t), round(bpm, 1)) for t, bpm in zip(TIMES_S, forecast_bpm, strict=True) if t <= 120)


def _why(move: float, more: str, less: str, choice: Choice, aim: Aim, ask: ClimbAsk) -> str:
    two_minutes = choice.forecast_bpm[TIMES_S.index(120)]
    aimed = f"aiming at {aim.target_bpm[-1]:.0f}, {ask.cap_bpm - aim.target_bpm[0]:.0f} under the cap"
    if ask.target_bpm is not None:
        aimed = f"aiming at {aim.target_bpm[-1]:.0f}"
    change = f"{more}" if move > 1e-9 else f"{less}" if move < -1e-9 else "Steady"
    held = "" if aim.may_rise else " Nothing gets harder until the strap is believable."
    return f"{change}: {two_minutes:.0f} bpm expected in two minutes, {aimed}.{held}"
