"""Images that wait in the draft, one upload at a time: a grid of what its sealing would add, and what somebody says of single ones."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.ids import is_id
from webapp.core.parts import part_of
from webapp.core.resident import Unavailable
from webapp.core.returning import back, wants_json
from webapp.datasets import drafts, packs
from webapp.datasets.drafts import adding, peeks, reading
from webapp.datasets.models import Addition, Dataset, Edit
from webapp.datasets.views import browse, drafting, looking
from webapp.datasets.views.media import safe_headers
from webapp.datasets.views.waiting_grid import TILES, Shown, between, choices, grid, shown_of, tiles_of


@require_safe
@allowed("dataset.read")
def waiting(request: Request, id: str) -> HttpResponse:
    """The images of the upload that `addition` names, else of the first that waits; what may not be shown yet says how far it is."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    if seen is None:
        return render(request, "datasets/importing.html", browse.import_context(dataset))
    context = browse.tab_context(dataset, seen.version, "waiting", seen) | looking.labelling(seen) | {"split_names": ()}
    shown = shown_of(request, seen.draft)
    if shown is not None:
        context |= {"additions": adding.waiting(shown.draft), "addition": shown.addition}
        context |= {"readings": reading.readings(shown.addition, shown.seen), "exif_choices": reading.notes(dataset)}
        context |= grid(request, seen, shown) | {"onlys": choices(shown)} if shown.seen else progress(shown)
    return render(request, "datasets/waiting.html", context)


def progress(shown: Shown) -> dict[str, Any]:
    """How far the look at the images is, which is asked for here; or why there is none."""
    if failed := peeks.failed(shown.addition):
        return {"failed": failed}
    try:
        told = peeks.ask(shown.addition)
    except Unavailable as error:
        return {"told": {}, "away": str(error)}  # asked again while the page is open: the worker may be on its way
    return {"told": told, "fraction": told["done"] / told["total"] if told["total"] else None}


@require_safe
@allowed("dataset.read")
@part_of("datasets:waiting")
def status(request: Request, id: str) -> HttpResponse:
    """How far the look at the images is; once it has ended the page is loaded anew."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    shown = shown_of(request, drafts.current(dataset))
    told = progress(shown) if shown is not None and shown.seen is None else {}
    if "told" not in told or shown is None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "datasets/_waiting_status.html", {"dataset": dataset, "addition": shown.addition, **told})


@require_safe
@allowed("dataset.read")
@part_of("datasets:waiting", without=("between",))
def tiles(request: Request, id: str) -> HttpResponse:
    """Some tiles, from any place of the list on; or which images stand between two of it."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    shown = shown_of(request, seen.draft) if seen else None
    if seen is None or shown is None or shown.seen is None:
        return HttpResponse(status=204)
    if "between" in request.GET:
        return JsonResponse(between(shown, request.GET["between"]))
    return render(request, "datasets/_tiles.html", grid(request, seen, shown))


@require_safe
@allowed("dataset.read")
def thumb(request: Request, id: str, addition: int, digest: str) -> HttpResponse:
    """The thumbnail of an image that waits; it is named by its content, so a browser may keep it."""
    return served(request, id, addition, digest, packs.stored_thumbnail)


@require_safe
@allowed("dataset.read")
def image(request: Request, id: str, addition: int, digest: str) -> HttpResponse:
    """The whole photograph, as far as it is kept."""
    return served(request, id, addition, digest, packs.stored_picture)


def served(request: Request, id: str, addition: int, digest: str, read: Callable[[Path, int], tuple[bytes, str]]) -> HttpResponse:
    """The bytes with the headers that keep them an image and nothing else."""
    if not is_id(id) or addition > 2**31:
        raise Http404("There is no such image.")
    rows = Addition.objects.filter(pk=addition, draft__dataset=id, draft__dataset__team=request.actor.team)
    row = rows.filter(draft__dataset__trashed_at=None, draft__closed_at=None).select_related("draft__dataset").first()
    seen = peeks.read(row) if row is not None else None
    found = seen.by_digest.get(digest) if seen else None
    if row is None or found is None:
        raise Http404("There is no such image.")
    try:
        data, media_type = read(peeks.folder(row), found.row)
    except packs.Missing:
        raise Http404("There is no such image.") from None
    return HttpResponse(data, content_type=media_type, headers=safe_headers())


@require_POST
@allowed("dataset.edit")
def change(request: Request, id: str, addition: int) -> HttpResponse:
    """Another class for some images, or not added after all; scripts get the tiles as they are now, a plain form goes back."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    wanted = {name: value for name, value in drafting.wanted(request).items() if name in ("label", "removed")}
    digests = [digest.strip() for digest in request.POST.get("positions", "").split(",") if digest.strip()]
    try:
        edit = drafts.change_waiting(request.actor, dataset, addition, digests, **wanted)
    except InputError as error:
        if wants_json(request):
            return JsonResponse({"error": error.message, "nothing": error.code == "nothing"}, status=HTTPStatus.CONFLICT)
        messages.error(request, error.message)
        return HttpResponseRedirect(back(request, reverse("datasets:waiting", args=[id])))
    if wants_json(request):
        return JsonResponse(now(request, dataset, addition, edit))
    messages.success(request, drafting.sentence(edit))
    return HttpResponseRedirect(back(request, reverse("datasets:waiting", args=[id])))


def now(request: Request, dataset: Dataset, addition: int, edit: Edit) -> dict[str, Any]:
    """The draft's bar and the changed tiles; `reload` where classes changed, or the whole upload is taken back."""
    seen = looking.look(request, dataset)
    bar = render_to_string("datasets/_draft.html", {"dataset": dataset, "tab": "waiting", **looking.bar(seen)}, request)
    were = edit.before.get("images", {}).get("were", {})
    told = {
        "words": drafting.sentence(edit),
        "bar": bar,
        "tiles": [],
        "reload": "classes" in edit.before or not were or len(were) > TILES * 10,
    }
    row = seen.draft.additions.filter(pk=addition).first() if seen and seen.draft else None
    if told["reload"] or seen is None or seen.draft is None or row is None:
        return told
    row.draft, known = seen.draft, peeks.read(row)
    images = [known.by_digest[digest] for digest in were if digest in known.by_digest] if known else []
    shown = Shown(seen.draft, row, known, images, "")
    told["tiles"] = [
        {"position": each["position"], "html": render_to_string("datasets/_tile.html", {"tile": each, "editable": seen.editable}, request)}
        for each in tiles_of(shown, images)
    ]
    return told
