"""Speaking CSAFE: telemetry always, control only where the machine has shown that it obeys, and never a start.

One frame is outstanding; the next question follows an answer after `PACE_S`, or a silence of `ANSWER_S`. Answers are
found by id. An unsupported question is left out of the answer, so a machine that never answers for its grade has an
unknown incline. State OFF_LINE, where somebody trains without a master, reads like any other.

No capture shows a treadmill obeying SetSpeed or SetGrade. So control is a probe: external control is asked for
(AutoUpload), a set-point is sent, and what is read back decides. A speed or grade that has not moved towards it
within `PROBE_S`, or a rejected frame, means that this machine can only be watched, and the driver says so for as long
as the link lasts. The first set-point of each motor is one that eases: a machine whose obedience is not yet known is
not asked for more. Resetting, readying and starting commands are never sent: the runner starts the belt. CSAFE is no
stop channel: a stop is tried (speed 0, GoFinished) and the runner is told to use the machine's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from pitrainer.drivers.serial_pilot import Deed, Sighting, Wish, floored
from pitrainer.model import MachineLimits, MachineSays
from pitrainer.wire import WireError, csafe
from pitrainer.wire.csafe_contents import (
    Ask,
    Item,
    Reply,
    State,
    Unit,
    Verdict,
    decode_reply,
    encode_commands,
    quantity,
)

PACE_S = 0.25
ANSWER_S = 1.2
PROBE_S = 5.0
SET_AGAIN_S = 1.0
STOP_AGAIN_S = 2.0
SPEED_STEP_KMH, GRADE_STEP_PCT = 0.1, 0.1
EXTERNAL_CONTROL = 0x50
"""AutoUpload flags: acknowledge, and control from outside."""
MOVING_STATES = (State.IN_USE, State.MANUAL, State.OFF_LINE)
REFRESH = encode_commands(Item(Ask.SPEED), Item(Ask.GRADE), Item(Ask.DISTANCE))
ONLY_WATCHED = "it does not obey over CSAFE: it can only be watched"
OWN_STOP = "use the machine's own STOP: CSAFE may not stop it"
PRESS_START = "press START on the treadmill: CSAFE does not start it"


@dataclass(frozen=True, slots=True)
class CsafeProfile:
    """`probe`: may control be tried at all?"""

    limits: MachineLimits = field(default_factory=MachineLimits)
    probe: bool = True


class Trust(Enum):
    """What is known of a motor's obedience on this link."""

    UNKNOWN = "unknown"
    PROBED = "probed"
    OBEYS = "obeys"
    DEAF = "deaf"


@dataclass(slots=True)
class _Motor:
    """One motor: what was sent last, from where, and whether it obeys."""

    command: Ask
    unit: Unit
    step: float
    trust: Trust = Trust.UNKNOWN
    sent: float | None = None
    sent_s: float = -math.inf
    sent_from: float = 0.0
    seen: float | None = None

    def look(self, seen: float, now_s: float) -> None:
        """What a probe has come to."""
        self.seen = seen
        if self.trust is not Trust.PROBED or self.sent is None:
            return
        moved = self.sent_from - seen
        if moved >= min(self.sent_from - self.sent, 0.2) - 1e-6:
            self.trust = Trust.OBEYS
        elif now_s - self.sent_s > PROBE_S:
            self.trust = Trust.DEAF

    def due(self, value: float, now_s: float) -> bool:
        """Is this set-point to be sent now? A motor on probation is only asked for less."""
        if self.seen is None or self.trust is Trust.DEAF or now_s - self.sent_s < SET_AGAIN_S:
            return False
        if self.trust is Trust.UNKNOWN:
            return value <= self.seen - self.step
        return self.trust is Trust.OBEYS and (self.sent is None or abs(value - self.sent) > 1e-6)

    def send(self, value: float, now_s: float) -> Item:
        self.sent, self.sent_s, self.sent_from = value, now_s, self.seen or 0.0
        self.trust = Trust.PROBED if self.trust is Trust.UNKNOWN else self.trust
        return Item(self.command, quantity(round(value / self.step), self.unit))


@dataclass(slots=True)
class CsafeSpeech:
    """A `Speech`."""

    profile: CsafeProfile
    _decoder: csafe.Decoder = field(default_factory=csafe.Decoder)
    _garbled: int = 0
    _spoke_s: float = -math.inf
    _answered: bool = True
    _state: State | None = None
    _asked_control: bool = False
    _stop_s: float = -math.inf
    _note: str = ""
    _speed: _Motor = field(default_factory=lambda: _Motor(Ask.SET_SPEED, Unit.TENTH_KMH, SPEED_STEP_KMH))
    _grade: _Motor = field(default_factory=lambda: _Motor(Ask.SET_GRADE, Unit.TENTH_PERCENT, GRADE_STEP_PCT))

    @property
    def remark(self) -> str:
        deaf = not self.profile.probe or Trust.DEAF in (self._speed.trust, self._grade.trust)
        return self._note or (ONLY_WATCHED if deaf else "")

    @property
    def dropped(self) -> int:
        return self._decoder.dropped + self._garbled

    def wait_s(self, now_s: float) -> float:
        return max(0.0, self._spoke_s + (PACE_S if self._answered else ANSWER_S) - now_s)

    # What arrives.

    def hear(self, octets: bytes, now_s: float) -> list[Sighting]:
        sightings = []
        for frame in self._decoder.feed(octets):
            try:
                sightings += self._take(decode_reply(frame.contents), now_s)
            except WireError:
                self._garbled += len(frame.contents)
        return sightings

    def _take(self, reply: Reply, now_s: float) -> list[Sighting]:
        self._answered = True
        if reply.verdict is Verdict.REJECTED:
            self._rejected(now_s)
        sightings = self._state_seen(reply.state)
        grade_pct, speed_kmh = reply.grade_pct(), reply.speed_kmh()
        if grade_pct is not None:
            self._grade.look(grade_pct, now_s)
            sightings.append(Sighting(incline_pct=grade_pct))
        if speed_kmh is not None:
            self._speed.look(speed_kmh, now_s)
            sightings.append(Sighting(speed_kmh=speed_kmh))
        return sightings

    def _rejected(self, now_s: float) -> None:
        for motor in (self._speed, self._grade):
            if motor.trust is Trust.PROBED and now_s - motor.sent_s < 2 * ANSWER_S:
                motor.trust = Trust.DEAF

    def _state_seen(self, state: State | None) -> list[Sighting]:
        before, self._state = self._state, state
        if state is State.PAUSE and before in MOVING_STATES:
            return [Sighting(says=MachineSays.PAUSED)]
        if state in (State.FINISH, State.ERROR) and before in MOVING_STATES:
            return [Sighting(says=MachineSays.STOPPED)]
        return []

    # What is said.

    def say(self, wish: Wish, now_s: float) -> bytes | None:
        if wish.deed is Deed.SILENCE or self.wait_s(now_s) > 0:
            return None
        self._spoke_s, self._answered = now_s, False
        return csafe.encode(csafe.Frame(self._order(wish, now_s) or REFRESH))

    def _order(self, wish: Wish, now_s: float) -> bytes | None:
        self._note = {Deed.START: PRESS_START, Deed.HALT: OWN_STOP}.get(wish.deed, "")
        if not self.profile.probe:
            return None
        if wish.deed is Deed.HALT and now_s - self._stop_s >= STOP_AGAIN_S:
            self._stop_s = now_s
            self._speed.sent = 0.0
            zero = Item(Ask.SET_SPEED, quantity(0, Unit.TENTH_KMH))
            return encode_commands(zero, Item(Ask.GO_FINISHED))
        if wish.deed is Deed.FOLLOW and self._state in MOVING_STATES:
            return self._follow(wish, now_s)
        return None

    def _follow(self, wish: Wish, now_s: float) -> bytes | None:
        wanted = ((self._grade, wish.incline_pct), (self._speed, wish.speed_kmh))
        due = [(motor, _stepped(value, motor)) for motor, value in wanted if value is not None]
        due = [(motor, value) for motor, value in due if motor.due(value, now_s)]
        if not due:
            return None
        if not self._asked_control:
            self._asked_control = True
            return encode_commands(Item(Ask.AUTO_UPLOAD, bytes([EXTERNAL_CONTROL])))
        motor, value = min(due, key=lambda one: one[1] - (one[0].seen or 0.0))
        return encode_commands(motor.send(value, now_s), Item(Ask.SPEED), Item(Ask.GRADE))


def _stepped(value: float, motor: _Motor) -> float:
    return round(floored(value, motor.step) * motor.step, 3)
