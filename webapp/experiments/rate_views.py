"""The launch form's search for a learning rate: asked for, looked at, cancelled. Its work waits in the queue as a training does."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.http import require_GET, require_POST

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.datasets.models import Dataset
from webapp.experiments import searches
from webapp.experiments.entries import NAMES, described, sentence
from webapp.experiments.forms import LaunchForm
from webapp.experiments.models import RateSearch
from webapp.experiments.rate_charts import told
from webapp.jobs import actions as jobs


@require_POST
@allowed("experiment.create")
def search_start(request: Request) -> JsonResponse:
    """Queue a search with the values in the form; where some are wrong, which."""
    get_for(request.actor, Dataset, request.POST.get("dataset", ""), "dataset.read")
    form = LaunchForm(request.actor, request.POST.dict())
    config = form.check()
    if config is None or form.version is None:
        return refused(form.errors)
    try:
        search = searches.start(request.actor, form.version, config)
    except ConfigError as error:
        return refused(error.fields)
    return JsonResponse(told(search), status=202)


def refused(errors: dict[str, str]) -> JsonResponse:
    """The first wrong field in words."""
    name, words = next(iter(errors.items()))
    label = described(name)[0] if name in NAMES else name.capitalize()
    return JsonResponse({"error": f"{label}: {sentence(words)}"}, status=422)


def search_of(request: Request, id: str, verb: str) -> RateSearch:
    """The team's search with its job."""
    get_for(request.actor, RateSearch, id, verb)
    return RateSearch.objects.select_related("job").get(pk=id)


@require_GET
@allowed("experiment.read")
def search_state(request: Request, id: str) -> JsonResponse:
    """How far it is, and what it found."""
    return JsonResponse(told(search_of(request, id, "experiment.read")))


@require_POST
@allowed("job.edit")
def search_cancel(request: Request, id: str) -> JsonResponse:
    """Stop it; the answer says where it stands then."""
    search = search_of(request, id, "job.edit")
    jobs.request_cancel(search.job, request.actor)
    return JsonResponse(told(search_of(request, id, "job.edit")))
