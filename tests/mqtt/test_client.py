"""Waiting between attempts, stamps and names."""

from __future__ import annotations

import logging
from pathlib import Path

import aiomqtt
import pytest
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from pitrainer import mqtt_client
from pitrainer.mqtt import Topics, stamp
from pitrainer.mqtt_line import Outage

GONE = aiomqtt.MqttError("gone")
WRONG_PASSWORD = MqttConnectError(ReasonCode(PacketTypes.CONNACK, identifier=135))


def test_the_wait_doubles_from_half_a_second_to_five() -> None:
    outage = Outage("here")
    assert [outage.broke(GONE, held_s=0.0) for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_connection_that_held_starts_with_the_short_wait_again() -> None:
    outage = Outage("here")
    waits = [outage.broke(GONE, held_s=held_s) for held_s in (0.0, 0.0, 0.0, 60.0, 0.0)]
    assert waits == [0.5, 1.0, 2.0, 0.5, 1.0]


def test_a_wrong_password_is_not_tried_again_fast() -> None:
    assert Outage("here").broke(WRONG_PASSWORD, held_s=0.0) == 30.0


def test_an_outage_is_told_once_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage("here")
    with caplog.at_level(logging.WARNING, "pitrainer"):
        outage.over()
        for _ in range(5):
            outage.broke(GONE, held_s=0.0)
        outage.over()
        outage.over()
    assert [("gone" in record.message, "back" in record.message) for record in caplog.records] == [
        (True, False),
        (False, True),
    ]


def test_stamps_of_one_boot_only_go_up() -> None:
    (boot, first_ns), (again, second_ns) = stamp(), stamp()
    assert boot == again and len(boot) == 32 and "-" not in boot
    assert first_ns <= second_ns


def test_the_unit_may_tell_the_boot_where_the_kernel_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOT_ID", "6F0C1D2E-3F40-5162-7384-95A6B7C8D9E0")
    mqtt_client.boot_id.cache_clear()
    try:
        assert stamp()[0] == "6f0c1d2e3f405162738495a6b7c8d9e0"
    finally:
        mqtt_client.boot_id.cache_clear()


def test_a_boot_id_out_of_reach_is_told_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(self: Path) -> str:
        raise FileNotFoundError(2, "No such file", str(self))

    monkeypatch.delenv("BOOT_ID", raising=False)
    monkeypatch.setattr(Path, "read_text", hidden)
    mqtt_client.boot_id.cache_clear()
    with pytest.raises(OSError, match="BOOT_ID=%b"):
        stamp()


def test_topics_carry_the_machine_id() -> None:
    assert Topics("t07").cmd == "pitrainer/t07/cmd"
