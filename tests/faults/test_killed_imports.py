"""An import that is killed is gone on with by its next attempt, and comes out as if nothing had happened."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from classifier.data.dataset import Dataset as Imported
from classifier.data.importer import import_dataset
from classifier.data.pack import PackWriter
from classifier.spec.packfile import JOURNAL_FILE
from tests.faults.house import House
from tests.faults.processes import children_of, kill_session, wait_for
from webapp.datasets.models import Dataset

pytestmark = pytest.mark.faults
MANY = 2500  # images of a class: long enough to be met at work


def in_the_making(dataset: Dataset) -> list[Path]:
    """What an import has begun to write."""
    return [path for path in dataset.folder.glob("*data.*") if path.is_dir()]


def is_begun(dataset: Dataset) -> bool:
    """Whether something that it has read is on the disk for good."""
    return any(path.read_bytes().count(b"\n") > 1 for path in dataset.folder.glob(f".data.*/pack/{JOURNAL_FILE}"))


def met_at_work(house: House, dataset: Dataset) -> psutil.Process:
    """The import's process, stopped once it has kept something."""
    end_at = time.monotonic() + 60
    while not is_begun(dataset):
        assert time.monotonic() < end_at, house.logs()
        time.sleep(0.005)
    dataset.job.refresh_from_db()
    found = children_of(dataset.job)
    for process in found:
        process.suspend()
    assert found and in_the_making(dataset), "the import had ended before it could be met"
    return found[0]


@pytest.mark.parametrize("also", ["the import alone", "its worker too"])
def test_a_killed_import_is_gone_on_with_and_is_the_same_to_the_byte(house: House, also: str, tmp_path: Path):
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
    assert max(event.data.get("kept", 0) for event in job.events.filter(kind="progress")) > 0, "it began anew"
    wanted = import_dataset(house.home / f"upload-{MANY}.zip", tmp_path / "wanted")
    assert Imported.open(version.folder).id == wanted["id"]
    for name in PackWriter.FILES:
        assert (version.folder / "pack" / name).read_bytes() == (tmp_path / "wanted" / "pack" / name).read_bytes(), name
