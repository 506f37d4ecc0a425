"""The page's process: one connection to the broker, waitress in front of the app, until SIGTERM.

waitress gives each request a thread and lets the rest queue. A live stream keeps its thread, so there are as many
threads as streams and `SPARE_THREADS` more: STOP always finds one free (docs/performance.md). Debugging servers
never run here: Werkzeug's would let the LAN run code.
"""

from __future__ import annotations

import signal
from functools import partial
from types import FrameType
from typing import Protocol, cast

import waitress  # type: ignore[import-untyped]
from flask import Flask

from pitrainer import config, mqtt, sessions, systemd
from pitrainer.web.app import STREAMS, create_app
from pitrainer.web.stream import STREAMS_MAX

SPARE_THREADS = 16
THREADS = STREAMS_MAX + SPARE_THREADS
CONNECTIONS_MAX = 200


class Server(Protocol):
    """What is used of waitress's server."""

    @property
    def effective_port(self) -> int: ...

    def run(self) -> None:
        """Serve until SystemExit or KeyboardInterrupt is raised in this thread."""

    def close(self) -> None: ...


def serve(settings: config.Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError where the address cannot be taken."""
    remote = mqtt.Remote(settings.mqtt.asking, who="page")
    app = create_app(
        remote,
        session_directories=settings.session_directories,
        allowed_hosts=settings.web.allowed_hosts,
        athlete=settings.athlete,
        journal=settings.journal,
        check=partial(sessions.check, athlete=settings.athlete, limits=settings.machine.limits, user=settings.limits),
    )
    server = server_of(app, host=settings.web.host, port=settings.web.port)

    def leave(signum: int, frame: FrameType | None) -> None:
        app.extensions[STREAMS].end()
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    remote.start()
    systemd.ready()
    try:
        server.run()
    finally:
        server.close()
        remote.close()


def server_of(app: Flask, *, host: str, port: int) -> Server:
    """The server, listening already. Port 0 takes a free one: see `effective_port`."""
    made = waitress.create_server(
        app, host=host, port=port, threads=THREADS, connection_limit=CONNECTIONS_MAX, ident=None
    )
    return cast(Server, made)
