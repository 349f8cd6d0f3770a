"""Changes of some samples, each to be undone as one: what the draft said of them before is kept with the edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.datasets.draft_models import Draft, DraftSample, Edit, EditSample
from webapp.datasets.drafts import classes
from webapp.datasets.drafts.opening import current, new_edit, newest, open_one
from webapp.datasets.models import Dataset, Sample, Split

MOST = 20_000  # samples in one edit: everybody who writes waits for its end
CHUNK = 500  # positions in one question
Item = TypeVar("Item")


class Says(NamedTuple):
    """What a draft says of a sample; as its base does where all of it is empty."""

    label: int | None = None
    split: int | None = None
    removed: bool = False


NOTHING = Says()


def change(
    actor: Actor,
    dataset: Dataset,
    positions: Sequence[int],
    *,
    label: str | None = None,
    split: int | None = None,
    removed: bool | None = None,
    why: str = "",
) -> Edit:
    """Relabels, moves, takes out or brings back samples of the draft's base, in the open draft or a new one; one edit.

    A label that there is not makes a class. Raises InputError for what cannot be, and where nothing would change.
    """
    wanted = list(dict.fromkeys(positions))
    check(wanted, label, split, removed)
    with transaction.atomic():
        draft = open_one(actor, dataset)
        number, made = numbered(draft, label)
        sealed, said = sealed_of(draft, wanted), said_of(draft, wanted)
        after = {position: changed(said.get(position, NOTHING), sealed[position], number, split, removed) for position in wanted}
        before = {position: said.get(position, NOTHING) for position in wanted if said.get(position, NOTHING) != after[position]}
        if not before:
            raise InputError("Nothing changes: the draft says so already.", code="nothing")
        did = {"label": label and classes.known(draft, number or 0).label, "split": split, "removed": removed}
        edit = new_edit(actor, draft, told(did), why, samples=len(before), before={"classes": made} if made else {})
        keep(edit, draft, before)
        put(draft, {position: after[position] for position in before}, before)
        draft.save()
    return edit


def still_there(dataset: Dataset, positions: Sequence[int]) -> list[int]:
    """Those of samples of any version that a change finds: in the open draft's base, else in the newest version.

    InputError where none is.
    """
    draft = current(dataset)
    base = draft.base if draft else newest(dataset)
    found: set[int] = set()
    for some in chunks(positions):
        found |= set(Sample.objects.filter(version=base, position__in=some).values_list("position", flat=True))
    if positions and not found:
        raise InputError(f"Version {base.number} of {dataset.name} has none of these images any more: they were taken out.", code="gone")
    return [position for position in positions if position in found]


def told(did: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, without the rest."""
    return {name: value for name, value in did.items() if value is not None}


def check(positions: Sequence[int], label: str | None, split: int | None, removed: bool | None) -> None:
    """InputError for a change that says nothing, or of too many or no samples at once."""
    if not positions:
        raise InputError("No image was chosen. Choose one or more, then say what they show.", code="nothing")
    if len(positions) > MOST:
        raise InputError(f"One change takes {MOST:,} images at most; {len(positions):,} came. Change them in parts.", code="too_many")
    if label is None and split is None and removed is None:
        raise InputError("Say what is to change: label, split, or whether the images are taken out.", code="nothing")
    if split is not None and split not in Split.values:
        raise InputError(f"There are the splits 0 (train), 1 (validation) and 2 (test); {split} came.")


def numbered(draft: Draft, label: str | None) -> tuple[int | None, dict[str, Any]]:
    """(the number of the class of that label, what stood under it before where it had to be made)."""
    if label is None:
        return None, {}
    text = classes.clean(label)
    if (found := classes.find(draft, label)) is not None or (found := classes.find(draft, text)) is not None:
        return found, {}
    number = classes.count(draft)
    draft.classes[str(number)] = {"label": text}
    return number, {str(number): None}


def changed(now: Says, sealed: tuple[int, int], label: int | None, split: int | None, removed: bool | None) -> Says:
    """What the draft says of a sample after a change; `sealed` are label and split of its base."""
    kept = now.label if label is None else label
    place = now.split if split is None else split
    gone = now.removed if removed is None else removed
    if removed is None and label is not None:
        gone = False  # to say what an image shows is to want it
    return Says(None if kept == sealed[0] else kept, None if place == sealed[1] else place, gone)


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Lists of so many at most."""
    all_of_them = iter(items)
    while some := list(islice(all_of_them, size)):
        yield some


def sealed_of(draft: Draft, positions: Sequence[int]) -> dict[int, tuple[int, int]]:
    """{position: (label, split)} of the base; InputError where one of them is not in it."""
    found: dict[int, tuple[int, int]] = {}
    for some in chunks(positions):
        rows = Sample.objects.filter(version=draft.base, position__in=some).values_list("position", "label", "split")
        found |= {position: (label, split) for position, label, split in rows}
    if missing := [position for position in positions if position not in found]:
        raise InputError(f"Version {draft.base.number} of {draft.dataset.name} has no image {missing[0]}. Reload the page.", code="gone")
    return found


def said_of(draft: Draft, positions: Sequence[int]) -> dict[int, Says]:
    """{position: what the draft says}, of those of which it says anything."""
    found: dict[int, Says] = {}
    for some in chunks(positions):
        rows = draft.samples.filter(position__in=some).values_list("position", "label", "split", "removed")
        found |= {position: Says(label, split, removed) for position, label, split, removed in rows}
    return found


def keep(edit: Edit, draft: Draft, before: Mapping[int, Says]) -> None:
    """What the draft said before, with the edit."""
    dataset = draft.dataset_id
    rows = (EditSample(edit=edit, dataset_id=dataset, position=position, **says._asdict()) for position, says in before.items())
    for some in chunks(rows):
        EditSample.objects.bulk_create(some)


def put(draft: Draft, after: Mapping[int, Says], before: Mapping[int, Says]) -> None:
    """The draft says this of those samples now; its counts follow, and the caller saves it."""
    for some in chunks(after):
        draft.samples.filter(position__in=some).delete()
        rows = (DraftSample(draft=draft, position=position, **after[position]._asdict()) for position in some if after[position] != NOTHING)
        DraftSample.objects.bulk_create(rows)
    for position, says in after.items():
        count(draft, before.get(position, NOTHING), -1)
        count(draft, says, 1)


def count(draft: Draft, says: Says, by: int) -> None:
    """A sample that is taken out counts as that alone."""
    draft.removed += by * says.removed
    draft.relabelled += by * (says.label is not None and not says.removed)
    draft.moved += by * (says.split is not None and not says.removed)
