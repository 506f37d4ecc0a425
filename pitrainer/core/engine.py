"""One tick: heart -> machine -> people -> plan -> climb -> safety -> command. Pure, tens of microseconds.

`advance(setup, state, inputs, now)` takes the mailboxes and gives the next state, whose `command` is what the
supervisor let through, with answers for people and notices for the record. It raises nothing on any input values;
whoever drives it (the service, the simulator) only carries bytes and keeps the beat.
"""

from __future__ import annotations

from math import inf

from pitrainer.core import belt as belts
from pitrainer.core import heart as hearts
from pitrainer.core import safety
from pitrainer.core.asking import allowed_pct, ask_of, watched_heart
from pitrainer.core.climb import Points, steer
from pitrainer.core.intents import RefusedError, begin, next_step, obey
from pitrainer.core.metabolism import steepest_pct
from pitrainer.core.phases import Happening
from pitrainer.core.plan import Wanted, ended, where
from pitrainer.core.plan import advance as count
from pitrainer.core.state import RUNNING, START_S, Inputs, Outcome, Setup, State, Tally, facts, happen
from pitrainer.model import (
    Action,
    Answer,
    Belt,
    Drive,
    Intent,
    MachineEvent,
    MachineSays,
    Notice,
    Phase,
    Verb,
)

ARMED_S = 60.0
FIRST_S = 3.0
"""The first, slowest speed is held for this long."""
CHECK_WITHIN_S = 8.0
CHECK_SPAN = (0.7, 1.3)
COOLING_S = 300.0
CAP_SLIDE_BPM_S = 0.25
STOPPED_S = 1.0
UNFOLLOWED_S = 3.0

Notices = tuple[Notice, ...]


def advance(setup: Setup, state: State, inputs: Inputs, now_s: float) -> Outcome:
    """The next state at `now_s` (monotonic seconds)."""
    dt = now_s - state.now_s
    state = _sense(setup, state, inputs, now_s, dt)
    before = state
    state, told = _machine_said(setup, state, inputs.events)
    state, answers = _people_said(setup, state, inputs.intents)
    state, moved = _follow_belt(setup, state)
    state, stepped = _follow_plan(setup, state, dt)
    if not state.steering and (state.why or state.prediction):
        state = state.but(why="", prediction=())
    state, wish = _wish(setup, state)
    state, judged = _judge(setup, state, wish, dt)
    return Outcome(state, answers, (*told, *moved, *stepped, *judged, *_changed(before, state)))


def _sense(setup: Setup, state: State, inputs: Inputs, now_s: float, dt_s: float) -> State:
    watch, facts = belts.observe(state.watch, inputs.feedback, now_s, max(dt_s, 0.0), setup.limits)
    heart = state.heart
    if inputs.beat is not None and inputs.beat is not heart.beat:
        heart = hearts.hear(heart, inputs.beat, now_s, moving=facts.moving)
    rolling_since = (state.rolling_since_s if state.rolling_since_s < inf else now_s) if facts.moving else inf
    state = state.but(now_s=now_s, heart=heart, pulse=hearts.pulse(heart, now_s), watch=watch, belt=facts,
        rolling_since_s=rolling_since,
    )  # fmt: skip
    bank = watched_heart(setup, state)
    return state if bank is state.bank else state.but(bank=bank)


def _machine_said(setup: Setup, state: State, events: tuple[MachineEvent, ...]) -> tuple[State, Notices]:
    notices: Notices = ()
    for event in events:
        state, said = _one_event(setup, state, event)
        notices += said
    return state, notices


def _one_event(setup: Setup, state: State, event: MachineEvent) -> tuple[State, Notices]:
    says = event.says
    if says is MachineSays.STARTED and state.phase is Phase.ARMED:
        return begin(state, by_page=False), (Notice("started", "Started at the treadmill."),)
    if says is MachineSays.SAFETY_KEY:
        state = state.but(key_pulled=state.ours or state.key_pulled)
        return happen(state, Happening.DISARM) or state, ()
    if says in (MachineSays.STOPPED, MachineSays.PAUSED):
        halted = happen(state, Happening.PAUSE) or happen(state, Happening.DISARM)
        return (halted, (Notice("console_stop", "Stopped at the treadmill."),)) if halted else (state, ())
    if says in (MachineSays.CONTROL_LOST, MachineSays.CONTROL_REFUSED):
        if state.phase is Phase.STARTING:
            return happen(state, Happening.DISARM) or state, (Notice("refused", "The treadmill refused control."),)
        return _let_go(state, "The treadmill took its control back: the program waits for you.")
    if says in (MachineSays.SPEED_SET, MachineSays.INCLINE_SET):
        state = state.but(watch=belts.announced(state.watch, event))
        if state.phase is Phase.STARTING and not _preset(setup, event):
            return state, ()
        return _let_go(state, "You changed it at the treadmill: the program waits for you.")
    return state, ()


def _preset(setup: Setup, event: MachineEvent) -> bool:
    """Is this more than the speed that belts start with by themselves?"""
    most = setup.limits.speed_min_kmh + belts.RUNAWAY_KMH
    return event.says is MachineSays.SPEED_SET and event.value is not None and event.value > most


def _let_go(state: State, why: str) -> tuple[State, Notices]:
    if state.phase not in RUNNING or state.manual:
        return state, ()
    state = state.but(manual=why, climber=None, watch=belts.adopt(state.watch))
    return state, (Notice("console", why),)


def _people_said(setup: Setup, state: State, intents: tuple[Intent, ...]) -> tuple[State, tuple[Answer, ...]]:
    answers: tuple[Answer, ...] = ()
    for intent in sorted(intents, key=lambda one: one.verb is Verb.STOP):
        try:
            state = obey(setup, state, intent)
        except RefusedError as refusal:
            answers += (Answer(intent.id, False, str(refusal)),)
        else:
            answers += (Answer(intent.id, True),)
    return state, answers


def _follow_belt(setup: Setup, state: State) -> tuple[State, Notices]:
    """What the belt's own behaviour means for the phase."""
    belt, waited = state.belt, state.now_s - state.since_s
    if state.phase is Phase.ARMED:
        if belt.moving:
            return begin(state, by_page=False), (Notice("started", "Started at the treadmill."),)
        if belt.relinked:
            return happen(state, Happening.DISARM) or state, (Notice("disarmed", "The treadmill's link broke."),)
        if waited > ARMED_S:
            return happen(state, Happening.DISARM) or state, (Notice("disarmed", "Not started within 60 s."),)
    if state.phase is Phase.STARTING:
        return _check_start(setup, state, waited)
    if state.phase in (Phase.RUNNING, Phase.COOLING):
        if belt.standing_s > STOPPED_S:
            return happen(state, Happening.PAUSE) or state, (Notice("console_stop", "Stopped at the treadmill."),)
        if belt.console_speed_kmh is not None or belt.console_incline_pct is not None:
            return _let_go(state, "You changed it at the treadmill: the program waits for you.")
        if belt.unfollowed_s > UNFOLLOWED_S:
            return _let_go(state, "The treadmill does not follow: the program waits for you.")
    return state, ()


def _check_start(setup: Setup, state: State, waited_s: float) -> tuple[State, Notices]:
    rolled = state.now_s - state.rolling_since_s
    if state.watch.moved and state.belt.standing_s > STOPPED_S:
        return happen(state, Happening.PAUSE) or state, (Notice("console_stop", "Stopped at the treadmill."),)
    if rolled < 0.0 and waited_s > START_S:
        return happen(state, Happening.DISARM) or state, (Notice("no_start", "The belt did not start."),)
    if rolled < FIRST_S + setup.limits.latency_s or state.belt.age_s > 2.0:
        return state, ()
    ordered, measured = state.command.speed_kmh, state.belt.speed_kmh or 0.0
    if ordered is None or CHECK_SPAN[0] * ordered <= measured <= CHECK_SPAN[1] * ordered:
        return happen(state, Happening.CHECKED) or state, ()
    return (state.but(start_wrong=True) if rolled > CHECK_WITHIN_S + setup.limits.latency_s else state), ()


def _follow_plan(setup: Setup, state: State, dt_s: float) -> tuple[State, Notices]:
    plan = state.plan
    if state.phase not in RUNNING or plan is None:
        return state, ()
    state = _count(state, min(max(dt_s, 0.0), 1.0))
    notices: Notices = ()
    if state.phase is Phase.COOLING and state.now_s - state.since_s > COOLING_S:
        state = happen(state, Happening.FINISHED) or state
    elif state.steering and ended(where(plan, state.progress).step, state.progress, state.pulse.mean_bpm):
        state = next_step(state)
        if state.phase is Phase.RUNNING:
            notices = (Notice("step_started", where(plan, state.progress).step.name),)
    return _slide_cap(setup, state, max(dt_s, 0.0)), notices


def _count(state: State, dt_s: float) -> State:
    speed = state.belt.speed_kmh or 0.0
    progress = count(state.progress, dt_s, speed, state.belt.incline_pct or 0.0, steering=state.steering)
    bpm, tally = state.pulse.hr_bpm, state.tally
    if bpm is not None:
        over = dt_s if state.pulse.median_bpm is not None and state.pulse.median_bpm > state.cap_bpm else 0.0
        highest = bpm if tally.highest_bpm is None else max(tally.highest_bpm, bpm)
        tally = Tally(tally.hr_s + dt_s, tally.hr_sum + bpm * dt_s, highest, tally.above_cap_s + over)
    return state.but(progress=progress, tally=tally)


def _slide_cap(setup: Setup, state: State, dt_s: float) -> State:
    """A lower cap than the heart is at now is reached by sliding, or every step down would be a fault."""
    cap = setup.cap_bpm
    if state.plan is not None and state.phase is Phase.RUNNING and state.progress.index < len(state.plan.steps):
        cap = min(cap, state.plan.steps[state.progress.index].cap_bpm or inf)
    if cap < state.cap_bpm:
        from_bpm = min(state.cap_bpm, max(cap, state.pulse.median_bpm or cap))
        cap = max(cap, from_bpm - CAP_SLIDE_BPM_S * dt_s)
    return state if cap == state.cap_bpm else state.but(cap_bpm=cap)


def _wish(setup: Setup, state: State) -> tuple[State, safety.Wish]:
    if state.phase not in RUNNING and not state.ours:
        return state, safety.Wish(Belt.LEAVE)
    if state.phase is Phase.COOLING and not state.manual:
        return state, safety.Wish(Belt.RUN, min(state.memory.speed_kmh, safety.WALK_KMH), 0.0)
    if state.phase not in RUNNING or state.plan is None:
        return state, safety.Wish(Belt.STOP)
    wanted = where(state.plan, state.progress)
    if state.phase is Phase.STARTING:
        theirs = wanted.speed_kmh is None or (state.manual and state.watch.moved)
        # a belt that has moved and stands again was stopped by somebody: it is not started again
        start = state.by_page and not state.watch.moved
        return state, safety.Wish(Belt.START if start else Belt.RUN, None if theirs else setup.limits.speed_min_kmh)
    if state.manual:
        return state, safety.Wish(Belt.RUN)
    return _steer(setup, state, wanted)


def _steer(setup: Setup, state: State, wanted: Wanted) -> tuple[State, safety.Wish]:
    trim, why, climber = state.trim, "", None
    prediction: Points = ()
    allowed = None
    speed = wanted.speed_kmh
    if speed is not None:
        speed = max(speed + trim.speed_kmh + trim.speed_once_kmh, setup.limits.speed_min_kmh)
    incline = wanted.incline_pct
    if wanted.step.drive is Drive.CLIMB:
        climber, advice = steer(state.climber, ask_of(setup, state, wanted))
        incline, why, prediction = advice.incline_pct, advice.why, advice.prediction
        speed = speed if advice.speed_kmh is None else advice.speed_kmh
        allowed = allowed_pct(setup, state, wanted)
    elif incline is not None:
        incline = incline + trim.incline_pct + trim.incline_once_pct
    oxygen = setup.athlete.vo2max_ml_kg_min
    steepest = inf if oxygen is None else steepest_pct(speed or state.belt.speed_kmh or 0.0, oxygen)
    wish = safety.Wish(Belt.RUN, speed, incline, wanted.step.drive is Drive.CLIMB, steepest)
    return state.but(climber=climber, why=why, prediction=prediction, incline_allowed_pct=allowed), wish


def _judge(setup: Setup, state: State, wish: safety.Wish, dt_s: float) -> tuple[State, Notices]:
    memory, verdict = safety.review(state.memory, wish, facts(state, dt_s), setup.envelope)
    watch = belts.command_sent(state.watch, verdict.command, state.now_s)
    resting = verdict.command.belt is Belt.LEAVE and state.phase not in RUNNING
    state = state.but(memory=memory, verdict=verdict, watch=watch, ours=state.ours and not resting)
    if verdict.latched and state.phase is not Phase.FAULT:
        tripped = happen(state, Happening.TRIP)
        worst = max(verdict.causes, key=lambda cause: cause.action)
        return tripped or state, (Notice("fault", worst.text),)
    if verdict.action is Action.STOP and state.phase in RUNNING:
        return happen(state, Happening.PAUSE) or state, (Notice("stopped", verdict.causes[-1].text),)
    if state.phase is Phase.RUNNING and verdict.acts("heart_gone"):
        return happen(state, Happening.HEART_GONE) or state, ()
    return state, ()


def _changed(before: State, after: State) -> Notices:
    """Notices for what the record and the phone want to know of causes and phases."""
    old = {cause.name for cause in before.verdict.causes}
    notices = tuple(Notice(cause.name, cause.text) for cause in after.verdict.causes if cause.name not in old)
    gone = old - {cause.name for cause in after.verdict.causes}
    notices += tuple(Notice(f"{name}_over") for name in sorted(gone))
    if before.phase is not after.phase:
        notices += (Notice("phase", after.phase.value),)
    return notices
