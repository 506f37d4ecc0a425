"""Sending a session to intervals.icu, judged by a server that looks at the request."""

from __future__ import annotations

import base64
import email
import email.policy
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from diary_kit import HOSTILE

from pitrainer.diary.upload import UploadError, multipart, read_key, upload

KEY = "1a2b3c4d5e6f"
FIT = bytes(range(256)) * 4


@dataclass
class Asked:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    def parts(self) -> dict[str, tuple[str | None, bytes]]:
        """The multipart body by a parser that is not ours: name -> (file name, content)."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + self.body, policy=email.policy.HTTP)
        return {
            str(part.get_param("name", header="content-disposition")): (
                part.get_filename(),
                bytes(part.get_payload(decode=True)),
            )
            for part in message.iter_parts()
        }


@dataclass
class Service:
    """What the server answers, and what it was asked."""

    url: str = ""
    status: int = 200
    answer: bytes = b'{"id": "i42", "icu_athlete_id": "i7"}'
    extra: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[Service]:
    stage = Service()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            stage.asked.append(Asked(self.path, headers, body))
            self.send_response(stage.status)
            for name, value in {"Content-Length": str(len(stage.answer)), **stage.extra}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(stage.answer)

        def do_GET(self) -> None:
            """What a followed redirect would come to."""
            stage.asked.append(Asked(self.path, {}, b""))
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Answering)
    stage.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield stage
    server.shutdown()
    thread.join()
    server.server_close()


def send(service: Service, name: str = "Hill", athlete: str = "0") -> str:
    return upload(FIT, name=name, external_id="pitrainer-1", key=KEY, athlete=athlete, service=service.url)


def test_the_request_is_what_the_service_wants(service: Service) -> None:
    assert send(service, athlete="i7") == "i42"
    (asked,) = service.asked
    url = urlsplit(asked.path)
    assert url.path == "/api/v1/athlete/i7/activities"
    assert parse_qs(url.query) == {"external_id": ["pitrainer-1"], "name": ["Hill"]}
    assert base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")) == f"API_KEY:{KEY}".encode()
    assert asked.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert asked.parts() == {"name": (None, b"Hill"), "file": ("pitrainer-1.fit", FIT)}


def test_a_hostile_name_arrives_as_text_and_opens_no_part(service: Service) -> None:
    name = HOSTILE + '"\r\nContent-Disposition: form-data; name="file"\r\n\r\nx'
    send(service, name=name)
    (asked,) = service.asked
    assert set(asked.parts()) == {"name", "file"}
    assert asked.parts()["file"] == ("pitrainer-1.fit", FIT)
    assert parse_qs(urlsplit(asked.path).query)["name"] == [name]


def test_an_athlete_id_cannot_leave_its_place_in_the_path(service: Service) -> None:
    send(service, athlete="../0?x=1#")
    assert urlsplit(service.asked[0].path).path == "/api/v1/athlete/..%2F0%3Fx%3D1%23/activities"


@pytest.mark.parametrize(
    ("answer", "id_"),
    [(b'{"activities": [{"id": "i9"}]}', "i9"), (b'{"id": 12}', "12"), (b"{}", ""), (b"[]", ""), (b"fine", ""),
     (b"", "")],
)  # fmt: skip
def test_an_id_is_told_where_the_answer_names_one(service: Service, answer: bytes, id_: str) -> None:
    service.answer = answer
    assert send(service) == id_


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "refused the key"), (403, "refused the key"), (429, "too many requests"), (422, "answered 422: no"),
     (500, "answered 500: no"), (308, "pointed elsewhere")],
)  # fmt: skip
def test_a_refusal_is_said_with_what_to_do(service: Service, status: int, words: str) -> None:
    service.status, service.answer = status, b"no"
    with pytest.raises(UploadError, match=words) as caught:
        send(service)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_follows_no_redirect(service: Service, status: int) -> None:
    service.status, service.extra = status, {"Location": f"{service.url}/elsewhere"}
    with pytest.raises(UploadError, match="pointed elsewhere"):
        send(service)
    assert len(service.asked) == 1


def test_nobody_there_is_said(service: Service) -> None:
    with pytest.raises(UploadError, match="no answer"):
        upload(FIT, name="Hill", external_id="1", key=KEY, service="http://127.0.0.1:1")
    assert service.asked == []


@pytest.mark.parametrize(
    "url", ["http://intervals.icu", "http://127.0.0.1.example.org", "ftp://localhost", "localhost"]
)
def test_the_key_is_sent_over_tls_only(url: str) -> None:
    with pytest.raises(UploadError, match="over https only"):
        upload(FIT, name="Hill", external_id="1", key=KEY, service=url)


def test_a_key_is_read_from_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    file.chmod(0o600)
    assert read_key(file) == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key"
    file.write_text(KEY)
    file.chmod(mode)
    with pytest.raises(UploadError, match="chmod 600"):
        read_key(file)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"two words", b"API_KEY:abc", "schlüssel".encode(), b"a\x00b", b"\xff\xfe"]
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(UploadError, match="key"):
        read_key(file)


def test_a_missing_key_says_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(UploadError, match="foot of the settings page"):
        read_key(tmp_path / "none")


def test_a_files_name_is_made_plain() -> None:
    body, _ = multipart({}, "file", 'a"\r\nb/../c.fit', b"")
    assert b'filename="a___b_.._c.fit"' in body
