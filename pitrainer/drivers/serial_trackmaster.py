"""Speaking Trackmaster: questions in turn, one outstanding, orders between them.

A question goes out every `PACE_S`, so the machine hears something long before its 0.5 s are over; when this process
or its loop dies, the belt stops by itself. That is why the belt is only ever started with that stop switched on, and
why a belt that was started without it (at the console) is watched but not driven.

The protocol has no check octets. So a set-point counts when it reads back; before the belt is started the set speed
must read back as the lowest (an old one may still be set); a state or a measured jump counts when it reads so twice,
a set-point that nobody here ordered after three times. A set-point that reads back wrong right after it was sent was
garbled on its way and is sent again; later it is the runner at the console, who wins. After power-up some boards
refuse every start until they were told to stop, so the first start on a link is preceded by a stop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from pitrainer.drivers.serial_pilot import Deed, Sighting, Steady, Wish, floored
from pitrainer.model import MachineLimits, MachineSays
from pitrainer.wire import trackmaster
from pitrainer.wire.trackmaster import Complaint, Op, Reply, Request, State

KM_PER_MILE = 1.609344
PACE_S = 0.05
ANSWER_S = 0.15
"""4800 baud take 12 ms for question and answer."""
SET_AGAIN_S = 0.25
READ_BACK_S = 0.8
"""Two rounds of questions."""
GARBLED_S = 1.0
STOP_AGAIN_S = 1.0
AFTER_STOP_S = 0.5
TRIES = 3
PRESSED = 3
"""Equal readings: by then a machine that has just been stopped, and forgot its set-points, has said so too."""
JUMP_KMH, JUMP_PCT = 2.0, 2.0
INCLINE_STEP_PCT = 0.5
"""The last digit of an elevation is 0 or 5."""

ROUND = (Op.ASK_SPEED, Op.ASK_STATE, Op.ASK_INCLINE, Op.ASK_SET_SPEED, Op.ASK_SET_INCLINE)
READS = {Op.ASK_SET_SPEED: Op.SET_SPEED, Op.ASK_SET_INCLINE: Op.SET_INCLINE}
LIMITS = MachineLimits(
    speed_min_kmh=0.5 * KM_PER_MILE,
    speed_max_kmh=20.0,
    speed_step_kmh=0.1 * KM_PER_MILE,
    incline_max_pct=25.0,
    incline_step_pct=INCLINE_STEP_PCT,
)


@dataclass(frozen=True, slots=True)
class TrackmasterProfile:
    """What commissioning found out. `speed_unit`: what the machine is set to; nothing on the line tells."""

    limits: MachineLimits = LIMITS
    speed_unit: Literal["km/h", "mph"] = "mph"

    @property
    def kmh_per_tenth(self) -> float:
        return 0.1 * (KM_PER_MILE if self.speed_unit == "mph" else 1.0)


@dataclass(slots=True)
class _Setting:
    """One motor's set-point in tenths: what it was told and what it reads back."""

    told: int | None = None
    told_s: float = -math.inf
    tries: int = 0
    read: int | None = None
    doubted: int | None = None
    doubts: int = 0
    """How often `doubted` was read in a row."""
    remark: str = ""


@dataclass(slots=True)
class TrackmasterSpeech:
    """A `Speech`."""

    profile: TrackmasterProfile
    _remark: str = ""
    _decoder: trackmaster.Decoder = field(default_factory=trackmaster.Decoder)
    _asked: Op | None = None
    _asked_s: float = -math.inf
    _turn: int = 0
    _state: State | None = None
    _doubted_state: State | None = None
    _speed: Steady = field(default_factory=lambda: Steady(JUMP_KMH))
    _incline: Steady = field(default_factory=lambda: Steady(JUMP_PCT))
    _settings: dict[Op, _Setting] = field(
        default_factory=lambda: {Op.SET_SPEED: _Setting(), Op.SET_INCLINE: _Setting()}
    )
    _stop_s: float = -math.inf
    _cleared_s: float | None = None
    """When this link's first stop went out."""
    _started: int = 0
    _frozen_pct: float | None = None

    @property
    def remark(self) -> str:
        remarks = (self._remark, *(setting.remark for setting in self._settings.values()))
        return next((remark for remark in remarks if remark), "")

    @property
    def dropped(self) -> int:
        return self._decoder.dropped

    def wait_s(self, now_s: float) -> float:
        return max(0.0, self._asked_s + (PACE_S if self._asked is None else ANSWER_S) - now_s)

    # What arrives.

    def hear(self, octets: bytes, now_s: float) -> list[Sighting]:
        heard = (self._take(frame, now_s) for frame in self._decoder.feed(octets))
        return [sighting for sighting in heard if sighting is not None]

    def _take(self, frame: trackmaster.Frame, now_s: float) -> Sighting | None:
        asked = self._asked
        if isinstance(frame, Complaint):
            self._asked = None
            self._refused(asked)
            return None
        if not isinstance(frame, Reply) or frame.op is not asked:
            return None
        self._asked = None
        number = frame.number
        if number is None:
            return None
        match frame.op:
            case Op.ASK_SPEED:
                self._speed = self._speed.next(round(number * self.profile.kmh_per_tenth, 3))
                return None if self._speed.doubted is not None else Sighting(speed_kmh=self._speed.value)
            case Op.ASK_INCLINE:
                self._incline = self._incline.next(number / 10)
                return None if self._incline.doubted is not None else Sighting(incline_pct=self._incline.value)
            case Op.ASK_STATE:
                return self._state_read(number)
        return self._set_point_read(READS[frame.op], number, now_s)

    def _refused(self, asked: Op | None) -> None:
        if asked in self._settings:
            setting = self._settings[asked]
            setting.tries = TRIES
            setting.remark = f"the machine refused {_named(asked)} {(setting.told or 0) / 10:g}"
        elif asked is Op.START:
            self._remark = "the machine refused to start"

    def _state_read(self, number: int) -> Sighting | None:
        if number not in list(State):
            return None
        state, before = State(number), self._state
        if state is before:
            self._doubted_state = None
            return Sighting(running=state is not State.STOPPED)
        if state is not self._doubted_state:
            self._doubted_state = state
            return None
        self._state, self._doubted_state = state, None
        running = state is not State.STOPPED
        if not running:
            for setting in self._settings.values():
                setting.told = None
        changed = before is not None and running is (before is State.STOPPED)
        says = MachineSays.STARTED if running else MachineSays.STOPPED
        return Sighting(running=running, says=says if changed else None)

    def _set_point_read(self, op: Op, number: int, now_s: float) -> Sighting | None:
        setting = self._settings[op]
        if number == setting.read or number == setting.told or setting.read is None:
            setting.read, setting.doubted = number, None
            return None
        if setting.told is not None and now_s - setting.told_s < GARBLED_S and setting.tries < TRIES:
            setting.read, setting.told_s = number, -math.inf
            return None
        setting.doubts = setting.doubts + 1 if number == setting.doubted else 1
        setting.doubted = number
        if setting.doubts < PRESSED:
            return None
        setting.read, setting.told, setting.doubted = number, None, None
        return None if self._state is State.STOPPED else self._pressed(op, number)

    def _pressed(self, op: Op, number: int) -> Sighting:
        if op is Op.SET_SPEED:
            return Sighting(says=MachineSays.SPEED_SET, value=round(number * self.profile.kmh_per_tenth, 3))
        return Sighting(says=MachineSays.INCLINE_SET, value=number / 10)

    # What is said.

    def say(self, wish: Wish, now_s: float) -> bytes | None:
        urgent = wish.deed is Deed.HALT and self._stop_is_due(now_s)
        if wish.deed is Deed.SILENCE or (self.wait_s(now_s) > 0 and not urgent):
            return None
        request = self._order(wish, now_s)
        if request is None:
            self._turn = (self._turn + 1) % len(ROUND)
            request = Request(ROUND[self._turn])
        self._asked, self._asked_s = request.op, now_s
        return trackmaster.encode(request)

    def _order(self, wish: Wish, now_s: float) -> Request | None:
        if not wish.freeze:
            self._frozen_pct = None
        elif self._frozen_pct is None and self._settings[Op.SET_INCLINE].told is not None:
            self._frozen_pct = self._incline.value
        match wish.deed:
            case Deed.HALT if self._stop_is_due(now_s):
                return self._stop(now_s)
            case Deed.START if self._state is State.STOPPED and wish.episode != self._started:
                return self._start(wish, now_s)
            case Deed.FOLLOW if self._state is State.STARTED:
                return self._follow(wish, now_s)
            case Deed.FOLLOW if self._state is State.STARTED_UNGUARDED:
                self._remark = "the belt was started at its console: it would not stop if the computer did"
        return None

    def _stop_is_due(self, now_s: float) -> bool:
        return now_s - self._stop_s >= STOP_AGAIN_S

    def _stop(self, now_s: float) -> Request:
        self._stop_s = now_s
        self._cleared_s = now_s if self._cleared_s is None else self._cleared_s
        return Request(Op.STOP)

    def _start(self, wish: Wish, now_s: float) -> Request | None:
        if self._cleared_s is None:
            return self._stop(now_s)
        lowest = math.ceil((wish.speed_kmh or 0.0) / self.profile.kmh_per_tenth - 1e-6)
        if self._settings[Op.SET_SPEED].read != lowest:
            return self._set(Op.SET_SPEED, lowest, now_s)
        if now_s - self._cleared_s < AFTER_STOP_S:
            return None
        self._started, self._stop_s, self._remark = wish.episode, -math.inf, ""
        return Request(Op.START)

    def _follow(self, wish: Wish, now_s: float) -> Request | None:
        """What eases goes first."""
        wanted = []
        if wish.speed_kmh is not None:
            wanted.append((Op.SET_SPEED, floored(wish.speed_kmh, self.profile.kmh_per_tenth)))
        incline_pct = self._frozen_pct if wish.freeze else wish.incline_pct
        if incline_pct is not None:
            wanted.append((Op.SET_INCLINE, 5 * floored(incline_pct, INCLINE_STEP_PCT)))
        wanted.sort(key=lambda order: order[1] > (self._settings[order[0]].read or 0))
        requests = (self._set(op, number, now_s) for op, number in wanted)
        return next((request for request in requests if request is not None), None)

    def _set(self, op: Op, number: int, now_s: float) -> Request | None:
        setting = self._settings[op]
        since_s = now_s - setting.told_s
        again = setting.told == number
        if (again and setting.read == number) or since_s < (READ_BACK_S if again else SET_AGAIN_S):
            if setting.read == number:
                setting.tries, setting.remark = 0, ""
            return None
        if again and setting.tries >= TRIES:
            setting.remark = setting.remark or f"the machine does not take {_named(op)} {number / 10:g}"
            return None
        setting.tries = setting.tries + 1 if again else 1
        setting.told, setting.told_s = number, now_s
        return Request(op, number)


def _named(op: Op) -> str:
    return op.name.lower().replace("_", " ")
