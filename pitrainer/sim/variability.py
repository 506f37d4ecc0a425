"""Heart-rate variability during exercise: a seeded series with the published spectrum, one value a second.

Power falls as 1/f from 0.0012 to 0.04 Hz and as 1/f^3 above; a bump at 0.09 Hz (respiration and pressure waves)
carries 15 % of the standard deviation and one at 0.33 Hz (breathing) 8 %. The series has a standard deviation of 1
and is made by an inverse Fourier transform of random phases, so it repeats, seamlessly, after 4096 s. Source of the
numbers: fits to runs at constant load (Hunt & Saengsuwan 2018; residuals of second-order models, Wang & Hunt 2021).
"""

from __future__ import annotations

import random
from cmath import exp as cexp
from cmath import pi
from functools import lru_cache
from math import exp, sqrt

LENGTH = 4096
LOWEST_HZ, KNEE_HZ = 0.0012, 0.04
BUMPS = ((0.09, 0.015, 0.15), (0.33, 0.03, 0.08))
"""Centre in Hz, half-width in Hz, share of the standard deviation."""


@lru_cache(maxsize=512)
def variability(seed: int) -> tuple[float, ...]:
    """`LENGTH` values, one a second, mean 0 and standard deviation 1."""
    source = random.Random(seed)
    power = _spectrum()
    half = [sqrt(p) * complex(source.gauss(0.0, 1.0), source.gauss(0.0, 1.0)) for p in power]
    spectrum = [0j, *half[1:-1], 0j, *(value.conjugate() for value in reversed(half[1:-1]))]
    series = [value.real for value in _fourier(spectrum)]
    deviation = sqrt(sum(value * value for value in series) / LENGTH)
    return tuple(value / deviation for value in series)


@lru_cache(maxsize=1)
def _spectrum() -> tuple[float, ...]:
    """Power of each frequency from 0 to 0.5 Hz, with a total of 1."""
    hertz = [k / LENGTH for k in range(LENGTH // 2 + 1)]
    broad = _scaled([_broad(f) for f in hertz], 1.0 - sum(share**2 for _, _, share in BUMPS))
    bumps = [_scaled([exp(-0.5 * ((f - at) / width) ** 2) for f in hertz], share**2) for at, width, share in BUMPS]
    return tuple(sum(parts) for parts in zip(broad, *bumps, strict=True))


def _broad(hertz: float) -> float:
    if hertz < LOWEST_HZ:
        return 0.0
    return 1.0 / hertz if hertz <= KNEE_HZ else KNEE_HZ**2 / hertz**3


def _scaled(power: list[float], total: float) -> list[float]:
    factor = total / sum(power)
    return [p * factor for p in power]


def _fourier(values: list[complex]) -> list[complex]:
    """The discrete Fourier transform, for a power of two."""
    if len(values) == 1:
        return values
    even, odd = _fourier(values[::2]), _fourier(values[1::2])
    half = len(even)
    turned = [odd[k] * turn for k, turn in enumerate(_turns(half))]
    return [even[k] + turned[k] for k in range(half)] + [even[k] - turned[k] for k in range(half)]


@lru_cache(maxsize=16)
def _turns(half: int) -> tuple[complex, ...]:
    return tuple(cexp(-1j * pi * k / half) for k in range(half))
