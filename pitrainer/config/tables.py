"""What a configuration file may say: a Struct per table, and the words that only a configuration has.

Every number has bounds: those of the hard envelope (docs/safety.md) where there is one, else what is plausible.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from pitrainer.model import MachineLimits
from pitrainer.tomlfile import Table, kind_of, short


class Address(str):
    """A Bluetooth address, `AA:BB:CC:DD:EE:FF`, in capitals."""

    @classmethod
    def read(cls, value: object) -> Address:
        if isinstance(value, str) and re.fullmatch(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}", value):
            return cls(value.upper())
        raise ValueError(f'must look like "AA:BB:CC:DD:EE:FF" (`pitrainer scan` shows it), not {kind_of(value)}')


class Port(str):
    """Where a serial line is: a device's whole path, or a pyserial URL to a serial server."""

    @classmethod
    def read(cls, value: object) -> Port:
        if isinstance(value, str) and re.fullmatch(r"/dev/[!-~]+|(socket|rfc2217)://[^\s/@]+:\d{1,5}", value):
            return cls(value)
        allowed = '"/dev/...", "socket://host:port" or "rfc2217://host:port"'
        raise ValueError(f"must look like {allowed}, not {kind_of(value)}")


class MachineId(str):
    """A name for topics: small letters, digits and hyphens, 1 to 32."""

    @classmethod
    def read(cls, value: object) -> MachineId:
        if isinstance(value, str) and re.fullmatch(r"[a-z0-9-]{1,32}", value):
            return cls(value)
        raise ValueError(f"must be 1 to 32 small letters, digits or hyphens, not {kind_of(value)}")


class Word(str):
    """Text on one line that is not empty, at most 255 characters."""

    @classmethod
    def read(cls, value: object) -> Word:
        if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= len(value) <= 255:
            return cls(value)
        raise ValueError(f"must be text in quotes, 1 to 255 ordinary characters, not {kind_of(value)}")


class FilePath(Word):
    """A path as it stands in the file; `under` gives the real one."""

    @classmethod
    def read(cls, value: object) -> FilePath:
        path = cls(super().read(value))
        try:
            Path(path).expanduser()
        except RuntimeError:
            raise ValueError(f"the home directory of {short(path)} is not known; write the whole path") from None
        return path

    def under(self, base: Path) -> Path:
        return base / Path(self).expanduser()


@dataclass(frozen=True, slots=True)
class FilePaths:
    """A list of paths."""

    paths: tuple[FilePath, ...]

    @classmethod
    def read(cls, value: object) -> FilePaths:
        if not isinstance(value, list):
            raise ValueError(f'must be a list of paths, like ["~/sessions"], not {kind_of(value)}')
        return cls(tuple(FilePath.read(path) for path in value))


@dataclass(frozen=True, slots=True)
class Words:
    """A list of words."""

    words: tuple[Word, ...]

    @classmethod
    def read(cls, value: object) -> Words:
        if not isinstance(value, list):
            raise ValueError(f'must be a list of texts, like ["a", "b"], not {kind_of(value)}')
        return cls(tuple(Word.read(word) for word in value))


class AthleteTable(Table, frozen=True, kw_only=True):
    name: Word = Word("")
    hr_max_bpm: Annotated[float, Meta(ge=120, le=230)] | None = None
    hr_rest_bpm: Annotated[float, Meta(ge=25, le=120)] = 60.0
    weight_kg: Annotated[float, Meta(ge=20, le=250)] = 75.0
    age_years: Annotated[float, Meta(ge=10, le=100)] | None = None
    vo2max_ml_kg_min: Annotated[float, Meta(ge=10, le=90)] | None = None


class LimitsTable(Table, frozen=True, kw_only=True):
    speed_max_kmh: Annotated[float, Meta(ge=1, le=20)] = 12.0
    incline_max_pct: Annotated[float, Meta(ge=0, le=40)] = 10.0
    hr_cap_bpm: Annotated[float, Meta(ge=60, le=220)] | None = None


class StrapTable(Table, frozen=True, kw_only=True):
    kind: Literal["ble", "simulated"] = "ble"
    address: Address | None = None


class MachineTable(Table, frozen=True, kw_only=True):
    kind: Literal["ftms", "trackmaster", "precor", "johnson", "psa", "csafe", "simulated"] = "ftms"
    address: Address | None = None
    port: Port | None = None
    baud: Annotated[int, Meta(ge=300, le=115200)] | None = None
    page_start: bool = False
    speed_unit: Literal["km/h", "mph"] | None = None
    incline_counts_per_pct: Annotated[float, Meta(ge=0.1, le=200)] | None = None
    speed_counts_per_kmh: Annotated[float, Meta(ge=20, le=2000)] | None = None
    try_control: bool = False
    request_control_each_time: bool = False
    stops_on_disconnect: Literal["yes", "no", "unknown"] = "unknown"
    speed_min_kmh: Annotated[float, Meta(ge=0.1, le=5)] | None = None
    speed_max_kmh: Annotated[float, Meta(ge=1, le=20)] | None = None
    speed_step_kmh: Annotated[float, Meta(ge=0.01, le=1)] | None = None
    incline_min_pct: Annotated[float, Meta(ge=-3, le=5)] | None = None
    incline_max_pct: Annotated[float, Meta(ge=0, le=40)] | None = None
    incline_step_pct: Annotated[float, Meta(ge=0.05, le=5)] | None = None
    incline_rate_pct_s: Annotated[float, Meta(ge=0.02, le=5)] | None = None
    latency_s: Annotated[float, Meta(ge=0, le=10)] | None = None


class MqttTable(Table, frozen=True, kw_only=True):
    host: Word = Word("127.0.0.1")
    port: Annotated[int, Meta(ge=1, le=65535)] = 1883
    socket: FilePath | None = None
    protocol: Literal[3, 5] = 5
    username: Word | None = None
    password_file: FilePath | None = None
    web_username: Word | None = None
    web_password_file: FilePath | None = None
    machine_id: MachineId = MachineId("treadmill")
    homeassistant: bool = False


class WebTable(Table, frozen=True, kw_only=True):
    host: Word = Word("0.0.0.0")
    port: Annotated[int, Meta(ge=1, le=65535)] = 8080
    allowed_hosts: Words = Words(())


class FilesTable(Table, frozen=True, kw_only=True):
    journal: FilePath | None = None
    lock: FilePath | None = None
    session_directories: FilePaths | None = None


class ConfigTable(Table, frozen=True, kw_only=True):
    """The whole file."""

    athlete: AthleteTable = AthleteTable()
    limits: LimitsTable = LimitsTable()
    strap: StrapTable = StrapTable()
    machine: MachineTable = MachineTable()
    mqtt: MqttTable = MqttTable()
    web: WebTable = WebTable()
    files: FilesTable = FilesTable()


LIMIT_KEYS = tuple(key for key in MachineTable.__struct_fields__ if key in MachineLimits.__dataclass_fields__)
"""The keys of [machine] that state a `MachineLimits` field (and `page_start`, which is one too)."""
