"""Where sessions are kept: Django's database store, with the person and the browser of each in columns of their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest
from django.utils import timezone

from webapp.accounts.address import client_address
from webapp.accounts.models import Session, User
from webapp.core.ids import new_id
from webapp.core.notes import note

ABOUT = "about"  # the session's key for what its row tells about the browser
SEEN_NOTED = timedelta(seconds=60)  # a session's last use is written at most this often
AGENT_LENGTH = 255


class SessionStore(DatabaseStore):
    """The store that SESSION_ENGINE names. A save writes the whole row, so the columns come from the session's data."""

    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        return described(cast(Session, super().create_model_instance(data)), data)

    async def acreate_model_instance(self, data: dict[str, Any]) -> Session:
        return described(cast(Session, await super().acreate_model_instance(data)), data)

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # the stubs lack it; load() calls it
        self.seen_at = row.seen_at if row else None
        return row


def described(row: Session, data: dict[str, Any]) -> Session:
    """The row with what its data tells of person and browser."""
    about = data.get(ABOUT, {})
    row.user_id, row.handle = data.get(SESSION_KEY), about.get("handle", "")
    row.address, row.agent = about.get("address", ""), about.get("agent", "")
    row.signed_in_at = datetime.fromisoformat(about["at"]) if about else None
    row.seen_at = timezone.now()
    return row


def describe(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    """On every sign-in: writes the browser down in the session, and by the way sweeps those that have ended by themselves."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    request.session[ABOUT] = {
        "handle": new_id(),
        "address": client_address(request),
        "agent": request.META.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH],
        "at": timezone.now().isoformat(),
    }


def note_seen(session: Any) -> None:
    """Writes down that the session was just used, unless that stands there from a moment ago."""
    seen_at: datetime | None = getattr(session, "seen_at", None)
    if seen_at is not None and timezone.now() - seen_at > SEEN_NOTED:
        note(lambda: Session.objects.filter(session_key=session.session_key).update(seen_at=timezone.now()))
