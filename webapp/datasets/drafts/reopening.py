"""What rounds of labelling forget when the draft does: answers that were taken back in the gallery, or given up with the draft."""

from __future__ import annotations

from collections import Counter

from django.db.models import F

from webapp.datasets.draft_models import Draft, Edit
from webapp.datasets.labelling_models import ItemState, LabelItem, LabelRound, RoundKind
from webapp.jobs.clock import database_time


def reopened(edit: Edit) -> None:
    """Images whose answer that edit was wait again, for whoever asks; what it settled in a review is open again."""
    items = LabelItem.objects.filter(edit=edit)
    items.filter(round__kind=RoundKind.REVIEW).update(edit=None, settled="", settled_by=None, settled_at=None)
    answered = items.filter(state=ItemState.ANSWERED)
    for round_id, number in Counter(answered.values_list("round", flat=True)).items():
        LabelRound.objects.filter(pk=round_id).update(answered=F("answered") - number)
    answered.update(state=ItemState.WAITING, user=None, until=None, answered_at=None, label="", edit=None)


def closed(draft: Draft) -> None:
    """The answers of open rounds are gone with the draft, so the rounds end with it."""
    LabelRound.objects.filter(dataset=draft.dataset_id, closed_at=None).update(closed_at=database_time())
