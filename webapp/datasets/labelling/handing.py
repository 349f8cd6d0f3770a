"""Who gets which images of a round: a few at a time, for a while. Two people never have the same one, and nobody has to meet.

What somebody has and leaves alone goes to whoever asks next. The round's row is the lock under which images are handed out;
who changes the draft too takes the dataset's first, as undo and discard in the gallery do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.datasets import drafts, packs
from webapp.datasets.draft_models import Draft
from webapp.datasets.drafts import classes
from webapp.datasets.drafts.changing import NOTHING, Says, said_of
from webapp.datasets.labelling import sources
from webapp.datasets.labelling.sources import Candidate
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound, RoundKind
from webapp.datasets.models import Dataset, DatasetVersion, Sample
from webapp.datasets.queries import newest_version
from webapp.datasets.removing import held
from webapp.jobs.clock import later

LEASE_SECONDS = 120.0  # after the last sign of life of who has an image
AHEAD = 5  # images that a person has at a time: the one that is shown, and those that are fetched already
FIRST_ROWS, GROWS = 8, 4  # the first look at a source takes so many; where they are passed over, the next one takes more
LOOK_ROWS = 500  # at most: what others labelled meanwhile is passed over
MOST_LOOKS = 10  # in one call
CLOSED = "This round is closed. Open the dataset's Label page for those that go on."


def locked(actor: Actor, round: LabelRound, *, drafting: bool = False) -> LabelRound:
    """The row, which nobody else changes before the transaction ends; with `drafting` the dataset's too. InputError where it is closed."""
    actor.require("dataset.edit")
    if drafting:
        held(round.dataset)
    row = LabelRound.objects.select_for_update().filter(pk=round.pk).first()
    if row is None or row.closed_at is not None:
        raise InputError(CLOSED, code="closed")
    row.dataset = round.dataset
    if row.suggesting is not None:
        row.suggesting.version.dataset = row.dataset
    return row


def waiting(round: LabelRound) -> QuerySet[LabelItem]:
    """Images that were handed out and not answered, in order."""
    return LabelItem.objects.filter(round=round, state=ItemState.WAITING).order_by("id")


def has(actor: Actor) -> Q:
    """What that person has; also past its time, as long as nobody else asked for it."""
    return Q(user=actor.user)


FREE = Q(until__isnull=True) | Q(until__lte=Now())


class Handed(NamedTuple):
    """What somebody is to label next; with `more` a further call may find some where this one found none."""

    items: list[LabelItem]
    more: bool = False


def hand_out(actor: Actor, round: LabelRound) -> Handed:
    """The images that this person is to label next, in order; theirs for a while from now on."""
    with transaction.atomic():
        row = locked(actor, round)
        version, draft = base_of(row.dataset)
        mine = there(row, version, list(waiting(row).filter(has(actor))[:AHEAD]))
        if len(mine) < AHEAD:
            free = waiting(row).filter(FREE).exclude(has(actor)).exclude(first=actor.user)
            mine += there(row, version, list(free[: AHEAD - len(mine)]))
        more = False
        if len(mine) < AHEAD and version is not None:
            made, more = taken(actor, row, Base(version, draft), AHEAD - len(mine))
            mine += made
        LabelItem.objects.filter(pk__in=[item.pk for item in mine]).update(user=actor.user, until=later(LEASE_SECONDS))
        if not mine and not more and not waiting(row).exists():
            LabelRound.objects.filter(pk=row.pk).update(images=F("answered") + F("skipped") + F("passed"))
    return Handed(mine, more and not mine)


def there(round: LabelRound, version: DatasetVersion | None, items: list[LabelItem]) -> list[LabelItem]:
    """Those of the images that the version has; the others, which a later version left out or which were erased, are nobody's any more."""
    known = living(version, [item.position for item in items]) if version else {}
    gone = [item.pk for item in items if item.position not in known]
    if gone:
        LabelItem.objects.filter(pk__in=gone).delete()
        count(round, passed=len(gone))
    return [item for item in items if item.position in known]


def living(version: DatasetVersion, positions: Sequence[int]) -> dict[int, Sample]:
    """{position: its sample}, without images that were erased: nobody can say what they showed."""
    found = sources.rows_at(version, positions)
    try:
        gone = packs.erased(version, [sample.image for sample in found.values()])
    except packs.Missing:  # its files are not on this server, as whoever shows the images says
        return found
    return {position: sample for position, sample in found.items() if sample.image not in gone}


def give_back(actor: Actor, round: LabelRound, keep: Sequence[int] = ()) -> int:
    """Whatever the person has is anybody's again, but for images whose answers are on their way; how many images."""
    actor.require("dataset.edit")
    return waiting(round).filter(has(actor)).exclude(pk__in=list(keep)).update(user=None, until=None)


class Base(NamedTuple):
    """What labels are read from: the open draft over its base, or the newest version."""

    version: DatasetVersion
    draft: Draft | None


def base_of(dataset: Dataset) -> tuple[DatasetVersion | None, Draft | None]:
    """As `Base` has it; no version before the import has ended."""
    draft = drafts.current(dataset)
    return (draft.base if draft else newest_version(dataset)), draft


def taken(actor: Actor, round: LabelRound, base: Base, wanted: int) -> tuple[list[LabelItem], bool]:
    """(new images out of the round's source, whether it may have more); those that this person may not label are left for others."""
    mine: list[LabelItem] = []
    passed, ended = 0, False
    for look in range(MOST_LOOKS):
        if len(mine) >= wanted or ended:
            break
        some = sources.take(round, base.version, min(LOOK_ROWS, FIRST_ROWS * GROWS**look))
        made, used = put(actor, round, base, some.found, wanted - len(mine))
        mine += [item for item in made if item.first_id != actor.user.pk]
        passed += used - len(made)
        whole = used == len(some.found)
        round.cursor, ended = (some.cursor if whole else some.found[used - 1].place), whole and some.ended
        if not some.found:  # a long look, while everybody who writes waits
            break
    LabelRound.objects.filter(pk=round.pk).update(cursor=round.cursor, passed=F("passed") + passed)
    return mine, not ended


def put(actor: Actor, round: LabelRound, base: Base, found: Sequence[Candidate], wanted: int) -> tuple[list[LabelItem], int]:
    """(rows for those candidates that are still to be labelled, how many candidates were looked at): up to so many for this person."""
    positions = [candidate.position for candidate in found]
    rows = living(base.version, positions)
    said = said_of(base.draft, positions) if base.draft else {}
    here = set(LabelItem.objects.filter(round=round, position__in=positions).values_list("position", flat=True))
    made, used = list[LabelItem](), 0
    for candidate in found:
        if wanted <= 0:
            break
        used += 1
        sample, says = rows.get(candidate.position), said.get(candidate.position, NOTHING)
        label = None if sample is None or candidate.position in here else label_now(base, sample, says)
        if sample is not None and label is not None and is_open(round, base, sample, says):
            made.append(item(round, candidate, label))
            here.add(candidate.position)
            wanted -= candidate.first != actor.user.pk
    return LabelItem.objects.bulk_create(made), used


def label_now(base: Base, sample: Sample, says: Says) -> str | None:
    """The label that an image has now; None where it was taken out."""
    if base.draft is None:
        return str(base.version.classes[sample.label]["label"])
    shown = None if says.removed else classes.shown(base.draft, sample.label if says.label is None else says.label)
    return None if shown is None else shown.label


def is_open(round: LabelRound, base: Base, sample: Sample, says: Says) -> bool:
    """Whether nobody has labelled the image meanwhile, by itself or its class with another one. A review looks at what was."""
    if round.kind == RoundKind.REVIEW:
        return True
    merged = base.draft is not None and classes.resolved(base.draft.classes, sample.label) != sample.label
    return says.label is None and not (merged and round.about.get("label"))


def item(round: LabelRound, candidate: Candidate, label: str) -> LabelItem:
    """Its row, not anybody's yet."""
    return LabelItem(
        round=round,
        dataset_id=round.dataset_id,
        position=candidate.position,
        was=candidate.was or label,
        first_id=candidate.first,
        suggested=candidate.suggested,
        score=candidate.score,
    )


def count(round: LabelRound, **by: int) -> None:
    """Adds to the round's figures, of which the caller holds the row."""
    LabelRound.objects.filter(pk=round.pk).update(**{name: F(name) + number for name, number in by.items()})
