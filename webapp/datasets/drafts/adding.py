"""Images that a draft gains: archives that wait in the dataset's folder until it is sealed, which decodes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.datasets import files
from webapp.datasets.draft_models import Addition, Draft, Edit
from webapp.datasets.drafts import classes
from webapp.datasets.drafts.opening import locked, new_edit, newest, open_one
from webapp.datasets.files import Archive
from webapp.datasets.models import Dataset

FOLDER = "additions"  # in the dataset's
MOST = 100  # in one draft


def check(actor: Actor, dataset: Dataset, label: str) -> str:
    """The class that added images shall be of, clean; empty: as their folders or their table say. InputError where none may be added."""
    with transaction.atomic():
        draft = locked(actor, dataset)
        newest(dataset)
        if draft is not None and draft.added >= MOST:
            raise InputError(f"A draft takes {MOST} additions at most. Seal it, then add more.", code="too_many")
        if draft is not None and label:
            classes.find(draft, label)
    return classes.clean(label) if label else ""


def add(
    actor: Actor, dataset: Dataset, archive: Archive, archive_name: str, label: str, *, also: Callable[[Dataset], None] = lambda _: None
) -> Edit:
    """Keeps the archive with the open draft, or a new one; an edit that can be undone. `also` happens in the same transaction."""
    clean = check(actor, dataset, label)
    size = files.check_size(archive)

    def kept() -> bool:
        return Addition.objects.filter(file=path.name).exists()

    with files.arriving(dataset.folder, archive, archive_name, kept, where=FOLDER) as path, transaction.atomic():
        draft = open_one(actor, dataset)
        name = files.shown_name(archive_name)
        made = Addition.objects.create(draft=draft, file=path.name, name=name, bytes=size, label=clean)
        edit = new_edit(actor, draft, {"add": name, "label": clean or None}, before={"addition": made.pk})
        draft.added += 1
        draft.save()
        also(dataset)
    return edit


def take_back(draft: Draft, addition: int) -> None:
    """Of an edit that is undone; the archive stays until the draft is closed. The caller saves the draft."""
    draft.added -= draft.additions.filter(pk=addition, taken_back=False).update(taken_back=True)


def waiting(draft: Draft) -> list[Addition]:
    """What its sealing adds, in the order it came."""
    return list(draft.additions.filter(taken_back=False).order_by("pk"))


def changes(draft: Draft, folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file of changes in that folder; of classes that were taken out since nothing is added."""
    options = draft.dataset.options
    shares = [float(share) for share in str(options.get("split", "70/15/15")).split("/")]
    more = {"group": options["group"]} if options.get("group") else {}
    for addition in waiting(draft):
        try:
            number = classes.find(draft, addition.label) if addition.label else None
        except InputError:
            continue
        now = classes.shown(draft, number) if number is not None else None
        label = {"label": now.label if now else addition.label} if addition.label else {}
        source = os.path.relpath(draft.dataset.folder / FOLDER / addition.file, folder)
        yield {"op": "add", "source": source, **label, "shares": shares, "seed": options.get("seed", 0), **more}


def remove_archives(draft: Draft) -> None:
    """Once the draft is closed and that is committed."""
    folder = draft.dataset.folder / FOLDER
    names = list(draft.additions.values_list("file", flat=True))

    def remove() -> None:
        for name in names:
            (folder / name).unlink(missing_ok=True)

    transaction.on_commit(remove)
