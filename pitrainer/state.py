"""The controller's state as messages: the JSON of docs/mqtt.md, and the rows of the journal."""

from __future__ import annotations

import time
from dataclasses import asdict
from math import isfinite
from typing import Any

from pitrainer.core.snapshot import Snapshot
from pitrainer.core.state import Setup
from pitrainer.model import LinkState, Step

VAM_AFTER_S = 30.0


def message(snapshot: Snapshot, setup: Setup, links: dict[str, LinkState], *, session_id: str | None) -> dict[str, Any]:
    """The `state` message, without `seq`, `boot`, `bt_ns` and `simulated`, which the sender adds."""
    limits = setup.envelope
    return {
        "ts": round(time.time(), 2),
        "phase": snapshot.phase.value,
        "action": snapshot.action.name,
        "causes": [{"cause": c.name, "action": c.action.name, "text": c.text} for c in snapshot.causes],
        "hr_bpm": _rounded(snapshot.hr_bpm, 0),
        "hr_age_s": _rounded(snapshot.hr_age_s, 1),
        "zone": snapshot.zone,
        "cap_bpm": _rounded(snapshot.cap_bpm, 0),
        "hr_max_bpm": _rounded(setup.athlete.hr_max, 0),
        "incline_pct": _rounded(snapshot.incline_pct, 1),
        "incline_target_pct": _rounded(snapshot.incline_target_pct, 1),
        "speed_kmh": _rounded(snapshot.speed_kmh, 2),
        "speed_target_kmh": _rounded(snapshot.speed_target_kmh, 2),
        "elapsed_s": _rounded(snapshot.elapsed_s, 1),
        "distance_m": _rounded(snapshot.distance_m, 1),
        "ascent_m": _rounded(snapshot.ascent_m, 1),
        "vam_m_h": _vam(snapshot),
        "hr_mean_bpm": _rounded(snapshot.hr_mean_bpm, 0),
        "hr_highest_bpm": _rounded(snapshot.hr_highest_bpm, 0),
        "above_cap_s": _rounded(snapshot.above_cap_s, 0),
        "session": snapshot.session,
        "session_id": session_id,
        "step": _step(snapshot),
        "manual": bool(snapshot.manual),
        "arm_left_s": _rounded(snapshot.arm_left_s, 0),
        "page_start": setup.limits.page_start,
        "why": snapshot.why,
        "prediction": [[_rounded(at_s, 0), _rounded(bpm, 1)] for at_s, bpm in snapshot.prediction],
        "can": [verb.value for verb in snapshot.can],
        "bounds": asdict(limits),
        "links": {source: _link(link) for source, link in links.items()},
    }


def row(snapshot: Snapshot) -> dict[str, Any]:
    """One second of the journal."""
    return {
        "hr_bpm": snapshot.hr_bpm,
        "hr_age_s": _rounded(snapshot.hr_age_s, 2),
        "cap_bpm": snapshot.cap_bpm,
        "incline_pct": snapshot.incline_pct,
        "incline_target_pct": snapshot.incline_target_pct,
        "speed_kmh": snapshot.speed_kmh,
        "speed_target_kmh": snapshot.speed_target_kmh,
        "distance_m": _rounded(snapshot.distance_m, 2),
        "ascent_m": _rounded(snapshot.ascent_m, 2),
        "phase": snapshot.phase.value,
        "action": snapshot.action.name,
        "causes": [cause.name for cause in snapshot.causes],
        "step": snapshot.step_number,
        "why": snapshot.why,
    }


def summary(snapshot: Snapshot) -> dict[str, Any]:
    """A session's figures at its end."""
    return {
        "elapsed_s": _rounded(snapshot.elapsed_s, 1),
        "distance_m": _rounded(snapshot.distance_m, 1),
        "ascent_m": _rounded(snapshot.ascent_m, 1),
        "hr_mean_bpm": _rounded(snapshot.hr_mean_bpm, 1),
        "hr_highest_bpm": snapshot.hr_highest_bpm,
        "above_cap_s": _rounded(snapshot.above_cap_s, 1),
    }


def _step(snapshot: Snapshot) -> dict[str, Any] | None:
    if snapshot.step is None:
        return None
    wanted, step = snapshot.step, snapshot.step.step
    return {
        "i": snapshot.step_number,
        "n": snapshot.steps,
        "name": step.name,
        "left": _rounded(wanted.left, 1),
        "unit": wanted.unit,
        "done": _rounded(wanted.done, 3),
        "say": step.say,
        "drive": step.drive.value,
        "next": snapshot.following,
        "waits_for": _waits_for(step),
    }


def _waits_for(step: Step) -> str:
    if step.until_tap:
        return "your tap"
    if step.until_hr_below_bpm is not None:
        return f"heart rate below {step.until_hr_below_bpm:.0f}"
    if step.until_hr_above_bpm is not None:
        return f"heart rate above {step.until_hr_above_bpm:.0f}"
    return ""


def _vam(snapshot: Snapshot) -> int | None:
    """Metres climbed per hour, over the session so far."""
    if snapshot.elapsed_s < VAM_AFTER_S:
        return None
    return round(snapshot.ascent_m / snapshot.elapsed_s * 3600.0)


def _link(link: LinkState) -> dict[str, Any]:
    return {"up": link.up, "name": link.name, "detail": link.detail, "battery_pct": link.battery_pct}


def _rounded(value: float | None, digits: int) -> float | int | None:
    """JSON knows no NaN and no infinity: those are unknown."""
    if value is None or not isfinite(value):
        return None
    return round(value) if digits == 0 else round(value, digits)
