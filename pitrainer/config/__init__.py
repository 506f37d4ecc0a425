"""The settings of one machine and one athlete: TOML -> frozen values; refused with reasons, never repaired.

The limits that an owner sets narrow a hard envelope and cannot widen it (docs/safety.md): 20 km/h; 15 %, or what
the machine's own table states up to 40 %; no decline below -3 %, and none unless the machine's table states one.
Relative paths in a file count from the file's directory; `~` is the home directory.
Every key is in docs/configuration.md.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from msgspec import structs

from pitrainer.config.places import (
    credential,
    default_journal,
    default_lock,
    default_session_directories,
    shipped_config,
    shipped_sessions,
)
from pitrainer.config.serial import SERIAL_KINDS, assumed, judge
from pitrainer.config.tables import LIMIT_KEYS, AthleteTable, ConfigTable, FilePath, FilePaths, MachineTable, MqttTable
from pitrainer.core.athlete import Athlete
from pitrainer.model import MachineLimits, UserLimits
from pitrainer.tomlfile import FileError, Problem, Report, StrPath, read

__all__ = [
    "DEFAULT_ATHLETE",
    "SERIAL_KINDS",
    "ConfigError",
    "MachineSettings",
    "MqttSettings",
    "Problem",
    "Settings",
    "StrapSettings",
    "WebSettings",
    "default_journal",
    "default_lock",
    "default_session_directories",
    "load",
    "shipped_config",
    "shipped_sessions",
]

DEFAULT_ATHLETE = Athlete(age_years=40)
"""Stands in where nobody is configured, so that a session file can be checked anywhere: HRmax 180, rest 60."""

INCLINE_HARD_PCT = 15.0
"""The steepest that is allowed without a machine table that states more."""


class ConfigError(FileError):
    """A configuration that is refused; one line per problem."""


@dataclass(frozen=True, slots=True)
class StrapSettings:
    """The heart-rate strap. `address` is given exactly when `kind` is `ble`."""

    kind: Literal["ble", "simulated"] = "ble"
    address: str | None = None


@dataclass(frozen=True, slots=True)
class MachineSettings:
    """The treadmill. `stated` holds the limits that the file states; `limits` fills in the others. `address` is given
    exactly when `kind` is `ftms`, `port` exactly when it is one of SERIAL_KINDS."""

    kind: Literal["ftms", "trackmaster", "precor", "johnson", "psa", "csafe", "simulated"] = "ftms"
    address: str | None = None
    page_start: bool = False
    speed_unit: Literal["km/h", "mph"] = "km/h"
    request_control_each_time: bool = False
    stops_on_disconnect: Literal["yes", "no", "unknown"] = "unknown"
    stated: dict[str, float] = field(default_factory=dict)
    port: str | None = None
    baud: int | None = None
    """None: the protocol's usual one."""
    incline_counts_per_pct: float | None = None
    speed_counts_per_kmh: float | None = None
    try_control: bool = False
    """May CSAFE be tried for control, or is it only for watching?"""

    @property
    def limits(self) -> MachineLimits:
        """The machine's profile: what is stated, else what is assumed of its kind."""
        limits = asdict(replace(assumed(self.kind, self.speed_unit), page_start=self.page_start))
        return MachineLimits(**(limits | self.stated))


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The broker. `socket` (a unix socket) wins over `host` and `port`. `protocol` 3 is MQTT 3.1.1. The account is the
    controller's; who asks it for something (page, `pitrainer halt`) is `asking`."""

    host: str = "127.0.0.1"
    port: int = 1883
    socket: str | None = None
    protocol: Literal[3, 5] = 5
    username: str | None = None
    password_file: str | None = None
    web_username: str | None = None
    web_password_file: str | None = None
    machine_id: str = "treadmill"
    homeassistant: bool = False

    @property
    def asking(self) -> MqttSettings:
        """The same broker by the account that may command and not answer; the one account where there is one."""
        if self.web_username is None:
            return self
        return replace(self, username=self.web_username, password_file=self.web_password_file)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The page. `allowed_hosts` are names it may be called by, besides IP addresses, localhost and *.local."""

    host: str = "0.0.0.0"
    port: int = 8080
    allowed_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a controller and a page need to know."""

    athlete: Athlete
    limits: UserLimits
    strap: StrapSettings
    machine: MachineSettings
    mqtt: MqttSettings
    web: WebSettings
    journal: Path
    lock: Path
    session_directories: tuple[Path, ...]


def load(path: StrPath) -> Settings:
    """The settings in a file. Raises ConfigError with every problem, each with its line and cure."""
    table, report = read(path, ConfigTable)
    if table is not None:
        athlete = _athlete(table.athlete, report)
        _judge_limits(table, athlete, report)
        _judge_addresses(table, report)
        judge(table, report)
        _judge_accounts(table.mqtt, report)
    if table is None or athlete is None or report.has_errors:
        raise ConfigError(report.problems)
    return _settings(table, athlete, Path(path).resolve().parent)


def _athlete(table: AthleteTable, report: Report) -> Athlete | None:
    if table.hr_max_bpm is None and table.age_years is None:
        report.add(("athlete",), "give hr_max_bpm (measured), or age_years to estimate it from")
        return None
    try:
        return Athlete(**structs.asdict(table))
    except ValueError as error:
        report.add(("athlete",), str(error).removeprefix("athlete: "))
        return None


def _judge_limits(table: ConfigTable, athlete: Athlete | None, report: Report) -> None:
    machine, limits = table.machine, table.limits
    most_pct = INCLINE_HARD_PCT if machine.incline_max_pct is None else machine.incline_max_pct
    if limits.incline_max_pct > max(most_pct, INCLINE_HARD_PCT):
        what = f"must be at most {most_pct:g}, not {limits.incline_max_pct:g}"
        if machine.incline_max_pct is None:
            what += "; a steeper machine must say so: [machine] incline_max_pct"
        report.add(("limits", "incline_max_pct"), what)
    if limits.hr_cap_bpm is not None and athlete is not None and not _living(limits.hr_cap_bpm, athlete):
        what = f"must lie above hr_rest_bpm ({athlete.hr_rest_bpm:g}) and at most at HRmax ({athlete.hr_max:g})"
        report.add(("limits", "hr_cap_bpm"), f"{what}, not {limits.hr_cap_bpm:g}")
    profile = _machine(machine).limits
    for low, high in (("speed_min_kmh", "speed_max_kmh"), ("incline_min_pct", "incline_max_pct")):
        if getattr(profile, low) >= getattr(profile, high):
            report.add(("machine", low), f"{getattr(profile, low):g} is not below {high} ({getattr(profile, high):g})")


def _living(cap_bpm: float, athlete: Athlete) -> bool:
    return athlete.hr_rest_bpm < cap_bpm <= athlete.hr_max


def _judge_addresses(table: ConfigTable, report: Report) -> None:
    strap, machine = table.strap, table.machine
    if strap.kind == "simulated" and strap.address is not None:
        report.add(("strap", "address"), 'has no meaning beside kind = "simulated"; leave it out')
    for name, device in (("strap", strap), ("machine", machine)):
        if device.kind in ("ble", "ftms") and device.address is None:
            report.add((name,), "needs an address; `pitrainer scan` prints the line")
    if table.strap.address is not None and table.strap.address == table.machine.address:
        report.add(("machine", "address"), f"is the strap's address too ({table.strap.address}); they must differ")


def _judge_accounts(table: MqttTable, report: Report) -> None:
    if table.password_file is not None and table.username is None:
        report.add(("mqtt", "password_file"), "needs a username beside it")
    if table.web_password_file is not None and table.web_username is None:
        report.add(("mqtt", "web_password_file"), "needs a web_username beside it")
    if table.web_username is not None and table.username is None:
        report.add(("mqtt", "web_username"), "is the page's account; give the controller's too: username")


def _machine(table: MachineTable) -> MachineSettings:
    stated = {key: getattr(table, key) for key in LIMIT_KEYS if key != "page_start"}
    return MachineSettings(
        kind=table.kind,
        address=_text(table.address),
        page_start=table.page_start,
        speed_unit=table.speed_unit or "km/h",
        request_control_each_time=table.request_control_each_time,
        stops_on_disconnect=table.stops_on_disconnect,
        stated={key: value for key, value in stated.items() if value is not None},
        port=_text(table.port),
        baud=table.baud,
        incline_counts_per_pct=table.incline_counts_per_pct,
        speed_counts_per_kmh=table.speed_counts_per_kmh,
        try_control=table.try_control,
    )


def _settings(table: ConfigTable, athlete: Athlete, base: Path) -> Settings:
    web, files = table.web, table.files
    return Settings(
        athlete=athlete,
        limits=UserLimits(**structs.asdict(table.limits)),
        strap=StrapSettings(table.strap.kind, _text(table.strap.address)),
        machine=_machine(table.machine),
        mqtt=_mqtt(table.mqtt, base),
        web=WebSettings(str(web.host), web.port, tuple(str(host) for host in web.allowed_hosts.words)),
        journal=files.journal.under(base) if files.journal else default_journal(),
        lock=files.lock.under(base) if files.lock else default_lock(),
        session_directories=_session_directories(files.session_directories, base),
    )


def _mqtt(table: MqttTable, base: Path) -> MqttSettings:
    return MqttSettings(
        host=str(table.host),
        port=table.port,
        socket=str(table.socket.under(base)) if table.socket else None,
        protocol=table.protocol,
        username=_text(table.username),
        password_file=_secret(table.password_file, base),
        web_username=_text(table.web_username),
        web_password_file=_secret(table.web_password_file, base),
        machine_id=str(table.machine_id),
        homeassistant=table.homeassistant,
    )


def _secret(path: FilePath | None, base: Path) -> str | None:
    return None if path is None else str(credential(path.under(base)))


def _session_directories(given: FilePaths | None, base: Path) -> tuple[Path, ...]:
    if given is None:
        return default_session_directories()
    return (*(path.under(base) for path in given.paths), shipped_sessions())


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)
