"""The diary on the page: its routes, and a look at it in a real Chromium with scripts switched off."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from diary_kit import IDS, SHORT, Kept, keep, rows_of, simulated
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from waitress import wasyncore  # type: ignore[import-untyped]

from pitrainer.diary.briefs import beside
from pitrainer.journal import Journal
from pitrainer.web.app import create_app
from pitrainer.web.diary import FORMS
from pitrainer.web.serve import server_of

FIRST_LOAD_MOST = 120_000
LOOKED_AT = ("/history", "/history/climb", "/history/hostile", "/history/silent", "/history/nobody")
SIZES = [(412, 915), (320, 640), (1024, 768)]


class Nobody:
    """The page without a controller: nothing of the diary needs one."""

    connected = False

    def state(self) -> None:
        return None

    def state_age_s(self) -> None:
        return None

    def plan(self) -> None:
        return None

    def status(self) -> None:
        return None

    def wait_newer(self, seq: int | None, timeout_s: float) -> None:
        return None

    def recent_events(self) -> list[dict[str, Any]]:
        return []

    def history(self) -> list[list[float | None]]:
        return []

    def send(self, cmd: str, *, timeout_s: float = 1.0, **fields: Any) -> None:
        return None

    def send_sim(self, do: str) -> None:
        return None


@pytest.fixture
def journal(kept: Kept, tmp_path: Path) -> Path:
    return Path(shutil.copy(kept.journal, tmp_path / "journal.sqlite3"))


@pytest.fixture
def client(journal: Path) -> FlaskClient:
    return create_app(Nobody(), sessions=list, journal=journal).test_client()


@pytest.fixture
def address(journal: Path) -> Iterator[str]:
    server = cast(Any, server_of(create_app(Nobody(), sessions=list, journal=journal), host="127.0.0.1", port=0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown()
    with contextlib.suppress(OSError):
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
    thread.join(10)
    assert not thread.is_alive()


def visit(browser: Browser, url: str, size: tuple[int, int] = (412, 915), **options: Any) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    page = context.new_page()
    page.goto(url)
    return page


# -- routes


def test_the_overview_lists_every_session_and_leads_to_its_report(client: FlaskClient) -> None:
    text = client.get("/history").text
    assert all(f'href="/history/{id_}"' in text for id_ in IDS)


@pytest.mark.parametrize("id_", [*IDS, "last"])
def test_every_session_has_a_report(client: FlaskClient, id_: str) -> None:
    answer = client.get(f"/history/{id_}")
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("id_", IDS)
def test_every_session_can_be_downloaded_in_every_form(client: FlaskClient, id_: str, form: str) -> None:
    answer = client.get(f"/history/{id_}/{form}")
    assert (answer.status_code, answer.content_type) == (200, FORMS[form][0])
    assert answer.headers["Content-Disposition"] == f"attachment; filename=pitrainer-{id_}.{form}"
    assert len(answer.data) > 0


def test_a_downloaded_report_stands_alone(client: FlaskClient) -> None:
    assert "<style>" in client.get("/history/climb/html").text
    assert "<style>" not in client.get("/history/climb").text


@pytest.mark.parametrize("path", ["/history/nobody", "/history/nobody/fit", "/history/climb/exe"])
def test_what_is_not_there_is_said_on_a_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is no" in answer.text


def test_a_hostile_address_stays_text(client: FlaskClient) -> None:
    answer = client.get("/history/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert answer.status_code == 404
    assert "<script" not in answer.text


@pytest.mark.parametrize("query", ["page=2", "page=-1", "page=x", "page=999999999999999999999"])
def test_any_page_number_gets_a_page(client: FlaskClient, query: str) -> None:
    assert client.get(f"/history?{query}").status_code == 200


@pytest.mark.parametrize("there", [False, True])
def test_without_a_journal_the_page_says_what_will_come(tmp_path: Path, there: bool) -> None:
    journal = tmp_path / "none.sqlite3" if there else None
    client = create_app(Nobody(), sessions=list, journal=journal).test_client()
    assert "Nothing recorded yet" in client.get("/history").text
    assert client.get("/history/last").status_code == 404


def test_a_journal_that_cannot_be_read_is_said(journal: Path) -> None:
    journal.write_text("no database at all, and long enough to be looked at")
    answer = create_app(Nobody(), sessions=list, journal=journal).test_client().get("/history")
    assert answer.status_code == 503
    assert "cannot be read" in answer.text


def test_a_running_session_is_shown_as_running(journal: Path) -> None:
    box = Journal(journal, machine_id="treadmill")
    box.open()
    keep(box, "now", SHORT, rows_of(simulated(SHORT)), started_ts=2e9)
    box.close()
    client = create_app(Nobody(), sessions=list, journal=journal).test_client()
    assert "running" in client.get("/history").text
    assert client.get("/history/now").status_code == 200


def test_another_site_may_link_to_the_diary_and_not_fetch_its_files(client: FlaskClient) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.get("/history", headers=elsewhere).status_code == 200
    assert client.get("/history/climb/json", headers=elsewhere).status_code == 403


def test_the_live_page_leads_to_the_diary(client: FlaskClient) -> None:
    assert 'href="/history"' in client.get("/").text


def test_what_was_worked_out_is_kept_beside_the_journal(client: FlaskClient, journal: Path) -> None:
    client.get("/history")
    assert "climb" in beside(journal).read_text()


# -- in a browser, without scripts


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_wider_than_the_screen(browser: Browser, address: str, size: tuple[int, int]) -> None:
    page = visit(browser, address, size)
    for path in LOOKED_AT:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
    page.context.close()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(browser: Browser, address: str, scheme: str) -> None:
    page = visit(browser, address, color_scheme=scheme)
    for path in LOOKED_AT:
        page.goto(address + path)
        assert [found["id"] for found in Axe().run(page).response["violations"]] == [], path
    page.context.close()


def test_the_diary_works_without_a_script_and_the_policy_lets_its_style_in(browser: Browser, address: str) -> None:
    page = visit(browser, address + "/history", java_script_enabled=False)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.get_by_role("link", name="Long hill").first.click()
    page.get_by_role("heading", name="Plan and done").wait_for()
    page.get_by_role("link", name="Training diary").click()
    page.get_by_role("heading", name="Ascent by week").wait_for()
    assert complaints == []
    page.context.close()


def test_the_style_is_applied_as_served(browser: Browser, address: str) -> None:
    page = visit(browser, address + "/history/climb", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(11, 14, 19)"
    assert page.locator(".chart-heart").evaluate("each => getComputedStyle(each).stroke") == "rgb(255, 125, 142)"
    page.context.close()


@pytest.mark.parametrize("path", ["/history", "/history/climb"])
def test_the_first_load_is_light(browser: Browser, address: str, path: str) -> None:
    page = visit(browser, "about:blank")
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(len(answer.body())))
    page.goto(address + path, wait_until="networkidle")
    assert len(weights) >= 2
    assert sum(weights) < FIRST_LOAD_MOST
    page.context.close()


def test_on_paper_the_ground_is_white_and_links_are_gone(browser: Browser, address: str) -> None:
    page = visit(browser, address + "/history/climb", color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.get_by_role("link", name="FIT").is_visible()
    page.context.close()


def test_a_saved_report_looks_the_same_from_a_file(browser: Browser, client: FlaskClient, tmp_path: Path) -> None:
    saved = tmp_path / "report.html"
    saved.write_text(client.get("/history/climb/html").text)
    page = visit(browser, saved.as_uri(), color_scheme="light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(238, 241, 245)"
    assert page.locator(".chart-incline").count() == 1
    page.context.close()
