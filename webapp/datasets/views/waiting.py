"""Images that wait in the draft, one upload at a time: a grid of what its sealing would add, and what somebody says of single ones."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, NamedTuple

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
from webapp.core.resident import Unavailable
from webapp.core.returning import back, wants_json
from webapp.datasets import drafts, packs
from webapp.datasets.drafts import adding, classes, peeks
from webapp.datasets.drafts import waiting as single
from webapp.datasets.drafts.changing import NOTHING, Says
from webapp.datasets.models import Addition, Dataset, Draft, Edit
from webapp.datasets.views import browse, drafting, looking
from webapp.datasets.views.looking import Look
from webapp.datasets.views.media import safe_headers
from webapp.datasets.views.tiles import SMALL_SIDE

TILES = 60
DIGITS = 10


class Shown(NamedTuple):
    """An upload that waits, and what is known of its images."""

    draft: Draft
    addition: Addition
    seen: peeks.Seen | None


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
        context |= grid(request, seen, shown) if shown.seen else progress(shown)
    return render(request, "datasets/waiting.html", context)


def shown_of(request: Request, draft: Draft | None) -> Shown | None:
    """None where nothing waits; Http404 for an upload that does not wait in the draft."""
    found = adding.waiting(draft) if draft is not None else []
    asked = request.GET.get("addition", "")
    chosen = [one for one in found if str(one.pk) == asked] if asked else found[:1]
    if asked and not chosen:
        raise Http404("These images do not wait in the draft any more.")
    if draft is None or not chosen:
        return None
    chosen[0].draft = draft
    return Shown(draft, chosen[0], peeks.read(chosen[0]))


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
def tiles(request: Request, id: str) -> HttpResponse:
    """Some tiles, from any place of the list on."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    shown = shown_of(request, seen.draft) if seen else None
    if seen is None or shown is None or shown.seen is None:
        return HttpResponse(status=204)
    return render(request, "datasets/_tiles.html", grid(request, seen, shown))


def grid(request: Request, seen: Look, shown: Shown) -> dict[str, Any]:
    """The tiles of a place of the list, which of them may be changed, and what is known of the rest."""
    known = shown.seen
    assert known is not None
    start = place_of(request, known)
    query = f"?addition={shown.addition.pk}"
    behind = f"{query}&at={start + TILES}"
    more = start + TILES < len(known.images)
    return {
        "tiles": tiles_of(shown, known.images[start : start + TILES]),
        "editable": seen.editable,
        "seen": known,
        "total": len(known.images),
        "start": start,
        "address": reverse("datasets:waiting-tiles", args=[shown.draft.dataset_id]) + query,
        "next": reverse("datasets:waiting-tiles", args=[shown.draft.dataset_id]) + behind if more else "",
        "further": reverse("datasets:waiting", args=[shown.draft.dataset_id]) + behind,
        "progress": {"done": True},
        "change_url": reverse("datasets:change-waiting", args=[shown.draft.dataset_id, shown.addition.pk]),
    }


def place_of(request: Request, seen: peeks.Seen) -> int:
    """Where the tiles begin: `at` that place, or `after` an image."""
    after = seen.by_digest.get(request.GET.get("after", ""))
    if after is not None:
        return seen.images.index(after) + 1
    at = request.GET.get("at", "")
    return min(int(at), len(seen.images)) // TILES * TILES if at.isascii() and at.isdecimal() and len(at) < DIGITS else 0


def tiles_of(shown: Shown, images: Iterable[peeks.Image]) -> list[dict[str, Any]]:
    """As the gallery shows images, with the class that each will have."""
    said = single.said_of(shown.addition)
    own: dict[str, str | None] = {}
    found = []
    for image in images:
        label = shown.addition.label or image.label
        if label not in own:
            own[label] = name_of(shown.draft, label)
        found.append(tile(shown, image) | overlaid(shown.draft, own[label], label, said.get(image.digest, NOTHING)))
    return found


def name_of(draft: Draft, label: str) -> str | None:
    """What a class of that label is called now; None where it is taken out."""
    try:
        number = classes.find(draft, label)
    except InputError:
        return None
    return label if number is None else classes.known(draft, number).name


def tile(shown: Shown, image: peeks.Image) -> dict[str, Any]:
    """Its picture at a size known beforehand."""
    small = shown.seen is not None and shown.seen.small
    times = max(1, SMALL_SIDE // max(image.width, image.height)) if small else 1
    thumb = reverse("datasets:waiting-thumb", args=[shown.draft.dataset_id, shown.addition.pk, image.digest])
    size = {"width": image.width * times, "height": image.height * times, "pixels": f"{image.width} × {image.height}"}
    return {"thumb": thumb, "image": thumb, **size, "split": "waiting", "path": image.path, "position": image.digest}


def overlaid(draft: Draft, own: str | None, label: str, says: Says) -> dict[str, Any]:
    """Its class, and what the draft says of it alone."""
    now = own
    if says.label is not None:
        end = classes.shown(draft, says.label)
        now = end.name if end else None
    if says.removed:
        return {"name": now or label, "state": "removed", "was": "not added"}
    if now is None:
        return {"name": label, "state": "removed", "was": "class taken out"}
    return {"name": now, "state": "changed", "was": f"was {own or label}"} if says.label is not None else {"name": now}


@require_safe
@allowed("dataset.read")
def thumb(request: Request, id: str, addition: int, digest: str) -> HttpResponse:
    """The thumbnail of an image that waits; it is named by its content, so a browser may keep it."""
    if not is_id(id) or addition > 2**31:
        raise Http404("There is no such image.")
    rows = Addition.objects.filter(pk=addition, draft__dataset=id, draft__dataset__team=request.actor.team)
    row = rows.filter(draft__dataset__trashed_at=None, draft__closed_at=None).select_related("draft__dataset").first()
    seen = peeks.read(row) if row is not None else None
    image = seen.by_digest.get(digest) if seen else None
    if row is None or image is None:
        raise Http404("There is no such image.")
    try:
        data, media_type = packs.stored_thumbnail(peeks.folder(row), image.row)
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
    if told["reload"] or seen is None or seen.draft is None:
        return told
    row = single.waiting(seen.draft, addition)
    shown = Shown(seen.draft, row, peeks.read(row))
    images = [shown.seen.by_digest[digest] for digest in were if digest in shown.seen.by_digest] if shown.seen else []
    told["tiles"] = [
        {"position": each["position"], "html": render_to_string("datasets/_tile.html", {"tile": each, "editable": seen.editable}, request)}
        for each in tiles_of(shown, images)
    ]
    return told
