"""Running speed and cadence: every flag, cut packets, what a pod can tell, and the virtual pod's direction."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitrainer.wire import WireError, rsc
from pitrainer.wire.rsc import Feature, RunningSpeedCadence

BLIND = Feature(stride=False, distance=False, gait=False, calibration=False, several_locations=False)
SEEING = Feature(stride=True, distance=True, gait=True, calibration=False, several_locations=False)


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        ("00 80 02 5a", RunningSpeedCadence(9.0, 90, running=False)),
        ("04 80 02 b4", RunningSpeedCadence(9.0, 180, running=True)),
        ("01 00 01 78 4b 00", RunningSpeedCadence(3.6, 120, 0.75, running=False)),
        ("02 00 01 78 10 27 00 00", RunningSpeedCadence(3.6, 120, None, 1000.0, False)),
        ("07 80 02 b4 5a 00 10 27 00 00", RunningSpeedCadence(9.0, 180, 0.9, 1000.0, True)),
        ("00 00 00 00", RunningSpeedCadence(0.0, 0, running=False)),
    ],
)
def test_every_field_has_its_place(packet: str, expected: RunningSpeedCadence) -> None:
    assert rsc.decode(bytes.fromhex(packet)) == expected


def test_a_pod_that_cannot_tell_the_gait_is_not_believed_to_walk() -> None:
    assert rsc.decode(bytes.fromhex("00 80 02 5a"), feature=BLIND).running is None
    assert rsc.decode(bytes.fromhex("00 80 02 5a"), feature=SEEING).running is False


def test_a_pod_that_says_running_is_believed() -> None:
    assert rsc.decode(bytes.fromhex("04 80 02 5a"), feature=BLIND).running is True


@pytest.mark.parametrize("packet", ["07 80 02 b4 5a", "07 80 02 b4", "03 80 02 b4"])
def test_a_cut_field_and_all_behind_it_are_absent(packet: str) -> None:
    found = rsc.decode(bytes.fromhex(packet))
    assert (found.cadence_spm, found.stride_m, found.distance_m) == (180, None, None)


def test_a_distance_that_is_cut_leaves_the_stride() -> None:
    found = rsc.decode(bytes.fromhex("03 80 02 b4 5a 00 10 27 00"))
    assert (found.stride_m, found.distance_m) == (0.9, None)


def test_surplus_octets_and_reserved_flags_are_ignored() -> None:
    assert rsc.decode(bytes.fromhex("f8 80 02 5a 01 02 03")) == RunningSpeedCadence(9.0, 90, running=False)


@pytest.mark.parametrize("packet", [b"", b"\x00", b"\x00\x80\x02"])
def test_a_packet_without_speed_and_cadence_is_refused(packet: bytes) -> None:
    with pytest.raises(WireError, match="RSC Measurement"):
        rsc.decode(packet)


@settings(deadline=None)
@given(payload=st.binary(max_size=40))
def test_any_bytes_are_a_measurement_or_a_wire_error(payload: bytes) -> None:
    try:
        found = rsc.decode(payload)
    except WireError:
        assert len(payload) < 4
    else:
        assert 0 <= found.speed_kmh < 922
        assert found == rsc.decode(bytearray(payload)) == rsc.decode(memoryview(payload))


MEASUREMENTS: Any = st.builds(
    RunningSpeedCadence,
    speed_kmh=st.integers(0, 0xFFFF).map(lambda raw: raw * 3.6 / 256),
    cadence_spm=st.integers(0, 255),
    stride_m=st.none() | st.integers(0, 0xFFFF).map(lambda raw: raw / 100),
    distance_m=st.none() | st.integers(0, 0xFFFFFFFF).map(lambda raw: raw / 10),
    running=st.booleans(),
)


@settings(deadline=None)
@given(MEASUREMENTS)
def test_what_is_encoded_decodes_to_itself(measurement: RunningSpeedCadence) -> None:
    assert rsc.decode(rsc.encode(measurement)) == measurement


@pytest.mark.parametrize(
    "measurement",
    [
        RunningSpeedCadence(-1.0, 90),
        RunningSpeedCadence(1000.0, 90),
        RunningSpeedCadence(float("nan"), 90),
        RunningSpeedCadence(9.0, 256),
        RunningSpeedCadence(9.0, 90, stride_m=700.0),
        RunningSpeedCadence(9.0, 90, distance_m=-0.1),
    ],
)
def test_what_no_packet_can_carry_is_refused(measurement: RunningSpeedCadence) -> None:
    with pytest.raises(WireError):
        rsc.encode(measurement)


@settings(deadline=None)
@given(st.integers(0, 31))
def test_the_feature_survives_the_way_there_and_back(bits: int) -> None:
    feature = Feature(*(bool(bits >> bit & 1) for bit in range(5)))
    assert rsc.encode_feature(feature) == bits.to_bytes(2, "little")
    assert rsc.decode_feature(rsc.encode_feature(feature)) == feature


def test_a_cut_feature_is_refused() -> None:
    with pytest.raises(WireError, match="RSC Feature"):
        rsc.decode_feature(b"\x07")


def test_the_uuids_are_those_of_the_running_speed_and_cadence_service() -> None:
    assert rsc.SERVICE == "00001814-0000-1000-8000-00805f9b34fb"
    assert rsc.MEASUREMENT == "00002a53-0000-1000-8000-00805f9b34fb"
