"""The home page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.ops.overview import overview


@require_safe
@allowed("job.read")
def home(request: Request) -> HttpResponse:
    """What runs and waits, what needs somebody, what is finished; its parts again when something moves."""
    mine = request.GET.get("who") == "mine"
    template = "ops/_home.html" if request.headers.get("HX-Request") else "ops/home.html"
    return render(request, template, overview(request.actor.team, request.actor.user, mine))
