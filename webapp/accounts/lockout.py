"""What django-axes needs to know of this login: who asks, and what to answer those who have tried too often."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from webapp.accounts.address import client_address
from webapp.accounts.forms import LoginForm
from webapp.accounts.limits import told, waiting

HERE = "Too many wrong passwords for this name from here. Try again in {wait}."


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """The login page with the sentence that says when to try again; 429."""
    seconds = 60 * minutes_left(request)
    return refusal(request, HERE.format(wait=waiting(seconds)), seconds)


def refusal(request: HttpRequest, sentence: str, seconds: int) -> HttpResponse:
    """The login page with that sentence; 429."""
    form = LoginForm(initial={"name": request.POST.get("name", "")})
    context = {"form": form, "next": request.POST.get("next", ""), "locked": sentence}
    return told(render(request, "accounts/login.html", context, status=429), seconds)


def minutes_left(request: Any) -> int:
    """Until the newest of the counted failures no longer counts; one at least."""
    name = (request.axes_credentials or {}).get("username")
    newest = AccessAttempt.objects.filter(username=name, ip_address=request.axes_ip_address).order_by("-attempt_time").first()
    wait = get_cool_off(request)
    if newest is None or wait is None:
        return 1
    left: timedelta = newest.attempt_time + wait - timezone.now()
    return max(1, math.ceil(left.total_seconds() / 60))


def address(request: HttpRequest) -> str | None:
    """The client's, as django-axes stores it."""
    return client_address(request) or None
