"""Telling systemd how we are: READY, WATCHDOG, STOPPING and STATUS datagrams to $NOTIFY_SOCKET (sd_notify(3)).

Without systemd nothing is sent. Nothing here blocks or raises: a service manager that does not listen is no reason
to disturb the tick. Only the tick sends WATCHDOG, after it has checked its own deadlines.
"""

from __future__ import annotations

import contextlib
import os
import socket


def notify(*lines: str) -> bool:
    """Send `NAME=value` lines as one datagram; False where nobody listens."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where.startswith(("/", "@")):
        return False
    address = "\0" + where[1:] if where.startswith("@") else where
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.sendto("\n".join(lines).encode(), address)
        return True
    return False


def ready(status: str = "") -> bool:
    """Start-up is complete."""
    return notify("READY=1", f"STATUS={_line(status)}")


def watchdog() -> bool:
    """Still ticking."""
    return notify("WATCHDOG=1")


def stopping() -> bool:
    """Going down, the belt's ramp included."""
    return notify("STOPPING=1")


def status(text: str) -> bool:
    """One line for `systemctl status`."""
    return notify(f"STATUS={_line(text)}")


def watchdog_s() -> float | None:
    """Within how many seconds systemd wants to hear WATCHDOG; None: it does not."""
    try:
        wanted_s = int(os.environ.get("WATCHDOG_USEC", "")) / 1e6
        ours = int(os.environ.get("WATCHDOG_PID", os.getpid())) == os.getpid()
    except ValueError:
        return None
    return wanted_s if ours and wanted_s > 0 else None


def _line(text: str) -> str:
    return " ".join(text.split())
