"""The safety policy as a table: what is broken, what is done about it, after how long, and what clears it.

`Facts` is all that a rule may look at: ages and amounts of one tick. A rule's grace drains while its condition is
broken and refills at a quarter of that speed (`core/safety.py`), so a flapping sensor buys nothing. Nobody can
choose a weaker reaction, and no switch skips a rule. Numbers: docs/safety.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from pitrainer.model import Action

HEART_FRESH_S = 2.0
"""A strap reports every second; an age above this is a gap."""
SESSION_MOST_S = 3 * 3600.0
LATCHED = inf
SPEED_ABSURD_KMH, INCLINE_ABSURD_PCT = 50.0, 60.0
"""Beyond these no treadmill goes: a number that does is a fault, not something to clamp."""


def is_number(value: float, least: float, most: float) -> bool:
    """A real number (no bool, no NaN) within the ends, which may be infinite."""
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def is_speed(kmh: float | None) -> bool:
    return kmh is None or is_number(kmh, 0.0, SPEED_ABSURD_KMH)


def is_incline(pct: float | None) -> bool:
    return pct is None or is_number(pct, -INCLINE_ABSURD_PCT, INCLINE_ABSURD_PCT)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a tick knows, as ages and amounts: no timestamps but `now_s`."""

    now_s: float
    dt_s: float
    ours: bool
    """Do we, or did we just, move this belt?"""
    heart_age_s: float
    heart_frozen: bool
    heart_doubtful: bool
    hr_bpm: float | None
    cap_bpm: float
    feedback_age_s: float
    speed_kmh: float | None
    incline_pct: float | None
    standing_s: float
    start_pending: bool = False
    """A start was ordered lately and has shown no movement yet: the belt may still begin to move."""
    relinked: bool = False
    excess_kmh: float = 0.0
    unfollowed_s: float = 0.0
    slowing_ignored_s: float = 0.0
    rising_ignored_s: float = 0.0
    lowering_ignored_s: float = 0.0
    key_pulled: bool = False
    start_wrong: bool = False
    session_s: float = 0.0
    incline_allowed_pct: float | None = None
    """The grade at which even the most generous plausible model of this runner is at the cap; None: no model."""
    nonsense: bool = False
    """Something that must be a number was none."""

    @property
    def believable(self) -> bool:
        """Could all of this have been measured? Ages may be infinite; nothing may be NaN, a bool or absurd."""
        times = (self.heart_age_s, self.feedback_age_s, self.standing_s, self.unfollowed_s, self.slowing_ignored_s,
                 self.rising_ignored_s, self.lowering_ignored_s, self.session_s)  # fmt: skip
        return (
            all(is_number(value, 0.0, inf) for value in times)
            and is_number(self.now_s, -1e12, 1e12)
            and is_number(self.dt_s, -1e12, 1e12)
            and is_number(self.cap_bpm, 30.0, 300.0)
            and (self.hr_bpm is None or is_number(self.hr_bpm, 1.0, 300.0))
            and is_speed(self.speed_kmh)
            and is_number(self.excess_kmh, 0.0, SPEED_ABSURD_KMH)
            and is_incline(self.incline_pct)
            and (self.incline_allowed_pct is None or is_number(self.incline_allowed_pct, 0.0, 100.0))
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of policy. `after_s` is the grace; `clears_s` how long the condition must be healthy again, or
    LATCHED: until a person acknowledges at a standstill. `shed` eases fast, incline and speed at once."""

    cause: str
    text: str
    action: Action
    broken: Callable[[Facts], bool]
    after_s: float = 0.0
    clears_s: float = 0.0
    shed: bool = False
    spent_s: Callable[[Facts], float] = lambda _: 0.0
    """Grace that is used up already, by this tick's own evidence."""


def _above(facts: Facts, margin_bpm: float) -> bool:
    return facts.hr_bpm is not None and facts.hr_bpm > facts.cap_bpm + margin_bpm


def _gap_s(facts: Facts) -> float:
    return facts.heart_age_s - HEART_FRESH_S


_GAP = HEART_FRESH_S

RULES: tuple[Rule, ...] = (
    Rule("heart_lost", "No heart rate: nothing gets harder.", Action.HOLD,
         lambda f: f.heart_age_s > _GAP, 5.0 - _GAP, 10.0, spent_s=_gap_s),
    Rule("heart_lost_long", "No heart rate for 15 s: the incline comes down.", Action.EASE,
         lambda f: f.heart_age_s > _GAP, 15.0 - _GAP, 10.0, spent_s=_gap_s),
    Rule("heart_gone", "No heart rate for a minute: the climb is over, easy walking.", Action.EASE,
         lambda f: f.heart_age_s > _GAP, 60.0 - _GAP, 10.0, shed=True, spent_s=_gap_s),
    Rule("nobody", "No heart rate for so long that nobody may be here: the belt stops.", Action.STOP,
         lambda f: f.heart_age_s > _GAP, 105.0 - _GAP, 10.0, spent_s=_gap_s),
    Rule("heart_frozen", "The heart rate is frozen: check the strap. The incline comes down.", Action.EASE,
         lambda f: f.heart_frozen, 0.0, 10.0),
    Rule("heart_doubtful", "The heart rate has jumped: check the strap. Nothing gets harder.", Action.HOLD,
         lambda f: f.heart_doubtful),
    Rule("above_cap", "Heart rate is above the cap.", Action.HOLD, lambda f: _above(f, 0.0)),
    Rule("far_above_cap", "Heart rate is 5 above the cap: easing off.", Action.EASE,
         lambda f: _above(f, 5.0), 15.0, 10.0, shed=True),
    Rule("beyond_cap", "Heart rate is 10 above the cap: the belt stops.", Action.STOP,
         lambda f: _above(f, 10.0), 5.0, 10.0),
    Rule("machine_silent", "The treadmill is silent: nothing gets harder.", Action.HOLD,
         lambda f: f.feedback_age_s > 2.0, 0.0, 2.0),
    Rule("machine_lost", "The treadmill is lost and its belt may still run: use its own STOP or pull the key.",
         Action.STOP, lambda f: f.feedback_age_s > 5.0, 0.0, LATCHED),
    Rule("machine_relinked", "The link to the treadmill broke while the belt ran: the belt stops.",
         Action.STOP, lambda f: f.relinked, 0.0, LATCHED),
    Rule("runaway", "The belt is faster than ordered: pull the key.", Action.STOP,
         lambda f: f.excess_kmh > 1.0, 0.5, LATCHED),
    Rule("slowing_ignored", "The belt does not slow down: pull the key.", Action.STOP,
         lambda f: f.slowing_ignored_s > 2.0, 0.0, LATCHED),
    Rule("lift_stuck", "The lift does not follow: nothing gets harder.", Action.HOLD,
         lambda f: max(f.rising_ignored_s, f.lowering_ignored_s) > 3.0, 0.0, 2.0),
    Rule("lift_stuck_high", "The lift does not come down: slowing to a walk.", Action.EASE,
         lambda f: f.lowering_ignored_s > 6.0, 0.0, 5.0, shed=True),
    Rule("key_pulled", "The safety key is out.", Action.STOP, lambda f: f.key_pulled, 0.0, LATCHED),
    Rule("wrong_units", "The belt's first speed is not the one ordered (km/h or mph?): check its profile.",
         Action.STOP, lambda f: f.start_wrong, 0.0, LATCHED),
    Rule("tick_late", "The controller was late: nothing gets harder.", Action.HOLD, lambda f: f.dt_s > 0.5),
    Rule("tick_stalled", "The controller stalled: the belt stops.", Action.STOP,
         lambda f: f.dt_s > 1.5, 0.0, LATCHED),
    Rule("clock_back", "The clock went back: nothing gets harder.", Action.HOLD, lambda f: f.dt_s < 0.0),
    Rule("session_too_long", "Three hours are enough: the belt stops.", Action.STOP,
         lambda f: f.session_s > SESSION_MOST_S),
    Rule("nonsense", "A set-point was no number: the belt stops.", Action.STOP, lambda f: f.nonsense,
         0.0, LATCHED),
)  # fmt: skip
