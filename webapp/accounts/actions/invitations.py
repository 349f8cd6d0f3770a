"""Invitations: an owner makes a link, and whoever opens it first joins."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actions import links
from webapp.accounts.actions.members import locked, still_owner
from webapp.accounts.actions.people import clean_email, create_person
from webapp.accounts.actor import Actor
from webapp.accounts.digests import digest, new_secret
from webapp.accounts.models import Invitation, Membership, Role, User
from webapp.core.ids import is_id

MOST_DAYS = 30
CLOSED = {
    "used": "This invitation has been used.",
    "revoked": "This invitation was revoked.",
    "expired": "This invitation has ended.",
    "unknown": "There is no such invitation.",
}
ALREADY = "You are in this team already. The invitation stays open for somebody else."


def closed(why: str) -> ConfigError:
    """The refusal of an invitation that cannot be used any more."""
    return ConfigError({"code": f"{CLOSED[why]} Ask an owner of the team for a new one."})


@transaction.atomic
def invite(actor: Actor, role: str, days: int, email: str = "") -> tuple[Invitation, str]:
    """A new invitation and the secret of its link, which nobody can read again. ConfigError names each wrong field."""
    locked(actor.team)
    still_owner(actor)
    if role not in Role.values:
        raise ConfigError({"role": f"Expected one of {', '.join(Role.values)}; {role!r} came."})
    if not 1 <= days <= MOST_DAYS:
        raise ConfigError({"days": f"Expected 1 to {MOST_DAYS} days; {days} came."})
    plain = new_secret()
    invitation = Invitation.objects.create(
        team=actor.team,
        role=role,
        email=clean_email(email),
        digest=digest(plain),
        made_by=actor.user,
        expires_at=timezone.now() + timedelta(days=days),
    )
    audit.record(actor, "member.invite", invitation, role=role, days=days, email=invitation.email)
    return invitation, plain


@transaction.atomic
def revoke_invitation(actor: Actor, id: str) -> bool:
    """Ends an open invitation of the team; False when somebody used it a moment ago. Http404 when there is none."""
    actor.require("team.edit")
    invitation = Invitation.objects.filter(pk=id, team=actor.team).first() if is_id(id) else None
    if invitation is None:
        raise Http404("There is no invitation of this id.")
    if not links.revoke(invitation):
        return False
    audit.record(actor, "member.uninvite", invitation, role=invitation.role)
    return True


@transaction.atomic
def join(code: str, user: User) -> Membership:
    """Puts the person into the invitation's team. ConfigError when it is closed, or when they are in the team already."""
    invitation = links.find(Invitation, code)
    if invitation is None or not user.is_active:
        raise closed("unknown")
    if Membership.objects.filter(user=user, team=invitation.team).exists():
        raise ConfigError({"code": ALREADY})
    if not links.use(invitation):
        raise closed(links.why_closed(links.find(Invitation, code)) or "used")
    try:
        with transaction.atomic():
            membership = Membership.objects.create(user=user, team=invitation.team, role=invitation.role)
    except IntegrityError:  # by another invitation, at the same moment; the outer transaction gives this one back
        raise ConfigError({"code": ALREADY}) from None
    audit.write(invitation.team, user, "link", "member.join", user, role=invitation.role)
    return membership


@transaction.atomic
def join_as_new(code: str, name: str, password: str, email: str = "") -> User:
    """Makes an account and puts it into the invitation's team, or does neither. ConfigError names each wrong field."""
    if why := links.why_closed(links.find(Invitation, code)):
        raise closed(why)
    user = create_person(name, password, email)
    join(code, user)
    return user
