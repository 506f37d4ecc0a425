"""pitrainer: a Raspberry Pi beside a treadmill that climbs as steeply as the runner's heart allows."""

__version__ = "0.1.0"
