"""A virtual PSA lower board: 0x00 drifts in before its answers, which repeat the word with the measured tenths.

How real ones answer is not known. What it is told of an incline is a level; `pct_per_level` is its lift's geometry.
"""

from __future__ import annotations

from collections.abc import Callable

from pitrainer.sim.serial.lowerboard import LowerBoard, unheard
from pitrainer.sim.treadmill import SimulatedTreadmill
from pitrainer.wire import psa


class PsaMachine:
    """Switched on at `now_s`, standing."""

    def __init__(self, now_s: float) -> None:
        deck = SimulatedTreadmill(speed_max_kmh=16.0, incline_step_pct=0.1, latency_s=0.3, speed_up_kmh_s=0.8)
        self.board = LowerBoard(deck, now_s)
        self.pct_per_level = 1.0
        self.mute = False
        self.deaf = False
        """Answers, and does not do as told."""
        self.heard: list[tuple[float, psa.Frame]] = []
        self._decoder = psa.Decoder()
        self._answer: Callable[[bytes], None] = unheard

    def asked(self, word: str) -> list[tuple[float, int | None]]:
        """When this word was sent, and with which number."""
        return [(at_s, frame.number) for at_s, frame in self.heard if frame.word == word]

    def connect(self, answer: Callable[[bytes], None]) -> None:
        self._answer = answer

    def hear(self, octets: bytes, now_s: float) -> None:
        """What arrives, all at `now_s`."""
        self.board.word(now_s)
        for frame in self._decoder.feed(octets):
            self.heard.append((now_s, frame))
            if frame.number is not None and not self.deaf:
                self._obey(frame.word, frame.number)
            if not self.mute:
                self._answer(b"\x00" + b"".join(psa.encode(one) for one in self._measured()))

    def _obey(self, word: str, tenths: int) -> None:
        if word == psa.SPEED:
            self.board.ask_speed(tenths / 10)
        elif word == psa.INCLINE:
            self.board.ask_lift(tenths / 10 * self.pct_per_level)

    def _measured(self) -> tuple[psa.Frame, psa.Frame]:
        deck = self.board.deck
        level = round(deck.incline_pct / self.pct_per_level * 10)
        return psa.Frame(psa.SPEED, round(deck.speed_kmh * 10)), psa.Frame(psa.INCLINE, level)
