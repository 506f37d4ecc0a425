"""What the scenario law is to reach in this tick, and with which motor.

A climb aims below the cap by a margin learned from the heart's own variability: 1.65 times its standard deviation
less 0.2, within 1.5-7 bpm, 3 at first. P(above cap + 2) is then about 1 % for a heart of 2 bpm. A step with a target
aims at that, brisker while it is far away. Nothing rises but on a believable beat younger than 10 s.
"""

from __future__ import annotations

from pitrainer.core.forecast import TIMES_S
from pitrainer.core.observer import Bank
from pitrainer.core.scenario import CAP_WEIGHT, Aim, Axis
from pitrainer.core.seat import ClimbAsk

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
AHEAD_S = 10.0
"""A change of target is foreseen by lift and heart's dead time, no sooner: an interval is run to its end."""
FAR_BPM = 3.5


def margin_bpm(bank: Bank) -> float:
    """How far under the cap to aim."""
    if bank.heard_s < 60.0:
        return MARGIN_BPM
    low, high = MARGIN_ENDS_BPM
    return min(max(MARGIN_SD * bank.spread_bpm - MARGIN_LESS_BPM, low), high)


def lift(bank: Bank, ask: ClimbAsk, base: float) -> Axis:
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


def aim_of(bank: Bank, ask: ClimbAsk, busy: float = 1.0) -> Aim:
    margin = margin_bpm(bank)
    target = target_bpm(ask.target_bpm, ask.cap_bpm, margin)
    targets, caps = [target] * len(TIMES_S), [ask.cap_bpm] * len(TIMES_S)
    if ask.ahead is not None and ask.ahead.in_s <= AHEAD_S:
        after = target_bpm(ask.ahead.target_bpm, ask.ahead.cap_bpm, margin)
        targets = [target if t < ask.ahead.in_s else after for t in TIMES_S]
        caps = [ask.cap_bpm if t < ask.ahead.in_s else max(ask.ahead.cap_bpm, after) for t in TIMES_S]
    far = ask.target_bpm is not None and ask.hr_bpm is not None and abs(targets[0] - ask.hr_bpm) > FAR_BPM
    overdrive = CLIMB_OVERDRIVE if ask.target_bpm is None else HOLD_OVERDRIVE
    over, move = (BRISK_OVER, BRISK_MOVE) if ask.brisk or far else (QUIET_OVER, QUIET_MOVE)
    move *= 1.0 if far else busy
    weight = CAP_WEIGHT if ask.target_bpm is None else HOLD_CAP_WEIGHT
    return Aim(tuple(targets), tuple(caps), over, move, overdrive, weight, may_rise=_may_rise(bank, ask))


def target_bpm(target_bpm: float | None, cap_bpm: float, margin: float) -> float:
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
