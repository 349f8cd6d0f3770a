"""What a review says: how far the second person agrees with the first, about what they differ, and what holds in the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count

from classifier.metrics.agreement import Agreement, agreement, tabled
from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.datasets import drafts
from webapp.datasets.drafts import classes
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound
from webapp.datasets.removing import held
from webapp.jobs.clock import database_time

MOST_PAIRS = 20  # kinds of disagreement that are listed


class People(NamedTuple):
    """Who labelled, who reviewed that, and how far the two agree."""

    first: str
    second: str
    agreement: Agreement


class Compared(NamedTuple):
    """Two labels of the same images, by two people each."""

    agreement: Agreement  # of all together
    people: list[People]  # each pair by itself, as kappa is defined; the most images first
    pairs: list[tuple[str, str, int]]  # (first, second, images) on which they differ, most first
    open: int  # disagreements that nobody has settled


def compared(review: LabelRound) -> Compared:
    """Of the answers so far; each counts for what its two people said, however it was settled."""
    rows = LabelItem.objects.filter(round=review, state=ItemState.ANSWERED)
    by_people: dict[tuple[int | None, int | None], Counter[tuple[str, str]]] = defaultdict(Counter)
    for first, second, was, label, number in rows.values_list("first", "user", "was", "label").annotate(Count("id")).order_by():
        by_people[first, second][was, label] += number
    counts = sum(by_people.values(), Counter[tuple[str, str]]())
    differing = sorted(((*pair, number) for pair, number in counts.items() if pair[0] != pair[1]), key=lambda row: (-row[2], row))
    unsettled = LabelItem.objects.filter(round=review, agreed=False, settled="").count()
    return Compared(agreement(tabled(counts)[1]), named(by_people), differing[:MOST_PAIRS], unsettled)


def named(by_people: Mapping[tuple[int | None, int | None], Counter[tuple[str, str]]]) -> list[People]:
    """The pairs of people by their names; somebody whose account is gone is "Somebody"."""
    users = User.objects.in_bulk({pk for pair in by_people for pk in pair if pk is not None})
    names = {pk: str(user) for pk, user in users.items()}

    def name(pk: int | None) -> str:
        return names.get(pk, "Somebody") if pk is not None else "Somebody"

    found = [People(name(first), name(second), agreement(tabled(counts)[1])) for (first, second), counts in by_people.items()]
    return sorted(found, key=lambda pair: (-pair.agreement.images, pair.first, pair.second))


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
