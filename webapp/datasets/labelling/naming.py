"""What a class that somebody named is called by now: it may have been renamed or merged since, in the draft or in versions sealed since."""

from __future__ import annotations

from datetime import datetime

from classifier.spec.errors import InputError
from webapp.datasets import drafts
from webapp.datasets.drafts import class_edits, classes
from webapp.datasets.labelling_models import LabelItem
from webapp.datasets.models import Dataset


def spoken(dataset: Dataset, label: str) -> str:
    """The label of the class that is meant, as the draft calls it; a page that was opened earlier names it as it was called then."""
    text, draft = classes.clean(label), drafts.current(dataset)
    if draft is None:
        return text
    try:
        number = classes.find(draft, text)
    except InputError:  # taken out with its class
        return text
    return text if number is None else classes.known(draft, number).label


def first_said(item: LabelItem) -> str:
    """What the first person said of an image that is reviewed, by the name that the class has now."""
    first = LabelItem.objects.filter(round=item.round.reviewed_id, position=item.position).first()
    return item.was if first is None or first.answered_at is None else since(item.round.dataset, item.was, first.answered_at)


def since(dataset: Dataset, label: str, when: datetime) -> str:
    """The name now of the class that was called so then: each edit of classes that holds is followed, the oldest first."""
    for did in class_edits.that_hold(dataset).filter(made_at__gte=when).values_list("did", flat=True):
        if label in class_edits.classes_of(did) and did["to"] is not None:
            label = did["to"]
    return label
