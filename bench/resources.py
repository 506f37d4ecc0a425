"""Memory and CPU of the controller and the page, in a walk at real time with one live stream open, from /proc.

PSS counts memory shared with other processes in parts, so that the figures may be added; RSS counts it in full.

    python bench/resources.py [SECONDS]
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from stage import stage, watch

MEASURED_S = 30.0


def main() -> int:
    for_s = float(sys.argv[1]) if len(sys.argv) > 1 else MEASURED_S
    with stage() as made:
        watch(made)
        made.walks()
        time.sleep(5.0)
        processes = {"controller": made.controller.pid, "page": made.web.pid, "broker": made.broker.pid}
        before, since = {name: cpu_s(pid) for name, pid in processes.items()}, time.monotonic()
        time.sleep(for_s)
        took_s = time.monotonic() - since
        print(f"{took_s:.0f} s of a walk at 1x, one live stream")
        print(f"{'':12} {'RSS':>9} {'PSS':>9} {'threads':>8} {'CPU of one core':>16}")
        for name, pid in processes.items():
            share = (cpu_s(pid) - before[name]) / took_s
            rss, pss = memory_kb(pid)
            print(f"{name:12} {rss / 1024:6.1f} MB {pss / 1024:6.1f} MB {threads(pid):8d} {share:15.1%}")
    return 0


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kb(pid: int) -> tuple[int, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    return sizes["Rss"], sizes["Pss"]


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


if __name__ == "__main__":
    sys.exit(main())
