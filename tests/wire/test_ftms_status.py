"""Machine Status 0x2ADA and Training Status 0x2AD3."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitrainer.model import MachineSays
from pitrainer.wire import WireError
from pitrainer.wire.ftms import (
    MachineStatus,
    SpeedUnit,
    StatusOp,
    StopKind,
    Training,
    TrainingStatus,
    decode_machine_status,
    decode_training_status,
    encode_machine_status,
    encode_training_status,
)

STATUSES: list[tuple[str, MachineStatus, MachineSays | None]] = [
    ("01", MachineStatus(StatusOp.RESET), None),
    ("02 01", MachineStatus(StatusOp.STOPPED, stop=StopKind.STOP), MachineSays.STOPPED),
    ("02 02", MachineStatus(StatusOp.STOPPED, stop=StopKind.PAUSE), MachineSays.PAUSED),
    ("03", MachineStatus(StatusOp.SAFETY_KEY), MachineSays.SAFETY_KEY),
    ("04", MachineStatus(StatusOp.STARTED), MachineSays.STARTED),
    ("05 26 02", MachineStatus(StatusOp.SPEED, 5.5), MachineSays.SPEED_SET),
    ("06 23 00", MachineStatus(StatusOp.INCLINE, 3.5), MachineSays.INCLINE_SET),
    ("06 e2 ff", MachineStatus(StatusOp.INCLINE, -3.0), MachineSays.INCLINE_SET),
    ("07 19 00", MachineStatus(StatusOp.RESISTANCE, 2.5), None),
    ("08 ce ff", MachineStatus(StatusOp.POWER, -50), None),
    ("09 96", MachineStatus(StatusOp.HEART_RATE, 150), None),
    ("0a f4 01", MachineStatus(StatusOp.ENERGY, 500), None),
    ("0b e8 03", MachineStatus(StatusOp.STEPS, 1000), None),
    ("0c e8 03", MachineStatus(StatusOp.STRIDES, 1000), None),
    ("0d 70 11 01", MachineStatus(StatusOp.DISTANCE, 70_000), None),
    ("0e 10 0e", MachineStatus(StatusOp.TIME, 3600), None),
    ("0f 3c 00 3d 00", MachineStatus(StatusOp.TWO_ZONE_TIMES, values=(60, 61)), None),
    ("10 01 00 02 00 03 00", MachineStatus(StatusOp.THREE_ZONE_TIMES, values=(1, 2, 3)), None),
    (
        "11 01 00 02 00 03 00 04 00 05 00",
        MachineStatus(StatusOp.FIVE_ZONE_TIMES, values=(1, 2, 3, 4, 5)),
        None,
    ),
    (
        "12 24 fa e1 00 28 33",
        MachineStatus(StatusOp.BIKE_SIMULATION, values=(-1.5, 2.25, 0.004, 0.51)),
        None,
    ),
    ("13 3f 52", MachineStatus(StatusOp.WHEEL_CIRCUMFERENCE, 2105.5), None),
    ("14 02", MachineStatus(StatusOp.SPIN_DOWN, 2), None),
    ("15 ab 00", MachineStatus(StatusOp.CADENCE, 85.5), None),
    ("ff", MachineStatus(StatusOp.CONTROL_LOST), MachineSays.CONTROL_LOST),
    ("42 01", MachineStatus(StatusOp.OTHER, unknown=b"\x42\x01"), None),
]


@pytest.mark.parametrize(("octets", "status", "says"), STATUSES, ids=[row[0] for row in STATUSES])
def test_every_status_reads_speaks_and_writes(octets: str, status: MachineStatus, says: MachineSays | None) -> None:
    assert decode_machine_status(bytes.fromhex(octets)) == status
    assert status.says is says
    assert encode_machine_status(status).hex(" ") == octets


def test_no_status_of_the_table_is_left_out() -> None:
    assert {row[1].op for row in STATUSES} == set(StatusOp)


def test_only_ff_means_that_control_is_lost() -> None:
    assert [row[0] for row in STATUSES if row[1].control_lost] == ["ff"]


def test_speed_and_incline_are_told_apart() -> None:
    speed, incline = MachineStatus(StatusOp.SPEED, 5.5), MachineStatus(StatusOp.INCLINE, 3.5)
    assert (speed.speed_kmh, speed.incline_pct) == (5.5, None)
    assert (incline.speed_kmh, incline.incline_pct) == (None, 3.5)


@pytest.mark.parametrize("octets", ["02", "02 00", "02 03"])
def test_a_stop_that_does_not_say_which_kind_counts_as_a_stop(octets: str) -> None:
    status = decode_machine_status(bytes.fromhex(octets))
    assert (status.stop, status.says) == (None, MachineSays.STOPPED)


@pytest.mark.parametrize(("octets", "says"), [("05 26", MachineSays.SPEED_SET), ("06", MachineSays.INCLINE_SET)])
def test_a_target_cut_short_still_says_what_was_changed(octets: str, says: MachineSays) -> None:
    status = decode_machine_status(bytes.fromhex(octets))
    assert (status.says, status.value) == (says, None)


def test_surplus_octets_are_ignored() -> None:
    assert decode_machine_status(bytes.fromhex("05 26 02 ff ff")) == MachineStatus(StatusOp.SPEED, 5.5)
    assert decode_machine_status(bytes.fromhex("ff 00")) == MachineStatus(StatusOp.CONTROL_LOST)


def test_a_resistance_in_one_octet_is_understood() -> None:
    assert decode_machine_status(b"\x07\x19") == MachineStatus(StatusOp.RESISTANCE, 2.5)


def test_a_speed_set_in_miles_reads_in_kilometres() -> None:
    status = decode_machine_status(b"\x05\xf4\x01", SpeedUnit.MPH)
    assert status.speed_kmh == pytest.approx(8.04672)
    assert encode_machine_status(status, SpeedUnit.MPH) == b"\x05\xf4\x01"


def test_an_empty_status_is_refused() -> None:
    with pytest.raises(WireError, match="Machine Status"):
        decode_machine_status(b"")


@pytest.mark.parametrize(
    "status",
    [
        MachineStatus(StatusOp.OTHER),
        MachineStatus(StatusOp.STOPPED),
        MachineStatus(StatusOp.SPEED),
        MachineStatus(StatusOp.SPEED, -1.0),
        MachineStatus(StatusOp.TWO_ZONE_TIMES, values=(1, 2, 3)),
        MachineStatus(StatusOp.STARTED, 1.0),
    ],
)
def test_a_status_that_cannot_be_said_is_refused(status: MachineStatus) -> None:
    with pytest.raises(WireError):
        encode_machine_status(status)


@given(st.binary(min_size=1, max_size=12))
def test_every_status_that_has_its_parameter_goes_both_ways(octets: bytes) -> None:
    status = decode_machine_status(octets)
    try:
        written = encode_machine_status(status)
    except WireError:
        assert status.value is None and not status.values and status.stop is None
    else:
        assert decode_machine_status(written) == status


@pytest.mark.parametrize(
    ("octets", "status", "text"),
    [
        ("00 01", Training.IDLE, ""),
        ("00 0d", Training.MANUAL, ""),
        ("01 0b 68 69", Training.COOL_DOWN, "hi"),
        ("03 07 c3 a9", Training.HEART_RATE_CONTROL, "é"),
        ("00 0b 68 69", Training.COOL_DOWN, ""),
        ("01 0b ff", Training.COOL_DOWN, "�"),
        ("", None, ""),
        ("00", None, ""),
        ("00 55", None, ""),
    ],
)
def test_a_training_status_never_fails(octets: str, status: Training | None, text: str) -> None:
    training = decode_training_status(bytes.fromhex(octets))
    assert (training.status, training.text) == (status, text)


def test_a_reserved_training_code_is_kept_for_the_record() -> None:
    assert decode_training_status(b"\x00\x55").code == 0x55


def test_the_training_codes_are_the_standards() -> None:
    assert [code.value for code in Training] == list(range(16))
    assert (Training.PRE_WORKOUT, Training.POST_WORKOUT) == (14, 15)


TRAININGS: Any = st.just(TrainingStatus()) | st.builds(TrainingStatus, st.integers(0, 255), st.text(max_size=20))


@given(TRAININGS)
def test_every_training_status_decodes_to_itself(training: TrainingStatus) -> None:
    assert decode_training_status(encode_training_status(training)) == training


@pytest.mark.parametrize("training", [TrainingStatus(256), TrainingStatus(-1), TrainingStatus(None, "text")])
def test_a_training_status_that_cannot_be_said_is_refused(training: TrainingStatus) -> None:
    with pytest.raises(WireError):
        encode_training_status(training)
