"""The page in a real Chromium: what a runner sees and what a press does.

The page's own clock is played by playwright, so that holding for three seconds or waiting until news is stale
takes no real time; the streams and posts are real.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from conftest import (
    ARMED,
    DONE,
    HOLDING,
    IDLE,
    LOADED,
    PHASES,
    RUNNING,
    Answer,
    StageRemote,
    see,
    sent,
    visit,
    wait_until,
    wait_until_sent,
)
from playwright.sync_api import Page, expect

# -- what a runner sees


def test_the_hero_shows_heart_zone_cap_incline_and_speed(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    expect(phone.locator("#hr")).to_have_text("147")
    expect(phone.locator("#zone")).to_have_text("Zone 3")
    expect(phone.locator("#cap-distance")).to_have_text("8 below cap")
    expect(phone.locator("#incline")).to_have_text("11.5")
    expect(phone.locator("#incline-target")).to_have_text("target 12.0")
    expect(phone.locator("#incline-target")).to_have_attribute("data-moving", "1")
    expect(phone.locator("#speed")).to_have_text("5.5")
    expect(phone.locator("#speed-target")).to_have_attribute("data-moving", "0")
    expect(phone.locator("#step-left")).to_have_text("13:16")
    expect(phone.locator("#elapsed")).to_have_text("16:44")


def test_heart_rate_is_readable_from_afar(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    size = phone.locator("#hr").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert size >= 0.25 * 412


def test_a_missing_heart_rate_is_a_dash_and_the_cause_is_in_words(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, HOLDING)
    expect(phone.locator("#hr")).to_have_text("–")
    expect(phone.locator("#causes")).to_contain_text("No heart rate for 18 s")
    expect(phone.locator("#causes")).to_have_attribute("data-action", "EASE")
    expect(phone.locator("#link-strap")).to_have_text("Strap missing")


def test_the_chart_draws_plan_heart_cap_incline_and_cursor(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    for part in ("ground", "room", "cap", "incline", "heart", "cursor"):
        expect(phone.locator(f"#chart .chart-{part}")).to_have_attribute("d", re.compile("^M"))
    expect(phone.locator("#chart")).to_have_attribute("aria-label", "Profile of Capped climb, 3 steps")


def test_the_summary_tells_what_was_done(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, DONE)
    shown = phone.locator("#summary dd").all_inner_texts()
    assert shown == ["35:04", "268 m", "138", "153", "4 s", "1.52 km"]


def test_only_what_the_controller_would_accept_can_be_pressed(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    expect(phone.locator("[data-cmd]:visible")).to_have_text(["Pause", "Skip step"])
    see(phone, remote, PHASES["paused"])
    expect(phone.locator("[data-cmd]:visible")).to_have_text(["Resume"])
    expect(phone.locator("[data-nudge]:visible")).to_have_count(0)


def test_a_session_is_loaded_by_a_tap_and_armed_by_another(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, IDLE)
    phone.locator(".session").click()
    wait_until_sent(remote, 1)
    see(phone, remote, LOADED)
    expect(phone.locator("#ready-title")).to_have_text("Capped climb")
    phone.get_by_role("button", name="Arm").click()
    wait_until_sent(remote, 2)
    assert remote.sent == [("load", {"session": "capped-climb"}), ("arm", {})]


def test_a_refusal_is_shown_in_the_controllers_words(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, LOADED)
    remote.answer = Answer(False, "The strap is missing.")
    phone.get_by_role("button", name="Arm").click()
    expect(phone.locator("#toast")).to_have_text("The strap is missing.")


# -- old news


def test_old_news_is_greyed_after_three_seconds_and_only_stop_stays(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    see(phone, remote, RUNNING)
    phone.clock.run_for(2600)
    expect(phone.locator("#stale")).to_be_hidden()
    phone.clock.run_for(800)
    expect(phone.locator("#stale")).to_contain_text("No news from the controller")
    expect(phone.locator("body")).to_have_class("is-stale")
    assert phone.locator("button:enabled:visible").all_inner_texts() == ["STOP"]
    see(phone, remote, RUNNING)
    phone.clock.run_for(300)
    expect(phone.locator("#stale")).to_be_hidden()
    expect(phone.get_by_role("button", name="Pause")).to_be_enabled()


def test_a_state_that_was_old_when_it_came_is_stale_at_once(phone: Page, remote: StageRemote) -> None:
    remote.age_s = 165.0
    visit(phone, remote, RUNNING)
    expect(phone.locator("#stale-age")).to_have_text("(2 min)")
    expect(phone.get_by_role("button", name="Pause")).to_be_disabled()


def test_an_older_state_never_replaces_a_newer_one(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING, hr_bpm=150)
    newest = remote.current
    assert newest is not None
    late = newest | {"seq": 1, "bt_ns": 1, "hr_bpm": 90}
    phone.route("**/api/state", lambda route: route.fulfill(json=late | {"age_s": 0.1}))
    with phone.expect_response("**/api/state"):
        phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(phone.locator("#hr")).to_have_text("150")


def test_a_page_without_a_stream_polls(phone: Page, remote: StageRemote) -> None:
    phone.route("**/api/stream", lambda route: route.fulfill(status=503, json={"ok": False}))
    remote.show(RUNNING)
    phone.goto("/")
    expect(phone.locator("#hr")).to_have_text("147")
    remote.show(RUNNING, hr_bpm=151)
    expect(phone.locator("#hr")).to_have_text("151")


# -- taps


def test_three_fast_taps_on_plus_add_up(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    plus = phone.get_by_role("button", name="More incline")
    plus.evaluate("button => { button.click(); button.click(); button.click(); }")
    expect(phone.locator("#incline-target")).to_have_text("wish 13.5")
    wait_until(lambda: sent(remote, "nudge")[-1:] == [{"incline_pct": 13.5}])


def test_fifty_taps_ask_for_no_more_than_three_presses(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING, incline_target_pct=4.0)
    plus = phone.get_by_role("button", name="More incline")
    plus.evaluate("button => { for (let i = 0; i < 50; i += 1) button.click(); }")
    wait_until(lambda: sent(remote, "nudge")[-1:] == [{"incline_pct": 5.5}])
    expect(phone.locator("#incline-target")).to_have_text("wish 5.5")


def test_taps_down_reach_the_bottom_and_no_further(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING, incline_target_pct=2.0)
    minus = phone.get_by_role("button", name="Less incline")
    minus.evaluate("button => { for (let i = 0; i < 9; i += 1) button.click(); }")
    wait_until(lambda: sent(remote, "nudge")[-1:] == [{"incline_pct": 0.0}])


def test_a_wish_is_forgotten_once_the_state_has_caught_up(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    phone.get_by_role("button", name="Faster").click()
    expect(phone.locator("#speed-target")).to_have_text("wish 6.0")
    see(phone, remote, RUNNING, speed_target_kmh=6.0)
    expect(phone.locator("#speed-target")).to_have_text("target 6.0")


def test_a_wish_that_nothing_follows_is_forgotten_after_three_seconds(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    phone.get_by_role("button", name="Faster").click()
    expect(phone.locator("#speed-target")).to_have_text("wish 6.0")
    phone.clock.run_for(1500)
    see(phone, remote, RUNNING)
    phone.clock.run_for(1600)
    expect(phone.locator("#speed-target")).to_have_text("target 5.5")


# -- starting


def hold(page: Page, key: str | None = None) -> None:
    button = page.locator("#hold")
    if key:
        button.focus()
        page.keyboard.down(key)
    else:
        button.hover()
        page.mouse.down()


def test_a_press_held_for_three_seconds_starts(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, ARMED)
    hold(phone)
    for word in ("3", "2", "1"):
        expect(phone.locator("#hold-word")).to_have_text(word)
        see(phone, remote, ARMED)
        phone.clock.run_for(1010)
    wait_until_sent(remote, 1)
    assert remote.sent == [("start", {})]


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_the_hold_works_with_a_key(phone: Page, remote: StageRemote, key: str) -> None:
    visit(phone, remote, ARMED)
    hold(phone, key)
    phone.clock.run_for(3100)
    wait_until_sent(remote, 1)
    assert remote.sent == [("start", {})]


@pytest.mark.parametrize("way", ["let go", "slide off", "key up", "lose focus", "disarmed meanwhile"])
def test_a_press_that_ends_early_sends_nothing(phone: Page, remote: StageRemote, way: str) -> None:
    visit(phone, remote, ARMED)
    hold(phone, "Space" if way in ("key up", "lose focus") else None)
    phone.clock.run_for(2900)
    expect(phone.locator("#hold-word")).to_have_text("1")
    if way == "let go":
        phone.mouse.up()
    elif way == "slide off":
        phone.mouse.move(5, 5)
    elif way == "key up":
        phone.keyboard.up("Space")
    elif way == "lose focus":
        phone.locator("#hold").evaluate("button => button.blur()")
    else:
        see(phone, remote, LOADED)
    phone.clock.run_for(2000)
    expect(phone.locator("#hold-word")).to_have_text("Hold to start")
    assert remote.sent == []


def test_without_page_start_the_page_sends_to_the_treadmill(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, ARMED, page_start=False, can=["stop", "disarm"])
    expect(phone.locator("#armed-title")).to_have_text("Press START on the treadmill")
    expect(phone.locator("#armed-left")).to_have_text("47")
    expect(phone.locator("#hold")).to_be_hidden()


# -- STOP


@pytest.mark.parametrize("phase", PHASES)
def test_stop_is_on_screen_and_works_in_every_phase(phone: Page, remote: StageRemote, phase: str) -> None:
    visit(phone, remote, PHASES[phase])
    stop = phone.get_by_role("button", name="STOP", exact=True)
    expect(stop).to_be_in_viewport(ratio=1)
    box = stop.bounding_box()
    assert box is not None
    assert box["width"] > 380
    assert box["height"] >= 56
    stop.click()
    wait_until_sent(remote, 1)
    expect(phone.locator("#toast")).to_contain_text("STOP confirmed")
    assert remote.sent == [("stop", {})]


def test_stop_is_sent_at_the_touch_and_not_at_the_release(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    phone.locator("#stop").hover()
    phone.mouse.down()
    wait_until_sent(remote, 1)
    assert remote.sent == [("stop", {})]


def test_an_unconfirmed_stop_fills_the_screen_and_is_repeated(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    remote.answer = None
    phone.locator("#stop").click()
    alarm = phone.locator("#alarm")
    expect(alarm).to_be_visible()
    expect(alarm).to_contain_text("Press the treadmill's STOP. Pull the safety key.")
    box = alarm.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (412, 915)
    phone.clock.run_for(1100)
    wait_until_sent(remote, 2)
    remote.answer = Answer(True)
    phone.clock.run_for(1100)
    expect(alarm).to_contain_text("STOP is confirmed now")
    phone.locator("#alarm-close").click()
    expect(alarm).to_be_hidden()


def test_stop_without_a_server_fills_the_screen(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    phone.route("**/api/cmd/stop", lambda route: route.abort())
    phone.locator("#stop").click()
    expect(phone.locator("#alarm")).to_be_visible()


def test_stop_takes_back_the_wishes_that_wait(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    phone.get_by_role("button", name="Faster").click()
    expect(phone.locator("#speed-target")).to_have_text("wish 6.0")
    phone.locator("#stop").click()
    expect(phone.locator("#speed-target")).to_have_text("target 5.5")


# -- for everybody


@pytest.mark.parametrize("phase", PHASES)
def test_nothing_scrolls_sideways_at_320_px(phone: Page, remote: StageRemote, phase: str) -> None:
    phone.set_viewport_size({"width": 320, "height": 640})
    visit(phone, remote, PHASES[phase])
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320
    wide = """() => [...document.querySelectorAll('body *')]
        .filter(node => node.checkVisibility() && node.getBoundingClientRect().right > 321
            && !node.closest('.sr-only, .skip-link, svg')).map(node => node.id || node.className)"""
    assert phone.evaluate(wide) == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("phase", PHASES)
def test_axe_finds_nothing_serious(phone: Page, remote: StageRemote, phase: str, scheme: Any) -> None:
    phone.emulate_media(color_scheme=scheme)
    remote.show(PHASES[phase])
    phone.goto("/")
    expect(phone.locator("body")).to_have_attribute("data-phase", PHASES[phase]["phase"])
    expect(phone.locator("body")).not_to_have_class("is-stale")
    found = Axe().run(phone).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


HOSTILE = "<img src=x onerror=\"window.harm='done'\"><script>window.harm='done'</script>"


def test_names_from_outside_stay_text(phone: Page, remote: StageRemote) -> None:
    strap = {"up": False, "name": HOSTILE, "detail": HOSTILE, "battery_pct": 3}
    hostile: dict[str, Any] = RUNNING | {
        "session": HOSTILE, "why": HOSTILE, "links": RUNNING["links"] | {"strap": strap},
        "causes": [{"cause": "x", "action": "HOLD", "text": HOSTILE}], "action": "HOLD",
        "step": RUNNING["step"] | {"name": HOSTILE, "say": HOSTILE, "next": HOSTILE},
    }  # fmt: skip
    remote.the_plan = {**(remote.the_plan or {}), "session": HOSTILE, "purpose": HOSTILE}
    remote.events.append({"event_type": HOSTILE, "text": HOSTILE, "elapsed_s": 3.0})
    visit(phone, remote, hostile)
    for id_of in ("session-name", "why", "step-name", "say", "events", "causes"):
        expect(phone.locator(f"#{id_of}")).to_contain_text("<img src=x")
    assert phone.locator("img").count() == 0
    assert phone.evaluate("window.harm") is None


def test_the_simulated_hardware_can_be_played_with(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    phone.locator("#try summary").click()
    phone.get_by_role("button", name="Take the strap off").click()
    wait_until(lambda: remote.sims == ["strap_off"])


def test_real_hardware_offers_nothing_to_play_with(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING, simulated=False)
    expect(phone.locator("#try")).to_be_hidden()


def test_buttons_are_large_enough_for_a_runner(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    for button in phone.locator("button:visible").all():
        box = button.bounding_box()
        assert box is not None
        least = 64 if button.get_attribute("data-nudge") else 56
        assert min(box["width"], box["height"]) >= least
