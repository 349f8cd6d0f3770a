"""What is erased goes from many pictures that were classified too, by a real child; also from those that were not read yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.webapp.evaluations.conftest import evaluated, experiment, finish, source, trained  # noqa: F401 (fixtures)
from tests.webapp.predictions.kit import classified
from tests.worker.sealed import run
from tests.worker.test_classifies import archive, sent  # noqa: F401 (fixtures)
from webapp.datasets import packs
from webapp.datasets.erasing import asking
from webapp.datasets.models import DatasetVersion, Erasure
from webapp.jobs import actions
from webapp.jobs.models import Job
from webapp.predictions.many import asking as classifying
from webapp.predictions.many import reading
from webapp.predictions.many.reading import Wanted
from webapp.predictions.models import Classification
from worker import attempt
from worker.claim import now

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "patient-77.png"


@pytest.fixture
def acting(actor):
    return actor


@pytest.fixture
def version(acting, evaluated) -> DatasetVersion:  # noqa: F811
    found = evaluated.experiment.version
    found.dataset.team = acting.team
    return found


@pytest.fixture
def done(acting, evaluated) -> Classification:  # noqa: F811
    return classified(evaluated.experiment, acting.user, [(SECRET, (0.9, 0.06, 0.04)), ("other.png", (0.1, 0.85, 0.05))])


def asked(acting: Any, version: DatasetVersion, image: int = 0) -> Erasure:
    place = int(np.flatnonzero(packs.table(version.folder)["image"] == image)[0])
    return asking.ask(acting, version, place)


def again(found: Classification) -> Classification:
    return Classification.objects.select_related("job").get(pk=found.pk)


def in_files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_it_is_gone_from_files_and_rows_of_both(acting, version, done):
    erasure = asked(acting, version)
    assert (run(erasure.job_id).state, again(done).images, again(done).erased) == ("succeeded", 1, 1)
    assert SECRET.encode() not in in_files(done.folder) and b"other.png" in in_files(done.folder)
    erasure.refresh_from_db()
    assert erasure.elsewhere == [{"address": "predictions:detail", "id": done.pk, "name": "trip.zip", "words": "1 image of 2"}]
    version.refresh_from_db()
    assert version.erased == 1


@pytest.mark.parametrize("point", ["erase-overwritten@2", "erase-answers"])
def test_an_attempt_that_was_killed_is_made_whole_by_the_next(point, acting, version, done):
    erasure = asked(acting, version)
    attempt.run(actions.claim(erasure.job_id, "host@here:1"), {"FAULT": f"{point}:kill"}, claimed_at=now())
    assert (Job.objects.get(pk=erasure.job_id).state, again(done).erased) == ("queued", 0)
    assert (run(erasure.job_id).state, again(done).images, again(done).erased) == ("succeeded", 1, 1)
    assert SECRET.encode() not in in_files(done.folder)


def test_pictures_that_were_sent_before_and_are_read_after_it_are_without_it(acting, version, sent):  # noqa: F811
    run(asked(acting, version).job_id)
    assert run(sent.job_id, "device").state == "succeeded"
    found = again(sent)
    assert (found.images, found.erased, sum(one["n"] for one in found.classes)) == (29, 1, 29)
    assert len(reading.page(found, Wanted(), size=100).rows) == 29


def test_what_is_sent_after_it_is_kept_again(acting, version, archive, evaluated):  # noqa: F811
    run(asked(acting, version).job_id)
    made = classifying.begin(acting, archive, "trip.zip", evaluated.experiment_id)
    assert run(made.job_id, "device").state == "succeeded" and (again(made).images, again(made).erased) == (30, 0)


def test_where_the_dataset_lost_it_before_a_classification_can_lose_it_still(acting, version, done):
    run(asked(acting, version).job_id)
    later = classified(done.experiment, acting.user, [(SECRET, (0.9, 0.06, 0.04))])
    index = np.memmap(later.answers / "pack" / "index.bin", packs.INDEX_DTYPE, "r+")
    index["storage"][0] &= 0x7F  # somebody sent the same file again
    index.flush()
    erasure = asked(acting, version)
    assert run(erasure.job_id).state == "succeeded" and again(later).erased == 1
