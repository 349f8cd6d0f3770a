"""From a revised DATASET folder to the rows of the version that a draft becomes; as `sealing` does for an import.

`staged` writes the rows in short transactions before the job's end, each of them fenced, of a version that is not `ready`:
nothing shows it. `sealed` makes it ready inside the transaction of the job's end.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from webapp.datasets import differences, packs
from webapp.datasets.browsing import order
from webapp.datasets.browsing.columns import build
from webapp.datasets.browsing.progress import Told, untold
from webapp.datasets.draft_models import Draft
from webapp.datasets.drafts.ending import close
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.sealing import Fence, class_rows, described, write_rows
from webapp.jobs.clock import database_time


def next_number(dataset_id: str) -> int:
    """That of the version to be; stays the same until one is sealed."""
    last = DatasetVersion.objects.filter(dataset_id=dataset_id, ready=True).aggregate(last=Max("number"))["last"]
    return 1 + int(last or 0)


def staged(draft: Draft, folder: Path, fence: Fence, told: Told = untold) -> DatasetVersion:
    """The version and its samples, written anew unless a whole one of the same rows is there already; `told` hears how far it is."""
    build(folder, told)
    order.build(folder, told)
    about, number = described(folder), next_number(draft.dataset_id)
    begun = DatasetVersion.objects.filter(dataset_id=draft.dataset_id, ready=False)
    whole = begun.filter(fingerprint=about["id"], images=about["images"], number=number, parent=draft.base_id).first()
    if whole is not None and whole.samples.count() == whole.images:
        return whole
    with transaction.atomic():
        fence()
        begun.delete()  # of an attempt that did not end
        version = DatasetVersion.objects.create(**columns(draft, folder, about), number=number)
    write_rows(version, folder, fence, told)
    return version


def columns(draft: Draft, folder: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the version's row."""
    rows = class_rows(about)
    last = DatasetVersion.objects.filter(dataset_id=draft.dataset_id, ready=True).select_related("dataset").latest("number")
    return {
        "dataset_id": draft.dataset_id,
        "fingerprint": about["id"],
        "images": about["images"],
        "classes": rows,
        "bytes": packs.pixel_bytes(folder),
        "small": packs.all_small(folder),
        "ready": False,
        "parent_id": draft.base_id,
        "created_by": draft.job.created_by if draft.job else draft.created_by,
        "changes": differences.between(differences.rows_of(last), differences.rows_in(folder, rows)).counts,
    }


def sealed(draft: Draft, folder: Path) -> DatasetVersion:
    """Makes the version final and closes the draft; gives the version, whose folder the caller puts in place."""
    with transaction.atomic():
        version = staged(draft, folder, fence=lambda: None)  # the job's own end is the fence here
        version.ready, version.sealed_at = True, database_time()
        if version.parent_id:  # its test images are those of its parent, or most of them: what was seen stays seen
            parent = DatasetVersion.objects.select_for_update().filter(pk=version.parent_id)  # who opens that now counts both afterwards
            version.test_opened = parent.values_list("test_opened", flat=True)[0]
        version.save(update_fields=["ready", "sealed_at", "test_opened"])
        ignored = F("ignored_count") + described(folder)["ignored"]  # files of what was added that are no data
        Dataset.everything.filter(pk=draft.dataset_id).update(ignored_count=ignored)
        close(draft, version)
    return version
