"""One session as one HTML document: figures, profile, zones, plan against done, climbs, what happened.

It needs no script and prints. Standing alone it carries its own style; served by the page it links to the same style,
because the page's content policy allows none inside a document.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pitrainer.diary import chart
from pitrainer.diary.figures import BEST_WINDOWS_S, Figures, athlete_of, figures_of
from pitrainer.diary.laps import PlannedStep
from pitrainer.diary.markup import Markup, joined, named, table, tag
from pitrainer.diary.trace import trace
from pitrainer.diary.words import clock, ending, kilometres, tenths, when, whole
from pitrainer.history import Record

STYLE = Path(__file__).with_name("diary.css")
EVENTS_SHOWN = 200
QUIET_EVENTS = ("_over",)
ZONE_NAMES = ("Below", "Zone 1", "Zone 2", "Zone 3", "Zone 4", "Zone 5")


def report(record: Record, *, head: Markup | None = None, links: Markup | None = None) -> str:
    """The document. `head` takes the place of its own style; without it the document is
    self-contained. `links` stand at its end, on screen only."""
    moments = trace(record)
    figures = figures_of(moments, athlete_of(record.athlete), record.plan)
    session = record.session
    body = joined(
        tag("header", tag("h1", named(session.name)), tag("p", f"{when(session.started_ts)}, {ending(session)}")),
        tag(
            "main",
            _summary(figures),
            tag("figure", _legend(), chart.profile(moments, figures), class_="card"),
            _zones(figures),
            _steps(figures),
            _climbs(figures),
            _bests(figures),
            _steadiness(figures),
            _events(record.events),
            links,
        ),
    )
    return document(f"{session.name}, {when(session.started_ts)}", body, head)


def document(title: str, body: Markup, head: Markup | None = None) -> str:
    """A whole page of the diary around its body, with its own style or with `head` instead."""
    top = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        tag("meta", name="color-scheme", content="dark light"),
        tag("title", title),
        tag("style", Markup(STYLE.read_text())) if head is None else head,
    )
    return "<!doctype html>\n" + tag("html", top, tag("body", body), lang="en") + "\n"


def card(title: str, *children: str | None) -> Markup:
    return tag("section", tag("h2", title), *children, class_="card")


def numbers(pairs: list[tuple[str, str | None]]) -> Markup:
    """Figures under their names; what is not known is a dash."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value or "–")) for name, value in pairs), class_="numbers")


def _summary(figures: Figures) -> Markup:
    return tag("section", tag("h2", "Figures", class_="sr-only"), numbers([
        ("Time", clock(figures.active_s)),
        ("Ascent", whole(figures.ascent_m, " m")),
        ("VAM", whole(figures.vam_m_h, " m/h")),
        ("Distance", kilometres(figures.distance_m)),
        ("Mean heart rate", whole(figures.hr_mean_bpm)),
        ("Highest", whole(figures.hr_highest_bpm)),
        ("Above cap", clock(figures.above_cap_s)),
        ("Heart rate unknown", clock(figures.hr_unknown_s)),
    ]), class_="card")  # fmt: skip


def _legend() -> Markup:
    kinds = (("incline", "Incline %"), ("heart", "Heart rate"), ("cap", "Cap"))
    return tag("figcaption", *(tag("span", text, class_=f"key key-{kind}") for kind, text in kinds), class_="legend")


def _zones(figures: Figures) -> Markup:
    if figures.zones_s is None:
        return card("Time in zones", tag("p", "The highest heart rate was not recorded with this session."))
    total_s = sum(figures.zones_s)
    if total_s <= 0.0:
        return card("Time in zones", tag("p", "No heart rate was recorded."))
    return card("Time in zones", zone_bars(figures.zones_s))


def zone_bars(zones_s: tuple[float, ...]) -> Markup:
    """A bar and a time for each zone."""
    total_s = sum(zones_s) or 1.0
    rows = []
    for zone, (name, seconds) in enumerate(zip(ZONE_NAMES, zones_s, strict=True)):
        share = seconds / total_s * 100
        bar = tag("rect", class_=f"zone-{zone}", width=f"{share:.1f}%", height="100%", rx="3")
        rows.append(
            tag(
                "li", tag("span", name), tag("svg", bar, class_="bar", aria_hidden="true"),
                tag("span", clock(seconds), class_="num"), tag("span", f"{share:.0f} %", class_="num quiet"),
            )
        )  # fmt: skip
    return tag("ul", *rows, class_="zones")


def _steps(figures: Figures) -> Markup | None:
    if not figures.steps:
        return None
    heads = ("Step", "Planned", "Done", "Incline planned", "Incline", "Ascent", "Heart rate", "Highest", "Cap")
    rows = [_step_row(step) for step in figures.steps]
    reached = sum(step.lap is not None for step in figures.steps)
    return card(
        "Plan and done",
        tag("p", f"{reached} of {len(rows)} steps reached.", class_="quiet"),
        table("Plan and done", heads, rows),
    )


def _step_row(step: PlannedStep) -> tuple[str | None, ...]:
    lap = step.lap
    head = joined(f"{step.number}. ", named(step.name))
    if lap is None:
        return (head, _length(step), "not reached", _inclines(step), *[None] * 4, whole(step.cap_bpm))
    return (
        head, _length(step), clock(lap.active_s), _inclines(step), tenths(lap.incline_mean_pct, " %"),
        whole(lap.ascent_m, " m"), whole(lap.hr_mean_bpm), whole(lap.hr_highest_bpm), whole(step.cap_bpm),
    )  # fmt: skip


def _length(step: PlannedStep) -> str | None:
    if step.ascent_m is not None:
        return f"{step.ascent_m:g} m up"
    if step.distance_m is not None:
        return f"{step.distance_m:g} m"
    return clock(step.for_s)


def _inclines(step: PlannedStep) -> str | None:
    if step.incline_pct is None:
        return None
    low, high = step.incline_pct
    return f"{low:g} %" if low == high else f"{low:g} to {high:g} %"


def _climbs(figures: Figures) -> Markup | None:
    if not figures.climbs:
        return None
    heads = ("Climb", "Time", "Ascent", "Incline", "VAM", "Heart rate", "Highest", "Fall in 60 s")
    rows: list[tuple[str | None, ...]] = [
        (
            f"{number}, at {clock(climb.from_s)}", clock(climb.to_s - climb.from_s), whole(climb.ascent_m, " m"),
            tenths(climb.incline_mean_pct, " %"), whole(climb.vam_m_h, " m/h"), whole(climb.hr_mean_bpm),
            whole(climb.hr_highest_bpm), whole(climb.recovery_bpm, " bpm"),
        )
        for number, climb in enumerate(figures.climbs, 1)
    ]  # fmt: skip
    why = "Fall in 60 s: how far the heart rate came down in the easy minute after a climb."
    return card("Climbs", table("Climbs", heads, rows), tag("p", why, class_="quiet"))


def _bests(figures: Figures) -> Markup | None:
    if all(best is None for best in figures.best_ascent_m):
        return None
    pairs = zip(BEST_WINDOWS_S, figures.best_ascent_m, strict=True)
    return card("Most ascent", numbers([(f"in {window // 60} min", whole(best, " m")) for window, best in pairs]))


def _steadiness(figures: Figures) -> Markup | None:
    if not figures.decouplings:
        return None
    lines = [
        tag("li", f"{clock(part.from_s)} to {clock(part.to_s)}: {part.percent:.1f} %") for part in figures.decouplings
    ]
    why = "How much less work a heart beat did in the second half. Below 5 % is well trained for that length."
    return card("Decoupling", tag("ul", *lines), tag("p", why, class_="quiet"))


def _events(events: list[dict[str, Any]]) -> Markup | None:
    told = [event for event in events if event["text"] and not event["kind"].endswith(QUIET_EVENTS)]
    if not told:
        return None
    lines = [
        tag("li", tag("span", clock(event["t_s"]), class_="num"), tag("span", *_told(event)))
        for event in told[:EVENTS_SHOWN]
    ]
    more = len(told) - len(lines)
    rest = tag("p", f"And {more} more, in the JSON export.", class_="quiet") if more else None
    return card("What happened", tag("ol", *lines, class_="events"), rest)


def _told(event: dict[str, Any]) -> tuple[str, ...]:
    """An event in words; steps and phases are named as what they are."""
    what = {"step_started": "Step: ", "phase": "Now "}.get(event["kind"], "")
    return what, named(event["text"])
