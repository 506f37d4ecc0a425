"""Who is on the belt: the numbers that turn zones and caps into beats per minute.

Zones are fifths of HRmax from 50 % up (the default of docs/training.md). An unknown HRmax is estimated as
208 - 0.7 x age (Tanaka 2001), with a spread of about 10 bpm between people: `hr_max_is_estimate` says so.
"""

from __future__ import annotations

from dataclasses import dataclass

ZONE_EDGES = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Athlete:
    """A runner's profile. Raises ValueError, with the cure, where the numbers contradict each other."""

    hr_max_bpm: float | None = None
    hr_rest_bpm: float = 60.0
    weight_kg: float = 75.0
    age_years: float | None = None
    vo2max_ml_kg_min: float | None = None
    name: str = ""
    hr_max_is_estimate: bool = False

    def __post_init__(self) -> None:
        if self.hr_max_bpm is None:
            if self.age_years is None:
                raise ValueError("athlete: give hr_max_bpm, or age_years to estimate it from")
            object.__setattr__(self, "hr_max_bpm", 208.0 - 0.7 * self.age_years)
            object.__setattr__(self, "hr_max_is_estimate", True)
        if not 25 <= self.hr_rest_bpm < self.hr_max - 20:
            raise ValueError(
                f"athlete: hr_rest_bpm {self.hr_rest_bpm:g} must lie between 25 and 20 below hr_max_bpm "
                f"({self.hr_max:g})"
            )
        if not 120 <= self.hr_max <= 230:
            raise ValueError(f"athlete: hr_max_bpm {self.hr_max:g} must lie between 120 and 230")
        if not 20 <= self.weight_kg <= 250:
            raise ValueError(f"athlete: weight_kg {self.weight_kg:g} must lie between 20 and 250")

    @property
    def hr_max(self) -> float:
        """HRmax in bpm, given or estimated."""
        assert self.hr_max_bpm is not None
        return self.hr_max_bpm

    @property
    def hr_reserve_bpm(self) -> float:
        return self.hr_max - self.hr_rest_bpm

    @property
    def vo2max(self) -> float:
        """Given, else the population mean of hikers for the age, ml O2/kg/min: 45 - 0.25 (age - 38)."""
        if self.vo2max_ml_kg_min is not None:
            return self.vo2max_ml_kg_min
        return 45.0 if self.age_years is None else max(25.0, 45.0 - 0.25 * (self.age_years - 38.0))

    def zone(self, hr_bpm: float) -> int:
        """0 (below zone 1) to 5."""
        return sum(hr_bpm >= edge * self.hr_max for edge in ZONE_EDGES)
