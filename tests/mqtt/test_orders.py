"""Which commands are taken. The clock and the boot are arguments, so every age is exact."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitrainer.model import Verb
from pitrainer.mqtt import Order, Refusal, judge

BOOT = "6f0c1d2e3f405162738495a6b7c8d9e0"
NOW_NS = 1_000_000_000_000


def good(**changes: object) -> dict[str, Any]:
    return {"v": 1, "id": "a1", "boot": BOOT, "bt_ns": NOW_NS, "cmd": "pause", "who": "page", **changes}


def judged(message: object, *, retained: bool = False, seen: tuple[str, ...] = ()) -> Order | Refusal:
    payload = message if isinstance(message, bytes) else msgspec.json.encode(message)
    return judge(payload, retained=retained, boot=BOOT, now_ns=NOW_NS, seen=seen)


def refused(message: object, *, retained: bool = False, seen: tuple[str, ...] = ()) -> Refusal:
    verdict = judged(message, retained=retained, seen=seen)
    assert isinstance(verdict, Refusal)
    return verdict


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb not in (Verb.LOAD, Verb.NUDGE)])
def test_a_fresh_command_is_taken(verb: Verb) -> None:
    assert judged(good(cmd=verb.value)) == Order("a1", verb, who="page")


def test_load_and_nudge_carry_what_they_need() -> None:
    assert judged(good(cmd="load", session="hill")) == Order("a1", Verb.LOAD, session="hill", who="page")
    assert judged(good(cmd="nudge", incline_pct=12)) == Order("a1", Verb.NUDGE, incline_pct=12.0, who="page")
    assert judged(good(cmd="nudge", speed_kmh=5.5)) == Order("a1", Verb.NUDGE, speed_kmh=5.5, who="page")


def test_a_boot_id_may_be_written_with_dashes() -> None:
    assert isinstance(judged(good(boot="6F0C1D2E-3F40-5162-7384-95A6B7C8D9E0")), Order)


@pytest.mark.parametrize(("age_ns", "taken"), [(0, True), (1_500_000_000, True), (1_500_000_001, False)])
def test_a_command_lives_for_a_second_and_a_half(age_ns: int, taken: bool) -> None:
    assert isinstance(judged(good(bt_ns=NOW_NS - age_ns)), Order) is taken


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bt_ns": NOW_NS - 1_600_000_000}, "1.6 s old.*send it again"),
        ({"bt_ns": NOW_NS + 1}, "in the future"),
        ({"boot": "0" * 32}, "before a restart"),
        ({"surprise": 1}, "unknown field `surprise`"),
        ({"cmd": "explode"}, "explode"),
        ({"cmd": "START"}, "START"),
        ({"v": 2}, "not understood"),
        ({"id": ""}, "length >= 1"),
        ({"id": "x" * 65}, "length <= 64"),
        ({"id": "a\nb"}, "cannot be printed"),
        ({"id": 7}, "Expected `str`"),
        ({"bt_ns": str(NOW_NS)}, "Expected `int`"),
        ({"bt_ns": True}, "Expected `int`"),
        ({"cmd": "nudge"}, "nudge needs incline_pct, speed_kmh or both"),
        ({"cmd": "nudge", "incline_pct": "12"}, "Expected `float"),
        ({"cmd": "nudge", "incline_pct": True}, "Expected `float"),
        ({"cmd": "nudge", "incline_pct": [1]}, "Expected `float"),
        ({"cmd": "nudge", "incline_pct": 10**400}, "not understood|finite"),
        ({"cmd": "nudge", "speed_kmh": -0.5}, ">= 0"),
        ({"cmd": "load"}, "load needs the name"),
        ({"cmd": "load", "session": ""}, "length >= 1"),
        ({"cmd": "start", "incline_pct": 12.0}, "start takes no incline_pct"),
        ({"cmd": "nudge", "incline_pct": 1.0, "session": "x"}, "nudge takes no session"),
    ],
)
def test_what_is_wrong_is_refused_in_words(changes: dict[str, object], words: str) -> None:
    assert re.search(words, refused(good(**changes)).reason)


@pytest.mark.parametrize("name", ["id", "boot", "bt_ns", "cmd"])
def test_a_command_must_be_complete(name: str) -> None:
    message = good()
    del message[name]
    assert f"required field `{name}`" in refused(message).reason


def test_a_retained_command_is_refused_under_its_id() -> None:
    verdict = refused(good(), retained=True)
    assert (verdict.id, verdict.repeated) == ("a1", False)
    assert "retain" in verdict.reason


def test_a_repeated_command_is_recognised_even_when_it_has_become_stale() -> None:
    assert refused(good(), seen=("a1",)).repeated
    assert refused(good(bt_ns=0), seen=("a1",)).repeated


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"pause", b"\xff", b"[" * 2000, b'{"id":"a1"', b'{"a":NaN}'])
def test_what_is_no_json_object_is_refused_without_an_id(payload: bytes) -> None:
    assert refused(payload).id == ""


def test_a_large_command_is_refused() -> None:
    assert "at most 2048" in refused(good(who="x" * 2048)).reason


@pytest.mark.parametrize(
    "message",
    [
        good(cmd="stop"),
        good(cmd="stop", bt_ns=0),
        good(cmd="stop", bt_ns=NOW_NS * 2),
        good(cmd="stop", boot="another"),
        good(cmd="stop", surprise=[1]),
        good(cmd="stop", who="x" * 5000),
        good(cmd="stop", id=None),
        good(cmd="Stop"),
        {"cmd": "stop"},
        b'{"cmd" : "stop", "half": ',
        b"stop",
        b' "STOP"\n',
    ],
)
@pytest.mark.parametrize("retained", [False, True])
def test_whatever_can_be_read_as_stop_stops(message: object, retained: bool) -> None:
    verdict = judged(message, retained=retained, seen=("a1", ""))
    assert isinstance(verdict, Order)
    assert verdict.cmd is Verb.STOP


def test_talk_about_stopping_is_not_a_stop() -> None:
    assert judged(good(cmd="load", session='"cmd":"stop"')) == Order(
        "a1", Verb.LOAD, session='"cmd":"stop"', who="page"
    )
    assert isinstance(judged(good(cmd="stopper")), Refusal)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_verdict(payload: bytes) -> None:
    assert isinstance(judged(payload), Order | Refusal)


@given(st.dictionaries(st.sampled_from(list(good(incline_pct=1, speed_kmh=1, session=1))), JSON))
def test_any_values_give_a_verdict_and_only_a_whole_command_is_taken(changes: dict[str, object]) -> None:
    verdict = judged(good(**changes))
    if isinstance(verdict, Order) and verdict.cmd is not Verb.STOP:
        assert 1 <= len(verdict.id) <= 64
        assert verdict.speed_kmh is None or verdict.speed_kmh >= 0
        assert changes.get("bt_ns", NOW_NS) is not True
