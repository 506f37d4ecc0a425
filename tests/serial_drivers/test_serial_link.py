"""Serial lines for real: ptys, sockets and a port on the network, opened by pyserial and its two threads."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
import serial
import serial.rfc2217

from pitrainer.drivers import serial_link
from pitrainer.drivers.serial_link import LinkError, SerialPort, Wire, keep_linked
from pitrainer.sim.serial.stand import Stand

ENOUGH_S = 20.0
"""Only a broken test waits so long."""


class Parrot:
    """A machine that says what it hears."""

    def __init__(self) -> None:
        self.heard = b""
        self._answer: Callable[[bytes], None] = print

    def connect(self, answer: Callable[[bytes], None]) -> None:
        self._answer = answer

    def hear(self, octets: bytes, now_s: float) -> None:
        self.heard += octets
        self._answer(octets)


class Ear(bytearray):
    """Collects what is delivered."""

    def __call__(self, octets: bytes) -> None:
        self.extend(octets)


def for_real(story: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(ENOUGH_S):
            await story()

    asyncio.run(bounded())


async def until(holds: Callable[[], bool]) -> None:
    while True:
        if holds():
            return
        await asyncio.sleep(0.005)


def test_octets_go_both_ways_whatever_their_value() -> None:
    everything = bytes(range(256))

    async def story() -> None:
        parrot, ear = Parrot(), Ear()
        async with Stand(parrot) as stand, SerialPort(stand.path, 9600).connect(ear) as wire:
            wire.write(everything)
            await until(lambda: len(ear) == 256)
            assert bytes(ear) == parrot.heard == everything

    for_real(story)


def test_answers_one_octet_at_a_time_arrive_in_order() -> None:
    async def story() -> None:
        ear = Ear()
        async with Stand(Parrot()) as stand, SerialPort(stand.path, 4800).connect(ear) as wire:
            stand.one_by_one = True
            wire.write(b"[SETSPD:010]")
            await until(lambda: len(ear) == 12)
            assert bytes(ear) == b"[SETSPD:010]"

    for_real(story)


def test_what_was_written_last_still_goes_out_when_the_line_is_closed() -> None:
    async def story() -> None:
        parrot = Parrot()
        async with Stand(parrot) as stand:
            async with SerialPort(stand.path, 9600).connect(Ear()) as wire:
                wire.write(b"\xa2")
            await until(lambda: parrot.heard == b"\xa2")

    for_real(story)


def test_a_device_that_is_open_is_refused_to_a_second_controller() -> None:
    async def story() -> None:
        async with Stand(Parrot()) as stand, SerialPort(stand.path, 9600).connect(Ear()):
            with pytest.raises(LinkError, match="cannot be opened"):
                async with SerialPort(stand.path, 9600).connect(Ear()):
                    raise AssertionError("opened twice")

    for_real(story)


@pytest.mark.parametrize("url", ["/dev/serial/by-id/nothing", "socket://127.0.0.1:1", "nonsense://x"])
def test_a_port_that_cannot_be_opened_is_a_link_error_that_names_it(url: str) -> None:
    async def story() -> None:
        with pytest.raises(LinkError, match=url):
            async with SerialPort(url, 9600).connect(Ear()):
                raise AssertionError("opened")

    for_real(story)


def test_a_pulled_adapter_ends_the_link_and_nothing_is_delivered_or_raised_after() -> None:
    async def story() -> None:
        async with Stand(Parrot()) as stand, SerialPort(stand.path, 9600).connect(Ear()) as wire:
            stand.unplug()
            await wire.lost.wait()
            assert wire.reason
            wire.write(b"\xa0")

    for_real(story)


def test_a_line_that_takes_nothing_any_more_is_lost() -> None:
    async def story() -> None:
        near, far = os.openpty()
        try:
            async with SerialPort(os.ttyname(far), 9600).connect(Ear()) as wire:
                for _ in range(serial_link.MOST_WAITING + 1):
                    wire.write(bytes(2000))
                await wire.lost.wait()
                assert wire.reason == "it takes nothing any more"
        finally:
            os.close(near)
            os.close(far)

    for_real(story)


def test_a_port_behind_a_socket_works_and_its_end_is_noticed() -> None:
    async def story() -> None:
        async def parrot(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readexactly(3))
            await writer.drain()
            await reader.readexactly(1)
            writer.close()

        server = await asyncio.start_server(parrot, "127.0.0.1", 0)
        async with server:
            ear, port = Ear(), server.sockets[0].getsockname()[1]
            async with SerialPort(f"socket://127.0.0.1:{port}", 9600).connect(ear) as wire:
                wire.write(b"abc")
                await until(lambda: bytes(ear) == b"abc")
                wire.write(b"x")
                await wire.lost.wait()
                assert wire.reason

    for_real(story)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:serial.rfc2217")
def test_a_port_behind_rfc2217_works() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = serial.serial_for_url("loop://", timeout=0.05)

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            lock = threading.Lock()

            def send(octets: bytes) -> None:
                with lock:
                    connection.sendall(octets)

            channel = cast(Any, type("Channel", (), {"write": staticmethod(send)}))
            there = cast(Any, serial.rfc2217).PortManager(port, channel)
            connection.settimeout(0.02)
            while True:
                try:
                    arrived = connection.recv(1024)
                except TimeoutError:
                    arrived = None
                if arrived == b"":
                    return
                if arrived:
                    port.write(b"".join(there.filter(arrived)))
                back = port.read(port.in_waiting) if port.in_waiting else b""
                if back:
                    send(b"".join(there.escape(back)))

    server = threading.Thread(target=serve)
    server.start()

    async def story() -> None:
        ear = Ear()
        url = f"rfc2217://127.0.0.1:{listener.getsockname()[1]}"
        async with SerialPort(url, 9600).connect(ear) as wire:
            wire.write(b"[inc]\xff")
            await until(lambda: bytes(ear) == b"[inc]\xff")

    try:
        for_real(story)
    finally:
        server.join(ENOUGH_S)
        listener.close()
        port.close()


def test_an_adapter_that_comes_back_under_its_name_is_opened_again(tmp_path: Path) -> None:
    async def story() -> None:
        name, ear, parrot = tmp_path / "usb-Trackmaster", Ear(), Parrot()
        served: list[Wire] = []
        lost: list[str] = []

        async def serve(wire: Wire) -> None:
            served.append(wire)
            wire.write(b"%d" % len(served))
            await wire.lost.wait()

        async with Stand(parrot) as stand:
            name.symlink_to(stand.path)
            keeping = asyncio.ensure_future(keep_linked(SerialPort(str(name), 9600).connect, ear, serve, lost.append))
            await until(lambda: bytes(ear) == b"1")
            stand.unplug()
            name.unlink()
            await until(lambda: len(lost) == 2)
            stand.plug()
            name.symlink_to(stand.path)
            await until(lambda: bytes(ear) == b"12")
            keeping.cancel()
            await asyncio.wait([keeping])
            assert "cannot be opened" in lost[1]

    for_real(story)


def test_an_error_in_serving_is_told_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        lost: list[str] = []

        async def serve(wire: Wire) -> None:
            raise ZeroDivisionError("a bug")

        async with Stand(Parrot()) as stand:
            port = SerialPort(stand.path, 9600)
            keeping = asyncio.ensure_future(keep_linked(port.connect, Ear(), serve, lost.append))
            await until(lambda: len(lost) == 2)
            keeping.cancel()
            await asyncio.wait([keeping])
            assert lost == ["unexpected error: a bug"] * 2

    for_real(story)
    assert "unexpected error" in caplog.text
