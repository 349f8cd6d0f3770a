"""What is sent in parts, and what must come of it."""

from __future__ import annotations

import hashlib
import random

from webapp.datasets.models import Dataset
from webapp.datasets.queries import archive_path
from webapp.jobs.models import Job

CONTENT = random.Random(5).randbytes(3_000_000)


def digest(dataset: Dataset) -> str:
    path = archive_path(dataset)
    assert path
    return hashlib.sha256(path.read_bytes()).hexdigest()


def only_dataset() -> Dataset:
    """The one dataset; it waits for its one import, with the bytes that were sent."""
    dataset = Dataset.objects.get()
    assert Job.objects.count() == 1 and dataset.job.state == "queued"
    assert digest(dataset) == hashlib.sha256(CONTENT).hexdigest() and dataset.archive_bytes == len(CONTENT)
    return dataset
