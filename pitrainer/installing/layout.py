"""Which file goes where. The texts are the shipped ones (`config/`, `systemd/`) with this machine's program, port and
accounts in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pitrainer.config import shipped_config
from pitrainer.installing.ground import InstallError

SETTINGS = "/etc/pitrainer/pitrainer.toml"
SECRETS = "/etc/pitrainer/secrets"
SESSIONS = "/etc/pitrainer/sessions"
DIARY = "/var/lib/pitrainer"
RUNNING = "/run/pitrainer/controller.moving"
UNFINISHED = "/etc/pitrainer/.unfinished"
"""Stands while an installation is going on: one that was cut off restarts everything the next time."""
PASSWORDS = "/etc/mosquitto/pitrainer.passwd"
SYSUSERS = "/etc/sysusers.d/pitrainer.conf"
UNITS = ("pitrainer.service", "pitrainer-web.service")
BROKER_UNIT = "mosquitto.service.d/pitrainer.conf"

SHIPPED_PROGRAM = "/opt/pitrainer/venv/bin/pitrainer"
SHIPPED_PORT = "SocketBindAllow=tcp:8080"
HIDDEN_FROM_SERVICES = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")

OWN_LINES = (
    '#socket = "/run/mosquitto/mqtt.sock"',
    '#username = "controller"',
    '#password_file = "/etc/pitrainer/secrets/mqtt-controller"',
    '#web_username = "web"',
    '#web_password_file = "/etc/pitrainer/secrets/mqtt-web"',
    '#journal = "/var/lib/pitrainer/journal.sqlite3"',
    '#lock = "/run/pitrainer/controller.lock"',
    '#session_directories = ["/etc/pitrainer/sessions"]',
)
"""Lines of the shipped settings that an installation switches on. The services would find journal and lock without;
`pitrainer halt` and `history` by hand would not, and two locks are none."""
OWN_MQTT_LINES = OWN_LINES[:5]
SIMULATED = (
    ('kind = "ble"\naddress = "AA:BB:CC:DD:EE:01"', 'kind = "simulated"'),
    ('kind = "ftms"\naddress = "AA:BB:CC:DD:EE:02"', 'kind = "simulated"'),
    ("page_start = false", "page_start = true"),
)
PLACEHOLDERS = ("AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02")


@dataclass(frozen=True, slots=True)
class ManagedFile:
    """A file that is ours: written at every installation, deleted by `remove`."""

    path: str
    text: str
    mode: int = 0o644
    owner: str = "root"


def shipped_systemd() -> Path:
    """Beside `config/`, in a checkout as in a wheel."""
    return shipped_config().parent / "systemd"


def secret_file(account: str) -> str:
    return f"{SECRETS}/mqtt-{account}"


def seen_by_services(program: Path) -> Path:
    """The program, if the units can run it. Raises InstallError."""
    if not program.is_file():
        raise InstallError(f"{program} is not there: install pitrainer into a virtual environment first.")
    if any(program.is_relative_to(place) for place in HIDDEN_FROM_SERVICES):
        raise InstallError(
            f"{program} is where the services cannot see it ({', '.join(HIDDEN_FROM_SERVICES)} are closed to them). "
            f"Install pitrainer into /opt/pitrainer/venv (docs/install.md) and run that one."
        )
    return program


def unit_files(program: Path, port: int) -> Iterator[ManagedFile]:
    """The two services, and who they run as."""
    for name in UNITS:
        text = (shipped_systemd() / name).read_text()
        text = text.replace(SHIPPED_PROGRAM, str(program)).replace(SHIPPED_PORT, f"SocketBindAllow=tcp:{port}")
        yield ManagedFile(f"/etc/systemd/system/{name}", text)
    comment = "# The controller's user. The page's is made by systemd when it runs.\n"
    yield ManagedFile(SYSUSERS, f'{comment}u pitrainer - "pitrainer controller" /nonexistent\n')


def broker_files() -> Iterator[ManagedFile]:
    """What pitrainer asks of Mosquitto; the accounts are elsewhere."""
    mosquitto = shipped_config() / "mosquitto"
    yield ManagedFile(f"/etc/systemd/system/{BROKER_UNIT}", (shipped_systemd() / BROKER_UNIT).read_text())
    yield ManagedFile("/etc/mosquitto/conf.d/pitrainer.conf", (mosquitto / "pitrainer.conf").read_text())
    acl = (mosquitto / "pitrainer.acl").read_text()
    yield ManagedFile("/etc/mosquitto/pitrainer.acl", acl, 0o600, "mosquitto")


def first_settings(*, simulated: bool) -> str:
    """The shipped settings with this machine's broker in them; the devices' addresses are still placeholders."""
    text = (shipped_config() / "pitrainer.toml").read_text()
    changes = [(line, line.removeprefix("#")) for line in OWN_LINES]
    for before, after in [*changes, *(SIMULATED if simulated else ())]:
        if text.count(before) != 1:
            raise InstallError(f"the shipped pitrainer.toml has lost its line {before!r}; this is a mistake of ours")
        text = text.replace(before, after)
    return text
