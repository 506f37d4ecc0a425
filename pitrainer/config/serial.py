"""What [machine] has to say of a treadmill on a serial line, and what is assumed where it is silent.

No serial protocol here tells its machine's ranges, units or geometry. What has a safe assumption is the driver's own;
what has none (miles or kilometres, how many counts make a percent) is asked for, and a key that the chosen protocol has
no use for is refused, so that nobody believes in a setting without effect. docs/serial.md says how to find them out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pitrainer.config.tables import ConfigTable, MachineTable
from pitrainer.drivers.serial_console import JOHNSON_LIMITS, PRECOR_LIMITS, PSA_LIMITS
from pitrainer.drivers.serial_trackmaster import LIMITS as TRACKMASTER_LIMITS
from pitrainer.model import MachineLimits
from pitrainer.tomlfile import Report

SERIAL_KINDS: Final = ("trackmaster", "precor", "johnson", "psa", "csafe")
CONSOLE_KINDS: Final = ("precor", "johnson", "psa")
"""pitrainer takes the console's place: no START is left but the page's."""

INCLINE_UNSTATED_PCT = 15.0
"""The steepest that is assumed of any machine; a steeper one must say so."""

_ASSUMED = {"precor": PRECOR_LIMITS, "johnson": JOHNSON_LIMITS, "psa": PSA_LIMITS}
_NEEDED = {
    "speed_unit": ("trackmaster",),
    "incline_counts_per_pct": CONSOLE_KINDS,
    "speed_counts_per_kmh": ("johnson",),
}
_OF_KINDS = {
    "port": SERIAL_KINDS,
    "baud": SERIAL_KINDS,
    "address": ("ftms",),
    "speed_unit": ("ftms", "simulated", "trackmaster"),
    "incline_counts_per_pct": CONSOLE_KINDS,
    "speed_counts_per_kmh": ("johnson",),
    "try_control": ("csafe",),
    "request_control_each_time": ("ftms", "simulated"),
}
"""Which kinds a key has a meaning for."""


def assumed(kind: str, speed_unit: str) -> MachineLimits:
    """What a machine of this kind can do where the settings do not say."""
    limits = _ASSUMED.get(kind, MachineLimits())
    if kind == "trackmaster":
        limits = TRACKMASTER_LIMITS
        if speed_unit == "km/h":
            limits = replace(limits, speed_min_kmh=0.8, speed_step_kmh=0.1)
    return replace(limits, incline_max_pct=min(limits.incline_max_pct, INCLINE_UNSTATED_PCT))


def judge(table: ConfigTable, report: Report) -> None:
    """Every key of [machine] that is missing or meaningless for its kind, with the cure."""
    machine = table.machine
    for key, kinds in _OF_KINDS.items():
        if getattr(machine, key) and machine.kind not in kinds:
            report.add(("machine", key), f'has no meaning beside kind = "{machine.kind}"; leave it out')
    if machine.kind in SERIAL_KINDS:
        _judge_serial(machine, report)
        if table.strap.kind == "simulated":
            what = (
                f'must be "ble" beside kind = "{machine.kind}" in [machine]: a made-up heart must not drive a real belt'
            )
            report.add(("strap", "kind"), what)


def _judge_serial(machine: MachineTable, report: Report) -> None:
    if machine.port is None:
        report.add(("machine",), 'needs a port, like "/dev/serial/by-id/usb-..." (docs/serial.md)')
    for key, kinds in _NEEDED.items():
        if machine.kind in kinds and getattr(machine, key) is None:
            report.add(("machine",), f'kind = "{machine.kind}" needs {key}; docs/serial.md says how to find it out')
    if machine.kind in CONSOLE_KINDS and not machine.page_start:
        what = (
            f'must be true beside kind = "{machine.kind}": with its console replaced, nothing else can start the belt'
        )
        report.add(("machine", "page_start"), what)
    if machine.kind == "csafe" and machine.page_start:
        report.add(("machine", "page_start"), 'must be false beside kind = "csafe": CSAFE does not start a belt')
