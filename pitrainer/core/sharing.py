"""Speed as a second motor, where the session lets the heart move it.

`Order.SPEED_FIRST` (runners; True's order): speed rises first, incline falls first. `Order.STEEPEST` (hikers): speed
falls by one step in 30 s at most while the same oxygen climbs more on a steeper slope at less speed, and rises
again where the lift is at its end. At 35 ml/kg/min ACSM climbs 717 m/h at 6 km/h and 883 m/h at 3 km/h.
"""

from __future__ import annotations

from dataclasses import replace
from math import hypot

from pitrainer.core.aims import LATENCY_MOST_S, aim_of, lift
from pitrainer.core.forecast import hearts
from pitrainer.core.observer import Bank
from pitrainer.core.scenario import Axis, decide, steady_bpm
from pitrainer.core.seat import Advice, ClimbAsk, Climber, SpeedSeat
from pitrainer.core.telling import points, reason

SPEED_EVERY_S = 30.0
SPEED_UP_KMH_S = 0.2
FOLLOWS_KMH = 0.35
GAINS_MORE = 1.002
SHORT_BPM = 2.5
"""Missing by so much at the end of the lift, the belt helps."""
NEAR_BPM = 5.0


def speed_now(memory: Climber | None, ask: ClimbAsk) -> float | None:
    """The own wish while the belt follows it, else what was sent."""
    if ask.speed is None:
        return None
    wish = ask.speed.sent_kmh if memory is None or memory.advice.speed_kmh is None else memory.advice.speed_kmh
    followed = abs(ask.speed_kmh - wish) <= FOLLOWS_KMH
    return min(max(wish if followed else ask.speed.sent_kmh, ask.speed.lowest_kmh), ask.speed.highest_kmh)


def speeds_turn(bank: Bank, ask: ClimbAsk) -> bool:
    """True's order: is it the belt's turn to move?"""
    assert ask.speed is not None
    aim, axis = aim_of(bank, ask), _belt(bank, ask)
    plausible = hearts(bank, axis.demand(axis.present))
    missing = aim.target_bpm[-1] - steady_bpm(plausible, axis, axis.sent)
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


def by_speed(memory: Climber, bank: Bank, ask: ClimbAsk) -> Climber:
    """A decision that moves the belt and leaves the lift."""
    axis, aim = _belt(bank, ask), aim_of(bank, ask)
    choice = decide(axis, hearts(bank, axis.demand(axis.present)), aim)
    why = reason(choice.value - axis.sent, "Faster", "Slower", choice, aim, ask)
    advice = Advice(ask.within(ask.sent_pct), why, points(choice.forecast_bpm), choice.value)
    return replace(memory, hunter=None, advice=advice, speed_at_s=ask.now_s)


def steepened(memory: Climber, bank: Bank, ask: ClimbAsk) -> Climber:
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
    aim, axis = aim_of(bank, ask), lift(bank, ask, ask.sent_pct)
    missing = aim.target_bpm[-1] - steady_bpm(hearts(bank, axis.demand(axis.present)), axis, axis.sent)
    if ask.sent_pct >= axis.highest - 1e-9:
        return seat.step_kmh if missing > SHORT_BPM and aim.may_rise else 0.0
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
