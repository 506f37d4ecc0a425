"""Control Point 0x2AD9: golden bytes for every op, refusals, answers, and the machine's side."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitrainer.wire import WireError, ftms
from pitrainer.wire.ftms import (
    ControlOp,
    ControlPointRequest,
    ControlPointResponse,
    Result,
    SpeedUnit,
    StopKind,
    decode_control_point,
    decode_control_point_response,
    encode_control_point,
    encode_control_point_response,
)

COMMANDS: list[tuple[bytes, str, ControlOp, object]] = [
    (ftms.encode_request_control(), "00", ControlOp.REQUEST_CONTROL, None),
    (ftms.encode_reset(), "01", ControlOp.RESET, None),
    (ftms.encode_target_speed(5.5), "02 26 02", ControlOp.TARGET_SPEED, 5.5),
    (ftms.encode_target_incline(3.5), "03 23 00", ControlOp.TARGET_INCLINE, 3.5),
    (ftms.encode_target_incline(-3), "03 e2 ff", ControlOp.TARGET_INCLINE, -3.0),
    (ftms.encode_target_resistance(2.5), "04 19", ControlOp.TARGET_RESISTANCE, 2.5),
    (ftms.encode_target_power(-50), "05 ce ff", ControlOp.TARGET_POWER, -50),
    (ftms.encode_target_heart_rate(150), "06 96", ControlOp.TARGET_HEART_RATE, 150),
    (ftms.encode_start(), "07", ControlOp.START, None),
    (ftms.encode_stop(), "08 01", ControlOp.STOP, StopKind.STOP),
    (ftms.encode_pause(), "08 02", ControlOp.STOP, StopKind.PAUSE),
    (ftms.encode_target_energy(500), "09 f4 01", ControlOp.TARGET_ENERGY, 500),
    (ftms.encode_target_steps(1000), "0a e8 03", ControlOp.TARGET_STEPS, 1000),
    (ftms.encode_target_strides(1000), "0b e8 03", ControlOp.TARGET_STRIDES, 1000),
    (ftms.encode_target_distance(70_000), "0c 70 11 01", ControlOp.TARGET_DISTANCE, 70_000),
    (ftms.encode_target_time(3600), "0d 10 0e", ControlOp.TARGET_TIME, 3600),
    (ftms.encode_target_zone_times((60, 61)), "0e 3c 00 3d 00", ControlOp.TWO_ZONE_TIMES, (60, 61)),
    (ftms.encode_target_zone_times((1, 2, 3)), "0f 01 00 02 00 03 00", ControlOp.THREE_ZONE_TIMES, (1, 2, 3)),
    (
        ftms.encode_target_zone_times((1, 2, 3, 4, 5)),
        "10 01 00 02 00 03 00 04 00 05 00",
        ControlOp.FIVE_ZONE_TIMES,
        (1, 2, 3, 4, 5),
    ),
    (
        ftms.encode_bike_simulation(-1.5, 2.25, 0.004, 0.51),
        "11 24 fa e1 00 28 33",
        ControlOp.BIKE_SIMULATION,
        (-1.5, 2.25, 0.004, 0.51),
    ),
    (ftms.encode_wheel_circumference(2105.5), "12 3f 52", ControlOp.WHEEL_CIRCUMFERENCE, 2105.5),
    (ftms.encode_spin_down(), "13 01", ControlOp.SPIN_DOWN, 1),
    (ftms.encode_spin_down(start=False), "13 02", ControlOp.SPIN_DOWN, 2),
    (ftms.encode_target_cadence(85.5), "14 ab 00", ControlOp.TARGET_CADENCE, 85.5),
]


@pytest.mark.parametrize(("written", "octets", "op", "value"), COMMANDS, ids=[row[1] for row in COMMANDS])
def test_every_command_has_its_octets_and_is_understood_by_the_other_side(
    written: bytes, octets: str, op: ControlOp, value: object
) -> None:
    assert written.hex(" ") == octets
    request = decode_control_point(written)
    assert (request.op, request.value) == (op, value)
    assert encode_control_point(request) == written


def test_no_op_of_the_table_is_left_out() -> None:
    assert {row[2] for row in COMMANDS} == set(ControlOp) - {ControlOp.RESPONSE}


def test_targets_are_rounded_and_not_cut() -> None:
    inclines = [ftms.encode_target_incline(tenths / 10) for tenths in range(-30, 151)]
    assert inclines == [b"\x03" + tenths.to_bytes(2, "little", signed=True) for tenths in range(-30, 151)]
    speeds = [ftms.encode_target_speed(hundredths / 100) for hundredths in range(2501)]
    assert speeds == [b"\x02" + hundredths.to_bytes(2, "little") for hundredths in range(2501)]


def test_a_machine_that_counts_miles_gets_miles() -> None:
    assert ftms.encode_target_speed(8.04672, SpeedUnit.MPH) == b"\x02\xf4\x01"
    assert decode_control_point(b"\x02\xf4\x01", SpeedUnit.MPH).value == pytest.approx(8.04672)


ENCODERS: list[Callable[[Any], bytes]] = [
    ftms.encode_target_speed,
    lambda speed_kmh: ftms.encode_target_speed(speed_kmh, SpeedUnit.MPH),
    ftms.encode_target_incline,
    ftms.encode_target_resistance,
    ftms.encode_target_power,
    ftms.encode_target_heart_rate,
    ftms.encode_target_energy,
    ftms.encode_target_steps,
    ftms.encode_target_strides,
    ftms.encode_target_distance,
    ftms.encode_target_time,
    lambda time_s: ftms.encode_target_zone_times((60, time_s)),
    lambda wind_m_s: ftms.encode_bike_simulation(wind_m_s, 0, 0, 0),
    ftms.encode_wheel_circumference,
    ftms.encode_target_cadence,
]


@pytest.mark.parametrize("encode", ENCODERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, None, "5", 1e9, -1e9, 10**400])
def test_no_command_takes_what_is_no_number_or_does_not_fit(encode: Callable[[Any], bytes], value: Any) -> None:
    with pytest.raises(WireError):
        encode(value)


@pytest.mark.parametrize("speed_kmh", [-0.001, -1.0, 655.36])
def test_a_speed_below_zero_or_above_the_field_is_refused(speed_kmh: float) -> None:
    with pytest.raises(WireError, match=r"TARGET_SPEED.*0 to 655\.35"):
        ftms.encode_target_speed(speed_kmh)


@pytest.mark.parametrize("count", [0, 1, 4, 6])
def test_zone_times_come_for_two_three_or_five_zones(count: int) -> None:
    with pytest.raises(WireError, match="two, three or five"):
        ftms.encode_target_zone_times([60] * count)


def test_a_resistance_in_two_octets_is_understood_as_many_clients_send_it() -> None:
    assert decode_control_point(b"\x04\x19\x00").value == 2.5
    assert decode_control_point(b"\x04\xe7\xff").value == -2.5


@pytest.mark.parametrize("written", ["02", "02 26", "03 23", "08", "08 00", "08 03", "11 24 fa e1 00 28"])
def test_a_missing_or_meaningless_parameter_reads_as_none(written: str) -> None:
    request = decode_control_point(bytes.fromhex(written))
    assert request.value is None
    assert request.op in (
        ControlOp.TARGET_SPEED,
        ControlOp.TARGET_INCLINE,
        ControlOp.STOP,
        ControlOp.BIKE_SIMULATION,
    )


def test_an_unknown_op_reads_as_its_number_so_that_it_can_be_refused() -> None:
    assert decode_control_point(b"\x42\x01\x02") == ControlPointRequest(0x42)
    assert encode_control_point_response(ControlPointResponse(0x42, Result.NOT_SUPPORTED)) == b"\x80\x42\x02"


def test_an_empty_write_is_refused() -> None:
    with pytest.raises(WireError, match="Control Point"):
        decode_control_point(b"")


@pytest.mark.parametrize(
    ("octets", "request_op", "result", "ok"),
    [
        ("80 00 01", ControlOp.REQUEST_CONTROL, Result.SUCCESS, True),
        ("80 03 05", ControlOp.TARGET_INCLINE, Result.NOT_PERMITTED, False),
        ("80 03 03", ControlOp.TARGET_INCLINE, Result.INVALID_PARAMETER, False),
        ("80 20 02", 0x20, Result.NOT_SUPPORTED, False),
        ("80 07 04", ControlOp.START, Result.FAILED, False),
        ("80 02 00", ControlOp.TARGET_SPEED, 0x00, False),
        ("80 02 7f", ControlOp.TARGET_SPEED, 0x7F, False),
    ],
)
def test_answers_are_understood_reserved_codes_too(octets: str, request_op: int, result: int, ok: bool) -> None:
    response = decode_control_point_response(bytes.fromhex(octets))
    assert response == ControlPointResponse(request_op, result)
    assert response.ok is ok


def test_an_answer_keeps_its_parameter() -> None:
    answer = decode_control_point_response(bytes.fromhex("80 13 01 e8 03 b0 04"))
    assert answer == ControlPointResponse(ControlOp.SPIN_DOWN, Result.SUCCESS, bytes.fromhex("e8 03 b0 04"))


@pytest.mark.parametrize("octets", ["", "80", "80 02", "02 80 01", "00 00 01"])
def test_what_is_not_an_answer_is_refused(octets: str) -> None:
    with pytest.raises(WireError, match="Control Point response"):
        decode_control_point_response(bytes.fromhex(octets))


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=17))
def test_every_answer_decodes_to_itself(op: int, result: int, parameter: bytes) -> None:
    response = ControlPointResponse(op, result, parameter)
    assert decode_control_point_response(encode_control_point_response(response)) == response


@given(st.binary(min_size=1, max_size=12))
def test_every_request_that_has_its_parameter_goes_both_ways(octets: bytes) -> None:
    request = decode_control_point(octets)
    try:
        written = encode_control_point(request)
    except WireError:
        assert request.value is None or request.op == ControlOp.TARGET_RESISTANCE
    else:
        assert decode_control_point(written) == request
