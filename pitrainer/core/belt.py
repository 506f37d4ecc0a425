"""What the machine does against what it was told: followed, refused, changed by the runner, or run away.

For speed and incline a band is kept of where the machine may honestly be: it opens at once to every set-point and,
some time after the last change, closes towards the present one at a slow machine's pace. A measurement outside the
band was not ordered. Slightly outside, or announced by the machine itself, it is the runner at the console, and is
adopted; a belt more than 1 km/h faster than anything ordered or announced is a runaway. A set-point that stays
unmet without progress (10 % of the gap, or 0.2) is being ignored; the machine's latency is granted on top.

Numbers: docs/safety.md, rows 8-11.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf

from pitrainer.core.policy import is_incline, is_speed
from pitrainer.model import Command, Feedback, MachineEvent, MachineLimits, MachineSays

SPEED_CLOSE_KMH_S = 0.15
INCLINE_CLOSE_PCT_S = 0.12
SPEED_SLACK_KMH = 0.35
INCLINE_SLACK_PCT = 0.6
RUNAWAY_KMH = 1.0
SPEED_GAP_KMH, INCLINE_GAP_PCT = 0.5, 1.0
PROGRESS = 0.2
SUDDEN_KMH = 2.0
"""From this speed no belt stands within one sample."""
UNSEEN_S = 5.0
"""An incline not reported for this long is unknown."""
AHEAD_S = 0.5
STANDS_KMH = 0.15
"""Slower than this is a standstill."""


@dataclass(frozen=True, slots=True)
class Motor:
    """One set-point, its measurement, and the band between."""

    sent: float | None = None
    sent_at_s: float = -inf
    low: float = inf
    high: float = -inf
    measured: float | None = None
    gap_since_s: float = inf
    """Since when the gap is open without progress; inf while there is none."""
    gap_from: float = 0.0


@dataclass(frozen=True, slots=True)
class BeltWatch:
    """Memory between ticks."""

    speed: Motor = field(default_factory=Motor)
    incline: Motor = field(default_factory=Motor)
    feedback: Feedback | None = None
    seen_at_s: float = -inf
    """The time of the last feedback that could be believed: only such renews freshness."""
    incline_at_s: float = -inf
    doubted: bool = False
    """Was the last feedback a sudden standstill, which one sample alone does not prove?"""
    link: int | None = None
    """The link whose state was last accepted; another number in the feedback is a relink."""
    standing_since_s: float = inf
    moved: bool = False
    """Has the belt moved since the session's start?"""


@dataclass(frozen=True, slots=True)
class BeltFacts:
    """What follows for this tick. Times are how long it has lasted, 0 while it does not."""

    speed_kmh: float | None
    incline_pct: float | None
    age_s: float
    moving: bool
    standing_s: float
    relinked: bool
    excess_kmh: float
    """Faster than the band's top by this much."""
    console_speed_kmh: float | None = None
    console_incline_pct: float | None = None
    unfollowed_s: float = 0.0
    """A faster set-point is not followed."""
    slowing_ignored_s: float = 0.0
    rising_ignored_s: float = 0.0
    lowering_ignored_s: float = 0.0


def command_sent(watch: BeltWatch, command: Command, now_s: float) -> BeltWatch:
    """Open the bands to what was just sent."""
    speed = _sent(watch.speed, command.speed_kmh, now_s)
    incline = _sent(watch.incline, command.incline_pct, now_s)
    return watch if speed is watch.speed and incline is watch.incline else replace(watch, speed=speed, incline=incline)


def announced(watch: BeltWatch, event: MachineEvent) -> BeltWatch:
    """Open a band to what the machine says was set at its console."""
    if event.value is None:
        return watch
    if event.says is MachineSays.SPEED_SET:
        return replace(watch, speed=_open(watch.speed, event.value))
    if event.says is MachineSays.INCLINE_SET:
        return replace(watch, incline=_open(watch.incline, event.value))
    return watch


def observe(
    watch: BeltWatch, feedback: Feedback | None, now_s: float, dt_s: float, limits: MachineLimits
) -> tuple[BeltWatch, BeltFacts]:
    """Fold in the newest feedback (the same one again only ages) and state the facts."""
    if feedback is not None and feedback is not watch.feedback:
        watch = _heard(watch, feedback, now_s)
    speed = _close(watch.speed, SPEED_CLOSE_KMH_S * dt_s, now_s - limits.latency_s - 1.0)
    incline = _close(watch.incline, INCLINE_CLOSE_PCT_S * dt_s, now_s - limits.latency_s - 1.0)
    if speed is not watch.speed or incline is not watch.incline:
        watch = replace(watch, speed=speed, incline=incline)
    return watch, _facts(watch, now_s, limits)


def _heard(watch: BeltWatch, feedback: Feedback, now_s: float) -> BeltWatch:
    """Judge one new feedback. Without a speed that can be believed it renews nothing."""
    link = feedback.link if watch.link is None else watch.link
    speed, incline, at_s = feedback.speed_kmh, feedback.incline_pct, feedback.at_s
    watch = replace(watch, feedback=feedback, link=link)
    if speed is None or not is_speed(speed) or not watch.seen_at_s < at_s <= now_s + AHEAD_S:
        return watch
    stands = speed < STANDS_KMH
    if stands and not watch.doubted and (watch.speed.measured or 0.0) >= SUDDEN_KMH:
        return replace(watch, doubted=True)
    if incline is not None and is_incline(incline):
        watch = replace(watch, incline=_measured(watch.incline, incline, INCLINE_GAP_PCT, now_s), incline_at_s=at_s)
    return replace(
        watch, speed=_measured(watch.speed, speed, SPEED_GAP_KMH, now_s), seen_at_s=at_s, doubted=False,
        standing_since_s=min(watch.standing_since_s, now_s) if stands else inf, moved=watch.moved or not stands,
    )  # fmt: skip


def accept_link(watch: BeltWatch) -> BeltWatch:
    """A person has looked at the machine: the present link is the known one, and nothing is expected of it."""
    link = watch.feedback.link if watch.feedback else None
    return BeltWatch(
        feedback=watch.feedback, link=link, standing_since_s=watch.standing_since_s,
        seen_at_s=watch.seen_at_s, incline_at_s=watch.incline_at_s,
        speed=Motor(measured=watch.speed.measured), incline=Motor(measured=watch.incline.measured),
    )  # fmt: skip


def adopt(watch: BeltWatch) -> BeltWatch:
    """The runner changed something at the console: expect what is measured."""
    return replace(
        watch,
        speed=Motor(measured=watch.speed.measured, high=watch.speed.high),
        incline=Motor(measured=watch.incline.measured),
    )


def _facts(watch: BeltWatch, now_s: float, limits: MachineLimits) -> BeltFacts:
    feedback, speed, incline = watch.feedback, watch.speed, watch.incline
    age = now_s - watch.seen_at_s
    measured = speed.measured
    rise = _ignored_s(speed, now_s, limits.latency_s, up=True)
    return BeltFacts(
        speed_kmh=measured,
        incline_pct=incline.measured if now_s - watch.incline_at_s <= UNSEEN_S else None,
        age_s=inf if age < -AHEAD_S else max(age, 0.0),
        moving=measured is not None and measured >= STANDS_KMH,
        standing_s=max(0.0, now_s - watch.standing_since_s),
        relinked=feedback is not None and feedback.link != watch.link,
        excess_kmh=0.0 if measured is None or speed.high == -inf else max(0.0, measured - speed.high),
        console_speed_kmh=_outside(speed, SPEED_SLACK_KMH),
        console_incline_pct=_outside(incline, max(INCLINE_SLACK_PCT, 1.1 * limits.incline_step_pct)),
        unfollowed_s=rise,
        slowing_ignored_s=_ignored_s(speed, now_s, limits.latency_s, up=False),
        rising_ignored_s=_ignored_s(incline, now_s, limits.latency_s, up=True),
        lowering_ignored_s=_ignored_s(incline, now_s, limits.latency_s, up=False),
    )


def _sent(motor: Motor, value: float | None, now_s: float) -> Motor:
    if value == motor.sent:
        return motor
    if value is None:
        return Motor(measured=motor.measured, high=motor.high)
    start = value if motor.measured is None else motor.measured
    return replace(
        motor, sent=value, sent_at_s=now_s,
        low=min(motor.low, value, start), high=max(motor.high, value, start),
    )  # fmt: skip


def _open(motor: Motor, value: float) -> Motor:
    return replace(motor, low=min(motor.low, value), high=max(motor.high, value))


def _close(motor: Motor, by: float, before_s: float) -> Motor:
    if motor.sent is None and motor.measured is not None and -inf < motor.high < motor.measured:
        # left to the runner: the top follows presses at the console, but no runaway
        return replace(motor, high=min(motor.measured, motor.high + by))
    if motor.sent is None or motor.sent_at_s > before_s or motor.low == motor.high == motor.sent:
        return motor
    low, high = min(motor.sent, motor.low + by), max(motor.sent, motor.high - by)
    return replace(motor, low=low, high=high)


def _measured(motor: Motor, value: float | None, gap: float, now_s: float) -> Motor:
    if value is None:
        return motor
    if motor.sent is None or abs(motor.sent - value) <= gap:
        return motor if motor.measured == value and motor.gap_since_s == inf else replace(
            motor, measured=value, gap_since_s=inf
        )  # fmt: skip
    if motor.gap_since_s == inf:
        return replace(motor, measured=value, gap_since_s=now_s, gap_from=value)
    towards = (value - motor.gap_from) * (1.0 if motor.sent > value else -1.0)
    if towards >= min(0.1 * abs(motor.sent - motor.gap_from), PROGRESS):
        return replace(motor, measured=value, gap_since_s=now_s, gap_from=value)
    return replace(motor, measured=value)


def _ignored_s(motor: Motor, now_s: float, latency_s: float, *, up: bool) -> float:
    if motor.sent is None or motor.measured is None or motor.gap_since_s == inf:
        return 0.0
    if (motor.sent > motor.measured) is not up:
        return 0.0
    return max(0.0, now_s - motor.gap_since_s - latency_s)


def _outside(motor: Motor, slack: float) -> float | None:
    if motor.sent is None or motor.measured is None:
        return None
    return None if motor.low - slack <= motor.measured <= motor.high + slack else motor.measured
