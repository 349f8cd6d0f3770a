"""A search for a learning rate by a real child: its curve in a row, nothing left on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classifier.spec.config import TrainConfig
from tests.classifier.images import class_folders
from tests.worker.sealed import run, version_of
from webapp.experiments import searches
from webapp.experiments.models import RateSearch
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = {"model": "small_cnn", "epochs": 2, "image_size": 16, "batch_size": 8, "device": "cpu"}


@pytest.fixture
def search(owner, actor_of, tmp_path: Path, settings, monkeypatch):
    """Asks for one on a small dataset, with some values changed."""
    settings.SYNSET_HOME = tmp_path / "home"
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    actor = actor_of(owner)
    version = version_of(actor, class_folders(per_class=16), tmp_path)
    return lambda **values: searches.start(actor, version, TrainConfig.from_mapping({**SMALL, **values}))


def test_a_search_ends_with_its_curve_and_leaves_no_file(search):
    made = search()
    job = run(made.job_id, "device")
    made.refresh_from_db()
    rates = [point["rate"] for point in made.curve]
    assert (job.state, job.error) == ("succeeded", "") and rates == sorted(rates) and len(rates) > 5
    assert made.suggested and rates[0] <= made.suggested * 10 <= rates[-1] * 1.01
    assert list(made.config_path.parent.iterdir()) == []


def test_a_search_that_fails_says_why_without_the_servers_own_folder(search, settings):
    made = search()
    shutil.rmtree(made.version.folder)
    job = run(made.job_id, "device")
    assert job.state == "failed" and "is no Synset dataset" in job.error and str(settings.SYNSET_HOME) not in job.error
    assert list(made.config_path.parent.iterdir()) == []


def test_what_was_deleted_while_it_waited_is_said(search):
    made = search()
    RateSearch.objects.all().delete()
    job = run(made.job_id, "device")
    assert job.state == "failed" and "was deleted before the search began" in job.error


def test_a_search_that_was_asked_to_stop_is_cancelled(search, monkeypatch):
    made = search()
    claim = actions.claim(made.job_id, "device@here:1")
    actions.request_cancel(made.job)
    attempt.run(claim, {}, claimed_at=now())
    assert Job.objects.get(pk=made.job_id).state == "cancelled" and list(made.config_path.parent.glob("*")) == []
