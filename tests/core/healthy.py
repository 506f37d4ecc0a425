"""A healthy moment, to be perturbed by one line per test: a runner at 8 km/h and 5 %, 140 bpm under a cap of 160, a
strap and a treadmill that spoke a moment ago. `Gate` is the supervisor with its policy, real or mutated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pitrainer.core import policy, safety
from pitrainer.core.policy import Facts
from pitrainer.core.safety import Envelope, Memory, Verdict, Wish
from pitrainer.model import Belt, MachineLimits, UserLimits

TICK_S = 0.25
MACHINE = MachineLimits()
USER = UserLimits(speed_max_kmh=12.0, incline_max_pct=10.0)


@dataclass(frozen=True, slots=True)
class Gate:
    """The modules under test. Typed as the real ones, whatever was done to their text."""

    safety: Any = safety
    policy: Any = policy

    def facts(self, **changes: Any) -> Facts:
        healthy = self.policy.Facts(
            now_s=1000.0, dt_s=TICK_S, ours=True, heart_age_s=0.5, heart_frozen=False, heart_doubtful=False,
            hr_bpm=140.0, cap_bpm=160.0, feedback_age_s=0.5, speed_kmh=8.0, incline_pct=5.0, standing_s=0.0,
        )  # fmt: skip
        made: Facts = replace(healthy, **changes)
        return made

    def wish(self, **changes: Any) -> Wish:
        made: Wish = replace(self.safety.Wish(Belt.RUN, 8.0, 5.0), **changes)
        return made

    def memory(self, **changes: Any) -> Memory:
        made: Memory = replace(self.safety.Memory(speed_kmh=8.0, incline_pct=5.0), **changes)
        return made

    def limits(self, machine: MachineLimits = MACHINE, user: UserLimits = USER) -> Envelope:
        made: Envelope = self.safety.envelope(machine, user)
        return made

    def review(self, memory: Memory, wish: Wish, facts: Facts) -> tuple[Memory, Verdict]:
        judged: tuple[Memory, Verdict] = self.safety.review(memory, wish, facts, self.limits())
        return judged

    def run(self, seconds: float, memory: Memory, wish: Wish, facts: Facts) -> tuple[Memory, Verdict]:
        """The same facts, tick after tick, with time going on. At least one tick."""
        ticks = max(1, round(seconds / TICK_S))
        for tick in range(ticks):
            memory, verdict = self.review(memory, wish, replace(facts, now_s=facts.now_s + tick * TICK_S))
        return memory, verdict

    def acts(self, seconds: float, **changes: Any) -> set[str]:
        """The causes that act after so long a perturbation of the healthy moment."""
        _, verdict = self.run(seconds, self.memory(), self.wish(), self.facts(**changes))
        return {cause.name for cause in verdict.causes}


REAL = Gate()
STANDING: dict[str, Any] = {"speed_kmh": 0.0, "standing_s": 60.0}
