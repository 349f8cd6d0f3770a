"""A training on a disk without a free byte: told in words, waiting for room, and none of its attempts used up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.classifier.disks import small_disk
from tests.classifier.images import class_folders
from tests.worker.sealed import run, version_of
from webapp.experiments import actions as experiments
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job
from worker import tasks
from worker.handlers.trains import Train

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = {"model": "small_cnn", "epochs": 1, "image_size": 16, "batch_size": 8, "device": "cpu"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB."""
    with small_disk(tmp_path / "disk", 64) as place:
        yield place


@pytest.fixture
def training(owner, actor_of, disk: Path, tmp_path: Path, settings, monkeypatch) -> Experiment:
    settings.SYNSET_HOME = disk
    monkeypatch.setenv("SYNSET_HOME", str(disk))
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    version = version_of(actor_of(owner), class_folders(per_class=10), tmp_path)
    return experiments.launch(actor_of(owner), version.dataset, "Pets", SMALL)


@pytest.fixture
def fill(disk: Path) -> Callable[[], Path]:
    """Takes every byte of the disk; gives the file to remove."""

    def make() -> Path:
        path = disk / "filler"
        with path.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(1 << 20)):
                    pass
            except OSError:
                return path
        raise AssertionError("the disk has no end")

    return make


def poked(job: Job) -> Job:
    tasks.run_job.run.__func__(SimpleNamespace(request=SimpleNamespace(hostname="device@here")), job.pk)
    return Job.objects.get(pk=job.pk)


def waits_for_room(job: Job) -> None:
    assert (job.state, job.attempt, job.error_code) == ("queued", 0, "disk_full")
    assert job.error.startswith("The disk of the data folder is full: 0 bytes are free. Empty the trash")
    assert job.error.endswith("Jobs wait, and go on by themselves once 34 MB are free.")


def test_a_training_that_finds_no_byte_free_waits_and_goes_on_by_itself_once_there_is_room(training, fill):
    filler = fill()
    waits_for_room(run(training.job_id, "device"))
    assert poked(training.job).attempts.count() == 1
    filler.unlink()
    job = poked(training.job)
    assert (job.state, job.attempt, job.error) == ("succeeded", 1, "")


def test_a_disk_that_fills_as_the_training_begins_is_told_in_the_same_words(training, fill, monkeypatch):
    prepare = Train.prepare
    monkeypatch.setattr(Train, "prepare", lambda self: (prepare(self), fill()))
    waits_for_room(run(training.job_id, "device"))
