"""One table of words per language, whole in each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import RUNNING, StageRemote
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from pitrainer.core.policy import RULES
from pitrainer.model import Phase, Verb
from pitrainer.web import app as web_app
from pitrainer.web import texts

TABLES = texts.tables()
ENGLISH = TABLES["en"]
OTHERS = sorted(TABLES.keys() - {"en"})
WEB = Path(web_app.__file__).parent
CONTROLLERS = ("cause.", "said.")
MADE_UP = re.compile(
    r"(phase|action|cmd|try|view|gait|breathe|set|plan)\.\w+|set\.theme\.\w+|set\.breath\.\w+|target|wish|name|decimal"
)
"""Keys that the page puts together, or reads in another way than by `t('key')`."""


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_every_word_with_its_blanks(code: str) -> None:
    table = {key: value for key, value in TABLES[code].items() if not key.startswith(CONTROLLERS)}
    assert table.keys() == ENGLISH.keys()
    blanks = re.compile(r"\{\w+\}|\|")
    wrong = [key for key in table if sorted(blanks.findall(table[key])) != sorted(blanks.findall(ENGLISH[key]))]
    assert wrong == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_cause_of_the_supervisor_is_translated(code: str) -> None:
    causes = {f"cause.{rule.cause}" for rule in RULES} | {"cause.manual"}
    assert {key for key in TABLES[code] if key.startswith("cause.")} == causes


def test_every_phase_and_command_has_its_words() -> None:
    assert {f"phase.{phase.value}" for phase in Phase} <= ENGLISH.keys()
    pressed = {verb.value for verb in Verb} - {"load", "start", "stop", "nudge"}
    assert {f"cmd.{verb}" for verb in pressed} <= ENGLISH.keys()


def used() -> set[str]:
    found: set[str] = set()
    for path in (*WEB.glob("static/*.js"), *WEB.glob("templates/*.html")):
        text = path.read_text()
        found |= set(re.findall(r"\bt\(\s*'([\w.]+)'", text)) | set(re.findall(r"\bt\['([\w.]+)'\]", text))
        for chosen in re.findall(r"\bt\([^()'\n]*(?:\([^()]*\))?[^()'\n]*\?\s*('[\w.]+' : '[\w.]+')", text):
            found |= set(re.findall(r"'([\w.]+)'", chosen))
    return found - {key for key in found if key.endswith(".")}


def test_every_word_asked_for_is_there_and_every_word_there_is_asked_for() -> None:
    assert used() - ENGLISH.keys() == set()
    assert {key for key in ENGLISH.keys() - used() if not MADE_UP.fullmatch(key)} == set()


@pytest.mark.parametrize(
    ("asked", "chosen", "lang"),
    [("", "", "en"), ("de-AT,de;q=0.9,en;q=0.5", "", "de"), ("fr", "", "en"), ("de", "en", "en"),
     ("en", "de", "de"), ("de", "../../etc/passwd", "de")],
)  # fmt: skip
def test_the_page_is_written_in_the_chosen_language_or_the_browsers(
    app: object, client: FlaskClient, asked: str, chosen: str, lang: str
) -> None:
    headers = {"Accept-Language": asked} if asked else {}
    if chosen:
        client.set_cookie("language", chosen)
    html = client.get("/", headers=headers).text
    assert f'<html lang="{lang}">' in html
    assert TABLES[lang]["safety_note"] in html


def test_another_language_is_one_more_file(tmp_path: Path) -> None:
    (tmp_path / "it.json").write_text(json.dumps({**ENGLISH, "name": "Italiano"}))
    assert texts.tables(tmp_path)["it"]["name"] == "Italiano"


@pytest.fixture
def german(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, viewport={"width": 412, "height": 915}, locale="de-DE")
    page = context.new_page()
    yield page
    context.close()


def test_a_german_phone_reads_german_words_commas_and_causes(german: Page, remote: StageRemote) -> None:
    causes = [
        {"cause": "heart_lost", "action": "HOLD", "text": "No heart rate: nothing gets harder."},
        {"cause": "brand_new", "action": "WARN", "text": "Something that no table knows."},
    ]
    why = "Steeper: 151 bpm expected in two minutes, aiming at 152, 3 under the cap."
    remote.events.append({"event_type": "heart_lost_over", "text": "", "elapsed_s": 3.0})
    remote.show(RUNNING, causes=causes, action="HOLD", why=why, prediction=[[0, 147], [120, 151]])
    german.goto("/")
    expect(german.locator("#incline")).to_have_text("11,5")
    expect(german.locator("#prediction")).to_have_text("in zwei Minuten etwa 151")
    expect(german.locator("#causes")).to_contain_text("Kein Puls: Nichts wird schwerer.")
    expect(german.locator("#causes")).to_contain_text("Something that no table knows.")
    expect(german.locator("#why")).to_have_text("Steiler: 151 in zwei Minuten erwartet, Ziel 152, 3 unter der Grenze.")
    expect(german.locator("#events")).to_contain_text("Kein Puls: Nichts wird schwerer. Vorbei.")
    expect(german.get_by_role("button", name="Überspringen")).to_be_visible()


def test_the_language_is_changed_by_the_settings_and_stays(german: Page, remote: StageRemote) -> None:
    remote.show(RUNNING)
    german.goto("/")
    german.locator("#settings summary").click()
    german.locator("#language").select_option("en")
    expect(german.locator("html")).to_have_attribute("lang", "en")
    german.reload()
    expect(german.locator("html")).to_have_attribute("lang", "en")
    expect(german.get_by_role("button", name="Skip step")).to_be_visible()


def test_stop_works_before_the_words_have_come(phone: Page, remote: StageRemote) -> None:
    phone.route("**/lang/*.json", lambda route: route.abort())
    remote.show(RUNNING)
    phone.goto("/")
    with phone.expect_response("**/api/cmd/stop"):
        phone.get_by_role("button", name="STOP").click()
    assert remote.sent == [("stop", {})]
