"""Images that a draft gains: archives that wait in the dataset's folder until it is sealed, which decodes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.datasets import about, files
from webapp.datasets.browsing import columns
from webapp.datasets.draft_models import Addition, Draft, Edit
from webapp.datasets.drafts import classes, peeks, reading
from webapp.datasets.drafts.cutting import grouped
from webapp.datasets.drafts.opening import locked, new_edit, newest, open_one, opened
from webapp.datasets.files import Archive
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.options import DEFAULTS

MOST = 100  # in one draft
SPLIT = str(DEFAULTS["split"])
LEARNT = [100.0, 0.0, 0.0]  # images that were chosen since a network was wrong on them would make a split that judges harder than the world


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
    actor: Actor,
    dataset: Dataset,
    archive: Archive,
    archive_name: str,
    label: str,
    *,
    how: Mapping[str, str] | None = None,
    also: Callable[[Dataset], None] = lambda _: None,
) -> Edit:
    """Keeps the archive with the open draft, or a new one; an edit that can be undone. `how` has its `encoding`, and what is kept of its
    `exif`. `also` happens in the same transaction."""
    clean, read = check(actor, dataset, label), reading.checked(how or {})
    size = files.check_size(archive)

    def kept() -> bool:
        return Addition.objects.filter(file=path.name).exists()

    with files.arriving(dataset.folder, archive, archive_name, kept, where=peeks.FOLDER) as path, transaction.atomic():
        draft = open_one(actor, dataset)
        name = files.shown_name(archive_name)
        made = Addition.objects.create(draft=draft, file=path.name, name=name, bytes=size, label=clean, **read)
        edit = new_edit(actor, draft, {"add": name, "label": clean or None}, before={"addition": made.pk})
        draft.added += 1
        draft.save()
        also(dataset)
    return edit


def change_addition(actor: Actor, dataset: Dataset, addition: int, *, label: str = "", out: bool = False) -> Edit:
    """Of what waits, all images become of that class (empty: as their folders or their table say), or none is added; undone as one edit."""
    with transaction.atomic():
        draft = opened(actor, dataset)
        row = draft.additions.filter(pk=addition, taken_back=False).first()
        if row is None:
            raise InputError(peeks.GONE, code="gone")
        before = {"was": {"addition": row.pk, "label": row.label}}
        if out:
            row.taken_back = True
            draft.added -= 1
            did: dict[str, Any] = {"add": row.name, "label": None, "out": True}
        else:
            row.label = clean_label(draft, label)
            if row.label == before["was"]["label"]:
                raise InputError(f"The images of {row.name} are to be of that class already.", code="nothing")
            did = {"add": row.name, "label": row.label or None}
        row.save()
        edit = new_edit(actor, draft, did, before=before)
        draft.save()
    return edit


def sides(version: DatasetVersion) -> str:
    """In which split added images will be, and what of the images that are there already is not compared with them."""
    options = version.dataset.options
    split = str(options.get("split", SPLIT)).replace("/", " / ")
    told = f"Splits are as their folders or their table say; else they are cut {split}."
    told += in_groups(version)
    if options.get("alike"):
        told += " Images that look like one that is here go where that is."
    unknown = "" if options.get("alike") else " What looks like an image that is here is not looked for: a check finds twins."
    return told + unknown


def in_groups(version: DatasetVersion) -> str:
    """By what added images are kept on the side of those that are there: as the newest cut, or the import, had it."""
    cut = about.value(version.folder, "options") or {}
    if cut.get("group"):
        return f" Images that match {cut['group']} as one that is here go where that is."
    if cut.get("column"):
        return f" Images of the same {cut['column']} as one that is here go where that is, if their table has this column."
    if grouped(version) and columns.names_of(version.folder):
        return " Images of the same group as one that is here go where that is, if their table has the column of groups."
    return ""


def clean_label(draft: Draft, label: str) -> str:
    """As it is kept; InputError for a class that the draft takes out."""
    if not label:
        return ""
    classes.find(draft, label)
    return classes.clean(label)


def put_back(draft: Draft, was: dict[str, Any]) -> None:
    """Of an edit of an addition that is undone. The caller saves the draft."""
    draft.added += draft.additions.filter(pk=was["addition"], taken_back=True).update(taken_back=False)
    draft.additions.filter(pk=was["addition"]).update(**{name: value for name, value in was.items() if name != "addition"})


def take_back(draft: Draft, addition: int) -> None:
    """Of an edit that is undone; the archive stays until the draft is closed. The caller saves the draft."""
    draft.added -= draft.additions.filter(pk=addition, taken_back=False).update(taken_back=True)


def waiting(draft: Draft) -> list[Addition]:
    """What its sealing adds, in the order it came."""
    return list(draft.additions.filter(taken_back=False).order_by("pk"))


def changes(draft: Draft, folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file of changes in that folder; of classes that were taken out since nothing is added."""
    options = draft.dataset.options
    shares = [float(share) for share in str(options.get("split", SPLIT)).split("/")]
    more = {name: options[name] for name in ("alike",) if options.get(name)}
    for addition in waiting(draft):
        said = of_images(draft, addition)
        if said is not None:
            source = os.path.relpath(draft.dataset.folder / peeks.FOLDER / addition.file, folder)
            yield {
                "op": "add",
                "source": source,
                **said,
                **reading.told(addition),
                "shares": LEARNT if addition.corrected else shares,
                "seed": options.get("seed", 0),
                **more,
            }


def of_images(draft: Draft, addition: Addition) -> dict[str, Any] | None:
    """What its images show: all of them, and single ones. Of a class that was taken out since only those that became of another one are
    added; None where there are none."""
    images: dict[str, str | None] = {}
    for digest, number, removed in addition.images.order_by("digest").values_list("digest", "label", "removed"):
        now = None if removed or number is None else classes.shown(draft, number)
        images[digest] = now.label if now else None
    told: dict[str, Any] = {"images": images} if images else {}
    if not addition.label:
        became = became_of(draft)
        return told | ({"labels": became} if became else {})
    try:
        found = classes.find(draft, addition.label)
    except InputError:
        images = {digest: label for digest, label in images.items() if label}
        return {"label": next(iter(images.values())), "images": images, "only": True} if images else None
    of_all = classes.shown(draft, found) if found is not None else None
    return {"label": of_all.label if of_all else addition.label, **told}


def became_of(draft: Draft) -> dict[str, str | None]:
    """{label that the base has and the draft has not: what it is called there, None where it is taken out}: folders may be called so."""
    living = {each.label for each in classes.living(draft)} if draft.classes else set()
    gone = [(number, entry["label"]) for number, entry in enumerate(draft.base.classes) if draft.classes and entry["label"] not in living]
    shown = {label: classes.shown(draft, number) for number, label in gone}
    return {label: now.label if now else None for label, now in shown.items()}


def remove_archives(draft: Draft) -> None:
    """Once the draft is closed and that is committed."""
    folder = draft.dataset.folder / peeks.FOLDER
    names = list(draft.additions.values_list("file", flat=True))

    def remove() -> None:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        peeks.remove(draft)

    transaction.on_commit(remove)
