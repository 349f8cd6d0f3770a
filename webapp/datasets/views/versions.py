"""The versions of a dataset, what two of them differ in, and the history of one image."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.core.pieces import FileInPieces
from webapp.core.words import plural
from webapp.datasets import differences, history, packs, queries
from webapp.datasets.browsing import columns
from webapp.datasets.models import CHANGES, Dataset, DatasetVersion, Edit, Sample
from webapp.datasets.views import browse, drafting, looking
from webapp.datasets.views.tiles import tiles_of

VERSION_ROWS = 100  # on a page, as of edits
CHANGED = {"relabelled": "relabelled", "moved": "moved", "removed": "taken out", "added": "added"}
EDIT_ROWS = 50
MOST_ERASURES = 50
MOST_PAIRS = 50
DIFFERENCE_ROWS = 60
MOST_POSITION = 2**31 - 1
Numbered = TypeVar("Numbered", DatasetVersion, Edit)


@require_safe
@allowed("dataset.read")
def versions(request: Request, id: str) -> HttpResponse:
    """The versions, the newest first, and what was done to the open draft; `before` and `edits` are where the older ones go on."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    if seen is None:
        return render(request, "datasets/importing.html", browse.import_context(dataset))
    sealed = queries.sealed_versions(dataset).select_related("parent", "created_by")
    rows, older = part(sealed, request.GET.get("before", ""), VERSION_ROWS)
    context = browse.tab_context(dataset, seen.version, "versions", seen)
    context |= {"rows": [row(version, seen.newest) for version in rows], "older": older} | edits(seen, request.GET.get("edits", ""))
    erasures = list(dataset.erasures.select_related("job", "created_by").order_by("-id")[:MOST_ERASURES])
    context |= {"erasures": erasures, "erasing": next((found.job for found in erasures if not found.job.is_final), None)}
    context |= {"may_revert": request.actor.can("dataset.edit") and dataset.archived_at is None}
    return render(request, "datasets/versions.html", context)


def row(version: DatasetVersion, newest: DatasetVersion) -> dict[str, Any]:
    """A version with what it changed, in words."""
    made = version.changes
    told = [f"{made[kind]:,} {words}" for kind, words in CHANGED.items() if made.get(kind)]
    told += [f"{plural(made['renamed'], 'class')} renamed"] if made.get("renamed") else []
    brought_back = version.parent is not None and version.parent.number < version.number - 1
    return {
        "version": version,
        "words": ", ".join(told),
        "brought_back": version.parent.number if version.parent and brought_back else None,
        "newest": version.pk == newest.pk,
        "compare": f"{version.number - 1}" if version.number > 1 else "",
    }


def part(rows: QuerySet[Numbered], before: str, size: int) -> tuple[list[Numbered], int]:
    """(so many of the rows, the greatest number first and below that one, the number behind which older ones follow, or 0)."""
    below = rows.filter(number__lt=browse.number(before)) if before.isdecimal() else rows
    found = list(below.order_by("-number")[: size + 1])
    return found[:size], found[size - 1].number if len(found) > size else 0


def edits(seen: looking.Look, before: str) -> dict[str, Any]:
    """Edits of the open draft, the newest first; the newest that holds can be taken back by whoever may change it."""
    if seen.draft is None:
        return {"edits": []}
    rows = Edit.objects.filter(draft=seen.draft).select_related("user").defer("before")  # of many waiting images that has half a megabyte
    found, older = part(rows, before, EDIT_ROWS)
    holds = Edit.objects.filter(draft=seen.draft, undone_at__isnull=True).order_by("-number")
    newest = holds.values_list("pk", flat=True).first() if seen.editable else None
    told = [{"edit": edit, "words": drafting.sentence(edit), "can_go": edit.pk == newest} for edit in found]
    return {"edits": told, "older_edits": older}


@require_safe
@allowed("dataset.read")
def difference(request: Request, id: str, version: int) -> HttpResponse:
    """What that version differs in from `?from=`, else from the one before it; with `after`, the next images."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    newest = queries.newest_version(dataset)
    if newest is None:
        raise Http404("This dataset has no versions yet.")
    after = looking.version_of(dataset, str(version), newest)
    before = looking.version_of(dataset, request.GET.get("from") or str(max(1, version - 1)), newest)
    try:
        found = differences.between(differences.rows_of(before), differences.rows_of(after))
    except packs.Missing as error:
        raise Http404("The images of this dataset are not on this server.") from error
    context = images(request, dataset, found, before, after)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "datasets/_difference_tiles.html", context)
    context |= browse.tab_context(dataset, newest, "versions", looking.look(request, dataset))
    context |= {"before": before, "after": after, "numbers": numbers(dataset), "counts_by": counts(found, context["kind"])}
    context |= {
        "pairs": found.pairs[:MOST_PAIRS],
        "more_pairs": max(0, len(found.pairs) - MOST_PAIRS),
        "renamed": found.renamed[:MOST_PAIRS],
    }
    return render(request, "datasets/difference.html", context)


def numbers(dataset: Dataset) -> list[int]:
    """Of all versions, for the choice of one."""
    return list(queries.sealed_versions(dataset).values_list("number", flat=True))


def counts(found: differences.Difference, kind: str) -> list[dict[str, Any]]:
    """Each kind of change with how many images it has."""
    return [
        {"kind": name, "words": words, "count": len(found.positions(name)), "on": name == kind} for name, words in differences.KINDS.items()
    ]


def images(
    request: Request, dataset: Dataset, found: differences.Difference, before: DatasetVersion, after: DatasetVersion
) -> dict[str, Any]:
    """The images of one kind of change, by position: the first kind that has any, unless one was asked for."""
    asked = request.GET.get("kind", "")
    kind = asked if asked in differences.KINDS else next((name for name in differences.KINDS if len(found.positions(name))), "relabelled")
    pair = (request.GET.get("was", ""), request.GET.get("became", ""))
    positions = found.positions(kind, pair if all(pair) else None)
    beyond = min(browse.number(request.GET.get("after", "")), MOST_POSITION)
    start = int(positions.searchsorted(beyond, side="right")) if "after" in request.GET else 0
    some = positions[start : start + DIFFERENCE_ROWS].tolist()
    following = ""
    if start + DIFFERENCE_ROWS < len(positions):
        kept = {"from": before.number, "kind": kind, "was": pair[0], "became": pair[1], "after": some[-1]}
        query = urlencode({name: value for name, value in kept.items() if value != ""})
        following = f"{reverse('datasets:difference', args=[dataset.id, after.number])}?{query}"
    shown = {"kind": kind, "pair": pair if all(pair) else None, "next": following, "version": after, "dataset": dataset}
    return shown | {"tiles": tiles(some, before, after)}


def tiles(positions: list[int], before: DatasetVersion, after: DatasetVersion) -> list[dict[str, Any]]:
    """What each of them was and is."""
    olds, news = (
        {sample.position: sample for sample in Sample.objects.filter(version=version, position__in=positions)}
        for version in (before, after)
    )
    whole = [news.get(position) or olds[position] for position in positions if position in news or position in olds]
    drawn = drawn_of_either(before, after, whole)
    for sample, tile in zip(whole, drawn, strict=True):
        old, new = olds.get(sample.position), news.get(sample.position)
        tile["before"] = f"{before.classes[old.label]['name']} · {queries.SPLIT_NAMES[old.split]}" if old else "not there"
        tile["after"] = f"{after.classes[new.label]['name']} · {queries.SPLIT_NAMES[new.split]}" if new else "taken out"
    return drawn


def drawn_of_either(before: DatasetVersion, after: DatasetVersion, found: list[Sample]) -> list[dict[str, Any]]:
    """As `tiles_of`, of samples of two versions in one list: both have the same pack."""
    drawn = {
        pk: iter(tiles_of(version, [sample for sample in found if sample.version_id == pk]))
        for pk, version in ((before.pk, before), (after.pk, after))
    }
    return [next(drawn[sample.version_id]) for sample in found]


@require_safe
@allowed("dataset.read")
def changes(request: Request, id: str, version: int) -> FileInPieces:
    """The file of changes that a version was made with, for `python -m classifier revise`."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    newest = queries.newest_version(dataset)
    if newest is None:
        raise Http404("This dataset has no versions yet.")
    path = looking.version_of(dataset, str(version), newest).folder / CHANGES
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Http404("This version was not made from another.") from None
    return FileInPieces(file, as_attachment=True, filename=f"version-{version}.jsonl", content_type="application/jsonl")


@require_safe
@allowed("dataset.read")
@part_of("datasets:detail")
def sample_history(request: Request, id: str, position: int) -> HttpResponse:
    """What a manifest said of the image of that position, what it was called in each version, and who changed it."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    if position > MOST_POSITION:
        raise Http404("There is no such image.")
    newest = queries.newest_version(dataset)
    cells = columns.cells(newest.folder, position) if newest else []
    shown = {"cells": cells, "steps": history.steps(dataset, position), "earlier": history.earlier(dataset, position)}
    shown |= {"dataset": dataset, "position": position}
    return render(request, "datasets/_history.html", shown)
