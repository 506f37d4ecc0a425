"""What the engine takes, carries from tick to tick, and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Any

from pitrainer.core import safety
from pitrainer.core.athlete import Athlete
from pitrainer.core.belt import BeltFacts, BeltWatch
from pitrainer.core.climb import Climber, Points
from pitrainer.core.heart import Heart, Pulse
from pitrainer.core.learned import LearnedHeart
from pitrainer.core.observer import Bank
from pitrainer.core.phases import Happening, follow
from pitrainer.core.plan import Progress
from pitrainer.core.policy import Facts
from pitrainer.model import (
    LEAVE,
    Action,
    Answer,
    Beat,
    Command,
    Feedback,
    Intent,
    MachineEvent,
    MachineLimits,
    Notice,
    Phase,
    Plan,
    UserLimits,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setup:
    """What does not change while a controller runs, but for `limits`, which a machine may narrow on connecting."""

    athlete: Athlete
    limits: MachineLimits
    user: UserLimits
    learned: LearnedHeart | None = None
    """What earlier sessions have shown of this athlete's heart."""

    @property
    def envelope(self) -> safety.Envelope:
        return safety.envelope(self.limits, self.user)

    @property
    def cap_bpm(self) -> float:
        """The cap of every step: the owner's, and never above HRmax."""
        return min(self.athlete.hr_max, self.user.hr_cap_bpm or inf)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The mailboxes at a tick: newest beat and feedback (the same object again if nothing came), and all events and
    intents since the last tick."""

    beat: Beat | None = None
    feedback: Feedback | None = None
    events: tuple[MachineEvent, ...] = ()
    intents: tuple[Intent, ...] = ()


@dataclass(frozen=True, slots=True)
class Trim:
    """What the runner added to the plan by hand. Easier lasts the session; harder lasts the step (`_once`)."""

    incline_pct: float = 0.0
    incline_once_pct: float = 0.0
    speed_kmh: float = 0.0
    speed_once_kmh: float = 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """Heart-rate sums of the session while the belt moved."""

    hr_s: float = 0.0
    hr_sum: float = 0.0
    highest_bpm: float | None = None
    above_cap_s: float = 0.0


START_S = 15.0
"""A belt that has not moved by then did not start (real ones need 4.4-6.2 s)."""
RUNNING = (Phase.STARTING, Phase.RUNNING, Phase.COOLING)
"""Where the program may move the belt."""
NO_PULSE = Pulse(None, None, None, inf, frozen=False, doubtful=False, refused="")
NO_VERDICT = safety.Verdict(LEAVE, Action.PASS)
NO_BELT = BeltFacts(None, None, inf, moving=False, standing_s=0.0, relinked=False, excess_kmh=0.0)


@dataclass(frozen=True)
class State:
    """Everything that a tick hands to the next. Without slots, for the sake of `but`."""

    now_s: float
    phase: Phase = Phase.IDLE
    since_s: float = 0.0
    """When the phase was entered."""
    plan: Plan | None = None
    progress: Progress = field(default_factory=Progress)
    heart: Heart = field(default_factory=Heart)
    pulse: Pulse = NO_PULSE
    watch: BeltWatch = field(default_factory=BeltWatch)
    belt: BeltFacts = NO_BELT
    rolling_since_s: float = inf
    memory: safety.Memory = field(default_factory=safety.Memory)
    verdict: safety.Verdict = NO_VERDICT
    ours: bool = False
    """Do we move this belt, or are we still bringing it to rest?"""
    acted_at_s: float = -inf
    """When the second act of starting came."""
    by_page: bool = False
    """Was the second act a held press on the page (then we start the belt), or the machine's own start?"""
    bank: Bank | None = None
    """What is believed about the heart; from the first movement of the belt to the next session."""
    climber: Climber | None = None
    manual: str = ""
    """Why the program waits for the runner; empty while it steers."""
    trim: Trim = field(default_factory=Trim)
    cap_bpm: float = inf
    """The cap in force: slides down where a step's cap is lower than the heart rate on entering it."""
    key_pulled: bool = False
    start_wrong: bool = False
    why: str = ""
    incline_allowed_pct: float | None = None
    """What the runner's model, at its most generous, allows at the cap; None outside climbs."""
    prediction: Points = ()
    """What the heart is expected to do in the next two minutes."""
    tally: Tally = field(default_factory=Tally)

    def but(self, **changes: Any) -> State:
        """This state with some fields changed: `dataclasses.replace` at a tenth of its cost, for every tick."""
        assert changes.keys() <= self.__dict__.keys(), changes.keys() - self.__dict__.keys()
        copy = object.__new__(State)
        copy.__dict__.update(self.__dict__)
        copy.__dict__.update(changes)
        return copy

    @property
    def command(self) -> Command:
        return self.verdict.command

    @property
    def begun(self) -> bool:
        return self.progress.elapsed_s > 0.0

    @property
    def standing(self) -> bool:
        """Seen standing by fresh feedback."""
        return self.belt.age_s <= 2.0 and self.belt.speed_kmh is not None and not self.belt.moving

    @property
    def steering(self) -> bool:
        return self.phase is Phase.RUNNING and not self.manual


def happen(state: State, happening: Happening) -> State | None:
    """The state after something happened, None where the table refuses it."""
    phase = follow(state.phase, happening, begun=state.begun)
    if phase is None:
        return None
    if phase is state.phase:
        return state
    return state.but(phase=phase, since_s=state.now_s, climber=None)


def facts(state: State, dt_s: float) -> Facts:
    """What the supervisor may look at."""
    pulse, belt = state.pulse, state.belt
    return Facts(
        now_s=state.now_s,
        dt_s=dt_s,
        ours=state.ours,
        heart_age_s=pulse.age_s,
        heart_frozen=pulse.frozen,
        heart_doubtful=pulse.doubtful,
        hr_bpm=pulse.median_bpm,
        cap_bpm=state.cap_bpm if state.cap_bpm < inf else 230.0,
        feedback_age_s=belt.age_s,
        speed_kmh=belt.speed_kmh,
        incline_pct=belt.incline_pct,
        standing_s=belt.standing_s,
        start_pending=not state.watch.moved and state.now_s - state.acted_at_s < START_S,
        relinked=belt.relinked,
        excess_kmh=belt.excess_kmh,
        unfollowed_s=belt.unfollowed_s,
        slowing_ignored_s=belt.slowing_ignored_s,
        rising_ignored_s=belt.rising_ignored_s,
        lowering_ignored_s=belt.lowering_ignored_s,
        key_pulled=state.key_pulled,
        start_wrong=state.start_wrong,
        session_s=state.progress.elapsed_s if state.phase in RUNNING else 0.0,
        incline_allowed_pct=state.incline_allowed_pct,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """A tick's result. The command to send is `state.command`."""

    state: State
    answers: tuple[Answer, ...] = ()
    notices: tuple[Notice, ...] = ()
