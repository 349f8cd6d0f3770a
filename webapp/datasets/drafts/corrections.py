"""Images that a network named wrongly, each with the class that somebody says it is of.

One that the dataset has already is labelled anew; others gather in one archive of the draft (`together.py`), which grows while the
draft is open, and are learnt from: they are in train. Each call is one edit, or two where some are there already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from django.db import transaction

from classifier.spec.errors import InputError
from classifier.spec.packfile import ERASED, IN_NO_SPLIT
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.datasets import files, packs
from webapp.datasets.draft_models import Addition, Draft, Edit
from webapp.datasets.drafts import adding, changing, classes, peeks, together, waiting
from webapp.datasets.drafts.changing import NOTHING, Says
from webapp.datasets.drafts.opening import current, locked, new_edit, newest, open_one
from webapp.datasets.drafts.together import Overtaken
from webapp.datasets.models import Dataset, DatasetVersion, Erasure
from webapp.jobs.models import FINAL

NAME = "corrections"  # of no file's name, so that no erasure has to look for it
MOST = 100  # images of one call
MOST_BYTES = 64 << 20
TOGETHER = 500  # images in an archive that others join: it is copied each time
TOGETHER_BYTES = 32 << 20
TRIES = 5  # while others correct at the same time
WHY = "a network named it wrongly"
BUSY = "Others are just changing this draft. Nothing was changed; try again in a moment."
NO_FILES = "The images of {name} are not on this server, so nothing can be added to them."

Images = Mapping[str, tuple[str, bytes]]  # by the hash of the file: its name and its bytes
Originals = Mapping[str, str]  # by the hash of an image that a pack keeps, that of the file it was made of


class There(NamedTuple):
    """What of the images the dataset's base shows already."""

    position: int
    label: int  # a number of the base's classes


class Done(NamedTuple):
    """What a call came to."""

    label: str
    name: str  # of the class, as people read it
    added: int  # images that wait, newly or again
    relabelled: int  # images that the dataset had under another class
    unchanged: int  # images that are of that class already, there or in what waits
    addition: int | None  # in which the added ones wait
    edits: dict[str, int]  # by the hash of each image that is not unchanged: the edit, which can be undone


class Plan(NamedTuple):
    """What is to be done about the images."""

    there: dict[str, There]
    fresh: dict[str, tuple[str, bytes]]


def correct(actor: Actor, dataset: Dataset, images: Sequence[tuple[str, bytes]], label: str, originals: Originals | None = None) -> Done:
    """These (name, bytes) are of that class, which the draft has, by its label or its readable name. InputError where nothing would
    change and for what cannot be; StorageFull where the disk is. With `originals` the dataset's images are known by either hash."""
    by_hash = checked(images)
    for _ in range(TRIES):
        with transaction.atomic():
            draft = locked(actor, dataset) or Draft(dataset=dataset, base=newest(dataset))
            class_of(draft, label)  # before anything is written
            check_not_erased(dataset, {*by_hash, *(originals or {}).values()})
            base = draft.base
        plan = planned(dataset, base, by_hash, originals or {})
        with suppress(Overtaken):
            return done(actor, dataset, base, plan, label)
    raise InputError(BUSY, code="busy")


def checked(images: Sequence[tuple[str, bytes]]) -> dict[str, tuple[str, bytes]]:
    """By their hashes, each once; InputError for too many, too much and what is no image."""
    check_amount([len(data) for _, data in images])
    for name, data in images:
        if together.kind_of(data) is None:
            raise InputError(f"{files.shown_name(name)} is no image: expected JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF. Leave it out.")
    return {hashlib.sha256(data).hexdigest(): (name, data) for name, data in images}


def check_not_erased(dataset: Dataset, digests: set[str]) -> None:
    """InputError where one of them is just being erased: it would come back."""
    living = Erasure.objects.filter(team=dataset.team_id).exclude(job__state__in=FINAL)
    if any(digests.intersection(erasure.hashes) for erasure in living):
        raise InputError("One of these images is being erased for good. Leave it out.", code="erased")


def check_amount(sizes: Sequence[int]) -> None:
    """InputError for too many images of these bytes, or too much: also before they are read into memory."""
    if not 1 <= len(sizes) <= MOST:
        raise InputError(f"Expected 1 to {MOST} images in one call, {len(sizes):,} came. Send them in several calls.", code="too_many")
    if (size := sum(sizes)) > MOST_BYTES:
        raise InputError(f"One call takes {MOST_BYTES >> 20} MB of images; {size >> 20:,} MB came. Send several calls.", code="too_large")


def planned(dataset: Dataset, base: DatasetVersion, images: Images, originals: Originals) -> Plan:
    """Which of them the base shows; InputError where one was erased. With faces blurred nothing is compared: a pack's hashes are then of
    what it keeps."""
    if dataset.options.get("blur_faces"):
        return Plan({}, dict(images))
    try:
        index, table = packs.index(base.folder), packs.table(base.folder)
    except packs.Missing:
        raise InputError(NO_FILES.format(name=dataset.name), code="gone") from None
    rows = rows_of(index, images, originals)
    for digest, row in rows.items():
        if index["storage"][row] & ERASED:
            name = files.shown_name(images[digest][0])
            raise InputError(f"{name} was erased from {dataset.name} for good, and is not added again.", code="erased")
    there = shown_at(table, rows)
    return Plan(there, {digest: image for digest, image in images.items() if digest not in there})


def rows_of(index: np.ndarray, images: Iterable[str], originals: Originals) -> dict[str, int]:
    """{hash: the image's row in the pack}, of those that it has under either hash. One pass, whatever their number."""
    hashes = np.ascontiguousarray(index["sha256"])
    wanted = np.array([bytes.fromhex(digest) for digest in (*images, *originals.values())], "V32")
    candidates = np.flatnonzero(np.isin(hashes.view("<u8")[::4], wanted.view("<u8")[::4]))  # by a quarter of each, then in full
    found = {hashes[row].tobytes().hex(): int(row) for row in candidates.tolist()}
    either = {digest: found.get(originals.get(digest, digest), found.get(digest)) for digest in images}
    return {digest: row for digest, row in either.items() if row is not None}


def shown_at(table: np.ndarray, rows: Mapping[str, int]) -> dict[str, There]:
    """Where the version has those rows in a split, the first sample of each."""
    found: dict[int, There] = {}
    for place in np.flatnonzero(np.isin(table["image"], list(rows.values()))).tolist() if rows else ():
        if table["split"][place] != IN_NO_SPLIT:
            found.setdefault(int(table["image"][place]), There(place, int(table["label"][place])))
    return {digest: found[row] for digest, row in rows.items() if row in found}


def done(actor: Actor, dataset: Dataset, base: DatasetVersion, plan: Plan, label: str) -> Done:
    """The edits. Raises Overtaken where the draft is not any more as it was when the archive was written."""
    if not plan.fresh:
        with transaction.atomic():
            return written(actor, held(actor, dataset, base), plan, label, None)
    old = growing(dataset, plan.fresh)
    known = known_in(old) if old else set[str]()
    missing = {digest: image for digest, image in plan.fresh.items() if digest not in known}
    if old is not None and not missing:  # somebody took them back, or says another class of them
        with transaction.atomic():
            return written(actor, held(actor, dataset, base), plan, label, Grown(old, old.file, old.bytes))

    def kept() -> bool:
        return Addition.objects.filter(file=path.name).exists()

    with (
        together.grown(peeks.archive(old) if old else None, missing) as archive,
        files.arriving(dataset.folder, archive, archive.path.name, kept, where=peeks.FOLDER) as path,
        transaction.atomic(),
    ):
        return written(actor, held(actor, dataset, base), plan, label, Grown(old, path.name, files.check_size(archive)))


class Grown(NamedTuple):
    """The archive with what came, and the addition whose archive it takes the place of."""

    old: Addition | None
    file: str
    bytes: int


def known_in(old: Addition) -> set[str]:
    """The hashes of what it holds; Overtaken where another one took its place."""
    return set(together.digests(peeks.archive(old)))


def growing(dataset: Dataset, fresh: Images) -> Addition | None:
    """The addition that these join: one that holds one of them, else the newest that has room."""
    draft = current(dataset)
    if draft is None or dataset.options.get("blur_faces"):  # what is said of single images goes by hashes
        return None
    rows = list(draft.additions.filter(taken_back=False, corrected=True).order_by("-pk"))
    for row in rows:
        row.draft = draft
        if known_in(row) & fresh.keys():
            return row
    size = sum(len(data) for _, data in fresh.values())
    newest_one = rows[0] if rows else None
    if newest_one is None or newest_one.bytes + size > TOGETHER_BYTES or len(known_in(newest_one)) + len(fresh) > TOGETHER:
        return None
    return newest_one


def held(actor: Actor, dataset: Dataset, base: DatasetVersion) -> Draft:
    """The draft, which nobody else changes before the transaction's end; Overtaken where it has another base meanwhile."""
    draft = open_one(actor, dataset)
    if draft.base_id != base.pk:
        raise Overtaken
    return draft


def written(actor: Actor, draft: Draft, plan: Plan, label: str, grown: Grown | None) -> Done:
    """What is said of all of them, and who said it. InputError where nothing changes."""
    number = class_of(draft, label)
    told = classes.known(draft, number)
    edit = labelled_anew(actor, draft, list(plan.there.values()), told.label)
    relabelled = edit.samples if edit else 0
    addition, waits = (None, dict[str, int]()) if grown is None else put(actor, draft, plan.fresh, number, grown)
    changed = relabelled + len(waits)
    if not changed:
        which = "The image is" if len(plan.there) + len(plan.fresh) == 1 else "The images are"
        raise InputError(f"{which} in {draft.dataset.name} already, as {told.name}. Nothing was changed.", code="nothing")
    record(actor, "dataset.correct", draft.dataset, images=changed, label=told.label)
    unchanged, edits = len(plan.there) + len(plan.fresh) - changed, waits | (dict.fromkeys(plan.there, edit.pk) if edit else {})
    return Done(told.label, told.name, len(waits), relabelled, unchanged, addition, edits)


def class_of(draft: Draft, label: str) -> int:
    """The number of the class of that label, or of that readable name; InputError where there is none."""
    number = classes.meant(draft, classes.clean(label))
    if number is None:
        raise InputError(
            f"{draft.dataset.name} has no class {label[:60]!r}. Choose one that it has, or make the class there first.", code="no_class"
        )
    return number


def labelled_anew(actor: Actor, draft: Draft, there: Sequence[There], label: str) -> Edit | None:
    """The edit by which samples become of that class; None where all are."""
    if not there:
        return None
    try:
        return changing.change(actor, draft.dataset, [one.position for one in there], label=label, why=WHY)
    except InputError as error:
        if error.code != "nothing":
            raise
        return None


def put(actor: Actor, draft: Draft, fresh: Images, number: int, grown: Grown) -> tuple[int, dict[str, int]]:
    """(the addition in which they wait, {hash: the edit} of those that it has newly, again or under another class)."""
    draft.refresh_from_db(fields=["edits_made", "relabelled", "moved", "removed"])  # as the edit before left them
    if grown.old is None:
        row = begun(draft, number, grown)
        made = correction(actor, draft, len(fresh), number, {"addition": row.pk})
        return row.pk, dict.fromkeys(fresh, made.pk)
    row = grown.old
    row.draft = draft
    held_before = known_in(row)
    rows = draft.additions.filter(pk=row.pk, file=row.file, taken_back=False)
    if not rows.update(file=grown.file, bytes=grown.bytes):
        raise Overtaken
    said, of_all = waiting.said_of(row), number_of_all(draft, row)
    before = {digest: said.get(digest, NOTHING) if digest in held_before else Says(removed=True) for digest in fresh}
    after = Says(None if number == of_all else number)
    changed = {digest: was for digest, was in before.items() if was != after}
    waiting.put(row, dict.fromkeys(changed, after))
    edits = dict[str, int]()
    if changed:
        were = {digest: [was.label, was.removed] for digest, was in changed.items()}
        edits = dict.fromkeys(changed, correction(actor, draft, len(changed), number, {"images": {"addition": row.pk, "were": were}}).pk)
    if grown.file != row.file:
        peeks.remove_archive(draft, row.file)
    return row.pk, edits


def begun(draft: Draft, number: int, grown: Grown) -> Addition:
    """A new addition; InputError where the draft takes no more."""
    if draft.added >= adding.MOST:
        raise InputError(f"A draft takes {adding.MOST} additions at most. Seal it, then go on.", code="too_many")
    label = classes.known(draft, number).label
    draft.added += 1
    return Addition.objects.create(draft=draft, file=grown.file, name=NAME, bytes=grown.bytes, label=label, corrected=True)


def number_of_all(draft: Draft, row: Addition) -> int | None:
    """The class of an addition's images of which nothing else is said; None where it was taken out since, or their folders would say."""
    try:
        return classes.find(draft, row.label) if row.label else None
    except InputError:
        return None


def correction(actor: Actor, draft: Draft, images: int, number: int, before: dict[str, object]) -> Edit:
    """The edit, which is undone as one."""
    edit = new_edit(actor, draft, {"corrected": images, "label": classes.known(draft, number).label}, WHY, before=before)
    draft.save()
    return edit
