"""A bleak backend on a bumble host: what bleak's BlueZ backend is to a Pi, this is to the virtual air.

Only bleak's public seam is used: scanner, client and adapter types given as `backend=`. Errors come out as bleak's
own: ATT errors as `BleakGATTProtocolError`, lost links as `BleakError`, connects that fail as `TimeoutError`.
Like BlueZ it keeps a link that a client forgot to close, and hands it to the next client of that device.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar, cast

from bleak.args import SizedBuffer
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble import att, core, gatt_client, hci
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Connection, Peer

from pitrainer.drivers.bluetooth import Radio
from pitrainer.sim.ble.air import Air

Value = TypeVar("Value")


def radio(air: Air) -> Radio:
    """The `Radio` of a driver that lives in this air. Backoff without jitter, so that runs repeat."""

    class Scanner(AirScanner):
        _air = air

    class Client(AirClient):
        _air = air

    class Adapter(AirAdapter):
        _air = air

    return Radio(scanner=Scanner, client=Client, adapter=Adapter, jitter=lambda: 1.0)


def _uuid(uuid: core.UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-").lower())


def _uuid16(raw: bytes) -> str:
    return _uuid(core.UUID.from_16_bits(int.from_bytes(raw, "little")))


class AirAdapter(BaseBleakAdapter):
    """Knows the links that are already there."""

    _air: Air

    @classmethod
    async def get(cls, **_: Any) -> Self:
        return cls()

    async def get_connected_devices(self, service_uuids: frozenset[str]) -> list[BLEDevice]:
        addresses = [c.peer_address.to_string(False) for c in self._air.central.connections.values()]
        return [BLEDevice(address, None, None) for address in addresses]


class AirScanner(BaseBleakScanner):
    """Active scanning for legacy advertisements."""

    _air: Air

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        *_: Any,
        **__: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        if self._air.central.is_scanning:
            raise BleakError("[org.bluez.Error.InProgress] Operation already in progress")
        self.seen_devices = {}
        self._air.central.on("advertisement", self._heard)
        await self._air.central.start_scanning(legacy=True)

    async def stop(self) -> None:
        self._air.central.remove_listener("advertisement", self._heard)
        await self._air.central.stop_scanning(legacy=True)

    def _heard(self, advertisement: Advertisement) -> None:
        data = _advertisement_data(advertisement)
        address = advertisement.address.to_string(False)
        device = self.create_or_update_device(address, address, data.local_name, None, data)
        if self.is_allowed_uuid(data.service_uuids):
            self.call_detection_callbacks(device, data)


def _advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    name, uuids, service_data = None, list[str](), dict[str, bytes]()
    for kind, raw in advertisement.data.ad_structures:
        if kind == AdvertisingData.COMPLETE_LOCAL_NAME:
            name = raw.decode("utf-8", "replace")
        elif kind == AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS:
            uuids += [_uuid16(raw[i : i + 2]) for i in range(0, len(raw), 2)]
        elif kind == AdvertisingData.SERVICE_DATA_16_BIT_UUID:
            service_data[_uuid16(raw[:2])] = raw[2:]
    return AdvertisementData(name, {}, service_data, uuids, None, advertisement.rssi, (advertisement,))


class AirClient(BaseBleakClient):
    """One GATT client."""

    _air: Air

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        services: set[str] | None = None,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **_: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        name = address_or_ble_device.name if isinstance(address_or_ble_device, BLEDevice) else None
        self._name = name or self.address.replace(":", "-")
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._subscribed: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return self._name

    @property
    def mtu_size(self) -> int:
        return self._connection.att_mtu if self._connection else 23

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        if self._connection:
            raise BleakError("Client is already connected")
        async with self._air.connecting:
            self._connection = self._left_over() or await self._dial(kwargs.get("timeout", self._timeout))
        self._connection.on(self._connection.EVENT_DISCONNECTION, self._on_disconnection)
        try:
            self._peer = Peer(self._connection)
            await self._peer.request_mtu(517)
            self.services = await _discover(self._peer, lambda: self.mtu_size - 3)
        except BaseException:
            await self.disconnect()
            raise

    def _left_over(self) -> Connection | None:
        return self._air.central.find_connection_by_bd_addr(hci.Address(self.address))

    async def _dial(self, timeout_s: float) -> Connection:
        central = self._air.central
        try:
            return await central.connect(hci.Address(self.address), timeout=timeout_s)
        except core.TimeoutError:
            raise TimeoutError from None
        except core.ConnectionError as error:
            raise BleakError(f"connection failed: {error}") from error
        except asyncio.CancelledError:
            if central.is_le_connecting:
                await central.cancel_connection()  # type: ignore[no-untyped-call]
            raise

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = self._peer = self.services = None
        self._subscribed.clear()
        if self._disconnected_callback:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        if self._connection:
            await self._connection.disconnect()

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        return bytearray(await self._ask(self._gatt().read_value(characteristic.obj)))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        return bytearray(await self._ask(self._gatt().read_value(descriptor.obj)))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        await self._ask(self._gatt().write_value(characteristic.obj, bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        await self._ask(self._gatt().write_value(descriptor.obj, bytes(data), with_response=True))

    async def start_notify(self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any) -> None:
        def deliver(value: bytes) -> None:
            callback(bytearray(value))

        self._subscribed[characteristic.handle] = deliver
        await self._ask(self._gatt().subscribe(characteristic.obj, deliver))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        deliver = self._subscribed.pop(characteristic.handle, None)
        if deliver and self._connection:
            await self._ask(self._gatt().unsubscribe(characteristic.obj, deliver))

    async def pair(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError("the virtual devices need no pairing")

    async def unpair(self) -> None:
        raise NotImplementedError("the virtual devices need no pairing")

    def _gatt(self) -> gatt_client.Client:
        if self._peer is None:
            raise BleakError("Service Discovery has not been performed yet")
        return self._peer.gatt_client

    async def _ask(self, request: Awaitable[Value]) -> Value:
        try:
            return await request
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(int(error.error_code)) from error
        except core.TimeoutError:
            raise TimeoutError from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._connection is None and task is not None and not task.cancelling():
                raise BleakError("disconnected during the request") from None
            raise


async def _discover(peer: Peer, largest_write: Callable[[], int]) -> BleakGATTServiceCollection:
    found = BleakGATTServiceCollection()
    for service in await peer.discover_services():
        bleak_service = BleakGATTService(service, service.handle, _uuid(service.uuid))
        found.add_service(bleak_service)
        for characteristic in await service.discover_characteristics():
            bleak_characteristic = BleakGATTCharacteristic(
                characteristic,
                characteristic.handle,
                _uuid(characteristic.uuid),
                list(cast(Any, gatt_char_props_to_strs(int(characteristic.properties)))),
                largest_write,
                bleak_service,
            )
            found.add_characteristic(bleak_characteristic)
            for descriptor in await characteristic.discover_descriptors():
                found.add_descriptor(
                    BleakGATTDescriptor(descriptor, descriptor.handle, _uuid(descriptor.type), bleak_characteristic)
                )
    return found
