"""Which version a page shows, with which draft over it, and what may be changed there."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import Http404

from webapp.accounts.actor import Request
from webapp.datasets import drafts, queries
from webapp.datasets.drafts import classes, overlay
from webapp.datasets.models import Dataset, DatasetVersion, Draft

KEYS = 9  # classes that a key assigns
SHOWN_CLASSES = 5_000


class Look(NamedTuple):
    """A version with the draft over it; `editable` where who looks may change that draft, or open one."""

    version: DatasetVersion
    draft: Draft | None
    editable: bool
    named: bool  # by its number in the address: as it was sealed
    newest: DatasetVersion

    @property
    def over(self) -> Draft | None:
        """The draft whose changes are shown."""
        return None if self.named else self.draft


def look(request: Request, dataset: Dataset) -> Look | None:
    """The version of `?version=`, or Http404; else the draft over its base, or the newest version. None before there is one."""
    newest = queries.newest_version(dataset)
    if newest is None:
        return None
    asked = request.GET.get("version", "")
    draft = drafts.current(dataset)
    if asked:
        version = version_of(dataset, asked, newest)
        return Look(version, draft, False, True, newest)
    may = request.actor.can("dataset.edit") and dataset.archived_at is None and not (draft and draft.sealing)
    return Look(draft.base if draft else newest, draft, may, False, newest)


def version_of(dataset: Dataset, asked: str, newest: DatasetVersion) -> DatasetVersion:
    """The sealed version of that number; Http404 where there is none."""
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else 0
    if number == newest.number:
        return newest
    found = queries.sealed_versions(dataset).filter(number=number).first()
    if found is None:
        raise Http404("There is no such version of this dataset.")
    found.dataset = dataset
    return found


def labelling(seen: Look) -> dict[str, Any]:
    """What the bar of classes over a gallery needs."""
    if not seen.editable:
        return {"editable": False}
    if seen.draft is not None:
        known = classes.living(seen.draft)[:SHOWN_CLASSES]
        choices = [(each.label, each.name) for each in known]
    else:
        choices = [(entry["label"], entry["name"]) for entry in seen.version.classes[:SHOWN_CLASSES]]
    keys = [(str(place), *choice) for place, choice in enumerate(choices[:KEYS], 1)]
    return {"editable": True, "keyed": keys, "choices": choices, "split_names": queries.SPLIT_NAMES}


def bar(seen: Look | None) -> dict[str, Any]:
    """What the bar of the draft needs, over each tab."""
    draft = seen.draft if seen else None
    if seen is None or draft is None:
        return {"draft": None}
    last = seen.newest.number
    hidden = draft.is_empty and draft.base.number == last and not draft.sealing
    shown = {"draft": draft, "draft_words": overlay.words(draft), "draft_hidden": hidden, "next_version": last + 1}
    return shown | {"reverts": draft.base.number < last, "draft_editable": seen.editable}
