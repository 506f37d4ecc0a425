"""The page's routes: one HTML document, the live stream, four readings, and three ways to ask for something.

Knows the controller only through `link.Remote`. Nothing here decides anything: a press is handed on and its answer
handed back, in at most `ANSWER_S`. Every route stands in `guard.POLICY`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from pitrainer import sessions as session_files
from pitrainer.core.athlete import Athlete
from pitrainer.model import Verb
from pitrainer.web import checking, commands, diary, guard, library, texts
from pitrainer.web.link import HISTORY_COLUMNS, Remote, newest
from pitrainer.web.stream import Streams

ANSWER_S = 1.0
"""A command without an answer in this time is answered 504, and the page says to use the treadmill's STOP."""
BODY_MAX = 4096
CHECK_BODY_MAX = 6 * checking.LARGEST_B + 1000
"""JSON may need six bytes for one of the text, which `checking` counts."""
HISTORY_ROWS = 240
"""A page that opens late gets the trace so far in about as many points as a phone can show."""
STREAMS = "pitrainer_streams"
"""Where `app.extensions` keeps the open streams, so that whoever serves can end them."""


def create_app(
    remote: Remote,
    *,
    session_directories: Sequence[Path] = (),
    allowed_hosts: Collection[str] = (),
    athlete: Athlete | None = None,
    sessions: Callable[[], Sequence[Mapping[str, Any]]] | None = None,
    journal: Path | None = None,
    check: checking.Check | None = None,
) -> Flask:
    """The WSGI app. `sessions` gives the rows of /api/sessions; by default they come from the directories.
    `journal` is what the training diary reads; `check` judges a session file for this machine and its owner."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX
    app.extensions[STREAMS] = Streams(remote)
    guard.install(app, allowed_hosts)
    _add_readings(app, remote, sessions or library.Library(session_directories, athlete))
    _add_acts(app, remote)
    _add_check(app, check or partial(session_files.check, athlete=athlete))
    diary.add(app, journal)
    return app


def _add_readings(app: Flask, remote: Remote, sessions: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
    streams: Streams = app.extensions[STREAMS]

    words = texts.tables()
    languages = [(code, table["name"]) for code, table in words.items()]

    @app.get("/")
    def page() -> str:
        language = texts.language(request, words)
        return render_template("page.html", t=words[language], language=language, languages=languages)

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(ok=True, connected=remote.connected, status=remote.status(), age_s=remote.state_age_s())

    @app.get("/api/stream")
    def stream() -> Response:
        return streams.open()

    @app.get("/api/state")
    def state() -> Response:
        return jsonify(newest(remote))

    @app.get("/api/plan")
    def plan() -> Response:
        return jsonify(remote.plan())

    @app.get("/api/history")
    def history() -> Response:
        rows = remote.history()
        every = -(-len(rows) // HISTORY_ROWS) or 1
        few = [list(row) for at, row in enumerate(rows) if at % every == 0 or at == len(rows) - 1]
        return jsonify(v=1, columns=HISTORY_COLUMNS, rows=few)

    @app.get("/api/sessions")
    def session_list() -> Response:
        return jsonify(v=1, sessions=list(sessions()))


def _add_acts(app: Flask, remote: Remote) -> None:
    @app.post("/api/cmd/<cmd>")
    def command(cmd: str) -> Response:
        if cmd not in set(Verb):
            return guard.refuse(404, f"There is no command {cmd!r}; allowed: {', '.join(Verb)}.")
        try:
            fields = {} if cmd == Verb.STOP else commands.fields(cmd, request.get_json(silent=True))
        except commands.CommandError as error:
            return guard.refuse(400, f"Not understood: {error}.")
        ack = remote.send(cmd, timeout_s=ANSWER_S, **fields)
        if ack is None:
            return guard.refuse(504, "No answer from the controller. If the belt moves, use the treadmill's own STOP.")
        return jsonify(ok=ack.ok, reason=ack.reason)

    @app.post("/api/sim/<do>")
    def simulate(do: str) -> Response:
        if not (remote.state() or {}).get("simulated"):
            return guard.refuse(403, "Only simulated hardware can be played with.")
        if do not in commands.SIMULATED:
            return guard.refuse(404, f"There is no {do!r}; allowed: {', '.join(commands.SIMULATED)}.")
        remote.send_sim(do)
        return jsonify(ok=True, reason="")


def _add_check(app: Flask, check: checking.Check) -> None:
    @app.post("/api/check")
    def check_session() -> Response:
        request.max_content_length = CHECK_BODY_MAX
        try:
            found = checking.problems(request.get_json(silent=True), check)
        except RequestEntityTooLarge:
            return guard.refuse(413, f"A session file has at most {checking.LARGEST_B // 1000} kB.")
        except checking.CheckError as error:
            return guard.refuse(400, f"Not understood: {error}.")
        return jsonify(ok=True, reason="", problems=found)
