"""What a sample was called over time: in each version, and by whose edits."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from webapp.datasets.models import Dataset, DatasetVersion, EditSample, ItemState, LabelItem, RoundKind, Sample, Split
from webapp.datasets.queries import sealed_versions

MOST = 50  # edits of one sample
SPLIT_NAMES = dict(Split.choices)


class Step(NamedTuple):
    """A version, or somebody's edit."""

    when: datetime
    who: str
    words: str
    why: str = ""


def steps(dataset: Dataset, position: int) -> list[Step]:
    """Oldest first; edits of discarded drafts, and those that were taken back, are none."""
    told = [*sealed(dataset, position), *edits(dataset, position), *answers(dataset, position)]
    return sorted(told, key=lambda step: step.when)


def sealed(dataset: Dataset, position: int) -> list[Step]:
    """What each version says of it."""
    versions = {version.pk: version for version in sealed_versions(dataset)}
    rows = {row.version_id: row for row in Sample.objects.filter(version__in=versions, position=position)}
    return [
        Step(version.sealed_at, "", sentence(version, rows.get(pk)))
        for pk, version in sorted(versions.items(), key=lambda item: item[1].number)
    ]


def sentence(version: DatasetVersion, row: Sample | None) -> str:
    said = "not in it" if row is None else f"{version.classes[row.label]['name']}, {SPLIT_NAMES[row.split]}"
    return f"Version {version.number}: {said}"


def edits(dataset: Dataset, position: int) -> list[Step]:
    """What people did to it."""
    rows = EditSample.objects.filter(dataset=dataset, position=position, edit__undone_at__isnull=True)
    kept = rows.exclude(edit__draft__closed_at__isnull=False, edit__draft__version__isnull=True)
    found = kept.select_related("edit__user").order_by("-edit_id")[:MOST]
    return [Step(row.edit.made_at, str(row.edit.user or "Somebody"), did(row.edit.did), row.edit.why) for row in found]


def answers(dataset: Dataset, position: int) -> list[Step]:
    """What people said of it in rounds of labelling that is no edit: labels that were right already, and reviews."""
    rows = LabelItem.objects.filter(dataset=dataset, position=position, state=ItemState.ANSWERED).exclude(label="")
    found = rows.filter(Q(edit=None) | Q(round__kind=RoundKind.REVIEW)).select_related("user", "round").order_by("-id")[:MOST]
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
