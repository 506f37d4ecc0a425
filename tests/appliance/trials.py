"""What an appliance must do when things go wrong, one function per trial: told in its docstring, tried on a booted box.

A trial returns what was seen, in a few words for the table, and raises FailedError (or BoxError) when it was not what
the docstring says. The order matters: each leaves the box as the next one finds it.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from box import SOURCE, WHEELS, Box, BoxError, wait_for

PROGRAM = "/opt/pitrainer/venv/bin/pitrainer"
HANDS = f"{SOURCE}/tests/appliance/hands.py"
CONTROLLER, PAGE, BROKER = "pitrainer.service", "pitrainer-web.service", "mosquitto.service"
SESSION = 'name = "Slow walk"\nsteps = [ { name = "Walk", for = "60:00", incline = 1, speed = 3 } ]\n'
HALTED = "The belt stands."
"""What `pitrainer halt` says of a simulated machine, which stands again as soon as its process is another."""
MARKER = "run/pitrainer/controller.moving"
JOURNAL = "var/lib/pitrainer/journal.sqlite3"


class FailedError(Exception):
    """What was seen instead."""


def must(true: object, otherwise: str) -> None:
    if not true:
        raise FailedError(otherwise)


def hands(box: Box, *words: str) -> dict[str, Any]:
    said = box.run("/opt/pitrainer/venv/bin/python", HANDS, *words)
    found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return found


def walks(box: Box) -> dict[str, Any]:
    return hands(box, "walk", "slow-walk")


def journal_says(box: Box, unit: str, words: str) -> int:
    """How many times."""
    return box.run("journalctl", "--no-pager", "-o", "cat", "-u", unit, may_fail=True).count(words)


def recorded_s(box: Box) -> float:
    """How far the last session's record goes; read out here, beside the writer."""
    query = "SELECT coalesce(max(t_s), 0) FROM sample WHERE session_id = (SELECT id FROM session ORDER BY rowid DESC)"
    connection = sqlite3.connect(f"file:{box.root / JOURNAL}?mode=ro", uri=True)
    try:
        return float(connection.execute(query).fetchone()[0])
    finally:
        connection.close()


def history(box: Box) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(box.run(PROGRAM, "history", "--json"))
    return found


def rests(box: Box) -> dict[str, Any]:
    """Nothing moves, and nothing is about to: what every unclean end must lead to."""
    state = hands(box, "state")
    must(state["phase"] == "idle", f"the phase is {state['phase']}")
    must(state["speed_kmh"] == 0.0, f"the belt runs at {state['speed_kmh']} km/h")
    return state


def install(box: Box) -> str:
    """`sudo ./install --simulated` in a checkout brings up broker, controller and page."""
    begin = time.monotonic()
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS}
    box.run(f"{SOURCE}/install", "--simulated", env=offline)
    for unit in (BROKER, CONTROLLER, PAGE):
        must(box.property_of(unit, "ActiveState") == "active", f"{unit} is not active")
    rests(box)
    page = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/healthz').status)"
    must("200" in box.run("python3", "-c", page), "the page does not answer")
    (box.root / "etc/pitrainer/sessions/slow-walk.toml").write_text(SESSION)
    return f"{time.monotonic() - begin:.0f} s without the network's share; page answers 200"


def install_again(box: Box) -> str:
    """A second installation changes no file."""
    said = box.run(PROGRAM, "service", "install")
    must("no file was changed" in said, said)
    rests(box)
    return "no file was changed"


def sandbox(box: Box) -> str:
    """Exposure at most 1.0 (controller) and 1.5 (page, broker); the controller sees no network; secrets are root's."""
    scores = {}
    for unit, most in ((CONTROLLER, 1.0), (PAGE, 1.5), (BROKER, 1.5)):
        said = box.run("systemd-analyze", "--no-pager", "security", unit)
        scores[unit] = float(said.rsplit("level for", 1)[1].split(":")[1].split()[0])
        must(scores[unit] <= most, f"{unit}: {scores[unit]}")
    networks = box.run("nsenter", "-t", box.property_of(CONTROLLER, "MainPID"), "-n", "cat", "/proc/net/route")
    must(len(networks.splitlines()) <= 1, networks)
    mode = (box.root / "etc/pitrainer/secrets/mqtt-controller").stat()
    must(mode.st_mode & 0o777 == 0o600 and mode.st_uid == 0, f"secret's mode {mode.st_mode:o} of {mode.st_uid}")
    return ", ".join(f"{unit.split('.')[0]} {score}" for unit, score in scores.items())


def strangers(box: Box) -> str:
    """The broker lets nobody in without an account, on TCP as on its socket."""
    code = (
        "import asyncio, aiomqtt\n"
        "async def main():\n"
        "    for how in ({'hostname': '127.0.0.1'}, {'hostname': '/run/mosquitto/mqtt.sock', 'transport': 'unix'}):\n"
        "        try:\n"
        "            async with aiomqtt.Client(**how, timeout=5): print('in')\n"
        "        except aiomqtt.MqttError as error: print('out', error)\n"
        "asyncio.run(main())"
    )
    said = box.run("/opt/pitrainer/venv/bin/python", "-c", code)
    must(said.count("out") == 2 and "authori" in said.lower(), said)
    return "refused twice"


def session(box: Box) -> str:
    """A simulated session: arm, start, walk, STOP; the belt stands and the diary has it."""
    walks(box)
    stopped = hands(box, "stop")
    must(stopped["phase"] in ("done", "idle"), stopped["phase"])
    wait_for(lambda: history(box)[0]["ended"] == "stopped", "the diary closes the session", 10.0)
    return f"STOP to standstill {stopped['took_s']} s"


def no_update_while_running(box: Box) -> str:
    """`./install`, `service install` and `service remove` refuse while a session runs, and it runs on."""
    walks(box)
    for command in ((f"{SOURCE}/install",), (PROGRAM, "service", "install"), (PROGRAM, "service", "remove")):
        said = box.run(*command, may_fail=True)
        must("A session is running" in said, said)
    must((hands(box, "state")["speed_kmh"] or 0.0) > 2.0, "the belt no longer runs")
    hands(box, "stop")
    return "refused three times, the session went on"


def killed(box: Box) -> str:
    """kill -9 in mid-run: halt from outside at once, restart, idle; nothing resumes; the session is closed."""
    walks(box)
    halts = journal_says(box, CONTROLLER, HALTED)
    before = int(box.property_of(CONTROLLER, "NRestarts"))
    box.signal(CONTROLLER, signal.SIGKILL)
    took_s = wait_for(lambda: int(box.property_of(CONTROLLER, "NRestarts")) == before + 1, "a restart", 30.0)
    rests(box)
    must(journal_says(box, CONTROLLER, HALTED) == halts + 1, "no halt from outside in the journal")
    must(not (box.root / MARKER).exists(), "the mark of a moving belt is still there")
    ended = history(box)[0]["ended"]
    must(ended == "cut off", f"the session ended as {ended}")
    return f"halted from outside, up again and idle after {took_s:.0f} s; session closed as {ended}"


def stalled(box: Box) -> str:
    """A frozen controller (SIGSTOP) is killed by the watchdog, halted from outside, and comes back idle."""
    walks(box)
    halts = journal_says(box, CONTROLLER, HALTED)
    before = int(box.property_of(CONTROLLER, "NRestarts"))
    box.signal(CONTROLLER, signal.SIGSTOP)
    took_s = wait_for(lambda: int(box.property_of(CONTROLLER, "NRestarts")) == before + 1, "a restart", 60.0)
    must(journal_says(box, CONTROLLER, "Watchdog timeout"), "the watchdog did not bite")
    must(journal_says(box, CONTROLLER, HALTED) == halts + 1, "no halt from outside in the journal")
    rests(box)
    return f"watchdog, halted, up again and idle after {took_s:.0f} s"


def crash_loop(box: Box) -> str:
    """The third death in ten minutes is the last: it stays down and the journal says why; by hand it starts."""
    deaths = 0
    while box.property_of(CONTROLLER, "ActiveState") != "failed":
        must(deaths < 4, "it is still being restarted")
        wait_for(lambda: box.property_of(CONTROLLER, "SubState") in ("running", "failed"), "up or down", 60.0)
        if box.property_of(CONTROLLER, "SubState") == "running":
            box.signal(CONTROLLER, signal.SIGKILL)
            deaths += 1
            wait_for(lambda: box.property_of(CONTROLLER, "SubState") != "running", "its end", 30.0)
            wait_for(lambda: box.property_of(CONTROLLER, "SubState") in ("running", "failed"), "up or down", 60.0)
    must(journal_says(box, CONTROLLER, "Start request repeated too quickly"), "the journal does not say why")
    box.run("systemctl", "reset-failed", CONTROLLER)
    box.run("systemctl", "start", CONTROLLER)
    rests(box)
    return "stayed down, the journal says why; reset-failed and start bring it back"


def broker_stops(box: Box) -> str:
    """The broker stops in mid-run: the session goes on and is recorded; state comes back with the broker."""
    before = walks(box)
    box.run("systemctl", "stop", BROKER)
    went_s = recorded_s(box)
    wait_for(lambda: recorded_s(box) > went_s + 8.0, "8 s more of record", 30.0)
    must(box.property_of(CONTROLLER, "ActiveState") == "active", "the controller went down with it")
    box.run("systemctl", "start", BROKER)
    after = hands(box, "state")
    must(after["session_id"] == before["session_id"], "it is another session")
    must((after["speed_kmh"] or 0.0) > 2.0, "the belt no longer runs")
    hands(box, "stop")
    return f"{after['elapsed_s'] - before['elapsed_s']:.0f} s went on without a gap in the record"


def page_dies(box: Box) -> str:
    """The page's process dies: the session goes on, the page is back."""
    before = walks(box)
    box.signal(PAGE, signal.SIGKILL)
    took_s = wait_for(lambda: box.property_of(PAGE, "NRestarts") == "1", "the page's restart", 20.0)
    after = hands(box, "state")
    must(after["session_id"] == before["session_id"] and after["phase"] == "running", "the session was disturbed")
    hands(box, "stop")
    return f"back after {took_s:.0f} s, session untouched"


def disk_fills(box: Box) -> str:
    """The diary's disk fills up in mid-run: belt, state and STOP go on; it is said once; the diary opens afterwards."""
    box.run("systemctl", "stop", CONTROLLER)
    box.run("mount", "-t", "tmpfs", "-o", "size=1M,mode=0750,uid=pitrainer,gid=pitrainer", "none", "/var/lib/pitrainer")
    box.run("systemctl", "start", CONTROLLER)
    walks(box)
    box.run("dd", "if=/dev/zero", "of=/var/lib/pitrainer/rubbish", "bs=4k", may_fail=True)
    time.sleep(12.0)
    state = hands(box, "state")
    must(state["phase"] == "running" and state["speed_kmh"] > 2.0, f"{state['phase']} at {state['speed_kmh']}")
    box.run("rm", "/var/lib/pitrainer/rubbish")
    stopped = hands(box, "stop")
    said = box.run("journalctl", "--no-pager", "-o", "cat", "-u", CONTROLLER, "-n", "40")
    told = [line for line in said.splitlines() if "full" in line.lower() or "record" in line.lower()]
    must(told, "the journal does not mention it")
    must(len(told) <= 4, f"it was told {len(told)} times")
    opens = history(box)
    box.run("systemctl", "stop", CONTROLLER)
    box.run("umount", "/var/lib/pitrainer")
    box.run("systemctl", "start", CONTROLLER)
    return f"session went on, STOP in {stopped['took_s']} s; {len(opens)} session readable afterwards"


def orderly_end(box: Box) -> str:
    """`systemctl stop` in mid-run ramps the belt down first and ends as success."""
    walks(box)
    begin = time.monotonic()
    box.run("systemctl", "stop", CONTROLLER)
    took_s = time.monotonic() - begin
    must(box.property_of(CONTROLLER, "Result") == "success", box.property_of(CONTROLLER, "Result"))
    must(not (box.root / MARKER).exists(), "the mark of a moving belt is still there")
    ended = history(box)[0]["ended"]
    must(ended == "left", f"the session ended as {ended}")
    box.run("systemctl", "reset-failed", CONTROLLER, may_fail=True)
    box.run("systemctl", "start", CONTROLLER)
    return f"ramped down and ended within {took_s:.1f} s"


def begin_power_cut(box: Box) -> str:
    """(The session during which the power goes.)"""
    walks(box)
    wait_for(lambda: recorded_s(box) > 15.0, "15 s of record", 60.0)
    return str(hands(box, "state")["elapsed_s"])


def after_power_cut(box: Box, elapsed_s: float) -> str:
    """A power cut in mid-run: all comes up by itself, idle; the session is closed and exported; at most 5 s lost."""
    state = rests(box)
    last = history(box)[0]
    must(last["ended"] == "cut off", f"the session ended as {last['ended']}")
    lost_s = elapsed_s - recorded_s(box)
    must(lost_s <= 5.0, f"{lost_s:.1f} s are lost")
    rows = box.run(PROGRAM, "export", "last", "--csv").splitlines()
    must(len(rows) > 10, f"the export has {len(rows)} lines")
    must(state["seq"] is not None, "no state")
    return f"up and idle; {max(lost_s, 0.0):.1f} s of record lost; {len(rows) - 1} rows exported"


def removed(box: Box) -> str:
    """`service remove` undoes it, the diary and the settings stay, and installing brings it back."""
    before = len(history(box))
    box.run(PROGRAM, "service", "remove")
    for path in ("etc/systemd/system/pitrainer.service", "etc/mosquitto/pitrainer.acl", "etc/pitrainer/secrets"):
        must(not (box.root / path).exists(), f"/{path} is still there")
    must((box.root / JOURNAL).exists(), "the diary is gone")
    must(box.property_of(BROKER, "ActiveState") == "active", "Debian's own broker no longer runs")
    box.run(PROGRAM, "service", "install")
    rests(box)
    must(len(history(box)) == before, "the diary has changed")
    return f"gone, and back with its {before} sessions"


def broker_is_frozen(box: Box) -> str:
    """A frozen broker (SIGSTOP) holds nothing up: the record goes on, and state is back when it thaws."""
    walks(box)
    box.signal(BROKER, signal.SIGSTOP)
    went_s = recorded_s(box)
    wait_for(lambda: recorded_s(box) > went_s + 12.0, "12 s more of record", 40.0)
    box.signal(BROKER, signal.SIGCONT)
    must((hands(box, "state")["speed_kmh"] or 0.0) > 2.0, "the belt no longer runs")
    hands(box, "stop")
    return "the record has no gap"


Trial = Callable[[Box], str]
BEFORE_THE_CUT: tuple[Trial, ...] = (
    install, install_again, sandbox, strangers, session, no_update_while_running, broker_stops, broker_is_frozen,
    page_dies, killed, stalled, crash_loop, disk_fills, orderly_end,
)  # fmt: skip
AFTER_THE_CUT: tuple[Trial, ...] = (removed,)

__all__ = ["AFTER_THE_CUT", "BEFORE_THE_CUT", "BoxError", "FailedError", "after_power_cut", "begin_power_cut"]
