"""The data card of a version as a page and as files, and the words that the team puts on it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import ConfigError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.markdown import markdown
from webapp.datasets import describing, packs, queries
from webapp.datasets.cards import markdown as text
from webapp.datasets.cards.card import Card, card_of
from webapp.datasets.cards.html import standalone
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.views import browse, looking

MISSING = "The images of this dataset are not on this server."


@require_safe
@allowed("dataset.read")
def card(request: Request, id: str, version: int) -> HttpResponse:
    """The page."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    found = version_for(dataset, version)
    return render(request, "datasets/card.html", context(request, dataset, found))


def context(request: Request, dataset: Dataset, version: DatasetVersion) -> dict[str, Any]:
    made = card_for(version)
    seen = looking.look(request, dataset)
    shown = {"card": made, "description": markdown(made.description), "of": version, "mark": describing.mark(dataset)}
    shown |= {"numbers": list(queries.sealed_versions(dataset).values_list("number", flat=True)[:200])}
    return browse.tab_context(dataset, seen.newest if seen else version, "card", seen) | shown


def version_for(dataset: Dataset, number: int) -> DatasetVersion:
    """Http404 where there is none."""
    newest = queries.newest_version(dataset)
    if newest is None:
        raise Http404("This dataset has no versions yet.")
    return looking.version_of(dataset, str(number), newest)


def card_for(version: DatasetVersion) -> Card:
    """Http404 where its files are gone."""
    try:
        return card_of(version)
    except (packs.Missing, FileNotFoundError) as error:
        raise Http404(MISSING) from error


@require_safe
@allowed("dataset.read")
def as_markdown(request: Request, id: str, version: int) -> HttpResponse:
    """The card for a repository."""
    return file_of(version_for(get_for(request.actor, Dataset, id, "dataset.read"), version), "markdown")


@require_safe
@allowed("dataset.read")
def as_html(request: Request, id: str, version: int) -> HttpResponse:
    """The card as one file that opens anywhere."""
    return file_of(version_for(get_for(request.actor, Dataset, id, "dataset.read"), version), "html")


def file_of(version: DatasetVersion, way: str) -> HttpResponse:
    """The card to download, as `markdown` or as `html`. Http404 where the version's files are gone."""
    made = card_for(version)
    if way == "html":
        return as_file(standalone(made), version, ".html", "text/html")
    return as_file(text.written(made), version, ".md", "text/markdown")


def as_file(content: str, version: DatasetVersion, ending: str, media_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=f"{media_type}; charset=utf-8")
    name = f"{slugify(version.dataset.name)[:80] or 'dataset'}-v{version.number}-card{ending}"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


@require_POST
@allowed("dataset.edit")
def describe(request: Request, id: str) -> HttpResponse:
    """Keeps description and licence; where that cannot be, the form again with what was typed."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    version = queries.newest_version(dataset)
    if version is None:
        messages.error(request, f"{dataset.name} has no images yet; wait for its import.")
        return redirect("datasets:detail", id)
    typed = {name: request.POST.get(name, "") for name in ("description", "licence")}
    wrong: dict[str, str] = {}
    try:
        stale = describing.describe(request.actor, dataset, **typed, begun_from=request.POST.get("mark")).stale
    except ConfigError as error:
        wrong, stale = error.fields, False
    if not wrong and not stale:
        messages.success(request, "The data card says so now.")
        return redirect("datasets:card", id, version.number)
    dataset.refresh_from_db(fields=["description", "licence"])
    shown = context(request, dataset, version) | {"typed": typed, "wrong": wrong, "stale": stale, "editing": True}
    return render(request, "datasets/card.html", shown, status=HTTPStatus.CONFLICT if stale else HTTPStatus.UNPROCESSABLE_ENTITY)
