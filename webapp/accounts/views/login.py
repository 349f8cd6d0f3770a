"""Signing in and out, and the first account."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from classifier.spec.errors import ConfigError
from webapp.accounts import actions, audit, guesses, known, lockout
from webapp.accounts.forms import LoginForm, OwnerForm
from webapp.accounts.limits import code_page
from webapp.accounts.models import User
from webapp.core.returning import own_page

WRONG = "No account has this name and password. Check both; capitals count in the password."
BACKEND = "django.contrib.auth.backends.ModelBackend"  # of those who sign in without a password: a new account's first time


def onward(request: HttpRequest) -> HttpResponseRedirect:
    """To where one wanted to go, when that is an address of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return redirect(own_page(request, wanted, settings.LOGIN_REDIRECT_URL))


def sign_in(request: HttpRequest, form: LoginForm) -> User | None:
    """Signs in with the form's name and password. Raises TooMany; or django-axes answers in place of the view."""
    attempt = guesses.SignIn(request, form.cleaned_data["name"])
    attempt.begin()
    user = auth.authenticate(request, username=attempt.name, password=form.cleaned_data["password"])
    attempt.end(signed_in=user is not None)
    if user is None:
        form.add_error("password", WRONG)
        return None
    auth.login(request, user)
    audit.record_for(user, "session", "session.start", user)
    return user


def entered(request: HttpRequest, form: LoginForm) -> HttpResponse | None:
    """The way on for who has signed in, or the refusal of who has to wait; nothing for who may correct the form."""
    try:
        user = sign_in(request, form)
    except guesses.TooMany as much:
        return lockout.refusal(request, str(much), much.seconds)
    if user is None:
        return None
    answer = onward(request)
    known.remember(answer, user)
    return answer


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Name and password."""
    if request.user.is_authenticated:
        return onward(request)
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (answer := entered(request, form)):
        return answer
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", ""), "nobody": not User.objects.exists()}
    return render(request, "accounts/login.html", context, status=422 if form.errors else 200)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    if request.user.is_authenticated:
        audit.record_for(request.user, "session", "session.end", request.user)
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@code_page
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
            auth.login(request, user, BACKEND)
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/setup.html", {"form": form}, status=422 if form.errors else 200)
