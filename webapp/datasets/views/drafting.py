"""What changes a draft: labels, classes and splits, undo, seal, discard, and an older version that is brought back."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Actor, Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.parts import part_of
from webapp.core.returning import back, wants_json
from webapp.core.words import plural
from webapp.datasets import drafts, options, queries
from webapp.datasets.drafts import cutting, overlay, reading
from webapp.datasets.drafts.changing import MOST
from webapp.datasets.models import Dataset, Edit, Sample
from webapp.datasets.views import looking
from webapp.datasets.views.tiles import tiles_of

MOST_TILES = 600  # drawn again in one answer; a page that shows more is loaded anew
POSITION_DIGITS = 10
MOST_NAMED = 8  # classes of one sentence


@require_POST
@allowed("dataset.edit")
def change(request: Request, id: str) -> HttpResponse:
    """Labels, moves or takes out some images; scripts get the tiles as they are now, a plain form goes back.

    `there=1`: they were chosen on an earlier version, so that those which were taken out since are left aside.
    """
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    positions = positions_of(request.POST.get("positions", ""))

    def do(actor: Actor) -> Edit:
        known = drafts.still_there(dataset, positions) if request.POST.get("there") == "1" else positions
        return drafts.change(actor, dataset, known, **wanted(request))

    return edited(request, dataset, do)


def positions_of(text: str) -> list[int]:
    """Numbers with commas between; what is none is left out, and more than a change takes is cut one behind it."""
    parts = (part.strip() for part in text.split(",", MOST + 1)[: MOST + 1])
    return [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < POSITION_DIGITS]


def wanted(request: HttpRequest) -> dict[str, Any]:
    """What is to change, as `drafts.change` takes it."""
    post = request.POST
    found: dict[str, Any] = {"why": post.get("why", "").replace("\0", "")[:200]}
    if post.get("label"):
        found["label"] = post["label"]
    if post.get("split", "") in queries.SPLIT_NAMES:
        found["split"] = queries.SPLIT_NAMES.index(post["split"])
    if post.get("removed", "") in ("0", "1"):
        found["removed"] = post["removed"] == "1"
    return found


@require_POST
@allowed("dataset.edit")
def undo(request: Request, id: str) -> HttpResponse:
    """Takes the person's newest edit of the draft back, or the newest of all, whose number the form knows."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    number = next(iter(positions_of(request.POST.get("number", ""))), None)
    return edited(request, dataset, lambda actor: drafts.undo(actor, dataset, number=number), undone=True)


def edited(request: Request, dataset: Dataset, do: Callable[[Actor], Edit], *, undone: bool = False) -> HttpResponse:
    """Does it, and answers with what changed, or with why it did not."""
    try:
        edit = do(request.actor)
    except InputError as error:
        if wants_json(request):
            return JsonResponse({"error": error.message, "nothing": error.code == "nothing"}, status=HTTPStatus.CONFLICT)
        messages.error(request, error.message)
        return HttpResponseRedirect(back(request, reverse("datasets:detail", args=[dataset.id])))
    if wants_json(request):
        return JsonResponse(now(request, dataset, edit, undone))
    messages.success(request, said(request, edit, undone))
    return HttpResponseRedirect(back(request, reverse("datasets:detail", args=[dataset.id])))


def now(request: Request, dataset: Dataset, edit: Edit, undone: bool) -> dict[str, Any]:
    """The draft's bar and the changed tiles, by the templates of the page itself; `reload` where those are too many, or classes changed."""
    seen = looking.look(request, dataset)
    bar = render_to_string("datasets/_draft.html", {"dataset": dataset, "tab": "images", **looking.bar(seen)}, request)
    reload = bool(edit.before) or edit.samples > MOST_TILES
    told: dict[str, Any] = {"words": said(request, edit, undone), "bar": bar, "tiles": [], "reload": reload}
    if seen is None or seen.draft is None or told["reload"]:
        return told
    positions = list(edit.rows.order_by("position").values_list("position", flat=True))
    samples = list(Sample.objects.filter(version=seen.version, position__in=positions).order_by("position"))
    tiles = tiles_of(seen.version, samples)
    overlay.over(seen.draft, samples, tiles)
    told["tiles"] = [
        {"position": tile["position"], "html": render_to_string("datasets/_tile.html", {"tile": tile, "editable": seen.editable}, request)}
        for tile in tiles
    ]
    return told


def said(request: Request, edit: Edit, undone: bool) -> str:
    """What was done, in words; whose it was, where it was another's."""
    told = sentence(edit)
    if not undone:
        return told
    whose = "" if edit.user_id == request.actor.user.pk else f", what {edit.user or 'somebody'} did"
    return f"Taken back{whose}: {told[0].lower()}{told[1:]}"


def sentence(edit: Edit) -> str:
    """ "3 images labelled bee, moved to test." """
    did, images = edit.did, plural(edit.samples, "image")
    if did.get("out"):
        return f"The images of {did['add']} are not added."
    if "read" in did:
        return reading.sentence(did["add"], did["read"])
    if "add" in did:
        return f"The images of {did['add']} are added{' to ' + did['label'] if did['label'] else ''} when the draft is sealed."
    if "corrected" in did:
        which = f"{plural(did['corrected'], 'image')} that a network named wrongly"
        return f"{which} {'is' if did['corrected'] == 1 else 'are'} added as {did['label']} when the draft is sealed."
    if "waiting" in did:
        which = f"{plural(did['waiting'], 'waiting image')} of {did['of']}"
        if did.get("label"):
            return f"{which} labelled {did['label']}."
        return f"{which} {'will not be added' if did['removed'] else 'will be added after all'}."
    if "resplit" in did:
        return f"The splits are cut anew when the draft is sealed: {cutting.words(did['resplit'])}."
    if "classes" in did:
        which = "The class {} goes" if len(did["classes"]) == 1 else "The classes {} go"
        return f"{which.format(named(did['classes']))} into {did['to']} now."
    if "class" in did:
        if did["to"] is None:
            return f"The class {did['class']} is taken out."
        return f"The class {did['class']} {'goes into' if did.get('merged') else 'is called'} {did['to']} now."
    if did.get("removed"):
        return f"{images} taken out."
    told = [f"labelled {did['label']}"] if did.get("label") else []
    told += [f"moved to {queries.SPLIT_NAMES[did['split']]}"] if did.get("split") is not None else []
    return f"{images} {', '.join(told) or 'brought back'}."


def named(labels: list[str]) -> str:
    """ "ant, bee and cow"; of very many the first ones."""
    if len(labels) > MOST_NAMED:
        return f"{', '.join(labels[:MOST_NAMED])} and {len(labels) - MOST_NAMED:,} more"
    return " and ".join(part for part in (", ".join(labels[:-1]), labels[-1]) if part)


@require_POST
@allowed("dataset.edit")
def resplit(request: Request, id: str) -> HttpResponse:
    """Has the splits cut anew when the draft is sealed."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    given = {name: value for name in options.KNOWN if (value := request.POST.get(name, ""))}
    keep, together = request.POST.get("keep_test") == "1", request.POST.get("together", "").replace("\0", "")
    back_to = reverse("datasets:classes", args=[id])
    return told(request, back_to, lambda actor: drafts.resplit(actor, dataset, given, keep_test=keep, together=together))


def told(request: Request, address: str, do: Callable[[Actor], Edit]) -> HttpResponse:
    """Does it and goes back there, with what happened in words."""
    try:
        messages.success(request, sentence(do(request.actor)))
    except ConfigError as error:
        messages.error(request, " ".join(f"{name.capitalize()}: {words}." for name, words in error.fields.items()))
    except InputError as error:
        messages.error(request, error.message)
    return redirect(address)


@require_POST
@allowed("dataset.edit")
def seal(request: Request, id: str) -> HttpResponse:
    """Queues the job that makes the draft the next version."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    try:
        drafts.seal(request.actor, dataset)
    except InputError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(back(request, reverse("datasets:detail", args=[id])))


@require_POST
@allowed("dataset.edit")
def discard(request: Request, id: str) -> HttpResponse:
    """Gives the draft up."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    try:
        drafts.discard(request.actor, dataset)
        messages.success(request, "The draft is discarded; the sealed versions are as they were.")
    except InputError as error:
        messages.error(request, error.message)
    return redirect("datasets:detail", id)


@require_POST
@allowed("dataset.edit")
def revert(request: Request, id: str, version: int) -> HttpResponse:
    """A draft that says what that version says."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    newest = queries.newest_version(dataset)
    if newest is None:
        messages.error(request, f"{dataset.name} has no images yet; wait for its import.")
        return redirect("datasets:detail", id)
    older = looking.version_of(dataset, str(version), newest)
    try:
        drafts.revert(request.actor, dataset, older)
        messages.success(request, f"The draft says what version {version} says. Look at it, then seal it.")
    except InputError as error:
        messages.error(request, error.message)
        return redirect("datasets:versions", id)
    return redirect("datasets:detail", id)


@require_safe
@allowed("dataset.read")
@part_of("datasets:detail")
def sealing(request: Request, id: str) -> HttpResponse:
    """The sealing as it stands; once it has ended the page is loaded anew."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    if seen is None or seen.draft is None or not seen.draft.sealing:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "datasets/_sealing.html", {"dataset": dataset, **looking.bar(seen)})
