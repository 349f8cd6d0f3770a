"""What somebody says of an image that they were handed: a label, out with it, or nothing; and to take that back.

An answer is an edit of the dataset's draft, with the person, the time and why; a review's answer changes no label.
"""

from __future__ import annotations

from django.db import transaction

from classifier.spec.errors import InputError
from webapp.accounts.actor import Actor
from webapp.core.words import percent
from webapp.datasets import drafts
from webapp.datasets.draft_models import Edit
from webapp.datasets.labelling.handing import LEASE_SECONDS, count, locked
from webapp.datasets.labelling.naming import first_said, spoken
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound
from webapp.jobs.clock import database_time, later

NOT_YOURS = "This image went to somebody else while the page rested. Your next ones are here."
SEALED = "It is sealed in a version by now. Label it again in the gallery."


def answer(actor: Actor, round: LabelRound, item_id: int, label: str) -> LabelItem:
    """Labels an image that the person has; the same once more changes nothing. A label that there is not makes a class."""
    with transaction.atomic():
        held = locked(actor, round, drafting=not round.is_review)
        found = of_person(actor, held, item_id)
        if found.state != ItemState.WAITING:
            return found  # the answer came already, and what told so was lost
        found.label = spoken(held.dataset, label)
        if held.is_review:
            found.was = first_said(found)
            found.agreed = found.label == found.was
        else:
            found.edit = changed(actor, held, found, label=found.label)
        return said(actor, held, found, ItemState.ANSWERED)


def take_out(actor: Actor, round: LabelRound, item_id: int) -> LabelItem:
    """The image does not belong into the dataset. A review takes nothing out."""
    with transaction.atomic():
        held = locked(actor, round, drafting=True)
        found = of_person(actor, held, item_id)
        if held.is_review:
            raise InputError("A review takes no image out. Say what it shows, or skip it.")
        if found.state != ItemState.WAITING:
            return found
        found.edit = changed(actor, held, found, removed=True)
        return said(actor, held, found, ItemState.ANSWERED)


def skip(actor: Actor, round: LabelRound, item_id: int) -> LabelItem:
    """Leaves the image as it is; it can be gone through once more at the end."""
    with transaction.atomic():
        held = locked(actor, round)
        found = of_person(actor, held, item_id)
        return found if found.state != ItemState.WAITING else said(actor, held, found, ItemState.SKIPPED)


def of_person(actor: Actor, round: LabelRound, item_id: int) -> LabelItem:
    """The image, if it is this person's. InputError where it went to somebody else."""
    found = LabelItem.objects.filter(round=round, pk=item_id, user=actor.user).first()
    if found is None:
        raise InputError(NOT_YOURS, code="gone")
    found.round = round
    return found


def changed(actor: Actor, round: LabelRound, item: LabelItem, label: str | None = None, removed: bool | None = None) -> Edit | None:
    """The draft's edit; None where the draft says so already, which confirms it."""
    try:
        return drafts.change(actor, round.dataset, [item.position], label=label, removed=removed, why=why(round, item, label))
    except InputError as error:
        if error.code != "nothing":
            raise
        return None


def why(round: LabelRound, item: LabelItem, label: str | None) -> str:
    """The round, and what was suggested: "Labelling: unlabelled · suggested bee with 93 %"."""
    if not item.suggested:
        return round.name
    sure = "" if item.score is None else f" with {percent(item.score, 0)}"
    return f"{round.name} · {'accepted' if item.suggested == label else 'suggested'} {item.suggested}{sure}"


def said(actor: Actor, round: LabelRound, item: LabelItem, state: ItemState) -> LabelItem:
    """Kept, and counted."""
    item.state, item.until, item.answered_at = state, None, database_time()
    item.save(update_fields=["state", "until", "answered_at", "was", "label", "agreed", "edit"])
    count(round, **{name_of(state): 1})
    return item


def name_of(state: int) -> str:
    return "skipped" if state == ItemState.SKIPPED else "answered"


def undo(actor: Actor, round: LabelRound) -> LabelItem:
    """Takes the newest answer of this person in the round back, whatever others did since; the image is theirs again."""
    with transaction.atomic():
        held = locked(actor, round, drafting=True)
        mine = LabelItem.objects.filter(round=held, user=actor.user, answered_at__isnull=False).exclude(state=ItemState.WAITING)
        found = mine.order_by("-answered_at", "-id").first()
        if found is None:
            raise InputError("There is nothing of yours to undo in this round.", code="nothing")
        if found.edit is not None and found.edit.undone_at is None:
            if found.edit.draft.closed_at is not None:
                raise InputError(SEALED, code="sealed")
            drafts.take_back(actor, held.dataset, found.edit)
        reopen(held, found, later(LEASE_SECONDS))
    found.round = round
    return found


def reopen(round: LabelRound, item: LabelItem, until: object) -> None:
    """It waits again; whose it is stays."""
    count(round, **{name_of(item.state): -1})
    item.state, item.label, item.edit, item.agreed, item.answered_at = ItemState.WAITING, "", None, None, None
    LabelItem.objects.filter(pk=item.pk).update(
        state=item.state, label="", edit=None, agreed=None, answered_at=None, settled="", settled_by=None, settled_at=None, until=until
    )


def once_more(actor: Actor, round: LabelRound) -> int:
    """What was skipped waits again, for whoever asks; how many images."""
    with transaction.atomic():
        held = locked(actor, round)
        number = LabelItem.objects.filter(round=held, state=ItemState.SKIPPED).update(
            state=ItemState.WAITING, user=None, until=None, answered_at=None
        )
        count(held, skipped=-number)
    return number
