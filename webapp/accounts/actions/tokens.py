"""Tokens for programs, and the tickets that open sockets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actor import Actor, actor_in
from webapp.accounts.digests import digest, new_secret
from webapp.accounts.models import Membership, Scope, Team, Ticket, Token, User
from webapp.core.notes import note
from webapp.core.texts import one_line

TICKET_SECONDS = 60
USE_NOTED_SECONDS = 60  # a token's last use is written at most this often


@transaction.atomic
def create_token(
    user: User, scope: str, days: int | None, team: Team | None = None, name: str = "", via: Literal["session", "command"] = "session"
) -> str:
    """The plain text of a new token, which nobody can read again. `days` None: it does not expire."""
    if scope not in Scope.values:
        raise ConfigError({"scope": f"Expected one of {', '.join(Scope.values)}; {scope!r} came."})
    if days is not None and not 1 <= days <= 3650:
        raise ConfigError({"days": f"Expected 1 to 3650 days; {days} came."})
    places = Membership.objects.filter(user=user, **({"team": team} if team else {})).select_related("team").order_by("id")
    membership = places.select_for_update(of=("self",)).first()  # who is being removed just now gets none
    if membership is None:
        raise ConfigError({"user": f"{user.username} is in no team{f' called {team}' if team else ''}; a token belongs to one."})
    plain = f"synset_{new_secret()}"  # known by its start, and never taken for an option
    expires = None if days is None else timezone.now() + timedelta(days=days)
    named = one_line(name)[:80]
    token = Token.objects.create(user=user, team=membership.team, name=named, scope=scope, digest=digest(plain), expires_at=expires)
    who = None if via == "command" else user
    audit.write(membership.team, who, via, "token.create", token, name=token.name, scope=scope, owner=user.username)
    return plain


@transaction.atomic
def revoke_token(token: Token) -> None:
    """Ends a token; again is no error."""
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        audit.write(token.team, token.user, "session", "token.revoke", token, name=token.name)


def end_tokens(user: User, **which: Any) -> int:
    """Ends those of the person that are not revoked, of every team unless `which` bounds them; how many of them still lived."""
    now = timezone.now()
    rows = Token.objects.filter(user=user, revoked_at=None, **which)
    living = rows.filter(Q(expires_at=None) | Q(expires_at__gt=now)).update(revoked_at=now)
    rows.update(revoked_at=now)
    return living


def living_tokens() -> QuerySet[Token]:
    """Tokens that are neither revoked nor expired, of people whose account is on."""
    return Token.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None, user__is_active=True)


def token_user(plain: str) -> Token | None:
    """The living token of that text, with user and team, and its use noted; None when there is none."""
    now = timezone.now()
    token = living_tokens().filter(digest=digest(plain)).select_related("user", "team").first()
    if token and (token.last_used_at is None or now - token.last_used_at > timedelta(seconds=USE_NOTED_SECONDS)):
        note(lambda: Token.objects.filter(pk=token.pk).update(last_used_at=now))
    return token


def token_actor(plain: str) -> Actor | None:
    """Who acts with that token: never with more than its owner's role today."""
    token = token_user(plain)
    return actor_in(token.user, token.team_id, scope=Scope(token.scope), via="token", token_id=token.pk) if token else None


def issue_ticket(actor: Actor) -> str:
    """The plain text that opens one socket within a minute; old ones are swept by the way."""
    now = timezone.now()
    Ticket.objects.filter(expires_at__lt=now).delete()
    plain = new_secret()
    expires = now + timedelta(seconds=TICKET_SECONDS)
    Ticket.objects.create(digest=digest(plain), user=actor.user, team=actor.team, token_id=actor.token_id, expires_at=expires)
    return plain


def use_ticket(plain: str) -> Actor | None:
    """Who it was issued to, once: of several at the same moment the one whose delete counts wins."""
    ticket = Ticket.objects.select_related("user").filter(digest=digest(plain), expires_at__gt=timezone.now()).first()
    if ticket is None or not Ticket.objects.filter(pk=ticket.pk).delete()[0]:
        return None
    return ticket_actor(ticket.user, ticket.team_id, ticket.token_id)


def ticket_actor(user: User, team_id: str, token_id: str | None) -> Actor | None:
    """Who a ticket lets in, and for how long: while its user is in the team and the token it was asked for with lives."""
    if token_id is not None and not living_tokens().filter(pk=token_id).exists():
        return None
    return actor_in(user, team_id, scope=Scope.READ, via="ticket", token_id=token_id)
