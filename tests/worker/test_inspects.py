"""An archive is looked at by a real child, and an import waits then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.classifier.images import class_folders, picture, write_zip
from webapp.accounts.models import User
from webapp.datasets import actions as datasets
from webapp.datasets import previews
from webapp.datasets.models import Dataset
from webapp.datasets.queries import newest_version
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet(tmp_path: Path, settings, monkeypatch) -> None:
    settings.SYNSET_HOME = tmp_path / "home"
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)


@pytest.fixture
def looking(actor_of, owner: User, tmp_path: Path) -> Dataset:
    pets = write_zip(tmp_path / "pets.zip", class_folders(10) | {"junk/x.png": picture(500)})
    return datasets.create(actor_of(owner), "Pets", pets, "pets.zip", {"look": True})


def run(dataset: Dataset) -> Job:
    """Does the dataset's job; gives it as it ended."""
    dataset.refresh_from_db()
    job_id = dataset.job_id
    claim = actions.claim(job_id, "host@here:1")
    assert claim
    attempt.run(claim, {}, claimed_at=now())
    dataset.refresh_from_db()
    return Job.objects.get(pk=job_id)


def test_a_look_leaves_what_it_found_and_an_import_that_waits(looking):
    job = run(looking)
    assert (job.state, job.error) == ("succeeded", "") and previews.is_waiting(looking)
    assert looking.inspection["class_count"] == 3 and looking.inspection["classes"]["cat"]["open"] == 10
    assert newest_version(looking) is None


def test_the_import_follows_what_was_chosen(looking, actor_of, owner):
    run(looking)
    previews.take(actor_of(owner), looking, {"leave": ["junk"]})
    job = run(looking)
    assert (job.state, job.error) == ("succeeded", "")
    assert [entry["label"] for entry in newest_version(looking).classes] == ["cat", "dog"]


def test_a_choice_that_does_not_fit_ends_in_a_sentence(looking, actor_of, owner):
    run(looking)
    previews.look_again(actor_of(owner), looking, {"leave": ["nowhere"]})
    job = run(looking)
    assert (job.state, job.error) == ("failed", "Your correction leaves 'nowhere' out, but pets.zip has no such folder.")


def test_after_a_choice_that_does_not_fit_it_is_looked_at_anew_without(looking, actor_of, owner):
    run(looking)
    previews.look_again(actor_of(owner), looking, {"leave": ["nowhere"]})
    run(looking)
    datasets.retry(actor_of(owner), looking)
    assert run(looking).state == "succeeded" and previews.is_waiting(looking) and "choose" not in looking.options


def test_an_archive_that_is_none_ends_in_a_sentence(actor_of, owner, tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"PK no zip")
    dataset = datasets.create(actor_of(owner), "Bad", tmp_path / "bad.zip", "bad.zip", {"look": True})
    assert run(dataset).state == "failed" and dataset.inspection is None


def test_a_look_that_was_lost_is_done_again(looking):
    first = actions.claim(looking.job_id, "host@here:1")
    actions.fail(first, "The worker that ran this job stopped answering.", "lost", retry=True)
    assert run(looking).state == "succeeded" and previews.is_waiting(looking)
