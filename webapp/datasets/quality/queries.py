"""Reads of quality reports. Findings are read by key, never by offset; counts are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from webapp.core.words import plural, thousands
from webapp.datasets.draft_models import Draft, DraftSample
from webapp.datasets.models import DatasetVersion, Sample
from webapp.datasets.quality import folding, packed
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.datasets.queries import split_counts
from webapp.jobs.models import State

SIDE = "train-test"  # of which a launch is warned


def newest(version: DatasetVersion) -> QualityCheck | None:
    """The newest check, however it stands."""
    rows = QualityCheck.objects.filter(version=version).select_related("job", "created_by").defer("means")
    return rows.order_by("-id").first()


def newest_done(version: DatasetVersion) -> QualityCheck | None:
    """The newest check that succeeded."""
    rows = QualityCheck.objects.filter(version=version, job__state=State.SUCCEEDED).select_related("job", "created_by")
    return rows.defer("means").order_by("-id").first()


def newest_earlier(version: DatasetVersion) -> QualityCheck | None:
    """The newest check that succeeded of the dataset's versions before it."""
    rows = QualityCheck.objects.filter(version__dataset=version.dataset_id, version__number__lt=version.number, job__state=State.SUCCEEDED)
    return rows.select_related("version", "job").defer("means").order_by("-id").first()


def findings(
    check: QualityCheck, kind: str, label: int | None = None, after: int = -1, limit: int = 40, untouched_by: Draft | None = None
) -> list[Finding]:
    """Findings of one kind, the worst first, after that rank; of images of one class, or of which that draft says nothing."""
    rows = Finding.objects.filter(of=check, kind=kind, rank__gt=after)
    if label is not None:
        rows = rows.filter(label=label)
    if untouched_by is not None:
        for place in ("position", "other"):
            rows = rows.filter(~Exists(DraftSample.objects.filter(draft=untouched_by, position=OuterRef(place))))
    return list(rows.order_by("rank")[:limit])


def samples(version: DatasetVersion, positions: Iterable[int]) -> dict[int, Sample]:
    """{position: its sample} in one query."""
    return {sample.position: sample for sample in version.samples.filter(position__in=set(positions))}


def total(check: QualityCheck | None) -> int:
    """Findings of all kinds together."""
    return sum(check.counts.values()) if check else 0


class Leaking(NamedTuple):
    """What is known of test images that a training would learn from."""

    images: int
    words: str  # empty where none is known
    checked: bool  # also by look; else by bytes and groups alone
    page: str = "quality"  # of the dataset, where they are seen


def leaking(version: DatasetVersion, folds: int = 0) -> Leaking:
    """By bytes and groups of every version; by look from its newest check; of the first one also what its import told of the splits.

    With `folds` train and validation are dealt anew: a test image that stands in either is one that is learnt from.
    """
    check = newest_looked(version)
    if folds:
        same, grouped, _ = folding.among(version, check)
    else:
        found = packed.shared(version).get(SIDE, packed.Shared(0, 0))
        same = max(found.same, int(check.leaks.get(SIDE, 0))) if check else found.same
        grouped = check.grouped.get(SIDE, 0) if check and check.grouped else found.grouped
    if check or same or grouped:
        early = "train or validation" if folds else "train"
        return Leaking(same + grouped, leak_words(split_counts(version)["test"], same, grouped, early), check is not None)
    images = version.dataset.problem_rules.get("leak", 0) if version.number == 1 else 0
    return Leaking(images, f"{plural(images, 'image')} in more than one split" if images else "", False, "problems")


def torn_apart(version: DatasetVersion) -> int:
    """Images of train and validation that look nearly like others there, which a fold may have on its other side."""
    return folding.among(version, newest_looked(version)).torn


def newest_looked(version: DatasetVersion) -> QualityCheck | None:
    """The newest check that succeeded, with what it says of splits alone."""
    rows = QualityCheck.objects.filter(version=version, job__state=State.SUCCEEDED).only("leaks", "facts")
    return rows.order_by("-id").first()


def leak_words(images: int, same: int, grouped: int, early: str = "train", late: str = "test") -> str:
    """ "2 of 30 test images also stand in train, and 4 more belong with images there"; empty for none."""
    if not same and not grouped:
        return ""
    of = f"of {plural(images, f'{late} image')}"
    belong = "belongs" if grouped == 1 else "belong"
    if not same:
        return f"{thousands(grouped)} {of} {belong} with images of {early}, as a group that was to stay together"
    also = f"{thousands(same)} {of} also {'stands' if same == 1 else 'stand'} in {early}"
    return also + (f", and {thousands(grouped)} more {belong} with images there" if grouped else "")
