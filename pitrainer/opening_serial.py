"""From the settings of a treadmill on a serial line to its driver: its protocol, and what this one machine is like."""

from __future__ import annotations

from pitrainer.config import MachineSettings
from pitrainer.drivers.treadmill_serial import (
    CsafeProfile,
    JohnsonProfile,
    PrecorProfile,
    Profile,
    PsaProfile,
    SerialTreadmill,
    TrackmasterProfile,
    on_port,
)
from pitrainer.wire.johnson import Scale

NAMES = {"trackmaster": "Trackmaster", "precor": "Precor", "johnson": "Johnson", "psa": "PSA", "csafe": "CSAFE"}


def serial_treadmill(machine: MachineSettings) -> SerialTreadmill:
    """The driver on its port, which is opened when its context is entered. Raises ValueError for settings that
    `config.load` would have refused."""
    if machine.port is None:
        raise ValueError(f'[machine] kind = "{machine.kind}" needs a port')
    return on_port(machine.port, profile_of(machine), baud=machine.baud, name=NAMES[machine.kind])


def profile_of(machine: MachineSettings) -> Profile:
    """What the settings say of the machine, in its driver's words. Raises ValueError where they do not say enough."""
    limits = machine.limits
    match machine.kind:
        case "trackmaster":
            return TrackmasterProfile(limits, machine.speed_unit)
        case "precor":
            return PrecorProfile(limits, _known(machine, "incline_counts_per_pct"))
        case "johnson":
            per_kmh, per_pct = _known(machine, "speed_counts_per_kmh"), _known(machine, "incline_counts_per_pct")
            return JohnsonProfile(limits, Scale(speed_per_kmh=per_kmh, incline_per_pct=per_pct))
        case "psa":
            return PsaProfile(limits, 1.0 / _known(machine, "incline_counts_per_pct"))
        case "csafe":
            return CsafeProfile(limits, probe=machine.try_control)
    raise ValueError(f'[machine] kind = "{machine.kind}" is not a treadmill on a serial line')


def _known(machine: MachineSettings, key: str) -> float:
    value: float | None = getattr(machine, key)
    if value is None:
        raise ValueError(f'[machine] kind = "{machine.kind}" needs {key}')
    return value
