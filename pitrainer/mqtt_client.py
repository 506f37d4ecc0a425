"""Reaching the broker: topics, stamps, and a client set up our way.

A connection is clean every time (clean start, session expiry 0), so the broker never keeps a command for somebody
who was away. Keepalive is 5 s: a frozen peer is noticed after about 10 s; who needs to know sooner looks at the age
of the state, judged by CLOCK_BOOTTIME, which all processes of one boot share and no clock correction touches.
TCP_NODELAY is set because Nagle's algorithm with delayed acknowledgements costs 40 ms a message.
"""

from __future__ import annotations

import functools
import logging
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import aiomqtt
import msgspec
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

log = logging.getLogger("pitrainer.mqtt")

KEEPALIVE_S = 5
TIMEOUT_S = 3.0
COMMAND_EXPIRY_S = 2
LARGEST_B = 128_000
"""No larger message is sent; config/mosquitto/pitrainer.conf lets just a little more pass."""


class BrokerSettings(Protocol):
    """Where the broker is: `config.MqttSettings` has this shape. A `socket` path wins over `host` and `port`."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def socket(self) -> str | os.PathLike[str] | None: ...
    @property
    def protocol(self) -> int: ...
    @property
    def username(self) -> str | None: ...
    @property
    def password_file(self) -> str | os.PathLike[str] | None: ...
    @property
    def machine_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Topics:
    """The full topic names of one machine (docs/mqtt.md)."""

    machine_id: str

    def _of(self, leaf: str) -> str:
        return f"pitrainer/{self.machine_id}/{leaf}"

    @property
    def status(self) -> str:
        return self._of("status")

    @property
    def state(self) -> str:
        return self._of("state")

    @property
    def plan(self) -> str:
        return self._of("plan")

    @property
    def event(self) -> str:
        return self._of("event")

    @property
    def cmd(self) -> str:
        return self._of("cmd")

    @property
    def ack(self) -> str:
        return self._of("ack")

    @property
    def sim(self) -> str:
        return self._of("sim")

    @property
    def stop(self) -> str:
        """STOP and nothing else, for those who may not write to `cmd`: any payload but an empty one."""
        return self._of("set/stop")

    @property
    def pause(self) -> str:
        return self._of("set/pause")

    @property
    def session(self) -> str:
        return self._of("set/session")


def stamp() -> tuple[str, int]:
    """This boot (32 hex digits) and CLOCK_BOOTTIME in ns. OSError where the kernel's boot id is out of reach."""
    return boot_id(), time.clock_gettime_ns(time.CLOCK_BOOTTIME)


@functools.cache
def boot_id() -> str:
    """`$BOOT_ID` (systemd's %b, for units that may not see /proc/sys), else what the kernel says."""
    text = os.environ.get("BOOT_ID") or _kernel_boot_id()
    return plain_boot(text)


def plain_boot(text: str) -> str:
    """systemd writes a boot id without dashes, the kernel with."""
    return text.strip().replace("-", "").lower()


def _kernel_boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError as error:
        message = f"The boot id cannot be read ({error}); set BOOT_ID=%b in the systemd unit."
        raise OSError(error.errno, message) from error


def encode(message: object) -> bytes:
    """JSON; numbers that are none (NaN, infinite) go out as null, what JSON does not know as its text."""
    return msgspec.json.encode(message, enc_hook=str)


def open_client(settings: BrokerSettings, *, identifier: str, will: bool, time_scale: float = 1.0) -> aiomqtt.Client:
    """A client that is not connected yet: enter it to connect. Needs a running loop.

    `will`: leave `offline` behind on `status` if it dies. `time_scale`: how many times faster than real time the
    loop runs. OSError if the password file cannot be read.
    """
    version5 = settings.protocol == 5
    where = settings.socket
    password = settings.password_file
    return aiomqtt.Client(
        os.fspath(where) if where else settings.host,
        settings.port,
        transport="unix" if where else "tcp",
        username=settings.username,
        password=Path(password).read_text().strip() if password else None,
        identifier=identifier,
        protocol=aiomqtt.ProtocolVersion.V5 if version5 else aiomqtt.ProtocolVersion.V311,
        clean_session=None if version5 else True,
        properties=_session_expiry_0() if version5 else None,
        will=aiomqtt.Will(Topics(settings.machine_id).status, b"offline", 1, True) if will else None,
        timeout=TIMEOUT_S * time_scale,
        keepalive=KEEPALIVE_S,
        socket_options=() if where else ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
        # Paho takes the flag with MQTT 5 only, and by default means it for the first connection only.
        clean_start=True if version5 else MQTT_CLEAN_START_FIRST_ONLY,
    )


def _session_expiry_0() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 0
    return properties


def expiring() -> Properties:
    """MQTT 5 properties of a command: the broker forgets it after 2 s."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = COMMAND_EXPIRY_S
    return properties


def name_of(settings: BrokerSettings) -> str:
    """Where the broker is, for people."""
    return str(settings.socket) if settings.socket else f"{settings.host}:{settings.port}"
