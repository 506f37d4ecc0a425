"""Just enough MQTT 3.1.1 to be a thousand clients in one process: connect, subscribe, publish, hear.

No keepalive, no reconnection, no checking of what the broker says beyond its first word: for benches only.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

Heard = Callable[[str, bytes], None]
CONNACK, PUBLISH, PUBACK = 0x20, 0x30, 0x40


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


async def connect(port: int, identifier: str, heard: Heard) -> Client:
    """Returns when the broker has taken the client."""
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(identifier, heard), "127.0.0.1", port)
    await client.taken
    return client


def publish_packet(topic: str, payload: bytes, *, retain: bool = False, qos: int = 0, number: int = 1) -> bytes:
    identity = number.to_bytes(2, "big") if qos else b""
    return _packet(PUBLISH | qos << 1 | retain, _text(topic) + identity + payload)


class Client(asyncio.Protocol):
    def __init__(self, identifier: str, heard: Heard) -> None:
        self._identifier, self._heard = identifier, heard
        self._buffer, self._number = b"", 0
        self.taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.write(_packet(0x10, _text("MQTT") + b"\x04\x02\x00\x00" + _text(self._identifier)))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (packet := self._next()) is not None:
            self._take(*packet)

    def _next(self) -> tuple[int, bytes] | None:
        """The first whole packet: its first byte and its body."""
        length = shift = 0
        for at, byte in enumerate(self._buffer[1:5], 2):
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if len(self._buffer) < at + length:
                    return None
                first, body = self._buffer[0], self._buffer[at : at + length]
                self._buffer = self._buffer[at + length :]
                return first, body
        return None

    def _take(self, first: int, body: bytes) -> None:
        if first & 0xF0 == CONNACK:
            self.taken.set_result(None)
        elif first & 0xF0 == PUBLISH:
            end = 2 + int.from_bytes(body[:2], "big")
            topic, qos = body[2:end].decode(), first >> 1 & 3
            if qos:
                self.write(_packet(PUBACK, body[end : end + 2]))
            self._heard(topic, body[end + (2 if qos else 0) :])

    def subscribe(self, topic: str, *, qos: int = 0) -> None:
        self.write(_packet(0x82, self._fresh() + _text(topic) + bytes([qos])))

    def publish(self, topic: str, payload: bytes, *, qos: int) -> None:
        self._number = self._number % 65535 + 1
        self.write(publish_packet(topic, payload, qos=qos, number=self._number))

    def _fresh(self) -> bytes:
        self._number = self._number % 65535 + 1
        return self._number.to_bytes(2, "big")

    def write(self, packet: bytes) -> None:
        assert self._transport is not None
        self._transport.write(packet)

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


def _packet(first: int, body: bytes) -> bytes:
    length, rest = bytearray(), len(body)
    while True:
        rest, low = divmod(rest, 128)
        length.append(low | (0x80 if rest else 0))
        if not rest:
            return bytes([first]) + bytes(length) + body


def _text(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()
