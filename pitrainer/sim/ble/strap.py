"""A virtual heart strap: GATT services 0x180D and 0x180F, one notification a second while it is worn.

What it reports comes from a callable, so that a runner model can be plugged in. Its faults are switches:
`silent`, `frozen` (repeats its last packet), `garbage` (sends these octets); lost contact is in the measurement.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Any, cast

from bumble.core import AdvertisingData
from bumble.gatt import Characteristic, Service

from pitrainer.sim.ble.air import Air
from pitrainer.wire import battery, hrm
from pitrainer.wire.hrm import HeartRateMeasurement

ADDRESS = "C0:00:00:00:00:01"
HEART_RATE_SERVICE, MEASUREMENT, BODY_SENSOR_LOCATION = "180D", "2A37", "2A38"
BATTERY_SERVICE, BATTERY_LEVEL = "180F", "2A19"
CHEST = b"\x01"


class VirtualStrap:
    """`async with VirtualStrap(air, measure)`: worn and advertising. `measure` gives each second's packet."""

    def __init__(
        self,
        air: Air,
        measure: Callable[[], HeartRateMeasurement],
        *,
        address: str = ADDRESS,
        name: str = "HR-STRAP",
        battery_pct: int = 87,
    ) -> None:
        self.measure = measure
        self.silent = False
        self.frozen = False
        self.garbage: bytes | None = None
        self._air = air
        self._last = b""
        self.device = air.device(name, address)
        notify, read = Characteristic.Properties.NOTIFY, Characteristic.Properties.READ
        readable = Characteristic.READABLE
        self._measurement = _characteristic(MEASUREMENT, notify, 0, b"")
        location = _characteristic(BODY_SENSOR_LOCATION, read, readable, CHEST)
        level = _characteristic(BATTERY_LEVEL, read | notify, readable, battery.encode(battery_pct))
        self.device.add_services(
            [Service(HEART_RATE_SERVICE, [self._measurement, location]), Service(BATTERY_SERVICE, [level])]
        )
        self.device.advertising_data = _advertisement(name)

    async def beat(self) -> None:
        """One second's notification, to whoever has subscribed."""
        if self.silent:
            return
        if not self.frozen or not self._last:
            self._last = hrm.encode(self.measure())
        payload = self._last if self.garbage is None else self.garbage
        await self.device.notify_subscribers(self._measurement, payload)

    async def switch_off(self) -> None:
        """Ends its links and advertises no more."""
        await self._air.switch_off(self.device)

    async def switch_on(self) -> None:
        await self._air.switch_on(self.device)

    async def _beat_each_second(self) -> None:
        while True:
            await asyncio.sleep(1)
            await self.beat()

    async def __aenter__(self) -> VirtualStrap:
        await self.switch_on()
        self._beating = asyncio.create_task(self._beat_each_second())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._beating.cancel()
        await asyncio.wait([self._beating])
        await self.switch_off()


def _characteristic(uuid: str, properties: Any, permissions: Any, value: bytes) -> Characteristic[bytes]:
    return Characteristic(uuid, properties, cast(Any, permissions), value)


def _advertisement(name: str) -> bytes:
    services = struct.pack("<HH", 0x180D, 0x180F)
    return bytes(
        AdvertisingData(
            [
                (AdvertisingData.FLAGS, b"\x06"),
                (AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, services),
                (AdvertisingData.COMPLETE_LOCAL_NAME, name.encode()),
            ]
        )
    )
