"""The leaderboard of a dataset, one version at a time."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import is_opened
from webapp.datasets.models import Dataset
from webapp.datasets.views import browse, looking
from webapp.evaluations.leaderboard import board


@require_safe
@allowed("dataset.read")
def leaderboard(request: Request, id: str) -> HttpResponse:
    """The networks on the version of `?version=`, the best first; with `cursor`, the rows after it."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    refused, asked = "", request.GET.get("version", "")
    try:
        version = board.version_named(dataset, asked)
    except ConfigError as error:
        refused, version = f"A leaderboard {error.fields['version']}.", board.version_named(dataset, "")
    if version is None and asked:
        raise Http404("There is no such version of this dataset.")
    if version is None:
        return render(request, "datasets/importing.html", browse.import_context(dataset))
    version.dataset = dataset
    cursor = request.GET.get("cursor", "")
    rows, following, last = board.page(version, cursor, number(request.GET.get("rank", "")))
    shown = {"rows": rows, "next": following, "last": last, "of": version, "refused": refused}
    if cursor and not is_opened(request):
        return render(request, "evaluations/leaderboard/_rows.html", shown | {"dataset": dataset})
    seen = looking.look(request, dataset) if not asked else None
    newest = seen.newest if seen else version
    shown |= {"boards": board.boards(dataset, version), "leaks": board.leak_words(version), "opened": board.openings_words(version, rows)}
    return render(request, "evaluations/leaderboard/page.html", browse.tab_context(dataset, newest, "leaderboard", seen) | shown)


def number(text: str) -> int:
    """A rank in an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= board.MOST_DIGITS else 0
