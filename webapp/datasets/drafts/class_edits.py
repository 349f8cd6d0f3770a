"""Changes of whole classes, which touch no row of a sample before the draft is sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        return edited(actor, draft, {number: {"label": text}}, {"class": was, "to": text})


def merge_class(actor: Actor, dataset: Dataset, label: str, into: str) -> Edit:
    """All images of a class become another class's."""
    with transaction.atomic():
        draft = open_one(actor, dataset)
        number, target = classes.require(draft, label), classes.require(draft, into)
        if number == target:
            raise InputError("Choose two different classes; a class cannot be merged into itself.")
        did = {"class": classes.known(draft, number).label, "to": classes.known(draft, target).label, "merged": True}
        return edited(actor, draft, {number: {"into": target}}, did)


def merge_classes(actor: Actor, dataset: Dataset, labels: Sequence[str], into: str) -> Edit:
    """All images of several classes become one class's: another one's, one of theirs, or a new one's of that name. One edit."""
    text = classes.clean(into)
    with transaction.atomic():
        draft = open_one(actor, dataset)
        there = {each.label: each.number for each in classes.living(draft)}  # once: each look goes through all classes
        numbers = list(dict.fromkeys(there[label] if label in there else classes.require(draft, label) for label in labels))
        target = classes.meant(draft, text)
        first = numbers[0] if target is None and numbers else target
        others = [number for number in numbers if number != first]
        if not others:
            raise InputError("Choose two classes or more, or another one to merge into; a class cannot be merged into itself.")
        gone = numbers if target is None else others
        did = {"classes": [classes.known(draft, number).label for number in gone], "merged": True}
        become: dict[int, dict[str, Any]] = {number: {"into": first} for number in others}
        if target is None and first is not None:
            become[first] = {"label": text}
        return edited(actor, draft, become, did | {"to": text if target is None else classes.known(draft, target).label})


def remove_class(actor: Actor, dataset: Dataset, label: str) -> Edit:
    """A class is taken out with its images."""
    with transaction.atomic():
        draft = open_one(actor, dataset)
        number = classes.require(draft, label)
        if len(classes.living(draft)) < 2:
            raise InputError("This is the last class; a version needs one at least. Delete the dataset in its place.")
        return edited(actor, draft, {number: {"into": None}}, {"class": classes.known(draft, number).label, "to": None})


def edited(actor: Actor, draft: Draft, become: Mapping[int, dict[str, Any]], did: dict[str, Any]) -> Edit:
    """Classes, by their numbers, become that, with an edit that can be undone."""
    edit = new_edit(actor, draft, did, before={"classes": {str(number): draft.classes.get(str(number)) for number in become}})
    base = draft.base.classes
    for number, what in become.items():
        draft.classes[str(number)] = what
        if what.get("label") is not None and number < len(base) and base[number]["label"] == what["label"]:
            del draft.classes[str(number)]  # called as before
    draft.save()
    return edit


def classes_of(did: Mapping[str, Any]) -> list[str]:
    """The classes that an edit of classes was about, as they were called."""
    return list(did["classes"]) if "classes" in did else [did["class"]]


def that_hold(dataset: Dataset) -> QuerySet[Edit]:
    """Every edit of a class that is not taken back, of drafts that were not given up, the oldest first."""
    made = Edit.objects.filter(draft__dataset=dataset, samples=0, undone_at=None, did__has_any_keys=["class", "classes"])
    return made.exclude(draft__closed_at__isnull=False, draft__version__isnull=True).order_by("id")
