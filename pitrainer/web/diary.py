"""The training diary's routes: the overview, one session's report, and its files to download.

Pages are made on the server and need no script, so the page's content policy holds as it is: the style is a route of
its own. The journal is only read, while the controller writes. A request spends at most `BRIEFS_S` on working out
what older sessions amount to; the overview says how many are left.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from threading import Lock, Thread
from typing import TypeAlias

from flask import Flask, Response, request, url_for

from pitrainer import history
from pitrainer.diary import overview, report
from pitrainer.diary.briefs import Brief, Briefs
from pitrainer.diary.fit import to_fit
from pitrainer.diary.markup import Markup, joined, tag
from pitrainer.diary.tcx import to_tcx
from pitrainer.history import HistoryError, SessionRow

BRIEFS_S = 0.3
SLICE_S = 0.2
"""At work for so long, then resting for so long."""
SESSIONS_MOST = 10_000


def _csv(journal: Path, session: str) -> bytes:
    out = io.StringIO()
    history.export_csv(journal, session, out)
    return out.getvalue().encode()


def _json(journal: Path, session: str) -> bytes:
    out = io.StringIO()
    history.export_json(journal, session, out)
    return out.getvalue().encode()


def _html(journal: Path, session: str) -> bytes:
    return report.report(history.read(journal, session, raw=False)).encode()


Form: TypeAlias = tuple[str, Callable[[Path, str], bytes]]
FORMS: dict[str, Form] = {
    "fit": ("application/vnd.ant.fit", lambda journal, session: to_fit(history.read(journal, session, raw=False))),
    "tcx": ("application/vnd.garmin.tcx+xml", lambda journal, id_: to_tcx(history.read(journal, id_, raw=False))),
    "csv": ("text/csv; charset=utf-8", _csv),
    "json": ("application/json", _json),
    "html": ("text/html; charset=utf-8", _html),
}
"""What can be downloaded: content type, and how it is made."""


def add(app: Flask, journal: Path | None) -> None:
    """Put the diary's routes into the app. Without a journal they say that there is none."""
    briefs = None if journal is None else Briefs(journal)
    behind = _Behind(briefs)

    @app.get("/history")
    def diary_overview() -> Response:
        places = _places()
        try:
            if journal is None or briefs is None or not journal.exists():
                return _page(overview.overview([], {}, places, today=date.today()))
            rows = history.sessions(journal, SESSIONS_MOST)
            known = briefs.of(rows, within_s=BRIEFS_S)
        except HistoryError as error:
            return _page(overview.notice(str(error), places), 503)
        behind.catch_up(rows, known)
        page = request.args.get("page", 1, type=int)
        return _page(overview.overview(rows, known, places, today=date.today(), page=page))

    @app.get("/history/<session>")
    def diary_report(session: str) -> Response:
        try:
            record = history.read(_there(journal), session, raw=False)
        except HistoryError as error:
            return _page(overview.notice(str(error), _places()), 404)
        links = _links(record.session.id)
        return _page(report.report(record, head=_head(), links=links))

    @app.get("/history/<session>/<form>")
    def diary_export(session: str, form: str) -> Response:
        if form not in FORMS:
            return _page(overview.notice(f"There is no {form!r}; there is: {', '.join(FORMS)}.", _places()), 404)
        kind, make = FORMS[form]
        try:
            content = make(_there(journal), session)
        except HistoryError as error:
            return _page(overview.notice(str(error), _places()), 404)
        answer = Response(content, content_type=kind)
        answer.headers.set("Content-Disposition", "attachment", filename=f"pitrainer-{_plain(session)}.{form}")
        return answer

    @app.get("/diary.css")
    def diary_style() -> Response:
        return Response(report.STYLE.read_bytes(), content_type="text/css; charset=utf-8")


class _Behind:
    """Works out, a little at a time, what the overview could not wait for: once a diary is old and new to this page."""

    def __init__(self, briefs: Briefs | None) -> None:
        self._briefs = briefs
        self._lock = Lock()
        self._thread: Thread | None = None

    def catch_up(self, rows: Sequence[SessionRow], known: Mapping[str, Brief]) -> None:
        """Go on in the background where finished sessions are missing and nobody is at it."""
        if self._briefs is None or all(row.id in known for row in rows if row.ended):
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work, args=(self._briefs, rows), name="diary", daemon=True)
                self._thread.start()

    def _work(self, briefs: Briefs, rows: Sequence[SessionRow]) -> None:
        finished = [row for row in rows if row.ended]
        with contextlib.suppress(HistoryError):  # the next request says it
            while len(briefs.of(finished, within_s=SLICE_S)) < len(finished):
                time.sleep(SLICE_S)


def _there(journal: Path | None) -> Path:
    if journal is None:
        raise HistoryError("There is no journal to read.")
    return journal


def _places() -> overview.Places:
    return overview.Places(
        head=_head(),
        home=url_for("page"),
        page=lambda number: url_for("diary_overview", page=number),
        report=lambda session: url_for("diary_report", session=session),
    )


def _head() -> Markup:
    return joined(
        tag("link", rel="stylesheet", href=url_for("diary_style")),
        tag("link", rel="icon", type="image/svg+xml", href=url_for("static", filename="icon.svg")),
    )


def _links(session: str) -> Markup:
    """Back to the overview, and the downloads."""
    back = tag("a", "‹ Training diary", href=url_for("diary_overview"))
    files = (
        tag("a", form.upper(), href=url_for("diary_export", session=session, form=form), download="") for form in FORMS
    )
    return tag("nav", back, *files, class_="links", aria_label="Diary and downloads")


def _page(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/html; charset=utf-8")


def _plain(session: str) -> str:
    """An id as a part of a file's name."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in session)
