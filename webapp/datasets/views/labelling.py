"""The Label page of a dataset, and a round of labelling: its page, and what its script asks and says."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from classifier.spec.errors import InputError
from classifier.spec.packfile import UNLABELLED
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.ids import is_id
from webapp.core.words import plural
from webapp.datasets import labelling, suggested
from webapp.datasets.drafts.classes import living
from webapp.datasets.labelling import showing, starting
from webapp.datasets.labelling_models import LabelItem, LabelRound
from webapp.datasets.models import Dataset, DatasetVersion, Suggesting
from webapp.datasets.quality.queries import newest_done
from webapp.datasets.quality.words import KIND_WORDS
from webapp.datasets.queries import SPLIT_NAMES, split_counts
from webapp.datasets.views import looking, suggesting
from webapp.datasets.views.browse import SHOWN_CLASSES, import_context, number, tab_context

MOST_ROUNDS = 50
MOST_KEPT = 20  # answers that are on their way when a page is left
BUTTONS = 30  # classes that have one; the others are typed
SHARES = (5, 10, 20, 50, 100)  # percent that a review takes


@require_safe
@allowed("dataset.read")
def label(request: Request, id: str) -> HttpResponse:
    """What can be labelled, and the rounds that there are."""
    dataset = get_for(request.actor, Dataset, id, "dataset.read")
    seen = looking.look(request, dataset)
    if seen is None:
        return render(request, "datasets/importing.html", import_context(dataset))
    rounds = LabelRound.objects.filter(dataset=dataset).select_related("created_by").order_by("-id")[:MOST_ROUNDS]
    context = tab_context(dataset, seen.version, "label", seen) | form_context(request, seen.version)
    context |= {"rounds": [row_of(round) for round in rounds], "shares": SHARES, "may": seen.editable}
    context |= suggesting.context(request, seen.version) | {"rest": rest_of(seen)}
    return render(request, "datasets/label.html", context)


def form_context(request: Request, version: DatasetVersion) -> dict[str, Any]:
    """What the form for a new round offers; the gallery's filters choose beforehand."""
    asked = request.GET.get("label", "")
    first = next((entry["label"] for entry in version.classes if entry["label"] == UNLABELLED), "")
    wanted = version.classes[number(asked)]["label"] if asked.isdecimal() and number(asked) < len(version.classes) else first
    check, splits = newest_done(version), request.GET.getlist("split")
    counts = split_counts(version)
    found = [(kind, KIND_WORDS[kind].title, check.counts.get(kind, 0)) for kind in starting.ABOUT_LABELS] if check else []
    return {
        "offered": version.classes[:SHOWN_CLASSES],
        "wanted": wanted,
        "unlabelled": first,
        "q": request.GET.get("q", "")[: starting.SEARCH_LENGTH].replace("\0", ""),
        "splits": [(value, name, counts[name], not splits or str(value) in splits) for value, name in enumerate(SPLIT_NAMES)],
        "doubts": [(kind, title, count) for kind, title, count in found if count],
    }


def rest_of(seen: looking.Look) -> str:
    """The class of images without labels, where it stands beside others; a training would learn it."""
    labels = [each.label for each in living(seen.draft)] if seen.draft else [entry["label"] for entry in seen.version.classes]
    return UNLABELLED if UNLABELLED in labels and len(labels) > 1 else ""


def row_of(round: LabelRound) -> dict[str, Any]:
    """A round in the table."""
    fraction = min(1.0, round.done / round.images) if round.images else None
    return {"round": round, "words": showing.words(round), "fraction": fraction, "over": round.closed_at is not None}


@require_POST
@allowed("dataset.edit")
def start(request: Request, id: str) -> HttpResponse:
    """Begins a round, and goes there."""
    dataset = get_for(request.actor, Dataset, id, "dataset.edit")
    post = request.POST
    splits = [number(text) for text in post.getlist("split") if text.isdecimal()]
    try:
        label = post.get("label", "").replace("\0", "")
        if post.get("suggesting"):
            made = labelling.start_suggested(request.actor, dataset, suggestions_of(dataset, post["suggesting"]), label=label)
        elif post.get("finding"):
            made = labelling.start_findings(request.actor, dataset, post["finding"])
        else:
            some = splits if len(splits) < len(SPLIT_NAMES) else ()
            made = labelling.start(request.actor, dataset, label=label, splits=some, search=post.get("q", ""))
    except InputError as error:
        messages.error(request, error.message)
        return redirect("datasets:label", id)
    return redirect("datasets:round", id, made.id)


def suggestions_of(dataset: Dataset, id: str) -> Suggesting:
    """The dataset's suggestions of that id; InputError where newer ones took their place."""
    found = next((one for one in suggested.done(dataset) if one.id == id), None)
    if found is None:
        raise InputError("These suggestions are not there any more; others took their place. Reload the page.", code="gone")
    return found


def found_round(request: Request, id: str, round: str, verb: str) -> LabelRound:
    """The dataset's round of that id, or Http404."""
    dataset = get_for(request.actor, Dataset, id, verb)
    found = LabelRound.objects.filter(pk=round, dataset=dataset).first() if is_id(round) else None
    if found is None:
        raise Http404("There is no such round of labelling.")
    found.dataset = dataset
    return found


@require_safe
@allowed("dataset.edit")
def round(request: Request, id: str, round: str) -> HttpResponse:
    """One image at a time; what is shown comes by `next`."""
    found = found_round(request, id, round, "dataset.edit")
    dataset = found.dataset
    seen = looking.look(request, dataset)
    if seen is None:
        return render(request, "datasets/importing.html", import_context(dataset))
    known = showing.offered(found)
    context = tab_context(dataset, seen.version, "label", seen)
    context |= {"round": found, "progress": showing.progress(request.actor, found), "known": known[:SHOWN_CLASSES], "shares": SHARES}
    return render(request, "datasets/round.html", context | {"may": seen.editable})


@require_POST
@allowed("dataset.edit")
def hand_out(request: Request, id: str, round: str) -> HttpResponse:
    """The next images for whoever asks."""
    found = found_round(request, id, round, "dataset.edit")
    return told(request, found, lambda: None)


@require_POST
@allowed("dataset.edit")
def answer(request: Request, id: str, round: str) -> HttpResponse:
    """A label, out with it, or skipped; the answer brings the next images."""
    found = found_round(request, id, round, "dataset.edit")
    post = request.POST
    item, do = number(post.get("item", "")), post.get("do", "label")
    verbs: dict[str, Callable[[], Any]] = {
        "label": lambda: labelling.answer(request.actor, found, item, post.get("label", "")),
        "out": lambda: labelling.take_out(request.actor, found, item),
        "skip": lambda: labelling.skip(request.actor, found, item),
    }
    return told(request, found, verbs.get(do, verbs["label"]))


@require_POST
@allowed("dataset.edit")
def undo(request: Request, id: str, round: str) -> HttpResponse:
    """Takes one's own newest answer back; its image comes first again."""
    found = found_round(request, id, round, "dataset.edit")
    return told(request, found, lambda: labelling.undo(request.actor, found))


def told(request: Request, found: LabelRound, do: Callable[[], LabelItem | None]) -> JsonResponse:
    """Does it, and answers with the images that are this person's next; or with why it was not done."""
    try:
        item = do()
        handed = labelling.hand_out(request.actor, found)
    except InputError as error:
        return JsonResponse({"error": error.message, "code": error.code}, status=HTTPStatus.CONFLICT)
    said = showing.whole(request.actor, found, handed.items, handed.more)
    return JsonResponse(said | {"classes": showing.offered(found)[:BUTTONS], "item": item.pk if item else None})


@require_POST
@allowed("dataset.edit")
def leave(request: Request, id: str, round: str) -> HttpResponse:
    """The page is closed: what it had is anybody's again, at once; `keep` names images whose answers are still to arrive."""
    keep = [number(text) for text in request.POST.get("keep", "").split(",", MOST_KEPT)[:MOST_KEPT] if text.isdecimal()]
    labelling.give_back(request.actor, found_round(request, id, round, "dataset.edit"), keep)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@require_POST
@allowed("dataset.edit")
def change_round(request: Request, id: str, round: str) -> HttpResponse:
    """Closes a round, goes through what was skipped once more, or has a share of its answers reviewed."""
    found = found_round(request, id, round, "dataset.edit")
    do, page = request.POST.get("do", ""), reverse("datasets:round", args=[id, found.id])
    try:
        if do == "again":
            messages.success(request, f"Skipped before, here once more: {plural(labelling.once_more(request.actor, found), 'image')}.")
        elif do == "review":
            share = number(request.POST.get("share", "")) / 100
            page = reverse("datasets:round", args=[id, labelling.start_review(request.actor, found, share).id])
        else:
            labelling.close(request.actor, found)
            page = reverse("datasets:label", args=[id])
            messages.success(request, "The round is closed. What was labelled stands in the draft.")
    except InputError as error:
        messages.error(request, error.message)
        page = reverse("datasets:label", args=[id])
    return HttpResponseRedirect(page)
