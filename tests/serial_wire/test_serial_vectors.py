"""Octets from makers' manuals and captures, word for word."""

from __future__ import annotations

import math

import pytest

from pitrainer.wire import WireError, johnson, precor, psa, trackmaster
from pitrainer.wire.trackmaster import Complaint, Dialect, Op, Reply, Request, Trouble


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


TRACKMASTER = [
    ("A0", Request(Op.START)),
    ("A1", Request(Op.START_UNGUARDED)),
    ("A2", Request(Op.STOP)),
    ("A3 30303430", Request(Op.SET_SPEED, 40)),
    ("A4 30303535", Request(Op.SET_INCLINE, 55)),
    ("A6 3037", Request(Op.SET_PROTOCOL, 7)),
    ("AA", Request(Op.AUTO_STOP)),
    ("B0", Reply(Op.START)),
    ("B3", Reply(Op.SET_SPEED)),
    ("C0", Request(Op.ASK_STATE)),
    ("D0 31", Reply(Op.ASK_STATE, trackmaster.State.STOPPED)),
    ("D0 32", Reply(Op.ASK_STATE, trackmaster.State.STARTED)),
    ("D0 33", Reply(Op.ASK_STATE, trackmaster.State.STARTED_UNGUARDED)),
    ("D1 30303339", Reply(Op.ASK_SPEED, 39)),
    ("D4 30313030", Reply(Op.ASK_SET_INCLINE, 100)),
    ("DD 30303030", Reply(Op.ASK_METS, 0)),
    ("BE", Complaint(Trouble.OUT_OF_RANGE)),
    ("BF", Complaint(Trouble.UNKNOWN_COMMAND)),
]
WOODWAY = [
    ("A9", Request(Op.START_UNGUARDED)),
    ("A3 30303430", Request(Op.SET_SPEED, 40)),
    ("A3 33303430", Request(Op.SET_SPEED, -40)),
    ("A3 30303030", Request(Op.SET_SPEED, 0)),
    ("D1 33313230", Reply(Op.ASK_SPEED, -120)),
    ("D2 30303135", Reply(Op.ASK_INCLINE, 15)),
    ("D3 01020304", Reply(Op.ASK_FIRMWARE, 0x01020304)),
    ("BD", Complaint(Trouble.MASTER_SILENT)),
]


@pytest.mark.parametrize(("said", "meant"), TRACKMASTER)
def test_trackmaster_as_in_the_manual(said: str, meant: trackmaster.Frame) -> None:
    assert trackmaster.encode(meant) == octets(said)
    assert trackmaster.Decoder().feed(octets(said)) == [meant]


@pytest.mark.parametrize(("said", "meant"), WOODWAY)
def test_woodway_differs_where_it_differs(said: str, meant: trackmaster.Frame) -> None:
    assert trackmaster.encode(meant, Dialect.WOODWAY) == octets(said)
    assert trackmaster.Decoder(Dialect.WOODWAY).feed(octets(said)) == [meant]


def test_an_echoed_command_after_its_acknowledgement_is_told_apart() -> None:
    assert trackmaster.Decoder().feed(octets("B3 A3 30303430 D0 32")) == [
        Reply(Op.SET_SPEED),
        Request(Op.SET_SPEED, 40),
        Reply(Op.ASK_STATE, 2),
    ]


def test_a_cut_off_answer_does_not_take_the_next_one_with_it() -> None:
    decoder = trackmaster.Decoder()
    assert decoder.feed(octets("D1 3030 D0 31")) == [Reply(Op.ASK_STATE, 1)]
    assert decoder.dropped == 3


@pytest.mark.parametrize(
    "frame",
    [
        Request(Op.SET_SPEED),
        Request(Op.SET_SPEED, -1),
        Request(Op.SET_SPEED, 10_000),
        Request(Op.START, 1),
        Request(Op.ASK_FIRMWARE),
        Complaint(Trouble.MASTER_SILENT),
    ],
)
def test_trackmaster_refuses_what_it_cannot_say(frame: trackmaster.Frame) -> None:
    with pytest.raises(WireError):
        trackmaster.encode(frame)


JOHNSON = [
    ("00 FF F5 01 00 B6", johnson.STOP),
    ("00 FF F9 00 90", johnson.HEARTBEAT),
    ("00 FF F1 02 01 4C 69", johnson.speed(1.0 * johnson.KM_PER_MILE, johnson.Scale())),
    ("00 FF F6 02 03 E8 1A", johnson.incline(12.0, johnson.Scale())),
]


@pytest.mark.parametrize(("said", "meant"), JOHNSON)
def test_johnson_as_captured(said: str, meant: johnson.Frame) -> None:
    assert johnson.encode(meant) == octets(said)
    assert johnson.Decoder().feed(octets(said)) == [meant]


def test_johnsons_check_is_crc_8_with_polynomial_31() -> None:
    assert johnson.crc8(b"123456789") == 0xA2
    assert johnson.crc8(b"") == 0
    assert johnson.crc8(octets("00 FF F9 00")) == johnson.crc8(octets("FF F9 00")) == 0x90


def test_johnson_counts_are_motor_speed_and_eightieths() -> None:
    scale = johnson.Scale()
    assert [scale.speed_counts(mph * johnson.KM_PER_MILE) for mph in (0, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0)] == [
        0,
        161,
        332,
        675,
        1360,
        2730,
        4100,
    ]
    assert [scale.incline_counts(pct) for pct in (0, 0.5, 12)] == [40, 80, 1000]
    assert scale.speed_kmh(332) == pytest.approx(1.609, abs=0.002)
    assert scale.speed_kmh(0) == 0.0
    assert scale.incline_pct(1000) == 12.0


@pytest.mark.parametrize("speed_kmh", [math.nan, math.inf, -1.0, 0.01, 1e9])
def test_johnson_refuses_speeds_that_are_no_motor_speed(speed_kmh: float) -> None:
    with pytest.raises(WireError):
        johnson.Scale().speed_counts(speed_kmh)


def test_a_single_flipped_bit_never_passes_johnsons_check() -> None:
    good = octets("00 FF F1 02 01 4C 69")
    for bit in range(len(good) * 8):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        assert johnson.Decoder().feed(bytes(bad)) == []


PRECOR = [
    (b"[inc]\xff", precor.Frame("inc")),
    (b"[hmph:0]\xff", precor.Frame("hmph", 0)),
    (b"[hmph:64]\xff", precor.Frame("hmph", 100)),
    (b"[loop:5550]\xff", precor.Frame("loop", 0x5550)),
]


@pytest.mark.parametrize(("said", "meant"), PRECOR)
def test_precors_console_as_captured(said: bytes, meant: precor.Frame) -> None:
    assert precor.encode(meant) == said
    assert precor.Decoder().feed(said) == [meant]


def test_precors_motor_answers_without_ff_and_says_empty_brackets_for_the_unknown() -> None:
    assert precor.encode(precor.Frame("lift", 0x4B), by_console=False) == b"[lift:4B]"
    assert precor.Decoder().feed(b"[hmph:93][inc][]") == [
        precor.Frame("hmph", 0x93),
        precor.Frame("inc"),
        precor.Frame(""),
    ]


def test_precors_ff_is_not_noise_but_anything_else_is() -> None:
    decoder = precor.Decoder()
    assert decoder.feed(b"[inc:6]\xff\x00[hm[inc]\xff") == [precor.Frame("inc", 6), precor.Frame("inc")]
    assert decoder.dropped == 4


@pytest.mark.parametrize("frame", [precor.Frame("", 1), precor.Frame("a]b"), precor.Frame("hmph", -1)])
def test_precor_refuses_what_would_be_read_otherwise(frame: precor.Frame) -> None:
    with pytest.raises(WireError):
        precor.encode(frame)


def test_psa_as_in_the_notes() -> None:
    assert psa.encode(psa.Frame("SETSPD", 10)) == octets("5B 53 45 54 53 50 44 3A 30 31 30 5D")
    assert psa.encode(psa.Frame("SETINC", 50)) == b"[SETINC:050]"
    assert psa.Decoder().feed(b"\x00\x00[SETSPD:010]\x00[SETINC:050]") == [
        psa.Frame("SETSPD", 10),
        psa.Frame("SETINC", 50),
    ]


@pytest.mark.parametrize("text", [b"[SETSPD:10]", b"[SETSPD:0100]", b"[SETSPD:01A]", b"[setspd:010]", b"[]"])
def test_psa_drops_what_is_not_three_digits_after_a_word(text: bytes) -> None:
    decoder = psa.Decoder()
    assert decoder.feed(text) == []
    assert decoder.dropped == len(text)
