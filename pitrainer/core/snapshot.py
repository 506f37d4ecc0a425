"""A state as people see it: what the page, the record and the simulator show of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from pitrainer.core.engine import ARMED_S
from pitrainer.core.intents import allowed
from pitrainer.core.plan import Wanted, where
from pitrainer.core.state import Setup, State
from pitrainer.model import Action, Cause, Drive, Phase, Step, Verb


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Units in the names; None is unknown. Targets are what was really sent."""

    at_s: float
    phase: Phase
    action: Action
    causes: tuple[Cause, ...]
    hr_bpm: float | None
    hr_age_s: float
    zone: int | None
    cap_bpm: float | None
    incline_pct: float | None
    incline_target_pct: float | None
    speed_kmh: float | None
    speed_target_kmh: float | None
    elapsed_s: float
    distance_m: float
    ascent_m: float
    hr_mean_bpm: float | None
    hr_highest_bpm: float | None
    above_cap_s: float
    session: str | None
    step: Wanted | None
    step_number: int
    steps: int
    following: str
    manual: str
    arm_left_s: float | None
    why: str
    prediction: tuple[tuple[float, float], ...]
    """(seconds from now, bpm): what the heart is expected to do; empty while nobody asks."""
    can: tuple[Verb, ...]


def snapshot(setup: Setup, state: State) -> Snapshot:
    """The present moment in full."""
    plan, tally, command = state.plan, state.tally, state.command
    pulse, progress = state.pulse, state.progress
    step = None if plan is None else where(plan, progress)
    cap = None if step is None else min(step.step.cap_bpm or inf, setup.cap_bpm)
    return Snapshot(
        at_s=state.now_s,
        phase=state.phase,
        action=state.verdict.action,
        causes=_causes(state),
        hr_bpm=pulse.hr_bpm,
        hr_age_s=pulse.age_s,
        zone=None if pulse.hr_bpm is None else setup.athlete.zone(pulse.hr_bpm),
        cap_bpm=cap,
        incline_pct=state.belt.incline_pct,
        incline_target_pct=command.incline_pct,
        speed_kmh=state.belt.speed_kmh,
        speed_target_kmh=command.speed_kmh,
        elapsed_s=progress.elapsed_s,
        distance_m=progress.distance_m,
        ascent_m=progress.ascent_m,
        hr_mean_bpm=tally.hr_sum / tally.hr_s if tally.hr_s else None,
        hr_highest_bpm=tally.highest_bpm,
        above_cap_s=tally.above_cap_s,
        session=None if plan is None else plan.name,
        step=step,
        step_number=0 if plan is None else min(progress.index + 1, len(plan.steps)),
        steps=0 if plan is None else len(plan.steps),
        following=_following(state),
        manual=state.manual,
        arm_left_s=max(0.0, ARMED_S - (state.now_s - state.since_s)) if state.phase is Phase.ARMED else None,
        why=state.why,
        prediction=state.prediction,
        can=allowed(setup, state),
    )


def in_words(step: Step) -> str:
    """A step in a few words: `Down: 1 %, 4.5 km/h`."""
    low, high = step.incline_pct
    incline = f"{low:g} %" if low == high else f"{low:g} to {high:g} %"
    if step.drive is Drive.CLIMB:
        incline = f"up to {high:g} %"
    speed = "" if step.speed_kmh is None else f", {step.speed_kmh[1]:g} km/h"
    return f"{step.name}: {incline}{speed}"


def _following(state: State) -> str:
    if state.plan is None or state.progress.index + 1 >= len(state.plan.steps):
        return ""
    return in_words(state.plan.steps[state.progress.index + 1])


def _causes(state: State) -> tuple[Cause, ...]:
    causes = tuple(sorted(state.verdict.causes, key=lambda cause: -cause.action))
    if state.manual:
        causes = (Cause("manual", Action.HOLD, state.manual), *causes)
    return causes
