"""Cut cords and full disks: the file opens, holds an exact prefix, and the caller never notices."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pitrainer import history, journal_tables

COMMITS = 150
DISK_KB = 256


@pytest.fixture(scope="module")
def cut_cord(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal and its WAL as they lie on the card while a session is being written: one commit per sample."""
    live, frozen = tmp_path_factory.mktemp("live"), tmp_path_factory.mktemp("frozen")
    with closing(journal_tables.connect(live / "j", busy_s=1.0)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        with connection:
            connection.execute(journal_tables.BEGIN, ("cut", "treadmill", "n", "{}", "{}", 0.0, 1))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for t_s in range(COMMITS):
            values = [None] * (len(journal_tables.SAMPLE_COLUMNS) - 1)
            with connection:
                connection.execute(journal_tables.SAMPLE, ("cut", "treadmill", t_s, 120, *values))
        for name in ("j", "j-wal"):
            shutil.copy(live / name, frozen / name)
    return frozen


def damage(wal: Path, chance: random.Random) -> None:
    data = bytearray(wal.read_bytes())
    at = chance.randrange(len(data))
    kind = chance.choice(("cut", "zeroed tail", "torn sector"))
    if kind == "cut":
        del data[at:]
    elif kind == "zeroed tail":
        data[at:] = bytes(len(data) - at)
    else:
        data[at : at + 512] = chance.randbytes(len(data[at : at + 512]))
    wal.write_bytes(data)


@pytest.mark.parametrize("seed", range(150))
def test_a_wal_cut_or_torn_anywhere_opens_with_an_exact_prefix(cut_cord: Path, tmp_path: Path, seed: int) -> None:
    shutil.copytree(cut_cord, tmp_path, dirs_exist_ok=True)
    damage(tmp_path / "j-wal", random.Random(seed))
    with closing(journal_tables.connect(tmp_path / "j", busy_s=1.0)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert journal_tables.close_cut_off(connection) == 1
    kept = [sample["t_s"] for sample in history.read(tmp_path / "j", "cut").samples]
    assert kept == [float(t_s) for t_s in range(len(kept))]


def test_an_undamaged_wal_loses_nothing(cut_cord: Path, tmp_path: Path) -> None:
    shutil.copytree(cut_cord, tmp_path, dirs_exist_ok=True)
    assert len(history.read(tmp_path / "j", "cut").samples) == COMMITS


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB where we may mount one; else `FULL` makes do with a limit on file size."""
    where = tmp_path / "disk"
    where.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k", "none", str(where)]
    mounted = os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
    yield where
    if mounted:
        subprocess.run(["umount", str(where)], check=True)


FULL = """
import json, os, resource, sys, time
from pathlib import Path
from pitrainer import history, journal

where = Path(sys.argv[1])
journal.COMMIT_EVERY_S = 0.02
filler = where / "filler"
if os.path.ismount(where):
    filler.write_bytes(bytes(100_000))
else:
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))

box = journal.Journal(where / "j", machine_id="treadmill")
box.open()
box.begin("full", name="n", plan={}, athlete={}, started_ts=0.0, simulated=True)
put = 0
end = time.monotonic() + 20
while box.trouble is None and time.monotonic() < end:
    for _ in range(20):
        box.sample(float(put), {"hr_bpm": 120, "why": "w" * 200})
        put += 1
    time.sleep(0.005)
trouble = box.trouble
readable = len(history.read(where / "j", "full").samples)

filler.unlink(missing_ok=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
while box.trouble is not None and time.monotonic() < end:
    time.sleep(0.01)
box.close()
kept = len(history.read(where / "j", "full").samples)
print(json.dumps({"put": put, "trouble": trouble, "readable": readable, "kept": kept, "lost": box.lost}))
"""


def test_a_full_disk_leaves_the_caller_alone_and_the_file_readable_and_loses_nothing_once_there_is_room(
    small_disk: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(small_disk)], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "not being recorded" in told["trouble"]
    assert 0 < told["readable"] < told["put"]
    assert (told["kept"], told["lost"]) == (told["put"], 0)


def test_a_database_that_is_full_is_not_damaged(tmp_path: Path) -> None:
    with closing(journal_tables.connect(tmp_path / "j", busy_s=1.0)) as connection:
        connection.execute("PRAGMA max_page_count = 20")
        with pytest.raises(sqlite3.OperationalError, match="full"), connection:
            for n in range(10_000):
                connection.execute(journal_tables.EVENT, (None, "treadmill", 0.0, float(n), "x", "y" * 100))
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
