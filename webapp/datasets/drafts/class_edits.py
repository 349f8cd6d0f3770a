"""Changes of whole classes, which touch no row of a sample before the draft is sealed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.datasets.draft_models import Draft, Edit
from webapp.datasets.drafts import classes
from webapp.datasets.drafts.opening import new_edit, open_one
from webapp.datasets.models import Dataset


def rename_class(actor: Actor, dataset: Dataset, label: str, to: str) -> Edit:
    """Another label for all images of a class. InputError where another class has it: that is to merge."""
    text = classes.clean(to)
    with transaction.atomic():
        draft = open_one(actor, dataset)
        number = classes.require(draft, label)
        was = classes.known(draft, number).label
        if was == text:
            raise InputError(f"The class is called {text} already.", code="nothing")
        if any(classes.same(each.label) == text for each in classes.living(draft) if each.number != number):
            raise InputError(f"There is a class {text} already. Merge {was} into it, or choose another name.")
        return edited(actor, draft, number, {"label": text}, {"class": was, "to": text})


def merge_class(actor: Actor, dataset: Dataset, label: str, into: str) -> Edit:
    """All images of a class become another class's."""
    with transaction.atomic():
        draft = open_one(actor, dataset)
        number, target = classes.require(draft, label), classes.require(draft, into)
        if number == target:
            raise InputError("Choose two different classes; a class cannot be merged into itself.")
        did = {"class": classes.known(draft, number).label, "to": classes.known(draft, target).label, "merged": True}
        return edited(actor, draft, number, {"into": target}, did)


def remove_class(actor: Actor, dataset: Dataset, label: str) -> Edit:
    """A class is taken out with its images."""
    with transaction.atomic():
        draft = open_one(actor, dataset)
        number = classes.require(draft, label)
        if len(classes.living(draft)) < 2:
            raise InputError("This is the last class; a version needs one at least. Delete the dataset in its place.")
        return edited(actor, draft, number, {"into": None}, {"class": classes.known(draft, number).label, "to": None})


def edited(actor: Actor, draft: Draft, number: int, become: dict[str, Any], did: dict[str, Any]) -> Edit:
    """The class becomes that, with an edit that can be undone."""
    key = str(number)
    edit = new_edit(actor, draft, did, before={"classes": {key: draft.classes.get(key)}})
    draft.classes[key] = become
    base = draft.base.classes
    if become.get("label") is not None and number < len(base) and base[number]["label"] == become["label"]:
        del draft.classes[key]  # called as before
    draft.save()
    return edit


def that_hold(dataset: Dataset) -> QuerySet[Edit]:
    """Every edit of a class that is not taken back, of drafts that were not given up, the oldest first."""
    made = Edit.objects.filter(draft__dataset=dataset, samples=0, undone_at=None, did__has_key="class")
    return made.exclude(draft__closed_at__isnull=False, draft__version__isnull=True).order_by("id")
