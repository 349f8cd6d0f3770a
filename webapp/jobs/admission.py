"""Who may open a socket: a session with our own Origin, or a ticket."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from webapp.accounts.actions import ticket_actor, use_ticket
from webapp.accounts.actor import Actor, cookie_actor
from webapp.accounts.choosing import HEADER
from webapp.accounts.models import User
from webapp.core.ids import is_id
from webapp.jobs.models import Job

Scope_ = dict[str, Any]  # ASGI's


def header(scope: Scope_, name: bytes) -> str:
    """A request header's text, empty where it is missing."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def is_own_origin(scope: Scope_) -> bool:
    """Whether the page that opens the socket is ours: a foreign page's script would bring the user's cookie along."""
    origin, host = urlsplit(header(scope, b"origin")), header(scope, b"host")
    domain, _ = split_domain_port(host.lower())
    hosts = settings.ALLOWED_HOSTS or (["localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    return origin.scheme in ("http", "https") and origin.netloc.lower() == host.lower() and bool(domain) and validate_host(domain, hosts)


def asked(scope: Scope_, name: str) -> str:
    """A value of the address's query, empty where it is missing."""
    values: dict[str, list[str]] = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return values.get(name, [""])[0]


async def admit(scope: Scope_, *, tickets: bool = True) -> Actor | None:
    """The actor who opens the socket, or None."""
    ticket = asked(scope, "ticket")
    admitted: Actor | None = await database_sync_to_async(by_ticket if ticket else by_session)(scope, ticket if tickets else "")
    return admitted


def by_ticket(scope: Scope_, ticket: str) -> Actor | None:
    """Whoever was given the ticket; it is used up."""
    return use_ticket(ticket) if ticket else None


def by_session(scope: Scope_, _ticket: str = "") -> Actor | None:
    """The signed-in person, when the page is ours."""
    return session_person(scope) if is_own_origin(scope) else None


def session_person(scope: Scope_) -> Actor | None:
    """The signed-in person of the cookie's session, as the database has it now, in the team of the page that asks."""
    cookies = parse_cookie(header(scope, b"cookie"))
    return cookie_actor(cookies, asked(scope, "team") or header(scope, HEADER.lower().encode()))


async def still(scope: Scope_, actor: Actor) -> Actor | None:
    """The same actor with the rights of now; None once signed out, switched off, out of the team or with a revoked token."""
    now: Actor | None = await database_sync_to_async(read_again)(scope, actor)
    return now if now is not None and (now.team, now.user) == (actor.team, actor.user) else None


def read_again(scope: Scope_, actor: Actor) -> Actor | None:
    """The actor, from the rows: through the session, or for a ticket through its user, team and token."""
    if actor.via == "session":
        return session_person(scope)
    user = User.objects.filter(pk=actor.user.pk).first()
    return None if user is None else ticket_actor(user, actor.team.pk, actor.token_id)


def job_for(actor: Actor, job_id: str) -> Job | None:
    """The team's job; None for another team's, one of what lies in the trash, and one that does not exist."""
    job = Job.objects.filter(pk=job_id, team=actor.team).first() if is_id(job_id) else None
    return None if job is None or job.in_trash else job
