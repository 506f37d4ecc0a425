"""The heart-rate controller: which incline, and where the session lets it which speed, the heart allows now.

Every 5 s it asks the scenario law (core/scenario.py) with what the observer believes (core/observer.py) and what is
to be reached (core/aims.py); speed is shared out by core/sharing.py. Moves get dearer when there were more than four
in 10 min, which spares the lift. A set-point that is being followed is where the next move starts from; one that the
supervisor or the runner overruled is not, so there is nothing to wind up. Where the belief has gone where no heart
goes, the plain law of core/hunt.py steers and says so.

The seat: `steer(memory, ask) -> (memory, advice)`; whoever replaces this law keeps that signature.
"""

from __future__ import annotations

from dataclasses import replace

from pitrainer.core.aims import MARGIN_BPM, RISE_AGE_S, aim_of, lift, margin_bpm, target_bpm
from pitrainer.core.forecast import hearts
from pitrainer.core.hunt import hunt
from pitrainer.core.metabolism import heart_per_oxygen, oxygen_per_incline_pct
from pitrainer.core.observer import Bank, Seen, begin, observe
from pitrainer.core.scenario import decide, steady_bpm
from pitrainer.core.seat import Advice, Ahead, ClimbAsk, Climber, Order, Points, SpeedSeat
from pitrainer.core.sharing import by_speed, speed_now, speeds_turn, steepened
from pitrainer.core.telling import points, reason

__all__ = ["MARGIN_BPM", "Advice", "Ahead", "ClimbAsk", "Climber", "Order", "Points", "SpeedSeat", "seed", "steer"]

DECIDE_S = 5.0
WISHED_S = 60.0
"""An incline chosen by hand stands for this long, unless the heart would cross the cap."""
BUDGET_S, BUDGET_MOVES = 600.0, 4.0


def steer(memory: Climber | None, ask: ClimbAsk) -> tuple[Climber | None, Advice]:
    """One tick of the controller. Without a heart rate it wants what was sent and forgets the rest."""
    if ask.hr_bpm is None:
        return None, Advice(ask.sent_pct, "Waiting for heart rate.")
    if memory is None:
        advice = Advice(ask.within(ask.sent_pct), "Starting from here.", speed_kmh=speed_now(None, ask))
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
        ask = replace(ask, speed=replace(ask.speed, sent_kmh=speed_now(memory, ask) or ask.speed.sent_kmh))
    order = None if ask.speed is None else ask.speed.order
    if order is Order.SPEED_FIRST and speeds_turn(bank, ask):
        return by_speed(memory, bank, ask)
    memory = _by_incline(memory, bank, ask)
    return steepened(memory, bank, ask) if order is Order.STEEPEST else memory


def _by_incline(memory: Climber, bank: Bank, ask: ClimbAsk) -> Climber:
    base = _base(memory, ask)
    moves = tuple(at for at in memory.moves_s if ask.now_s - at < BUDGET_S)
    axis, aim = lift(bank, ask, base), aim_of(bank, ask, 1.0 + max(0.0, len(moves) - BUDGET_MOVES) / BUDGET_MOVES)
    plausible = hearts(bank, axis.demand(axis.present))
    choice = decide(axis, plausible, aim)
    wish = memory.advice.incline_pct
    stands = ask.now_s < memory.wished_until_s and steady_bpm(plausible, axis, wish) <= ask.cap_bpm
    incline = ask.within(wish if stands else choice.value)
    why = reason(incline - base, "Steeper", "Flatter", choice, aim, ask)
    moves = (*moves, ask.now_s) if abs(incline - base) > 1e-9 else moves
    advice = Advice(incline, why, points(choice.forecast_bpm), speed_now(memory, ask))
    return replace(memory, hunter=None, sent_pct=ask.sent_pct, moves_s=moves, advice=advice)


def _base(memory: Climber, ask: ClimbAsk) -> float:
    """The set-point that a move starts from: the own wish while it is being followed, else what was sent."""
    wish, before = memory.advice.incline_pct, memory.sent_pct
    if before is None or abs(ask.sent_pct - wish) < ask.step_pct:
        return ask.within(wish)
    following = (wish - before) * (ask.sent_pct - before) > 0.0 and abs(wish - ask.sent_pct) < abs(wish - before)
    return ask.within(wish if following else ask.sent_pct)


def _fall_back(memory: Climber, ask: ClimbAsk) -> Climber:
    assert ask.hr_bpm is not None
    margin = MARGIN_BPM if memory.bank is None else margin_bpm(memory.bank)
    error = target_bpm(ask.target_bpm, ask.cap_bpm, margin) - ask.hr_bpm
    gain = heart_per_oxygen(ask.athlete) * oxygen_per_incline_pct(ask.speed_kmh, ask.sent_pct)
    hunter, wanted = hunt(memory.hunter, error, ask.sent_pct, (ask.lowest_pct, ask.highest_pct), ask.step_pct, gain)
    if ask.doubtful or ask.hr_age_s > RISE_AGE_S or (memory.bank is not None and memory.bank.fallen):
        wanted = min(wanted, ask.sent_pct)
    why = "The heart rate does not behave as it should: check the strap. Steering by simpler rules."
    return replace(memory, hunter=hunter, advice=Advice(ask.within(wanted), why, (), speed_now(memory, ask)))
