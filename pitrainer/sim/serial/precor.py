"""A virtual Precor motor controller: answers each key at once with what it measures, and does what it was last told."""

from __future__ import annotations

from collections.abc import Callable

from pitrainer.sim.serial.lowerboard import LowerBoard, unheard
from pitrainer.sim.treadmill import SimulatedTreadmill
from pitrainer.wire import precor

KMH_PER_COUNT = 0.01609344


class PrecorMachine:
    """Switched on at `now_s`, standing."""

    def __init__(self, now_s: float) -> None:
        deck = SimulatedTreadmill(
            speed_min_kmh=50 * KMH_PER_COUNT, speed_max_kmh=1200 * KMH_PER_COUNT, speed_step_kmh=KMH_PER_COUNT,
            incline_rate_pct_s=0.77, speed_up_kmh_s=0.8, latency_s=0.2,
        )  # fmt: skip
        self.board = LowerBoard(deck, now_s)
        self.lift_counts_per_pct = 2.0
        self.mute = False
        self.deaf = False
        """Answers, and does not do as told."""
        self.heard: list[tuple[float, precor.Frame]] = []
        self._decoder = precor.Decoder()
        self._answer: Callable[[bytes], None] = unheard

    def asked(self, key: str) -> list[tuple[float, int | None]]:
        """When this key was sent, and with which number."""
        return [(at_s, frame.number) for at_s, frame in self.heard if frame.key == key]

    def connect(self, answer: Callable[[bytes], None]) -> None:
        self._answer = answer

    def hear(self, octets: bytes, now_s: float) -> None:
        """What arrives, all at `now_s`."""
        self.board.word(now_s)
        for frame in self._decoder.feed(octets):
            self.heard.append((now_s, frame))
            if frame.number is not None and not self.deaf:
                self._obey(frame.key, frame.number)
            if not self.mute:
                self._answer(precor.encode(self._reply(frame.key), by_console=False))

    def _obey(self, key: str, number: int) -> None:
        if key == precor.SPEED:
            self.board.ask_speed(number * KMH_PER_COUNT)
        elif key == precor.INCLINE:
            self.board.ask_lift(number / self.lift_counts_per_pct)

    def _reply(self, key: str) -> precor.Frame:
        deck = self.board.deck
        measured = {
            precor.SPEED: round(deck.speed_kmh / KMH_PER_COUNT),
            precor.INCLINE: round(deck.incline_pct * self.lift_counts_per_pct),
        }
        return precor.Frame(key, measured[key]) if key in measured else precor.Frame("")
