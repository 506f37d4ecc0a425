"""What a session has learned about a runner's heart, to start the next one from.

The gain is kept as a ratio to the profile's own gain, so that a corrected profile does not spoil it. Everything has
bounds; outside them nothing is accepted, and forgetting is starting without. It makes the controller better, never
bolder: no limit of the supervisor gets wider by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

RATIO_ENDS = (0.4, 2.6)
"""Gains of ACSM-based profiles were wrong by a factor of 0.62-2.1 in simulated people."""
OFFSET_ENDS_BPM = (-60.0, 60.0)
SPREAD_ENDS_BPM = (0.5, 6.0)
SECONDS_MOST = 1e7
LAGS = 4


@dataclass(frozen=True, slots=True)
class LearnedHeart:
    """A runner's heart as sessions have shown it. Raises ValueError outside the bounds."""

    gain_ratio: float
    """bpm per ml of oxygen, over what the profile says."""
    offset_bpm: float
    """Steady heart rate at 20 ml/kg/min, over what the profile says."""
    slow_weights: tuple[float, ...]
    """How likely each slow lag (16, 30, 55, 100 s) is."""
    spread_bpm: float
    """Standard deviation of the variability around the true rate."""
    heard_s: float
    """Seconds of accepted heart rate that stand behind it."""

    def __post_init__(self) -> None:
        _within("gain_ratio", self.gain_ratio, RATIO_ENDS)
        _within("offset_bpm", self.offset_bpm, OFFSET_ENDS_BPM)
        _within("spread_bpm", self.spread_bpm, SPREAD_ENDS_BPM)
        _within("heard_s", self.heard_s, (0.0, SECONDS_MOST))
        for weight in self.slow_weights:
            _within("slow_weights", weight, (0.0, 1.0))
        if len(self.slow_weights) != LAGS or abs(sum(self.slow_weights) - 1.0) > 1e-3:
            raise ValueError(f"slow_weights {self.slow_weights!r}: must be four shares that add up to 1")


def _within(name: str, value: float, ends: tuple[float, float]) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if not number or not ends[0] <= value <= ends[1]:
        raise ValueError(
            f"{name} {value!r}: allowed is {ends[0]:g} to {ends[1]:g}; forget what was learned to start anew"
        )


def to_dict(learned: LearnedHeart) -> dict[str, Any]:
    """For a file; `from_dict` reads it back."""
    return {
        "v": 1,
        "gain_ratio": round(learned.gain_ratio, 4),
        "offset_bpm": round(learned.offset_bpm, 2),
        "slow_weights": [round(weight, 4) for weight in learned.slow_weights],
        "spread_bpm": round(learned.spread_bpm, 3),
        "heard_s": round(learned.heard_s, 1),
    }


def from_dict(stored: Mapping[str, Any]) -> LearnedHeart:
    """Raises ValueError, with what is wrong, on anything but what `to_dict` writes."""
    names = {"v", "gain_ratio", "offset_bpm", "slow_weights", "spread_bpm", "heard_s"}
    if set(stored) != names or stored["v"] != 1:
        raise ValueError(
            f"not what this version learned: has {sorted(map(str, stored))}, needs {sorted(names)} with v = 1"
        )
    weights = stored["slow_weights"]
    if not isinstance(weights, list | tuple) or len(weights) != LAGS:
        raise ValueError(f"slow_weights {weights!r}: must be four shares that add up to 1")
    return LearnedHeart(
        stored["gain_ratio"], stored["offset_bpm"], tuple(weights),
        stored["spread_bpm"], stored["heard_s"],
    )  # fmt: skip
