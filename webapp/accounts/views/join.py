"""An invitation, for whoever opens its link: a stranger makes an account, somebody with one joins with it."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from classifier.spec.errors import ConfigError
from webapp.accounts import actions
from webapp.accounts.actions import links
from webapp.accounts.actions.invitations import CLOSED
from webapp.accounts.choosing import choose
from webapp.accounts.forms import JoinForm
from webapp.accounts.limits import code_page
from webapp.accounts.models import Invitation, Membership, User
from webapp.accounts.views.login import BACKEND

NOT_FOUND, GONE = 404, 410


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@code_page
def invite(request: HttpRequest, code: str) -> HttpResponse:
    """Says to which team, and joins it."""
    invitation = links.find(Invitation, code)
    why = links.why_closed(invitation)
    if invitation is None or why:
        return closed(request, why)
    if request.user.is_authenticated:
        return known(request, code, invitation)
    return stranger(request, code, invitation)


def closed(request: HttpRequest, why: str) -> HttpResponse:
    """Why the invitation cannot be used."""
    return render(request, "accounts/invite_closed.html", {"why": CLOSED[why]}, status=NOT_FOUND if why == "unknown" else GONE)


def known(request: HttpRequest, code: str, invitation: Invitation) -> HttpResponse:
    """Joins with the account that is signed in."""
    user = cast(User, request.user)
    page = {"invitation": invitation, "already": Membership.objects.filter(user=user, team=invitation.team).exists()}
    if request.method != "POST":
        return render(request, "accounts/invite_known.html", page)
    try:
        actions.join(code, user)
    except ConfigError as error:
        return render(request, "accounts/invite_known.html", {**page, "refusal": " ".join(error.fields.values())}, status=409)
    return joined(request, invitation)


def stranger(request: HttpRequest, code: str, invitation: Invitation) -> HttpResponse:
    """Makes an account and joins with it."""
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.join_as_new(code, **form.cleaned_data)
        except ConfigError as error:
            form.refuse(error)
        else:
            auth.login(request, user, BACKEND)
            return joined(request, invitation)
    return render(request, "accounts/invite.html", {"invitation": invitation, "form": form}, status=422 if form.errors else 200)


def joined(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Home, in the new team."""
    messages.success(request, f"You are {invitation.role} of {invitation.team}.")
    return choose(redirect(settings.LOGIN_REDIRECT_URL), invitation.team)
