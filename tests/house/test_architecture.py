"""The house stands as docs/architecture.md draws it, and every rule in house_rules.py can tell when it does not.

Each breach below is a small house of made-up modules that breaks one rule and no other.
"""

from __future__ import annotations

import pytest
from house_rules import RULES, TASK_OWNERS, House, Module, Rule, starts_a_task, the_house

BREACHES: list[tuple[str, dict[str, str], str]] = [
    ("every_module_has_a_room", {"gadgets": ""}, "gadgets has no place"),
    ("arrows_point_down", {"core.heart": "import pitrainer.mqtt", "mqtt": ""}, "core.heart (layer 1) imports mqtt"),
    ("arrows_point_down", {"mqtt": "from pitrainer import cli", "cli": ""}, "mqtt (layer 2) imports cli"),
    (
        "arrows_point_down",
        {"config": "def late():\n    from pitrainer.service import run", "service": ""},
        "service",
    ),
    ("arrows_point_down", {"sim.runner": "from ..service import run", "service": ""}, "sim.runner (layer 2)"),
    (
        "nothing_turns_in_a_circle",
        {"mqtt": "from pitrainer.mqtt_remote import Remote", "mqtt_remote": "from pitrainer.mqtt import Topics"},
        "import cycle: ",
    ),
    ("rooms_keep_to_their_lists", {"model": "import pitrainer.core", "core": ""}, "model imports core"),
    (
        "rooms_keep_to_their_lists",
        {"core.plan": "from pitrainer.wire import hrm", "wire": ""},
        "core.plan imports wire",
    ),
    (
        "rooms_keep_to_their_lists",
        {"wire.hrm": "from pitrainer.core import heart", "core": ""},
        "wire.hrm imports core",
    ),
    (
        "rooms_keep_to_their_lists",
        {"core.safety": "from pitrainer.core.climb import decide", "core.climb": ""},
        "core.safety imports core.climb; allowed: model",
    ),
    (
        "rooms_keep_to_their_lists",
        {"drivers.heart_ble": "from pitrainer.drivers import treadmill_ftms", "drivers.treadmill_ftms": ""},
        "drivers.heart_ble imports drivers.treadmill_ftms",
    ),
    (
        "strangers_stay_strangers",
        {"web.app": "from pitrainer import service", "service": ""},
        "web.app imports service",
    ),
    (
        "strangers_stay_strangers",
        {"demo": "from pitrainer.sim.ble import air", "sim.ble.air": ""},
        "demo imports sim.ble.air",
    ),
    ("core_and_wire_are_pure", {"core.heart": "import time"}, "core.heart imports time"),
    ("core_and_wire_are_pure", {"core.climb": "from random import gauss"}, "core.climb imports random.gauss"),
    ("core_and_wire_are_pure", {"wire.ftms": "import asyncio"}, "wire.ftms imports asyncio"),
    ("core_and_wire_are_pure", {"core.plan": "def f():\n    return open('x')"}, "core.plan:2 calls open"),
    ("libraries_stay_at_home", {"service": "import bleak"}, "service imports bleak, at home in: drivers.bluetooth"),
    ("libraries_stay_at_home", {"web.app": "from aiomqtt import Client"}, "web.app imports aiomqtt"),
    ("libraries_stay_at_home", {"mqtt": "import requests"}, "mqtt imports requests, at home in: nowhere"),
    (
        "time_is_an_argument",
        {"service": "import time\nnow = time.time()"},
        "service:2 reads the wall clock: time.time",
    ),
    ("time_is_an_argument", {"drivers.scan": "from time import time"}, "drivers.scan imports time.time"),
    (
        "time_is_an_argument",
        {"service": "from datetime import datetime\nnow = datetime.now()"},
        "service:2 reads the wall clock: datetime.now",
    ),
    (
        "every_task_has_a_group",
        {"service": "import asyncio\nasyncio.create_task(f())"},
        "service:2 starts a task outside a TaskGroup: asyncio.create_task",
    ),
    (
        "every_task_has_a_group",
        {"mqtt": "import asyncio\nloop = asyncio.get_running_loop()\nloop.create_task(f())"},
        "mqtt:3 starts a task",
    ),
    (
        "every_task_has_a_group",
        {"mqtt": "from asyncio import ensure_future\nensure_future(f())"},
        "mqtt:2 starts a task",
    ),
]

SOUND = {
    "model": "from dataclasses import dataclass",
    "core": "",
    "core.heart": "from pitrainer.model import Beat",
    "core.engine": "import math\nfrom . import heart\nfrom pitrainer.core.heart import Pulse",
    "drivers": "",
    "drivers.ports": "from pitrainer.model import Command",
    "drivers.heart_ble": "import asyncio, bleak\nfrom pitrainer.drivers.ports import Post",
    "journal": "import time\nnow = time.time()",
    "recorder": "import time\ndef _begin():\n    return time.time()",
    "service": "import asyncio, time\n"
    "async def run(own: asyncio.TaskGroup):\n"
    "    async with asyncio.TaskGroup() as group:\n        group.create_task(f())\n"
    "    own.create_task(f())\n    return time.monotonic()",
    "cli": "import click\nfrom pitrainer import service",
}
"""A small house with nothing wrong in it."""

by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)


def built(texts: dict[str, str]) -> House:
    return House({name: Module(name, text) for name, text in {"": "", **texts}.items()})


@by_name
def test_the_house_keeps(rule: Rule) -> None:
    assert sorted(rule(the_house())) == []


def test_there_is_a_house_to_look_at() -> None:
    assert {"", "model", "drivers.ports", "core.athlete"} <= set(the_house())


def test_every_task_owner_still_starts_tasks() -> None:
    house = the_house()
    assert all(any(starts_a_task(call, set()) for call in house[name].calls()) for name in TASK_OWNERS)


@pytest.mark.parametrize(("name", "texts", "words"), BREACHES)
def test_a_breach_is_told_by_its_rule(name: str, texts: dict[str, str], words: str) -> None:
    (rule,) = (rule for rule in RULES if rule.__name__ == name)
    assert [words in sentence for sentence in rule(built(texts))] == [True]


def test_every_rule_has_a_breach() -> None:
    assert {name for name, _, _ in BREACHES} == {rule.__name__ for rule in RULES}


@by_name
def test_a_sound_house_is_left_in_peace(rule: Rule) -> None:
    assert list(rule(built(SOUND))) == []
