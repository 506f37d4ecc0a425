"""What is in the air: straps and treadmills, what they can do, and their lines for the settings.

First listen, then link to each device in turn and only read: nothing is written, subscribed to or started. An
advertisement is a hint (some treadmills leave the service data out); that it has treadmill data in its GATT table
makes a treadmill. Names are strangers' text and are cleaned before anybody sees them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from pitrainer.drivers.bluetooth import Link, LinkError, Radio, clean_name, open_link
from pitrainer.wire import WireError, battery, ftms, hrm
from pitrainer.wire.ftms import Range

START_AND_STOP_S = 10.0
"""How long bluetoothd may take on top of the listening; it can hang."""


@dataclass(frozen=True, slots=True)
class Found:
    """One device. `abilities` in words; `problem` says why they could not be asked for, and is empty otherwise."""

    kind: Literal["strap", "treadmill"]
    address: str
    name: str
    rssi_dbm: int
    abilities: tuple[str, ...] = ()
    problem: str = ""


async def scan(seconds: float = 10.0, *, radio: Radio | None = None) -> list[Found]:
    """Listen for `seconds`, then ask each strap and treadmill; the nearest first.

    Raises TimeoutError where bluetoothd hangs, and bleak's errors where there is no Bluetooth.
    """
    radio = radio or Radio()
    heard = await _listen(radio, seconds)
    found = [await _ask(radio, device, data) for device, data in heard if _kind(data)]
    return sorted(found, key=lambda device: -device.rssi_dbm)


async def _listen(radio: Radio, seconds: float) -> Iterable[tuple[BLEDevice, AdvertisementData]]:
    async with radio.lock, asyncio.timeout(seconds + START_AND_STOP_S):
        async with radio.new_scanner() as scanner:
            await asyncio.sleep(seconds)
        return scanner.discovered_devices_and_advertisement_data.values()


def _kind(data: AdvertisementData) -> Literal["strap", "treadmill"] | None:
    """A treadmill may offer the pulse of its handles as well; it is a treadmill all the same."""
    if ftms.FITNESS_MACHINE_SERVICE in {*data.service_uuids, *data.service_data}:
        return "treadmill"
    return "strap" if hrm.SERVICE in data.service_uuids else None


async def _ask(radio: Radio, device: BLEDevice, data: AdvertisementData) -> Found:
    kind = _kind(data) or "strap"
    name = clean_name(data.local_name or device.name)
    abilities: tuple[str, ...] = ()
    problem = ""
    try:
        async with open_link(radio, device.address) as link:
            abilities = await (_treadmill(link) if kind == "treadmill" else _strap(link))
    except (BleakError, LinkError, TimeoutError, OSError) as error:
        problem = f"could not be asked what it can do: {error or 'it did not answer in time'}"
    return Found(kind, device.address, name, data.rssi, abilities, problem)


async def _strap(link: Link) -> tuple[str, ...]:
    payload = await link.read(battery.LEVEL)
    level = battery.decode(payload) if payload else None
    return ("heart rate",) if level is None else ("heart rate", f"battery {level} %")


async def _treadmill(link: Link) -> tuple[str, ...]:
    if link.characteristic(ftms.TREADMILL_DATA) is None:
        raise LinkError("it has no treadmill data; it is another kind of fitness machine")
    speed = await _range(link, ftms.SPEED_RANGE)
    incline = await _range(link, ftms.INCLINE_RANGE)
    driven = link.characteristic(ftms.CONTROL_POINT) is not None
    said = await _features(link)
    return (
        "takes commands" if driven else "takes no commands: it can only be watched",
        f"speed {speed}" if speed else "speed range not reported",
        f"incline {incline}" if incline else "incline range not reported",
        *([f"says it has: {', '.join(said)}"] if said else []),
    )


async def _range(link: Link, uuid: str) -> str:
    payload = await link.read(uuid)
    if payload is None:
        return ""
    try:
        if uuid == ftms.SPEED_RANGE:
            return _in_words(ftms.decode_speed_range(payload), "km/h")
        return _in_words(ftms.decode_incline_range(payload), "%")
    except WireError:
        return ""


def _in_words(span: Range, unit: str) -> str:
    step = f" in steps of {span.step:g}" if span.step else ""
    return f"{span.minimum:g} to {span.maximum:g} {unit}{step}"


async def _features(link: Link) -> tuple[str, ...]:
    payload = await link.read(ftms.FEATURE)
    try:
        names = ftms.decode_feature(payload).names if payload else ()
    except WireError:
        names = ()
    return tuple(name.replace("_", " ") for name in names)


def report(found: list[Found]) -> str:
    """What was found, for a person, with the lines for the settings file."""
    if not found:
        return (
            "No strap and no treadmill is in range. Put the strap on (its contacts moist), wake the treadmill up,\n"
            "close the apps on the phone that may hold them, and scan again."
        )
    return "\n\n".join(_entry(device) for device in found)


def _entry(device: Found) -> str:
    lines = [f"# {device.kind}: {device.name or 'without a name'}, {device.rssi_dbm} dBm"]
    lines += [f"#   {ability}" for ability in device.abilities]
    lines += [f"#   {device.problem}"] if device.problem else []
    table, kind = ("strap", "ble") if device.kind == "strap" else ("machine", "ftms")
    return "\n".join([*lines, f"[{table}]", f'kind = "{kind}"', f'address = "{device.address}"'])
