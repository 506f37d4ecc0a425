"""A Bluetooth heart-rate strap: each notification of 0x2A37 becomes a `Beat`.

The strap is bound to the address chosen at set-up, never to a name: a stranger's strap of the same make is nobody.
A strap notifies once a second while it is worn. One that is linked but silent for `SILENT_S` is linked to anew,
before heart-rate mode has to ease at 15 s. Packets that cannot be understood are dropped, counted, and logged once.
The battery level is read once per link, before subscribing.
"""

from __future__ import annotations

import asyncio
import logging

from pitrainer.drivers.bluetooth import Link, LinkError, Radio, keep_linked
from pitrainer.drivers.ports import Post
from pitrainer.model import Beat, LinkState
from pitrainer.wire import WireError, battery, hrm

log = logging.getLogger(__name__)

SILENT_S = 8.0


class HeartStrap:
    """The strap at `address` (any case), reached through `radio`."""

    def __init__(self, address: str, *, radio: Radio) -> None:
        self._address = address
        self._radio = radio
        self._heard = asyncio.Event()
        self.garbled = 0
        """Packets that could not be understood, over all links."""

    async def run(self, post: Post) -> None:
        """Report `Beat` and `LinkState` until cancelled; errors of the link are survived."""

        async def serve(link: Link) -> None:
            await self._serve(link, post)

        def lost(reason: str) -> None:
            post(LinkState(_now_s(), "strap", up=False, detail=reason))

        await keep_linked(self._radio, self._address, serve, lost)

    async def _serve(self, link: Link, post: Post) -> None:
        level = await self._battery(link)
        if not await link.subscribe(hrm.MEASUREMENT, lambda payload: self._notified(payload, post)):
            raise LinkError("the device has no heart-rate measurement: is it a heart strap?")
        post(LinkState(_now_s(), "strap", up=True, name=link.name, battery_pct=level))
        while True:
            self._heard.clear()
            try:
                async with asyncio.timeout(SILENT_S):
                    await link.until(self._heard)
            except TimeoutError:
                raise LinkError(f"the strap is linked but silent for {SILENT_S:g} s") from None

    async def _battery(self, link: Link) -> int | None:
        payload = await link.read(battery.LEVEL)
        try:
            return battery.decode(payload) if payload is not None else None
        except WireError:
            return None

    def _notified(self, payload: bytes, post: Post) -> None:
        self._heard.set()
        try:
            beat = hrm.decode(payload)
        except WireError as error:
            self.garbled += 1
            if self.garbled == 1:
                log.warning("strap %s sends what cannot be understood: %s", self._address, error)
            return
        post(Beat(_now_s(), beat.hr_bpm, beat.contact, beat.rr_s))


def _now_s() -> float:
    return asyncio.get_running_loop().time()
