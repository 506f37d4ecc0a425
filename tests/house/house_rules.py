"""The rules that keep the house as docs/architecture.md draws it; test_architecture.py holds the product to them.

Each file under pitrainer/ is read as text and parsed, never imported, so an import inside a function or under
TYPE_CHECKING counts as well. A rule is a function from all modules to sentences about what breaks it; the tables
are the rules' only data. A new module needs a place in LAYERS, a new library a home in HOMES.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TypeAlias

PACKAGE = Path(__file__).parents[2] / "pitrainer"

PEOPLES_FILES = ("tomlfile", "sessions", "courses", "importers", "config", "journal", "history", "learning", "diary")
OUTSIDE_WORLD = ("drivers", "sim", "mqtt", "homeassistant", "state", "systemd")
LAYERS: dict[int, tuple[str, ...]] = {
    0: ("model",),
    1: ("core", "wire"),
    2: PEOPLES_FILES + OUTSIDE_WORLD,
    3: ("service", "inbox", "recorder", "opening", "halting", "installing", "web", "benchmark"),
    4: ("cli", "demo", "__main__"),
}
"""A module's room is its first name up to an underscore: mqtt_remote.py is a part of mqtt."""

A_DRIVERS_WORLD = ("model", "core.*", "wire", "wire.*", "sim", "sim.*", "drivers.ports", "drivers.bluetooth")

OWN_IMPORTS: dict[str, tuple[str, ...]] = {
    "model": (),
    "core.safety": ("model", "core.policy"),
    "core.policy": ("model",),
    "core.*": ("model", "core", "core.*"),
    "wire": ("model",),
    "wire.*": ("model", "wire", "wire.*"),
    "drivers.ports": ("model",),
    "drivers.ftms_*": (*A_DRIVERS_WORLD, "drivers.ftms_*"),
    "drivers.treadmill_ftms": (*A_DRIVERS_WORLD, "drivers.ftms_*"),
    "drivers.serial_*": (*A_DRIVERS_WORLD, "drivers.serial_*"),
    "drivers.treadmill_serial": (*A_DRIVERS_WORLD, "drivers.serial_*"),
    "drivers.*": A_DRIVERS_WORLD,
}
"""What of pitrainer these may import, where that is less than their layer allows; the first line that fits decides.
Drivers see of each other only ports and bluetooth; treadmill_ftms and its ftms_* are one driver in several files, and
so are treadmill_serial and its serial_*."""

STRANGERS: dict[str, tuple[str, ...]] = {
    "drivers*": ("sim.ble*",),
    "service*": ("web*", "sim.ble*"),
    "web*": ("service*", "opening", "halting", "drivers*", "sim*"),
    "cli*": ("sim.ble*",),
    "demo*": ("sim.ble*",),
}
"""What these never import: the page is another process, and the virtual radio is for tests."""

PURE_ROOMS = ("model", "core", "core.*", "wire", "wire.*")
PURE_LIBRARY = {
    "__future__",
    "collections",
    "dataclasses",
    "enum",
    "functools",
    "itertools",
    "operator",
    "typing",
} | {
    "bisect",
    "math",
    "statistics",
    "struct",
}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}

HOMES: dict[str, tuple[str, ...]] = {
    "bleak": ("drivers.bluetooth", "drivers.heart_ble", "drivers.treadmill_ftms", "drivers.scan", "sim.ble*"),
    "bumble": ("sim.ble*",),
    "aiomqtt": ("mqtt*",),
    "paho": ("mqtt*",),
    "flask": ("web*",),
    "jinja2": ("web*",),
    "werkzeug": ("web*",),
    "waitress": ("web*",),
    "msgspec": ("tomlfile*", "sessions*", "config*", "mqtt*", "web*"),
    "serial": ("drivers.serial_link",),
    "amqtt": ("demo*",),
    "click": ("cli*", "demo*"),
}

WALL_CLOCK = {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime", "time.ctime"} | {
    f"{owner}.{call}"
    for owner in ("datetime", "datetime.datetime", "date", "datetime.date")
    for call in ("now", "utcnow", "today")
}
MAY_READ_THE_WALL_CLOCK = ("journal*", "history", "state", "mqtt*", "web*", "cli*", "demo*")

DATES_THE_RECORD: dict[str, tuple[str, ...]] = {"recorder": ("_begin", "_fresh_id")}
"""Functions outside those that read the wall clock, only to name and date a session in the journal."""

ITS_CONTEXT = "its context starts the task, and cancels and awaits it on leaving"
TASK_OWNERS: dict[str, str] = {
    "drivers.simulated": ITS_CONTEXT,
    "drivers.treadmill_ftms": ITS_CONTEXT,
    "drivers.treadmill_serial": ITS_CONTEXT,
    "drivers.bluetooth": "the first of two events is awaited inside one function, which cancels both waits",
    "sim.ble.strap": ITS_CONTEXT,
    "sim.ble.treadmill": ITS_CONTEXT,
}
"""Modules that may start a task outside a TaskGroup, and why."""


@dataclass(frozen=True)
class Module:
    """One file: its name below pitrainer (`core.heart`; empty for the package itself) and its text."""

    name: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def layer(self) -> int | None:
        first = self.name.split(".")[0]
        room = first if first.startswith("_") else first.split("_")[0]
        return next((layer for layer, rooms in LAYERS.items() if room in rooms), None)

    def is_one_of(self, patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(self.name, pattern) for pattern in patterns)

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """Every dotted name that is imported, absolute; `from a import b` gives a.b."""
        return tuple(name for node in ast.walk(self.tree) for name in self._imported_by(node))

    def _imported_by(self, node: ast.AST) -> list[str]:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            source = ".".join(part for part in (self._parent(node.level), node.module) if part)
            return [f"{source}.{alias.name}" for alias in node.names]
        return []

    def _parent(self, level: int) -> str:
        if level == 0:
            return ""
        parts = ["pitrainer", *self.name.split(".")]
        return ".".join(parts[: len(parts) - level + self.is_package])

    def calls(self, *, except_in: tuple[str, ...] = ()) -> Iterator[ast.Call]:
        """All calls, but for those in functions of some names."""
        waiting: list[ast.AST] = [self.tree]
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, ast.Call):
                yield node
            if not (isinstance(node, ast.FunctionDef) and node.name in except_in):
                waiting.extend(ast.iter_child_nodes(node))


class House(dict[str, Module]):
    """All modules by name."""

    def own(self, module: Module) -> set[str]:
        """The modules of the house that `module` imports: a.b.NAME is module a.b."""
        names = (name.removeprefix("pitrainer").lstrip(".") for name in module.imports if is_ours(name))
        return {self._module_in(name) for name in names} - {module.name}

    def _module_in(self, name: str) -> str:
        while name and name not in self:
            name = name.rpartition(".")[0]
        return name


def is_ours(name: str) -> bool:
    return name.split(".")[0] == "pitrainer"


def every_module_has_a_room(house: House) -> Iterator[str]:
    for module in house.values():
        if module.name and module.layer is None:
            yield f"{module.name} has no place in LAYERS"


def arrows_point_down(house: House) -> Iterator[str]:
    for module in house.values():
        for other in sorted(house.own(module)):
            own, below = module.layer, house[other].layer
            if own is not None and below is not None and below > own:
                yield f"{module.name} (layer {own}) imports {other} (layer {below})"


def nothing_turns_in_a_circle(house: House) -> Iterator[str]:
    try:
        TopologicalSorter({name: house.own(module) for name, module in house.items()}).prepare()
    except CycleError as error:
        yield "import cycle: " + " > ".join(error.args[1])


def rooms_keep_to_their_lists(house: House) -> Iterator[str]:
    for module in house.values():
        lists = (allowed for pattern, allowed in OWN_IMPORTS.items() if fnmatchcase(module.name, pattern))
        allowed = next(lists, ("*",))
        for other in sorted(house.own(module)):
            if not any(fnmatchcase(other, name) for name in allowed):
                yield f"{module.name} imports {other}; allowed: {', '.join(allowed) or 'nothing of ours'}"


def strangers_stay_strangers(house: House) -> Iterator[str]:
    for module in house.values():
        for pattern, strangers in STRANGERS.items():
            if fnmatchcase(module.name, pattern):
                for other in sorted(house.own(module)):
                    if any(fnmatchcase(other, name) for name in strangers):
                        yield f"{module.name} imports {other}"


def core_and_wire_are_pure(house: House) -> Iterator[str]:
    for module in house.values():
        if not module.is_one_of(PURE_ROOMS):
            continue
        for name in module.imports:
            if not is_ours(name) and name.split(".")[0] not in PURE_LIBRARY:
                yield f"{module.name} imports {name}"
        for call in module.calls():
            if ast.unparse(call.func) in IMPURE_CALLS:
                yield f"{module.name}:{call.lineno} calls {ast.unparse(call.func)}"


def libraries_stay_at_home(house: House) -> Iterator[str]:
    for module in house.values():
        for name in module.imports:
            library = name.split(".")[0]
            if not is_ours(name) and library not in sys.stdlib_module_names:
                homes = HOMES.get(library)
                if homes is None or not module.is_one_of(homes):
                    yield f"{module.name} imports {library}, at home in: {', '.join(homes or ('nowhere',))}"


def time_is_an_argument(house: House) -> Iterator[str]:
    for module in house.values():
        if module.is_one_of(MAY_READ_THE_WALL_CLOCK):
            continue
        for name in set(module.imports) & WALL_CLOCK:
            yield f"{module.name} imports {name}"
        for call in module.calls(except_in=DATES_THE_RECORD.get(module.name, ())):
            if ast.unparse(call.func) in WALL_CLOCK:
                yield f"{module.name}:{call.lineno} reads the wall clock: {ast.unparse(call.func)}"


def every_task_has_a_group(house: House) -> Iterator[str]:
    for module in house.values():
        groups = set(task_groups(module.tree))
        for call in module.calls():
            if starts_a_task(call, groups) and module.name not in TASK_OWNERS:
                yield f"{module.name}:{call.lineno} starts a task outside a TaskGroup: {ast.unparse(call.func)}"


def task_groups(tree: ast.Module) -> Iterator[str]:
    """Names bound by `async with TaskGroup() as name`, and names annotated as a TaskGroup."""
    for node in ast.walk(tree):
        if isinstance(node, ast.withitem) and node.optional_vars and "TaskGroup" in ast.unparse(node.context_expr):
            yield ast.unparse(node.optional_vars)
        elif isinstance(node, ast.arg) and node.annotation and "TaskGroup" in ast.unparse(node.annotation):
            yield node.arg
        elif isinstance(node, ast.AnnAssign) and "TaskGroup" in ast.unparse(node.annotation):
            yield ast.unparse(node.target)


def starts_a_task(call: ast.Call, groups: set[str]) -> bool:
    owner, _, verb = ast.unparse(call.func).rpartition(".")
    return verb == "ensure_future" or (verb == "create_task" and owner not in groups)


Rule: TypeAlias = Callable[[House], Iterator[str]]

RULES: tuple[Rule, ...] = (
    every_module_has_a_room,
    arrows_point_down,
    nothing_turns_in_a_circle,
    rooms_keep_to_their_lists,
    strangers_stay_strangers,
    core_and_wire_are_pure,
    libraries_stay_at_home,
    time_is_an_argument,
    every_task_has_a_group,
)


def module_at(path: Path) -> Module:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return Module(".".join(parts[:-1] if is_package else parts), path.read_text(), is_package)


def the_house() -> House:
    return House({module.name: module for module in map(module_at, PACKAGE.rglob("*.py"))})
