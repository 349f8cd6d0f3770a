"""One's own account: teams, password, mail address, browsers and tokens."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from classifier.spec.errors import ConfigError
from webapp.accounts import actions, queries
from webapp.accounts.choosing import choose
from webapp.accounts.forms import EmailForm, PasswordForm, SentenceForm, TeamForm, TokenForm
from webapp.accounts.guesses import TooMany, is_current
from webapp.accounts.limits import told
from webapp.accounts.models import Membership, Role, Token, User
from webapp.core.returning import own_page

NOT_CURRENT = "This is not your current password."


def person(request: HttpRequest) -> User:
    """Who is signed in, behind login_required."""
    return cast(User, request.user)


def team_id(request: HttpRequest) -> str | None:
    """The team one works in just now."""
    actor = getattr(request, "actor", None)
    return actor.team.pk if actor else None


def account_page(request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
    """One's own account, with whichever form was just sent."""
    user = person(request)
    places = list(Membership.objects.filter(user=user).select_related("team").order_by("id"))
    page = {
        "memberships": places,
        "may_make_teams": any(place.role == Role.OWNER for place in places),
        "tokens": queries.tokens_of(user),
        "sessions": queries.sessions_of(user, request.session.session_key),
        "password_form": PasswordForm(),
        "revoke_tokens": True,
        "email_form": EmailForm(initial={"email": user.email}),
        "team_form": TeamForm(),
        "token_form": TokenForm(user, team_id(request)),
        **context,
    }
    return render(request, "accounts/account.html", page, status=status)


def check_current(user: User, form: SentenceForm) -> None:
    """Raises ConfigError unless the form's current password is the person's, TooMany after too many that were not."""
    if not is_current(user, form.cleaned_data["current"]):
        raise ConfigError({"current": NOT_CURRENT})


def held_off(request: HttpRequest, much: TooMany, form: SentenceForm, **context: Any) -> HttpResponse:
    """The page with the sentence at the form's current password; 429."""
    form.add_error("current", str(much))
    return told(account_page(request, 429, **context), much.seconds)


@never_cache
@login_required
@require_http_methods(["GET"])
def account(request: HttpRequest) -> HttpResponse:
    """Teams, password, browsers and tokens of one's own."""
    return account_page(request)


@never_cache
@sensitive_post_parameters()
@login_required
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password; this browser stays signed in, the others do not."""
    form, user, with_tokens = PasswordForm(request.POST), person(request), request.POST.get("tokens") == "on"
    if form.is_valid():
        try:
            check_current(user, form)
            actions.change_password(user, form.cleaned_data["password"], request.session.session_key, with_tokens=with_tokens)
        except ConfigError as error:
            form.refuse(error)
        except TooMany as much:
            return held_off(request, much, form, password_form=form, revoke_tokens=with_tokens)
        else:
            auth.update_session_auth_hash(request, user)
            messages.success(request, f"Your password is changed{', and your tokens have ended' if with_tokens else ''}.")
            return redirect("accounts:account")
    return account_page(request, 422, password_form=form, revoke_tokens=with_tokens)


@never_cache
@sensitive_post_parameters()
@login_required
@require_POST
def change_email(request: HttpRequest) -> HttpResponse:
    """Another mail address, or none."""
    form, user = EmailForm(request.POST), person(request)
    if form.is_valid():
        try:
            check_current(user, form)
            actions.set_email(user, form.cleaned_data["email"])
        except ConfigError as error:
            form.refuse(error)
        except TooMany as much:
            return held_off(request, much, form, email_form=form)
        else:
            messages.success(request, "Your mail address is saved." if user.email else "Your mail address is removed.")
            return redirect("accounts:account")
    return account_page(request, 422, email_form=form)


@login_required
@require_POST
def end_session(request: HttpRequest, handle: str) -> HttpResponse:
    """Signs another browser of one's own out."""
    if not actions.end_session(person(request), handle):
        raise Http404("There is no such session of yours.")
    messages.success(request, "That browser is signed out.")
    return redirect("accounts:account")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Signs out everywhere else."""
    actions.end_other_sessions(person(request), request.session.session_key or "")
    messages.success(request, "Every other browser is signed out.")
    return redirect("accounts:account")


@never_cache
@login_required
@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """A token, shown in this answer and never again."""
    form = TokenForm(person(request), team_id(request), request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        team = queries.team_of(person(request), asked.get("team") or team_id(request))
        try:
            plain = actions.create_token(person(request), asked["scope"], asked["days"], team=team, name=asked["name"])
        except ConfigError as error:
            form.refuse(error)
        else:
            return account_page(request, plain_token=plain)
    return account_page(request, 422, token_form=form)


@login_required
@require_POST
def revoke_token(request: HttpRequest, id: str) -> HttpResponse:
    """Ends a token of one's own."""
    token = get_object_or_404(Token.objects.select_related("team", "user"), pk=id, user=person(request))
    actions.revoke_token(token)
    messages.success(request, f"The token {token.name or token.pk} is revoked.")
    return redirect("accounts:account")


@login_required
@require_POST
def new_team(request: HttpRequest) -> HttpResponse:
    """Another team, of which one is the owner; one works in it from now on."""
    form = TeamForm(request.POST)
    if form.is_valid():
        try:
            team = actions.create_team(person(request), form.cleaned_data["team"])
        except ConfigError as error:
            form.refuse(error)
        else:
            messages.success(request, f"The team {team} is made. Invite its members here.")
            return choose(redirect("accounts:team"), team)
    return account_page(request, 422, team_form=form)


@login_required
@require_POST
def switch_team(request: HttpRequest) -> HttpResponse:
    """Works in another of one's teams, at `next` where a page of ours is named."""
    team = queries.team_of(person(request), request.POST.get("team"))
    if team is None:
        raise Http404("You are in no team of this id.")
    return choose(redirect(own_page(request, request.POST.get("next", ""), settings.LOGIN_REDIRECT_URL)), team)


@login_required
@require_POST
def leave_team(request: HttpRequest, id: str) -> HttpResponse:
    """Ends one's own membership."""
    try:
        team, _ = actions.leave_team(person(request), id)
    except ConfigError as error:
        return account_page(request, 422, leave_refusal=" ".join(error.fields.values()))
    messages.success(request, f"You have left {team}. Your tokens for it and the links you shared its reports with have ended.")
    return redirect("accounts:account")
