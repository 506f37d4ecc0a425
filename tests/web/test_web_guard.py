"""Who may ask what of the page: hosts, origins, headers, the policy table."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ARMED, IDLE, Answer, StageRemote
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as some

from pitrainer.web.app import create_app
from pitrainer.web.guard import POLICY, Access, is_own_host

OURS = {"X-Pitrainer": "1"}


def test_every_route_stands_in_the_policy_table_and_nothing_else_does(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(POLICY)


def test_only_acts_take_a_post_and_acts_take_nothing_else(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"OPTIONS", "HEAD"}
        assert methods == ({"POST"} if POLICY[rule.endpoint] is Access.ACT else {"GET"}), rule.endpoint


def test_a_route_that_nobody_put_in_the_table_is_refused(remote: StageRemote) -> None:
    app = create_app(remote, sessions=list)
    app.add_url_rule("/new", "new", lambda: "secret")
    assert app.test_client().get("/new").status_code == 403


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8080", "192.168.1.20:8080", "[fe80::1]:8080", "10.0.0.1", "pi.local", "PI.LOCAL:80"],
)
def test_own_names_and_addresses_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "local", "localhost.evil.example", "pi.local.evil.example",
     "pi.local@evil", "192.168.1.20.evil.example", "[::1", "localhost:port", "", " "],
)  # fmt: skip
def test_a_name_that_others_can_point_at_us_is_refused(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_a_configured_host_is_answered(remote: StageRemote) -> None:
    client = create_app(remote, sessions=list, allowed_hosts=("Treadmill.Home",)).test_client()
    assert client.get("/healthz", headers={"Host": "treadmill.home:8080"}).status_code == 200


@given(some.text(max_size=60))
def test_any_host_text_gets_a_yes_or_a_no(host: str) -> None:
    assert is_own_host(host, ()) in (True, False)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Pitrainer": "0"},
        OURS | {"Origin": "http://evil.example"},
        OURS | {"Origin": "null"},
        OURS | {"Origin": "http://localhost:9999"},
        OURS | {"Sec-Fetch-Site": "cross-site"},
        OURS | {"Sec-Fetch-Site": "same-site"},
        OURS | {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("path", ["/api/cmd/arm", "/api/cmd/stop", "/api/sim/strap_off"])
def test_a_foreign_page_moves_nothing(
    client: FlaskClient, remote: StageRemote, path: str, headers: dict[str, str]
) -> None:
    remote.show(IDLE)
    assert client.post(path, json={}, headers=headers).status_code == 403
    assert (remote.sent, remote.sims) == ([], [])


def test_our_own_page_is_heard_behind_a_proxy_that_does_tls(client: FlaskClient, remote: StageRemote) -> None:
    headers = OURS | {"Origin": "https://pi.local", "Host": "pi.local", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/cmd/arm", json={}, headers=headers).json == {"ok": True, "reason": ""}
    assert remote.sent == [("arm", {})]


@pytest.mark.parametrize("path", ["/api/state", "/api/stream", "/api/history", "/api/plan", "/api/sessions"])
def test_a_foreign_page_reads_nothing(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_link_from_elsewhere_opens_the_page(client: FlaskClient) -> None:
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/state", "/nowhere", "/static/main.js"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers


def test_the_page_has_no_inline_script_or_style(client: FlaskClient) -> None:
    html = client.get("/").text
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    assert html.count("<script") == html.count('<script type="module" src=')


def test_the_whole_page_weighs_less_than_120_kb(app: Flask, client: FlaskClient) -> None:
    """Everything there is, icons included, in the language that weighs most."""
    assert app.static_folder is not None
    folder = Path(app.static_folder)
    tables = [path.stat().st_size for path in (folder / "lang").iterdir()]
    rest = [path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.parent.name != "lang"]
    assert len(client.get("/").data) + sum(rest) + max(tables) < 120_000


def test_a_stop_with_a_spoilt_body_is_a_stop(client: FlaskClient, remote: StageRemote) -> None:
    answer = client.post("/api/cmd/stop", data=b"\xff{" * 9000, headers=OURS)
    assert answer.status_code == 200
    assert remote.sent == [("stop", {})]


@pytest.mark.parametrize(
    ("cmd", "body"),
    [
        ("nudge", {"incline_pct": "12"}),
        ("nudge", {"incline_pct": True}),
        ("nudge", {"incline_pct": float("nan")}),
        ("nudge", {}),
        ("nudge", {"incline": 3}),
        ("nudge", [1]),
        ("arm", {"now": True}),
        ("load", {"session": 3}),
        ("load", {"session": "x" * 300}),
        ("load", {"session": "a\nb"}),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused_with_words(
    client: FlaskClient, remote: StageRemote, cmd: str, body: object
) -> None:
    answer = client.post(f"/api/cmd/{cmd}", json=body, headers=OURS)
    assert answer.status_code == 400
    assert answer.json["reason"].startswith("Not understood")  # type: ignore[index]
    assert remote.sent == []


def test_an_unknown_command_names_those_that_exist(client: FlaskClient, remote: StageRemote) -> None:
    answer = client.post("/api/cmd/faster", json={}, headers=OURS)
    assert answer.status_code == 404
    assert "nudge" in answer.text
    assert remote.sent == []


def test_a_refusal_of_the_controller_comes_through_in_its_words(client: FlaskClient, remote: StageRemote) -> None:
    remote.answer = Answer(False, "The strap is missing.")
    answer = client.post("/api/cmd/arm", json={}, headers=OURS)
    assert answer.json == {"ok": False, "reason": "The strap is missing."}


def test_no_answer_is_a_504_that_says_what_to_do(client: FlaskClient, remote: StageRemote) -> None:
    remote.answer = None
    answer = client.post("/api/cmd/stop", headers=OURS)
    assert answer.status_code == 504
    assert "treadmill's own STOP" in answer.text


def test_real_hardware_cannot_be_played_with(client: FlaskClient, remote: StageRemote) -> None:
    remote.show(ARMED, simulated=False)
    assert client.post("/api/sim/console_start", json={}, headers=OURS).status_code == 403
    assert remote.sims == []


def test_the_simulated_strap_can_be_pulled(client: FlaskClient, remote: StageRemote) -> None:
    remote.show(IDLE)
    assert client.post("/api/sim/strap_off", json={}, headers=OURS).status_code == 200
    assert client.post("/api/sim/explode", json={}, headers=OURS).status_code == 404
    assert remote.sims == ["strap_off"]


def test_a_state_comes_with_its_age_and_without_one_seq_is_null(client: FlaskClient, remote: StageRemote) -> None:
    before = client.get("/api/state").get_json()
    assert (before["seq"], before["age_s"], before["connected"]) == (None, None, True)
    remote.show(IDLE)
    remote.age_s = 2.5
    after = client.get("/api/state").get_json()
    assert (after["seq"], after["age_s"], after["phase"]) == (1, 2.5, "idle")
