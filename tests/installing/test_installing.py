"""`pitrainer service install` on a root of its own: what it writes, that it can be repeated, and that it is undone.

systemctl and systemd-sysusers are replaced by what would have been run; the boot that runs them is tests/appliance.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pitrainer import config
from pitrainer.installing import Ground, InstallError, broker, install, layout, remove

SYSTEM_FILES = {
    "/etc/systemd/system/pitrainer.service": 0o644,
    "/etc/systemd/system/pitrainer-web.service": 0o644,
    "/etc/systemd/system/mosquitto.service.d/pitrainer.conf": 0o644,
    "/etc/sysusers.d/pitrainer.conf": 0o644,
    "/etc/mosquitto/conf.d/pitrainer.conf": 0o644,
    "/etc/mosquitto/pitrainer.acl": 0o600,
    "/etc/mosquitto/pitrainer.passwd": 0o600,
    "/etc/pitrainer/pitrainer.toml": 0o644,
    "/etc/pitrainer/secrets/mqtt-controller": 0o600,
    "/etc/pitrainer/secrets/mqtt-web": 0o600,
}


@dataclass
class Quiet(Ground):
    """A ground on which commands are only noted."""

    ran: list[str] = field(default_factory=list)

    def run(self, *command: str, on_root: str = "", may_fail: bool = False) -> None:
        self.ran.append(" ".join(command))


def hush(line: str) -> None:
    """Nobody listens."""


def fail(*command: str, on_root: str = "", may_fail: bool = False) -> None:
    raise InstallError("power")


Lay = Callable[..., Quiet]


@pytest.fixture
def lay(root: Path) -> Lay:
    def made(*, dry_run: bool = False) -> Quiet:
        return Quiet(hush, root, dry_run)

    return made


def files_of(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def the_secret(root: Path, account: str) -> str:
    return (root / f"etc/pitrainer/secrets/mqtt-{account}").read_text()


def test_everything_has_its_place_and_nobody_else_reads_the_secrets(root: Path, lay: Lay, program: Path) -> None:
    install(lay(), program=program)
    before = {"/etc/passwd"}
    modes = {f"/{path.relative_to(root)}": path.stat().st_mode & 0o777 for path in root.rglob("*") if path.is_file()}
    assert {path: mode for path, mode in modes.items() if path not in before} == SYSTEM_FILES
    assert (root / "etc/pitrainer/secrets").stat().st_mode & 0o777 == 0o700
    assert (root / "etc/mosquitto/pitrainer.passwd").stat().st_uid == (101 if os.geteuid() == 0 else os.geteuid())


def test_the_units_run_the_program_that_installed_them(root: Path, lay: Lay, program: Path) -> None:
    install(lay(), program=program)
    for name, verb in (("pitrainer.service", "run"), ("pitrainer-web.service", "web")):
        text = (root / "etc/systemd/system" / name).read_text()
        assert f"ExecStart={program} {verb} --config {layout.SETTINGS}\n" in text
        assert layout.SHIPPED_PROGRAM not in text


def test_the_first_settings_are_valid_and_use_both_accounts(root: Path, lay: Lay, program: Path) -> None:
    install(lay(), program=program)
    mqtt = config.load(root / "etc/pitrainer/pitrainer.toml").mqtt
    assert (mqtt.username, mqtt.password_file) == ("controller", "/etc/pitrainer/secrets/mqtt-controller")
    assert (mqtt.asking.username, mqtt.asking.password_file) == ("web", "/etc/pitrainer/secrets/mqtt-web")
    assert mqtt.socket == "/run/mosquitto/mqtt.sock"


def test_a_halt_by_hand_finds_the_lock_and_the_record_of_the_service(root: Path, lay: Lay, program: Path) -> None:
    install(lay(), program=program)
    found = config.load(root / "etc/pitrainer/pitrainer.toml")
    assert found.lock == Path(layout.RUNNING).with_suffix(".lock")
    assert found.journal.parent == Path(layout.DIARY)


def test_the_secrets_are_random_and_the_broker_knows_them(root: Path, lay: Lay, program: Path) -> None:
    install(lay(), program=program)
    lines = (root / "etc/mosquitto/pitrainer.passwd").read_text().splitlines()
    secrets = {account: the_secret(root, account) for account in broker.ACCOUNTS}
    assert len(set(secrets.values())) == len(secrets)
    assert all(len(secret.strip()) == 43 for secret in secrets.values())
    for line, (account, secret) in zip(lines, secrets.items(), strict=True):
        assert broker.knows(line, account, secret)
        assert not broker.knows(line, account, secret[::-1])
        assert secret.strip() not in line


def test_the_controller_waits_for_its_devices_and_the_page_does_not(root: Path, lay: Lay, program: Path) -> None:
    ground = lay()
    install(ground, program=program)
    assert "systemctl restart pitrainer-web.service" in ground.ran
    assert "systemctl enable mosquitto.service pitrainer.service pitrainer-web.service" in ground.ran


def test_with_simulated_hardware_both_start_at_once(root: Path, lay: Lay, program: Path) -> None:
    ground = lay()
    install(ground, program=program, simulated=True)
    found = config.load(root / "etc/pitrainer/pitrainer.toml")
    assert (found.strap.kind, found.machine.kind, found.machine.page_start) == ("simulated", "simulated", True)
    assert "systemctl restart pitrainer.service pitrainer-web.service" in ground.ran


def test_a_second_time_changes_no_file_and_leaves_the_broker_alone(root: Path, lay: Lay, program: Path) -> None:
    install(lay(), program=program, simulated=True)
    before, again = files_of(root), lay()
    install(again, program=program, simulated=True)
    assert files_of(root) == before
    assert again.changed == []
    assert "systemctl restart mosquitto" not in again.ran
    assert "systemctl restart pitrainer.service pitrainer-web.service" in again.ran, "the program may be newer"


def test_an_installation_that_was_cut_off_restarts_the_broker_the_next_time(
    root: Path, lay: Lay, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = lay()
    monkeypatch.setattr(cut, "run", fail)
    with pytest.raises(InstallError, match="power"):
        install(cut, program=program)
    broken = {path for path in files_of(root) if "acl" in path}
    assert broken == set(), "nothing of the broker's was written before the first command failed"
    next_time, after = lay(), lay()
    install(next_time, program=program)
    install(after, program=program)
    assert "systemctl restart mosquitto" in next_time.ran
    assert "systemctl restart mosquitto" not in after.ran


def test_a_dry_run_tells_everything_and_does_nothing(root: Path, lay: Lay, program: Path) -> None:
    before, dry, real = files_of(root), lay(dry_run=True), lay()
    install(dry, program=program)
    assert files_of(root) == before
    install(real, program=program)
    assert dry.changed == real.changed


def test_settings_of_a_person_stay_as_they_are_and_are_obeyed(root: Path, lay: Lay, program: Path) -> None:
    text = layout.first_settings(simulated=True).replace("port = 8080", "port = 8090")
    (root / "etc/pitrainer").mkdir()
    (root / "etc/pitrainer/pitrainer.toml").write_text(text)
    install(lay(), program=program)
    assert (root / "etc/pitrainer/pitrainer.toml").read_text() == text
    assert "SocketBindAllow=tcp:8090\n" in (root / "etc/systemd/system/pitrainer-web.service").read_text()


def test_settings_without_the_accounts_are_kept_and_the_lines_told(root: Path, program: Path) -> None:
    said: list[str] = []
    (root / "etc/pitrainer").mkdir()
    shipped = (config.shipped_config() / "pitrainer.toml").read_text()
    (root / "etc/pitrainer/pitrainer.toml").write_text(shipped)
    install(Quiet(said.append, root), program=program)
    advice = next(line for line in said if "stays as it is" in line)
    lines = tomllib.loads("\n".join(advice.splitlines()[1:]))
    assert set(lines) == {"socket", "username", "password_file", "web_username", "web_password_file"}


def test_settings_with_a_mistake_are_refused_with_its_line_and_nothing_is_started(
    root: Path, lay: Lay, program: Path
) -> None:
    (root / "etc/pitrainer").mkdir()
    (root / "etc/pitrainer/pitrainer.toml").write_text("[athlet]\n")
    ground = lay()
    with pytest.raises(InstallError, match=r"pitrainer.toml:1: athlet: unknown key"):
        install(ground, program=program)
    assert ground.ran == []


def test_a_file_of_somebody_else_in_our_place_is_kept_beside(root: Path, lay: Lay, program: Path) -> None:
    install(lay(), program=program)
    acl = root / "etc/mosquitto/pitrainer.acl"
    acl.write_text("user guest\n")
    install(lay(), program=program)
    assert (root / "etc/mosquitto/pitrainer.acl.old").read_text() == "user guest\n"
    assert "user controller\n" in acl.read_text()


def test_accounts_of_others_stay_and_a_lost_secret_is_made_anew(root: Path, lay: Lay, program: Path) -> None:
    install(lay(), program=program)
    passwords = root / "etc/mosquitto/pitrainer.passwd"
    passwords.write_text(passwords.read_text() + "viewer:$7$101$c2FsdA==$aGFzaA==\n")
    (root / "etc/pitrainer/secrets/mqtt-web").unlink()
    install(lay(), program=program)
    lines = passwords.read_text().splitlines()
    assert "viewer:$7$101$c2FsdA==$aGFzaA==" in lines
    assert sorted(line.partition(":")[0] for line in lines) == ["controller", "viewer", "web"]
    assert any(broker.knows(line, "web", the_secret(root, "web")) for line in lines)


@pytest.mark.parametrize("line", ["", "web", "web:plain", "web:$6$a$b", "web:$7$x$y$z", "web:$7$101$c2FsdA==$aGFzaA=="])
def test_a_line_that_is_damaged_knows_no_secret(line: str) -> None:
    assert not broker.knows(line, "web", "secret")


def test_nothing_is_changed_while_a_session_runs(root: Path, lay: Lay, program: Path) -> None:
    install(lay(), program=program)
    marker = root / "run/pitrainer/controller.moving"
    marker.parent.mkdir(parents=True)
    marker.touch()
    before = files_of(root)
    with pytest.raises(InstallError, match="A session is running"):
        install(lay(), program=program)
    with pytest.raises(InstallError, match="A session is running"):
        remove(lay(), with_diary=True)
    assert files_of(root) == before


def test_without_a_broker_the_cure_is_told(root: Path, lay: Lay, program: Path) -> None:
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    with pytest.raises(InstallError, match="sudo apt install mosquitto"):
        install(lay(), program=program)


@pytest.mark.parametrize("place", ["/home/kim/venv/bin/pitrainer", "/root/venv/bin/pitrainer", "/tmp/x/pitrainer"])
def test_a_program_that_the_services_cannot_see_is_refused(
    lay: Lay, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_file", lambda self: True)
    with pytest.raises(InstallError, match=r"cannot see it .* Install pitrainer into /opt/pitrainer/venv"):
        install(lay(), program=Path(place))


def test_a_program_that_is_not_there_is_refused(lay: Lay) -> None:
    with pytest.raises(InstallError, match="is not there"):
        install(lay(), program=Path("/opt/nowhere/pitrainer"))


def test_remove_takes_away_all_but_what_is_yours(root: Path, lay: Lay, program: Path) -> None:
    install(lay(), program=program)
    diary = root / "var/lib/pitrainer/journal.sqlite3"
    diary.parent.mkdir(parents=True)
    diary.write_text("years")
    ground = lay()
    remove(ground)
    left = {f"/{path.relative_to(root)}" for path in root.rglob("*") if path.is_file()}
    assert left == {"/etc/passwd", layout.SETTINGS, "/var/lib/pitrainer/journal.sqlite3"}
    assert ground.ran[:2] == [
        f"systemctl {verb} pitrainer.service pitrainer-web.service" for verb in ("stop", "disable")
    ]
    assert not (root / "etc/systemd/system/mosquitto.service.d").exists()


def test_remove_with_the_diary_leaves_nothing(root: Path, lay: Lay, program: Path) -> None:
    before = files_of(root)
    install(lay(), program=program)
    (root / "var/lib/pitrainer").mkdir(parents=True)
    (root / "var/lib/pitrainer/journal.sqlite3").write_text("years")
    remove(lay(), with_diary=True)
    assert files_of(root) == before


def test_removing_what_is_not_there_runs_nothing(lay: Lay) -> None:
    ground = lay()
    remove(ground)
    assert (ground.changed, ground.ran) == ([], [])


def test_the_systems_own_files_are_refused_to_those_who_are_not_root(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(InstallError, match="sudo"):
        install(Quiet(hush), program=program)
