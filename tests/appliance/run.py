"""The appliance under a real systemd: a fresh Debian is installed by `./install` and then mistreated. Needs root,
debootstrap and systemd-nspawn; takes about five minutes; prints a table; exit code 1 if anything was not as it must be.

    sudo python3 tests/appliance/run.py [--suite trixie] [--only NAME ...] [--keep]

The base system and the wheels are made once, in --cache; delete it to begin anew. docs/appliance.md has what was seen.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

import trials
from box import Box, BoxError, booted, make_base, make_root, make_wheels

CHECKOUT = Path(__file__).resolve().parents[2]
Line = tuple[str, bool, float, str, str]


def main() -> int:
    asked = arguments()
    if os.geteuid() != 0 or not all(map(shutil.which, ("debootstrap", "systemd-nspawn", "nsenter"))):
        print("This needs root and: sudo apt install debootstrap systemd-container util-linux", file=sys.stderr)
        return 2
    base = make_base(asked.cache, asked.suite, asked.mirror)
    wheels = make_wheels(asked.cache, CHECKOUT, base)
    scratch = Path(tempfile.mkdtemp(prefix="pitrainer-appliance-", dir=asked.cache))
    try:
        make_root(scratch / "root", base=base, wheels=wheels, checkout=CHECKOUT)
        lines = mistreat(scratch / "root", scratch / "console.log", set(asked.only))
    finally:
        if not asked.keep:
            shutil.rmtree(scratch)
    if asked.markdown:
        print(*(f"| {must} | {'yes' if good else '**NO**'} | {seen} |" for _, good, _, must, seen in lines), sep="\n")
    print(f"{sum(good for _, good, *_ in lines)} of {len(lines)} as they must be")
    return 0 if all(good for _, good, *_ in lines) else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--mirror", default="http://deb.debian.org/debian")
    parser.add_argument("--cache", type=Path, default=Path("/var/cache/pitrainer-appliance"))
    parser.add_argument("--only", nargs="*", default=[], help="these trials; the installation always comes first")
    parser.add_argument("--keep", action="store_true", help="leave the last root for looking around")
    parser.add_argument("--markdown", action="store_true", help="print the table of docs/appliance.md at the end")
    return parser.parse_args()


def mistreat(root: Path, log: Path, only: set[str]) -> list[Line]:
    lines: list[Line] = []
    elapsed: list[float] = []
    with booted(root, log) as box:
        for trial in trials.BEFORE_THE_CUT:
            if wanted(trial.__name__, only):
                lines += one(trial.__name__, trial, trial.__doc__, box)
            if not lines[0][1]:
                return lines
        if wanted("power_cut", only):
            elapsed.append(float(trials.begin_power_cut(box)))
        box.cut_power()
    with booted(root, log) as box:
        for at_s in elapsed:
            after = functools.partial(trials.after_power_cut, elapsed_s=at_s)
            lines += one("power_cut", after, trials.after_power_cut.__doc__, box)
        chosen = [trial for trial in trials.AFTER_THE_CUT if wanted(trial.__name__, only)]
        lines += [line for trial in chosen for line in one(trial.__name__, trial, trial.__doc__, box)]
    return lines


def wanted(name: str, only: set[str]) -> bool:
    return not only or name == "install" or name in only


def one(name: str, trial: Callable[[Box], str], must: str | None, box: Box) -> Iterable[Line]:
    """Its line of the table, printed at once."""
    begin = time.monotonic()
    try:
        good, seen = True, trial(box)
    except (trials.FailedError, BoxError) as error:
        good, seen = False, str(error)
    except Exception:
        good, seen = False, traceback.format_exc()
    took_s = time.monotonic() - begin
    print(f"{'ok  ' if good else 'FAIL'} {name:<24} {took_s:5.0f} s  {seen}", flush=True)
    return [(name, good, took_s, must or "", seen)]


if __name__ == "__main__":
    sys.exit(main())
