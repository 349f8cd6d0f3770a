"""The images of a version that match some filters, in an order, from any place of the list on."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.datasets import packs, queries
from webapp.datasets.browsing import columns, looks, order
from webapp.datasets.browsing.held import State, held
from webapp.datasets.browsing.listing import Listing, listing
from webapp.datasets.browsing.wanted import BY_CHECK, SORTS, Wanted
from webapp.datasets.drafts import classes, overlay
from webapp.datasets.drafts.changing import MOST
from webapp.datasets.forms import GalleryFilter
from webapp.datasets.labelling import filters
from webapp.datasets.models import Dataset, DatasetVersion, Draft
from webapp.datasets.quality import queries as quality
from webapp.datasets.quality.words import KIND_WORDS
from webapp.datasets.views import drafting, looking
from webapp.datasets.views.looking import Look
from webapp.datasets.views.tiles import tiles_of

GALLERY_ROWS = 60
SHOWN_CLASSES = 5_000  # that a page names; with a hundred thousand it would have 50 MB
SHOWN_COLUMNS = 12  # of metadata, by which one can filter; the others are folded away
PLACES = ("after", "before", "at")


@require_safe
@allowed("dataset.read")
@part_of("datasets:detail", without=("place", "between", "count"))
def gallery(request: Request, id: str) -> HttpResponse:
    """Some tiles: the first ones of other filters, or those of another place as one scrolls."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    if seen is None:
        return HttpResponse(status=204)
    if "place" in request.GET:
        return JsonResponse({"place": first_of(request, seen)})
    if "between" in request.GET:
        return JsonResponse(between(request, seen))
    if "count" in request.GET:
        return render(request, "datasets/_counted.html", counted(seen, filter_of(request, seen).wanted()))
    shown = context(request, seen)
    response = render(request, "datasets/_gallery.html", shown)
    if not shown["placed"]:
        response["HX-Replace-Url"] = f"{reverse('datasets:detail', args=[dataset.id])}?{query(seen, shown['wanted'])}"
    return response


def context(request: Request, seen: Look) -> dict[str, Any]:
    """The tiles of a place of the list, as the draft has them, what the list is, and the addresses of what stands around them."""
    version = seen.version
    asked = filter_of(request, seen)
    wanted = asked.wanted()
    found = list_of(seen, wanted)
    start, count = asked.place(found, GALLERY_ROWS)
    positions = found.part(start, count)
    rows = {sample.position: sample for sample in version.samples.filter(position__in=positions)}
    samples = [rows[position] for position in positions if position in rows]
    drawn = tiles_of(version, samples)
    if seen.over:
        overlay.over(seen.over, samples, drawn)
    told = counted(seen, wanted, found)
    behind = f"{told['query']}&after={positions[-1]}" if positions else told["query"]
    return told | {
        "filter": wanted._asdict(),
        "tiles": drawn,
        "changed": wanted.changed,
        "start": start,
        "placed": any(place in request.GET for place in PLACES),
        "next": f"{reverse('datasets:gallery', args=[version.dataset_id])}?{behind}" if start + count < len(found) else "",
        "further": f"{reverse('datasets:detail', args=[version.dataset_id])}?{behind}",
    }


def counted(seen: Look, wanted: Wanted, found: Listing | None = None) -> dict[str, Any]:
    """How many match, or were found so far."""
    version, kept = seen.version, query(seen, wanted)
    found = list_of(seen, wanted) if found is None else found
    return {
        "dataset": version.dataset,
        "version": version,
        "wanted": wanted,
        "editable": seen.editable,
        "named": seen.named,
        "by_draft": found.by_draft,
        "total": len(found),
        "start": 0,
        "progress": found.progress,
        "query": kept,
        "labels_by": urlencode(wanted._replace(sort="").query()) if filters.can_label(version, wanted) else None,
        "drop_label": label_of(seen, wanted.label),
        "address": f"{reverse('datasets:gallery', args=[version.dataset_id])}?{kept}",
    }


def label_of(seen: Look, number: int | None) -> str:
    """Of the class that alone is shown, if one is; images that are dropped here are of it."""
    if number is None:
        return ""
    label: str = classes.known(seen.over, number).label if seen.over else seen.version.classes[number]["label"]
    return label


def first_of(request: Request, seen: Look) -> int | None:
    """The place of the first image of the class `place`; None where the list has none."""
    asked = request.GET["place"]
    known = filter_of(request, seen)
    label = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else known.classes
    found = list_of(seen, known.wanted())
    rows = held(State(seen.version, seen.over))
    places = np.flatnonzero(rows.labels[found.positions] == label)
    return int(places[0]) if len(places) else None


def between(request: Request, seen: Look) -> dict[str, Any]:
    """The images from one of the list to another, both with it; of all where none are named. No positions where an edit takes fewer."""
    ends = drafting.positions_of(request.GET["between"])
    found = list_of(seen, filter_of(request, seen).wanted(), to_the_end=True)
    start = min((found.of(end) for end in ends), default=0)
    count = max((found.behind(end) for end in ends), default=len(found)) - start
    return {"count": count, "most": MOST, "positions": found.part(start, count) if count <= MOST else []}


def filter_of(request: Request, seen: Look) -> GalleryFilter:
    """The filters of an address, of the classes that are shown."""
    return GalleryFilter(request.GET, classes.count(seen.over) if seen.over else len(seen.version.classes))


def list_of(seen: Look, wanted: Wanted, *, to_the_end: bool = False) -> Listing:
    """Http404 where the files were deleted for good meanwhile."""
    try:
        return listing(seen.version, seen.over, wanted, to_the_end=to_the_end)
    except packs.Missing as error:
        raise Http404("The images of this dataset are not on this server.") from error


def query(seen: Look, wanted: Wanted) -> str:
    """Version and filters as they stand in an address."""
    version = [("version", seen.version.number)] if seen.named else []
    return urlencode([*version, *wanted.query()])


def choices(seen: Look, wanted: Wanted) -> dict[str, Any]:
    """What the card of the filters offers."""
    check = quality.newest_done(seen.version)
    kinds = [(kind, words.title, check.counts[kind]) for kind, words in KIND_WORDS.items() if check and check.counts.get(kind)]
    looked = check is not None and looks.path(seen.version, check.pk).exists()

    def is_known(sort: str) -> bool:
        return order.is_known(seen.version.folder) if sort == "path" else looked or sort not in BY_CHECK

    return {
        "splits": split_choices(seen, wanted),
        "offered": class_choices(seen.version, wanted.label, seen.over),
        "kinds": kinds,
        "sorts": [(sort, words) for sort, words in SORTS.items() if is_known(sort)],
        **column_choices(seen.version.folder, wanted.cells),
    }


def split_choices(seen: Look, wanted: Wanted) -> list[dict[str, Any]]:
    """The splits with their counts; without a choice all are shown."""
    counts = queries.split_counts(seen.version)
    return [
        {"value": value, "name": name, "count": counts[name], "checked": not wanted.splits or value in wanted.splits}
        for value, name in enumerate(queries.SPLIT_NAMES)
    ]


def class_choices(version: DatasetVersion, picked: int | None, draft: Draft | None = None) -> list[tuple[int, str]]:
    """(number, name) of the first classes, as the draft calls them, and of the one that is shown."""
    if draft:
        names = [(known.number, known.name) for known in classes.living(draft)[:SHOWN_CLASSES]]
    else:
        names = [(index, entry["name"]) for index, entry in enumerate(version.classes[:SHOWN_CLASSES])]
    if picked is None or any(number == picked for number, _ in names):
        return names
    return [*names, (picked, classes.known(draft, picked).name if draft else version.classes[picked]["name"])]


def column_choices(folder: Path, chosen: tuple[tuple[int, str], ...]) -> dict[str, Any]:
    """The columns of a version's metadata, the first ones and those that are folded away, open where one of them is chosen."""
    picked = dict(chosen)
    known = [(place, column) for place, column in enumerate(columns.of(folder).columns) if column.values is None or len(column.values) > 1]
    found = [column_choice(place, column, picked.get(place)) for place, column in known]
    more = found[SHOWN_COLUMNS:]
    return {
        "columns": found[:SHOWN_COLUMNS],
        "more_columns": more,
        "more_chosen": any(place in picked for place, _ in known[SHOWN_COLUMNS:]),
        "columns_left": max(0, len(columns.names_of(folder)) - columns.MOST_COLUMNS) if found else 0,
    }


def column_choice(place: int, column: columns.Column, picked: str | None) -> dict[str, Any]:
    """One of few values with those, the most frequent first, and which is chosen; of another the text that is looked for in it."""
    told = {"id": f"column-{place}", "place": place, "name": column.name, "text": picked or "", "values": None}
    if column.values is None:
        return told
    ordered = sorted(zip(column.counts, column.values, strict=True), key=lambda pair: -pair[0])
    return told | {
        "values": [
            {"value": f"{place}:{value}", "name": value or "(empty)", "count": count, "on": picked == value} for count, value in ordered
        ]
    }
