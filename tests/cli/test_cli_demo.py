"""The demo as scripts use it, with all its processes, and the record it leaves behind."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE_S = 90.0
SUMMARY = re.compile(
    r"time \d+:\d\d, ascent \d+ m, mean heart rate \d+ bpm, highest \d+ bpm, \d+ s above the cap \(cap \d+\)\n"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pitrainer(state: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, its record in `state`."""
    done = subprocess.run(
        [sys.executable, "-m", "pitrainer", *map(str, arguments)],
        env={**os.environ, "STATE_DIRECTORY": str(state)},
        capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done


@dataclass(frozen=True)
class Shown:
    """A demo that was run to its end."""

    done: subprocess.CompletedProcess[str]
    state: Path

    @property
    def journal(self) -> Path:
        return self.state / "demo.sqlite3"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    state = tmp_path_factory.mktemp("state")
    return Shown(pitrainer(state, "demo", "--headless", 8, "--speed", 20, "--port", free_port()), state)


def test_a_headless_demo_prints_one_line_of_figures_and_exits_with_0(shown: Shown) -> None:
    assert shown.done.returncode == 0, shown.done.stderr
    assert SUMMARY.fullmatch(shown.done.stdout), shown.done.stdout


def test_the_demo_leaves_a_session_in_its_history(shown: Shown) -> None:
    listed = pitrainer(shown.state, "history", "--journal", shown.journal)
    assert listed.returncode == 0
    (line,) = listed.stdout.splitlines()
    assert "Capped climb" in line and line.endswith("(left, simulated)")
    (row,) = json.loads(pitrainer(shown.state, "history", "--journal", shown.journal, "--json").stdout)
    assert row["simulated"] is True and row["ended"] == "left" and row["elapsed_s"] > 60.0


def test_an_exported_session_has_a_row_a_second_in_csv_and_everything_in_json(shown: Shown) -> None:
    as_csv = pitrainer(shown.state, "export", "last", "--csv", "--journal", shown.journal)
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert len(rows) > 60
    assert float(rows[-2]["t_s"]) - float(rows[0]["t_s"]) == pytest.approx(len(rows) - 2, rel=0.1)
    as_json = json.loads(pitrainer(shown.state, "export", "last", "--json", "--journal", shown.journal).stdout)
    assert len(as_json["samples"]) == len(rows)
    assert as_json["plan"]["session"] == "Capped climb" and as_json["events"]


def test_an_export_goes_to_a_file_where_one_is_named(shown: Shown, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    done = pitrainer(shown.state, "export", "last", "--csv", "--journal", shown.journal, "--output", file)
    assert (done.returncode, done.stdout) == (0, "")
    assert file.read_text().startswith("t_s,")


def test_a_session_that_does_not_exist_is_named(shown: Shown) -> None:
    done = pitrainer(shown.state, "export", "19000101", "--journal", shown.journal)
    assert done.returncode == 1
    assert "19000101" in done.stderr and "pitrainer history" in done.stderr


def test_without_a_journal_the_history_says_when_there_will_be_one(tmp_path: Path) -> None:
    for command in (["history"], ["export", "last"]):
        done = pitrainer(tmp_path, *command, "--journal", tmp_path / "none.sqlite3")
        assert done.returncode == 1
        assert "there is no journal" in done.stderr and "pitrainer run" in done.stderr


def test_a_taken_port_is_one_line_with_the_cure(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = pitrainer(tmp_path, "demo", "--headless", 5, "--port", port)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"port {port} is taken: choose another, for example ./demo --port {port + 1}\n"


def test_a_bad_session_file_is_refused_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('name = "Bad"\nsteps = [ { name = "Walk", four = "1:00", incline = 2, speed = 5 } ]\n')
    done = pitrainer(tmp_path, "demo", "--headless", 5, "--port", free_port(), "--session", file)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{file}:2: ") and 'did you mean "for"' in done.stderr


@pytest.mark.parametrize("option", [["--speed", "0"], ["--speed", "1000"], ["--port", "99999"], ["--headless", "0"]])
def test_options_out_of_range_are_wrong_usage(tmp_path: Path, option: list[str]) -> None:
    done = pitrainer(tmp_path, "demo", *option)
    assert done.returncode == 2
    assert option[0] in done.stderr
