"""The diary's front page: weekly vertical, a calendar, bests, time in zones, and the list of sessions.

Weeks, calendar and list come from stored summaries; bests and zones from the briefs that are known so far, and the
page says how many that is. It needs no script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pitrainer.diary.briefs import Brief
from pitrainer.diary.figures import BEST_WINDOWS_S
from pitrainer.diary.markup import Markup, joined, named, table, tag
from pitrainer.diary.report import card, document, numbers, zone_bars
from pitrainer.diary.weeks import WEEKS_SHOWN, Week, ascent_by_day, counted, weeks
from pitrainer.diary.words import clock, day, ending, kilometres, tenths, when, whole
from pitrainer.history import SessionRow

ROWS_A_PAGE = 20
ZONE_DAYS = 28
HEARTS_SHOWN = 8
CELL, GAP = 12, 2
LEVELS_M = (100.0, 300.0, 600.0)
"""Ascent of a day from which its square is a shade stronger."""


@dataclass(frozen=True, slots=True)
class Places:
    """What the head links to (its style), and where the live page, this page by number and a report by id are."""

    head: Markup
    home: str
    page: Callable[[int], str]
    report: Callable[[str], str]


def overview(
    rows: Sequence[SessionRow], briefs: Mapping[str, Brief], places: Places, *, today: date, page: int = 1
) -> str:
    """The document. `rows` are all sessions, the latest first; `page` counts from 1."""
    weekly = weeks(rows, today)
    body = joined(
        tag("header", tag("a", "‹ Treadmill and STOP", href=places.home, class_="back"), tag("h1", "Training diary")),
        tag(
            "main",
            _weekly(weekly) if rows else None,
            _calendar(ascent_by_day(rows), today) if rows else None,
            _bests(rows, briefs, places) if rows else None,
            _zones(rows, briefs, today),
            _hearts(rows, briefs, places),
            _sessions(rows, places, page),
        ),
    )
    return document("Training diary", body, places.head)


def notice(text: str, places: Places) -> str:
    """The page where there is no diary to show: why, and what to do."""
    header = tag(
        "header", tag("a", "‹ Treadmill and STOP", href=places.home, class_="back"), tag("h1", "Training diary")
    )
    return document("Training diary", joined(header, tag("main", tag("p", text, class_="card"))), places.head)


def _weekly(weekly: tuple[Week, ...]) -> Markup:
    this, most_m = weekly[-1], max(week.ascent_m for week in weekly)
    height = 120
    bars = []
    for index, week in enumerate(weekly):
        tall = week.ascent_m / most_m * height if most_m > 0.0 else 0.0
        kind = "week this" if week is this else "week"
        bars.append(tag("rect", x=index * 20 + 3, y=height - tall, width=14, height=tall, class_=kind))
    picture = tag("svg", *bars, class_="weeks", viewBox=f"0 0 {len(weekly) * 20} {height}", preserveAspectRatio="none",
                  role="img", aria_label=f"Ascent of the last {len(weekly)} weeks, at most {most_m:.0f} m")  # fmt: skip
    ends = tag("p", tag("span", f"{weekly[0].monday:%d %b}"), tag("span", "this week"), class_="ends quiet")
    rows: list[tuple[str | None, ...]] = [
        (f"{week.monday:%d %b %Y}", str(week.sessions), clock(week.elapsed_s), whole(week.ascent_m, " m"))
        for week in reversed(weekly)
        if week.sessions
    ]
    in_numbers = table("Weeks", ("Week from", "Sessions", "Time", "Ascent"), rows)
    return card(
        "Ascent by week",
        numbers([
            ("This week", whole(this.ascent_m, " m")), ("Sessions", str(this.sessions)),
            ("Time", clock(this.elapsed_s)), ("Best week", whole(most_m, " m")),
        ]),
        picture, ends, tag("details", tag("summary", "In numbers"), in_numbers),
    )  # fmt: skip


def _calendar(climbed: Mapping[date, float], today: date) -> Markup:
    first = today - timedelta(days=today.weekday(), weeks=WEEKS_SHOWN - 1)
    cells: list[Markup] = []
    months: list[tuple[int, Markup]] = []
    named_month = 0
    for back in range((today - first).days + 1):
        on = first + timedelta(days=back)
        column, row = divmod(back, 7)
        x, y = column * (CELL + GAP), row * (CELL + GAP) + 14
        title = tag("title", f"{on:%a %d %b}: {climbed[on]:.0f} m") if on in climbed else None
        level = _level(climbed.get(on))
        cells.append(tag("rect", title, x=x, y=y, width=CELL, height=CELL, rx=2, class_=f"day day-{level}"))
        if row == 0 and on.month != named_month and (not months or column - months[-1][0] > 2):
            named_month = on.month
            months.append((column, tag("text", f"{on:%b}", x=x, y=10)))
    days = sum(first <= on <= today for on in climbed)
    size = f"0 0 {WEEKS_SHOWN * (CELL + GAP)} {7 * (CELL + GAP) + 14}"
    picture = tag("svg", *(text for _, text in months), *cells, class_="calendar", viewBox=size, role="img",
                  aria_label=f"Calendar of the last {WEEKS_SHOWN} weeks: {days} days with a session")  # fmt: skip
    return card("Calendar", picture)


def _level(ascent_m: float | None) -> int:
    """0 without a session, 1 to 4 by ascent."""
    return 0 if ascent_m is None else 1 + sum(ascent_m >= edge for edge in LEVELS_M)


def _bests(rows: Sequence[SessionRow], briefs: Mapping[str, Brief], places: Places) -> Markup:
    able = [row for row in counted(rows) if row.ended]
    ready = [row for row in able if row.id in briefs]
    lines: list[tuple[str | None, ...]] = []
    for index, window_s in enumerate(BEST_WINDOWS_S):
        found = [(best, row) for row in ready if (best := briefs[row.id].best_ascent_m[index]) is not None]
        best_m, row = max(found, key=lambda each: each[0], default=(None, None))
        link = None if row is None else tag("a", f"{day(row.started_ts):%d %b %Y}", href=places.report(row.id))
        lines.append((f"{window_s // 60} min", whole(best_m, " m"), link))
    waiting = len(able) - len(ready)
    note = (
        tag("p", f"{waiting} older sessions are still being looked at; load this page again later.")
        if waiting
        else None
    )
    return card("Most ascent", table("Most ascent", ("In", "Ascent", "On"), lines), note)


def _zones(rows: Sequence[SessionRow], briefs: Mapping[str, Brief], today: date) -> Markup | None:
    recent = [row for row in counted(rows) if (today - day(row.started_ts)).days < ZONE_DAYS and row.id in briefs]
    spent = [zones for row in recent if (zones := briefs[row.id].zones_s) is not None]
    if not spent or not any(map(sum, spent)):
        return None
    return card(f"Zones of the last {ZONE_DAYS} days", zone_bars(tuple(map(sum, zip(*spent, strict=True)))))


def _hearts(rows: Sequence[SessionRow], briefs: Mapping[str, Brief], places: Places) -> Markup | None:
    """How the heart came down, and how it held: the latest sessions that can tell."""
    told = [(row, briefs[row.id]) for row in counted(rows) if row.id in briefs]
    lines = [
        (
            tag("a", f"{day(row.started_ts):%d %b}", href=places.report(row.id)), whole(known.recovery_bpm, " bpm"),
            tenths(known.decoupling_percent, " %"), clock(known.above_cap_s),
        )
        for row, known in told
        if known.recovery_bpm is not None or known.decoupling_percent is not None
    ][:HEARTS_SHOWN]  # fmt: skip
    if not lines:
        return None
    return card("Heart", table("Heart", ("On", "Fall in 60 s", "Decoupling", "Above cap"), lines))


def _sessions(rows: Sequence[SessionRow], places: Places, page: int) -> Markup:
    if not rows:
        return card("Sessions", tag("p", "Nothing recorded yet. The first session appears here when it ends."))
    last = -(-len(rows) // ROWS_A_PAGE)
    page = min(max(page, 1), last)
    shown = rows[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
    newer = tag("a", "Newer", href=places.page(page - 1)) if page > 1 else None
    older = tag("a", "Older", href=places.page(page + 1)) if page < last else None
    pages = tag("nav", newer, tag("span", f"Page {page} of {last}", class_="quiet"), older, aria_label="Pages")
    return card(
        "Sessions", tag("ul", *(_session(row, places) for row in shown), class_="sessions"), pages if last > 1 else None
    )


def _session(row: SessionRow, places: Places) -> Markup:
    ended = ending(row)
    said = [clock(row.elapsed_s), whole(row.ascent_m, " m up"), kilometres(row.distance_m)]
    if row.hr_mean_bpm is not None:
        said.append(f"heart rate {row.hr_mean_bpm:.0f}")
    return tag(
        "li",
        tag("a", tag("span", named(row.name), class_="session-name"), tag("span", when(row.started_ts), class_="quiet"),
            tag("span", ", ".join(part for part in said if part), class_="num"),
            None if ended == "finished" else tag("span", ended, class_="quiet"), href=places.report(row.id)),
    )  # fmt: skip
