"""A virtual machine on a real pty: `stand.path` opens like any serial device.

Both ends of the pty are raw, and the machine keeps the far end open itself, so that a driver may come and go. The
machine lives on the loop: what arrives wakes it.
"""

from __future__ import annotations

import asyncio
import os
import tty
from types import TracebackType
from typing import Self

from pitrainer.sim.serial.cable import Machine

CHUNK = 4096


class Stand:
    """`async with Stand(machine) as stand`: plugged in at `stand.path`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._near = self._far = -1
        self.path = ""
        self.one_by_one = False
        """Answers are written octet by octet."""

    async def __aenter__(self) -> Self:
        self.plug()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unplug()

    def plug(self) -> None:
        """A fresh pty, as a USB adapter gets a fresh device: `path` changes."""
        self._near, self._far = os.openpty()
        tty.setraw(self._near)
        tty.setraw(self._far)
        os.set_blocking(self._near, False)
        self.path = os.ttyname(self._far)
        self._machine.connect(self._answer)
        asyncio.get_running_loop().add_reader(self._near, self._arrived)

    def unplug(self) -> None:
        """The device is gone; whoever has it open is hung up on."""
        if self._near < 0:
            return
        asyncio.get_running_loop().remove_reader(self._near)
        os.close(self._near)
        os.close(self._far)
        self._near = self._far = -1

    def _arrived(self) -> None:
        self._machine.hear(os.read(self._near, CHUNK), asyncio.get_running_loop().time())

    def _answer(self, octets: bytes) -> None:
        if self._near < 0:
            return
        size = 1 if self.one_by_one else max(1, len(octets))
        for at in range(0, len(octets), size):
            os.write(self._near, octets[at : at + size])
