"""Focus, full and blind; dark and light; upright and lying; kept over a reload."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from conftest import PHASES, RUNNING, StageRemote, visit
from playwright.sync_api import Page, expect

VIEWS = ["focus", "full", "blind"]


def choose(page: Page, view: str) -> None:
    page.locator(f".view:has([value={view}])").click()
    expect(page.locator("body")).to_have_attribute("data-view", view)


def seen(page: Page, *ids: str) -> list[str]:
    return [each for each in ids if page.locator(f"#{each}").is_visible()]


PARTS = ("hr", "incline", "speed", "step-left", "next", "stats", "chart-card", "say", "gait", "stop", "presets")


def test_focus_is_heart_incline_and_step_and_they_are_larger(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    size = "id => parseFloat(getComputedStyle(document.getElementById(id)).fontSize)"
    before = [phone.evaluate(size, part) for part in ("hr", "incline", "step-left")]
    choose(phone, "focus")
    assert seen(phone, *PARTS) == ["hr", "incline", "step-left", "next", "say", "gait", "stop"]
    after = [phone.evaluate(size, part) for part in ("hr", "incline", "step-left")]
    assert all(now > 1.3 * was for now, was in zip(after, before, strict=True))


def test_blind_shows_no_number_but_cue_gait_and_stop(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    choose(phone, "blind")
    assert seen(phone, *PARTS) == ["say", "gait", "stop"]
    expect(phone.locator("#gait")).to_have_text("Hike")
    words = phone.locator("body").inner_text()
    assert not any(char.isdigit() for char in words)


@pytest.mark.parametrize("phase", ["paused", "fault", "done"])
def test_blind_hides_nothing_once_the_run_is_interrupted(phone: Page, remote: StageRemote, phase: str) -> None:
    visit(phone, remote, RUNNING)
    choose(phone, "blind")
    visit_again = PHASES[phase]
    remote.show(visit_again)
    expect(phone.locator("body")).to_have_attribute("data-phase", phase)
    assert seen(phone, "chart-card")


def test_causes_are_shown_in_every_view(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, PHASES["easing"])
    for view in VIEWS:
        choose(phone, view)
        expect(phone.locator("#causes")).to_be_visible()


def test_the_view_is_remembered(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    choose(phone, "focus")
    phone.reload()
    expect(phone.locator("body")).to_have_attribute("data-view", "focus")
    expect(phone.locator("[name=view]:checked")).to_have_value("focus")


def test_a_view_is_chosen_with_the_keyboard(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    phone.locator("[name=view]:checked").focus()
    phone.keyboard.press("ArrowRight")
    expect(phone.locator("body")).to_have_attribute("data-view", "blind")


def test_spoilt_settings_count_as_none(phone: Page, remote: StageRemote) -> None:
    phone.add_init_script('localStorage.setItem(\'pitrainer.settings\', \'{"view":"x","cadence":"fast"}\')')
    visit(phone, remote, RUNNING)
    expect(phone.locator("body")).to_have_attribute("data-view", "full")
    expect(phone.locator("[data-setting=cadence]")).to_have_value("120")


@pytest.mark.parametrize(("scheme", "chosen", "dark"), [
    ("dark", "system", True), ("light", "system", False), ("light", "dark", True), ("dark", "light", False),
])  # fmt: skip
def test_the_appearance_follows_the_choice_and_else_the_phone(
    phone: Page, remote: StageRemote, scheme: Any, chosen: str, dark: bool
) -> None:
    phone.emulate_media(color_scheme=scheme)
    visit(phone, remote, RUNNING)
    phone.locator("#settings summary").click()
    phone.locator("[data-setting=theme]").select_option(chosen)
    phone.reload()
    expect(phone.locator("body")).to_have_css("background-color", "rgb(11, 14, 19)" if dark else "rgb(238, 241, 245)")


SIZES = [(320, 640), (412, 915), (915, 412), (768, 1024), (1024, 768), (1280, 800)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_fits_every_screen(phone: Page, remote: StageRemote, view: str, size: tuple[int, int]) -> None:
    width, height = size
    phone.set_viewport_size({"width": width, "height": height})
    visit(phone, remote, RUNNING, prediction=[[0, 147.0], [120, 151.2]])
    choose(phone, view)
    assert phone.evaluate("document.documentElement.scrollWidth") <= width
    beyond = """width => [...document.querySelectorAll('body *')]
        .filter(node => node.checkVisibility() && node.getBoundingClientRect().right > width + 1
            && !node.closest('.sr-only, .skip-link, svg')).map(node => node.id || node.className)"""
    assert phone.evaluate(beyond, width) == []
    box = phone.locator("#stop").bounding_box()
    assert box is not None and box["height"] >= 56
    assert box["y"] + box["height"] <= height
    if view != "blind":
        heart = phone.locator("#hr").bounding_box()
        assert heart is not None and heart["y"] + heart["height"] < box["y"], "the heart is on the first screen"


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("view", ["focus", "blind", "settings"])
def test_axe_finds_nothing_serious_in_any_view(phone: Page, remote: StageRemote, view: str, scheme: Any) -> None:
    phone.emulate_media(color_scheme=scheme)
    remote.show(RUNNING, prediction=[[0, 147.0], [120, 151.2]], manual=True)
    phone.goto("/")
    expect(phone.locator("#hr")).to_have_text("147")
    if view == "settings":
        phone.locator("#settings summary").click()
    else:
        choose(phone, view)
    found = Axe().run(phone).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_nothing_moves_while_numbers_change_and_causes_come_and_go(phone: Page, remote: StageRemote) -> None:
    """Chromium's own measure: what a thumb aims at stays where it is."""
    phone.add_init_script("""
        window.shifts = [];
        new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(each => [each.value,
            each.sources.map(source => source.node?.id || source.node?.className || source.node?.nodeName)])))
            .observe({ type: 'layout-shift', buffered: true });""")
    remote.show(RUNNING, prediction=[])
    phone.goto("/")
    expect(phone.locator("#hr")).to_have_text("147")
    expect(phone.locator("#presets button")).to_have_count(5)
    phone.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    phone.evaluate("() => { window.shifts.length = 0; }")
    lost = {"action": "HOLD", "causes": PHASES["easing"]["causes"], "hr_bpm": None, "zone": None}
    changes: list[dict[str, Any]] = [
        {"hr_bpm": 98, "zone": 2, "incline_pct": 9.5, "elapsed_s": 1005.0},
        {"hr_bpm": 151, "zone": 4, "incline_pct": 10.0, "prediction": [[0, 151], [120, 153]]},
        {"incline_target_pct": 8.0, "speed_kmh": 10.1, "manual": True, "elapsed_s": 1006.0},
        {"why": "A long sentence that takes two lines on a phone, because the controller has much to say.", **lost},
        {"why": "", "step": RUNNING["step"] | {"left": 8.0}},
        {"step": RUNNING["step"] | {"i": 3, "left": 299.0, "say": "", "next": "", "name": "Cool-down"}},
    ]
    for change in changes:
        remote.show(RUNNING, **change)
        phone.wait_for_function("seq => document.body.dataset.seq === String(seq)", arg=remote.seq)
        phone.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert phone.evaluate("window.shifts") == []
