"""The team: its members and their roles, its invitations, its name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import ConfigError
from webapp.accounts import actions, mail, queries
from webapp.accounts.actor import Request
from webapp.accounts.forms import InviteForm, TeamForm
from webapp.accounts.models import Role
from webapp.accounts.permissions import allowed
from webapp.core.words import plural


def team_page(request: Request, status: int = 200, **context: Any) -> HttpResponse:
    """The team's page, with whichever form was just sent."""
    team = request.actor.team
    page = {
        "team": team,
        "members": queries.members_of(request.actor),
        "invitations": queries.open_invitations(team),
        "roles": Role.values,
        "invite_form": InviteForm(mail=settings.MAIL),
        "team_form": TeamForm(initial={"team": team.name}),
        **context,
    }
    return render(request, "accounts/team.html", page, status=status)


def refused(request: Request, error: ConfigError) -> HttpResponse:
    """The page with the reason on top."""
    return team_page(request, 422, refusal=" ".join(error.fields.values()))


def and_ended(ended: dict[str, int]) -> str:
    """What ended with a role, as a sentence more; nothing where nothing did."""
    return "".join(f" {plural(count, thing)} made by them ended." for thing, count in ended.items())


@never_cache
@require_safe
@allowed("team.edit")
def team(request: Request) -> HttpResponse:
    """Members with their roles, open invitations, and the team's name."""
    return team_page(request)


@never_cache
@require_POST
@allowed("team.edit")
def invite(request: Request) -> HttpResponse:
    """A new invitation, whose link is shown in this answer and never again."""
    form = InviteForm(request.POST, mail=settings.MAIL)
    if form.is_valid():
        try:
            invitation, plain = actions.invite(request.actor, **form.cleaned_data)
        except ConfigError as error:
            form.refuse(error)
        else:
            link = request.build_absolute_uri(reverse("accounts:invite", args=[plain]))
            mailed = bool(invitation.email) and mail.send_later(mail.invitation, invitation, link)
            return team_page(request, invite_link=link, invitation=invitation, mailed=mailed)
    return team_page(request, 422, invite_form=form)


@require_POST
@allowed("team.edit")
def revoke_invitation(request: Request, id: str) -> HttpResponse:
    """Ends an open invitation."""
    if actions.revoke_invitation(request.actor, id):
        messages.success(request, "The invitation is revoked.")
    else:
        messages.warning(request, "The invitation had been used or had ended before.")
    return redirect("accounts:team")


@require_POST
@allowed("team.edit")
def change_role(request: Request, name: str) -> HttpResponse:
    """Another role for a member."""
    try:
        membership, ended = actions.change_role(request.actor, name, request.POST.get("role", ""))
    except ConfigError as error:
        return refused(request, error)
    messages.success(request, f"{membership.user} is now {membership.role} of {membership.team}.{and_ended(ended)}")
    return redirect("accounts:account" if membership.user == request.actor.user else "accounts:team")


@require_POST
@allowed("team.edit")
def remove_member(request: Request, name: str) -> HttpResponse:
    """Takes somebody out of the team."""
    try:
        user, ended = actions.remove_member(request.actor, name)
    except ConfigError as error:
        return refused(request, error)
    messages.success(request, f"{user} is no longer in the team.{and_ended(ended)}")
    return redirect("accounts:account" if user == request.actor.user else "accounts:team")


@never_cache
@require_POST
@allowed("team.edit")
def reset_link(request: Request, name: str) -> HttpResponse:
    """A one-time link with which a member sets a new password, shown in this answer and never again."""
    try:
        person, plain = actions.make_reset_link(request.actor, name)
    except ConfigError as error:
        return refused(request, error)
    link = request.build_absolute_uri(reverse("accounts:reset", args=[plain]))
    return team_page(request, reset_link=link, reset_person=person)


@require_POST
@allowed("team.edit")
def rename(request: Request) -> HttpResponse:
    """Another name for the team."""
    form = TeamForm(request.POST)
    if form.is_valid():
        try:
            actions.rename_team(request.actor, form.cleaned_data["team"])
        except ConfigError as error:
            form.refuse(error)
        else:
            messages.success(request, "The team has its new name.")
            return redirect("accounts:team")
    request.actor.team.refresh_from_db()
    return team_page(request, 422, team_form=form)
