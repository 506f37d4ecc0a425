"""What each wish of a person does to the session, or why it cannot be done now.

STOP is never refused and never toggles. Whatever is refused says what is missing, in words for the phone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pitrainer.core import safety
from pitrainer.core.belt import accept_link
from pitrainer.core.climb import seed
from pitrainer.core.phases import Happening
from pitrainer.core.plan import Progress, infeasible, onward, where
from pitrainer.core.policy import is_incline, is_speed
from pitrainer.core.state import Setup, State, Tally, Trim, happen
from pitrainer.model import Action, Drive, Intent, Phase, Verb

HEART_READY_S = 5.0


class RefusedError(Exception):
    """Why an intent cannot be done now, in words for a person."""


def obey(setup: Setup, state: State, intent: Intent) -> State:
    """The state after this intent. Raises RefusedError."""
    return _DEEDS[intent.verb](setup, state, intent)


def allowed(setup: Setup, state: State) -> tuple[Verb, ...]:
    """The verbs that would be accepted now (of NUDGE: some of them)."""
    trials = (Intent(verb, plan=state.plan) for verb in Verb if verb not in (Verb.LOAD, Verb.STOP))
    return (
        Verb.STOP,
        *([Verb.LOAD] if _may_load(state) else []),
        *(t.verb for t in trials if _would(setup, state, t)),
    )


def _would(setup: Setup, state: State, intent: Intent) -> bool:
    try:
        obey(setup, state, intent)
    except RefusedError:
        return False
    return True


def _may_load(state: State) -> bool:
    return state.phase in (Phase.IDLE, Phase.DONE, Phase.PAUSED) and not state.ours


def _load(setup: Setup, state: State, intent: Intent) -> State:
    if intent.plan is None:
        raise RefusedError("no such session")
    if not _may_load(state):
        raise RefusedError("a session is running: stop it first")
    reason = infeasible(intent.plan, setup.limits, setup.user)
    if reason:
        raise RefusedError(f"{intent.plan.name}: {reason}")
    return _afresh(state.but(phase=Phase.IDLE, since_s=state.now_s, plan=intent.plan))


def _afresh(state: State) -> State:
    return state.but(progress=Progress(), tally=Tally(), trim=Trim(), manual="", why="", climber=None, bank=None,
        memory=safety.acknowledge(state.memory),
    )  # fmt: skip


def _arm(setup: Setup, state: State, intent: Intent) -> State:
    if state.plan is None:
        raise RefusedError("choose a session first")
    armed = happen(state, Happening.ARM)
    if armed is None or state.ours:
        raise RefusedError("the belt is still ours: wait until it stands")
    if state.belt.age_s > 2.0:
        raise RefusedError("no word from the treadmill: is it on, and in reach?")
    if not state.standing:
        raise RefusedError("the belt must stand still first")
    if state.pulse.age_s > HEART_READY_S:
        raise RefusedError("no heart rate: put the strap on and wait for the number")
    if state.pulse.doubtful:
        raise RefusedError("the heart rate has just jumped: wait a minute, or check the strap")
    if state.phase is not Phase.PAUSED:
        armed = _afresh(armed)
    return armed.but(
        memory=safety.acknowledge(state.memory),
        watch=accept_link(state.watch),
        key_pulled=False,
        start_wrong=False,
        manual="",
    )


def _start(setup: Setup, state: State, intent: Intent) -> State:
    if state.phase is not Phase.ARMED:
        raise RefusedError("arm the session first")
    if not setup.limits.page_start:
        raise RefusedError("press START on the treadmill")
    return begin(state, by_page=True)


def begin(state: State, *, by_page: bool) -> State:
    """The second act: the belt may move from now on."""
    started = happen(state, Happening.ACT)
    assert started is not None
    return started.but(ours=True, by_page=by_page, acted_at_s=state.now_s)


def _stop(setup: Setup, state: State, intent: Intent) -> State:
    return happen(state, Happening.STOP) or state


def _disarm(setup: Setup, state: State, intent: Intent) -> State:
    if state.phase is not Phase.ARMED:
        raise RefusedError("nothing is armed")
    return happen(state, Happening.DISARM) or state


def _pause(setup: Setup, state: State, intent: Intent) -> State:
    paused = happen(state, Happening.PAUSE)
    if paused is None:
        raise RefusedError("nothing is running")
    return paused


def _skip(setup: Setup, state: State, intent: Intent) -> State:
    if state.phase is not Phase.RUNNING:
        raise RefusedError("nothing is running")
    return next_step(state)


def next_step(state: State) -> State:
    """The beginning of the next step, or DONE after the last one."""
    steps = len(state.plan.steps) if state.plan else 0
    progress = onward(state.progress)
    trim = replace(state.trim, incline_once_pct=0.0, speed_once_kmh=0.0)
    state = state.but(progress=progress, climber=None, trim=trim)
    return state if progress.index < steps else happen(state, Happening.FINISHED) or state


def _nudge(setup: Setup, state: State, intent: Intent) -> State:
    if state.phase is not Phase.RUNNING or state.plan is None:
        raise RefusedError("nothing is running")
    if not (is_incline(intent.incline_pct) and is_speed(intent.speed_kmh)):
        raise RefusedError("that is no incline or speed that a treadmill has")
    harder = (intent.incline_pct is not None and intent.incline_pct > state.memory.incline_pct) or (
        intent.speed_kmh is not None and intent.speed_kmh > state.memory.speed_kmh
    )
    if harder and state.verdict.action >= Action.HOLD:
        raise RefusedError(max(state.verdict.causes, key=lambda cause: cause.action).text)
    if state.manual:
        state = _take_back(setup, state)
    if intent.incline_pct is not None:
        state = _nudge_incline(setup, state, intent.incline_pct)
    return state if intent.speed_kmh is None else _nudge_speed(setup, state, intent.speed_kmh)


def _nudge_incline(setup: Setup, state: State, incline_pct: float) -> State:
    limits = setup.envelope
    value = min(max(incline_pct, limits.incline_min_pct), limits.incline_max_pct)
    assert state.plan is not None
    wanted = where(state.plan, state.progress)
    if wanted.step.drive is Drive.CLIMB:
        memory = safety.rebase(state.memory, state.now_s, value, state.pulse.median_bpm)
        return state.but(climber=seed(state.now_s, value), memory=memory)
    offset = value - (wanted.incline_pct or 0.0)
    lasting, once = (offset, 0.0) if offset < 0 else (0.0, offset)
    return state.but(trim=replace(state.trim, incline_pct=lasting, incline_once_pct=once))


def _nudge_speed(setup: Setup, state: State, speed_kmh: float) -> State:
    limits = setup.envelope
    assert state.plan is not None
    wanted = where(state.plan, state.progress)
    if wanted.speed_kmh is None:
        raise RefusedError("this session leaves the speed to you: use the treadmill's own buttons")
    offset = min(max(speed_kmh, limits.speed_min_kmh), limits.speed_max_kmh) - wanted.speed_kmh
    lasting, once = (offset, 0.0) if offset < 0 else (0.0, offset)
    return state.but(trim=replace(state.trim, speed_kmh=lasting, speed_once_kmh=once))


def _take_back(setup: Setup, state: State) -> State:
    """The runner returns from the console: what stands there becomes the trim, so that nothing jumps."""
    state = state.but(manual="", climber=None)
    if state.belt.incline_pct is not None:
        state = _nudge_incline(setup, state, state.belt.incline_pct)
    assert state.plan is not None
    if state.belt.speed_kmh is not None and where(state.plan, state.progress).speed_kmh is not None:
        state = _nudge_speed(setup, state, state.belt.speed_kmh)
    return state


def _continue(setup: Setup, state: State, intent: Intent) -> State:
    if state.phase is Phase.RUNNING and state.manual:
        return state.but(manual="", climber=None)
    resumed = happen(state, Happening.CONTINUE)
    if resumed is None:
        raise RefusedError("there is nothing to continue")
    if state.verdict.acts("heart_lost"):
        raise RefusedError("no heart rate yet: it must be back for 10 seconds")
    return resumed


def _acknowledge(setup: Setup, state: State, intent: Intent) -> State:
    cleared = happen(state, Happening.ACKNOWLEDGE)
    if cleared is None:
        raise RefusedError("there is no fault")
    if not state.standing:
        raise RefusedError("the belt must be seen standing still first")
    return cleared.but(memory=safety.acknowledge(state.memory), watch=accept_link(state.watch),
        key_pulled=False, start_wrong=False, ours=False, manual="",
    )  # fmt: skip


_DEEDS: dict[Verb, Callable[[Setup, State, Intent], State]] = {
    Verb.LOAD: _load,
    Verb.ARM: _arm,
    Verb.DISARM: _disarm,
    Verb.START: _start,
    Verb.PAUSE: _pause,
    Verb.STOP: _stop,
    Verb.SKIP: _skip,
    Verb.NUDGE: _nudge,
    Verb.CONTINUE: _continue,
    Verb.ACKNOWLEDGE: _acknowledge,
}
