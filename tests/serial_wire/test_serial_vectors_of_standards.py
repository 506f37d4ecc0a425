"""CSAFE, Modbus and FitShow octets as published and captured, word for word."""

from __future__ import annotations

import pytest

from pitrainer.wire import WireError, csafe, fitshow, lifespan
from pitrainer.wire import csafe_contents as contents
from pitrainer.wire.csafe_contents import Ask, Item, State, Unit, Verdict


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


CSAFE = [
    ("F1 A5 A8 A1 A0 9C 90 F2", csafe.Frame(octets("A5 A8 A1 A0 9C"))),
    ("F0 FD 00 1A 02 89 C1 50 F2", csafe.Frame(octets("1A 02 89 C1"), 0xFD, 0x00)),
    ("F1 80 80 F2", csafe.Frame(octets("80"))),
    ("F1 01 F3 01 F3 00 F2", csafe.Frame(octets("01 F1"))),
]


@pytest.mark.parametrize(("said", "meant"), CSAFE)
def test_csafe_as_published(said: str, meant: csafe.Frame) -> None:
    assert csafe.encode(meant) == octets(said)
    assert csafe.Decoder().feed(octets(said)) == [meant]


def test_csafes_checksum_is_stuffed_like_everything_else() -> None:
    assert csafe.checksum(octets("F3 02")) == 0xF1
    assert csafe.encode(csafe.Frame(octets("F3 02"))) == octets("F1 F3 03 02 F3 01 F2")


@pytest.mark.parametrize("said", ["F1 80 81 F2", "F1 F2", "F1 00 F2", "F1 80 F3 F2", "F1 80 F3 04 84 F2", "F2"])
def test_csafe_drops_a_wrong_check_and_wrong_stuffing(said: str) -> None:
    decoder = csafe.Decoder()
    assert decoder.feed(octets(said)) == []
    assert decoder.feed(octets("F1 80 80 F2")) == [csafe.Frame(b"\x80")]


def test_a_csafe_opening_inside_a_frame_starts_it_anew() -> None:
    assert csafe.Decoder().feed(octets("F1 A5 A8 F1 80 80 F2")) == [csafe.Frame(b"\x80")]


def test_csafe_answers_are_found_by_id_where_an_unsupported_question_is_left_out() -> None:
    reply = contents.decode_reply(octets("85 A5 03 2D 00 31 A8 03 F4 01 4B"))
    assert (reply.state, reply.verdict, reply.toggle) == (State.IN_USE, Verdict.OK, True)
    assert reply.speed_kmh() == 4.5
    assert reply.grade_pct() == 5.0
    assert reply.answer(Ask.DISTANCE) is None


@pytest.mark.parametrize(
    ("unit", "kmh"),
    [
        (Unit.MPH, 16.09344),
        (Unit.TENTH_MPH, 1.609344),
        (Unit.HUNDREDTH_MPH, 0.160934),
        (Unit.KMH, 10.0),
        (Unit.METRES_PER_MINUTE, 0.6),
        (Unit.FEET_PER_MINUTE, 0.18288),
        (Unit.PERCENT, None),
        (0x52, None),
        (0x37, None),
    ],
)
def test_csafe_speeds_honour_the_unit_and_revolutions_are_none(unit: int, kmh: float | None) -> None:
    reply = contents.decode_reply(bytes([9, Ask.SPEED, 3, 10, 0, unit]))
    assert reply.speed_kmh() == kmh
    assert reply.state is State.OFF_LINE


def test_csafe_commands_and_replies_go_there_and_back() -> None:
    commands = (Item(Ask.SET_SPEED, contents.quantity(45, Unit.TENTH_KMH)), Item(Ask.GO_IN_USE))
    assert contents.encode_commands(*commands) == octets("25 03 2D 00 31 85")
    assert contents.decode_commands(octets("25 03 2D 00 31 85")) == commands
    reply = contents.Reply(State.PAUSE, Verdict.REJECTED, False, (Item(Ask.HEART_RATE, b"\x50"),))
    assert contents.decode_reply(contents.encode_reply(reply)) == reply


@pytest.mark.parametrize("cut", ["", "05 A5", "05 A5 03 00"])
def test_a_cut_off_csafe_reply_is_a_wire_error(cut: str) -> None:
    with pytest.raises(WireError):
        contents.decode_reply(octets(cut))


LIFESPAN = [
    (lifespan.ReadRequest(0x000F), "01 03 00 0F 00 01"),
    (lifespan.ReadRequest(0xD10A), "01 03 D1 0A 00 01"),
    (lifespan.Write(0x000A, 94), "01 06 00 0A 00 5E"),
    (lifespan.ReadReply((0x2001,)), "01 03 02 20 01"),
    (lifespan.Refusal(6, 2), "01 86 02"),
]


@pytest.mark.parametrize(("meant", "body"), LIFESPAN)
def test_lifespan_frames_are_modbus(meant: lifespan.Frame, body: str) -> None:
    said = lifespan.encode(meant)
    assert said[:-2] == octets(body)
    assert lifespan.crc16(said) == 0
    assert lifespan.Decoder().feed(said) == [meant]


def test_lifespans_check_is_crc_16_modbus() -> None:
    assert lifespan.crc16(b"123456789") == 0x4B37
    assert lifespan.encode(lifespan.ReadRequest(0, 1)) == octets("01 03 00 00 00 01 84 0A")


def test_lifespan_requests_that_are_glued_together_come_apart() -> None:
    both = lifespan.encode(lifespan.ReadRequest(0x000F)) + lifespan.encode(lifespan.Write(0x000A, 282))
    assert lifespan.Decoder().feed(both) == [lifespan.ReadRequest(0x000F), lifespan.Write(0x000A, 282)]


def test_lifespan_counts_are_rounded_down() -> None:
    as_logged = {0.4: 94, 0.5: 117, 0.6: 141, 1.2: 282, 2.0: 470}
    assert {mph: lifespan.speed_counts(mph * lifespan.KM_PER_MILE) for mph in as_logged} == as_logged
    assert lifespan.speed_kmh(470) == pytest.approx(2.0 * lifespan.KM_PER_MILE)
    assert lifespan.speed_kmh(50) == 0.0


FITSHOW = [
    ("02 51 51 03", fitshow.ASK_STATUS),
    ("02 53 03 50 03", fitshow.STOP),
    ("02 53 02 28 03 7A 03", fitshow.set_targets(4.0, 3)),
    ("02 53 02 1E FE B1 03", fitshow.set_targets(3.0, -2)),
    ("02 50 02 C8 08 00 92 03", fitshow.Frame(octets("50 02 C8 08 00"))),
]


@pytest.mark.parametrize(("said", "meant"), FITSHOW)
def test_fitshow_packets(said: str, meant: fitshow.Frame) -> None:
    assert fitshow.encode(meant) == octets(said)
    assert fitshow.Decoder().feed(octets(said)) == [meant]


def test_a_fitshow_status_goes_there_and_back_even_where_it_looks_finished_half_way() -> None:
    status = fitshow.Status(fitshow.State.RUNNING, 8.2, 3, 65, 120, 9, 0, 141)
    frame = fitshow.encode_status(status)
    assert frame.payload[:4] == octets("51 03 52 03")
    assert fitshow.Decoder().feed(fitshow.encode(frame)) == [frame]
    assert fitshow.decode_status(frame.payload) == status


def test_a_short_fitshow_status_says_only_its_state() -> None:
    assert fitshow.decode_status(octets("51 06")) == fitshow.Status(fitshow.State.SAFETY_KEY)
    assert fitshow.encode_status(fitshow.Status(fitshow.State.IDLE)) == fitshow.Frame(octets("51 00"))


@pytest.mark.parametrize("payload", ["50 02", "51", "51 03 28"])
def test_what_is_no_fitshow_status_is_a_wire_error(payload: str) -> None:
    with pytest.raises(WireError):
        fitshow.decode_status(octets(payload))
