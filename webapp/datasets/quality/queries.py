"""Reads of quality reports. Findings are read by key, never by offset; counts are stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from webapp.core.words import plural, thousands
from webapp.datasets.models import DatasetVersion, Sample
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.datasets.queries import split_counts
from webapp.jobs.models import State


def newest(version: DatasetVersion) -> QualityCheck | None:
    """The newest check, however it stands."""
    rows = QualityCheck.objects.filter(version=version).select_related("job", "created_by").defer("means")
    return rows.order_by("-id").first()


def newest_done(version: DatasetVersion) -> QualityCheck | None:
    """The newest check that succeeded."""
    rows = QualityCheck.objects.filter(version=version, job__state=State.SUCCEEDED).select_related("job", "created_by")
    return rows.defer("means").order_by("-id").first()


def findings(check: QualityCheck, kind: str, label: int | None = None, after: int = -1, limit: int = 40) -> list[Finding]:
    """Findings of one kind, the worst first, after that rank; of images of one class."""
    rows = Finding.objects.filter(of=check, kind=kind, rank__gt=after)
    if label is not None:
        rows = rows.filter(label=label)
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
    words: str
    checked: bool  # by look too; else only what the import found by its bytes


def leaking(version: DatasetVersion) -> Leaking:
    """From the newest check, exactly or nearly; before there is one, what the import found of its own version."""
    check = QualityCheck.objects.filter(version=version, job__state=State.SUCCEEDED).only("leaks").order_by("-id").first()
    if check is not None:
        images, tested = int(check.leaks.get("train-test", 0)), split_counts(version)["test"]
        stand = "stands" if images == 1 else "stand"
        return Leaking(images, f"{thousands(images)} of {plural(tested, 'test image')} also {stand} in train" if images else "", True)
    images = version.dataset.problem_rules.get("leak", 0) if version.number == 1 else 0
    return Leaking(images, f"{plural(images, 'image')} in more than one split" if images else "", False)
