"""The discovery message against a table of what Home Assistant's MQTT platforms require and allow.

PLATFORMS was written from Home Assistant's documentation of MQTT discovery and of each platform (2026.2): required
keys, and the others that we use. A key that is in neither is a mistake, since Home Assistant refuses the whole device
for one.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pitrainer import sessions
from pitrainer.config import DEFAULT_ATHLETE, shipped_sessions
from pitrainer.core import engine
from pitrainer.core.snapshot import snapshot
from pitrainer.core.state import Setup, State
from pitrainer.homeassistant import Household, event_types, titles_of
from pitrainer.model import LinkState, MachineLimits, Phase, UserLimits, Verb
from pitrainer.state import message

EVERY = {"p", "uniq_id"}
COMMON = {"name", "ic", "ent_cat"}
PLATFORMS: dict[str, tuple[set[str], set[str]]] = {
    "sensor": ({"val_tpl"}, {"unit_of_meas", "dev_cla", "stat_cla", "exp_aft", "ops"}),
    "binary_sensor": ({"val_tpl"}, {"dev_cla"}),
    "event": ({"stat_t", "evt_typ"}, set()),
    "select": ({"cmd_t", "ops"}, {"val_tpl"}),
    "button": ({"cmd_t"}, {"pl_prs"}),
}
UNITS = {"speed": {"km/h"}, "duration": {"s"}, "distance": {"m"}, "battery": {"%"}}
BINARY_CLASSES = {"running", "problem", "connectivity"}
MOTION = {"number", "switch", "climate", "fan", "cover", "text", "lock", "valve", "siren"}


@pytest.fixture
def components(payload: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = payload["cmps"]
    return found


def test_the_device_has_all_that_device_discovery_requires(household: Household) -> None:
    topic, payload = household.announcement()
    assert topic == "homeassistant/device/pitrainer_t-07/config"
    assert re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", topic)
    assert payload["dev"]["ids"] == ["pitrainer_t-07"]
    assert set(payload["dev"]) == {"ids", "name", "mf", "mdl", "sw", "cu"}
    assert payload["o"]["name"] == "pitrainer"
    assert set(payload) == {"dev", "o", "avty", "stat_t", "qos", "cmps"}


def test_every_entity_is_unavailable_when_the_will_says_so(payload: dict[str, Any]) -> None:
    assert payload["avty"] == [{"t": "pitrainer/t-07/status"}]
    assert all("avty" not in component for component in payload["cmps"].values())


def test_every_component_has_what_its_platform_requires_and_nothing_it_does_not_know(
    components: dict[str, dict[str, Any]],
) -> None:
    for key, component in components.items():
        required, allowed = PLATFORMS[component["p"]]
        assert EVERY | required <= set(component), key
        assert set(component) <= EVERY | COMMON | required | allowed, key


def test_every_component_has_an_id_of_its_own_with_the_machine_in_it(components: dict[str, dict[str, Any]]) -> None:
    ids = [component["uniq_id"] for component in components.values()]
    assert len(set(ids)) == len(ids)
    assert all(identity.startswith("pitrainer_t-07_") for identity in ids)


def test_measured_classes_have_their_units_and_named_ones_their_options(components: dict[str, dict[str, Any]]) -> None:
    for component in components.values():
        kind = component.get("dev_cla")
        if component["p"] == "binary_sensor":
            assert kind in BINARY_CLASSES
        elif kind == "enum":
            assert component["ops"] == [phase.value for phase in Phase]
            assert not {"unit_of_meas", "stat_cla"} & set(component)
        elif kind is not None:
            assert component["unit_of_meas"] in UNITS[kind]
            assert component["stat_cla"] in {"measurement", "total_increasing"}


def test_nothing_in_the_house_can_start_or_steepen_the_belt(components: dict[str, dict[str, Any]]) -> None:
    assert not {component["p"] for component in components.values()} & MOTION
    commands = {key: component["cmd_t"] for key, component in components.items() if "cmd_t" in component}
    assert commands == {
        "stop": "pitrainer/t-07/set/stop",
        "pause": "pitrainer/t-07/set/pause",
        "session": "pitrainer/t-07/set/session",
    }


def fields(template: str) -> list[list[str]]:
    return [path.split(".") for path in re.findall(r"value_json\.([a-z_.]+)", template)]


def a_state() -> dict[str, Any]:
    setup = Setup(DEFAULT_ATHLETE, MachineLimits(), UserLimits())
    plan = sessions.load(shipped_sessions() / "capped-climb.toml", athlete=setup.athlete)
    links = {name: LinkState(0.0, name, True, "x", "", 87) for name in ("strap", "machine")}
    found = message(snapshot(setup, State(now_s=0.0).but(plan=plan)), setup, links, session_id=None)
    assert json.dumps(found)
    return found


def test_every_template_reads_fields_that_the_state_has(components: dict[str, dict[str, Any]]) -> None:
    state, read = a_state(), 0
    for key, component in components.items():
        for path in fields(component.get("val_tpl", "")):
            value: Any = state
            for name in path:
                assert name in value, f"{key}: {'.'.join(path)}"
                value = value[name]
            read += 1
    assert read >= 15


def test_every_notice_of_the_engine_and_every_cause_is_a_known_type_of_event(
    components: dict[str, dict[str, Any]],
) -> None:
    calls = ast.walk(ast.parse(Path(engine.__file__).read_text()))
    kinds = {
        call.args[0].value
        for call in calls
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Notice" and isinstance(call.args[0], ast.Constant)
    }
    assert len(kinds) >= 8
    assert kinds <= set(event_types())
    assert components["event"]["evt_typ"] == event_types()


def test_a_press_on_pause_pauses_and_a_choice_loads(household: Household) -> None:
    pause = household.take("pitrainer/t-07/set/pause", b"PAUSE", retained=False)
    load = household.take("pitrainer/t-07/set/session", b"Hill intervals", retained=False)
    assert pause is not None and pause.cmd is Verb.PAUSE
    assert load is not None and (load.cmd, load.session) == (Verb.LOAD, "hill-intervals")
    assert pause.id != load.id and pause.who == "home"


@pytest.mark.parametrize(
    ("leaf", "words", "retained"),
    [
        ("pause", b"PAUSE", True),
        ("session", b"Hill intervals", True),
        ("pause", b"", False),
        ("pause", b"START", False),
        ("session", b"hill-intervals.toml", False),
        ("session", b"../../etc/passwd", False),
        ("session", b"\xff\xfe", False),
        ("start", b"PAUSE", False),
        ("pause", b'{"cmd":"start"}', False),
    ],
)
def test_what_is_retained_or_unknown_is_nothing(household: Household, leaf: str, words: bytes, retained: bool) -> None:
    assert household.take(f"pitrainer/t-07/set/{leaf}", words, retained=retained) is None


def test_only_a_birth_is_a_birth(household: Household) -> None:
    assert household.is_birth("homeassistant/status", b"online")
    assert not household.is_birth("homeassistant/status", b"offline")
    assert not household.is_birth("pitrainer/t-07/status", b"online")


def test_the_sessions_to_choose_are_those_that_can_be_loaded_by_their_titles(tmp_path: Path) -> None:
    good = 'name = "Walk"\nsteps = [ { name = "Walk", for = "5:00", incline = 1, speed = 3 } ]\n'
    for name in ("walk", "walk-again"):
        (tmp_path / f"{name}.toml").write_text(good)
    (tmp_path / "broken.toml").write_text("name = 3\n")
    assert titles_of([tmp_path]) == {"Walk": "walk", "Walk (walk-again)": "walk-again"}


def test_without_sessions_there_is_nothing_to_choose_from() -> None:
    assert "session" not in Household("treadmill", titles={}).announcement()[1]["cmps"]
