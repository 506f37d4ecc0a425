"""export, report, backup, restore and upload on the command line."""

from __future__ import annotations

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import fitdecode  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner, Result
from diary_kit import IDS, Kept

from pitrainer.cli import main
from pitrainer.opening import only_one

SETTINGS = """
[athlete]
hr_max_bpm = 170
[strap]
kind = "simulated"
[machine]
kind = "simulated"
[files]
journal = "journal.sqlite3"
lock = "controller.lock"
"""


@pytest.fixture
def config(kept: Kept, tmp_path: Path) -> Path:
    """Settings beside a diary."""
    shutil.copy(kept.journal, tmp_path / "journal.sqlite3")
    file = tmp_path / "settings.toml"
    file.write_text(SETTINGS)
    return file


def say(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


@pytest.mark.parametrize("form", ["fit", "tcx", "csv", "json"])
def test_a_session_is_written_to_a_file_or_to_standard_output(config: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"out.{form}"
    written = say("export", "climb", f"--{form}", "--output", file, "--config", config)
    assert (written.exit_code, written.output) == (0, "")
    shown = say("export", "climb", f"--{form}", "--config", config)
    assert shown.stdout_bytes == file.read_bytes() != b""


def test_an_exported_fit_file_is_one(config: Path, tmp_path: Path) -> None:
    say("export", "climb", "--fit", "--output", tmp_path / "a.fit", "--config", config)
    with fitdecode.FitReader(tmp_path / "a.fit", check_crc=fitdecode.CrcCheck.RAISE) as reader:
        assert any(getattr(frame, "name", "") == "session" for frame in reader)


def test_without_a_form_everything_is_exported_as_json(config: Path) -> None:
    told = json.loads(say("export", "climb", "--config", config).stdout)
    assert told["session"]["id"] == "climb"
    assert told["incoming"] and told["samples"]


def test_a_report_is_a_page(config: Path, tmp_path: Path) -> None:
    assert say("report", "last", "--config", config).stdout.startswith("<!doctype html>")
    say("report", "hostile", "--output", tmp_path / "r.html", "--config", config)
    assert "&lt;script&gt;" in (tmp_path / "r.html").read_text()


@pytest.mark.parametrize("command", ["export", "report"])
def test_a_session_that_is_not_there_is_said(config: Path, command: str) -> None:
    result = say(command, "nobody", "--config", config)
    assert result.exit_code == 1
    assert "There is no session 'nobody'" in result.stderr


def test_a_backup_is_restored_into_another_journal(config: Path, tmp_path: Path) -> None:
    saved = say("backup", tmp_path / "b", "--config", config)
    assert (saved.exit_code, saved.stdout) == (0, f"{tmp_path / 'b'}: {len(IDS)} sessions.\n")
    (tmp_path / "journal.sqlite3").unlink()
    restored = say("restore", tmp_path / "b", "--config", config)
    assert (restored.exit_code, restored.stdout) == (0, f"{len(IDS)} sessions restored, 0 were there already.\n")
    again = say("backup", tmp_path / "b", "--config", config)
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_nothing_is_restored_while_a_controller_runs(config: Path, tmp_path: Path) -> None:
    say("backup", tmp_path / "b", "--config", config)
    (tmp_path / "journal.sqlite3").unlink()
    with only_one(tmp_path / "controller.lock"):
        result = say("restore", tmp_path / "b", "--config", config)
    assert result.exit_code == 1
    assert "Nothing was restored: another controller runs already" in result.stderr
    assert not (tmp_path / "journal.sqlite3").exists()


def test_what_is_no_backup_is_refused_in_one_line(config: Path) -> None:
    result = say("restore", config, "--config", config)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "is not a backup" in result.stderr


def test_a_session_is_uploaded_with_the_key_of_a_file(config: Path, tmp_path: Path) -> None:
    asked: list[tuple[str, bytes]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()
            self.wfile.write(b'{"id": "i42"}')

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    key = tmp_path / "key"
    key.write_text("secret")
    key.chmod(0o600)
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        result = say("upload", "climb", "--key-file", key, "--service", url, "--config", config)
        thread.join(10.0)
    assert (result.exit_code, result.stdout) == (0, "climb: uploaded as i42.\n")
    assert "external_id=pitrainer-climb" in asked[0][0]
    assert b".FIT" in asked[0][1]


def test_without_a_key_nothing_is_sent(config: Path, tmp_path: Path) -> None:
    result = say("upload", "climb", "--key-file", tmp_path / "none", "--config", config)
    assert result.exit_code == 1
    assert "Copy your API key" in result.stderr


def test_the_commands_are_listed_with_the_others() -> None:
    listed = say("--help").stdout
    assert all(
        f"\n  {command} " in listed for command in ("export", "report", "backup", "restore", "upload", "history")
    )
