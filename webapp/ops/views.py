"""The home page, and the search over everything."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.core.parts import part_of
from webapp.ops.overview import Asked, overview
from webapp.ops.search import MOST, MOST_ON_PAGE, plain, search


@require_safe
@allowed("job.read")
def home(request: Request) -> HttpResponse:
    """What runs and waits, what needs somebody, what is finished; its parts again when something moves or is asked for."""
    asked = Asked.of(request.GET.dict())
    template = "ops/_home.html" if request.headers.get("HX-Request") else "ops/home.html"
    response = render(request, template, overview(request.actor.team, request.actor.user, asked))
    if request.headers.get("HX-Trigger") == "home-filters":
        response["HX-Replace-Url"] = asked.address()
    return response


@require_safe
@never_cache
@allowed("job.read")
@part_of("ops:home", takes=())
def device(request: Request) -> HttpResponse:
    """The side bar's words about the device, again when something moves; the frame knows them for every page."""
    return render(request, "components/_device.html")


@require_safe
@never_cache
@allowed("dataset.read")
def find(request: Request) -> HttpResponse:
    """What the words in `q` find: options for the dialog, or a page with more of each kind, whose list is renewed while one types."""
    question = plain(request.GET.get("q", ""))
    dialog = bool(request.headers.get("HX-Request")) and request.headers.get("HX-Target") != "hits"
    most = MOST if dialog else MOST_ON_PAGE
    template = "ops/_found.html" if dialog else "ops/_hits.html" if request.headers.get("HX-Request") else "ops/search.html"
    found = search(request.actor, question, most)
    number = sum(len(hits) for _, hits in found)
    return render(request, template, {"question": question, "found": found, "number": number, "most": most})
