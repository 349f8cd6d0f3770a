"""Later versions, sealed by the engine as a worker does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.data.revise import revise
from webapp.accounts.actor import Actor
from webapp.datasets import drafts, versioning
from webapp.datasets.drafts import file
from webapp.datasets.models import Dataset, DatasetVersion, Draft
from webapp.jobs import actions as jobs


@pytest.fixture
def sealed_by() -> Callable[[Actor, Dataset], DatasetVersion]:
    """Seals the open draft."""

    def make(actor: Actor, dataset: Dataset) -> DatasetVersion:
        job = drafts.seal(actor, dataset)
        draft = Draft.objects.select_related("dataset", "base__dataset", "job").get(job=job)
        target = dataset.folder / "versions" / str(versioning.next_number(dataset.id))
        target.parent.mkdir(exist_ok=True)
        changes = dataset.folder / "changes.jsonl"
        file.write(draft, changes)
        revise(draft.base.folder, changes, target)
        jobs.finish(jobs.claim(job.id, "host@here:1"), also=lambda: versioning.sealed(draft, target))
        return DatasetVersion.objects.get(draft=draft)

    return make
