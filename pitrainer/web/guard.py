"""Who may ask what: one table of routes, deny by default, and the checks behind it.

The danger is not the neighbour's phone but the browser: a page from anywhere can make it talk to this one. A
foreign page can reach us under its own name (DNS rebinding), so `Host` must be localhost, an IP literal, `*.local`
or a configured name. It can post blindly, so whatever moves anything needs a header that only our own script can
set, and an `Origin` that is ours. Nothing here asks for a login: STOP never needs one, and starting takes a second
act beside the belt. Only navigating to the page itself is allowed from other sites, so that links to it work.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from enum import Enum
from urllib.parse import urlsplit

from flask import Flask, Request, Response, jsonify, request

HEADER = "X-Pitrainer"


class Access(Enum):
    """How a route may be reached."""

    OPEN = "open"
    """Reading, also by following a link from elsewhere."""
    READ = "read"
    """Reading, by our own page or by no page at all."""
    ACT = "act"
    """Changing something: our own page, with our own header."""


POLICY = {
    "page": Access.OPEN,
    "healthz": Access.OPEN,
    "static": Access.READ,
    "stream": Access.READ,
    "state": Access.READ,
    "plan": Access.READ,
    "history": Access.READ,
    "session_list": Access.READ,
    "diary_overview": Access.OPEN,
    "diary_report": Access.OPEN,
    "diary_export": Access.READ,
    "diary_style": Access.READ,
    "command": Access.ACT,
    "check_session": Access.ACT,
    "simulate": Access.ACT,
}
"""Every endpoint. One that is missing here is refused."""

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def install(app: Flask, allowed_hosts: Collection[str]) -> None:
    """Put the checks in front of every request, and the headers on every answer."""
    names = frozenset(name.lower() for name in allowed_hosts)

    @app.before_request
    def check() -> Response | None:
        fault = refusal(request, names)
        return None if fault is None else refuse(*fault)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.update(SECURITY_HEADERS)
        return response


def refuse(status: int, reason: str) -> Response:
    """An answer of the form that the page shows to people."""
    response = jsonify(ok=False, reason=reason)
    response.status_code = status
    return response


def refusal(asked: Request, names: Collection[str]) -> tuple[int, str] | None:
    """Why this request is refused, as (HTTP status, words), or None where it may go on."""
    if not is_own_host(asked.headers.get("Host", ""), names):
        return 400, "Unknown host name. Use the address of the Pi, its .local name, or add it to allowed_hosts."
    if asked.endpoint is None:
        return None  # Flask's own 404 or 405
    access = POLICY.get(asked.endpoint)
    if access is None:
        return 403, "This route is not in the policy table."
    if access is not Access.OPEN and not is_own_page(asked):
        return 403, "Refused: the request came from another site."
    if access is Access.ACT and asked.headers.get(HEADER) != "1":
        return 403, f"Refused: the header {HEADER}: 1 is missing."
    return None


def is_own_host(host: str, names: Collection[str]) -> bool:
    """Is `host` (a Host header: name or address, perhaps with a port) one that only we can have?"""
    name = host_name(host)
    if name is None:
        return False
    return name == "localhost" or name.endswith(".local") or name in names or is_address(name)


def host_name(host: str) -> str | None:
    """The name in a Host header, lower case, without port and brackets; None where it is malformed."""
    if not host or any(char in host for char in "/@?#\\ \t"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises where it is no port
    except ValueError:
        return None
    return parts.hostname


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_own_page(asked: Request) -> bool:
    """Neither `Sec-Fetch-Site` nor `Origin`, where the browser sends them, speaks of another site.

    Only the host of `Origin` is compared: behind a proxy that does TLS the scheme differs.
    """
    site = asked.headers.get("Sec-Fetch-Site", "none" if asked.method in ("GET", "HEAD") else "same-origin")
    if site not in ("same-origin", "none") or (site == "none" and asked.method not in ("GET", "HEAD")):
        return False
    origin = asked.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == asked.headers.get("Host", "").lower()
