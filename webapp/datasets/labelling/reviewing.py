"""What a review says: how far the second person agrees with the first, about what they differ, and what holds in the end."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction
from django.db.models import Count

from classifier.metrics.agreement import Agreement, agreement, tabled
from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.datasets import drafts
from webapp.datasets.drafts import classes
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound
from webapp.datasets.removing import held
from webapp.jobs.clock import database_time

MOST_PAIRS = 20  # kinds of disagreement that are listed


class Compared(NamedTuple):
    """Two people's labels of the same images."""

    agreement: Agreement
    pairs: list[tuple[str, str, int]]  # (first, second, images) on which they differ, most first
    open: int  # disagreements that nobody has settled


def compared(review: LabelRound) -> Compared:
    """Of the answers so far; each counts for what its two people said, however it was settled."""
    rows = LabelItem.objects.filter(round=review, state=ItemState.ANSWERED)
    counts = {(was, label): number for was, label, number in rows.values_list("was", "label").annotate(Count("id")).order_by()}
    differing = sorted(((*pair, number) for pair, number in counts.items() if pair[0] != pair[1]), key=lambda row: (-row[2], row))
    unsettled = LabelItem.objects.filter(round=review, agreed=False, settled="").count()
    return Compared(agreement(tabled(counts)[1]), differing[:MOST_PAIRS], unsettled)


def disagreements(review: LabelRound, after: int = 0, limit: int = 40) -> list[LabelItem]:
    """Images about which the two differ, in the order in which they were handed out, after that item."""
    rows = LabelItem.objects.filter(round=review, agreed=False, id__gt=after).select_related("user", "first", "settled_by")
    return list(rows.order_by("id")[:limit])


def settle(actor: Actor, review: LabelRound, item_id: int, label: str) -> LabelItem:
    """What holds, in the draft; also once more with another label. Closed reviews are settled too."""
    actor.require("dataset.edit")
    with transaction.atomic():
        held(review.dataset)
        LabelRound.objects.select_for_update().get(pk=review.pk)
        found = LabelItem.objects.filter(round=review, pk=item_id, agreed=False).select_related("user", "first").first()
        if found is None:
            raise InputError("There is no such disagreement in this review. Reload the page.", code="gone")
        found.settled = classes.clean(label)
        try:
            found.edit = drafts.change(actor, review.dataset, [found.position], label=found.settled, why=why(review, found))
        except InputError as error:
            if error.code != "nothing":
                raise
        found.settled_by, found.settled_at = actor.user, database_time()
        found.save(update_fields=["settled", "settled_by", "settled_at", "edit"])
    return found


def why(review: LabelRound, item: LabelItem) -> str:
    """ "Review: unlabelled · settled: ann said bee, ben ant"."""
    return f"{review.name} · settled: {item.first or 'somebody'} said {item.was}, {item.user or 'somebody'} {item.label}"
