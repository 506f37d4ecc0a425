"""Installing and removing, in order. Nothing is asked; what cannot be found out is a line in the settings."""

from __future__ import annotations

import os
from pathlib import Path

from pitrainer import config
from pitrainer.installing import broker, layout
from pitrainer.installing.ground import Ground, InstallError

NEXT = """\
Next: {program} scan
      prints the lines for your strap and treadmill; put them into {settings}, with your age and weight, then
      sudo systemctl start pitrainer"""
OTHER_ACCOUNT = """\
Your {settings} stays as it is, but does not use the broker's accounts that were made. In [mqtt] it needs:
{lines}"""


def install(ground: Ground, *, program: Path, simulated: bool = False) -> None:
    """Make this machine an appliance. `program`: the `pitrainer` that the services run. Raises InstallError."""
    _may_begin(ground)
    layout.seen_by_services(program)
    was_cut_off = ground.at(layout.UNFINISHED).exists()
    if not ground.has_user("mosquitto"):
        raise InstallError("There is no broker: sudo apt install mosquitto, then run this again.")
    _make_settings(ground, simulated=simulated)
    if not ground.dry_run:
        ground.at(layout.UNFINISHED).touch()
    settings = _settings(ground, simulated=simulated)
    for file in layout.unit_files(program, settings.web.port):
        _write(ground, file)
    ground.run("systemd-sysusers", "pitrainer.conf", on_root="--root=")
    _make_broker(ground)
    _start(ground, _is_ready(settings), anew=was_cut_off)
    ground.at(layout.UNFINISHED).unlink(missing_ok=True)
    _close(ground, settings, program)


def remove(ground: Ground, *, with_diary: bool = False) -> None:
    """Undo it. The diary, your settings and your sessions stay unless `with_diary`. Raises InstallError."""
    _may_begin(ground)
    units = [unit for unit in layout.UNITS if ground.text_of(f"/etc/systemd/system/{unit}") is not None]
    if units:
        ground.run("systemctl", "stop", *units)
        ground.run("systemctl", "disable", *units, on_root="--root=")
    for path in _ours():
        ground.delete(path)
    ground.delete_if_empty("/etc/systemd/system/mosquitto.service.d")
    if with_diary:
        for path in (layout.DIARY, "/etc/pitrainer"):
            ground.delete(path)
        if ground.has_user("pitrainer"):
            ground.run("userdel", "pitrainer", may_fail=True)
    if ground.changed:
        ground.run("systemctl", "daemon-reload")
        ground.run("systemctl", "restart", "mosquitto", may_fail=True)
    kept = [path for path in (layout.DIARY, layout.SETTINGS, layout.SESSIONS) if ground.at(path).exists()]
    ground.say(f"Kept: {', '.join(kept)}" if kept else "Nothing of pitrainer is left but the program itself.")


def _may_begin(ground: Ground) -> None:
    if ground.is_live and not ground.dry_run and os.geteuid() != 0:
        raise InstallError("This changes the system: run it with sudo, or with --dry-run to see what it would do.")
    if ground.at(layout.RUNNING).exists():
        raise InstallError("A session is running. Stop it first; nothing was changed.")


def _ours() -> list[str]:
    units = [f"/etc/systemd/system/{name}" for name in layout.UNITS]
    broker_files = [file.path for file in layout.broker_files()]
    return [*units, layout.SYSUSERS, *broker_files, layout.PASSWORDS, layout.SECRETS]


def _write(ground: Ground, file: layout.ManagedFile) -> None:
    ground.write(file.path, file.text, mode=file.mode, owner=file.owner)


def _make_settings(ground: Ground, *, simulated: bool) -> None:
    ground.directory("/etc/pitrainer", mode=0o755)
    ground.directory(layout.SESSIONS, mode=0o755)
    if ground.text_of(layout.SETTINGS) is None:
        ground.write(layout.SETTINGS, layout.first_settings(simulated=simulated))


def _settings(ground: Ground, *, simulated: bool) -> config.Settings:
    path = ground.at(layout.SETTINGS)
    if not path.exists():  # a dry run on a fresh machine
        path = config.shipped_config() / ("demo.toml" if simulated else "pitrainer.toml")
    try:
        return config.load(path)
    except config.ConfigError as error:
        raise InstallError(f"The settings are refused, and nothing was started:\n{error}") from None


def _make_broker(ground: Ground) -> None:
    ground.directory(layout.SECRETS, mode=0o700)
    passwords = ground.text_of(layout.PASSWORDS) or ""
    for account in broker.ACCOUNTS:
        path = layout.secret_file(account)
        secret = ground.text_of(path) or broker.new_secret()
        ground.write(path, secret, mode=0o600)
        passwords = broker.with_account(passwords, account, secret)
    ground.write(layout.PASSWORDS, passwords, mode=0o600, owner="mosquitto", keep_old=False)
    for file in layout.broker_files():
        _write(ground, file)


def _start(ground: Ground, is_ready: bool, *, anew: bool) -> None:
    services = [unit for unit in layout.UNITS if is_ready or unit != "pitrainer.service"]
    ground.run("systemctl", "daemon-reload")
    if anew or any("mosquitto" in path for path in ground.changed):
        ground.run("systemctl", "restart", "mosquitto")
    ground.run("systemctl", "enable", "mosquitto.service", *layout.UNITS, on_root="--root=")
    ground.run("systemctl", "reset-failed", *layout.UNITS, may_fail=True)
    ground.run("systemctl", "restart", *services)  # the program itself may be a newer one


def _is_ready(settings: config.Settings) -> bool:
    """Are strap and treadmill chosen?"""
    return not {settings.strap.address, settings.machine.address} & set(layout.PLACEHOLDERS)


def _close(ground: Ground, settings: config.Settings, program: Path) -> None:
    if not ground.changed:
        ground.say("Everything was in place already: no file was changed.")
    mqtt = settings.mqtt
    wanted = {"username": "controller", "web_username": "web"}
    if ground.text_of(layout.SETTINGS) is not None and any(getattr(mqtt, key) != name for key, name in wanted.items()):
        lines = "\n".join(f"  {line.removeprefix('#')}" for line in layout.OWN_MQTT_LINES)
        ground.say(OTHER_ACCOUNT.format(settings=layout.SETTINGS, lines=lines))
    if _is_ready(settings):
        ground.say(f"The page is at http://{os.uname().nodename}.local:{settings.web.port}")
    else:
        ground.say(NEXT.format(program=program, settings=layout.SETTINGS))
