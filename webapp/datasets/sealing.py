"""From a finished import's DATASET folder to the rows of a sealed version.

`staged` writes the rows in short transactions before the job's end, each of them fenced; nothing shows them until the
job has succeeded (`queries.versions_of`). `sealed` runs inside the transaction of the job's end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from classifier.spec import aboutfile
from webapp.datasets import files, packs
from webapp.datasets.browsing import order
from webapp.datasets.browsing.columns import build
from webapp.datasets.browsing.progress import Told, untold
from webapp.datasets.models import Dataset, DatasetVersion, Problem, Sample
from webapp.datasets.problems import problem_row

Fence = Callable[[], None]  # raises inside a transaction whose writes are not the caller's to make
CHUNK_ROWS = 5_000
INSERT_SAMPLE = f"INSERT INTO {Sample._meta.db_table} (version_id, position, image, label, split, path) VALUES (%s, %s, %s, %s, %s, %s)"


def described(folder: Path) -> dict[str, Any]:
    """dataset.json, as `classifier.data.dataset` says, without its problems."""
    return aboutfile.described(folder / "dataset.json")


def staged(dataset_id: str, folder: Path, fence: Fence, told: Told = untold) -> DatasetVersion:
    """The version and its samples, written anew unless a whole one of the same rows is there already; `told` hears how far it is."""
    build(folder, told)
    order.build(folder, told)
    return with_rows(dataset_id, folder, described(folder), fence, told)


def with_rows(dataset_id: str, folder: Path, about: Mapping[str, Any], fence: Fence, told: Told = untold) -> DatasetVersion:
    """As `staged`, of a folder that was read already."""
    whole = DatasetVersion.objects.filter(dataset_id=dataset_id, fingerprint=about["id"], images=about["images"]).first()
    if whole is not None and whole.samples.count() == whole.images:
        return whole
    with transaction.atomic():
        fence()
        DatasetVersion.objects.filter(dataset_id=dataset_id).delete()  # of an attempt that did not end
        version = DatasetVersion.objects.create(
            dataset_id=dataset_id,
            number=1,
            fingerprint=about["id"],
            images=about["images"],
            classes=class_rows(about),
            bytes=packs.pixel_bytes(folder),
            small=packs.all_small(folder),
        )
    write_rows(version, folder, fence, told)
    return version


def class_rows(about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """[{"label", "name", "train", "validation", "test"}] in class order."""
    names, counts = about.get("names", {}), about["counts"]
    return [{"label": label, "name": names.get(label, label), **counts[label]} for label in about["classes"]]


def write_rows(version: DatasetVersion, folder: Path, fence: Fence, told: Told) -> None:
    """All samples."""
    done = 0
    for chunk in packs.chunks(folder, CHUNK_ROWS):
        write_chunk(version, chunk, fence)
        done += len(chunk)
        told(done, version.images)


def write_chunk(version: DatasetVersion, chunk: list[packs.Row], fence: Fence) -> None:
    """Some samples in one short transaction; without model objects, which would take four times as long."""
    rows = [(version.pk, *row[:-1], row.path.replace("\0", "␀")) for row in chunk]
    with transaction.atomic(), connection.cursor() as cursor:
        fence()
        cursor.executemany(INSERT_SAMPLE, rows)


def sealed(dataset_id: str, folder: Path) -> None:
    """Makes the version and the import's problems final; the archive goes once this is committed."""
    about = described(folder)
    with transaction.atomic():
        with_rows(dataset_id, folder, about, fence=lambda: None)  # the job's own end is the fence here
        dataset = Dataset.objects.select_for_update().get(pk=dataset_id)
        if dataset.problems.count() != aboutfile.problem_count(folder / "dataset.json"):  # else all of them were told along the way
            write_problems(dataset, aboutfile.problems(folder / "dataset.json"))
        dataset.ignored_count = about["ignored"]
        dataset.inspection = None  # it names files, and may show faces; nobody decides by it any more
        dataset.save(update_fields=["problem_count", "problem_rules", "ignored_count", "inspection"])
        transaction.on_commit(lambda: files.remove(dataset.folder / "upload"))


def write_problems(dataset: Dataset, problems: Iterable[Mapping[str, Any]]) -> None:
    """Exactly these, some at a time, with their counts, which the caller saves."""
    dataset.problems.all().delete()
    rules, rest = Counter[str](), (problem_row(dataset.id, problem) for problem in problems)
    while rows := list(islice(rest, CHUNK_ROWS)):
        Problem.objects.bulk_create(rows)
        rules.update(row.rule for row in rows)
    dataset.problem_count, dataset.problem_rules = rules.total(), dict(rules)
