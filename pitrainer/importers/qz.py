"""QZ treadmill programs (.xml): rows with duration or distance, speed, inclination and heart-rate targets.

The file does not say whether speeds and distances are metric, QZ's settings did; so whoever imports has to say.
QZ steers speed by heart rate; a session here steers incline, or eases under a cap. So `zonehr` 1-5 becomes a cap at the
zone's top (QZ's zones are Karvonen's: 60, 70, 80, 90, 100 % of the reserve), `hrmax` a cap, `hrbelow` and `hrabove`
ends of the step, `lapbutton` a tap. QZ's own guide warns of rows that have both a forced speed and a zone; here the
speed stays and the cap eases. A row that only waits for a heart or a tap lasts at most 30 min.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pitrainer.importers.markup import Node
from pitrainer.importers.native import Leg, Number, Repeat, Row
from pitrainer.importers.outcome import Imported, LeftOut, finished
from pitrainer.importers.strangers import one_line, refusal
from pitrainer.tomlfile import short

ROOT = "rows"
KM_PER_MILE = 1.609344
ZONE_TOPS_PCT = {1: 60, 2: 70, 3: 80, 4: 90, 5: 100}
HR_BPM = (60.0, 220.0)
INCLINE_PCT = (-3.0, 40.0)
LONGEST_WAIT_S = 1800.0
SHORTEST_S, SHORTEST_M = 5.0, 10.0
MOST_TIMES = 250
NO_VALUE = -1.0
"""QZ writes -1 (and lower, for inclination -200) for what is not set."""

NOT_CARRIED = {
    "minspeed": "bounds of speed", "maxspeed": "bounds of speed", "looptimehr": "the pace of QZ's control",
    "hrmin": "the lower end of a heart-rate range", "fanspeed": "the fan", "power": "power", "powerzone": "power zones",
    "cadence": "cadence", "resistance": "resistance", "requested_peloton_resistance": "resistance", "mets": "METs",
    "latitude": "positions", "longitude": "positions", "altitude": "positions", "azimuth": "positions",
    "maxresistance": "resistance", "lower_cadence": "cadence", "upper_cadence": "cadence", "pace_intensity": "pace",
}  # fmt: skip
KNOWN = {"duration", "distance", "speed", "speedfrom", "speedto", "inclination", "zonehr", "hrmax", "hrabove",
         "hrbelow", "forcespeed", "lapbutton", "name"}  # fmt: skip

Units: TypeAlias = Literal["km", "mi"]
_TIME = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]+)?")


def read(root: Node, file: str, *, units: Units | None = None, speed_kmh: float | None = None) -> Imported:
    """A program's tree as a session. `speed_kmh`: for distances that have no speed. Raises ForeignFileError, also
    where `units` are needed and not given."""
    if units is None and _has_lengths(root):
        raise refusal(file, "does not say whether its speeds are km/h or mph; say so with --units km or --units mi")
    reader = _Reader(file, KM_PER_MILE if units == "mi" else 1.0, speed_kmh, LeftOut())
    rows = list(reader.rows(root))
    name = one_line(root.attributes.get("name", ""), 60) or _stem(file) or "QZ program"
    return finished(file, "a QZ program", name, rows, reader.left_out)


def _has_lengths(node: Node) -> bool:
    return any(node.attributes.get(key) for key in ("speed", "speedfrom", "speedto", "distance")) or any(
        map(_has_lengths, node.children)
    )


def _stem(file: str) -> str:
    return one_line(re.split(r"[/\\]", file)[-1].rpartition(".")[0], 60)


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str
    km_per_unit: float
    speed_kmh: float | None
    left_out: LeftOut

    def rows(self, parent: Node) -> Iterator[Row]:
        for node in parent.children:
            if node.name == "row":
                yield from self._leg(node)
            elif node.name == "repeat":
                yield from self._repeat(node)
            else:
                self.left_out.say(f"<{short(node.name)}> (line {node.line}) is nothing that is known.")

    def _repeat(self, node: Node) -> Iterator[Row]:
        times = node.number(self.file, "times")
        if times is None or not 1 <= times <= MOST_TIMES:
            raise refusal(self.file, f"a repeat needs its times, 1 to {MOST_TIMES}", node.line)
        if inner := tuple(self.rows(node)):
            yield Repeat(int(times), inner)

    def _leg(self, node: Node) -> Iterator[Leg]:
        self._mention(node)
        speed = self._speed(node)
        metres = (self._set(node, "distance") or 0.0) * self.km_per_unit * 1000.0
        seconds = self._seconds(node)
        ends = self._until(node)
        waits = ends != (None, None) or self._is_on(node, "lapbutton")
        if not seconds and not metres and waits:
            seconds = LONGEST_WAIT_S
            self.left_out.say(
                f"The row of line {node.line} had no end but the heart or a tap: it lasts 30 min at most."
            )
        if seconds < SHORTEST_S and metres < SHORTEST_M:
            self.left_out.say(f"The row of line {node.line} is too short for a step ({seconds:g} s).")
            return
        by_time = seconds >= SHORTEST_S
        if by_time and metres:
            self.left_out.say(f"The row of line {node.line} has a duration and a distance: the duration counts.")
        if not by_time and speed is None:
            speed = self._speed_given(node)
        ramps = isinstance(speed, tuple)
        if ramps and not by_time:
            raise refusal(self.file, "speedfrom and speedto need a duration", node.line)
        yield Leg(
            key="ramp" if ramps else "for" if by_time else "distance", amount=seconds if by_time else metres,
            incline_pct=self._incline(node), speed_kmh=speed, name=node.attributes.get("name", ""),
            hr_max=self._cap(node), until_hr_below=ends[0], until_hr_above=ends[1],
            until_tap=self._is_on(node, "lapbutton"), say=self._say(node),
        )  # fmt: skip

    def _speed_given(self, node: Node) -> float:
        if self.speed_kmh is None:
            raise refusal(self.file, "a row measured by distance needs a speed; give one: --speed 9", node.line)
        self.left_out.say(f"Distances without a speed got {self.speed_kmh:g} km/h.")
        return self.speed_kmh

    def _mention(self, node: Node) -> None:
        for key, value in node.attributes.items():
            if key in NOT_CARRIED and value.strip() and node.number(self.file, key) not in (None, NO_VALUE, 0.0):
                self.left_out.say(f"{NOT_CARRIED[key][0].upper()}{NOT_CARRIED[key][1:]} ({key}).")
            elif key not in NOT_CARRIED and key not in KNOWN:
                self.left_out.say(f"The attribute {key} is not known.")

    def _set(self, node: Node, key: str) -> float | None:
        """A value that is set: QZ writes -1 where there is none."""
        value = node.number(self.file, key)
        return None if value is None or value < 0 else value

    def _speed(self, node: Node) -> Number | None:
        start, end = self._set(node, "speedfrom"), self._set(node, "speedto")
        if start and end:
            return start * self.km_per_unit, end * self.km_per_unit
        speed = self._set(node, "speed")
        return speed * self.km_per_unit if speed else None

    def _incline(self, node: Node) -> float:
        incline = node.number(self.file, "inclination")
        if incline is None or incline <= -100:
            self.left_out.say("Rows without an inclination are level.")
            return 0.0
        low, high = INCLINE_PCT
        kept = min(max(incline, low), high)
        if kept != incline:
            self.left_out.say(f"An inclination of {incline:g} % became {kept:g} %: the limit of a session.")
        return kept

    def _cap(self, node: Node) -> str | float | None:
        zone = self._set(node, "zonehr")
        if zone in ZONE_TOPS_PCT:
            self.left_out.say(
                "Heart-rate zones steered QZ's speed; here their tops are caps, under which effort eases."
            )
            return f"{ZONE_TOPS_PCT[int(zone)]}% reserve"
        most = self._beats(node, "hrmax")
        if most is not None:
            self.left_out.say("Heart-rate ranges steered QZ's speed; here hrmax is a cap, under which effort eases.")
        return most

    def _until(self, node: Node) -> tuple[float | None, float | None]:
        return self._beats(node, "hrbelow"), self._beats(node, "hrabove")

    def _beats(self, node: Node, key: str) -> float | None:
        beats = self._set(node, key)
        if not beats:
            return None
        low, high = HR_BPM
        if not low <= beats <= high:
            self.left_out.say(f"{key} {beats:g} (line {node.line}) is no heart rate of {low:g} to {high:g}.")
            return None
        return beats

    def _is_on(self, node: Node, key: str) -> bool:
        return (self._set(node, key) or 0.0) > 0

    def _seconds(self, node: Node) -> float:
        text = node.attributes.get("duration", "").strip()
        if not text:
            return 0.0
        match = _TIME.fullmatch(text)
        if match is None:
            raise refusal(self.file, f'duration "{short(text)}" must be like 00:05:00', node.line)
        hours, minutes, seconds = int(match[1] or 0), int(match[2]), int(match[3])
        return hours * 3600.0 + minutes * 60.0 + seconds

    def _say(self, node: Node) -> str:
        texts = [one_line(child.attributes.get("message", ""), 120) for child in node.all("textevent")]
        for text in texts[1:]:
            self.left_out.say(f'The text "{text}" in the row of line {node.line}: a step says one thing, at its start.')
        return texts[0] if texts else ""
