"""A virtual Trackmaster treadmill, with the manners, good and bad, that its protocol allows.

It starts only when told, at the speed that is set; a stop, a pulled key and half a second without a word (if it was
started so) end the belt. Set-points may be set at a standstill and stay. After power-up it refuses every start until
it has been told to stop, as GE's board does. The console's keys act at once and without announcement: only the set
values that are asked for show them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from pitrainer.sim.serial.lowerboard import unheard
from pitrainer.sim.serial.mechanics import Mechanics
from pitrainer.sim.treadmill import SimulatedTreadmill
from pitrainer.wire import trackmaster
from pitrainer.wire.trackmaster import Complaint, Op, Reply, Request, State, Trouble

KM_PER_MILE = 1.609344
SILENCE_S = 0.5


def deck(unit_km: float = KM_PER_MILE) -> SimulatedTreadmill:
    """A laboratory machine: 0.2 to 15 of its unit by tenths, 0 to 25 % by halves, prompt."""
    return SimulatedTreadmill(
        incline_max_pct=25.0, speed_min_kmh=0.2 * unit_km, speed_max_kmh=15 * unit_km, speed_step_kmh=0.1 * unit_km,
        speed_up_kmh_s=1.0, speed_down_kmh_s=1.5, latency_s=0.2,
    )  # fmt: skip


@dataclass
class Manners:
    """How this one deviates from the manual."""

    refuses_first_start: bool = True
    ignores: frozenset[Op] = frozenset()
    """Acknowledged, and not carried out."""
    mute: bool = False
    """Carries out, and says nothing."""
    wrong_echo: bool = False
    """Every acknowledgement is that of another command."""
    echoes: bool = False
    """Repeats every command after its acknowledgement."""


@dataclass
class TrackmasterMachine:
    """Switched on at `now_s`, standing."""

    now_s: float
    unit: Literal["km/h", "mph"] = "mph"
    manners: Manners = field(default_factory=Manners)
    heard: list[tuple[float, Request]] = field(default_factory=list)
    """Orders (not questions), oldest first."""

    def __post_init__(self) -> None:
        self._answer: Callable[[bytes], None] = unheard
        self._unit_km = KM_PER_MILE if self.unit == "mph" else 1.0
        self._mechanics = Mechanics(deck(self._unit_km), self.now_s, self._watch)
        self.boot()

    def boot(self) -> None:
        """Power comes (back): nothing set, nothing started; the belt rolls out if it moved."""
        self._decoder = trackmaster.Decoder()
        self._state = State.STOPPED
        self._set = {Op.SET_SPEED: 0, Op.SET_INCLINE: 0}
        self._may_start = not self.manners.refuses_first_start
        self._last_word_s = self.now_s
        self._tell_deck()

    @property
    def mechanics(self) -> Mechanics:
        return self._mechanics

    def look(self, now_s: float) -> SimulatedTreadmill:
        """Belt and lift as they are now."""
        self.now_s = max(self.now_s, now_s)
        self._mechanics.advance(now_s)
        return self._mechanics.deck

    def orders(self, op: Op) -> list[tuple[float, int | None]]:
        """When this was ordered, and what for."""
        return [(at_s, request.number) for at_s, request in self.heard if request.op is op]

    # The console.

    def press_speed(self, tenths: int) -> None:
        self._set[Op.SET_SPEED] = tenths
        self._tell_deck()

    def press_incline(self, tenths: int) -> None:
        self._set[Op.SET_INCLINE] = tenths
        self._tell_deck()

    def press_start(self) -> None:
        """From the front panel: without the stop on lost communication."""
        self._begin(State.STARTED_UNGUARDED)

    def press_stop(self) -> None:
        self._end()

    # The line.

    def connect(self, answer: Callable[[bytes], None]) -> None:
        self._answer = answer

    def hear(self, octets: bytes, now_s: float) -> None:
        """What arrives, all at `now_s`."""
        self.look(now_s)
        self._last_word_s = now_s
        for frame in self._decoder.feed(octets):
            if isinstance(frame, Request):
                self._reply(frame)

    def _reply(self, request: Request) -> None:
        if request.op < Op.ASK_STATE:
            self.heard.append((self.now_s, request))
        frame = self._done(request)
        if self.manners.wrong_echo and isinstance(frame, Reply):
            frame = Reply(Op.RESET)
        if self.manners.mute:
            return
        echo = trackmaster.encode(request) if self.manners.echoes else b""
        self._answer(trackmaster.encode(frame) + echo)

    def _done(self, request: Request) -> Reply | Complaint:
        if request.op >= Op.ASK_STATE:
            return Reply(request.op, self._asked(request.op))
        if request.op in self.manners.ignores:
            return Reply(request.op)
        match request.op:
            case Op.START | Op.START_UNGUARDED:
                if not self._may_start:
                    return Complaint(Trouble.UNKNOWN_COMMAND)
                self._begin(State.STARTED if request.op is Op.START else State.STARTED_UNGUARDED)
            case Op.STOP | Op.AUTO_STOP:
                self._end()
            case Op.SET_SPEED | Op.SET_INCLINE:
                return self._set_point(request)
        return Reply(request.op)

    def _set_point(self, request: Request) -> Reply | Complaint:
        number, is_incline = request.number or 0, request.op is Op.SET_INCLINE
        top = self._mechanics.deck.incline_max_pct if is_incline else 15.0
        if number > 10 * top or (is_incline and number % 5):
            return Complaint(Trouble.OUT_OF_RANGE)
        self._set[request.op] = number
        self._tell_deck()
        return Reply(request.op)

    def _asked(self, op: Op) -> int:
        deck = self._mechanics.deck
        match op:
            case Op.ASK_STATE:
                return self._state
            case Op.ASK_SPEED:
                return round(deck.speed_kmh / self._unit_km * 10)
            case Op.ASK_INCLINE:
                return round(deck.incline_pct * 10)
            case Op.ASK_SET_SPEED:
                return self._set[Op.SET_SPEED]
            case Op.ASK_SET_INCLINE:
                return self._set[Op.SET_INCLINE]
        return 0

    # The belt.

    def _begin(self, state: State) -> None:
        self._state, self._may_start = state, True
        self._tell_deck()

    def _end(self) -> None:
        self._state, self._may_start = State.STOPPED, True
        self._mechanics.runaway_kmh_s = 0.0
        self._tell_deck()

    def _tell_deck(self) -> None:
        running = self._state is not State.STOPPED
        speed = self._set[Op.SET_SPEED] / 10 * self._unit_km if running else 0.0
        incline = self._set[Op.SET_INCLINE] / 10 if running else self._mechanics.deck.told_pct
        self._mechanics.deck.apply(speed, incline)

    def _watch(self, now_s: float) -> None:
        """The stop on lost communication."""
        if self._state is State.STARTED and now_s - self._last_word_s > SILENCE_S:
            self._end()
