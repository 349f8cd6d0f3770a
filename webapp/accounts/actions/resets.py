"""Lost passwords: one-time links, asked for by mail, made by an owner, or printed for whoever runs the server."""

from __future__ import annotations

from datetime import timedelta

from axes.utils import reset as unlock
from django.db import transaction
from django.utils import timezone

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actions import links
from webapp.accounts.actions.members import locked, member_of, still_owner
from webapp.accounts.actions.people import set_password
from webapp.accounts.actions.tokens import end_tokens
from webapp.accounts.actor import Actor
from webapp.accounts.digests import digest, new_secret
from webapp.accounts.guesses import NAME
from webapp.accounts.models import Membership, ResetLink, Role, User

MAIL_TERM, HANDED_TERM = timedelta(hours=1), timedelta(hours=24)
MAILS_AN_HOUR = 3
GONE = "This link has been used, has ended, or was replaced. Ask for a new one."


def why_not(owner: User, person: User) -> str:
    """Why this owner may make no reset link for that person; empty when they may. Whoever has the link can do all the person can."""
    if person.is_superuser:
        return f"{person} runs this server; only its command line makes them a reset link."
    owned = Membership.objects.filter(user=owner, role=Role.OWNER).values("team")
    places = Membership.objects.filter(user=person)
    if not places.filter(team__in=owned).exists():
        return f"{person} is in no team that you own."
    if places.exclude(team__in=owned).exists():
        return f"{person} is also in a team that you do not own, whose data the link would open. Whoever runs this server can make one."
    return ""


def new_link(person: User, made_by: User | None, term: timedelta) -> str:
    """The secret of a new link for that person."""
    plain = new_secret()
    ResetLink.objects.create(user=person, made_by=made_by, digest=digest(plain), expires_at=timezone.now() + term)
    return plain


@transaction.atomic
def make_reset_link(actor: Actor, name: str) -> tuple[User, str]:
    """A link that an owner hands to a member. ConfigError with the reason where another team's data would be opened by it."""
    locked(actor.team)  # a role that changes meanwhile ends what was made before it: nothing may be made after
    still_owner(actor)
    person = member_of(actor.team, name).user
    if why := why_not(actor.user, person):
        raise ConfigError({"user": why})
    audit.record(actor, "password.link", person)
    return person, new_link(person, actor.user, HANDED_TERM)


@transaction.atomic
def mailed_reset_link(person: User) -> str | None:
    """A link to mail; None when this person was sent enough of them within the hour."""
    recent = ResetLink.objects.filter(user=person, made_by=None, created_at__gt=timezone.now() - timedelta(hours=1))
    return None if recent.count() >= MAILS_AN_HOUR else new_link(person, None, MAIL_TERM)


def unsent(code: str) -> None:
    """The mail with that link did not go out: it neither works nor counts."""
    ResetLink.objects.filter(digest=digest(code), used_at=None).delete()


@transaction.atomic
def printed_reset_link(person: User) -> str:
    """A link for whoever runs the server."""
    audit.record_server(person, "password.link", person)
    return new_link(person, None, HANDED_TERM)


def open_reset_link(code: str) -> ResetLink | None:
    """The link of that secret while it can be used: not past its term, and its maker may still make it."""
    link = links.find(ResetLink, code)
    if link is None or links.why_closed(link) or not link.user.is_active:
        return None
    return None if link.made_by is not None and why_not(link.made_by, link.user) else link


@transaction.atomic
def reset_password(code: str, password: str) -> User:
    """Sets the password by a link, once; every session, token and other link of the person ends. ConfigError when it cannot be."""
    link = open_reset_link(code)
    if link is None or not links.use(link):
        raise ConfigError({"code": GONE})
    set_password(link.user, password)  # a weak one gives the link back with the transaction
    tokens = end_tokens(link.user)  # whoever had the account may have made one
    unlock(username=link.user.username)  # whoever mistyped the old one too often may use the new one at once
    NAME.forget(link.user.username)
    audit.record_for(link.user, "link", "password.reset", link.user, tokens=tokens)
    return link.user
