"""A virtual CSAFE console: a slave with the standard's states, which obeys set-points only where `obeys` says so.

Somebody presses Quick Start and trains: state OFF_LINE. Unsupported questions are left out of the answer, and the
toggle bit flips with every accepted frame.
"""

from __future__ import annotations

from collections.abc import Callable

from pitrainer.sim.serial.lowerboard import LowerBoard, unheard
from pitrainer.sim.treadmill import SimulatedTreadmill
from pitrainer.wire import WireError, csafe
from pitrainer.wire.csafe_contents import (
    Ask,
    Item,
    Reply,
    State,
    Unit,
    Verdict,
    decode_commands,
    encode_reply,
    quantity,
)

EXTERNAL_CONTROL_FLAG = 0x40


class CsafeMachine:
    """Switched on at `now_s`, standing, in state READY."""

    def __init__(self, now_s: float) -> None:
        self.board = LowerBoard(SimulatedTreadmill(latency_s=0.5, incline_step_pct=0.5), now_s)
        self.obeys = frozenset({Ask.SET_SPEED, Ask.SET_GRADE})
        self.rejects = False
        """Set-points are rejected, not ignored."""
        self.has_grade = True
        self.in_miles = False
        self.mute = False
        self.state = State.READY
        self.heard: list[tuple[float, Item]] = []
        self._control = False
        self._toggle = False
        self._verdict = Verdict.OK
        self._decoder = csafe.Decoder()
        self._answer: Callable[[bytes], None] = unheard

    def asked(self, command: Ask) -> list[tuple[float, bytes]]:
        """When this was sent, and with which data."""
        return [(at_s, item.data) for at_s, item in self.heard if item.id == command]

    # The console.

    def quick_start(self, speed_kmh: float = 6.0, incline_pct: float = 4.0) -> None:
        self.state = State.OFF_LINE
        self.board.ask_speed(speed_kmh)
        self.board.ask_lift(incline_pct)

    def press_stop(self) -> None:
        self.state = State.PAUSE
        self.board.ask_speed(0.0)

    # The line.

    def connect(self, answer: Callable[[bytes], None]) -> None:
        self._answer = answer

    def hear(self, octets: bytes, now_s: float) -> None:
        """What arrives, all at `now_s`."""
        self.board.word(now_s)
        for frame in self._decoder.feed(octets):
            try:
                commands = decode_commands(frame.contents)
            except WireError:
                self._verdict = Verdict.BAD
                continue
            self._toggle = not self._toggle
            self.heard += [(now_s, command) for command in commands]
            answers = tuple(answer for answer in map(self._done, commands) if answer is not None)
            if not self.mute:
                reply = Reply(self.state, self._verdict, self._toggle, answers)
                self._answer(csafe.encode(csafe.Frame(encode_reply(reply))))
            self._verdict = Verdict.OK

    def _done(self, command: Item) -> Item | None:
        match command.id:
            case Ask.SPEED:
                return Item(command.id, self._speed())
            case Ask.GRADE if self.has_grade:
                return Item(command.id, quantity(round(self.board.deck.incline_pct * 10), Unit.TENTH_PERCENT))
            case Ask.AUTO_UPLOAD:
                self._control = bool(command.data[0] & EXTERNAL_CONTROL_FLAG)
            case Ask.SET_SPEED | Ask.SET_GRADE:
                self._set(Ask(command.id), int.from_bytes(command.data[:2], "little") / 10)
            case Ask.GO_FINISHED if self.obeys:
                self.state = State.FINISH
                self.board.ask_speed(0.0)
        return None

    def _speed(self) -> bytes:
        speed_kmh = self.board.deck.speed_kmh
        if self.in_miles:
            return quantity(round(speed_kmh / 1.609344 * 10), Unit.TENTH_MPH)
        return quantity(round(speed_kmh * 100), Unit.HUNDREDTH_KMH)

    def _set(self, command: Ask, value: float) -> None:
        if self.rejects or not self._control:
            self._verdict = Verdict.REJECTED
        elif command in self.obeys and command is Ask.SET_SPEED:
            self.board.ask_speed(value)
        elif command in self.obeys:
            self.board.ask_lift(value)
