"""One run of one controller on one course: ours through the real engine and supervisor, others in a light loop.

Ours runs the loop of `simulate`, with two eyes more: a row a second of the truth, and a runner who lets the program
continue 20 s after using the console. A hold is a climb step with a target, or with a cap so far above the target as
a controller aims below a cap. The others are called once a second with what the strap reported and what the machine
measures; their set-points go to the same kind of machine. The oracle knows the heart and holds it, without
variability and without delay, exactly at the cap.
"""

from __future__ import annotations

from dataclasses import replace
from math import hypot

from pitrainer.core.heartstep import HeartStep
from pitrainer.core.learned import LearnedHeart
from pitrainer.core.observer import learned_from
from pitrainer.core.state import Setup
from pitrainer.model import Drive, Intent, Phase, Plan, Step, UserLimits, Verb
from pitrainer.sim.faults import Fault, FaultKind, LyingStrap
from pitrainer.sim.hearts import OxygenHeart
from pitrainer.sim.peers import Aim, Ask, Law, Peer
from pitrainer.sim.population import PersonRunner
from pitrainer.sim.session import Runner, Treadmill, _limits, _Rehearsal
from pitrainer.sim.tasks import MARGIN_BPM, WARM_S, Course, Trace

CONTINUE_AFTER_S = 20.0
TARGET_ROOM_BPM = 8.0
"""A step with a target of its own has its cap this far above, more than any margin below a cap."""
SLOWEST_HIKE_KMH = 3.0
OTHER_DAY = 1000
PEER_SPEEDS_KMH = (2.0, 12.0)
ORACLE_S = 5.0
"""How fast the oracle closes gaps."""
OURS_BEGINS_S = 321.0
"""When the task begins on the strap's clock in our session: 5 s worn, start and check of the belt, warm-up."""


def run_ours(course: Course) -> Trace:
    """The real engine and supervisor, meeting this person for the first time."""
    return run_session(course, None)[0]


def run_fixed_speed(course: Course) -> Trace:
    """Ours, with the belt at the usual speed whatever the task allows."""
    return run_ours(replace(course, task=replace(course.task, free_speed=False)))


def run_second(course: Course) -> Trace:
    """Ours, knowing what another day of this person has taught it."""
    _, learned = run_session(replace(course, seed=course.seed + OTHER_DAY), None)
    return run_session(course, learned)[0]


def run_session(course: Course, learned: LearnedHeart | None) -> tuple[Trace, LearnedHeart | None]:
    """One session with the real engine and supervisor; what it has learned comes with its trace."""
    runner, machine = course.runner(), course.treadmill()
    user = UserLimits(machine.speed_max_kmh, machine.incline_max_pct)
    setup = Setup(course.person.athlete(), _limits(machine), user, learned)
    strap: Runner = LyingStrap(runner, course.faults) if course.faults else runner
    watched = _Watched(setup, strap, machine, course, runner)
    watched.run(plan_of(course))
    bank = watched.state.bank
    return watched.trace, None if bank is None else learned_from(bank, learned)


def plan_of(course: Course) -> Plan:
    """The course as a session."""
    speed = (course.person.speed_kmh, course.person.speed_kmh)
    warm = Step("Warm up", Drive.FIXED, (course.start_pct, course.start_pct), speed, for_s=WARM_S)
    legs = (_climb(course, number, speed) for number in range(len(course.targets_bpm)))
    return Plan(course.task.name, (warm, *legs))


def _climb(course: Course, number: int, speed: tuple[float, float]) -> HeartStep:
    leg, bpm = course.task.legs[number], course.targets_bpm[number]
    capped = course.task.capped
    return HeartStep(
        f"{leg.share:.0%}",
        Drive.CLIMB,
        course.person.incline_pct,
        speed,
        for_s=leg.for_s,
        cap_bpm=bpm if capped else bpm + TARGET_ROOM_BPM,
        target_bpm=None if capped else bpm,
        speed_range_kmh=(min(SLOWEST_HIKE_KMH, speed[0]), speed[0]) if course.task.free_speed else None,
    )


class _Watched(_Rehearsal):
    """A session whose truth is written down from the task's first second to its last."""

    def __init__(self, setup: Setup, strap: Runner, treadmill: Treadmill, course: Course, runner: PersonRunner) -> None:
        super().__init__(setup, strap, treadmill)
        self.trace, self.course, self.person = Trace(), course, runner
        self.waits_since_s: float | None = None
        self.told = (course.person.speed_kmh, course.start_pct)

    def tick(self, now_s: float, intents: tuple[Intent, ...]) -> None:
        super().tick(now_s, (*intents, *self._continue(now_s)))
        if now_s % 1.0 == 0.0 and self.state.progress.index >= 1:
            self._write(now_s)

    def over(self) -> bool:
        return len(self.trace.true_bpm) >= self.course.seconds or super().over()

    def _continue(self, now_s: float) -> tuple[Intent, ...]:
        state = self.state
        if not state.manual and state.phase is not Phase.COOLING:
            self.waits_since_s = None
            return ()
        self.waits_since_s = now_s if self.waits_since_s is None else self.waits_since_s
        ready = now_s - self.waits_since_s >= CONTINUE_AFTER_S and not state.verdict.acts("heart_lost")
        finished = state.plan is None or state.progress.index >= len(state.plan.steps)
        return (Intent(Verb.CONTINUE),) if ready and not finished else ()

    def _write(self, now_s: float) -> None:
        command = self.state.command
        speed = self.told[0] if command.speed_kmh is None else command.speed_kmh
        incline = self.told[1] if command.incline_pct is None else command.incline_pct
        self.told = (speed, incline)
        reported = self.beat.hr_bpm if self.beat is not None and self.beat.at_s == now_s else None
        _row(self.trace, self.person, self.treadmill, self.told, reported)
        if self.state.phase in (Phase.PAUSED, Phase.FAULT) and not self.trace.ended:
            self.trace.ended = "; ".join(cause.text for cause in self.state.verdict.causes) or self.state.phase.value


def run_law(course: Course, law: Law) -> Trace:
    """Another law, on the same person, day and machine."""
    runner, machine = course.runner(), course.treadmill()
    strap: Runner = LyingStrap(runner, course.faults) if course.faults else runner
    machine.speed_kmh, machine.incline_pct = course.person.speed_kmh, course.start_pct
    machine.apply(machine.speed_kmh, machine.incline_pct)
    peer, trace = law.make(_ask(course)), Trace()
    sent = peer.at.both()
    begins = round(OURS_BEGINS_S)
    for second in range(-begins, course.seconds):
        machine.step(1.0)
        reported = strap.step(1.0, machine.speed_kmh, machine.incline_pct)
        if second >= 0:
            _adopt_console(peer, course.faults, second + begins + 1.0, machine)
            peer.aim = Aim(_target(course, course.leg_at(second)))
            told = peer.decide(float(second), reported, machine.speed_kmh, machine.incline_pct)
            if told != sent:
                machine.apply(*told)
                sent = told
            _row(trace, runner, machine, (machine.told_kmh, machine.told_pct), reported)
    return trace


def _ask(course: Course) -> Ask:
    person = course.person
    return Ask(
        athlete=person.athlete(),
        target_bpm=_target(course, 0),
        speed_kmh=person.speed_kmh,
        incline_pct=course.start_pct,
        speed_range_kmh=PEER_SPEEDS_KMH,
        incline_range_pct=person.incline_pct,
        incline_step_pct=course.case.lift_step_pct,
    )


def _target(course: Course, leg: int) -> float:
    return course.targets_bpm[leg] - (MARGIN_BPM if course.task.capped else 0.0)


def _adopt_console(peer: Peer, faults: tuple[Fault, ...], strap_s: float, machine: Treadmill) -> None:
    """Three seconds after a hand was at the console a law goes on from what the machine then measures."""
    for fault in faults:
        if fault.kind is FaultKind.CONSOLE and fault.from_s + 3.0 <= strap_s < fault.from_s + 4.0:
            peer.at.adopt(strap_s - OURS_BEGINS_S - 1.0, machine.speed_kmh, machine.incline_pct)


def _row(
    trace: Trace, runner: PersonRunner, machine: Treadmill, told: tuple[float, float], reported: float | None
) -> None:
    trace.true_bpm.append(runner.true_bpm)
    trace.noise_bpm.append(runner.noise_bpm)
    trace.strap_bpm.append(reported)
    trace.speed_kmh.append(machine.speed_kmh)
    trace.incline_pct.append(machine.incline_pct)
    trace.told_kmh.append(told[0])
    trace.told_pct.append(told[1])


def oracle_ascent_m(course: Course) -> float:
    """Metres climbed in the task by whoever knows this heart: no variability, no delay, exactly at the cap."""
    person = course.person
    heart = OxygenHeart(replace(person.heart, delay_s=0.0))
    heart.settle(person.oxygen(person.speed_kmh, course.start_pct, person.gait))
    incline, climbed = course.start_pct, 0.0
    for _ in range(WARM_S):
        heart.step(1.0, person.oxygen(person.speed_kmh, incline, person.gait))
    for second in range(course.seconds):
        wanted = _oracle_pct(course, heart, course.targets_bpm[course.leg_at(second)])
        incline = min(max(wanted, incline - person.lift_pct_s), incline + person.lift_pct_s)
        heart.step(1.0, person.oxygen(person.speed_kmh, incline, person.gait))
        climbed += ascent_m(person.speed_kmh, incline)
    return climbed


def ascent_m(speed_kmh: float, incline_pct: float) -> float:
    """Metres climbed in a second."""
    grade = max(incline_pct, 0.0) / 100.0
    return speed_kmh / 3.6 * grade / hypot(1.0, grade)


def _oracle_pct(course: Course, heart: OxygenHeart, cap_bpm: float) -> float:
    """The grade whose steady heart rate, through the two lags backwards, brings the heart to the cap."""
    person, traits = course.person, heart.traits
    share = traits.share(person.oxygen(person.speed_kmh, course.start_pct, person.gait))
    slow_rate = (cap_bpm - heart.bpm) / ORACLE_S
    fast = heart.slow + traits.slow_s * (0.7 + 0.5 * max(share, 0.6)) * slow_rate
    steady = heart.fast + traits.fast_s * (fast - heart.fast) / ORACLE_S
    return _grade_for_steady(course, heart, min(steady, traits.hr_max_bpm))


def _grade_for_steady(course: Course, heart: OxygenHeart, steady_bpm: float) -> float:
    person, traits = course.person, heart.traits
    low, high = person.incline_pct
    for _ in range(14):
        middle = 0.5 * (low + high)
        share = traits.share(person.oxygen(person.speed_kmh, middle, person.gait) * (1.0 + heart.extra))
        low, high = (middle, high) if traits.steady_bpm(share) < steady_bpm else (low, middle)
    return 0.5 * (low + high)
