"""The configuration is read strictly, and nobody widens the hard envelope."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pitrainer import config
from pitrainer.model import MachineLimits, UserLimits

Write = Callable[[str | bytes], Path]
LEAST = {"athlete": "age_years = 40", "strap": 'kind = "simulated"', "machine": 'kind = "simulated"'}


def text(**tables: str) -> str:
    """The least configuration, with lines added to its tables."""
    names = [*LEAST, *(name for name in tables if name not in LEAST)]
    return "".join(f"[{name}]\n{LEAST.get(name, '')}\n{tables.get(name, '')}\n" for name in names)


def refusal(path: Path) -> list[str]:
    with pytest.raises(config.ConfigError) as refused:
        config.load(path)
    return [str(problem).removeprefix(f"{path}:").partition(": ")[2] for problem in refused.value.problems]


def test_the_least_configuration_has_every_default(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/kim")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    found = config.load(write(text()))
    assert found == config.Settings(
        athlete=dataclasses.replace(config.DEFAULT_ATHLETE),
        limits=UserLimits(),
        strap=config.StrapSettings("simulated"),
        machine=config.MachineSettings("simulated"),
        mqtt=config.MqttSettings(),
        web=config.WebSettings(),
        journal=Path("/home/kim/.local/state/pitrainer/journal.sqlite3"),
        lock=Path("/run/user/1000/pitrainer/controller.lock"),
        session_directories=(Path("/home/kim/.config/pitrainer/sessions"), config.shipped_sessions()),
    )


def test_the_service_keeps_its_files_where_systemd_says(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/pitrainer")
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/pitrainer:/run/other")
    found = config.load(write(text()))
    assert found.journal == Path("/var/lib/pitrainer/journal.sqlite3")
    assert found.lock == Path("/run/pitrainer/controller.lock")


def test_every_key_reaches_its_place(write: Write) -> None:
    path = write(
        """
        [athlete]
        name = "Kim"
        hr_max_bpm = 185
        hr_rest_bpm = 55
        weight_kg = 70
        vo2max_ml_kg_min = 50
        [limits]
        speed_max_kmh = 8
        incline_max_pct = 25
        hr_cap_bpm = 170
        [strap]
        address = "aa:bb:cc:dd:ee:01"
        [machine]
        address = "AA:BB:CC:DD:EE:02"
        page_start = true
        speed_unit = "mph"
        request_control_each_time = true
        stops_on_disconnect = "no"
        speed_min_kmh = 1
        speed_max_kmh = 18
        speed_step_kmh = 0.2
        incline_min_pct = -3
        incline_max_pct = 30
        incline_step_pct = 1
        incline_rate_pct_s = 0.2
        latency_s = 3
        [mqtt]
        host = "broker"
        port = 1884
        socket = "/run/mosquitto.sock"
        protocol = 3
        username = "me"
        password_file = "secret"
        web_username = "you"
        web_password_file = "/run/secret"
        machine_id = "t-07"
        homeassistant = true
        [web]
        host = "::"
        port = 80
        allowed_hosts = ["pi.example.org"]
        [files]
        journal = "j.sqlite3"
        lock = "/run/l"
        session_directories = ["mine", "/srv/sessions"]
        """
    )
    found = config.load(path)
    here = path.parent
    assert (found.athlete.name, found.athlete.hr_max, found.athlete.hr_max_is_estimate) == ("Kim", 185, False)
    assert found.limits == UserLimits(8, 25, 170)
    assert found.strap == config.StrapSettings("ble", "AA:BB:CC:DD:EE:01")
    assert found.machine.limits == MachineLimits(1, 18, 0.2, -3, 30, 1, 0.2, 3, page_start=True)
    assert (found.machine.address, found.machine.speed_unit) == ("AA:BB:CC:DD:EE:02", "mph")
    assert (found.machine.request_control_each_time, found.machine.stops_on_disconnect) == (True, "no")
    assert found.mqtt == config.MqttSettings(
        "broker", 1884, "/run/mosquitto.sock", 3, "me", str(here / "secret"), "you", "/run/secret", "t-07", True
    )
    assert found.web == config.WebSettings("::", 80, ("pi.example.org",))
    assert (found.journal, found.lock) == (here / "j.sqlite3", Path("/run/l"))
    assert found.session_directories == (here / "mine", Path("/srv/sessions"), config.shipped_sessions())


def test_what_is_not_stated_about_the_machine_is_the_profiles_guess(write: Write) -> None:
    found = config.load(write(text(machine="incline_rate_pct_s = 0.1")))
    assert found.machine.limits == MachineLimits(incline_rate_pct_s=0.1)


@pytest.mark.parametrize(
    ("table", "line", "words"),
    [
        ("limits", "speed_max_kmh = 20.1", "limits.speed_max_kmh: must be at most 20, not 20.1"),
        ("limits", "incline_max_pct = 41", "limits.incline_max_pct: must be at most 40, not 41"),
        (
            "limits",
            "incline_max_pct = 16",
            "limits.incline_max_pct: must be at most 15, not 16; "
            "a steeper machine must say so: [machine] incline_max_pct",
        ),
        (
            "limits",
            "hr_cap_bpm = 181",
            "limits.hr_cap_bpm: must lie above hr_rest_bpm (60) and at most at HRmax (180), not 181",
        ),
        (
            "limits",
            "hr_cap_bpm = 60",
            "limits.hr_cap_bpm: must lie above hr_rest_bpm (60) and at most at HRmax (180), not 60",
        ),
        ("limits", "hr_cap = 150", 'limits.hr_cap: unknown key; did you mean "hr_cap_bpm"?'),
        ("machine", "speed_max_kmh = 25", "machine.speed_max_kmh: must be at most 20, not 25"),
        ("machine", "incline_max_pct = 41", "machine.incline_max_pct: must be at most 40, not 41"),
        ("machine", "incline_min_pct = -4", "machine.incline_min_pct: must be at least -3, not -4"),
        ("machine", "incline_max_pct = nan", "machine.incline_max_pct: must be an ordinary number, not nan or inf"),
        (
            "machine",
            "speed_min_kmh = 5\nspeed_max_kmh = 4",
            "machine.speed_min_kmh: 5 is not below speed_max_kmh (4)",
        ),
        ("machine", "page_start = 1", "machine.page_start: must be true or false, not the number 1"),
        (
            "machine",
            'address = "AA:BB:CC:DD:EE:02"',
            'machine.address: has no meaning beside kind = "simulated"; leave it out',
        ),
        ("athlete", "hr_rest_bpm = 24", "athlete.hr_rest_bpm: must be at least 25, not 24"),
        (
            "athlete",
            "hr_max_bpm = 120\nhr_rest_bpm = 110",
            "athlete: hr_rest_bpm 110 must lie between 25 and 20 below hr_max_bpm (120)",
        ),
        ("athlete", "weight_kg = true", "athlete.weight_kg: must be a number, not true"),
        ("mqtt", "port = 0", "mqtt.port: must be at least 1, not 0"),
        ("mqtt", "protocol = 4", "mqtt.protocol: must not be the number 4; allowed: 3, 5"),
        (
            "mqtt",
            'machine_id = "a/b"',
            'mqtt.machine_id: must be 1 to 32 small letters, digits or hyphens, not the text "a/b"',
        ),
        (
            "mqtt",
            'machine_id = "#"',
            'mqtt.machine_id: must be 1 to 32 small letters, digits or hyphens, not the text "#"',
        ),
        ("mqtt", 'password_file = "x"', "mqtt.password_file: needs a username beside it"),
        ("mqtt", 'web_password_file = "x"', "mqtt.web_password_file: needs a web_username beside it"),
        (
            "mqtt",
            'web_username = "web"',
            "mqtt.web_username: is the page's account; give the controller's too: username",
        ),
        (
            "web",
            'allowed_hosts = "x"',
            'web.allowed_hosts: must be a list of texts, like ["a", "b"], not the text "x"',
        ),
        (
            "web",
            "allowed_hosts = [1]",
            "web.allowed_hosts: must be text in quotes, 1 to 255 ordinary characters, not the number 1",
        ),
        (
            "files",
            'journal = ""',
            'files.journal: must be text in quotes, 1 to 255 ordinary characters, not the text ""',
        ),
        (
            "files",
            'journal = "~nobody-has-this-name/x"',
            "files.journal: the home directory of ~nobody-has-this-name/x is not known; write the whole path",
        ),
        ("fils", "", 'fils: unknown key; did you mean "files"?'),
    ],
)
def test_what_is_not_allowed_is_refused_with_the_cure(write: Write, table: str, line: str, words: str) -> None:
    assert refusal(write(text(**{table: line}))) == [words]


def test_a_steep_machine_that_says_so_may_be_used_steeply(write: Write) -> None:
    steep = text(limits="incline_max_pct = 40", machine="incline_max_pct = 40")
    assert config.load(write(steep)).limits.incline_max_pct == 40
    assert refusal(write(text(limits="incline_max_pct = 31", machine="incline_max_pct = 30"))) == [
        "limits.incline_max_pct: must be at most 30, not 31"
    ]


def test_hardware_needs_an_address_and_two_different_ones(write: Write) -> None:
    assert refusal(write("[athlete]\nage_years = 40\n")) == [
        "strap: needs an address; `pitrainer scan` prints the line",
        "machine: needs an address; `pitrainer scan` prints the line",
    ]
    same = 'address = "AA:BB:CC:DD:EE:01"\n'
    assert refusal(write(f"[athlete]\nage_years = 40\n[strap]\n{same}[machine]\n{same.lower()}")) == [
        "machine.address: is the strap's address too (AA:BB:CC:DD:EE:01); they must differ"
    ]


@pytest.mark.parametrize("address", ["", "treadmill", "AA:BB:CC:DD:EE", "AA-BB-CC-DD-EE-FF", "AA:BB:CC:DD:EE:0G"])
def test_an_address_looks_like_one(write: Write, address: str) -> None:
    (words,) = refusal(
        write(f'[athlete]\nage_years = 40\n[strap]\naddress = "{address}"\n[machine]\nkind = "simulated"\n')
    )
    assert words.startswith(
        'strap.address: must look like "AA:BB:CC:DD:EE:FF" (`pitrainer scan` shows it), not the text'
    )


def test_who_asks_uses_the_pages_account_where_there_is_one() -> None:
    one = config.MqttSettings(username="pi", password_file="/p")
    two = dataclasses.replace(one, web_username="web", web_password_file="/w")
    assert one.asking == one
    assert (two.asking.username, two.asking.password_file) == ("web", "/w")
    assert two.asking.machine_id == two.machine_id


def test_a_credential_of_systemd_goes_before_the_file_it_is_a_copy_of(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(text(mqtt='username = "pi"\npassword_file = "/etc/secrets/mqtt-controller"'))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert config.load(path).mqtt.password_file == "/etc/secrets/mqtt-controller"
    (tmp_path / "mqtt-controller").write_text("secret")
    assert config.load(path).mqtt.password_file == str(tmp_path / "mqtt-controller")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # as for systemd's ExecStopPost
    assert config.load(path).mqtt.password_file == "/etc/secrets/mqtt-controller"


def test_an_athlete_needs_hrmax_or_an_age(write: Write) -> None:
    path = write('[strap]\nkind = "simulated"\n[machine]\nkind = "simulated"\n')
    assert refusal(path) == ["athlete: give hr_max_bpm (measured), or age_years to estimate it from"]


def test_all_mistakes_come_at_once_each_with_its_line(write: Write) -> None:
    path = write(text(limits="speed_max_kmh = 99", mqtt="prt = 1", web="port = true"))
    with pytest.raises(config.ConfigError) as refused:
        config.load(path)
    assert [problem.line for problem in refused.value.problems] == [12, 15, 18]


def test_the_shipped_files_are_found_in_a_checkout_and_in_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pitrainer.config import places

    assert (config.shipped_sessions() / "capped-climb.toml").is_file()
    package = tmp_path / "pitrainer"
    monkeypatch.setattr(places, "__file__", str(package / "config" / "places.py"))
    assert places.shipped_config() == tmp_path / "config"
    (package / "_share" / "config").mkdir(parents=True)
    assert places.shipped_sessions() == package / "_share" / "config" / "sessions"


def test_the_demos_configuration_is_simulated_throughout() -> None:
    found = config.load(config.shipped_config() / "demo.toml")
    assert (found.strap.kind, found.machine.kind) == ("simulated", "simulated")
    assert (found.athlete.hr_max, found.athlete.hr_rest_bpm) == (185, 55)
    assert found.machine.limits.page_start
