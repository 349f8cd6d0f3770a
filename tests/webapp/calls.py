"""How tests of pages and of the API ask."""

from __future__ import annotations

from typing import Any

from django.test import Client

from webapp.accounts import actions as accounts
from webapp.accounts.models import User

PART = {"HX-Request": "true"}  # as htmx asks for a part of a page


def called(client: Client, user: User, method: str, path: str, **sent: Any) -> Any:
    """An answer of the API to somebody's token."""
    token = accounts.create_token(user, "write", None)
    return getattr(client, method)(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, **sent)
