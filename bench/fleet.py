"""How a gym's broker carries 1, 10, 100 and 1000 treadmills: messages a second, its processor, and what a STOP takes.

Each treadmill is one TCP connection that sends a real state (docs/mqtt.md, about 1.2 kB) four times a second, QoS 0
and retained as the controller does, and hears `set/stop`. A desk in another process sees every state of all of them
and stops one at random ten times a second, QoS 1; from its write to the treadmill's read is the latency (both ends
are CLOCK_MONOTONIC). One Mosquitto, on loopback, with set_tcp_nodelay; broker, fleet and desk share this machine.

    python bench/fleet.py [SECONDS] [NUMBER ...]
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mqtt_wire as wire
from stage import free_port, wait_until

FLEETS = (1, 10, 100, 1000)
MEASURED_S, STATE_EVERY_S, STOP_EVERY_S = 10.0, 0.25, 0.1
SETTLE_S = 2.0


def main() -> int:
    for_s = float(sys.argv[1]) if len(sys.argv) > 1 else MEASURED_S
    fleets = [int(word) for word in sys.argv[2:]] or list(FLEETS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    print(
        f"{for_s:g} s each, a state of {len(a_state(0))} bytes, {1 / STATE_EVERY_S:g} Hz; {1 / STOP_EVERY_S:g} STOP/s"
    )
    head = ("treadmills", "states/s sent", "seen by desk", "broker CPU", "broker RSS", "STOP median", "p95", "worst")
    print(" ".join(f"{word:>12}" for word in head))
    for number in fleets:
        print(" ".join(f"{word:>12}" for word in figures(number, for_s)), flush=True)
    return 0


def a_state(number: int) -> bytes:
    """A state of the usual size: what the controller of a walking treadmill sends."""
    path = Path(__file__).parents[1] / "docs" / "mqtt.md"
    text = path.read_text().split("```json")[1].split("```")[0]
    return json.dumps(json.loads(text) | {"seq": number}).encode()


def figures(number: int, for_s: float) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="pitrainer-fleet-") as scratch:
        port = free_port()
        conf = Path(scratch) / "mosquitto.conf"
        conf.write_text(
            f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nmax_connections -1\n"
            "persistence false\nmax_queued_messages 5000\nmax_queued_bytes 0\n"
        )
        found = shutil.which("mosquitto", path="/usr/local/sbin:/usr/sbin:/usr/bin")
        if found is None:
            raise SystemExit("mosquitto is missing: apt-get install mosquitto")
        broker = subprocess.Popen([found, "-c", str(conf)], stderr=subprocess.DEVNULL)
        fleet: subprocess.Popen[bytes] | None = None
        try:
            wait_until(lambda: wire.answers(port))
            here = [sys.executable, __file__, "--fleet", str(port), str(number)]
            fleet = subprocess.Popen(here, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert fleet.stdout is not None
            fleet.stdout.readline()
            seen = asyncio.run(sit_at_the_desk(port, number, for_s, broker.pid))
            told = json.loads(fleet.communicate(b"end\n", timeout=30)[0])
        finally:
            for process in (fleet, broker):
                if process is not None and process.poll() is None:
                    process.kill()
                    process.wait()
        yield from row(number, seen, told)


@dataclass
class Seen:
    """By the desk, within the time measured."""

    for_s: float
    states: int
    cpu_share: float
    rss_mb: float


def row(number: int, seen: Seen, told: dict[str, list[float]]) -> Iterator[str]:
    stops_ms = sorted(told["stops_ms"])
    yield f"{number}"
    yield f"{told['sent_per_s'][0]:.0f}"
    yield f"{seen.states / seen.for_s:.0f}"
    yield f"{seen.cpu_share:.1%}"
    yield f"{seen.rss_mb:.1f} MB"
    yield f"{statistics.median(stops_ms):.2f} ms"
    yield f"{stops_ms[int(len(stops_ms) * 0.95)]:.2f} ms"
    yield f"{stops_ms[-1]:.1f} ms"


async def sit_at_the_desk(port: int, number: int, for_s: float, broker_pid: int) -> Seen:
    states = 0

    def see(topic: str, payload: bytes) -> None:
        nonlocal states
        states += 1

    desk = await wire.connect(port, "desk", see)
    desk.subscribe("gym/north/+/state")
    await asyncio.sleep(SETTLE_S)
    begun_s, cpu_before, states_before = time.monotonic(), cpu_s(broker_pid), states
    while time.monotonic() - begun_s < for_s:
        await asyncio.sleep(STOP_EVERY_S * random.uniform(0.5, 1.5))
        machine = random.randrange(number)
        stamp = str(time.clock_gettime_ns(time.CLOCK_MONOTONIC)).encode()
        desk.publish(f"gym/north/t{machine}/set/stop", stamp, qos=1)
    took_s = time.monotonic() - begun_s
    cpu = (cpu_s(broker_pid) - cpu_before) / took_s
    seen = Seen(took_s, states - states_before, cpu, rss_mb(broker_pid))
    await asyncio.sleep(0.5)
    desk.close()
    return seen


async def be_a_fleet(port: int, number: int) -> None:
    """In a process of its own: connect all, say so, send until told to end, then tell what was heard."""
    stops_ms: list[float] = []

    def hear(topic: str, payload: bytes) -> None:
        stops_ms.append((time.clock_gettime_ns(time.CLOCK_MONOTONIC) - int(payload)) / 1e6)

    machines = []
    for index in range(number):
        machine = await wire.connect(port, f"t{index}", hear)
        machine.subscribe(f"gym/north/t{index}/set/stop", qos=1)
        machines.append(machine)
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    end = loop.run_in_executor(None, sys.stdin.readline)
    packets = [wire.publish_packet(f"gym/north/t{index}/state", a_state(index), retain=True) for index in range(number)]
    begun_s = next_s = loop.time()
    index = sent = 0
    while not end.done():
        machines[index].write(packets[index])
        index, sent = (index + 1) % number, sent + 1
        next_s += STATE_EVERY_S / number
        if next_s > loop.time():
            await asyncio.sleep(next_s - loop.time())
    sent_per_s = sent / (loop.time() - begun_s)
    for machine in machines:
        machine.close()
    print(json.dumps({"stops_ms": stops_ms, "sent_per_s": [sent_per_s]}), flush=True)


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100.0


def rss_mb(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fleet"]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        asyncio.run(be_a_fleet(int(sys.argv[2]), int(sys.argv[3])))
    else:
        sys.exit(main())
