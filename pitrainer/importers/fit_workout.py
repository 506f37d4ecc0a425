"""FIT workouts, as Garmin, TrainingPeaks and others export them: steps by time, distance, heart rate or lap button.

A workout (message 26) has steps (27): duration 0 time in ms, 1 distance in cm, 2 and 3 until the heart rate is below
or above, 5 until the lap button, 6 "go back to step X until it was done N times". A speed target is a range in mm/s, of
which the middle is taken; of a heart-rate range the top is the cap. Heart rates up to 100 are percent of HRmax, above
that beats + 100. FIT states no unit for a grade target, so it is not guessed: every step is level.
Steps that only wait for a heart or a button last 30 min at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pitrainer.importers.fit_records import Message, messages
from pitrainer.importers.native import Leg, Repeat, Row
from pitrainer.importers.outcome import MOST_STEPS, Imported, LeftOut, count, finished
from pitrainer.importers.strangers import refusal

FILE_ID, WORKOUT, STEP = 0, 26, 27
TYPE_WORKOUT = 5
ON_FOOT = {None, 0, 1, 4, 10, 11, 17}
"""Sports: unknown, generic, running, fitness equipment, training, walking, hiking."""
INTENSITIES = {0: "Work", 1: "Rest", 2: "Warm-up", 3: "Cool-down", 4: "Recovery", 5: "Interval"}
TIME, DISTANCE, HR_BELOW, HR_ABOVE, OPEN, REPEAT, TIME_ONLY = 0, 1, 2, 3, 5, 6, 31
REPEATS_UNTIL = {7, 8, 9, 10, 11, 12, 13, 17, 18, 27}
TARGETS = {3: "cadence", 4: "power", 5: "grade", 6: "resistance", 7: "power", 8: "power", 9: "power", 10: "power",
           11: "swim stroke"}  # fmt: skip
SPEED, HEART, NO_TARGET = (0, 12), (1, 13), 2
LONGEST_WAIT_S = 1800.0
SHORTEST_S, SHORTEST_M = 5.0, 10.0
MOST_TIMES = 250

Placed: TypeAlias = tuple[int, Row]
"""A row with the index of its first step."""


def read(raw: bytes, file: str, *, speed_kmh: float | None = None) -> Imported:
    """A FIT workout as a session. `speed_kmh`: where a distance has no speed of its own. Raises ForeignFileError."""
    records = list(messages(raw, file))
    kind = next((m.count(0) for m in records if m.number == FILE_ID), None)
    steps = [m for m in records if m.number == STEP]
    if not steps or kind not in (None, TYPE_WORKOUT):
        raise refusal(file, "is a FIT file, but not a workout; export the planned workout, not an activity")
    about = next((m for m in records if m.number == WORKOUT), Message(WORKOUT, {}))
    reader = _Reader(file, speed_kmh, LeftOut())
    if about.count(4) not in ON_FOOT:
        reader.left_out.say("It is not made for running or walking: look at its intensities.")
    rows = [row for _, row in reader.rows(steps)]
    name = about.text(8) or "FIT workout"
    return finished(file, "a FIT workout", name, rows, reader.left_out, about=about.text(17))


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str
    speed_kmh: float | None
    left_out: LeftOut

    def rows(self, steps: Iterable[Message]) -> list[Placed]:
        placed: list[Placed] = []
        for position, step in enumerate(steps):
            index = step.count(254)
            number = position if index is None else index
            if step.count(1) == REPEAT:
                placed = self._repeated(placed, step, number)
            elif step.count(1) in REPEATS_UNTIL:
                self.left_out.say(f"Step {number + 1} repeats until something happens: its steps are done once.")
            else:
                placed += [(number, leg) for leg in self._leg(step, number)]
        return placed

    def _repeated(self, placed: list[Placed], step: Message, number: int) -> list[Placed]:
        back_to, times = step.count(2), step.count(4)
        if back_to is None or back_to >= number:
            raise refusal(self.file, f"step {number + 1} repeats from a step that does not come before it")
        if times is None or not 1 <= times <= MOST_TIMES:
            raise refusal(self.file, f"step {number + 1} repeats {times} times; 1 to {MOST_TIMES} is possible")
        if times == 1:
            return placed
        inner = [row for index, row in placed if index >= back_to]
        if times * count(inner) > MOST_STEPS:
            raise refusal(
                self.file, f"step {number + 1} repeats to more than {MOST_STEPS} steps, the most of a session"
            )
        before = [(index, row) for index, row in placed if index < back_to]
        return [*before, (back_to, Repeat(times, tuple(inner)))] if inner else before

    def _leg(self, step: Message, number: int) -> Iterator[Leg]:
        key, amount, below, above = self._length(step, number)
        if amount < (SHORTEST_M if key == "distance" else SHORTEST_S):
            self.left_out.say(f"Step {number + 1} is too short ({amount:g} {'m' if key == 'distance' else 's'}).")
            return
        speed, cap = self._targets(step, number)
        if key == "distance" and speed is None:
            if self.speed_kmh is None:
                raise refusal(self.file, f"step {number + 1} has a distance and no speed; give one: --speed 9")
            speed = self.speed_kmh
            self.left_out.say(f"Distances without a speed got {speed:g} km/h.")
        self.left_out.say("FIT workouts have no usable incline: every step is level.")
        yield Leg(
            key=key, amount=amount, incline_pct=0.0, speed_kmh=speed,
            name=step.text(0) or INTENSITIES.get(step.count(7) or 0, "Step"),
            hr_max=cap, until_hr_below=below, until_hr_above=above,
            until_tap=step.count(1) in (OPEN, None), say=step.text(8),
        )  # fmt: skip

    def _length(
        self, step: Message, number: int
    ) -> tuple[Literal["for", "distance"], float, str | float | None, str | float | None]:
        kind, value = step.count(1), step.count(2)
        if kind in (TIME, TIME_ONLY) and value is not None:
            return "for", value / 1000.0, None, None
        if kind == DISTANCE and value is not None:
            return "distance", value / 100.0, None, None
        heart = self._heart(value, number) if kind in (HR_BELOW, HR_ABOVE) else None
        if kind not in (OPEN, HR_BELOW, HR_ABOVE, None):
            self.left_out.say(
                f"Step {number + 1} ends by something that is not measured here: it lasts 30 min at most."
            )
        else:
            self.left_out.say(f"Step {number + 1} has no end but the heart or a tap: it lasts 30 min at most.")
        return "for", LONGEST_WAIT_S, heart if kind == HR_BELOW else None, heart if kind == HR_ABOVE else None

    def _targets(self, step: Message, number: int) -> tuple[float | None, str | float | None]:
        """(speed in km/h, cap) of the step's first and second target."""
        speed: float | None = None
        cap: str | float | None = None
        for kind, zone, low, high in ((3, 4, 5, 6), (19, 20, 21, 22)):
            target = step.count(kind)
            if target in SPEED:
                speed = self._middle_kmh(step.count(low), step.count(high), number)
            elif target in HEART:
                cap = self._cap(step.count(zone), step.count(high), number)
            elif target not in (None, NO_TARGET):
                self.left_out.say(f"Targets of {TARGETS.get(target, 'an unknown kind')}.")
        return speed, cap

    def _middle_kmh(self, low: int | None, high: int | None, number: int) -> float | None:
        ends = [end / 1000.0 * 3.6 for end in (low, high) if end]
        if not ends:
            self.left_out.say(f"Step {number + 1} has a speed zone of the watch: its speed is left to the runner.")
            return None
        return sum(ends) / len(ends)

    def _cap(self, zone: int | None, high: int | None, number: int) -> str | float | None:
        if zone and 1 <= zone <= 5:
            return f"zone {zone}"
        return self._heart(high, number) if high else None

    def _heart(self, value: int | None, number: int) -> str | float | None:
        if value is not None and 0 < value <= 100:
            return f"{value}%"
        if value is not None and 160 <= value <= 320:
            return float(value - 100)
        self.left_out.say(f"Step {number + 1} has a heart rate that is none of 60 to 220.")
        return None
