"""Reads of accounts that pages need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from webapp.accounts.actions.resets import why_not
from webapp.accounts.actor import Actor
from webapp.accounts.agents import browser_words
from webapp.accounts.models import Invitation, Membership, Role, Session, Team, Token, User
from webapp.core.ids import is_id

SOON = timedelta(days=7)


@dataclass(frozen=True)
class ShownToken:
    """A token as its owner sees it; `word` and `tone` say when it ends soon or has ended."""

    token: Token
    word: str
    tone: str


@dataclass(frozen=True)
class ShownSession:
    """A browser as its user sees it."""

    handle: str
    words: str
    address: str
    signed_in_at: datetime | None
    seen_at: datetime | None
    current: bool


@dataclass(frozen=True)
class ShownMember:
    """A member as an owner sees them; `refusal` says why no reset link can be made."""

    membership: Membership
    seen_at: datetime | None
    me: bool
    refusal: str


def tokens_of(user: User) -> list[ShownToken]:
    """The person's tokens that are not revoked, newest first."""
    tokens = Token.objects.filter(user=user, revoked_at=None).select_related("team").order_by("-id")
    return [ShownToken(token, *term(token.expires_at)) for token in tokens]


def term(expires_at: datetime | None) -> tuple[str, str]:
    """The word for a term that ends soon or has ended, with its tone; nothing while there is time."""
    now = timezone.now()
    if expires_at is None or expires_at > now + SOON:
        return "", ""
    return ("expired", "bad") if expires_at <= now else ("ends soon", "warn")


def sessions_of(user: User, current: str | None) -> list[ShownSession]:
    """The person's living sessions, this one first, then the last used."""
    rows = Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at")
    shown = [
        ShownSession(row.handle, browser_words(row.agent), row.address, row.signed_in_at, row.seen_at, row.session_key == current)
        for row in rows
    ]
    return sorted(shown, key=lambda session: not session.current)


def team_of(user: User, id: str | None) -> Team | None:
    """The person's team of that id."""
    return Team.objects.filter(pk=id, memberships__user=user).first() if id and is_id(id) else None


def members_of(actor: Actor) -> list[ShownMember]:
    """The team's people, owners first, with what this owner may do for them."""
    rows = Membership.objects.filter(team=actor.team).select_related("user").annotate(seen_at=Max("user__sessions__seen_at"))
    order = {role: place for place, role in enumerate(Role.values)}
    people = sorted(rows, key=lambda row: (order[row.role], row.user.username.lower()))
    elsewhere = people_elsewhere(actor)
    return [
        ShownMember(row, row.seen_at, row.user == actor.user, why_not(actor.user, row.user) if row.user_id in elsewhere else "")
        for row in people
    ]


def people_elsewhere(actor: Actor) -> set[int]:
    """Members for whom this owner may make no reset link, found in one query."""
    owned = Membership.objects.filter(user=actor.user, role=Role.OWNER).values("team")
    beyond = Q(memberships__in=Membership.objects.exclude(team__in=owned)) | Q(is_superuser=True)
    return set(User.objects.filter(memberships__team=actor.team).filter(beyond).values_list("pk", flat=True))


def open_invitations(team: Team) -> QuerySet[Invitation]:
    """Those that somebody can still use, newest first."""
    rows = Invitation.objects.filter(team=team, used_at=None, revoked_at=None, expires_at__gt=timezone.now())
    return rows.select_related("made_by").order_by("-id")
