"""The words of the controller's seat: what it is asked, what it answers, what it remembers between ticks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from pitrainer.core.athlete import Athlete
from pitrainer.core.hunt import Hunter
from pitrainer.core.learned import LearnedHeart
from pitrainer.core.observer import Bank

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

    def within(self, incline_pct: float) -> float:
        """The nearest incline that this step allows."""
        return min(max(incline_pct, self.lowest_pct), self.highest_pct)


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
