"""Each form that makes something carries a key of its own: the same form sent twice makes one thing.

Whoever goes back in the browser finds the same key in the form; what they change in it makes another thing all the same, for the
key that counts is one of the form's content too.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError

FIELD = "key"
LENGTH = 64  # characters of what is kept
LONGEST = 200  # of what a form may send
Made = TypeVar("Made")


def new_key() -> str:
    """For a form that is about to be shown."""
    return secrets.token_urlsafe(24)


def kept_key(sent: str, *content: Any) -> str | None:
    """What tells this form with this content (JSON values) from any other; None for a form without a key."""
    if not sent:
        return None
    return hashlib.sha256(json.dumps([sent[:LONGEST], *content]).encode()).hexdigest()[:LENGTH]


def once(before: Callable[[], Made | None], make: Callable[[], Made]) -> Made:
    """What the same form has made already, as `before` finds it; else what `make` makes now.

    Of two clicks at once the slower one meets the row of the quicker (IntegrityError), and gives that.
    """
    if first := before():
        return first
    try:
        return make()
    except IntegrityError:
        if first := before():
            return first
        raise
