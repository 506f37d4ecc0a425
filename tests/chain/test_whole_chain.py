"""From the strap's skin to the pixels and back to the belt, for real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chain_kit import Chain, World, free_port, mosquitto, page_process, wait_until, write_settings
from playwright.sync_api import Page, expect, sync_playwright

from pitrainer import config, history
from pitrainer.model import Phase
from pitrainer.wire.ftms import ControlOp

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
PATIENT_MS = 60_000


@pytest.fixture
def page() -> Iterator[Page]:
    assert Path(CHROMIUM).exists(), "chromium is missing: sudo apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 412, "height": 915})
        page.set_default_timeout(PATIENT_MS)
        expect.set_options(timeout=PATIENT_MS)
        yield page
        browser.close()


def hold_to_start(page: Page) -> None:
    expect(page.locator("#hold")).to_be_visible()
    box = page.locator("#hold").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.wait_for_timeout(3300)
    page.mouse.up()


def incline_target(world: World) -> float:
    return world.controller.state.memory.incline_pct


def test_a_climb_from_the_phone_survives_a_lost_strap_and_ends_at_stop(page: Page, tmp_path: Path) -> None:
    broker_port, web_port = free_port(), free_port()
    file = write_settings(tmp_path, broker_port, web_port)
    settings = config.load(file)
    with mosquitto(tmp_path, broker_port), page_process(file, web_port), Chain(settings) as chain:
        page.goto(f"http://127.0.0.1:{web_port}/")
        wait_until(lambda: chain.within(lambda world: world.controller.state.standing))
        page.get_by_role("button", name="Short climb").click()
        page.get_by_role("button", name="Arm", exact=True).click()
        hold_to_start(page)

        wait_until(lambda: chain.within(lambda world: world.controller.state.phase) is Phase.RUNNING)
        wait_until(lambda: chain.within(lambda world: world.controller.state.progress.index) == 1)
        wait_until(lambda: chain.within(lambda world: world.treadmill.incline_pct) >= 5.0)
        shown_bpm = int(page.locator("#hr").inner_text())
        assert abs(shown_bpm - chain.within(lambda world: world.runner.true_bpm)) < 15
        assert float(page.locator("#incline").inner_text()) >= 4.0

        chain.within(lambda world: setattr(world.strap, "silent", True))
        expect(page.locator("body")).to_contain_text("No heart rate")
        before = chain.within(incline_target)
        wait_until(lambda: chain.within(incline_target) < before - 0.5)
        expect(page.locator("body")).to_contain_text("the incline comes down")

        chain.within(lambda world: setattr(world.strap, "silent", False))
        wait_until(lambda: not chain.within(lambda world: world.controller.state.verdict.causes))
        assert chain.within(lambda world: world.controller.state.phase) is Phase.RUNNING
        assert chain.within(lambda world: world.treadmill.speed_kmh) > 5.0

        page.get_by_role("button", name="STOP").click()
        wait_until(lambda: chain.within(lambda world: world.controller.state.phase) is Phase.DONE)
        wait_until(lambda: chain.within(lambda world: world.treadmill.speed_kmh) == 0.0)
        wait_until(lambda: not chain.within(lambda world: world.controller.state.ours))
        starts = chain.within(lambda world: len(world.treadmill.writes(ControlOp.START)))
        assert starts == 1
    (row,) = history.sessions(settings.journal)
    assert row.ended == "stopped"
    samples = history.read(settings.journal, row.id).samples
    assert any("heart_lost" in sample["causes"] for sample in samples)
    assert max(sample["incline_pct"] or 0 for sample in samples) >= 5.0
