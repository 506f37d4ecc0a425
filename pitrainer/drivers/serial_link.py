"""What every serial driver shares: opening a port, octets in both directions, and opening it again for ever.

`SerialPort` is the only home of pyserial. pyserial blocks, so each open port has one reader thread, which hands what
arrived to the loop by `call_soon_threadsafe`, and one writer thread, so that a stalled line (a USB adapter being
pulled) cannot stall the control tick. Whatever goes wrong in either ends the link: `lost` is set and says why.
Device paths are opened exclusively (two masters on one belt is a hazard); `socket://` and `rfc2217://` reach a port
on another machine.

`keep_linked` is the loop: open, serve until lost, close, wait 0.5, 1, 2, 5 s, again. Nothing is remembered from one
link to the next here; what may be said on a new link is the driver's business.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn, Protocol, TypeAlias

import serial

log = logging.getLogger(__name__)

READ_S = 0.1
WRITE_S = 1.0
OPEN_S = 10.0
JOIN_S = 1.0
MOST_WAITING = 64
"""Writes in the queue: more means that the line has stalled."""
BACKOFF_S = (0.5, 1.0, 2.0, 5.0)
STEADY_S = 30.0
"""A link that lived this long starts the backoff from its beginning."""

Deliver: TypeAlias = Callable[[bytes], None]


class LinkError(Exception):
    """The line is gone or useless; the text says why, for a person."""


class Wire(Protocol):
    """One open line. `lost` is set when it has ended; `reason` then says why."""

    lost: asyncio.Event
    reason: str

    def write(self, octets: bytes) -> None:
        """Send; never blocks, never raises."""


Connect: TypeAlias = Callable[[Deliver], AbstractAsyncContextManager[Wire]]
"""Opens a line whose octets go to `Deliver`. Raises LinkError."""


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A device path (best one below /dev/serial/by-id) or URL; always 8 bits, no parity, 1 stop bit."""

    url: str
    baud: int

    @asynccontextmanager
    async def connect(self, deliver: Deliver) -> AsyncIterator[Wire]:
        """The open port; what arrives is delivered on the loop. Raises LinkError."""
        wire = _PortWire(await self._opened(), deliver)
        try:
            yield wire
        finally:
            await wire.close()

    async def _opened(self) -> serial.Serial:
        opening = asyncio.get_running_loop().run_in_executor(None, self._open)
        try:
            async with asyncio.timeout(OPEN_S):
                return await asyncio.shield(opening)
        except TimeoutError:
            opening.add_done_callback(_close_late)
            raise LinkError(f"{self.url} did not open within {OPEN_S:g} s") from None
        except asyncio.CancelledError:
            opening.add_done_callback(_close_late)
            raise
        except (OSError, ValueError) as error:
            raise LinkError(f"{self.url} cannot be opened: {error}") from error

    def _open(self) -> serial.Serial:
        is_device = "://" not in self.url
        write_s = None if self.url.startswith("rfc2217://") else WRITE_S
        return serial.serial_for_url(
            self.url, baudrate=self.baud, timeout=READ_S, write_timeout=write_s, exclusive=is_device or None
        )


def _close_late(opening: asyncio.Future[serial.Serial]) -> None:
    """Nobody waits for this port any more."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


class _PortWire:
    """An open pyserial port with its two threads."""

    def __init__(self, port: serial.Serial, deliver: Deliver) -> None:
        self.lost = asyncio.Event()
        self.reason = ""
        self._port = port
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._waiting = 0
        self._writer = ThreadPoolExecutor(1, "serial-writer")
        self._reader = threading.Thread(target=self._read, name="serial-reader", daemon=True)
        self._reader.start()

    def write(self, octets: bytes) -> None:
        if self.lost.is_set() or self._closing:
            return
        if self._waiting >= MOST_WAITING:
            self._fail("it takes nothing any more")
            return
        self._waiting += 1
        self._writer.submit(self._write, octets)

    def _write(self, octets: bytes) -> None:
        try:
            self._port.write(octets)
        except Exception as error:
            self._tell(self._fail, f"it cannot be written to: {error}")
        finally:
            self._tell(self._written)

    def _written(self) -> None:
        self._waiting -= 1

    def _read(self) -> None:
        try:
            while not self._closing:
                octets: bytes = self._port.read(1)
                if octets:
                    more: bytes = self._port.read(self._port.in_waiting)
                    self._tell(self._arrived, octets + more)
        except Exception as error:
            self._tell(self._fail, f"it cannot be read: {error}")

    def _tell(self, call: Callable[..., None], *values: object) -> None:
        """To the loop, from a thread; it may be closed already."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *values)

    def _arrived(self, octets: bytes) -> None:
        if not (self._closing or self.lost.is_set()):
            self._deliver(octets)

    def _fail(self, reason: str) -> None:
        if not (self._closing or self.lost.is_set()):
            self.reason = reason
            self.lost.set()

    async def close(self) -> None:
        """What was still to be written is written first, within `WRITE_S`."""
        self._closing = True
        await asyncio.shield(self._loop.run_in_executor(None, self._close))

    def _close(self) -> None:
        with suppress(TimeoutError):
            self._writer.submit(int).result(WRITE_S)
        if hasattr(self._port, "cancel_read"):
            self._port.cancel_read()
        self._reader.join(JOIN_S)
        self._writer.shutdown(wait=False, cancel_futures=True)
        self._port.close()


async def keep_linked(
    connect: Connect, deliver: Deliver, serve: Callable[[Wire], Awaitable[object]], lost: Callable[[str], None]
) -> NoReturn:
    """Open and `serve` for ever; `lost` gets the reason in words when a link ends, or why opening fails, once."""
    loop = asyncio.get_running_loop()
    failures, said = 0, ""
    while True:
        began_s = loop.time()
        try:
            async with connect(deliver) as wire:
                said = ""
                await serve(wire)
                reason = wire.reason or "the line ended"
        except LinkError as error:
            reason = str(error)
        except Exception as error:
            log.exception("unexpected error on a serial line")
            reason = f"unexpected error: {error}"
        if reason != said:
            lost(reason)
        said = reason
        if loop.time() - began_s > STEADY_S:
            failures = 0
        await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
        failures += 1
