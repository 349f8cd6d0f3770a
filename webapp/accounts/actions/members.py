"""Who is in a team, and as what. The team's row is locked while its members change, so that two owners cannot both go."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from classifier.spec.errors import ConfigError
from webapp.accounts import audit
from webapp.accounts.actions.people import clean_name
from webapp.accounts.actions.tokens import end_tokens, living_tokens
from webapp.accounts.actor import Actor
from webapp.accounts.hooks import as_details, end_what_hangs_on
from webapp.accounts.models import Invitation, Membership, ResetLink, Role, Team, User
from webapp.accounts.permissions import Forbidden, permitted
from webapp.core.ids import is_id
from webapp.core.texts import one_line

Ended = dict[str, int]  # what ended besides, by name in the singular


def locked(team: Team) -> Team:
    """The team, whose members nobody else changes until this transaction ends; things may still be added to it."""
    return Team.objects.select_for_update(no_key=True).get(pk=team.pk)


def still_owner(actor: Actor) -> None:
    """Raises Http404 unless the actor owns the team now: another owner may have changed that a moment ago. Call it under the lock."""
    actor.require("team.edit")
    if not Membership.objects.filter(user=actor.user, team=actor.team, role=Role.OWNER).exists():
        raise Http404("There is nothing here.")


def still_may(actor: Actor, verb: str) -> None:
    """Raises Forbidden unless the person may with the role of this moment, which nobody changes until this transaction ends.

    For what ends with that right: made a moment after it was lost, it would stay. And for what took long to arrive: by then a token too
    may have been revoked.
    """
    place = Membership.objects.select_for_update().filter(user=actor.user, team=actor.team).first()
    if place is None or not permitted(verb, Role(place.role), None):
        raise Forbidden("Your role in the team changed a moment ago, and that needs the one you had. Ask an owner of the team.")
    if actor.token_id is not None and not living_tokens().filter(pk=actor.token_id).exists():
        raise Forbidden("This token expired or was revoked a moment ago. Make a new one on the account page.")


def member_of(team: Team, name: str) -> Membership:
    """Somebody's place in the team; Http404 where they have none."""
    people = Membership.objects.filter(team=team, user__username=name).select_related("user", "team")
    membership = None if "\0" in name else people.first()
    if membership is None:
        raise Http404("There is nobody of this name in the team.")
    return membership


def keep_an_owner(going: Membership, what: str) -> None:
    """Raises ConfigError when the team would be left without an owner whose account is on. Call it under the lock."""
    others = Membership.objects.filter(team=going.team, role=Role.OWNER, user__is_active=True).exclude(pk=going.pk)
    if going.role == Role.OWNER and not others.exists():
        raise ConfigError({"role": f"{going.user} is the last owner of {going.team} and cannot {what}. Make somebody else an owner first."})


@transaction.atomic
def change_role(actor: Actor, name: str, role: str) -> tuple[Membership, Ended]:
    """Another role for a member, and what ended with the former. Raises ConfigError for an unknown role and for the last owner."""
    locked(actor.team)
    still_owner(actor)
    membership = member_of(actor.team, name)
    if role not in Role.values:
        raise ConfigError({"role": f"Expected one of {', '.join(Role.values)}; {role!r} came."})
    if role == membership.role:
        return membership, {}
    if role != Role.OWNER:
        keep_an_owner(membership, "get another role")
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    end_invitations(membership)
    end_reset_links(membership)
    ended = end_what_hangs_on(membership.user, membership.team, Role(before), Role(role))
    audit.record(actor, "member.role", membership.user, before=before, role=role, **as_details(ended))
    return membership, ended


@transaction.atomic
def remove_member(actor: Actor, name: str) -> tuple[User, Ended]:
    """Takes somebody out of the team; their tokens of it and what else hung on it end now, their sockets within a minute.

    Raises ConfigError for the last owner.
    """
    locked(actor.team)
    still_owner(actor)
    membership = member_of(actor.team, name)
    keep_an_owner(membership, "be removed")
    ended = drop(membership)
    audit.record(actor, "member.remove", membership.user, role=membership.role, **as_details(ended))
    return membership.user, ended


@transaction.atomic
def leave_team(user: User, team_id: str) -> tuple[Team, Ended]:
    """Ends one's own membership and what hung on it. Http404 when there is none, ConfigError for the last owner."""
    team = Team.objects.select_for_update(no_key=True).filter(pk=team_id).first() if is_id(team_id) else None
    if team is None:
        raise Http404("There is no team of this id.")
    membership = member_of(team, user.username)
    keep_an_owner(membership, "leave")
    ended = drop(membership)
    audit.write(team, user, "session", "member.leave", user, role=membership.role, **as_details(ended))
    return team, ended


def end_invitations(membership: Membership) -> None:
    """The open ones that its person made: who no longer owns the team must not come back by a link they kept."""
    Invitation.objects.filter(made_by=membership.user, team=membership.team, used_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )


def end_reset_links(membership: Membership) -> None:
    """The open ones between its person and others of the team, made by or for them: none comes back to life with a later role."""
    person, team = membership.user, membership.team
    between = Q(made_by=person, user__memberships__team=team) | Q(user=person, made_by__memberships__team=team)
    links = ResetLink.objects.filter(between, used_at=None, revoked_at=None).values("pk")
    ResetLink.objects.filter(pk__in=links).update(revoked_at=timezone.now())


def drop(membership: Membership) -> Ended:
    """The membership, and what its person could do the team's work with; that last, so that nothing is made in between."""
    Membership.objects.filter(pk=membership.pk).delete()
    end_invitations(membership)
    end_reset_links(membership)
    end_tokens(membership.user, team=membership.team)
    return end_what_hangs_on(membership.user, membership.team, Role(membership.role), None)


@transaction.atomic
def create_team(user: User, name: str) -> Team:
    """A new team that the person owns. ConfigError for a bad or taken name, and for those who own none yet."""
    if not Membership.objects.filter(user=user, role=Role.OWNER).exists():
        raise ConfigError({"team": "Only the owner of a team can make another one."})
    team = named(Team(), name)
    Membership.objects.create(user=user, team=team, role=Role.OWNER)
    audit.write(team, user, "session", "team.create", team)
    return team


@transaction.atomic
def rename_team(actor: Actor, name: str) -> Team:
    """Another name for the actor's team. ConfigError for a bad or taken one."""
    team = locked(actor.team)
    still_owner(actor)
    before = team.name
    named(team, name)
    if team.name != before:
        audit.record(actor, "team.rename", team, before=before)
    return team


def named(team: Team, name: str) -> Team:
    """The team, saved under that name. ConfigError when it is bad or taken."""
    team.name = clean_name("team", one_line(name), Team)
    taken = ConfigError({"team": f"There is already a team called {team.name}; choose another name."})
    if Team.objects.filter(name=team.name).exclude(pk=team.pk).exists():
        raise taken
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:  # somebody else was quicker
        raise taken from None
    return team
