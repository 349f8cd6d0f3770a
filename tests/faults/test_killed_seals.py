"""A sealing or a check of a dataset that is killed at its worst moments: the next attempt is whole, and nothing is there twice."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from classifier.data.revise import revise
from tests.classifier.images import class_folders, picture, write_zip
from tests.faults.house import House
from tests.faults.processes import end, kill_session, wait_for
from webapp.datasets import actions as datasets
from webapp.datasets import drafts
from webapp.datasets.drafts import file
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.datasets.quality import actions as quality
from webapp.datasets.quality_models import Finding
from webapp.jobs import queue
from webapp.jobs.models import Job

pytestmark = pytest.mark.faults
PER_CLASS = 12
IMAGES = 2 * PER_CLASS + 2


@pytest.fixture
def dataset(house: House, tmp_path: Path) -> Dataset:
    """Imported, with one image that stands in both classes; no worker is left."""
    files = class_folders(PER_CLASS) | {"cat/both.png": picture(77), "dog/both.png": picture(77)}
    made = datasets.create(house.actor, "Pets", write_zip(tmp_path / "pets.zip", files), "pets.zip")
    importer = house.worker("host")
    house.wait_for_state(made.job, "succeeded")
    end(importer)
    return Dataset.objects.get(pk=made.pk)


@pytest.fixture
def sealing(house: House, dataset: Dataset) -> Job:
    """The job that makes its second version, of all images but two."""
    drafts.change(house.actor, dataset, [0, 1], removed=True)
    return drafts.seal(house.actor, dataset)


@pytest.fixture
def once(at_start: Callable[..., dict[str, str]], tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Gives the environment of a worker whose first child meets a fault, and no later one."""
    met = tmp_path / "met"

    def make(fault: str) -> dict[str, str]:
        given = f"os.environ.update({{}} if met.exists() else {{'FAULT': {fault!r}}})"
        return at_start(
            "import os, pathlib", f"met = pathlib.Path({str(met)!r})", "if 'SYNSET_JOB' in os.environ:", f"    {given}", "    met.touch()"
        )

    return make


def versions(dataset: Dataset) -> list[Path]:
    """What lies in its folder of versions."""
    return sorted((dataset.folder / "versions").glob("*"))


def sealed_once(house: House, dataset: Dataset, job: Job, attempts: int) -> None:
    """The job succeeded in so many attempts, and there is one whole new version."""
    house.wait_for_state(job, "succeeded")
    version = dataset.versions.get(number=2)
    assert job.attempts.count() == attempts
    assert (version.ready, version.images, version.samples.count()) == (True, IMAGES - 2, IMAGES - 2)
    assert DatasetVersion.objects.filter(dataset=dataset).count() == 2 and drafts.current(dataset) is None
    wait_for(lambda: versions(dataset) == [version.folder], 10, lambda: f"{versions(dataset)}\n{house.logs()}")
    assert {path.name for path in version.folder.iterdir()} >= {"dataset.json", "samples.bin", "paths.txt", "pack", "changes.jsonl"}
    assert (version.folder / "pack").resolve() == (dataset.folder / "data" / "pack").resolve()


def test_a_sealing_that_is_killed_before_its_folder_is_in_place_is_whole_at_its_next_attempt(house: House, dataset, sealing, once):
    house.keeper()
    house.worker("host", **once("publish:kill"))
    sealed_once(house, dataset, sealing, attempts=2)


def test_when_its_worker_is_killed_meanwhile_another_seals_it_whole(house: House, dataset, sealing, once):
    house.keeper()
    worker = house.worker("host", **once("publish:hang"))
    wait_for(lambda: any(".importing-" in path.name for path in (dataset.folder / "versions").glob(".*")), 60, house.logs)
    kill_session(worker)
    house.worker("host")
    sealed_once(house, dataset, sealing, attempts=2)


@pytest.mark.parametrize("moment", ["staged", "sealed"])
def test_a_worker_that_is_killed_between_the_folder_and_the_rows_of_a_version_leaves_no_half_one(house: House, dataset, sealing, moment):
    """`staged`: the rows are written and the folder is not in place; `sealed`: it is in place, and that is not committed."""
    house.keeper()
    worker = house.worker("host", FAULT=f"{moment}:hang")
    there = {"staged": lambda: written(dataset) == IMAGES - 2, "sealed": lambda: (dataset.folder / "versions" / "2").exists()}
    wait_for(there[moment], 60, house.logs)
    assert not dataset.versions.filter(number=2, ready=True).exists()
    kill_session(worker)
    house.worker("host")
    sealed_once(house, dataset, sealing, attempts=2)


@pytest.mark.parametrize("seed", range(3))
def test_a_sealing_that_adds_images_and_is_killed_at_random_moments_is_the_same_to_the_byte(house: House, dataset, tmp_path, seed):
    more = {f"{number}.png": picture(seed=30_000 + number, width=40, height=40) for number in range(1_500)}
    drafts.add(house.actor, dataset, write_zip(tmp_path / "more.zip", more), "more.zip", "dog")
    job, chance = drafts.seal(house.actor, dataset), random.Random(seed)
    wanted = undisturbed(dataset, tmp_path / "other")
    house.keeper()
    for _ in range(2):
        worker = house.worker("host")
        number = job.attempts.count()
        wait_for(lambda: job.attempts.count() > number or job_ended(job), 60, house.logs)  # noqa: B023
        time.sleep(chance.uniform(0.5, 4.0))
        kill_session(worker)
    house.worker("host")
    house.wait_for_state(job, "succeeded")
    version = dataset.versions.get(number=2)
    assert (version.ready, version.images, version.samples.count()) == (True, IMAGES + 1_500, IMAGES + 1_500)
    wait_for(lambda: versions(dataset) == [version.folder], 10, lambda: f"{versions(dataset)}\n{house.logs()}")
    assert files_of(version.folder) == wanted and list((dataset.folder / "additions").iterdir()) == []


def job_ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.is_final


def undisturbed(dataset: Dataset, other: Path) -> dict[str, bytes]:
    """What the command makes of the draft where nothing happens to it."""
    shutil.copytree(dataset.folder, other)
    (other / "versions").mkdir(exist_ok=True)
    draft = drafts.current(dataset)
    assert draft
    file.write(draft, other / "versions" / "c.jsonl")
    revise(other / "data", other / "versions" / "c.jsonl", other / "versions" / "2")
    return files_of(other / "versions" / "2")


def files_of(version: Path) -> dict[str, bytes]:
    """What the engine wrote of a version, with its pack."""
    names = ("samples.bin", "paths.txt", "pack/pixels.bin", "pack/jpeg.bin", "pack/index.bin", "pack/thumbs.bin", "pack/thumbs_index.bin")
    return {name: (version / name).read_bytes() for name in names}


def written(dataset: Dataset) -> int:
    """Samples that a version in the making has."""
    begun = dataset.versions.filter(ready=False).first()
    return begun.samples.count() if begun else 0


def test_a_sealing_that_two_workers_are_called_for_is_done_once(house: House, dataset, sealing):
    for _ in range(3):
        queue.poke(sealing.id, "host")
    house.keeper()
    for name in ("one", "two"):
        house.worker("host", name)
    sealed_once(house, dataset, sealing, attempts=1)


def found_once(house: House, dataset: Dataset, job: Job) -> None:
    """The check succeeded at its second attempt; each finding stands there once, and no file is left."""
    house.wait_for_state(job, "succeeded")
    check = job.quality_check
    check.refresh_from_db()
    rows = list(Finding.objects.filter(of=check).values_list("kind", "rank"))
    assert job.attempts.count() == 2 and len(rows) == len(set(rows)) == sum(check.counts.values())
    assert check.counts["two_labels"] == 1
    wait_for(lambda: list(check.folder.iterdir()) == [], 10, house.logs)


def test_a_check_that_is_killed_before_its_file_is_in_place_is_whole_at_its_next_attempt(house: House, dataset, once):
    house.keeper()
    job = quality.start(house.actor, dataset.versions.get()).job
    house.worker("host", **once("check_publish:kill"))
    found_once(house, dataset, job)


def test_when_the_worker_of_a_check_is_killed_with_its_findings_half_told_they_are_told_once(house: House, dataset):
    house.keeper()
    job = quality.start(house.actor, dataset.versions.get()).job
    worker = house.worker("host", FAULT="staged:hang")
    wait_for(Finding.objects.filter(of=job.quality_check).exists, 120, house.logs)
    assert not job.quality_check.counts
    kill_session(worker)
    house.worker("host")
    found_once(house, dataset, job)
