"""The page that compares experiments."""

from __future__ import annotations

from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed
from webapp.core.parts import is_opened
from webapp.evaluations.comparing import asked, page

PARTS = {"flips": "evaluations/comparing/_flips.html", "more": "evaluations/comparing/_flip_rows.html"}


@require_http_methods(["GET", "HEAD", "POST"])
@allowed("experiment.read")
def compare(request: Request) -> HttpResponseBase:
    """The comparison of `?of=ID&of=ID…`; what is ticked in the list of experiments comes by POST and becomes such an address."""
    if request.method == "POST":
        return redirect(f"{reverse('experiments:compare')}?{address(request.POST)}")
    wanted = asked.read(request.actor, request.GET)
    if (part := PARTS.get(request.GET.get("part", ""))) and not is_opened(request):
        return render(request, part, {"asked": wanted, "gallery": page.gallery_alone(wanted)})
    return render(request, "evaluations/comparing/page.html", page.context(wanted, request.actor.team))


def address(sent: QueryDict) -> str:
    """The experiments that were ticked as a query."""
    query = QueryDict(mutable=True)
    query.setlist("of", [id[:40] for id in sent.getlist("experiment")[: 2 * asked.MOST]])
    return query.urlencode()
