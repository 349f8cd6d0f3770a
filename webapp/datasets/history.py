"""What a sample was called over time: in each version, by whose edits, and by whose edits of its class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from webapp.datasets.drafts import class_edits
from webapp.datasets.models import Dataset, DatasetVersion, EditSample, ItemState, LabelItem, RoundKind, Sample, Split
from webapp.datasets.queries import sealed_versions

MOST = 50  # edits of one sample, and answers
SPLIT_NAMES = dict(Split.choices)


class Step(NamedTuple):
    """A version, or somebody's edit."""

    when: datetime
    who: str
    words: str
    why: str = ""
    label: str = ""  # that the sample has from then on; empty: as before
    of_class: str = ""  # whose samples alone it touched; empty: this one


def steps(dataset: Dataset, position: int) -> list[Step]:
    """Oldest first; edits of discarded drafts, and those that were taken back, are none."""
    told = [*sealed(dataset, position), *edits(dataset, position), *answers(dataset, position), *of_classes(dataset)]
    return list(followed(sorted(told, key=lambda step: step.when)))


def followed(told: Iterable[Step]) -> Iterator[Step]:
    """Without edits of classes that the sample was not of when they were made."""
    label = ""
    for step in told:
        if step.of_class in ("", label):
            label = step.label or label
            yield step


def earlier(dataset: Dataset, position: int) -> int:
    """How many edits and answers there are before those that `steps` tells."""
    return sum(max(0, rows.count() - MOST) for rows in (rows_of(dataset, position), answers_of(dataset, position)))


def of_classes(dataset: Dataset) -> list[Step]:
    """Classes that were renamed, merged or taken out."""
    return [
        Step(edit.made_at, str(edit.user or "Somebody"), did_to_class(edit.did, label), edit.why, edit.did["to"] or "", label)
        for edit in class_edits.that_hold(dataset).select_related("user")
        for label in class_edits.classes_of(edit.did)
    ]


def did_to_class(what: dict[str, Any], label: str) -> str:
    """ "renamed its class bee to hornet", "merged its class bee into hornet", "took its class bee out"."""
    if what["to"] is None:
        return f"took its class {label} out"
    verb, to = ("merged", "into") if what.get("merged") else ("renamed", "to")
    return f"{verb} its class {label} {to} {what['to']}"


def sealed(dataset: Dataset, position: int) -> list[Step]:
    """What each version says of it."""
    versions = {version.pk: version for version in sealed_versions(dataset)}
    rows = {row.version_id: row for row in Sample.objects.filter(version__in=versions, position=position)}
    return [
        Step(version.sealed_at, "", sentence(version, rows.get(pk)), label=version.classes[rows[pk].label]["label"] if pk in rows else "")
        for pk, version in sorted(versions.items(), key=lambda item: item[1].number)
    ]


def sentence(version: DatasetVersion, row: Sample | None) -> str:
    said = "not in it" if row is None else f"{version.classes[row.label]['name']}, {SPLIT_NAMES[row.split]}"
    return f"Version {version.number}: {said}"


def rows_of(dataset: Dataset, position: int) -> QuerySet[EditSample]:
    """What the edits of it that hold changed."""
    rows = EditSample.objects.filter(dataset=dataset, position=position, edit__undone_at__isnull=True)
    return rows.exclude(edit__draft__closed_at__isnull=False, edit__draft__version__isnull=True)


def edits(dataset: Dataset, position: int) -> list[Step]:
    """What people did to it, the newest edits."""
    found = [row.edit for row in rows_of(dataset, position).select_related("edit__user").order_by("-edit_id")[:MOST]]
    return [Step(edit.made_at, str(edit.user or "Somebody"), did(edit.did), edit.why, edit.did.get("label") or "") for edit in found]


def answers_of(dataset: Dataset, position: int) -> QuerySet[LabelItem]:
    """What people said of it in rounds of labelling that is no edit: labels that were right already, and reviews."""
    rows = LabelItem.objects.filter(dataset=dataset, position=position, state=ItemState.ANSWERED).exclude(label="")
    return rows.filter(Q(edit=None) | Q(round__kind=RoundKind.REVIEW))


def answers(dataset: Dataset, position: int) -> list[Step]:
    """The newest of those."""
    found = answers_of(dataset, position).select_related("user", "round").order_by("-id")[:MOST]
    return [Step(row.answered_at, str(row.user or "Somebody"), answered(row), row.round.name) for row in found if row.answered_at]


def answered(row: LabelItem) -> str:
    """ "reviewed it as bee", "confirmed ant"."""
    return f"reviewed it as {row.label}" if row.round.is_review else f"confirmed {row.label}"


def did(what: dict[str, Any]) -> str:
    """ "called it bee", "moved it to test", "took it out"."""
    if what.get("removed"):
        return "took it out"
    told = [f"called it {what['label']}"] if what.get("label") else []
    told += [f"moved it to {SPLIT_NAMES[what['split']]}"] if what.get("split") is not None else []
    return " and ".join(told) or "brought it back"
