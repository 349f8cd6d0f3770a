"""An import that is killed leaves nothing behind, and its next attempt starts from nothing."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from tests.faults.house import House
from tests.faults.processes import children_of, kill_session, wait_for
from webapp.datasets.models import Dataset

pytestmark = pytest.mark.faults
MANY = 1500  # images of a class: long enough to be met at work


def in_the_making(dataset: Dataset) -> list[Path]:
    """What an import has begun to write."""
    return [path for path in dataset.folder.glob("*data.*") if path.is_dir()]


def met_at_work(house: House, dataset: Dataset) -> psutil.Process:
    """The import's process, stopped while its staging folder is there."""
    end_at = time.monotonic() + 60
    while not in_the_making(dataset):
        assert time.monotonic() < end_at, house.logs()
        time.sleep(0.005)
    dataset.job.refresh_from_db()
    found = children_of(dataset.job)
    for process in found:
        process.suspend()
    assert found and in_the_making(dataset), "the import had ended before it could be met"
    return found[0]


@pytest.mark.parametrize("also", ["the import alone", "its worker too"])
def test_a_killed_import_leaves_no_staging_and_its_next_attempt_is_whole(house: House, also: str):
    house.keeper()
    worker = house.worker("host")
    dataset = house.upload(per_class=MANY)
    importer = met_at_work(house, dataset)
    if also == "its worker too":
        kill_session(worker)
        house.worker("host")
    importer.kill()
    job = house.wait_for_state(dataset.job, "succeeded")
    dataset.refresh_from_db()
    wait_for(lambda: not in_the_making(dataset), 10, house.logs)
    version = dataset.versions.get()
    assert (job.attempts.count(), version.images, version.samples.count()) == (2, 2 * MANY, 2 * MANY)
