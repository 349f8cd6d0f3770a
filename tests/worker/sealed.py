"""An imported dataset as the worker's tests meet it, and a job that is run by a real child."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from classifier.data.importer import import_dataset
from tests.classifier.images import write_zip
from webapp.accounts.actor import Actor
from webapp.datasets import sealing
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now


def version_of(actor: Actor, files: Mapping[str, bytes], folder: Path) -> DatasetVersion:
    """The sealed version of a dataset of the actor's team with these files; `folder` is for the archive."""
    job = actions.submit(team=actor.team, user=actor.user, kind="import", title="Pets")
    dataset = Dataset.objects.create(team=actor.team, created_by=actor.user, name="Pets", job=job, archive_name="pets.zip")
    import_dataset(write_zip(folder / "pets.zip", files), dataset.folder / "data")
    claim = actions.claim(job.id, "host@here:1")
    assert claim
    actions.finish(claim, also=lambda: sealing.sealed(dataset.id, dataset.folder / "data"))
    return Dataset.objects.get().versions.get()


def run(job_id: str, queue: str = "host") -> Job:
    """The job after a worker of that queue has run it."""
    claim = actions.claim(job_id, f"{queue}@here:1")
    assert claim
    attempt.run(claim, {}, claimed_at=now())
    return Job.objects.get(pk=job_id)
