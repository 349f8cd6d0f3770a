"""Lost passwords: asking for a link, and using one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from classifier.spec.errors import ConfigError
from webapp.accounts import actions, limits, mail
from webapp.accounts.address import client_network
from webapp.accounts.forms import LostForm, ResetForm

ASKED = limits.Limit("lost", 10, 3600)  # from one address


@never_cache
@require_http_methods(["GET", "POST"])
def lost(request: HttpRequest) -> HttpResponse:
    """With mail set up: sends a link, and says the same whether there is such an account or not. Without: says who can help."""
    form = LostForm(request.POST or None)
    if not mail.resets() or request.method != "POST" or not form.is_valid():
        return render(request, "accounts/lost.html", {"form": form, "mail": mail.resets()}, status=422 if form.errors else 200)
    if wait := ASKED.take(client_network(request)):
        return limits.too_many(request, wait)
    base = request.build_absolute_uri("/")[:-1]
    mail.send_later(mail.lost_password, form.cleaned_data["who"].strip(), lambda plain: base + reverse("accounts:reset", args=[plain]))
    return render(request, "accounts/lost.html", {"sent": True, "mail": True})


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@limits.code_page
def reset(request: HttpRequest, code: str) -> HttpResponse:
    """Sets a new password by a one-time link."""
    link = actions.open_reset_link(code)
    if link is None:
        return render(request, "accounts/reset_closed.html", status=404)
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reset_password(code, form.cleaned_data["password"])
        except ConfigError as error:
            form.refuse(error)
        else:
            messages.success(request, "Your new password is set, and your tokens have ended. Sign in with it.")
            return redirect("accounts:login")
    return render(request, "accounts/reset.html", {"form": form, "person": link.user}, status=422 if form.errors else 200)
