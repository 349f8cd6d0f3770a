"""The page that compares experiments, and the button that runs one again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.form_keys import FIELD, kept_key
from webapp.core.parts import is_opened
from webapp.core.returning import back
from webapp.evaluations import replays
from webapp.evaluations.comparing import asked, page
from webapp.experiments.entries import sentence
from webapp.experiments.models import Experiment

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


@require_POST
@allowed("experiment.create")
def replay(request: Request, id: str) -> HttpResponseBase:
    """Run a training again with all that it was run with."""
    experiment = get_for(request.actor, Experiment, id, "experiment.create")
    try:
        made = replays.replay(request.actor, experiment, kept_key(request.POST.get(FIELD, "")))
    except ConfigError as error:
        messages.error(request, " ".join(sentence(text) for text in error.fields.values()))
    except InputError as error:
        messages.error(request, error.message)
    else:
        return redirect("experiments:detail", made.id)
    return redirect(back(request, reverse("experiments:detail", args=[id])))
