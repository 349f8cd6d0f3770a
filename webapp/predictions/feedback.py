"""What a network got wrong goes back into a dataset: the images with their right class become a part of its draft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from webapp.accounts.actor import Actor
from webapp.core.words import plural
from webapp.datasets import drafts
from webapp.datasets.drafts.classes import living
from webapp.datasets.drafts.corrections import Done, Originals
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.queries import newest_version

MOST_DATASETS = 200  # to choose from


class Said(NamedTuple):
    """What became of the images, and where that is seen."""

    words: str
    link: str  # of a page of the draft
    label: str
    name: str  # of the class, as people read it
    added: int
    relabelled: int
    unchanged: int
    addition: int | None  # of the draft, in which the added ones wait
    edits: dict[str, int]  # of the draft, by the hash of each image that is not unchanged


def put_right(actor: Actor, dataset: Dataset, images: Sequence[tuple[str, bytes]], label: str, originals: Originals | None = None) -> Said:
    """These (file name, bytes) are of that class, by its label or readable name: they go into the dataset's draft. `originals`: of images
    that a pack keeps, {hash of these bytes: hash of the file that they were made of}, for a dataset knows its images by that.

    The dataset is one of the actor's team (`get_for`). Raises Forbidden without the right to edit it, InputError with a sentence where
    nothing would change and for what cannot be (no such class, archived, being sealed, erased before, no image), StorageFull.
    """
    actor.require("dataset.edit")
    done = drafts.correct(actor, dataset, images, label, originals)
    told = (f"{words(done)} in the draft of {dataset.name}.", where(dataset, done), done.label, done.name)
    return Said(*told, done.added, done.relabelled, done.unchanged, done.addition, done.edits)


def words(done: Done) -> str:
    """ "3 images wait as cow, 1 that it had already is labelled so"."""
    told = []
    if done.added:
        told.append(f"{plural(done.added, 'image')} {'waits' if done.added == 1 else 'wait'} as {done.name}")
    if done.relabelled:
        which = f"{plural(done.relabelled, 'image')} that it had already {'is' if done.relabelled == 1 else 'are'}"
        told.append(f"{which} labelled {done.name}")
    return " and ".join(told)


def where(dataset: Dataset, done: Done) -> str:
    """The page that shows them."""
    if done.added:
        return f"{reverse('datasets:waiting', args=[dataset.id])}?addition={done.addition}"
    return f"{reverse('datasets:detail', args=[dataset.id])}?changed=1"


def classes(dataset: Dataset) -> list[tuple[str, str]]:
    """(label, readable name) of the classes as the open draft has them; those are found by either."""
    draft = drafts.current(dataset)
    if draft is not None:
        return [(known.label, known.name) for known in living(draft)]
    version = newest_version(dataset)
    return [(entry["label"], entry["name"] or entry["label"]) for entry in version.classes] if version else []


def datasets(actor: Actor) -> QuerySet[Dataset]:
    """Those that can take corrections, the newest first."""
    ready = DatasetVersion.objects.filter(dataset__team=actor.team, ready=True).values("dataset")
    return Dataset.objects.filter(team=actor.team, archived_at__isnull=True, pk__in=ready).order_by("-id")[:MOST_DATASETS]
