"""What every Bluetooth driver shares: finding a device by its address, linking to it, and linking again for ever.

`Radio` is one adapter. Its lock lets one party at a time search or connect: two scanners in one process make BlueZ
say InProgress, and Broadcom chips dislike connecting while scanning. A search holds the lock for `SEARCH_S` only,
so an absent strap delays the treadmill's return by no more than that.

`keep_linked` is the loop: search, connect, serve until lost, disconnect, wait 0.5, 1, 2, 5, 10 s (with jitter),
again. After each loss the client is told to disconnect, even though the link is gone, and a new one is built:
bleak on BlueZ otherwise keeps the old D-Bus subscription and delivers every notification once more per reconnect
(bleak issue 2002). Callbacks of a link that has ended are dropped for the same reason. bleak's reads and writes
have no timeout of their own and can hang with bluetoothd, so every await on it is bounded here.

Links that an earlier process left behind do not advertise: a device is first looked for among the connected ones.
"""

from __future__ import annotations

import asyncio
import logging
import random
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import NoReturn

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakError

log = logging.getLogger(__name__)

SEARCH_S = 4.0
"""Straps and treadmills advertise at least once a second when nobody is connected."""
CONNECT_S = 15.0
OPERATION_S = 5.0
BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 30.0
"""A link that lived this long starts the backoff from its beginning."""
NAME_LENGTH = 40


class LinkError(Exception):
    """The link is gone or useless; the text says why, for a person."""


@dataclass(frozen=True)
class Radio:
    """One Bluetooth adapter: bleak's own backends (`None`), or others for tests. `name`: such as `hci1`."""

    name: str | None = None
    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None
    adapter: type[BaseBleakAdapter] | None = None
    jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def new_scanner(self) -> BleakScanner:
        if self.name:
            return BleakScanner(bluez={"adapter": self.name}, backend=self.scanner)
        return BleakScanner(backend=self.scanner)

    def new_client(self, device: BLEDevice, gone: Callable[[BleakClient], None]) -> BleakClient:
        if self.name:
            return BleakClient(device, gone, bluez={"adapter": self.name}, backend=self.client)
        return BleakClient(device, gone, backend=self.client)

    async def connected_devices(self) -> list[BLEDevice]:
        """Devices linked already, to us or left over from an earlier process; empty where nobody can tell."""
        with suppress(BleakError, NotImplementedError, OSError, TimeoutError):
            async with asyncio.timeout(OPERATION_S):
                adapter = await BleakAdapter.get(
                    bluez={"adapter": self.name} if self.name else {}, backend=self.adapter
                )
                return await adapter.get_connected_devices()
        return []


class Link:
    """One connection to one device, from services known to lost. Every operation is bounded in time."""

    def __init__(self, client: BleakClient, name: str, lost: asyncio.Event) -> None:
        self.client = client
        self.name = name
        self._lost = lost
        self._open = True

    def characteristic(self, uuid: str) -> BleakGATTCharacteristic | None:
        return self.client.services.get_characteristic(uuid)

    async def read(self, uuid: str) -> bytes | None:
        """The value, or None where the device has no such characteristic, refuses, or keeps silent."""
        characteristic = self.characteristic(uuid)
        if characteristic is None or "read" not in characteristic.properties:
            return None
        with suppress(BleakError, TimeoutError):
            async with asyncio.timeout(OPERATION_S):
                return bytes(await self.client.read_gatt_char(characteristic))
        self.check()
        return None

    async def write(self, uuid: str, payload: bytes) -> None:
        """Write with response. Raises BleakError (also the device's refusals) and TimeoutError."""
        async with asyncio.timeout(OPERATION_S):
            await self.client.write_gatt_char(uuid, payload, response=True)

    async def subscribe(self, uuid: str, deliver: Callable[[bytes], None]) -> bool:
        """Deliver every notification or indication while this link lasts. False: no such characteristic."""
        characteristic = self.characteristic(uuid)
        if characteristic is None:
            return False

        def deliver_if_open(_: BleakGATTCharacteristic, payload: bytearray) -> None:
            if self._open:
                deliver(bytes(payload))

        async with asyncio.timeout(OPERATION_S):
            await self.client.start_notify(characteristic, deliver_if_open)
        return True

    def check(self) -> None:
        """Raises LinkError once the device has gone."""
        if self._lost.is_set():
            raise LinkError("the radio link was lost")

    async def until(self, event: asyncio.Event) -> None:
        """Wait for an event of this link; raises LinkError when the link ends first."""
        _obey_cancellation()
        waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._lost.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self.check()

    def close(self) -> None:
        """Nothing is delivered any more, whatever bleak still holds."""
        self._open = False


async def keep_linked(
    radio: Radio, address: str, serve: Callable[[Link], Awaitable[object]], lost: Callable[[str], None]
) -> NoReturn:
    """Link and `serve` for ever; `lost` gets the reason in words when a link ends, or why a search fails, once."""
    loop = asyncio.get_running_loop()
    failures, said = 0, ""
    while True:
        _obey_cancellation()
        began_s = loop.time()
        try:
            async with open_link(radio, address) as link:
                said = ""
                await serve(link)
        except Exception as error:
            reason = _in_words(error)
            if reason != said:
                lost(reason)
            said = reason
        if loop.time() - began_s > STEADY_S:
            failures = 0
        await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)] * radio.jitter())
        failures += 1


@asynccontextmanager
async def open_link(radio: Radio, address: str) -> AsyncIterator[Link]:
    """Search, connect, hand out the link; on leaving, always disconnect. Raises LinkError if nobody is there."""
    gone = asyncio.Event()
    async with radio.lock:
        device = await _find(radio, address)
        client = radio.new_client(device, lambda _: gone.set())
        try:
            async with asyncio.timeout(CONNECT_S):
                await client.connect()
        except BaseException:
            await _disconnect(client)
            raise
    link = Link(client, clean_name(device.name), gone)
    try:
        _obey_cancellation()
        yield link
    finally:
        link.close()
        await _disconnect(client)


async def _find(radio: Radio, address: str) -> BLEDevice:
    wanted = address.upper()
    for device in await radio.connected_devices():
        if device.address.upper() == wanted:
            return device
    async with asyncio.timeout(SEARCH_S + 2 * OPERATION_S):
        async with radio.new_scanner() as scanner:
            with suppress(TimeoutError):
                async with asyncio.timeout(SEARCH_S):
                    async for device, _ in scanner.advertisement_data():
                        if device.address.upper() == wanted:
                            return device
    raise LinkError(f"{address} is not in range, switched off, or connected to something else")


async def _disconnect(client: BleakClient) -> None:
    """Also after a loss: it frees what bleak holds for the client."""
    with suppress(Exception):
        async with asyncio.timeout(OPERATION_S):
            await client.disconnect()


def _obey_cancellation() -> None:
    """Until 3.12 `asyncio.wait_for`, which the layers below use, can swallow a cancellation; this finds it again."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def clean_name(name: str | None) -> str:
    """An advertised name is a stranger's text: without control characters, at most `NAME_LENGTH` long."""
    printable = "".join(c for c in name or "" if not unicodedata.category(c).startswith("C"))
    return printable.strip()[:NAME_LENGTH]


def _in_words(error: Exception) -> str:
    if isinstance(error, LinkError):
        return str(error)
    if isinstance(error, TimeoutError):
        return "the device did not answer in time"
    if isinstance(error, BleakError | OSError):
        return f"Bluetooth failed: {error}"
    log.exception("unexpected error on a Bluetooth link")
    return f"unexpected error: {error}"
