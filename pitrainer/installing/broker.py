"""Mosquitto's accounts: a secret of 32 random bytes for each, and the line of the password file that knows its hash.

Mosquitto 2 writes `name:$7$ITERATIONS$SALT$HASH`: PBKDF2 with SHA-512, 12 bytes of salt, 64 of hash, base64. The hash
is made here and not by mosquitto_passwd, so that no secret ever stands on a command line. Its few iterations are
Mosquitto's own; they guard words that people choose, and nobody guesses 32 random bytes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

ACCOUNTS = ("controller", "web")
"""Those that pitrainer itself uses; config/mosquitto/pitrainer.acl has more, for others."""
ITERATIONS = 101
SALT_B, HASH_B, SECRET_B = 12, 64, 32


def new_secret() -> str:
    """One line of 43 characters."""
    return secrets.token_urlsafe(SECRET_B) + "\n"


def with_account(file: str, name: str, secret: str) -> str:
    """The password file with this account, every other line as it was. Unchanged where it knows the secret already."""
    lines = file.splitlines()
    kept = [line for line in lines if line.partition(":")[0] != name]
    if len(kept) == len(lines) - 1 and any(knows(line, name, secret) for line in lines):
        return file
    return "\n".join([*kept, f"{name}:{_hashed(secret.strip(), secrets.token_bytes(SALT_B), ITERATIONS)}"]) + "\n"


def knows(line: str, name: str, secret: str) -> bool:
    """Is this the line of that account with that secret?"""
    user, _, hashed = line.partition(":")
    try:
        _, kind, iterations, salt, _ = hashed.split("$")
        again = _hashed(secret.strip(), base64.b64decode(salt), int(iterations))
    except ValueError:
        return False
    return user == name and kind == "7" and hmac.compare_digest(hashed, again)


def _hashed(secret: str, salt: bytes, iterations: int) -> str:
    digest = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, iterations, HASH_B)
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
