"""What [machine] says of a treadmill on a serial line: what is needed is asked for, what has no effect is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pitrainer import config

Write = Callable[[str | bytes], Path]
ROOT = Path(__file__).resolve().parents[2]
STRAP = '[strap]\naddress = "AA:BB:CC:DD:EE:01"\n'
PORT = 'port = "/dev/ttyUSB0"\n'
CONSOLE = f"{PORT}page_start = true\nincline_counts_per_pct = 2\n"
LEAST = {
    "trackmaster": f'{PORT}speed_unit = "mph"\n',
    "precor": CONSOLE,
    "johnson": f"{CONSOLE}speed_counts_per_kmh = 212.8\n",
    "psa": CONSOLE,
    "csafe": PORT,
}


def text(kind: str, lines: str, strap: str = STRAP) -> str:
    return f'[athlete]\nage_years = 40\n{strap}[machine]\nkind = "{kind}"\n{lines}'


def refusal(path: Path) -> list[str]:
    with pytest.raises(config.ConfigError) as refused:
        config.load(path)
    return [str(problem).removeprefix(f"{path}:").partition(": ")[2] for problem in refused.value.problems]


@pytest.mark.parametrize(("kind", "lines"), LEAST.items())
def test_the_least_that_a_kind_needs_is_enough(write: Write, kind: str, lines: str) -> None:
    found = config.load(write(text(kind, lines))).machine
    assert (found.kind, found.port, found.address, found.baud) == (kind, "/dev/ttyUSB0", None, None)


@pytest.mark.parametrize(
    ("kind", "line"), [(kind, line) for kind, lines in LEAST.items() for line in lines.splitlines()]
)
def test_each_line_of_the_least_is_needed(write: Write, kind: str, line: str) -> None:
    (words,) = refusal(write(text(kind, LEAST[kind].replace(line + "\n", ""))))
    assert line.split(" = ")[0] in words and words.startswith("machine")


def test_every_serial_kind_has_a_least() -> None:
    assert set(LEAST) == set(config.SERIAL_KINDS)


def test_every_serial_key_reaches_its_place(write: Write) -> None:
    found = config.load(write(text("johnson", LEAST["johnson"] + "baud = 19200\n"))).machine
    assert (found.baud, found.incline_counts_per_pct, found.speed_counts_per_kmh) == (19200, 2, 212.8)
    assert not found.try_control
    assert config.load(write(text("csafe", PORT + "try_control = true\n"))).machine.try_control


@pytest.mark.parametrize(
    "line",
    [PORT, "baud = 9600\n", "incline_counts_per_pct = 2\n", "speed_counts_per_kmh = 200\n", "try_control = true\n"],
)
@pytest.mark.parametrize("kind", ["ftms", "simulated"])
def test_serial_keys_are_refused_beside_other_kinds(write: Write, kind: str, line: str) -> None:
    strap = STRAP if kind == "ftms" else '[strap]\nkind = "simulated"\n'
    own = 'address = "AA:BB:CC:DD:EE:02"\n' if kind == "ftms" else ""
    key = line.split(" = ")[0]
    assert refusal(write(text(kind, own + line, strap))) == [
        f'machine.{key}: has no meaning beside kind = "{kind}"; leave it out'
    ]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("trackmaster", 'address = "AA:BB:CC:DD:EE:02"'),
        ("trackmaster", "incline_counts_per_pct = 2"),
        ("precor", "speed_counts_per_kmh = 200"),
        ("psa", 'speed_unit = "mph"'),
        ("johnson", "try_control = true"),
        ("csafe", "incline_counts_per_pct = 2"),
        ("precor", "request_control_each_time = true"),
    ],
)
def test_a_key_of_another_protocol_is_refused(write: Write, kind: str, line: str) -> None:
    key = line.split(" = ")[0]
    assert refusal(write(text(kind, LEAST[kind] + line))) == [
        f'machine.{key}: has no meaning beside kind = "{kind}"; leave it out'
    ]


def test_a_made_up_heart_does_not_drive_a_real_belt(write: Write) -> None:
    path = write(text("trackmaster", LEAST["trackmaster"], '[strap]\nkind = "simulated"\n'))
    (words,) = refusal(path)
    assert words.startswith('strap.kind: must be "ble" beside kind = "trackmaster"')


def test_csafe_is_never_started_from_the_page(write: Write) -> None:
    assert refusal(write(text("csafe", PORT + "page_start = true"))) == [
        'machine.page_start: must be false beside kind = "csafe": CSAFE does not start a belt'
    ]


@pytest.mark.parametrize("port", ["socket://10.0.0.7:4001", "rfc2217://server:2217", "/dev/serial/by-id/usb-x"])
def test_a_port_may_be_a_device_or_a_serial_server(write: Write, port: str) -> None:
    assert config.load(write(text("csafe", f'port = "{port}"'))).machine.port == port


@pytest.mark.parametrize("port", ["ttyUSB0", "COM3", "socket://host", "loop://", "spy:///dev/ttyUSB0", "/tmp/x", ""])
def test_any_other_port_is_refused_with_what_is_allowed(write: Write, port: str) -> None:
    (words,) = refusal(write(text("csafe", f'port = "{port}"')))
    assert words.startswith('machine.port: must look like "/dev/...", "socket://host:port" or "rfc2217://host:port"')


def test_what_is_assumed_is_the_kinds_own_and_never_steeper_than_15(write: Write) -> None:
    def limits(kind: str, more: str = "") -> tuple[float, float, float]:
        found = config.load(write(text(kind, LEAST[kind] + more))).machine.limits
        return round(found.speed_max_kmh, 1), found.incline_max_pct, round(found.speed_step_kmh, 3)

    assert limits("trackmaster") == (20.0, 15.0, 0.161)
    assert limits("precor") == (19.3, 15.0, 0.016)
    assert limits("johnson") == (19.3, 12.0, 0.161)
    assert limits("psa") == (16.0, 15.0, 0.1)
    assert limits("csafe") == (20.0, 15.0, 0.1)
    assert limits("trackmaster", "incline_max_pct = 25\nspeed_max_kmh = 10\n") == (10.0, 25.0, 0.161)


def test_a_machine_in_kilometres_steps_in_kilometres(write: Write) -> None:
    found = config.load(write(text("trackmaster", f'{PORT}speed_unit = "km/h"'))).machine.limits
    assert (found.speed_min_kmh, found.speed_step_kmh) == (0.8, 0.1)


def test_the_example_on_the_page_is_accepted(write: Write) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/serial.md").read_text(), re.S)
    found = config.load(write(f"[athlete]\nage_years = 40\n{STRAP}{example}"))
    assert found.machine.kind == "trackmaster"


def test_the_page_names_every_kind_and_the_shipped_example_too() -> None:
    for name in ("docs/serial.md", "docs/configuration.md", "config/pitrainer.toml"):
        page = (ROOT / name).read_text()
        assert [kind for kind in config.SERIAL_KINDS if kind not in page] == []
