"""A Debian of its own that boots: debootstrap makes it, systemd-nspawn runs it, its own systemd is process 1.

A box has no network but its own loopback. Its power can be cut: every process of it dies at once, and the file system
stays as the kernel has it (so this shows what a crash leaves behind, not what an SD card loses). Needs root.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("systemd", "systemd-sysv", "dbus", "python3", "python3-venv", "mosquitto", "bluez")
BOOT_S = 90.0
SOURCE = "/usr/src/pitrainer"
WHEELS = "/usr/src/wheels"


class BoxError(Exception):
    """What a box could not do."""


def sh(*command: str | Path, cwd: Path | None = None) -> str:
    """A command on this machine; what it printed. Raises BoxError with its words."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BoxError(f"{' '.join(map(str, command))}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def wait_for(true: Callable[[], object], what: str, most_s: float) -> float:
    """Seconds until it was true. Raises BoxError."""
    begin = time.monotonic()
    while not true():
        if time.monotonic() - begin > most_s:
            raise BoxError(f"not within {most_s:g} s: {what}")
        time.sleep(0.1)
    return time.monotonic() - begin


def make_base(directory: Path, suite: str, mirror: str) -> Path:
    """A Debian with the packages of docs/install.md; made once, then kept."""
    base = directory / suite
    if not base.exists():
        unfinished = directory / f".{suite}.making"
        shutil.rmtree(unfinished, ignore_errors=True)
        directory.mkdir(parents=True, exist_ok=True)
        sh("debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", suite, unfinished, mirror)
        unfinished.rename(base)
    return base


def make_wheels(directory: Path, checkout: Path, base: Path) -> Path:
    """What pip will want inside, where there is no network: fetched by the base's own Python's rules, kept."""
    version = next(path.name.removeprefix("python") for path in (base / "usr/lib").glob("python3.[0-9]*"))
    wanted = requirements(checkout)
    wheels = directory / f"wheels-{version}-{hashlib.sha256(repr(wanted).encode()).hexdigest()[:12]}"
    if not wheels.exists():
        unfinished = directory / ".wheels.making"
        shutil.rmtree(unfinished, ignore_errors=True)
        pip = (shutil.which("python3") or "python3", "-m", "pip", "download", "--quiet", "--dest", unfinished)
        platform = ("--only-binary=:all:", f"--python-version={version}")
        sh(*pip, *platform, *wanted)
        unfinished.rename(wheels)
    return wheels


def requirements(checkout: Path) -> list[str]:
    project = tomllib.loads((checkout / "pyproject.toml").read_text())
    return [*project["project"]["dependencies"], *project["build-system"]["requires"]]


def make_root(root: Path, *, base: Path, wheels: Path, checkout: Path) -> None:
    """A fresh copy of the base, with the checkout's files (as they are, committed or not) and the wheels in it."""
    sh("cp", "-a", "--reflink=auto", base, root)
    source = root / SOURCE.lstrip("/")
    names = sh("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=checkout).split("\0")
    for name in filter(None, names):
        if (checkout / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, source / name)
    shutil.copytree(wheels, root / WHEELS.lstrip("/"))
    (root / "etc/hostname").write_text("treadmill\n")
    (root / "etc/machine-id").write_text("")


@dataclass
class Box:
    """A machine that is switched on. `nspawn` is its power supply."""

    root: Path
    nspawn: subprocess.Popen[bytes]

    @property
    def leader(self) -> int:
        """Process 1 of the box, as it is called out here."""
        children = Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text().split()
        if not children:
            raise BoxError("the box is off")
        return int(children[0])

    def run(self, *command: str, may_fail: bool = False, env: dict[str, str] | None = None) -> str:
        """A command inside, by its root; what it printed, both ways. Raises BoxError."""
        inside = ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "--wdns=/", "--", *command]
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        clean = {"PATH": path, "HOME": "/root", "LANG": "C.UTF-8", **(env or {})}
        done = subprocess.run(
            inside, env=clean, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=300, check=False,
        )  # fmt: skip
        if done.returncode and not may_fail:
            raise BoxError(f"in the box, {' '.join(command)}: {done.stdout.strip()[-2000:]}")
        return done.stdout

    def is_up(self) -> bool:
        with contextlib.suppress(BoxError, OSError, subprocess.TimeoutExpired):
            return self.run("systemctl", "is-system-running", may_fail=True).strip() in ("running", "degraded")
        return False

    def property_of(self, unit: str, name: str) -> str:
        return self.run("systemctl", "show", "--value", "-p", name, unit).strip()

    def signal(self, unit: str, number: signal.Signals) -> None:
        """To its main process."""
        self.run("systemctl", "kill", "--kill-who=main", "-s", number.name, unit)

    def cut_power(self) -> None:
        """Everything in it dies at once."""
        os.kill(self.leader, signal.SIGKILL)
        self.nspawn.wait(30)


@contextlib.contextmanager
def booted(root: Path, log: Path) -> Iterator[Box]:
    """Switched on and through its boot; off at the end, however that comes."""
    command = ["systemd-nspawn", "--quiet", "-D", str(root), "-b", "--register=no", "--keep-unit", "--private-network"]
    with log.open("ab") as words:
        nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words, stderr=words)
    box = Box(root, nspawn)
    try:
        wait_for(box.is_up, "the box boots", BOOT_S)
        yield box
    finally:
        if nspawn.poll() is None:
            with contextlib.suppress(BoxError, OSError):
                box.cut_power()
        if nspawn.poll() is None:
            nspawn.kill()
            nspawn.wait()
