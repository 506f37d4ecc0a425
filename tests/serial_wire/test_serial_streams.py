"""What all serial codecs have in common: pieces of any size, noise, any bytes, and encode and decode as inverses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, fields
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pitrainer.wire import WireError, csafe, fitshow, johnson, lifespan, precor, psa, trackmaster
from pitrainer.wire.trackmaster import Complaint, Dialect, Op, Reply, Request, Trouble


@dataclass(frozen=True)
class Codec:
    """`frames`: what it may be asked to say; `bare`: no check value, so noise can pass for a frame."""

    name: str
    decoder: Callable[[], Any]
    encode: Callable[[Any], bytes]
    frames: st.SearchStrategy[Any]
    longest: int

    def __str__(self) -> str:
        return self.name


octet, word = st.integers(0, 0xFF), st.integers(0, 0xFFFF)
maybe_digits = st.none() | st.integers(0, 9999)
trackmaster_frames = st.one_of(
    st.builds(Request, st.sampled_from(Op), maybe_digits),
    st.builds(Reply, st.sampled_from(Op), maybe_digits),
    st.builds(Complaint, st.sampled_from(Trouble)),
)
woodway_frames = st.one_of(
    st.builds(Request, st.sampled_from(Op), st.none() | st.integers(-999, 9999)),
    st.builds(Reply, st.sampled_from(Op), st.none() | st.integers(-999, 0xFFFFFFFF)),
    st.builds(Complaint, st.sampled_from(Trouble)),
)
lifespan_frames = st.one_of(
    st.builds(lifespan.ReadRequest, word, st.integers(1, 16), st.integers(1, 247)),
    st.builds(lifespan.ReadReply, st.lists(word, min_size=1, max_size=16).map(tuple), st.integers(1, 247)),
    st.builds(lifespan.Write, word, word, st.integers(1, 247)),
    st.builds(lifespan.Refusal, st.sampled_from([3, 6]), octet),
)
addresses = st.none() | octet
small = "abcdefghijklmnopqrstuvwxyz0123456789"

CODECS = [
    Codec("trackmaster", trackmaster.Decoder, trackmaster.encode, trackmaster_frames, trackmaster.LONGEST),
    Codec(
        "woodway",
        lambda: trackmaster.Decoder(Dialect.WOODWAY),
        lambda frame: trackmaster.encode(frame, Dialect.WOODWAY),
        woodway_frames,
        trackmaster.LONGEST,
    ),
    Codec(
        "johnson",
        johnson.Decoder,
        johnson.encode,
        st.builds(
            johnson.Frame,
            st.sampled_from(johnson.Command) | octet,
            st.binary(max_size=8),
            st.sampled_from(johnson.Sender),
        ),
        johnson.LONGEST,
    ),
    Codec(
        "precor",
        precor.Decoder,
        precor.encode,
        st.builds(precor.Frame, st.text(small, max_size=17), st.none() | st.integers(0, precor.MOST)),
        precor.LONGEST,
    ),
    Codec(
        "psa",
        psa.Decoder,
        psa.encode,
        st.builds(psa.Frame, st.text(small.upper(), max_size=17), st.none() | st.integers(0, 999)),
        psa.LONGEST,
    ),
    Codec(
        "csafe",
        csafe.Decoder,
        csafe.encode,
        st.builds(csafe.Frame, st.binary(max_size=50), addresses, addresses),
        csafe.LONGEST,
    ),
    Codec("lifespan", lifespan.Decoder, lifespan.encode, lifespan_frames, lifespan.LONGEST),
    Codec(
        "fitshow",
        fitshow.Decoder,
        fitshow.encode,
        st.builds(
            fitshow.Frame, st.builds(lambda g, rest: bytes([g]) + rest, st.integers(0x4F, 0x60), st.binary(max_size=20))
        ),
        fitshow.LONGEST,
    ),
]
each_codec = pytest.mark.parametrize("codec", CODECS, ids=str)
modest = settings(max_examples=60, deadline=None)


def said(codec: Codec, frame: object) -> bytes | None:
    """None where the protocol cannot say it."""
    try:
        return codec.encode(frame)
    except WireError:
        return None


@each_codec
@modest
@given(data=st.data())
def test_what_can_be_said_is_understood(codec: Codec, data: st.DataObject) -> None:
    frame = data.draw(codec.frames)
    octets = said(codec, frame)
    if octets is not None:
        assert codec.decoder().feed(octets) == [frame]
        assert len(octets) <= codec.longest


@each_codec
@modest
@given(data=st.data())
def test_the_size_of_the_pieces_does_not_matter(codec: Codec, data: st.DataObject) -> None:
    chunks = data.draw(st.lists(st.binary(max_size=12) | codec.frames.map(lambda f: said(codec, f) or b""), max_size=6))
    octets = b"".join(chunks)
    whole, piecewise, by_one = codec.decoder(), codec.decoder(), codec.decoder()
    expected = whole.feed(octets)
    assert [frame for chunk in chunks for frame in piecewise.feed(chunk)] == expected
    assert [frame for o in octets for frame in by_one.feed(bytes([o]))] == expected
    assert whole.dropped == piecewise.dropped == by_one.dropped


@each_codec
@modest
@given(data=st.data())
def test_after_noise_it_finds_its_feet(codec: Codec, data: st.DataObject) -> None:
    octets = data.draw(codec.frames.map(lambda f: said(codec, f)).filter(bool))
    assert octets is not None
    frame = codec.decoder().feed(octets)[0]
    decoder = codec.decoder()
    decoder.feed(data.draw(st.binary(max_size=200)))
    enough = codec.longest // len(octets) + 2
    assert decoder.feed(octets * enough)[-1] == frame


@each_codec
@modest
@given(noise=st.binary(max_size=300))
@example(noise=b"\x00" * 300)
@example(noise=b"\xff" * 300)
@example(noise=b"[" * 300)
@example(noise=b"\xf1" + b"\x01" * 299)
@example(noise=b"\x02" * 300)
@example(noise=b"\x01\x03" * 150)
def test_any_bytes_give_frames_or_nothing_and_are_not_hoarded(codec: Codec, noise: bytes) -> None:
    decoder = codec.decoder()
    for frame in decoder.feed(noise):
        with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
            setattr(frame, fields(frame)[0].name, None)
    assert len(decoder._stream._rest) < codec.longest
    assert decoder.dropped <= len(noise)


@each_codec
@given(anything=st.none() | st.text(max_size=5) | st.lists(octet, max_size=3))
@modest
def test_what_is_not_bytes_is_refused(codec: Codec, anything: object) -> None:
    with pytest.raises(WireError, match="bytes are needed"):
        codec.decoder().feed(anything)


@each_codec
def test_noise_is_counted(codec: Codec) -> None:
    decoder = codec.decoder()
    assert decoder.feed(b"\x80" * 7) == []
    assert decoder.dropped == 7 if codec.name != "lifespan" else decoder.dropped >= 6
