from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from pitrainer import importers
from pitrainer.importers import Imported
from pitrainer.importers.fit_records import checksum

Fields = Mapping[int, "int | str"]
STRINGS, WIDE = 7, 0x86


def fit_bytes(messages: Sequence[tuple[int, Fields]], *, big_endian: bool = False) -> bytes:
    """A FIT file of these (message, fields): numbers as uint32, texts as strings, each with its own definition."""
    order = ">" if big_endian else "<"
    body = b""
    for number, fields in messages:
        body += struct.pack(f"{order}BBBHB", 0x40, 0, int(big_endian), number, len(fields))
        data = b"\x00"
        for field, value in fields.items():
            octets = value.encode() + b"\0" if isinstance(value, str) else struct.pack(order + "I", value)
            body += bytes([field, len(octets), STRINGS if isinstance(value, str) else WIDE])
            data += octets
        body += data
    head = struct.pack("<BBHI4s", 12, 0x10, 100, len(body), b".FIT")
    return head + body + struct.pack("<H", checksum(head + body))


@pytest.fixture
def fit() -> Callable[..., bytes]:
    return fit_bytes


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Puts a text or bytes into a file of its own and gives its path."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "workout.any"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def taken(put: Callable[[str | bytes], Path]) -> Callable[..., Imported]:
    """What the import of a content gives."""

    def read(content: str | bytes, **options: object) -> Imported:
        return importers.read(put(content), **options)  # type: ignore[arg-type]

    return read


@pytest.fixture
def refused(put: Callable[[str | bytes], Path]) -> Callable[..., str]:
    """Why a content is refused; one line."""

    def read(content: str | bytes, **options: object) -> str:
        with pytest.raises(importers.ForeignFileError) as caught:
            importers.read(put(content), **options)  # type: ignore[arg-type]
        (line,) = str(caught.value).splitlines()
        return line

    return read
