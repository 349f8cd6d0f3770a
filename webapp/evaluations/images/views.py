"""Pages of an evaluation's images: the gallery of those that match, one image by itself, and what is changed of them in the draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor, Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.core.returning import back, wants_json
from webapp.datasets import drafts, packs
from webapp.datasets.drafts.changing import MOST
from webapp.datasets.models import Edit
from webapp.datasets.views import drafting, looking
from webapp.datasets.views.gallery import column_choices
from webapp.evaluations.images import changing, palette, words
from webapp.evaluations.images.listing import Listing, Unscored, listing
from webapp.evaluations.images.showing import Told, tiles
from webapp.evaluations.images.wanted import EACH, SORTS, Wanted, in_short, wanted_of
from webapp.evaluations.models import HEAVY, Evaluation
from webapp.experiments import again

TILES = 60
PLACES = ("at", "after")
NUMBER_DIGITS = 10
ENDS = 2  # of a range; each is looked for in the whole list
NOT_HERE = "The images of this dataset are not on this server."


class Seen(NamedTuple):
    """What a page of one evaluation's images needs."""

    told: Told
    look: looking.Look | None  # the dataset as it is now, with its draft
    wanted: Wanted
    found: Listing

    @property
    def editable(self) -> bool:
        """Whether who looks may change the draft."""
        return self.look is not None and self.look.editable


def seen_of(request: Request, evaluation: Evaluation, *, to_the_end: bool = False) -> Seen:
    """Raises Unscored where there is nothing to browse, Http404 where the files are gone."""
    told = Told(evaluation)
    wanted = wanted_of(request.GET, len(told.labels))
    try:
        found = listing(evaluation, wanted, to_the_end=to_the_end)
    except packs.Missing as error:
        raise Http404(NOT_HERE) from error
    return Seen(told, looking.look(request, evaluation.version.dataset), wanted, found)


@require_safe
@allowed("report.read")
def images(request: Request, id: str) -> HttpResponse:
    """The page: filters, and the first images that match, or those of the place that the address names."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read")
    if evaluation.result is None:
        return redirect("evaluations:detail", id)
    try:
        seen = seen_of(request, evaluation)
    except Unscored:
        return render(request, "evaluations/images.html", about(evaluation) | {"unscored": True})
    return render(request, "evaluations/images.html", about(evaluation) | grid(request, seen) | bar(request, seen) | choices(seen))


@require_safe
@allowed("report.read")
@part_of("evaluations:images", without=("between", "count"))
def images_tiles(request: Request, id: str) -> HttpResponse:
    """Some tiles: the first ones of other filters, or those of another place as one scrolls."""
    seen = part_seen(request, id, to_the_end="between" in request.GET)
    if "between" in request.GET:
        return JsonResponse(between(seen, request.GET["between"]))
    shown = grid(request, seen)
    if "count" in request.GET:
        return render(request, "evaluations/_images_matching.html", shown)
    response = render(request, "evaluations/_images_grid.html", shown)
    if not shown["placed"]:
        response["HX-Replace-Url"] = f"{reverse('evaluations:images', args=[id])}?{urlencode(seen.wanted.query())}"
    return response


def part_seen(request: Request, id: str, *, to_the_end: bool = False, without: tuple[str, ...] = HEAVY) -> Seen:
    """As `seen_of`, of a part of a page: Http404 where there is nothing to browse."""
    evaluation = get_for(request.actor, Evaluation, id, "report.read", without=without)
    try:
        return seen_of(request, evaluation, to_the_end=to_the_end)
    except Unscored as error:
        raise Http404("This evaluation has no predictions to browse.") from error


def about(evaluation: Evaluation) -> dict[str, Any]:
    """What each page of an evaluation says of it."""
    version = evaluation.version
    return {"evaluation": evaluation, "experiment": evaluation.experiment, "version": version, "dataset": version.dataset}


def grid(request: Request, seen: Seen) -> dict[str, Any]:
    """The tiles of a place of the list, and what is known of the rest."""
    evaluation = seen.told.evaluation
    start = place_of(request, seen.found)
    rows = seen.found.part(start, TILES)
    kept = urlencode(seen.wanted.query())
    behind = f"{kept}&after={rows[-1]}" if rows else kept
    return about(evaluation) | {
        "tiles": tiles(seen.told, seen.look, rows),
        "editable": seen.editable,
        "total": len(seen.found),
        "start": start,
        "progress": seen.found.progress,
        "wanted": seen.wanted,
        "query": kept,
        "words": words.of(seen.told, seen.wanted),
        "placed": any(place in request.GET for place in PLACES),
        "address": f"{reverse('evaluations:images-tiles', args=[evaluation.pk])}?{kept}",
        "next": f"{reverse('evaluations:images-tiles', args=[evaluation.pk])}?{behind}" if start + TILES < len(seen.found) else "",
        "further": f"{reverse('evaluations:images', args=[evaluation.pk])}?{behind}",
    }


def place_of(request: Request, found: Listing) -> int:
    """Where the tiles begin: `at` that place of the list, or `after` a row."""
    after = number(request.GET.get("after", ""))
    behind = None if after is None else found.place(after)
    return behind + 1 if behind is not None else min(number(request.GET.get("at", "")) or 0, len(found))


def number(text: str) -> int | None:
    """None for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < NUMBER_DIGITS else None


def between(seen: Seen, ends: str) -> dict[str, Any]:
    """As the dataset's gallery tells a range: rows from one of the list to another, both with it; of all where none are named."""
    places = [place for row in drafting.positions_of(ends)[:ENDS] if (place := seen.found.place(row)) is not None]
    start, behind = (min(places), max(places) + 1) if places else (0, len(seen.found))
    count = behind - start
    return {"count": count, "most": MOST, "positions": seen.found.part(start, count) if count <= MOST else []}


def choices(seen: Seen) -> dict[str, Any]:
    """What the filters offer."""
    classes = list(enumerate(seen.told.names))
    chosen = {"true": seen.wanted.true, "said": seen.wanted.said}
    one = {name: numbers[0] if len(numbers) == 1 else None for name, numbers in chosen.items()}
    several = {name: in_short(numbers) for name, numbers in chosen.items() if len(numbers) > 1}
    try:
        columns = column_choices(seen.told.version.folder, seen.wanted.cells)
    except packs.Missing as error:
        raise Http404(NOT_HERE) from error
    return {"offered": classes[: looking.SHOWN_CLASSES], "one": one, "several": several, "sorts": SORTS.items(), "each": EACH, **columns}


def bar_of_draft(request: Request, evaluation: Evaluation) -> dict[str, Any]:
    """What the bar of the draft needs alone, on a page that labels nothing."""
    return draft_bar(request, evaluation, looking.look(request, evaluation.version.dataset))


def draft_bar(request: Request, evaluation: Evaluation, look: looking.Look | None) -> dict[str, Any]:
    """What the draft says, and the way to a training on it; of an evaluation on another dataset the training's own is what it is about."""
    shown = looking.bar(look)
    if look is None or evaluation.version.dataset_id != evaluation.experiment.dataset_id:
        return shown
    standing = again.standing(request.actor, evaluation.experiment, look.draft, look.newest)
    return shown | {"again": standing, "newest_number": look.newest.number}


def bar(request: Request, seen: Seen, first: Iterable[str] | None = None) -> dict[str, Any]:
    """What the bars of the draft and of the classes need; the labels to come first are those that are likely for the list."""
    evaluation = seen.told.evaluation
    if seen.look is None:
        return {"draft": None, "editable": False}
    draft = draft_bar(request, evaluation, seen.look)
    own = {
        "change_url": reverse("evaluations:images-change", args=[evaluation.pk]),
        "undo_url": reverse("evaluations:images-undo", args=[evaluation.pk]),
    }
    return palette.offered(seen.look, palette.likely(seen.told, seen.wanted) if first is None else first) | draft | own


@require_safe
@allowed("report.read")
def image(request: Request, id: str, row: int) -> HttpResponse:
    """One image with all that was said of it; what else is known of it stands below."""
    seen = part_seen(request, id, without=())  # the classes of the bar above it come by what is mixed up
    tile = tile_of(seen, row)
    place = seen.found.place(row)
    beside = {name: neighbour(seen, place, by) for name, by in (("before", -1), ("behind", 1))}
    kept = urlencode(seen.wanted.query())
    shown = about(seen.told.evaluation) | bar(request, seen, palette.of_one(tile)) | beside
    shown |= {
        "tile": tile,
        "row": row,
        "position": tile["at"],
        "image": tile.get("image_row"),
        "query": kept,
        "words": words.of(seen.told, seen.wanted),
    }
    shown |= {"place": None if place is None else place + 1, "total": len(seen.found), "editable": seen.editable and not tile.get("erased")}
    return render(request, "evaluations/image.html", shown)


def tile_of(seen: Seen, row: int) -> dict[str, Any]:
    """Http404 for a row that there is not."""
    if row >= len(seen.told.rows):
        raise Http404("This evaluation has no such image.")
    return tiles(seen.told, seen.look, [row])[0]


def neighbour(seen: Seen, place: int | None, by: int) -> str:
    """The address of the image beside it in the list; empty at its ends."""
    if place is None or not 0 <= place + by < len(seen.found):
        return ""
    kept = urlencode(seen.wanted.query())
    return reverse("evaluations:image", args=[seen.told.evaluation.pk, seen.found.part(place + by, 1)[0]]) + (f"?{kept}" if kept else "")


@require_safe
@allowed("report.read")
@part_of("evaluations:image", takes=("id", "row"))
def image_about(request: Request, id: str, row: int) -> HttpResponse:
    """What stands below the open picture: the five best classes, and the way to the image's own page."""
    seen = part_seen(request, id)
    return render(request, "evaluations/_image_about.html", about(seen.told.evaluation) | {"tile": tile_of(seen, row)})


@require_POST
@allowed("dataset.edit")
def images_change(request: Request, id: str) -> HttpResponse:
    """Labels, moves or takes out some images; scripts get the tiles as they are now, a plain form goes back."""
    told = Told(get_for(request.actor, Evaluation, id, "dataset.edit"))
    rows = drafting.positions_of(request.POST.get("positions", ""))
    return edited(request, told, lambda actor: changing.change(actor, told, rows, **drafting.wanted(request)))


@require_POST
@allowed("dataset.edit")
def images_undo(request: Request, id: str) -> HttpResponse:
    """Takes the person's newest edit of the draft back."""
    told = Told(get_for(request.actor, Evaluation, id, "dataset.edit"))
    return edited(request, told, lambda actor: drafts.undo(actor, told.version.dataset), undone=True)


def edited(request: Request, told: Told, do: Callable[[Actor], Edit], *, undone: bool = False) -> HttpResponse:
    """Does it, and answers with what changed, or with why it did not."""
    home = reverse("evaluations:images", args=[told.evaluation.pk])
    try:
        edit = do(request.actor)
    except Unscored:
        raise Http404("This evaluation has no predictions to browse.") from None
    except InputError as error:
        if wants_json(request):
            return JsonResponse({"error": error.message, "nothing": error.code == "nothing"}, status=HTTPStatus.CONFLICT)
        messages.error(request, error.message)
        return HttpResponseRedirect(back(request, home))
    if wants_json(request):
        return JsonResponse(now(request, told, edit, undone))
    messages.success(request, drafting.said(request, edit, undone))
    return HttpResponseRedirect(back(request, home))


def now(request: Request, told: Told, edit: Edit, undone: bool) -> dict[str, Any]:
    """The draft's bar and the changed tiles, by the templates of the page itself; `reload` where those are too many, or classes changed."""
    look = looking.look(request, told.version.dataset)
    context = about(told.evaluation) | draft_bar(request, told.evaluation, look)
    reload = bool(edit.before) or edit.samples > drafting.MOST_TILES
    answer: dict[str, Any] = {"words": drafting.said(request, edit, undone), "tiles": [], "reload": reload}
    answer["bar"] = render_to_string("evaluations/_images_draft.html", context, request)
    if reload:
        return answer
    rows = told.rows_of(list(edit.rows.values_list("position", flat=True)))
    for tile in tiles(told, look, rows):
        html = render_to_string("evaluations/_images_tile.html", {"tile": tile, "editable": look is not None and look.editable}, request)
        answer["tiles"].append({"position": tile["position"], "html": html})
    return answer
