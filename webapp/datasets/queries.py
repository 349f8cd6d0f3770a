"""Reads of datasets that pages, API and worker share. Long lists are read by key, never by offset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from webapp.accounts.models import Team
from webapp.datasets import files
from webapp.datasets.models import Dataset, DatasetVersion, Problem, Split
from webapp.jobs.models import State

SPLIT_NAMES = tuple(name for _, name in Split.choices)
LOOKED = 50_000  # problems that one search by file reads


def datasets(team: Team, before: str | None = None, limit: int = 24, *, archived: bool = False) -> list[Dataset]:
    """The team's datasets with their import jobs, newest first, after the one of id `before`; or those in the archive."""
    rows = offered(team, archived=archived).select_related("job").order_by("-id")
    return list((rows.filter(id__lt=before) if before else rows)[:limit])


def offered(team: Team, *, archived: bool = False) -> QuerySet[Dataset]:
    """What lists and the launch form offer; or what is archived."""
    return Dataset.objects.filter(team=team, archived_at__isnull=not archived)


def versions_of(found: Sequence[Dataset]) -> dict[str, DatasetVersion]:
    """{dataset id: its newest sealed version} in one query."""
    ready = {dataset.id: dataset for dataset in found if dataset.job.state == State.SUCCEEDED}
    newest: dict[str, DatasetVersion] = {}
    for version in newest_ones().filter(dataset_id__in=ready):
        version.dataset = ready[version.dataset_id]
        newest[version.dataset_id] = version
    return newest


def newest_ones() -> QuerySet[DatasetVersion]:
    """Of each dataset the sealed version of the highest number."""
    newer = DatasetVersion.objects.filter(dataset=OuterRef("dataset"), ready=True, number__gt=OuterRef("number"))
    return DatasetVersion.objects.filter(~Exists(newer), ready=True)


def newest_version(dataset: Dataset) -> DatasetVersion | None:
    """The newest sealed version; none before the import has succeeded (rows of one that still runs are not shown)."""
    version = newest_ones().filter(dataset=dataset.pk).select_related("dataset__job").first()
    if version is None:
        return None
    if not Dataset._meta.get_field("job").is_cached(dataset):
        dataset.job = version.dataset.job  # of the same query
    version.dataset = dataset
    return version if dataset.job.state == State.SUCCEEDED else None


def sealed_versions(dataset: Dataset) -> QuerySet[DatasetVersion]:
    """Every sealed version, the newest first; none before the import has succeeded."""
    rows = DatasetVersion.objects.filter(dataset=dataset, ready=True).order_by("-number")
    return rows if dataset.job.state == State.SUCCEEDED else rows.none()


def state(dataset: Dataset) -> str:
    """Its import job's state: a dataset has none of its own."""
    return dataset.job.state


class Problems(NamedTuple):
    """Some of them, and after which id a further look goes on; None at the end."""

    rows: list[Problem]
    after: int | None


def problems(dataset: Dataset, rule: str = "", after: int = 0, limit: int = 100, file: str = "") -> Problems:
    """Problems in the order they were found, after that id; of files whose path holds `file`.

    No index knows parts of paths: one look reads LOOKED of them and may find none, though there are more.
    """
    rows = dataset.problems.filter(id__gt=after, **({"rule": rule} if rule else {})).order_by("id")
    end = None
    if file:
        end = next(iter(rows.values_list("id", flat=True)[LOOKED - 1 : LOOKED]), None)
        rows = (rows if end is None else rows.filter(id__lte=end)).filter(file__icontains=file)
    found = list(rows[: limit + 1])
    return Problems(found[:limit], found[limit - 1].id if len(found) > limit else end)


def archive_path(dataset: Dataset) -> Path | None:
    """What the import reads; None once it was imported, or where it is gone."""
    return files.archive_path(dataset.folder, dataset.archive_file)


def split_counts(version: DatasetVersion) -> dict[str, int]:
    """{split: images}, from the stored aggregates."""
    return {name: sum(entry[name] for entry in version.classes) for name in SPLIT_NAMES}


def describe(dataset: Dataset) -> dict[str, Any]:
    """The dataset as the API shows it."""
    version = newest_version(dataset)
    shown = problems(dataset, limit=100).rows
    return {
        "id": dataset.id,
        "name": dataset.name,
        "state": state(dataset),
        "version": version.number if version else None,
        "classes": version.classes if version else [],
        "images": version.images if version else 0,
        "problems": [{"file": row.file, "rule": row.rule, "message": row.message, "taken": row.taken} for row in shown],
        "problem_count": dataset.problem_count,
    }
