"""Whatever arrives, in whatever buffer: a value or a WireError, the same every time, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pitrainer.wire import WireError, battery, ftms, hrm

DECODERS: list[Callable[[bytes | bytearray | memoryview], object]] = [
    hrm.decode,
    battery.decode,
    ftms.decode_treadmill_data,
    ftms.decode_feature,
    ftms.decode_speed_range,
    ftms.decode_incline_range,
    ftms.decode_resistance_range,
    ftms.decode_heart_rate_range,
    ftms.decode_power_range,
    ftms.decode_service_data,
    ftms.decode_training_status,
    ftms.decode_machine_status,
    ftms.decode_control_point,
    ftms.decode_control_point_response,
]


def outcome(
    decode: Callable[[bytes | bytearray | memoryview], object], payload: bytes | bytearray | memoryview
) -> object:
    try:
        return decode(payload)
    except WireError as error:
        return str(error)


def test_every_decoder_is_fuzzed() -> None:
    public = {name for name in ftms.__all__ if name.startswith("decode_")}
    assert public == {decode.__name__ for decode in DECODERS} - {"decode"}


@pytest.mark.parametrize(
    "decode", DECODERS, ids=lambda decode: f"{decode.__module__.rsplit('.')[-1]}.{decode.__name__}"
)
@given(payload=st.binary(max_size=64))
@example(payload=b"")
@example(payload=b"\xff" * 40)
@example(payload=b"\x00" * 40)
def test_any_bytes_give_a_value_or_a_wire_error(
    decode: Callable[[bytes | bytearray | memoryview], object], payload: bytes
) -> None:
    answer = outcome(decode, payload)
    assert answer == outcome(decode, bytearray(payload))
    assert answer == outcome(decode, memoryview(payload))
    assert answer == outcome(decode, memoryview(payload + b"x")[: len(payload)])


@given(flags=st.integers(0, 0xFFFF), body=st.binary(max_size=48))
def test_any_flags_on_any_body_decode_as_treadmill_data(flags: int, body: bytes) -> None:
    data = ftms.decode_treadmill_data(flags.to_bytes(2, "little") + body)
    assert data.more_data == bool(flags & 1)
    assert (data.speed_kmh is None) == (data.more_data or len(body) < 2)


@given(flags=st.integers(0, 0xFF), body=st.binary(min_size=2, max_size=48))
def test_any_flags_on_any_body_decode_as_a_heart_rate(flags: int, body: bytes) -> None:
    assert hrm.decode(bytes([flags]) + body).hr_bpm != 0


def test_a_buffer_that_changes_afterwards_does_not_change_the_value() -> None:
    buffer = bytearray.fromhex("80 13 01 e8 03")
    response = ftms.decode_control_point_response(buffer)
    buffer[3:] = b"\x00\x00"
    assert response.parameter == b"\xe8\x03"
