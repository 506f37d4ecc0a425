"""Home Assistant: the treadmill announces itself as one device, and lets itself be stopped, paused and loaded. No more.

One retained message (device-based discovery) on `homeassistant/device/pitrainer_ID/config` describes every entity;
their values are templates over the state that is published anyway (docs/mqtt.md), their availability is the will on
`status`. What comes back has topics of its own, `set/pause` and `set/session`, so that an access list can give a
household those and never `cmd`: nothing here starts, speeds or steepens anything. `set/stop` is the link's own.
Keys and platforms: Home Assistant's MQTT documentation, 2026.2; checked by a table of our own in the tests.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from pitrainer import __version__, sessions
from pitrainer.core.policy import RULES
from pitrainer.model import Phase, Verb
from pitrainer.mqtt import Order, Topics
from pitrainer.tomlfile import StrPath

Component: TypeAlias = dict[str, Any]

BIRTH = "homeassistant/status"
STATE_EXPIRES_S = 15
"""A state comes at least every 5 s; a number that has not been renewed for three of those is unknown."""
MOVING = (Phase.STARTING, Phase.RUNNING, Phase.COOLING)

NOTICES = (
    "console", "console_stop", "disarmed", "fault", "no_start", "phase", "refused", "started", "step_started",
    "stopped",
)  # fmt: skip
"""Kinds of events that the engine knows besides the supervisor's causes."""


class Household:
    """What the controller's link needs to know about Home Assistant. `titles`: a session's title -> its name."""

    def __init__(self, machine_id: str, *, titles: Mapping[str, str], page: str | None = None) -> None:
        self._id, self._titles, self._page = f"pitrainer_{machine_id}", dict(titles), page
        self._name = machine_id.replace("-", " ").capitalize()
        self._topics = Topics(machine_id)

    @property
    def listens_to(self) -> tuple[str, ...]:
        return BIRTH, self._topics.pause, self._topics.session

    def announcement(self) -> tuple[str, dict[str, Any]]:
        """Topic and payload of the discovery message, to be retained."""
        return f"homeassistant/device/{self._id}/config", {
            "dev": {"ids": [self._id], "name": self._name, "mf": "pitrainer", "mdl": "Treadmill", "sw": __version__}
            | ({"cu": self._page} if self._page else {}),
            "o": {"name": "pitrainer", "sw": __version__},
            "avty": [{"t": self._topics.status}],
            "stat_t": self._topics.state,
            "qos": 1,
            "cmps": {key: {"uniq_id": f"{self._id}_{key}", **component} for key, component in self._components()},
        }

    def is_birth(self, topic: str, payload: bytes) -> bool:
        """Has Home Assistant just started, and forgotten what it was told?"""
        return topic == BIRTH and payload == b"online"

    def take(self, topic: str, payload: bytes, *, retained: bool) -> Order | None:
        """What somebody at home wants, if it can be read and is new. Never anything but PAUSE and LOAD."""
        if retained:
            return None
        if topic == self._topics.pause and payload == b"PAUSE":
            return Order(_new_id(), Verb.PAUSE, who="home")
        name = self._titles.get(payload.decode(errors="replace"))
        if topic == self._topics.session and name is not None:
            return Order(_new_id(), Verb.LOAD, session=name, who="home")
        return None

    def _components(self) -> Iterable[tuple[str, Component]]:
        yield from _numbers()
        yield from _words()
        yield from _lights()
        yield "event", {"p": "event", "name": "Event", "stat_t": self._topics.event, "evt_typ": event_types()}
        if self._titles:
            choice = {"cmd_t": self._topics.session, "val_tpl": "{{ value_json.session }}", "ops": list(self._titles)}
            yield "session", {"p": "select", "name": "Session", "ic": "mdi:playlist-play", **choice}
        yield "stop", {"p": "button", "name": "Stop", "cmd_t": self._topics.stop, "pl_prs": "STOP", "ic": "mdi:stop"}
        yield "pause", {"p": "button", "name": "Pause", "cmd_t": self._topics.pause, "pl_prs": "PAUSE"}


def titles_of(directories: Iterable[StrPath]) -> dict[str, str]:
    """The title of each session that can be loaded -> its name; a title that two have goes with the name behind it."""
    found: dict[str, str] = {}
    for session in sessions.available(directories):
        if not any(problem.level == "error" for problem in session.problems):
            title = f"{session.title} ({session.name})" if session.title in found else session.title
            found[title] = session.name
    return found


def event_types() -> list[str]:
    """Every `event_type` that docs/mqtt.md's events can have."""
    return sorted({*NOTICES, *(rule.cause for rule in RULES)})


def _numbers() -> Iterable[tuple[str, Component]]:
    for key, name, field, unit, kind in (
        ("heart_rate", "Heart rate", "hr_bpm", "bpm", {"stat_cla": "measurement", "ic": "mdi:heart-pulse"}),
        ("cap", "Heart rate cap", "cap_bpm", "bpm", {"stat_cla": "measurement"}),
        ("incline", "Incline", "incline_pct", "%", {"stat_cla": "measurement", "ic": "mdi:slope-uphill"}),
        ("incline_target", "Target incline", "incline_target_pct", "%", {"stat_cla": "measurement"}),
        ("speed", "Speed", "speed_kmh", "km/h", {"stat_cla": "measurement", "dev_cla": "speed"}),
        ("elapsed", "Time", "elapsed_s", "s", {"stat_cla": "total_increasing", "dev_cla": "duration"}),
        ("distance", "Distance", "distance_m", "m", {"stat_cla": "total_increasing", "dev_cla": "distance"}),
        ("ascent", "Ascent", "ascent_m", "m", {"stat_cla": "total_increasing", "dev_cla": "distance"}),
    ):
        value = {"val_tpl": f"{{{{ value_json.{field} }}}}", "unit_of_meas": unit, "exp_aft": STATE_EXPIRES_S}
        yield key, {"p": "sensor", "name": name, **value, **kind}
    battery = "{{ (value_json.links.strap | default({}, true)).battery_pct }}"
    yield "strap_battery", {
        "p": "sensor", "name": "Strap battery", "val_tpl": battery, "unit_of_meas": "%", "dev_cla": "battery",
        "stat_cla": "measurement", "ent_cat": "diagnostic",
    }  # fmt: skip


def _words() -> Iterable[tuple[str, Component]]:
    phases = [phase.value for phase in Phase]
    yield "phase", {
        "p": "sensor", "name": "Phase", "dev_cla": "enum", "ops": phases, "val_tpl": "{{ value_json.phase }}",
    }  # fmt: skip
    step = "{{ value_json.step.name if value_json.step else '' }}"
    yield "step", {"p": "sensor", "name": "Step", "val_tpl": step}
    yield "why", {"p": "sensor", "name": "Why", "val_tpl": "{{ value_json.why[:250] }}", "ent_cat": "diagnostic"}


def _lights() -> Iterable[tuple[str, Component]]:
    moving = f"{{{{ 'ON' if value_json.phase in {[phase.value for phase in MOVING]} else 'OFF' }}}}"
    yield "running", {"p": "binary_sensor", "name": "Running", "dev_cla": "running", "val_tpl": moving}
    fault = "{{ 'ON' if value_json.phase == 'fault' else 'OFF' }}"
    yield "fault", {"p": "binary_sensor", "name": "Fault", "dev_cla": "problem", "val_tpl": fault}
    for source, name in (("strap", "Strap"), ("machine", "Treadmill link")):
        up = f"{{{{ 'ON' if (value_json.links.{source} | default({{}}, true)).up else 'OFF' }}}}"
        link = {"dev_cla": "connectivity", "val_tpl": up, "ent_cat": "diagnostic"}
        yield f"{source}_link", {"p": "binary_sensor", "name": name, **link}


def _new_id() -> str:
    return f"home-{uuid.uuid4().hex}"
