"""Signing in and out, the first account, and one's own account."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from classifier.spec.errors import ConfigError
from webapp.accounts import actions, throttle
from webapp.accounts.forms import LoginForm, OwnerForm, PasswordForm, TokenForm
from webapp.accounts.models import Membership, Token, User

TOO_MANY = "Too many tries with this name. Wait a minute, then try again."
WRONG = "No account has this name and password. Check both; capitals count in the password."


def onward(request: HttpRequest) -> HttpResponseRedirect:
    """To where one wanted to go, when that is an address of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted if ours else settings.LOGIN_REDIRECT_URL)


def sign_in(request: HttpRequest, form: LoginForm) -> str | None:
    """Signs in, or says why not."""
    name, address = form.cleaned_data["name"], request.META.get("REMOTE_ADDR", "")
    if not throttle.try_again(name, address):
        return TOO_MANY
    user = auth.authenticate(request, username=name, password=form.cleaned_data["password"])
    if user is None:
        return WRONG
    throttle.forget(name, address)
    auth.login(request, user)
    return None


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Name and password."""
    if request.user.is_authenticated:
        return onward(request)
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        refusal = sign_in(request, form)
        if refusal is None:
            return onward(request)
        form.add_error("password", refusal)
    nobody = not User.objects.exists()
    return render(
        request,
        "accounts/login.html",
        {"form": form, "next": request.GET.get("next", ""), "nobody": nobody},
        status=422 if form.errors else 200,
    )


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, code: str) -> HttpResponse:
    """Makes the owner's account, once, for who reads the terminal."""
    if not actions.setup_open(code):
        return render(request, "accounts/setup_closed.html", status=404)
    form = OwnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.create_owner(code, **form.cleaned_data)
        except ConfigError as error:
            form.refuse(error)
        else:
            auth.login(request, user)
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/setup.html", {"form": form}, status=422 if form.errors else 200)


def person(request: HttpRequest) -> User:
    """Who is signed in, behind login_required."""
    return cast(User, request.user)


def account_page(request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
    """One's own account, with whichever form was just sent."""
    memberships = Membership.objects.filter(user=person(request)).select_related("team").order_by("id")
    tokens = Token.objects.filter(user=person(request), revoked_at=None).select_related("team").order_by("-id")
    page = {"memberships": memberships, "tokens": tokens, "password_form": PasswordForm(), "token_form": TokenForm(), **context}
    return render(request, "accounts/account.html", page, status=status)


@never_cache
@login_required
@require_http_methods(["GET"])
def account(request: HttpRequest) -> HttpResponse:
    """Teams, password and tokens of one's own."""
    return account_page(request)


@never_cache
@sensitive_post_parameters()
@login_required
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password; this browser stays signed in, the others do not."""
    form, user = PasswordForm(request.POST), person(request)
    if form.is_valid():
        try:
            if not user.check_password(form.cleaned_data["current"]):
                raise ConfigError({"current": "This is not your current password."})
            actions.set_password(user, form.cleaned_data["password"])
        except ConfigError as error:
            form.refuse(error)
        else:
            auth.update_session_auth_hash(request, user)
            messages.success(request, "Your password is changed.")
            return redirect("accounts:account")
    return account_page(request, 422, password_form=form)


@never_cache
@login_required
@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """A token, shown in this answer and never again."""
    form, actor = TokenForm(request.POST), getattr(request, "actor", None)
    if form.is_valid():
        try:
            asked = form.cleaned_data
            plain = actions.create_token(
                person(request), asked["scope"], asked["days"], team=actor.team if actor else None, name=asked["name"]
            )
        except ConfigError as error:
            form.refuse(error)
        else:
            return account_page(request, plain_token=plain)
    return account_page(request, 422, token_form=form)


@login_required
@require_POST
def revoke_token(request: HttpRequest, id: str) -> HttpResponse:
    """Ends a token of one's own."""
    token = get_object_or_404(Token, pk=id, user=person(request))
    actions.revoke_token(token)
    messages.success(request, f"The token {token.name or token.pk} is revoked.")
    return redirect("accounts:account")
