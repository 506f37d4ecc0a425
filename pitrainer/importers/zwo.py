"""Zwift workouts (.zwo): steps by time or metres, power, and inclines in other programs' words.

A run file measures `Duration` in metres unless its `durationType` says time. Power is a share of the runner's race
speed; here that is the speed given at import, taken as that over 10 km, or the file's own threshold pace. `pace` says
over which distance (0 mile, 1 5 km, 2 10 km, 3 half, 4 whole marathon) and is converted by Riegel's law, time ~
distance^1.06; Zwift's own files hold nonsense there, so anything else counts as 10 km. Zwift knows no incline. Read are
QZ's `Incline` (a fraction up to 0.40, else percent), its `Speed` (m/s in SteadyState, km/h in Step), and Auuki's
`Slope`, `OnSlope`, `OffSlope`, `SlopeLow`, `SlopeHigh` in percent. Names may be in any case, numbers empty or words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pitrainer.importers.markup import Node
from pitrainer.importers.native import Leg, Number, Repeat, Row
from pitrainer.importers.outcome import Imported, LeftOut, finished
from pitrainer.importers.strangers import one_line, refusal

ROOT = "workout_file"
RIEGEL = 1.06
RACE_KM = {0: 1.609344, 1: 5.0, 2: 10.0, 3: 21.0975, 4: 42.195}
FRACTION_UP_TO = 0.40
INCLINE_PCT = (-3.0, 40.0)
SHORTEST_S, SHORTEST_M = 5.0, 10.0
MOST_REPEATS = 250

NAMES = {
    "steadystate": "Steady",
    "solidstate": "Steady",
    "step": "Steady",
    "warmup": "Warm-up",
    "cooldown": "Cool-down",
    "ramp": "Ramp",
    "freeride": "Free",
    "freerun": "Free",
    "maxeffort": "As hard as you can",
    "restday": "Rest",
}
RAMPS = ("warmup", "cooldown", "ramp")
TEXTS = ("textevent", "textnotification")
NOT_CARRIED = {
    "target": "targets", "ftptest": "the test flag", "ramptest": "the test flag",
    "forced_performance_test": "the test flag", "zone": "power zones",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one part of a step asks for."""

    name: str
    length: float
    """Seconds or metres, as the file measures."""
    speed_kmh: Number | None
    incline_pct: Number
    say: str


def read(root: Node, file: str, *, speed_kmh: float | None = None) -> Imported:
    """A workout file's tree as a session. `speed_kmh`: the runner's speed over 10 km, 100 % of the file's power.
    Raises ForeignFileError."""
    workout = root.first("workout")
    if workout is None:
        raise refusal(file, "has no <workout>")
    reader = _Reader(file, _measures_metres(root), _reference_kmh(root, file, speed_kmh), LeftOut())
    rows = [row for node, says in _with_texts(workout, reader) for row in reader.rows(node, says)]
    name = one_line(root.text_of("name"), 60) or "Zwift workout"
    about = root.text_of("description")
    return finished(file, "a Zwift workout", name, rows, reader.left_out, about=about)


def _measures_metres(root: Node) -> bool:
    kind = root.text_of("durationtype").lower()
    if kind:
        return kind != "time"
    return root.text_of("sporttype").lower() == "run"


def _reference_kmh(root: Node, file: str, asked_kmh: float | None) -> float | None:
    if asked_kmh is not None:
        return asked_kmh
    node = root.first("thresholdsecperkm")
    pace_s = None if node is None else Node("workout_file", {"x": node.text}, node.line).number(file, "x")
    return 3600.0 / pace_s if pace_s and pace_s >= 1.0 else None


def _with_texts(workout: Node, reader: _Reader) -> Iterator[tuple[Node, list[str]]]:
    """Every step with its texts: its own, and those of the whole workout that fall into it."""
    loose = [(reader.offset(node) or 0.0, _message(node)) for node in workout.children if node.name in TEXTS]
    loose.sort(key=lambda pair: pair[0])
    at = 0.0
    steps = [node for node in workout.children if node.name not in TEXTS]
    for index, node in enumerate(steps):
        own = sorted((reader.offset(n) or 0.0, _message(n)) for n in node.children if n.name in TEXTS)
        at += reader.whole_length(node)
        says = [text for _, text in own if text]
        while loose and (loose[0][0] < at or index == len(steps) - 1):
            says.append(loose.pop(0)[1])
        yield node, says


def _message(node: Node) -> str:
    return one_line(node.attributes.get("message", "") or node.text, 120)


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str
    in_metres: bool
    reference_kmh: float | None
    left_out: LeftOut

    def rows(self, node: Node, says: list[str]) -> Iterator[Row]:
        if node.name == "intervalst":
            yield from self._intervals(node, says)
        elif node.name in NAMES:
            yield from self._legs(self._step(node, self._said(says, node)), node)
        else:
            self.left_out.say(f"<{node.name}> (line {node.line}) is no step that is known.")

    def whole_length(self, node: Node) -> float:
        if node.name != "intervalst":
            return node.number(self.file, "duration") or 0.0
        both = (node.number(self.file, "onduration") or 0.0) + (node.number(self.file, "offduration") or 0.0)
        return both * (node.number(self.file, "repeat") or 1.0)

    def offset(self, node: Node) -> float | None:
        first, other = ("distoffset", "timeoffset") if self.in_metres else ("timeoffset", "distoffset")
        return node.number(self.file, first, other)

    def _said(self, says: list[str], node: Node) -> str:
        """A step says one thing, at its start."""
        for text in says[1:]:
            self.left_out.say(
                f'The text "{text}" in the step of line {node.line}: a step says one thing, at its start.'
            )
        cadence = node.number(self.file, "cadence", "cadencelow")
        if says:
            return says[0]
        return f"Cadence {cadence:.0f}" if cadence and 0 < cadence < 300 else ""

    def _step(self, node: Node, say: str) -> Wanted:
        for attribute, what in NOT_CARRIED.items():
            if node.attributes.get(attribute, "").strip() not in ("", "0"):
                self.left_out.say(f"{what[0].upper()}{what[1:]} ({attribute}).")
        name = node.attributes.get("name", "").strip() or NAMES[node.name]
        length = self._length(node, "duration", "distance")
        return Wanted(name, length, self._speed(node), self._incline(node), say)

    def _intervals(self, node: Node, says: list[str]) -> Iterator[Row]:
        repeat = node.number(self.file, "repeat")
        times = 1.0 if repeat is None else repeat
        if not 1 <= times <= MOST_REPEATS:
            raise refusal(self.file, f"repeats {times:g} times; 1 to {MOST_REPEATS} is possible", node.line)
        on = Wanted(
            "On",
            self._length(node, "onduration"),
            self._powered(node, "onpower", "poweronlow", "poweronhigh"),
            self._one_incline(node, "onslope", "slope", "incline"),
            self._said(says, node),
        )
        off = Wanted(
            "Off",
            self._length(node, "offduration"),
            self._powered(node, "offpower", "poweroffhigh", "powerofflow"),
            self._one_incline(node, "offslope", "slope", "incline"),
            "",
        )
        inner = (*self._legs(on, node), *self._legs(off, node))
        if inner:
            yield Repeat(int(times), inner)

    def _length(self, node: Node, *names: str) -> float:
        length = node.number(self.file, *names)
        if length is None and node.name not in ("maxeffort", "restday"):
            raise refusal(self.file, f"<{node.name}> has no {names[0]}", node.line)
        return length or 0.0

    def _speed(self, node: Node) -> Number | None:
        speed = node.number(self.file, "speed")
        if speed is not None:
            return speed if node.name == "step" else speed * 3.6
        if node.name in RAMPS:
            start = self._share(node, "powerlow", "power")
            end = self._share(node, "powerhigh", "powerlow", "power")
            if start is None or end is None:
                return None
            return start if start == end else (start, end)
        return self._powered(node, "power", "powerlow", "powerhigh")

    def _powered(self, node: Node, *names: str) -> float | None:
        return self._share(node, *names)

    def _share(self, node: Node, *names: str) -> float | None:
        """Power as km/h; None where there is none, or no speed that it is a share of."""
        power = node.number(self.file, *names)
        words = [name for name in names if node.attributes.get(name, "").strip()]
        if power is None or power <= 0:
            if words:
                self.left_out.say(f"The power of line {node.line} ({words[0]}) is no number above 0.")
            return None
        if self.reference_kmh is None:
            self.left_out.say("Power: without --speed (yours over 10 km) the belt's speed is left to the runner.")
            return None
        return self.reference_kmh * power * self._pace_factor(node)

    def _pace_factor(self, node: Node) -> float:
        pace = node.number(self.file, "pace")
        if pace is None:
            return 1.0
        if pace not in RACE_KM:
            self.left_out.say(f"The pace {pace:g} is none of 0 to 4: taken as that over 10 km.")
            return 1.0
        return float((10.0 / RACE_KM[int(pace)]) ** (RIEGEL - 1.0))

    def _incline(self, node: Node) -> Number:
        low = self._one_incline(node, "slopelow", "slope", "incline")
        high = self._one_incline(node, "slopehigh", "slope", "incline")
        return low if low == high or node.name not in RAMPS else (low, high)

    def _one_incline(self, node: Node, *names: str) -> float:
        """Percent; 0 and a note where the file has none."""
        for name in names:
            value = node.number(self.file, name)
            if value is not None:
                is_fraction = name == "incline" and abs(value) <= FRACTION_UP_TO
                return self._within(value * 100.0 if is_fraction else value)
        self.left_out.say("Zwift's files have no incline: steps without one are level.")
        return 0.0

    def _within(self, incline_pct: float) -> float:
        low, high = INCLINE_PCT
        kept = min(max(incline_pct, low), high)
        if kept != incline_pct:
            self.left_out.say(f"An incline of {incline_pct:g} % became {kept:g} %: the limit of a session.")
        return kept

    def _legs(self, wanted: Wanted, node: Node) -> Iterator[Leg]:
        least = SHORTEST_M if self.in_metres else SHORTEST_S
        if wanted.length < least:
            unit = "m" if self.in_metres else "s"
            self.left_out.say(f'"{wanted.name}" (line {node.line}): {wanted.length:g} {unit} is too short for a step.')
            return
        if self.in_metres:
            yield self._by_metres(wanted, node)
        else:
            yield self._by_time(wanted, wanted.length)

    def _by_metres(self, wanted: Wanted, node: Node) -> Leg:
        speed = wanted.speed_kmh
        if speed is None:
            if self.reference_kmh is None or node.name in ("freeride", "freerun", "maxeffort"):
                speed = self.reference_kmh
            if speed is None:
                what = f"<{node.name}> is measured in metres and needs a speed; give yours over 10 km: --speed 11"
                raise refusal(self.file, what, node.line)
            self.left_out.say(f'"{wanted.name}" has no speed of its own: it got {speed:.1f} km/h.')
        mean = sum(speed) / 2.0 if isinstance(speed, tuple) else speed
        if isinstance(speed, tuple) or isinstance(wanted.incline_pct, tuple):
            return self._by_time(replace(wanted, speed_kmh=speed), wanted.length * 3.6 / max(mean, 0.1))
        return Leg(
            key="distance", amount=wanted.length, incline_pct=wanted.incline_pct, speed_kmh=speed, name=wanted.name,
            say=wanted.say,
        )  # fmt: skip

    def _by_time(self, wanted: Wanted, for_s: float) -> Leg:
        """A ramp in metres takes its mean speed, so it becomes a ramp in time of the same length."""
        ramps = isinstance(wanted.speed_kmh, tuple) or isinstance(wanted.incline_pct, tuple)
        return Leg(
            key="ramp" if ramps else "for", amount=for_s, incline_pct=wanted.incline_pct, speed_kmh=wanted.speed_kmh,
            name=wanted.name, say=wanted.say,
        )  # fmt: skip
