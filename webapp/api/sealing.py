"""Answers that show something once, kept so that the caller's token alone opens them: the database has that token as a hash.

sealed = salt ":" Fernet token, under the key HMAC-SHA256(token, purpose ‖ salt). The token is random, so it needs no slow hash.
"""

from __future__ import annotations

import base64
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from django.http import HttpRequest

PURPOSE = "synset idempotent answer "
SALT_BYTES = 16


def bearer(request: HttpRequest) -> str:
    """The token of the Authorization header, or nothing."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def box(token: str, salt: str) -> Fernet:
    """What this token opens and no other."""
    return Fernet(base64.urlsafe_b64encode(hmac.digest(token.encode(), (PURPOSE + salt).encode(), "sha256")))


def seal(token: str, body: bytes) -> str:
    """The body as it may lie in the database."""
    salt = secrets.token_hex(SALT_BYTES)
    return f"{salt}:{box(token, salt).encrypt(body).decode()}"


def unseal(token: str, sealed: str) -> bytes | None:
    """The body; None for another token than it was sealed with."""
    salt, _, hidden = sealed.partition(":")
    try:
        return box(token, salt).decrypt(hidden.encode())
    except InvalidToken:
        return None
