"""A look at a dataset's images by a real child and a real network: its file in place, nothing else left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.classifier.images import class_folders
from tests.webapp.evaluations.conftest import source, trained  # noqa: F401 (fixtures)
from tests.worker.sealed import run, version_of
from webapp.datasets import hooks, suggested
from webapp.datasets.hooks import Network
from webapp.datasets.labelling import suggesting
from webapp.datasets.models import Suggesting
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ask(owner, actor_of, trained, tmp_path: Path, settings, monkeypatch):  # noqa: F811
    """Asks a network of three colours about cats and dogs."""
    settings.SYNSET_HOME = tmp_path / "home"
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    shutil.copytree(trained[2], tmp_path / "run")
    net = Network("net-0000000000000001", "Colours", "", tmp_path / "run")
    monkeypatch.setattr(hooks, "networks", lambda team: [net])
    version = version_of(actor_of(owner), class_folders(per_class=12), tmp_path)
    return lambda: suggesting.start(actor_of(owner), version, net.id)


def test_every_image_is_suggested_a_class_and_no_other_file_is_left(ask):
    made = ask()
    job = run(made.job_id, "device")
    made.refresh_from_db()
    assert (job.state, job.error) == ("succeeded", "") and made.images == made.version.images
    rows = suggested.read(made, -1, 1000)
    assert sorted(row.position for row in rows) == list(range(made.images)) and {row.label for row in rows} <= set(made.classes)
    assert [row.probability for row in rows] == sorted(row.probability for row in rows)
    assert list(made.folder.iterdir()) == [made.file]


def test_suggestions_are_read_on_from_a_place(ask):
    made = ask()
    run(made.job_id, "device")
    made.refresh_from_db()
    rows = suggested.read(made, -1, 1000)
    assert suggested.read(made, 2, 4) == rows[3:7] and suggested.read(made, len(rows) - 1, 4) == []


def test_a_network_that_went_meanwhile_is_named(ask, monkeypatch):
    made = ask()
    monkeypatch.setattr(hooks, "networks", lambda team: [])
    job = run(made.job_id, "device")
    assert job.state == "failed" and "The experiment Colours, which was to suggest labels, was deleted" in job.error


def test_a_dataset_that_went_meanwhile_is_said(ask):
    made = ask()
    Suggesting.objects.all().delete()
    job = run(made.job_id, "device")
    assert job.state == "failed" and "was deleted before labels were suggested" in job.error


def test_a_run_that_is_broken_says_so_without_this_servers_folder(ask, settings, tmp_path):
    made = ask()
    shutil.rmtree(tmp_path / "run")
    job = run(made.job_id, "device")
    assert job.state == "failed" and "is no run" in job.error and list(made.folder.iterdir()) == []


def test_what_a_killed_attempt_left_goes(ask):
    made = ask()
    made.folder.mkdir(parents=True)
    stray = made.folder / f".{made.job_id}.0.bin.partial"
    stray.write_bytes(b"half")
    run(made.job_id, "device")
    assert list(made.folder.iterdir()) == [made.file]


def test_one_that_is_killed_in_the_middle_is_made_whole_by_the_next_attempt(ask):
    made = ask()
    claim = actions.claim(made.job_id, "device@here:1")
    attempt.run(claim, {"FAULT": "suggest_publish:kill"}, claimed_at=now())
    made.refresh_from_db()
    assert Job.objects.get(pk=made.job_id).state == "queued" and not made.images and not made.file.exists()
    assert run(made.job_id, "device").state == "succeeded"
    made.refresh_from_db()
    assert len(suggested.read(made, -1, 1000)) == made.images == made.version.images
    assert list(made.folder.iterdir()) == [made.file]


def test_one_that_was_asked_to_stop_is_cancelled(ask):
    made = ask()
    claim = actions.claim(made.job_id, "device@here:1")
    actions.request_cancel(made.job)
    attempt.run(claim, {}, claimed_at=now())
    assert Job.objects.get(pk=made.job_id).state == "cancelled" and list(made.folder.iterdir()) == []
