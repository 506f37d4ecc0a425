"""What a runner hears and feels without looking. The browser's speech, vibration and wake lock are written down
instead of carried out; its audio clock is the real one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from conftest import HOLDING, PLAN, RUNNING, StageRemote, State, see, visit
from playwright.sync_api import Page, expect

RECORD = """
    window.told = { spoken: [], cancelled: 0, shaken: [], locks: 0, released: 0, tones: 0 };
    Object.defineProperty(window, 'speechSynthesis', { value: {
        pending: false, cancel() { told.cancelled += 1; },
        speak(each) { told.spoken.push([each.text, each.lang]); } } });
    Object.defineProperty(navigator, 'vibrate', { value: pattern => told.shaken.push(pattern) });
    Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => { told.locks += 1;
        return { released: false, release: async () => { told.released += 1; } }; } } });
    const made = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () { told.tones += 1; return made.call(this); };
"""
WITH_SPEED: State = PLAN | {"steps": [step | {"speed_kmh": [5.5, 4.5]} for step in PLAN["steps"]]}


@pytest.fixture
def ear(phone: Page, remote: StageRemote) -> Page:
    phone.add_init_script(RECORD)
    remote.the_plan = WITH_SPEED
    return phone


def left(s: float) -> State:
    return {"step": RUNNING["step"] | {"left": s}}


NEXT_STEP = {"step": RUNNING["step"] | {"i": 3, "name": "Cool-down", "left": 300.0, "say": "Breathe out", "next": ""}}


def begin(page: Page, remote: StageRemote, **changes: Any) -> None:
    """Open the page and wait until it knows the plan."""
    visit(page, remote, RUNNING, **changes)
    expect(page.locator("#next")).to_contain_text("Cool-down 1 %")


def spoken(page: Page) -> list[str]:
    return [text for text, _ in page.evaluate("told.spoken")]


def settle(page: Page, *ticked: str) -> None:
    """Tick these and no others."""
    page.locator("#settings summary").click()
    for box in page.locator("#settings [type=checkbox]").all():
        box.set_checked(box.get_attribute("data-setting") in ticked)


def test_a_change_is_spoken_ten_seconds_before_and_when_it_comes(ear: Page, remote: StageRemote) -> None:
    begin(ear, remote, **left(12.0))
    for s in (10.2, 9.9, 9.6, 3.0, 0.2):
        see(ear, remote, RUNNING, **left(s))
    see(ear, remote, RUNNING, **NEXT_STEP)
    assert spoken(ear) == [
        "In ten seconds: Cool-down 1 percent, 4.5 km/h",
        "Cool-down 1 percent, 4.5 km/h. Breathe out",
    ]
    expect(ear.locator("#announce")).to_have_text("Cool-down 1 %, 4.5 km/h. Breathe out")


def test_blind_speaks_no_numbers(ear: Page, remote: StageRemote) -> None:
    begin(ear, remote, **left(12.0))
    ear.locator(".view:has([value=blind])").click()
    see(ear, remote, RUNNING, **left(9.0))
    see(ear, remote, RUNNING, **NEXT_STEP)
    assert spoken(ear) == ["In ten seconds: Cool-down", "Cool-down. Breathe out"]


def test_a_cause_at_hold_or_worse_is_spoken_once_and_at_once(ear: Page, remote: StageRemote) -> None:
    visit(ear, remote, RUNNING)
    see(ear, remote, HOLDING)
    see(ear, remote, HOLDING)
    assert spoken(ear) == ["No heart rate for 18 s: incline comes down until it is back."]
    assert ear.evaluate("told.cancelled") == 1


def test_a_cause_that_gets_worse_is_spoken_again_and_a_note_never(ear: Page, remote: StageRemote) -> None:
    visit(ear, remote, RUNNING)
    for action in ("WARN", "HOLD", "HOLD", "EASE", "HOLD"):
        cause = {"cause": "above_cap", "action": action, "text": action}
        see(ear, remote, RUNNING, causes=[cause], action=action)
    assert spoken(ear) == ["HOLD", "EASE"]


def test_a_page_just_opened_tells_nothing_old(ear: Page, remote: StageRemote) -> None:
    visit(ear, remote, HOLDING, **left(5.0))
    assert spoken(ear) == []
    assert ear.evaluate("told.shaken") == []


@pytest.mark.parametrize(
    ("kept", "heard"), [("speakSteps", ["Cool"]), ("speakSoon", ["In t"]), ("speakCauses", ["No h"]), ("", [])]
)
def test_each_kind_of_speech_has_its_own_switch(ear: Page, remote: StageRemote, kept: str, heard: list[str]) -> None:
    begin(ear, remote, **left(12.0))
    settle(ear, kept)
    see(ear, remote, RUNNING, **left(9.0))
    see(ear, remote, RUNNING, **NEXT_STEP)
    see(ear, remote, HOLDING, **NEXT_STEP)
    assert [text[:4] for text in spoken(ear)] == heard


def test_hands_feel_what_ears_hear_and_can_be_left_in_peace(ear: Page, remote: StageRemote) -> None:
    begin(ear, remote, **left(12.0))
    see(ear, remote, RUNNING, **left(9.0))
    see(ear, remote, HOLDING, **left(8.0))
    assert ear.evaluate("told.shaken") == [[60], [150, 80, 150, 80, 150]]
    settle(ear)
    see(ear, remote, RUNNING, **NEXT_STEP)
    assert len(ear.evaluate("told.shaken")) == 2


def test_the_last_three_seconds_beep_once_each_and_the_change_once(ear: Page, remote: StageRemote) -> None:
    begin(ear, remote, **left(12.0))
    settle(ear, "beeps")
    ear.wait_for_function("() => navigator.userActivation.hasBeenActive")
    see(ear, remote, RUNNING, **left(4.0))
    wait_for_sound(ear)
    before = ear.evaluate("told.tones")
    for s in (3.2, 2.9, 2.6, 2.1, 1.9, 1.4, 0.9, 0.4):
        see(ear, remote, RUNNING, **left(s))
    assert ear.evaluate("told.tones") == before + 3
    see(ear, remote, RUNNING, **NEXT_STEP)
    assert ear.evaluate("told.tones") == before + 4


def wait_for_sound(page: Page) -> None:
    """A browser's audio begins a moment after the first tap."""
    page.evaluate("""async () => { const { createSound } = await import('/static/sound.js');
        const sound = createSound(); sound.wake(0);
        while (!sound.awake()) await new Promise(done => requestAnimationFrame(done)); }""")


PULSE = """async ([perMinute, lengthS, asleep]) => {
    const { createPulse } = await import('/static/pulse.js');
    const { click } = await import('/static/sound.js');
    const rate = 8000;
    const context = new OfflineAudioContext(1, lengthS * rate, rate);
    const book = atS => click(context, context.destination, atS);
    const pulse = createPulse({ now: () => context.currentTime, book });
    pulse.start(perMinute, 0.1);
    for (let s = 0.5, n = 0; s < lengthS - 1; s += 0.5 + (n % 7) * 0.09, n += 1) {
        if (asleep && s > asleep[0] && s < asleep[1]) continue;
        context.suspend(s).then(() => { pulse.fill(); context.resume(); });
    }
    const heard = (await context.startRendering()).getChannelData(0);
    const onsets = [];
    for (let i = 0, last = -rate; i < heard.length; i += 1) {
        if (Math.abs(heard[i]) < 0.05) continue;
        if (i - last > 0.1 * rate) onsets.push(i / rate);
        last = i;
    }
    return onsets;
}"""


def played(page: Page, remote: StageRemote, per_minute: int, length_s: int, asleep: Any = None) -> list[float]:
    remote.show(RUNNING)
    page.goto("/")
    onsets: list[float] = page.evaluate(PULSE, [per_minute, length_s, asleep])
    return onsets


@pytest.mark.parametrize("per_minute", [110, 117, 130])
def test_the_metronome_drifts_less_than_20_ms_in_ten_minutes(phone: Page, remote: StageRemote, per_minute: int) -> None:
    """What is heard, sample by sample, with timers that come late and unevenly."""
    onsets = played(phone, remote, per_minute, 600)
    assert len(onsets) in (10 * per_minute - 1, 10 * per_minute)
    late_s = [heard - (0.1 + n * 60 / per_minute) for n, heard in enumerate(onsets)]
    assert max(late_s) - min(late_s) < 0.020
    assert all(-0.001 < each < 0.020 for each in late_s)


def test_a_metronome_that_slept_comes_back_on_its_grid_and_plays_nothing_twice(
    phone: Page, remote: StageRemote
) -> None:
    onsets = played(phone, remote, 120, 60, [10, 40])
    beats = [(heard - 0.1) * 2 for heard in onsets]
    assert all(abs(beat - round(beat)) < 0.04 for beat in beats)
    numbers = [round(beat) for beat in beats]
    assert numbers == sorted(set(numbers))
    assert max(after - before for before, after in pairwise(numbers)) > 50


BOOKED = """async () => {
    const { createPulse } = await import('/static/pulse.js');
    let now = 0;
    const booked = [], undone = [];
    const book = (s, n) => { booked.push([s, n]); return () => undone.push(s); };
    const pulse = createPulse({ now: () => now, book });
    pulse.start(120, 0);
    for (now = 0.5; now < 5; now += 0.5) pulse.fill();
    const until = booked.at(-1)[0];
    pulse.start(110);
    for (; now < 10; now += 0.5) pulse.fill();
    pulse.stop();
    return { booked, undone, until, now };
}"""


def test_a_new_tempo_follows_what_is_booked_and_stop_takes_back_what_is_not_heard(
    phone: Page, remote: StageRemote
) -> None:
    remote.show(RUNNING)
    phone.goto("/")
    told = phone.evaluate(BOOKED)
    times = [s for s, _ in told["booked"]]
    gaps = [after - before for before, after in pairwise(times)]
    changed = times.index(told["until"]) + 1
    assert all(abs(gap - 0.5) < 1e-9 for gap in gaps[:changed])
    assert all(abs(gap - 60 / 110) < 1e-9 for gap in gaps[changed:])
    assert [n for _, n in told["booked"]] == list(range(len(times)))
    assert told["undone"] and all(s > told["now"] - 1.0 for s in told["undone"])


def test_the_pacer_breathes_on_the_screen_while_the_belt_runs(ear: Page, remote: StageRemote) -> None:
    visit(ear, remote, RUNNING)
    settle(ear, "metronome")
    ear.locator("[data-setting=breath]").select_option("2")
    wait_for_sound(ear)
    ear.clock.run_for(1000)
    expect(ear.locator("#pacer")).to_be_visible()
    ear.clock.run_for(100)
    expect(ear.locator("#pacer-word")).to_have_text("in")
    assert ear.evaluate("told.tones") > 2
    see(ear, remote, RUNNING, phase="paused", speed_kmh=0.0)
    ear.clock.run_for(600)
    expect(ear.locator("#pacer")).to_be_hidden()


def test_the_screen_stays_on_while_the_belt_runs_and_no_longer(ear: Page, remote: StageRemote) -> None:
    visit(ear, remote, RUNNING)
    ear.wait_for_function("() => told.locks === 1")
    see(ear, remote, RUNNING, phase="done")
    ear.wait_for_function("() => told.released === 1")
    assert ear.evaluate("told.locks") == 1


def test_where_the_screen_cannot_be_kept_on_the_page_says_so(phone: Page, remote: StageRemote) -> None:
    phone.add_init_script("delete Navigator.prototype.wakeLock")
    visit(phone, remote, RUNNING, phase="idle")
    expect(phone.locator("#ready .awake-hint")).to_contain_text("cannot keep the screen on")
    phone.locator("#settings summary").click()
    expect(phone.locator("#settings .awake-hint")).to_be_visible()


def test_the_page_can_be_added_to_the_home_screen(phone: Page, remote: StageRemote) -> None:
    remote.show(RUNNING)
    phone.goto("/")
    found = phone.context.new_cdp_session(phone).send("Page.getAppManifest")
    assert found["errors"] == []
    assert '"name": "pitrainer"' in found["data"]
    problems = phone.context.new_cdp_session(phone).send("Page.getInstallabilityErrors")
    ids = {each["errorId"] for each in problems["installabilityErrors"]}
    assert ids <= {"in-incognito"}, "playwright's windows are private ones"
    for side in (192, 512):
        size = phone.evaluate(
            """async side => { const image = new Image(); image.src = `/static/icon-${side}.png`;
                await image.decode(); return [image.naturalWidth, image.naturalHeight]; }""", side)  # fmt: skip
        assert size == [side, side]


def test_the_first_load_weighs_less_than_120_kb(phone: Page, remote: StageRemote) -> None:
    weights: dict[str, int] = {}
    phone.on("response", lambda response: weights.update({response.url: response.request.sizes()["responseBodySize"]})
             if not response.url.endswith("/api/stream") else None)  # fmt: skip
    remote.show(RUNNING)
    phone.goto("/", wait_until="load")
    expect(phone.locator("#hr")).to_have_text("147")
    expect(phone.locator("#chart-card")).to_be_visible()
    assert len(weights) > 20
    assert sum(weights.values()) < 120_000
