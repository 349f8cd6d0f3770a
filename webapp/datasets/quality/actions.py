"""Every write to quality reports: asked for, written down, forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from classifier.spec.errors import InputError
from classifier.spec.quality import KINDS
from webapp.accounts.actor import Actor
from webapp.accounts.audit import record
from webapp.core import trash
from webapp.datasets import packs
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality_models import Finding, QualityCheck
from webapp.jobs import actions as jobs
from webapp.jobs.models import FINAL, Kind

Fence = Callable[[], None]
CHUNK_ROWS = 5_000
COLUMNS = "of_id, kind, rank, position, label, other, seems, score"
INSERT = f"INSERT INTO {Finding._meta.db_table} ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"


def start(actor: Actor, version: DatasetVersion) -> QualityCheck:
    """Queues a check of the version; one that waits or runs already is given instead."""
    actor.require("dataset.edit")
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().filter(pk=version.dataset_id).first()  # two clicks wait for each other
        if dataset is None:
            raise InputError("The dataset is in the trash; restore it first.", code="gone")
        living = QualityCheck.objects.filter(version=version).exclude(job__state__in=FINAL).first()
        if living is not None:
            return living
        job = jobs.submit(team=actor.team, user=actor.user, kind=Kind.QUALITY, title=f"Check of {dataset.name}")
        made = QualityCheck.objects.create(team=actor.team, created_by=actor.user, version=version, job=job)
        record(actor, "dataset.check", dataset)
    return made


def forget_rows(check: QualityCheck, fence: Fence) -> None:
    """What an attempt that was killed had written."""
    while True:
        with transaction.atomic():
            fence()
            if not trash.delete_some(check.findings.all(), "kind", "rank"):
                return


def staged(check: QualityCheck, told: Mapping[str, Any], fence: Fence) -> None:
    """The findings as rows, in short transactions; nothing shows them before the job has succeeded."""
    forget_rows(check, fence)
    labels = packs.labels(check.version.folder, [finding[1] for finding in told["findings"]])
    rows = ranked(check.pk, told["findings"], labels)
    for start in range(0, len(rows), CHUNK_ROWS):
        with transaction.atomic(), connection.cursor() as cursor:
            fence()
            cursor.executemany(INSERT, rows[start : start + CHUNK_ROWS])


def ranked(check_id: str, findings: Sequence[Sequence[Any]], labels: Sequence[int]) -> list[tuple[Any, ...]]:
    """The columns of each finding, with its place among those of its kind."""
    ranks = dict.fromkeys(KINDS, 0)
    rows = []
    for (kind, position, other, seems, score), label in zip(findings, labels, strict=True):
        rows.append((check_id, kind, ranks[kind], position, label, other, seems, score))
        ranks[kind] += 1
    return rows


def described(file: Path) -> dict[str, Any]:
    """The engine's file, as `classifier.spec.quality` says."""
    return dict(json.loads(file.read_text("utf-8")))


def finished(check: QualityCheck, told: Mapping[str, Any]) -> None:
    """What the check as a whole says, inside the transaction that ends its job."""
    apart = ("counts", "leaks", "means", "findings")
    facts = {name: value for name, value in told.items() if name not in apart}
    values = {"counts": told["counts"], "leaks": told["leaks"], "means": told["means"], "facts": facts}
    QualityCheck.objects.filter(pk=check.pk).update(**values)


def forget_older(check: QualityCheck) -> None:
    """Earlier checks of the same version that have ended: the new one takes their place."""
    older = QualityCheck.objects.filter(version=check.version_id, id__lt=check.id, job__state__in=FINAL)
    for old in older.select_related("job"):
        forget_rows(old, lambda: None)
        with transaction.atomic():
            old.delete()
            jobs.forget([old.job_id])


def removed_some(dataset: Dataset) -> bool:
    """Removes the next slice of a given-up dataset's checks; False once none is left."""
    check = QualityCheck.objects.filter(version__dataset=dataset).first()
    if check is None:
        return False
    if trash.delete_some(check.findings.all(), "kind", "rank"):
        return True
    rows, order = jobs.told_by(check.job_id)
    if trash.delete_some(rows, *order):
        return True
    with transaction.atomic():
        check.delete()
        jobs.forget([check.job_id])
    return True
