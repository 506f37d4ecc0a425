"""Datagrams to a real socket, on the file system and in the abstract name space."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from pitrainer import systemd


@pytest.fixture(params=["path", "abstract"])
def heard(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@pitrainer-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        listener.settimeout(10.0)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listener


def test_every_word_arrives_as_one_datagram(heard: socket.socket) -> None:
    assert systemd.ready("waiting for\nthe strap")
    assert systemd.watchdog()
    assert systemd.status("running")
    assert systemd.stopping()
    assert [heard.recv(4096) for _ in range(4)] == [
        b"READY=1\nSTATUS=waiting for the strap",
        b"WATCHDOG=1",
        b"STATUS=running",
        b"STOPPING=1",
    ]


def test_a_status_cannot_smuggle_in_another_word(heard: socket.socket) -> None:
    systemd.status("HR-STRAP\nSTOPPING=1")
    assert heard.recv(4096) == b"STATUS=HR-STRAP STOPPING=1"


def test_without_systemd_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert systemd.watchdog() is False


@pytest.mark.parametrize("name", ["/nowhere/notify", "@nobody-listens-here", "relative", "vsock:2:3", "/" + "x" * 300])
def test_nobody_at_the_other_end_is_no_error(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    assert systemd.watchdog() is False


def test_a_service_manager_that_does_not_read_cannot_hold_us_up(heard: socket.socket) -> None:
    sent = [systemd.watchdog() for _ in range(10_000)]
    assert sent[0] is True
    assert sent[-1] is False


@pytest.mark.parametrize(
    ("usec", "pid", "wanted_s"),
    [
        ("4000000", None, 4.0),
        ("4000000", "ours", 4.0),
        ("4000000", "1", None),
        ("0", None, None),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_the_watchdogs_time_is_for_the_process_it_names(
    monkeypatch: pytest.MonkeyPatch, usec: str | None, pid: str | None, wanted_s: float | None
) -> None:
    for name, value in (("WATCHDOG_USEC", usec), ("WATCHDOG_PID", str(os.getpid()) if pid == "ours" else pid)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert systemd.watchdog_s() == wanted_s
