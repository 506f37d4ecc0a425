"""A virtual Johnson motor controller.

What real ones answer is not known; this one repeats the command octet with the measured value in the same scale. As
reported of real ones it stops when the bus falls silent, and faults (and stops) when the speed asked for jumps up.
"""

from __future__ import annotations

from collections.abc import Callable

from pitrainer.sim.serial.lowerboard import LowerBoard, unheard
from pitrainer.sim.treadmill import SimulatedTreadmill
from pitrainer.wire import johnson
from pitrainer.wire.johnson import Command, Frame, Sender

KM_PER_MILE = 1.609344
JUMP_KMH = 0.6 * KM_PER_MILE
SILENT_S = 1.0


class JohnsonMachine:
    """Switched on at `now_s`, standing."""

    def __init__(self, now_s: float, scale: johnson.Scale | None = None) -> None:
        deck = SimulatedTreadmill(
            speed_min_kmh=0.4 * KM_PER_MILE, speed_max_kmh=12 * KM_PER_MILE, speed_step_kmh=0.01,
            incline_max_pct=12.0, latency_s=0.1, speed_up_kmh_s=1.0,
        )  # fmt: skip
        self.board = LowerBoard(deck, now_s)
        self.board.stops_when_silent_s = SILENT_S
        self.scale = scale or johnson.Scale()
        self.mute = False
        self.deaf = False
        """Answers, and does not do as told."""
        self.faulted = False
        self.heard: list[tuple[float, Frame]] = []
        self._last_kmh = 0.0
        self._decoder = johnson.Decoder()
        self._answer: Callable[[bytes], None] = unheard

    def asked(self, command: Command) -> list[tuple[float, int | None]]:
        """When this command was sent, and with which number."""
        return [
            (at_s, int.from_bytes(frame.payload, "big") if frame.payload else None)
            for at_s, frame in self.heard
            if frame.command == command
        ]

    def connect(self, answer: Callable[[bytes], None]) -> None:
        self._answer = answer

    def hear(self, octets: bytes, now_s: float) -> None:
        """What arrives, all at `now_s`."""
        for frame in self._decoder.feed(octets):
            self.board.word(now_s)
            self.heard.append((now_s, frame))
            if frame.sender is Sender.CONSOLE and not self.deaf:
                self._obey(frame)
            if not self.mute:
                self._answer(johnson.encode(Frame(frame.command, self._measured(frame), Sender.CONTROLLER)))

    def _obey(self, frame: Frame) -> None:
        counts = int.from_bytes(frame.payload, "big")
        match frame.command:
            case Command.SPEED:
                self._ask_speed(self.scale.speed_kmh(counts))
            case Command.STOP:
                self._ask_speed(0.0)
            case Command.INCLINE:
                self.board.ask_lift(self.scale.incline_pct(counts))

    def _ask_speed(self, speed_kmh: float) -> None:
        if speed_kmh > self._last_kmh + JUMP_KMH:
            self.faulted = True
        self._last_kmh = speed_kmh
        self.board.ask_speed(0.0 if self.faulted else speed_kmh)

    def _measured(self, frame: Frame) -> bytes:
        deck = self.board.deck
        match frame.command:
            case Command.SPEED | Command.STOP:
                counts = 0 if deck.speed_kmh < 0.1 else self.scale.speed_counts(deck.speed_kmh)
            case Command.INCLINE:
                counts = self.scale.incline_counts(deck.incline_pct)
            case _:
                return b""
        return counts.to_bytes(2, "big")
