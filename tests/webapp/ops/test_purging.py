"""What was given up for good goes a slice at a time, and goes on where a process died."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tests.webapp.experiments.kit import dataset_of, ended, launched
from webapp.core import trash
from webapp.datasets.models import Dataset, Sample
from webapp.experiments import removing as experiments
from webapp.experiments.models import Experiment, MetricPoint
from webapp.jobs.models import JobEvent
from webapp.ops import purging
from worker.keeper import PURGE_SECONDS, Keeper


@pytest.fixture
def given_up(owner: Any) -> Dataset:
    """A dataset of 50 samples that is being removed for good, with its run."""
    dataset = dataset_of(owner)
    experiment = ended(launched(owner, "First", dataset))
    version = dataset.versions.get()
    Sample.objects.bulk_create([Sample(version=version, position=n, image=n, label=n % 3, split=0, path=f"{n}.jpg") for n in range(50)])
    MetricPoint.objects.create(experiment=experiment, epoch=1, step=10, name="val_top1", value=0.5)
    for thing in (dataset, experiment):
        thing.folder.mkdir(parents=True)
        (thing.folder / "file").write_bytes(b"x")
        type(thing).everything.filter(pk=thing.pk).update(trashed_at=timezone.now(), purging_at=timezone.now())
    return dataset


def nothing_is_left(dataset: Dataset) -> bool:
    rows = (Dataset.everything, Experiment.everything, Sample.objects, MetricPoint.objects, JobEvent.objects)
    files = [path for path in dataset.folder.parents[1].rglob("*") if path.is_file()]
    return not files and not any(model.exists() for model in rows)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.SYNSET_HOME = tmp_path


def test_a_round_without_time_removes_one_slice(given_up, monkeypatch):
    Experiment.everything.all().delete()
    monkeypatch.setattr(trash, "SLICE", 20)
    assert purging.carry_on(seconds=0) and Sample.objects.count() == 30


def test_rounds_end_with_nothing_left(given_up, monkeypatch):
    monkeypatch.setattr(trash, "SLICE", 20)
    rounds = sum(1 for _ in iter(lambda: purging.carry_on(seconds=0), False))
    assert rounds > 3 and nothing_is_left(given_up)


@pytest.mark.parametrize("error", [IntegrityError("it is referred to"), KeyError("images")])
def test_one_that_cannot_be_removed_holds_up_no_other(error, given_up, owner, monkeypatch):
    stuck, finish = Experiment.everything.get(), experiments.finish
    other = ended(launched(owner, "Second", dataset_of(owner, "More")))
    Experiment.everything.filter(pk=other.pk).update(trashed_at=timezone.now(), purging_at=timezone.now())

    def fails_for_one(experiment: Experiment) -> bool:
        if experiment == stuck:
            raise error
        return finish(experiment)

    monkeypatch.setattr(experiments, "finish", fails_for_one)
    assert not purging.carry_on(seconds=60) and Experiment.everything.get() == stuck


def test_what_is_only_in_the_trash_stays(given_up):
    Dataset.everything.update(purging_at=None)
    Experiment.everything.update(purging_at=None)
    assert not purging.carry_on(seconds=60) and Sample.objects.count() == 50 and given_up.folder.exists()


def test_a_dataset_waits_for_a_run_that_is_still_there(given_up):
    Experiment.everything.update(purging_at=None)
    assert not purging.carry_on(seconds=60) and Dataset.everything.exists()


def test_nobody_sees_what_is_being_removed(given_up, owner, signed_in):
    client = signed_in(owner)
    page = client.get("/trash/")
    assert not page.context["rows"] and "2 things are being removed for good" in page.content.decode()
    assert client.get(f"/datasets/{given_up.id}/").status_code == 404 and "First" not in client.get("/queue/").content.decode()


def test_its_jobs_are_not_in_the_queue_afterwards(given_up, owner, signed_in):
    while purging.carry_on():
        pass
    assert "First" not in signed_in(owner).get("/queue/").content.decode()


def test_the_keeper_goes_on_at_once_while_there_is_more(monkeypatch):
    keeper = Keeper()
    assert keeper.paces[keeper.purge] == PURGE_SECONDS
    monkeypatch.setattr(purging, "carry_on", lambda: True)
    keeper.due[keeper.purge] = 1.0
    keeper.purge()
    assert keeper.due[keeper.purge] == 0.0
