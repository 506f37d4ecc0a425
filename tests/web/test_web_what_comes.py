"""What the page says of the time to come, and inclines at one press."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import PLAN, RUNNING, StageRemote, State, see, sent, visit, wait_until
from playwright.sync_api import Page, expect

PREDICTION = [[0, 147.0], [60, 149.4], [120, 151.2]]
WITH_SPEED: State = PLAN | {"steps": [step | {"speed_kmh": [5.5, 4.5]} for step in PLAN["steps"]]}


def step(**changes: Any) -> State:
    return {"step": RUNNING["step"] | changes}


def test_the_prediction_is_one_line_and_a_dashed_continuation(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING, prediction=PREDICTION)
    expect(phone.locator("#prediction")).to_have_text("in two minutes about 151")
    phone.wait_for_function("() => document.querySelector('.chart-prediction').getAttribute('d')?.startsWith('M')")
    path = phone.locator(".chart-prediction").get_attribute("d") or ""
    cursor = phone.locator(".chart-cursor").get_attribute("d") or ""
    assert path.startswith(cursor.split(" ")[0] + " "), "it begins at the cursor"
    assert path.count("L") == 2
    assert phone.locator(".chart-prediction").evaluate("node => getComputedStyle(node).strokeDasharray") != "none"


def test_without_a_prediction_nothing_is_said_or_drawn(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING, prediction=PREDICTION)
    see(phone, remote, RUNNING, prediction=[], elapsed_s=1010.0)
    expect(phone.locator("#prediction")).to_have_text("")
    expect(phone.locator(".chart-prediction")).to_have_attribute("d", "")


def test_a_prediction_of_another_length_says_how_long(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING, prediction=[[0, 147], [60, 149.4]])
    expect(phone.locator("#prediction")).to_have_text("in 60 s about 149")


def test_what_comes_is_counted_down_in_the_last_ten_seconds(phone: Page, remote: StageRemote) -> None:
    remote.the_plan = WITH_SPEED
    visit(phone, remote, RUNNING, **step(left=10.4))
    expect(phone.locator("#next")).to_have_text("Next: Cool-down 1 %, 4.5 km/h")
    see(phone, remote, RUNNING, **step(left=7.6))
    expect(phone.locator("#next")).to_have_text("in 8 s: Cool-down 1 %, 4.5 km/h")
    expect(phone.locator("#next")).to_have_attribute("data-soon", "true")


def test_the_end_of_the_session_is_counted_down_too(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING, **step(i=3, left=3.2, next=""))
    expect(phone.locator("#next")).to_have_text("in 4 s: end of the session")


@pytest.mark.parametrize(
    ("unit", "left", "said"),
    [("m", 12.0, "in 8 s:"), ("m", 30.0, "Next:"), ("m_up", 1.2, "in 7 s:"), ("m_up", 4.0, "Next:")],
)
def test_a_step_by_distance_or_ascent_ends_at_the_pace_of_the_moment(
    phone: Page, remote: StageRemote, unit: str, left: float, said: str
) -> None:
    visit(phone, remote, RUNNING, **step(unit=unit, left=left))
    expect(phone.locator("#next")).to_contain_text(said)


@pytest.mark.parametrize("changes", [{"manual": True}, {"phase": "paused"}])
def test_nothing_is_counted_down_while_the_program_waits(
    phone: Page, remote: StageRemote, changes: dict[str, Any]
) -> None:
    visit(phone, remote, RUNNING, **step(left=4.0), **changes)
    expect(phone.locator("#next")).to_have_text(re.compile("^Next:"))


def test_steering_by_hand_has_a_badge(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING, manual=True)
    expect(phone.locator("#manual")).to_have_text("by hand")
    expect(phone.locator("#manual")).to_be_visible()
    see(phone, remote, RUNNING)
    expect(phone.locator("#manual")).to_be_hidden()


def inclines(page: Page) -> list[str]:
    return page.locator("#presets button").all_inner_texts()


def test_presets_come_from_the_plan_and_fill_its_widest_gap(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    expect(phone.locator("#presets button")).to_have_text(["1", "2", "8", "12", "15"])
    expect(phone.locator("#presets [aria-pressed=true]")).to_have_text("12")


@pytest.mark.parametrize(
    ("planned", "expected"),
    [
        ([[3, 3]], ["3", "6", "9", "12", "15"]),
        ([[1, 30], [-4, 2]], ["0", "1", "2", "9", "15"]),
        ([[n, n + 0.5] for n in range(0, 12, 2)], None),
        ([], ["0", "4", "8", "12", "15"]),
    ],
)
def test_presets_stay_inside_the_machine_and_are_five(
    phone: Page, remote: StageRemote, planned: list[list[float]], expected: list[str] | None
) -> None:
    remote.the_plan = PLAN | {"steps": [PLAN["steps"][0] | {"incline_pct": each} for each in planned]}
    visit(phone, remote, RUNNING)
    expect(phone.locator("#presets button")).to_have_count(5)
    shown = inclines(phone)
    assert shown == (expected or shown)
    numbers = [float(each) for each in shown]
    assert numbers == sorted(set(numbers))
    assert numbers[0] >= 0 and numbers[-1] <= 15


def test_a_preset_asks_for_its_own_number_at_one_press(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING, incline_target_pct=2.0)
    phone.get_by_role("button", name="Incline 15 %").click()
    wait_until(lambda: sent(remote, "nudge") == [{"incline_pct": 15}])
    expect(phone.locator("#incline-target")).to_have_text("wish 15.0")


def test_a_tap_on_plus_after_a_preset_adds_to_it(phone: Page, remote: StageRemote) -> None:
    visit(phone, remote, RUNNING)
    phone.get_by_role("button", name="Incline 8 %").click()
    phone.get_by_role("button", name="More incline").click()
    wait_until(lambda: sent(remote, "nudge")[-1:] == [{"incline_pct": 8.5}])
