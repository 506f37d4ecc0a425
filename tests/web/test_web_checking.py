"""A session file that somebody pasted or chose is judged in the words of `pitrainer check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import IDLE, StageRemote, visit
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from pitrainer.cli import main
from pitrainer.web import checking

OURS = {"X-Pitrainer": "1", "Sec-Fetch-Site": "same-origin"}
GOOD = """name = "Easy"
steps = [ { name = "Walk", for = "20:00", incline = 1, speed = 4.5 } ]
"""
BAD = """name = "Hill"
steps = [
  { name = "Up", for = "2:00", inclne = 12, speed = 7.2 },
  { name = "Down", for = "3:00", incline = 1, speed = 5.8, until_hr_below = 12 },
]
"""


def ask(client: FlaskClient, body: Any) -> Any:
    return client.post("/api/check", json=body, headers=OURS)


@pytest.mark.parametrize("text", [GOOD, BAD, "", "steps = [", 'name = "x"\nsteps = [ { for = 120 } ]'])
def test_the_page_and_the_command_line_say_the_same(client: FlaskClient, tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    printed = CliRunner().invoke(main, ["check", str(file)]).output.replace(str(file), "mine.toml")
    answer = ask(client, {"name": "mine.toml", "text": text}).json
    assert answer["ok"]
    shown = [problem["line"] for problem in answer["problems"]] or ["mine.toml: ok"]
    assert sorted(shown) == sorted(printed.splitlines())


def test_a_problem_has_its_line_and_its_level(client: FlaskClient) -> None:
    problems = ask(client, {"text": BAD}).json["problems"]
    assert problems[0]["level"] == "error"
    assert problems[0]["line"].startswith("session.toml:3: ")
    assert 'did you mean "incline"?' in problems[0]["line"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "#" * 100_000}, 200),
        ({"text": "#" * 100_001}, 400),
        ({"text": "é" * 50_000}, 200),
        ({"text": "é" * 50_001}, 400),
        ({"text": "x" * 700_000}, 413),
        ({"text": 5}, 400),
        ({}, 400),
        ([], 400),
        (None, 400),
    ],
)
def test_only_a_text_of_at_most_100_kb_is_judged(client: FlaskClient, body: Any, status: int) -> None:
    answer = ask(client, body)
    assert answer.status_code == status
    assert answer.json["ok"] is (status == 200)
    assert status == 200 or answer.json["reason"]


def test_other_posts_stay_small(client: FlaskClient) -> None:
    answer = client.post("/api/cmd/load", data=b"x" * 5000, content_type="application/json", headers=OURS)
    assert answer.status_code == 413


@pytest.mark.parametrize("headers", [{}, {"X-Pitrainer": "1", "Sec-Fetch-Site": "cross-site"}])
def test_a_foreign_page_has_nothing_judged(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/api/check", json={"text": GOOD}, headers=headers).status_code == 403


@given(st.text())
def test_any_name_becomes_a_plain_one(name: str) -> None:
    plain = checking.plain_name(name)
    assert plain and len(plain) <= checking.NAME_MAX
    assert plain.isprintable() and "/" not in plain and "\\" not in plain


def test_nothing_of_it_is_kept(client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ask(client, {"name": "../../kept.toml", "text": GOOD})
    assert list(tmp_path.rglob("*")) == []


def open_check(page: Page, remote: StageRemote) -> None:
    visit(page, remote, IDLE)
    page.get_by_text("Check a session file").click()


def test_a_pasted_session_is_checked_on_the_page(phone: Page, remote: StageRemote) -> None:
    open_check(phone, remote)
    phone.locator("#check-text").fill(BAD)
    phone.get_by_role("button", name="Check", exact=True).click()
    expect(phone.locator("#check-list li").first).to_contain_text("session.toml:3: step 1 of 2")
    phone.locator("#check-text").fill(GOOD)
    phone.get_by_role("button", name="Check", exact=True).click()
    expect(phone.locator("#check-list")).to_have_text("No problem found.")


def test_a_chosen_file_is_checked_under_its_own_name(phone: Page, remote: StageRemote, tmp_path: Path) -> None:
    file = tmp_path / "hill <b>.toml"
    file.write_text(BAD)
    open_check(phone, remote)
    phone.locator("#check-file").set_input_files(file)
    expect(phone.locator("#check-list li").first).to_contain_text("hill <b>.toml:3:")
    expect(phone.locator("#check-text")).to_have_value(BAD)
    assert phone.locator("#check-list b").count() == 0


def test_a_file_that_is_too_large_is_not_sent(phone: Page, remote: StageRemote, tmp_path: Path) -> None:
    file = tmp_path / "large.toml"
    file.write_text("#" * 100_001)
    open_check(phone, remote)
    phone.locator("#check-file").set_input_files(file)
    expect(phone.locator("#check-list")).to_contain_text("more than 100 kB")
