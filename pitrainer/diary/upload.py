"""Sending a session to intervals.icu with the owner's personal key.

One request: POST /api/v1/athlete/{id}/activities, multipart with the FIT file, HTTP Basic with the user `API_KEY` and
the key as password; athlete 0 is whoever owns the key (intervals.icu forum, topic 609). `external_id` lets a second
upload of one session be known as the same. The key comes from a file that only its owner may read, is sent over TLS
only (but to this machine itself), and follows no redirect.
"""

from __future__ import annotations

import base64
import json
import secrets
import stat
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlencode, urlsplit

SERVICE = "https://intervals.icu"
TIMEOUT_S = 30.0
ANSWER_MOST = 65536
OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


class UploadError(Exception):
    """Not uploaded, or nobody knows whether; the text says why and what to do."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """None: the answer itself becomes an error, and the key goes nowhere else."""


def read_key(file: Path) -> str:
    """The key in a file that nobody else can read. Raises UploadError."""
    try:
        mode = file.stat().st_mode
        key = file.read_text().strip()
    except (OSError, ValueError) as error:
        raise UploadError(
            f"{file}: no key: {getattr(error, 'strerror', None) or error}. Copy your API key from the"
            " foot of the settings page at intervals.icu into this file."
        ) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UploadError(f"{file}: others on this machine can read the key. Do: chmod 600 {file}")
    if not key or not key.isascii() or not key.isprintable() or ":" in key or " " in key:
        raise UploadError(f"{file}: must hold the API key and nothing else, on one line.")
    return key


def upload(content: bytes, *, name: str, external_id: str, key: str, athlete: str = "0", service: str = SERVICE) -> str:
    """Send a FIT file; returns the id that the service gave it, empty where it named none. Raises UploadError."""
    _require_privacy(service)
    query = urlencode({"external_id": external_id, "name": name})
    body, kind = multipart({"name": name}, "file", f"{external_id}.fit", content)
    request = urllib.request.Request(
        f"{service}/api/v1/athlete/{quote(athlete, safe='')}/activities?{query}",
        data=body,
        headers={
            "Content-Type": kind,
            "Authorization": "Basic " + base64.b64encode(f"API_KEY:{key}".encode()).decode(),
            "Accept": "application/json",
            "User-Agent": "pitrainer",
        },
    )
    return _id_in(_sent(request, service))


def multipart(fields: Mapping[str, str], file_field: str, file_name: str, content: bytes) -> tuple[bytes, str]:
    """A multipart/form-data body and its content type."""
    border = secrets.token_hex(16)
    parts = [(f'name="{field}"', value.encode()) for field, value in fields.items()]
    safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in file_name)
    parts.append((f'name="{file_field}"; filename="{safe}"\r\nContent-Type: application/octet-stream', content))
    body = b"".join(
        f"--{border}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + value + b"\r\n"
        for head, value in parts
    )
    return body + f"--{border}--\r\n".encode(), f"multipart/form-data; boundary={border}"


def _require_privacy(service: str) -> None:
    parts = urlsplit(service)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in OWN_MACHINE):
        raise UploadError(f"{service}: the key is sent over https only.")


def _sent(request: urllib.request.Request, service: str) -> bytes:
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            return bytes(answer.read(ANSWER_MOST))
    except urllib.error.HTTPError as error:
        with error:
            raise UploadError(_refusal(service, error.code, error.read(ANSWER_MOST))) from error
    except (OSError, HTTPException) as error:
        why = getattr(error, "reason", None) or error
        raise UploadError(
            f"{service}: no answer ({why}). Look there whether the session has arrived, and try again; a second"
            " upload is known as the same."
        ) from error


def _refusal(service: str, code: int, answer: bytes) -> str:
    if code in (401, 403):
        return f"{service}: refused the key ({code}). Make a new one at the foot of the settings page there."
    if 300 <= code < 400:
        return f"{service}: pointed elsewhere ({code}), and a key is sent nowhere else. Is pitrainer up to date?"
    if code == 429:
        return f"{service}: too many requests ({code}). Try again in some minutes."
    said = " ".join(answer.decode(errors="replace").split())[:200]
    return f"{service}: answered {code}: {said or 'nothing'}. The session stays here; try again later."


def _id_in(answer: bytes) -> str:
    """The new activity's id, from {"id": ...} or {"activities": [{"id": ...}]}."""
    try:
        said = json.loads(answer)
        found = said.get("id") or (said.get("activities") or [{}])[0].get("id")
    except (ValueError, AttributeError, IndexError, TypeError):
        return ""
    return "" if found is None else str(found)
