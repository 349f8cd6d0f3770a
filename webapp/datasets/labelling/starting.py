"""How a round of labelling begins and ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.core.words import percent, shortened
from webapp.datasets.labelling import filters, sources
from webapp.datasets.labelling.handing import base_of
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound, RoundKind
from webapp.datasets.models import Dataset, DatasetVersion, Split, Suggesting
from webapp.datasets.quality.queries import newest_done
from webapp.datasets.quality.words import KIND_WORDS
from webapp.datasets.removing import held
from webapp.jobs.clock import database_time

SEARCH_LENGTH = 200
NAME_LENGTH = 200  # of the row
ABOUT_LABELS = ("label", "two_labels", "near_two_labels")  # findings that ask what an image shows
LEAST_SHARE = 0.01
NO_CLASS = "There is no class {!r} in version {}. Reload the page to see those that there are."
NO_IMAGES = "No image of {name} is chosen by that. Take a filter away, or choose another class."


def start(
    actor: Actor, dataset: Dataset, *, label: str = "", splits: Sequence[int] = (), search: str = "", more: Mapping[str, Any] | None = None
) -> LabelRound:
    """A round over the images of a class (all where it is empty), of some splits, whose path holds `search`; `more` as of `filters`."""
    words = search.replace("\0", "").strip()[:SEARCH_LENGTH]
    about: dict[str, Any] = {"label": label, "splits": sorted({split for split in splits if split in Split.values}), "search": words}
    about |= {"more": dict(more)} if more else {}
    with transaction.atomic():
        version = ready(actor, dataset)
        if label and sources.number_of(version, label) is None:
            raise InputError(NO_CLASS.format(label[:60], version.number))
        images = sources.counted(version, about)
        if images == 0:
            raise InputError(NO_IMAGES.format(name=dataset.name), code="nothing")
        return begun(actor, dataset, RoundKind.CHOSEN, name_of(version, about), about, images)


def name_of(version: DatasetVersion, about: Mapping[str, Any]) -> str:
    """ "Labelling: unlabelled, train, “lake”"."""
    parts = [names_of(version).get(about["label"], about["label"]) or "all classes"]
    parts += [name for number, name in Split.choices if number in about["splits"]]
    parts += [f"“{about['search']}”"] if about["search"] else []
    parts += filters.words(about.get("more", {}))
    return f"Labelling: {', '.join(parts)}"


def names_of(version: DatasetVersion) -> dict[str, str]:
    """{label: its readable name}."""
    return {entry["label"]: entry["name"] for entry in version.classes}


def start_findings(actor: Actor, dataset: Dataset, kind: str) -> LabelRound:
    """A round over the findings of one kind, of the newest check."""
    with transaction.atomic():
        version = ready(actor, dataset)
        check = newest_done(version)
        if kind not in ABOUT_LABELS or check is None or not check.counts.get(kind):
            raise InputError("The newest check has no such findings. Check the dataset on its Quality page first.", code="nothing")
        about, images = {"check": check.pk, "finding": kind}, check.findings.filter(kind=kind).count()
        return begun(actor, dataset, RoundKind.FINDINGS, f"Labelling: {KIND_WORDS[kind].title.lower()}", about, images)


def start_suggested(actor: Actor, dataset: Dataset, suggesting: Suggesting, *, label: str = "") -> LabelRound:
    """A round over a network's suggestions, the least certain first; of the images of one class, or of all."""
    with transaction.atomic():
        version = ready(actor, dataset)
        if label and sources.number_of(version, label) is None:
            raise InputError(NO_CLASS.format(label[:60], version.number))
        if not suggesting.images:
            raise InputError("These suggestions are not there yet; wait for their end.", code="busy")
        about = {"label": label, "splits": [], "search": ""}
        images = min(suggesting.images, sources.counted(version, about) or 0)
        if not images:
            raise InputError(NO_IMAGES.format(name=dataset.name), code="nothing")
        of = "" if not label else f", {names_of(version).get(label, label)}"
        name = f"Suggested by {suggesting.source_name}{of}"
        return begun(actor, dataset, RoundKind.SUGGESTED, name, {"label": label}, images, suggesting=suggesting)


def start_review(actor: Actor, round: LabelRound, share: float) -> LabelRound:
    """A round in which others label a share of that one's answers again, without seeing them."""
    if not LEAST_SHARE <= share <= 1:
        raise InputError(f"A review takes from {percent(LEAST_SHARE, 0)} to 100 % of the answers; {percent(share)} came.")
    if round.is_review:
        raise InputError("A review is not reviewed; what its two people disagree about is settled.")
    with transaction.atomic():
        ready(actor, round.dataset)
        answers = LabelItem.objects.filter(round=round, state=ItemState.ANSWERED).exclude(label="")
        newest = answers.order_by("-id").values_list("id", flat=True).first()
        if newest is None:
            raise InputError("Nothing was labelled in this round yet, so there is nothing to review.", code="nothing")
        about = {"share": share, "last": newest}
        name = f"Review: {round.name.removeprefix('Labelling: ')}"
        made = begun(actor, round.dataset, RoundKind.REVIEW, name, about, None, reviewed=round)
        made.images = sum(sources.is_drawn(made.id, position, share) for position in answers.values_list("position", flat=True).iterator())
        if not made.images:
            raise InputError("So small a share is not one image. Take a larger share.", code="nothing")
        made.save(update_fields=["images"])
    return made


def ready(actor: Actor, dataset: Dataset) -> DatasetVersion:
    """The version whose images are labelled. InputError where there is none, or the dataset is archived."""
    actor.require("dataset.edit")
    row = held(dataset)
    if row.archived_at is not None:
        raise InputError(f"{row.name} is archived; take it out of the archive to label it.", code="archived")
    version, _ = base_of(dataset)
    if version is None:
        raise InputError(f"{dataset.name} has no images yet; wait for its import.", code="no_version")
    return version


def begun(
    actor: Actor,
    dataset: Dataset,
    kind: RoundKind,
    name: str,
    about: dict[str, Any],
    images: int | None,
    **of: Any,
) -> LabelRound:
    """The row, with its entry in the log; `of`: the round that it reviews, or the suggestions that it goes through.

    The same once more, as by a second click, gives the one that nobody has begun to label yet. The caller holds the dataset's row.
    """
    same = LabelRound.objects.filter(dataset=dataset, created_by=actor.user, kind=kind, closed_at=None, cursor=-1, **of).order_by("-id")
    if again := next((round for round in same if round.about == about), None):
        return again
    made = LabelRound.objects.create(
        team=dataset.team,
        created_by=actor.user,
        dataset=dataset,
        kind=kind,
        name=shortened(name, NAME_LENGTH),
        about=about,
        images=images,
        **of,
    )
    if made.is_review:
        record(actor, "dataset.review", dataset, round=made.name)
    else:
        record(actor, "dataset.label", dataset, round=made.name)
    return made


def close(actor: Actor, round: LabelRound) -> None:
    """Nothing of it is handed out any more; what was said stays. Repeats are welcome."""
    actor.require("dataset.edit")
    with transaction.atomic():
        LabelRound.objects.filter(pk=round.pk, closed_at=None).update(closed_at=database_time())
        LabelItem.objects.filter(round=round, state=ItemState.WAITING).update(user=None, until=None)
