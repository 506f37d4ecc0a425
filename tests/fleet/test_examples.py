"""The example files of docs/fleet.md and docs/home-assistant.md against what the controller really says.

Telegraf is not run here: its rules for JSON are, as its documentation gives them (numbers become fields, joined names
for what is nested, words only where they are listed, null and lists of lists not at all).
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pitrainer import sessions
from pitrainer.config import DEFAULT_ATHLETE, shipped_sessions
from pitrainer.core.snapshot import snapshot
from pitrainer.core.state import Setup, State
from pitrainer.homeassistant import Household
from pitrainer.model import LinkState, MachineLimits, UserLimits
from pitrainer.mqtt import Topics
from pitrainer.state import message

TAGS = {"site", "machine", "host"}


def a_state() -> dict[str, Any]:
    setup = Setup(DEFAULT_ATHLETE, MachineLimits(), UserLimits())
    plan = sessions.load(shipped_sessions() / "capped-climb.toml", athlete=setup.athlete)
    links = {name: LinkState(0.0, name, True, "x", "", 87) for name in ("strap", "machine")}
    found = message(snapshot(setup, State(now_s=0.0).but(plan=plan)), setup, links, session_id="20261122-141500")
    return {"v": 1, "seq": 811, "boot": "6f0c", "bt_ns": 1, "simulated": False, **found}


def flat(value: Any, name: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        joined = (flat(inner, f"{name}_{key}" if name else key) for key, inner in value.items())
        return {key: inner for part in joined for key, inner in part.items()}
    return {name: value}


@pytest.fixture
def telegraf(examples: Path) -> dict[str, Any]:
    return tomllib.loads((examples / "telegraf.conf").read_text())


@pytest.fixture
def consumer(telegraf: dict[str, Any]) -> dict[str, Any]:
    (found,) = telegraf["inputs"]["mqtt_consumer"]
    return dict(found)


def test_every_field_that_telegraf_keeps_is_in_the_state_and_of_its_kind(consumer: dict[str, Any]) -> None:
    state, words = flat(a_state()), set(consumer["json_string_fields"])
    assert set(consumer["fieldinclude"]) <= set(state)
    assert words <= set(consumer["fieldinclude"])
    for name in consumer["fieldinclude"]:
        kinds = (str,) if name in words else (int, float)
        assert state[name] is None or isinstance(state[name], kinds), name
    assert isinstance(state[consumer["json_time_key"]], float)


def test_the_topics_parts_become_the_machine_and_its_site(consumer: dict[str, Any]) -> None:
    (parsing,) = consumer["topic_parsing"]
    assert parsing["tags"] == "_/site/machine/_"
    assert re.fullmatch(consumer["topics"][0].replace("+", "[^/]+"), "gym/north/t07/state")
    assert len(parsing["topic"].split("/")) == 4


def test_the_history_keeps_the_names_when_it_thins_out(telegraf: dict[str, Any]) -> None:
    (final,) = telegraf["aggregators"]["final"]
    assert final["keep_original_field_names"] and final["drop_original"]


def test_the_table_has_a_column_for_each_field_and_no_other(examples: Path, consumer: dict[str, Any]) -> None:
    table = (examples / "timescale.sql").read_text().split("CREATE TABLE treadmill (")[1].split(");")[0]
    columns = {line.split()[0].strip('"'): line.split()[1] for line in table.strip().splitlines()}
    assert set(columns) == {"time"} | TAGS | set(consumer["fieldinclude"])
    words = {name for name, kind in columns.items() if kind.startswith("text")}
    assert words == TAGS | set(consumer["json_string_fields"])


def topics_in(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines() if line.startswith("topic ")]


def test_the_gyms_bridge_lets_only_stop_in(examples: Path) -> None:
    lines = topics_in(examples / "bridge-gym.conf")
    assert [line[1] for line in lines if line[2] == "in"] == ["set/stop"]
    assert {line[1] for line in lines if line[2] == "out"} == {"status", "state", "event"}
    assert all(line[2] in ("in", "out") for line in lines)


def test_the_households_bridge_lets_in_what_the_household_may_and_out_what_it_must_see(examples: Path) -> None:
    lines, topics = topics_in(examples / "bridge-home-assistant.conf"), Topics("treadmill")
    household = Household("treadmill", titles={})
    inward, outward = ({line[1] for line in lines if line[2] == way} for way in ("in", "out"))
    assert inward == {topics.stop, *household.listens_to}
    assert outward == {topics.status, topics.state, topics.event, household.announcement()[0]}
