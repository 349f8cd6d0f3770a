"""Who changes the sealed version of 24 pictures, eight of each class: 0 to 7 ants, 8 to 15 bees, 16 to 23 cows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.webapp.datasets.drafts.waiting_kit import FILES, added
from webapp.accounts.actor import Actor
from webapp.accounts.models import User
from webapp.datasets import drafts, versioning
from webapp.datasets.models import Addition, Dataset, DatasetVersion, Draft
from webapp.jobs import actions as jobs


@pytest.fixture
def actor(owner: User, actor_of: Callable[..., Any]) -> Actor:
    return actor_of(owner)


@pytest.fixture
def seal(actor: Actor, dataset: Dataset) -> Callable[[], DatasetVersion]:
    """Seals the open draft as a worker does, by the engine itself."""
    from classifier.data.revise import revise
    from webapp.datasets.drafts import file

    def make() -> DatasetVersion:
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


@pytest.fixture
def bees(actor: Actor, dataset: Dataset, tmp_path: Path) -> Addition:
    """Four bees that wait."""
    return added(actor, dataset, tmp_path / "more.zip", FILES, "bee")
