"""The systemd units, judged by systemd itself and against the numbers that they share with the code.

`systemd-analyze verify` wants the program to exist, so each unit is judged as it stands after an installation: with
the path of a real executable. Exposure is given to `--threshold` in tenths (10 is a score of 1.0).
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from pitrainer.cli import main
from pitrainer.halting import ANSWER_S, FIND_S, RAMP_MOST_S
from pitrainer.model import LEASE_S, RAMP_DOWN_KMH_S, TICK_S, MachineLimits
from pitrainer.service import HALT_MOST_S

UNITS = Path(__file__).parents[2] / "systemd"
PROGRAM = "/opt/pitrainer/venv/bin/pitrainer"
CONFIG = "/etc/pitrainer/pitrainer.toml"
HIGHEST_EXPOSURE_TENTHS = {"pitrainer.service": 10, "pitrainer-web.service": 15}
PRIVATE = ("NoNewPrivileges=yes", "ProtectSystem=strict", "MemoryDenyWriteExecute=yes", "CapabilityBoundingSet=")


def installed(name: str, directory: Path, *, without: str = "") -> Path:
    """The unit as on a machine where the program is there; optionally without one of its lines."""
    program = directory / "pitrainer"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    lines = (UNITS / name).read_text().splitlines()
    assert not without or without in lines
    unit = directory / name
    unit.write_text("\n".join(line for line in lines if line != without).replace(PROGRAM, str(program)))
    return unit


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ("systemd-analyze", "--no-pager", *map(str, arguments))
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def exposure(unit: Path, threshold_tenths: int) -> subprocess.CompletedProcess[str]:
    return analyze("security", "--offline=yes", f"--threshold={threshold_tenths}", unit)


def settings(name: str) -> dict[str, list[str]]:
    """All values of every key, in the file's order."""
    found: dict[str, list[str]] = {}
    for line in (UNITS / name).read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            found.setdefault(key, []).append(value)
    return found


def seconds(name: str, key: str) -> float:
    (value,) = settings(name)[key]
    return float(value.removesuffix("s"))


@pytest.mark.parametrize("name", HIGHEST_EXPOSURE_TENTHS)
def test_systemd_accepts_the_unit_without_a_word(name: str, tmp_path: Path) -> None:
    verdict = analyze("verify", installed(name, tmp_path))
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")


@pytest.mark.parametrize("name", HIGHEST_EXPOSURE_TENTHS)
def test_systemd_would_notice_a_program_that_is_not_there(name: str) -> None:
    verdict = analyze("verify", UNITS / name)
    assert verdict.returncode != 0
    assert PROGRAM in verdict.stderr


@pytest.mark.parametrize(("name", "tenths"), HIGHEST_EXPOSURE_TENTHS.items())
def test_the_sandbox_is_as_tight_as_promised(name: str, tenths: int, tmp_path: Path) -> None:
    verdict = exposure(installed(name, tmp_path), tenths)
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize(("name", "tenths"), HIGHEST_EXPOSURE_TENTHS.items())
def test_a_unit_with_a_hole_in_it_would_not_pass(name: str, tenths: int, tmp_path: Path) -> None:
    holed = installed(name, tmp_path, without="CapabilityBoundingSet=")
    assert exposure(holed, tenths).returncode != 0


@pytest.mark.parametrize("name", HIGHEST_EXPOSURE_TENTHS)
@pytest.mark.parametrize("line", PRIVATE)
def test_no_unit_lets_its_process_gain_power(name: str, line: str) -> None:
    assert line in (UNITS / name).read_text().splitlines()


@pytest.mark.parametrize(("name", "verb"), [("pitrainer.service", "run"), ("pitrainer-web.service", "web")])
def test_both_processes_read_the_one_config_file(name: str, verb: str) -> None:
    assert settings(name)["ExecStart"] == [f"{PROGRAM} {verb} --config {CONFIG}"]


def test_every_death_of_the_controller_is_followed_by_a_halt_from_outside() -> None:
    halt = f"-{PROGRAM} halt --config {CONFIG} --reason ${{SERVICE_RESULT}}"
    assert settings("pitrainer.service")["ExecStopPost"] == [halt]


def test_a_stop_has_time_for_the_longest_way_down() -> None:
    stop_s = seconds("pitrainer.service", "TimeoutStopSec")
    assert stop_s >= 2 * HALT_MOST_S
    assert MachineLimits().speed_max_kmh / RAMP_DOWN_KMH_S <= HALT_MOST_S


def test_a_halt_from_outside_has_time_to_find_the_treadmill_and_ramp_it_down() -> None:
    assert seconds("pitrainer.service", "TimeoutStopSec") >= FIND_S + RAMP_MOST_S + ANSWER_S


def test_the_watchdog_gives_the_tick_room_and_the_drivers_lease_comes_first() -> None:
    watchdog_s = seconds("pitrainer.service", "WatchdogSec")
    assert watchdog_s >= 8 * TICK_S
    assert watchdog_s > LEASE_S


def test_a_controller_that_keeps_dying_stays_down() -> None:
    unit = settings("pitrainer.service")
    assert unit["Restart"] == ["on-failure"]
    assert unit["StartLimitBurst"] == ["3"]
    assert seconds("pitrainer.service", "StartLimitIntervalSec") > 3 * (25 + seconds("pitrainer.service", "RestartSec"))


def test_the_controller_has_no_network_and_no_device() -> None:
    unit = settings("pitrainer.service")
    assert unit["PrivateNetwork"] == ["yes"]
    assert unit["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert unit["PrivateDevices"] == ["yes"]
    assert "DeviceAllow" not in unit


def test_the_controller_is_starved_and_killed_after_the_page() -> None:
    controller, page = settings("pitrainer.service"), settings("pitrainer-web.service")
    assert int(controller["CPUWeight"][0]) > int(page["CPUWeight"][0])
    assert int(controller["OOMScoreAdjust"][0]) < int(page["OOMScoreAdjust"][0])


def test_the_brokers_socket_is_opened_to_the_group_that_both_units_have() -> None:
    assert settings("pitrainer.service")["SupplementaryGroups"] == ["mosquitto"]
    assert settings("pitrainer-web.service")["SupplementaryGroups"] == ["mosquitto"]
    broker = settings("mosquitto.service.d/pitrainer.conf")
    assert (broker["User"], broker["Group"]) == (["mosquitto"], ["mosquitto"])
    assert (broker["RuntimeDirectory"], broker["RuntimeDirectoryMode"]) == (["mosquitto"], ["0750"])
    assert broker["UMask"] == ["0007"]


@pytest.mark.parametrize(("name", "account"), [("pitrainer.service", "controller"), ("pitrainer-web.service", "web")])
def test_each_service_gets_its_own_secret_and_no_other(name: str, account: str) -> None:
    assert settings(name)["LoadCredential"] == [f"mqtt-{account}:/etc/pitrainer/secrets/mqtt-{account}"]


DEBIANS_MOSQUITTO = """
[Unit]
Description=Mosquitto MQTT Broker
[Service]
Type=notify
ExecStart=/bin/true -c /etc/mosquitto/mosquitto.conf
Restart=on-failure
ExecStartPre=/bin/mkdir -m 740 -p /var/log/mosquitto
[Install]
WantedBy=multi-user.target
"""


def broker_unit(directory: Path, *, without: str = "") -> Path:
    """Debian's unit with our drop-in in it."""
    unit = directory / "mosquitto.service"
    ours = (UNITS / "mosquitto.service.d/pitrainer.conf").read_text().splitlines()
    assert not without or without in ours
    unit.write_text(DEBIANS_MOSQUITTO + "\n".join(line for line in ours if line != without))
    return unit


def test_the_brokers_sandbox_is_as_tight_as_promised_and_debians_is_not(tmp_path: Path) -> None:
    assert analyze("verify", broker_unit(tmp_path)).stderr == ""
    assert exposure(broker_unit(tmp_path), 12).returncode == 0
    assert exposure(broker_unit(tmp_path, without="CapabilityBoundingSet="), 12).returncode != 0
    assert exposure(broker_unit(tmp_path, without="User=mosquitto"), 12).returncode != 0


def test_the_installation_page_names_only_files_that_are_there() -> None:
    page = (UNITS.parent / "docs/install.md").read_text()
    named = set(re.findall(r"(?<![\w/])(?:config|systemd)/[\w./-]+\w", page))
    assert len(named) >= 6
    assert [name for name in named if not (UNITS.parent / name).is_file()] == []


@pytest.mark.parametrize("verb", ["run", "web", "halt"])
def test_every_command_of_the_units_exists_with_its_options(verb: str) -> None:
    (line,) = (
        line
        for unit in map(settings, HIGHEST_EXPOSURE_TENTHS)
        for line in unit["ExecStart"] + unit.get("ExecStopPost", [])
        if f" {verb} " in line
    )
    options = {option for parameter in main.commands[verb].params for option in parameter.opts}
    assert {word for word in line.split() if word.startswith("--")} <= options


@pytest.mark.parametrize("name", HIGHEST_EXPOSURE_TENTHS)
def test_the_boot_is_told_since_the_unit_hides_where_it_stands(name: str) -> None:
    unit = settings(name)
    assert unit["ProcSubset"] == ["pid"]
    assert "BOOT_ID=%b" in unit["Environment"]


SERIAL = "pitrainer.service.d/serial.conf"


def with_serial(directory: Path) -> Path:
    """The controller's unit as installed, with the documented drop-in for serial ports in it."""
    unit = installed("pitrainer.service", directory)
    unit.write_text(f"{unit.read_text()}\n{(UNITS / SERIAL).read_text()}")
    return unit


def test_systemd_accepts_the_drop_in_for_serial_ports_where_it_belongs(tmp_path: Path) -> None:
    unit = installed("pitrainer.service", tmp_path)
    drop_in = tmp_path / SERIAL
    drop_in.parent.mkdir()
    drop_in.write_text((UNITS / SERIAL).read_text())
    verdict = analyze("verify", unit)
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")
    drop_in.write_text("[Service]\nDeviceAlow=char-ttyUSB rw\n")
    assert "DeviceAlow" in analyze("verify", unit).stderr


def test_serial_ports_cost_the_sandbox_little_and_every_device_would_cost_more(tmp_path: Path) -> None:
    unit = with_serial(tmp_path)
    assert exposure(unit, 7).returncode == 0
    unit.write_text(unit.read_text() + "\nDeviceAllow=\nDevicePolicy=auto\n")
    assert exposure(unit, 7).returncode != 0


def test_the_drop_in_opens_serial_ports_and_nothing_else() -> None:
    found = settings(SERIAL)
    assert found["DeviceAllow"] == ["char-ttyUSB rw", "char-ttyACM rw", "char-ttyAMA rw"]
    assert (found["SupplementaryGroups"], found["PrivateDevices"]) == (["dialout"], ["no"])
    assert found["DevicePolicy"] == ["closed"]
    assert set(found) == {"Wants", "After", "SupplementaryGroups", "PrivateDevices", "DevicePolicy", "DeviceAllow"}


def test_the_page_on_serial_lines_copies_the_drop_in_that_is_there() -> None:
    page = (UNITS.parent / "docs/serial.md").read_text()
    assert f"systemd/{SERIAL}" in page and (UNITS / SERIAL).is_file()
