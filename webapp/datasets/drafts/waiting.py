"""Single images that wait in a draft: another class for some, or not added; each change undone as one edit.

They are named by the hash of their content. What is said of one goes before what is said of all images of its addition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db import transaction

from classifier.spec.errors import InputError
from classifier.spec.peeked import MOST_IMAGES
from webapp.accounts.actor import Actor
from webapp.datasets.draft_models import Addition, Draft, Edit, WaitingImage
from webapp.datasets.drafts import adding, classes, peeks
from webapp.datasets.drafts.changing import CHUNK, NOTHING, Says, changed, chunks, numbered, told
from webapp.datasets.drafts.classes import Known
from webapp.datasets.drafts.opening import new_edit, opened
from webapp.datasets.drafts.peeks import GONE
from webapp.datasets.models import Dataset

NEW = -1  # the number of a class that the draft does not know


def change(
    actor: Actor, dataset: Dataset, addition: int, digests: Sequence[str], *, label: str | None = None, removed: bool | None = None
) -> Edit:
    """Of images that wait these become of that class, are not added, or are added after all; one edit. A label that there is not makes a
    class. With the last of its images the whole addition is taken back. InputError for what cannot be, and where nothing would change."""
    wanted = list(dict.fromkeys(digests))
    check(wanted, label, removed)
    with transaction.atomic():
        draft = opened(actor, dataset)
        row = waiting(draft, addition)
        seen = seen_of(row, wanted)
        number, made = numbered(draft, label)
        said, own = said_of(row), own_class(row)

        def as_of_all(digest: str) -> tuple[int, int]:
            known = own(seen.by_digest[digest])
            return (known.number if known else NEW), 0

        after = {digest: changed(said.get(digest, NOTHING), as_of_all(digest), number, None, removed) for digest in wanted}
        before = {digest: said.get(digest, NOTHING) for digest in wanted if said.get(digest, NOTHING) != after[digest]}
        if not before:
            raise InputError("Nothing changes: the draft says so already.", code="nothing")
        if seen.is_whole and all((said | after).get(one.digest, NOTHING).removed for one in seen.images):
            return adding.change_addition(actor, dataset, addition, out=True)
        did = {"waiting": len(before), "of": row.name, "label": label and classes.known(draft, number or 0).label, "removed": removed}
        kept = {digest: [says.label, says.removed] for digest, says in before.items()}
        more = {"images": {"addition": row.pk, "were": kept}} | ({"classes": made} if made else {})
        edit = new_edit(actor, draft, told(did), before=more)
        put(row, {digest: after[digest] for digest in before})
        draft.save()
    return edit


def check(digests: Sequence[str], label: str | None, removed: bool | None) -> None:
    """InputError for a change that says nothing, or of too many or no images."""
    if not digests:
        raise InputError("No image was chosen. Choose one or more, then say what they show.", code="nothing")
    if len(digests) > MOST_IMAGES:
        raise InputError(f"One change takes {MOST_IMAGES:,} waiting images at most; {len(digests):,} came.", code="too_many")
    if label is None and removed is None:
        raise InputError("Say what is to change: the class, or whether the images are taken out.", code="nothing")


def waiting(draft: Draft, addition: int) -> Addition:
    """InputError where it does not wait in the draft."""
    row = draft.additions.filter(pk=addition, taken_back=False).first()
    if row is None:
        raise InputError(GONE, code="gone")
    row.draft = draft
    return row


def seen_of(row: Addition, digests: Sequence[str]) -> peeks.Seen:
    """InputError where one of them is not among those that were looked at."""
    seen = peeks.read(row)
    if seen is None:
        raise InputError(f"The images of {row.name} were not looked at yet. Open the draft's waiting images first.", code="gone")
    if any(digest not in seen.by_digest for digest in digests):
        raise InputError(GONE, code="gone")
    return seen


class Stand(NamedTuple):
    """An image as it stands: of which class it is as all of its addition, and as the draft has it; None: of one that is taken out."""

    image: peeks.Image
    own: Known | None
    now: Known | None
    says: Says


def standing(row: Addition, images: Iterable[peeks.Image]) -> Iterator[Stand]:
    """Those images of an addition whose draft is at hand."""
    said, own = said_of(row), own_class(row)
    for image in images:
        says, known = said.get(image.digest, NOTHING), own(image)
        yield Stand(image, known, known if says.label is None else classes.shown(row.draft, says.label), says)


def own_class(row: Addition) -> Callable[[peeks.Image], Known | None]:
    """What gives the class that an image is of as all of its addition; NEW is the number of one that sealing makes."""

    @cache
    def known(label: str) -> Known | None:
        try:
            number = classes.find(row.draft, label)
        except InputError:  # taken out in the draft
            return None
        return Known(NEW, label, label) if number is None else classes.known(row.draft, number)

    return lambda image: known(row.label or image.label)


def said_of(row: Addition) -> dict[str, Says]:
    """{hash of its content: what the draft says}, of images of which it says anything."""
    rows = row.images.values_list("digest", "label", "removed")
    return {digest: Says(label, None, removed) for digest, label, removed in rows}


def put(row: Addition, after: Mapping[str, Says]) -> None:
    """The draft says this of those images now."""
    for some in chunks(after, CHUNK):
        row.images.filter(digest__in=some).delete()
        kept = [(digest, after[digest]) for digest in some if after[digest] != NOTHING]
        WaitingImage.objects.bulk_create(
            WaitingImage(addition=row, digest=digest, label=says.label, removed=says.removed) for digest, says in kept
        )


def put_back(draft: Draft, were: Mapping[str, Any]) -> None:
    """Of an edit that is undone."""
    row = draft.additions.filter(pk=were["addition"]).first()
    if row is not None:
        put(row, {digest: Says(label, None, removed) for digest, (label, removed) in were["were"].items()})


def forget(dataset: Dataset, digest: str) -> None:
    """An image was erased: nothing is said of it, and nothing that was seen of what waits is kept, for it may show or name it."""
    rows = WaitingImage.objects.filter(addition__draft__dataset=dataset, digest=digest)
    rows.delete()
    for draft in dataset.drafts.filter(closed_at=None):
        draft.dataset = dataset
        peeks.remove(draft)
