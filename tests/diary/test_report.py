"""Reports and the overview as documents: complete, self-contained, and deaf to hostile names."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from diary_kit import ATHLETE, HILL, HOSTILE, IDS, STARTED_TS, Kept, moments, part, record_of
from hypothesis import given
from hypothesis import strategies as some

from pitrainer.diary import chart
from pitrainer.diary.briefs import Brief
from pitrainer.diary.figures import figures_of
from pitrainer.diary.markup import VOID, Markup, tag
from pitrainer.diary.overview import ROWS_A_PAGE, Places, notice, overview
from pitrainer.diary.report import STYLE, report
from pitrainer.diary.weeks import weeks
from pitrainer.diary.words import clock, day
from pitrainer.history import SessionRow

STYLE_LINK = tag("link", rel="stylesheet", href="/diary.css")
PLACES = Places(STYLE_LINK, "/", lambda page: f"/history?page={page}", lambda id_: f"/history/{id_}")
TODAY = day(STARTED_TS)
WEIGHT_MOST = 120_000


class Reader(HTMLParser):
    """Collects the elements and texts of a document, and complains about what is not closed."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(document)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def names(self) -> set[str]:
        return {name for name, _ in self.elements}


def row(
    days_ago: int = 0, *, ascent_m: float = 100.0, simulated: bool = False, id_: str = "a", name: str = "Hill"
) -> SessionRow:
    return SessionRow(
        id=id_, machine_id="treadmill", name=name, started_ts=STARTED_TS - days_ago * 86400.0, simulated=simulated,
        ended="finished", elapsed_s=600.0, distance_m=1000.0, ascent_m=ascent_m, hr_mean_bpm=140.0,
        hr_highest_bpm=160.0,
    )  # fmt: skip


def shown(rows: list[SessionRow], briefs: dict[str, Brief] | None = None, page: int = 1) -> Reader:
    return Reader(overview(rows, briefs or {}, PLACES, today=TODAY, page=page))


@pytest.mark.parametrize("id_", IDS)
def test_a_report_of_every_kind_of_session_stands_alone(kept: Kept, id_: str) -> None:
    document = report(record_of(kept, id_))
    read = Reader(document)
    assert read.names().isdisjoint({"script", "link", "img", "iframe", "object"})
    attributes = {name for _, found in read.elements for name in found}
    assert attributes.isdisjoint({"style", "src", "onload", "onclick", "href"})
    assert "url(" not in document and "@import" not in document
    assert len(document) < WEIGHT_MOST


def test_a_report_shows_plan_and_done_climbs_zones_and_what_happened(kept: Kept) -> None:
    text = " ".join(Reader(report(record_of(kept, "climb"))).texts)
    for words in ("Plan and done", "Climbs", "Time in zones", "Most ascent", "Decoupling", "What happened", "VAM"):
        assert words in text
    assert all(step.name in text for step in HILL.steps)


def test_a_report_of_a_session_without_a_heart_says_so(kept: Kept) -> None:
    document = report(record_of(kept, "heartless"))
    assert "No heart rate was recorded." in document
    assert 'class="chart-heart"' not in document
    assert 'class="chart-incline"' in document


def test_a_session_that_was_cut_off_says_so_and_names_steps_not_reached(kept: Kept) -> None:
    text = " ".join(Reader(report(record_of(kept, "cut-off"))).texts)
    assert "cut off" in text
    assert "not reached" in text


def test_hostile_names_stay_text(kept: Kept) -> None:
    record = record_of(kept, "hostile")
    steps = [step | {"name": HOSTILE, "say": HOSTILE} for step in record.plan["steps"]]
    read = Reader(report(replace(record, plan=record.plan | {"steps": steps})))
    assert "script" not in read.names()
    assert sum("<script>alert('x')</script>" in text for text in read.texts) >= 3


def test_the_served_report_links_its_style_and_has_none_inside(kept: Kept) -> None:
    read = Reader(report(record_of(kept, "climb"), head=STYLE_LINK))
    assert "style" not in read.names()
    assert ("link", {"rel": "stylesheet", "href": "/diary.css"}) in read.elements


def test_the_diary_has_the_pages_colours() -> None:
    page = (STYLE.parents[1] / "web/static/page.css").read_text()

    def colours(style: str) -> list[dict[str, str]]:
        blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
        return [dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in blocks]

    own, theirs = colours(STYLE.read_text()), colours(page)
    assert len(own) == 3  # dark, light, and paper, which is light on white
    for mine, other in zip(own, theirs, strict=False):
        assert len(mine) > 10
        assert mine.items() <= other.items()


def test_a_curve_has_a_gap_where_nothing_is_known() -> None:
    trace = moments(part(5, hr_bpm=120.0), part(5, hr_bpm=None), part(5, hr_bpm=130.0))
    drawn = chart.profile(trace, figures_of(trace, ATHLETE, {}))
    (heart,) = re.findall(r'class="chart-heart" d="([^"]+)"', drawn)
    assert heart.count("M") == 2


def test_a_long_session_is_thinned_and_keeps_its_end() -> None:
    trace = moments(part(7200))
    few = chart.thin(trace)
    assert len(few) <= chart.POINTS_MAX + 1
    assert few[-1] == trace[-1]


@given(
    some.lists(some.tuples(some.integers(1, 30), some.none() | some.floats(-5, 40), some.none() | some.floats(30, 250)))
)
def test_whatever_was_recorded_is_drawn_inside_the_picture(parts: list[tuple[int, float | None, float | None]]) -> None:
    trace = moments(*(part(seconds, incline_pct=pct, hr_bpm=bpm) for seconds, pct, bpm in parts))
    drawn = chart.profile(trace, figures_of(trace, ATHLETE, {}))
    for d in re.findall(r' d="([^"]+)"', drawn):
        for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", d):
            assert -0.1 <= float(x) <= chart.WIDTH + 0.1
            assert -0.1 <= float(y) <= chart.HEIGHT + 0.1


@given(some.text(), some.text())
def test_any_text_in_an_element_or_attribute_comes_out_as_it_went_in(text: str, attribute: str) -> None:
    text, attribute = (one.replace("\r", "").replace("\x00", "") for one in (text, attribute))
    read = Reader(tag("p", text, title=attribute))
    assert "".join(read.texts) == text
    assert read.elements == [("p", {"title": attribute})]


def test_markup_goes_in_as_it_is_and_is_made_only_by_saying_so() -> None:
    assert tag("p", Markup("<b>"), "<b>") == "<p><b>&lt;b&gt;</p>"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.0, "0:00"), (59.6, "1:00"), (3599.6, "1:00:00"), (7265.0, "2:01:05"), (None, None)]
)
def test_times_are_said_as_on_a_clock(seconds: float | None, said: str | None) -> None:
    assert clock(seconds) == said


# -- the overview


def test_a_week_begins_on_monday_and_sums_its_sessions() -> None:
    monday = TODAY - timedelta(days=TODAY.weekday())
    ago = (TODAY - monday).days
    rows = [row(0, ascent_m=100.0), row(ago, ascent_m=50.0), row(ago + 1, ascent_m=7.0)]
    *_, last, this = weeks(rows, TODAY)
    assert (this.monday, this.sessions, this.ascent_m, this.elapsed_s) == (monday, 2, 150.0, 1200.0)
    assert (last.sessions, last.ascent_m) == (1, 7.0)


def test_weeks_without_a_session_are_there_with_zeros() -> None:
    found = weeks([row(21)], TODAY)
    assert len(found) == 26
    assert [week.sessions for week in found[-4:]] == [1, 0, 0, 0]
    assert all(b.monday - a.monday == timedelta(days=7) for a, b in pairwise(found))


def test_simulated_sessions_count_only_among_themselves() -> None:
    mixed = weeks([row(ascent_m=10.0), row(ascent_m=500.0, simulated=True)], TODAY)
    assert mixed[-1].ascent_m == 10.0
    assert weeks([row(ascent_m=500.0, simulated=True)], TODAY)[-1].ascent_m == 500.0


def test_the_best_of_all_sessions_leads_to_its_report() -> None:
    briefs = {
        id_: Brief(None, (best, None, None), 0.0, None, None) for id_, best in (("a", 90.0), ("b", 120.0), ("c", 70.0))
    }
    read = shown([row(id_=id_) for id_ in briefs], briefs)
    assert "120 m" in read.texts
    assert [found["href"] for name, found in read.elements if name == "a"].count("/history/b") == 2


def test_the_latest_hearts_that_can_tell_are_told() -> None:
    briefs = {"a": Brief(None, (None,) * 3, 5.0, 31.0, 4.25), "b": Brief(None, (None,) * 3, 0.0, None, None)}
    texts = shown([row(id_="a"), row(id_="b")], briefs).texts
    assert "31 bpm" in texts and "4.2 %" in texts
    assert "Heart" not in shown([row(id_="b")], briefs).texts


def test_the_page_says_how_many_sessions_it_has_not_looked_at_yet() -> None:
    assert any(text.startswith("2 older sessions") for text in shown([row(id_="a"), row(id_="b")]).texts)


def test_an_empty_diary_says_what_will_come() -> None:
    assert any(text.startswith("Nothing recorded yet.") for text in shown([]).texts)


def test_the_list_has_pages_and_no_page_is_beyond_them() -> None:
    rows = [row(index, id_=f"s{index}") for index in range(2 * ROWS_A_PAGE + 1)]
    reports = [
        sum((found.get("href") or "").startswith("/history/") for _, found in shown(rows, page=page).elements)
        for page in (1, 2, 3, 99, -5)
    ]
    assert reports == [ROWS_A_PAGE, ROWS_A_PAGE, 1, 1, ROWS_A_PAGE]


def test_a_name_and_a_reason_stay_text_in_lists_and_notices() -> None:
    assert "script" not in shown([row(name=HOSTILE)]).names()
    assert "script" not in Reader(notice(HOSTILE, PLACES)).names()


def test_the_overview_of_a_busy_year_is_light() -> None:
    rows = [
        row(index // 2, id_=f"s{index}", name="Sixty letters of a name for a session that is long enough")
        for index in range(700)
    ]
    briefs = {each.id: Brief((1.0,) * 6, (1.0, 2.0, 3.0), 0.0, 20.0, 3.0) for each in rows}
    document = overview(rows, briefs, PLACES, today=TODAY)
    assert len(document.encode()) + STYLE.stat().st_size < WEIGHT_MOST


def test_a_day_in_the_calendar_is_told_by_its_ascent() -> None:
    document = overview([row(3, ascent_m=250.0)], {}, PLACES, today=TODAY)
    on = date.fromordinal(TODAY.toordinal() - 3)
    assert f"{on:%a %d %b}: 250 m" in document
    assert document.count("day day-2") == 1
