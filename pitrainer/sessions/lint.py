"""What `pitrainer check` says about a session beyond "it can be read".

Errors: a fixed incline or speed beyond what the machine can do or the owner allows; a cap that no living heart
meets. Warnings: things that work, but not as their writer thinks. A climb's upper bound beyond the limit is only
a warning, since it is a permission and not an order.

"Hard" is a leg that takes 80 % of the athlete's VO2max, or a climb; the next leg is easier when it insists on at
most 75 % of what the hard one insists on. A cool-down lasts at least 2 min and takes at most 60 % of the session's
greatest demand, or 30 % of VO2max. These shares are this project's own choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf

from pitrainer.config import DEFAULT_ATHLETE
from pitrainer.core.athlete import Athlete
from pitrainer.model import Drive, MachineLimits, Step, UserLimits
from pitrainer.sessions.estimate import asked, oxygen, step_s
from pitrainer.sessions.loader import Placed, load_session
from pitrainer.tomlfile import Path, Problem, Report, StrPath, in_order

HARD_SHARE, EASIER_SHARE = 0.8, 0.75
COOL_DOWN_SHARE, EASY_SHARE, COOL_DOWN_S = 0.6, 0.3, 120.0


def check(
    path: StrPath,
    *,
    athlete: Athlete | None = None,
    limits: MachineLimits | None = None,
    user: UserLimits | None = None,
) -> list[Problem]:
    """Every error and warning, in the order of the file's lines. Raises nothing. Without `limits` the lift is
    taken to be as slow as `MachineLimits()` says, and nothing is compared with a machine's ranges."""
    session, report = load_session(path, athlete=athlete)
    if session is None:
        return in_order(report.problems)
    look = _Look(report, athlete or DEFAULT_ATHLETE, limits, user)
    for place in dict.fromkeys(session.places):
        look.at_heart(*place)
        look.at_demand(*place)
        look.at_incline(*place)
        look.at_speed(*place)
    look.at_lift(session.places)
    look.at_recovery(session.places)
    look.at_cool_down(session.places)
    return in_order(report.problems)


@dataclass(frozen=True, slots=True)
class _Bound:
    """The narrowest upper limit, and in words whose it is."""

    most: float
    whose: str

    def __str__(self) -> str:
        return f"{self.whose} {self.most:g}"


def _narrowest(key: str, machine: MachineLimits | None, user: UserLimits | None) -> _Bound:
    bounds = [_Bound(inf, "")]
    if machine is not None:
        bounds.append(_Bound(getattr(machine, key), "the machine goes up to"))
    if user is not None:
        bounds.append(_Bound(getattr(user, key), "[limits] in the configuration allows"))
    return min(bounds, key=lambda bound: bound.most)


@dataclass(frozen=True, slots=True)
class _Look:
    report: Report
    athlete: Athlete
    limits: MachineLimits | None
    user: UserLimits | None

    def warn(self, path: Path, what: str) -> None:
        self.report.add(path, what, "warning")

    def at_heart(self, path: Path, step: Step) -> None:
        rest, most = self.athlete.hr_rest_bpm, self.athlete.hr_max
        cap, below, above = step.cap_bpm, step.until_hr_below_bpm, step.until_hr_above_bpm
        if cap is not None and cap <= rest:
            self.report.add((*path, "hr_max"), f"{cap:g} bpm is not above the resting heart rate ({rest:g})")
        if cap is not None and cap > most:
            self.warn((*path, "hr_max"), f"{cap:g} bpm is above HRmax ({most:g}): the cap will be {most:g}")
        if below is not None and below <= rest:
            self.warn((*path, "until_hr_below"), f"{below:g} bpm is never reached: it is at rest ({rest:g}) or below")
        ceiling = most if cap is None else min(cap, most)
        if above is not None and above >= ceiling:
            self.warn((*path, "until_hr_above"), f"{above:g} bpm is never reached: the cap is {ceiling:g}")

    def at_demand(self, path: Path, step: Step) -> None:
        demand, most = asked(step), self.athlete.vo2max
        if demand > most and step.cap_bpm is None:
            what = f"asks for about {demand:.0f} ml O2/kg/min and the athlete has {most:.0f}; add hr_max, or ease it"
            self.warn(path, what)

    def at_incline(self, path: Path, step: Step) -> None:
        machine, bound = self.limits, _narrowest("incline_max_pct", self.limits, self.user)
        low, high = min(step.incline_pct), max(step.incline_pct)
        insists = low if step.drive is Drive.CLIMB else high
        if insists > bound.most:
            self.report.add((*path, "incline"), f"{insists:g} % is too steep: {bound} %")
        elif high > bound.most:
            self.warn((*path, "incline"), f"the climb may use {high:g} %, but {bound} %")
        if machine is not None and low < machine.incline_min_pct:
            flattest = machine.incline_min_pct
            self.warn((*path, "incline"), f"{low:g} % will be {flattest:g} %: the machine goes no lower")

    def at_speed(self, path: Path, step: Step) -> None:
        machine, bound = self.limits, _narrowest("speed_max_kmh", self.limits, self.user)
        low, high = min(step.speed_kmh or (inf,)), max(step.speed_kmh or (0.0,))
        if high > bound.most:
            self.report.add((*path, "speed"), f"{high:.3g} km/h is too fast: {bound} km/h")
        if machine is not None and low < machine.speed_min_kmh:
            what = f"{low:.3g} km/h is too slow: the machine's slowest is {machine.speed_min_kmh:g} km/h"
            self.report.add((*path, "speed"), what)

    def at_lift(self, places: tuple[Placed, ...]) -> None:
        """Does the lift get there before the step is over? A climb may hand over at its highest."""
        rate = (self.limits or MachineLimits()).incline_rate_pct_s
        standing_pct = 0.0
        for path, step in places:
            start, end = step.incline_pct
            way_pct = abs(start - standing_pct) + (abs(end - start) if step.drive is Drive.RAMP else 0.0)
            if way_pct / rate > step_s(step):
                self.warn(path, f"lasts {step_s(step):.0f} s, but the lift needs {way_pct / rate:.0f} s")
            standing_pct = end

    def at_recovery(self, places: tuple[Placed, ...]) -> None:
        """Two hard legs in a row leave no time to recover."""
        for (_, step), (path, following) in pairwise(places):
            if self.hard(step) and self.hard(following) and asked(following) > EASIER_SHARE * asked(step):
                self.warn(path, "follows a hard leg and is hard too; put an easier leg between them")

    def hard(self, step: Step) -> bool:
        return step.drive is Drive.CLIMB or _mean(step) >= HARD_SHARE * self.athlete.vo2max

    def at_cool_down(self, places: tuple[Placed, ...]) -> None:
        path, last = places[-1]
        greatest = max(_mean(step) for _, step in places)
        easy = max(COOL_DOWN_SHARE * greatest, EASY_SHARE * self.athlete.vo2max)
        if last.drive is Drive.CLIMB or _mean(last) > easy or step_s(last) < COOL_DOWN_S:
            self.warn(path, "there is no cool-down; end with an easy leg of at least 2 min")


def _mean(step: Step) -> float:
    return sum(oxygen(step)) / 2.0
