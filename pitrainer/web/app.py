"""The page's routes: one HTML document, the live stream, four readings, and two ways to act.

Knows the controller only through `link.Remote`. Nothing here decides anything: a press is handed on and its answer
handed back, in at most `ANSWER_S`. Every route stands in `guard.POLICY`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, render_template, request

from pitrainer.core.athlete import Athlete
from pitrainer.model import Verb
from pitrainer.web import commands, diary, guard, library
from pitrainer.web.link import HISTORY_COLUMNS, Remote, newest
from pitrainer.web.stream import Streams

ANSWER_S = 1.0
"""A command without an answer in this time is answered 504, and the page says to use the treadmill's STOP."""
BODY_MAX = 4096
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
) -> Flask:
    """The WSGI app. `sessions` gives the rows of /api/sessions; by default they come from the directories.
    `journal` is what the training diary reads."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX
    app.extensions[STREAMS] = Streams(remote)
    guard.install(app, allowed_hosts)
    _add_readings(app, remote, sessions or library.Library(session_directories, athlete))
    _add_acts(app, remote)
    diary.add(app, journal)
    return app


def _add_readings(app: Flask, remote: Remote, sessions: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
    streams: Streams = app.extensions[STREAMS]

    @app.get("/")
    def page() -> str:
        return render_template("page.html")

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
        return jsonify(v=1, columns=HISTORY_COLUMNS, rows=[list(row) for row in remote.history()])

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
