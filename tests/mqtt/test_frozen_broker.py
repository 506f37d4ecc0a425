"""A broker that answers nothing, neither yes nor no, and then thaws: found on a booted appliance, kept here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from broker_kit import Broker, Settings, mosquitto, over_unix, running, until

from pitrainer.mqtt import ControllerLink

A_TENTH = 0.1
"""Of the time limits: how long it takes is not what is tested."""


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "pitrainer.mqtt"]


@pytest.mark.parametrize("door", [lambda settings, directory: settings, over_unix], ids=["tcp", "unix"])
def test_connecting_to_a_frozen_broker_gives_up_goes_on_trying_and_succeeds_when_it_thaws(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, door: Callable[[Settings, Path], Settings]
) -> None:
    async def scene(broker: Broker) -> None:
        assert broker.process is not None
        broker.process.send_signal(signal.SIGSTOP)
        settings = door(broker.settings, tmp_path)
        link = ControllerLink(settings, deliver=lambda order: None, time_scale=A_TENTH)
        task = asyncio.create_task(link.run())
        await until(lambda: told(caplog))
        broker.process.send_signal(signal.SIGCONT)
        await until(lambda: link.connected or task.done())
        assert not task.done()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    with running(mosquitto(tmp_path)) as broker, caplog.at_level(logging.INFO):
        asyncio.run(scene(broker))
    assert [line.split(": ")[-1] for line in told(caplog)][-1].endswith("is back.")
    assert [record for record in caplog.records if record.name == "asyncio"] == []


def test_a_lost_connection_leaves_no_cancellation_behind_that_a_later_time_limit_could_take_for_its_own(
    tmp_path: Path,
) -> None:
    async def scene(broker: Broker) -> None:
        link = ControllerLink(broker.settings, deliver=lambda order: None)
        task = asyncio.create_task(link.run())
        await until(lambda: link.connected)
        broker.kill()
        await until(lambda: not link.connected)
        broker.start()
        await until(lambda: link.connected)
        assert task.cancelling() == 0
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with running(mosquitto(tmp_path)) as broker:
        asyncio.run(scene(broker))
