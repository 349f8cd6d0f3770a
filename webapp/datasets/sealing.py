"""From a finished import's DATASET folder to the rows of a sealed version.

`staged` writes the rows in short transactions before the job's end; nothing shows them until the job has
succeeded (`queries.versions_of`). `sealed` runs inside the transaction of the job's end.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from webapp.datasets import files, packs
from webapp.datasets.models import Dataset, DatasetVersion, Problem, Sample
from webapp.datasets.problems import problem_row

CHUNK_ROWS = 5_000
INSERT_SAMPLE = f"INSERT INTO {Sample._meta.db_table} (version_id, position, image, label, split, path) VALUES (%s, %s, %s, %s, %s, %s)"


def staged(dataset_id: str, folder: Path, imported: Mapping[str, Any]) -> DatasetVersion:
    """The version and its samples, written anew unless a whole one of the same rows is there already."""
    about = json.loads((folder / "dataset.json").read_text("utf-8"))
    whole = DatasetVersion.objects.filter(dataset_id=dataset_id, fingerprint=about["id"], images=imported["images"]).first()
    if whole is not None and whole.samples.count() == whole.images:
        return whole
    DatasetVersion.objects.filter(dataset_id=dataset_id).delete()  # of an attempt that did not end
    version = DatasetVersion.objects.create(
        dataset_id=dataset_id,
        number=1,
        fingerprint=about["id"],
        images=imported["images"],
        classes=class_rows(about),
        bytes=packs.pixel_bytes(folder),
        small=packs.all_small(folder),
    )
    for chunk in packs.chunks(folder, CHUNK_ROWS):
        write_chunk(version, chunk)
    return version


def class_rows(about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """[{"label", "name", "train", "validation", "test"}] in class order."""
    names, counts = about.get("names", {}), about["counts"]
    return [{"label": label, "name": names.get(label, label), **counts[label]} for label in about["classes"]]


def write_chunk(version: DatasetVersion, chunk: list[packs.Row]) -> None:
    """Some samples in one short transaction; without model objects, which would take four times as long."""
    rows = [(version.pk, *row[:-1], row.path.replace("\0", "␀")) for row in chunk]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(INSERT_SAMPLE, rows)


def sealed(dataset_id: str, folder: Path, imported: Mapping[str, Any]) -> None:
    """Makes the version and the import's problems final; the archive goes once this is committed."""
    with transaction.atomic():
        staged(dataset_id, folder, imported)
        dataset = Dataset.objects.select_for_update().get(pk=dataset_id)
        rows = [problem_row(dataset_id, problem) for problem in imported["problems"]]
        dataset.problems.all().delete()
        Problem.objects.bulk_create(rows, batch_size=CHUNK_ROWS)
        dataset.problem_count, dataset.problem_rules = len(rows), dict(Counter(row.rule for row in rows))
        dataset.ignored_count = imported["ignored"]
        dataset.save(update_fields=["problem_count", "problem_rules", "ignored_count"])
        transaction.on_commit(lambda: files.remove(dataset.folder / "upload"))
