"""Answers that show something once, kept so that the caller's token alone opens them: the database has that token as a hash.

sealed = base64(salt ‖ mac ‖ body XOR stream), with key = HMAC-SHA256(token, purpose ‖ salt), stream = SHAKE-256(key) and
mac = HMAC-SHA256(key, what was XORed). The salt is drawn anew for each answer, so no stream serves twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from django.http import HttpRequest

PURPOSE = b"synset idempotent answer "
SALT_BYTES, MAC_BYTES = 16, 32


def bearer(request: HttpRequest) -> str:
    """The token of the Authorization header, or nothing."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def key_of(token: str, salt: bytes) -> bytes:
    """What the answer is sealed with."""
    return hmac.digest(token.encode(), PURPOSE + salt, "sha256")


def mixed(key: bytes, text: bytes) -> bytes:
    """The text XOR the key's stream; twice gives the text again."""
    stream = hashlib.shake_256(key).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, stream, strict=True))


def seal(token: str, body: bytes) -> str:
    """The body as it may lie in the database."""
    salt = secrets.token_bytes(SALT_BYTES)
    key = key_of(token, salt)
    hidden = mixed(key, body)
    return base64.b64encode(salt + hmac.digest(key, hidden, "sha256") + hidden).decode()


def unseal(token: str, sealed: str) -> bytes | None:
    """The body; None for another token than it was sealed with."""
    whole = base64.b64decode(sealed)
    salt, mac, hidden = whole[:SALT_BYTES], whole[SALT_BYTES : SALT_BYTES + MAC_BYTES], whole[SALT_BYTES + MAC_BYTES :]
    key = key_of(token, salt)
    return mixed(key, hidden) if hmac.compare_digest(mac, hmac.digest(key, hidden, "sha256")) else None
