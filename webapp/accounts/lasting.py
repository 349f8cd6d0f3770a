"""Whether somebody still may what they began: long answers ask again while they are sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from webapp.accounts.actions import ticket_actor
from webapp.accounts.actor import Actor, acting
from webapp.accounts.choosing import place_in
from webapp.accounts.models import User

ASK_BYTES = 8 << 20  # after so much, or
ASK_SECONDS = 5.0  # after so long, it is asked again


class Withdrawn(Exception):
    """Who takes an answer may not have the rest of it: the connection ends in the middle, so that nobody takes it for whole."""


def role_now(actor: Actor, session_key: str | None) -> Actor | None:
    """The actor as the rows have them now; None once signed out, switched off, out of the team, or with a token that ended."""
    if actor.via == "session":
        return by_session(actor, session_key) if session_key else None
    user = User.objects.filter(pk=actor.user.pk).first()
    return None if user is None else ticket_actor(user, actor.team.pk, actor.token_id)


def by_session(actor: Actor, session_key: str) -> Actor | None:
    """As `role_now`, through the session of the browser."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not isinstance(user, User) or user.pk != actor.user.pk:
        return None
    return acting(user, place_in(user, actor.team.pk))


def while_true(holds: Callable[[], bool], parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts, for as long as it holds; Withdrawn once it does not."""
    sent, asked_at = 0, time.monotonic()
    for part in parts:
        yield part
        sent += len(part)
        if sent >= ASK_BYTES or time.monotonic() - asked_at >= ASK_SECONDS:
            if not holds():
                raise Withdrawn("the right to read it has ended")
            sent, asked_at = 0, time.monotonic()
