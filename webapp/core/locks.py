"""Small secrets that must be read again, kept so that the database alone opens none: Fernet under keys made of SECRET_KEY.

Key = HKDF-SHA256(SECRET_KEY, purpose). Each thing has a purpose of its own, so that what is kept for one opens for no other. What
an older SECRET_KEY locked is read as long as that stands in SECRET_KEY_FALLBACKS; `manage.py relock` locks it with the new one.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32


class Lost(Exception):
    """No key that is left opens it."""


def lock(purpose: str, text: str) -> str:
    """The text as it may lie in the database."""
    return box(purpose).encrypt(text.encode()).decode()


def unlock(purpose: str, locked: str) -> str:
    """The text again; raises Lost for another purpose, or where its SECRET_KEY is gone."""
    try:
        return box(purpose).decrypt(locked.encode()).decode()
    except InvalidToken:
        raise Lost from None


def relock(purpose: str, locked: str) -> str:
    """The same under the SECRET_KEY of now; raises Lost."""
    try:
        return box(purpose).rotate(locked.encode()).decode()
    except InvalidToken:
        raise Lost from None


def box(purpose: str) -> MultiFernet:
    """Locks with the first key, opens with any."""
    return MultiFernet([Fernet(derived(key, purpose)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def derived(secret: str, purpose: str) -> bytes:
    """A key for that purpose alone."""
    made = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"synset {purpose}".encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(made)
