"""How secrets of 256 random bits are made and kept: the plain text is shown once, its sha256 is stored (so many bits need no salt)."""

from __future__ import annotations

import hashlib
import secrets


def digest(secret: str) -> str:
    """What is stored of a secret of 256 random bits."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def new_secret() -> str:
    """256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)
