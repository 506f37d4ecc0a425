"""Virtual runners and machines, and sessions run on them without hardware: `simulate`."""

from pitrainer.sim.session import Recording, Sample, simulate

__all__ = ["Recording", "Sample", "simulate"]
