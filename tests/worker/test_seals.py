"""A draft is sealed by a real child: once, and never disturbed by one who lost the job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.data.dataset import Dataset as Folder
from classifier.data.importer import import_dataset
from tests.classifier.images import class_folders, write_zip
from webapp.accounts.models import User
from webapp.datasets import drafts, leftovers, sealing
from webapp.datasets.browsing.progress import ROWS
from webapp.datasets.models import Dataset, DatasetVersion, Draft
from webapp.datasets.queries import newest_version
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now
from worker.handlers import base, work_for
from worker.handlers.seals import Seal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def actor(actor_of, owner: User):
    return actor_of(owner)


@pytest.fixture
def dataset(actor, tmp_path: Path, settings, monkeypatch) -> Dataset:
    """Twenty pictures of cats and dogs, with a draft: the first cat is a dog, the second is taken out."""
    settings.SYNSET_HOME = tmp_path / "home"
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    job = actions.submit(team=actor.team, user=actor.user, kind="import", title="Pets")
    made = Dataset.objects.create(team=actor.team, created_by=actor.user, name="Pets", job=job, archive_name="pets.zip")
    import_dataset(write_zip(tmp_path / "pets.zip", class_folders(10)), made.folder / "data")
    actions.finish(actions.claim(job.id, "host@here:1"), also=lambda: sealing.sealed(made.id, made.folder / "data"))
    made.refresh_from_db()
    drafts.change(actor, made, [0], label="dog")
    drafts.change(actor, made, [1], removed=True)
    return made


@pytest.fixture
def job(actor, dataset: Dataset) -> Job:
    return drafts.seal(actor, dataset)


def claimed(job: Job) -> actions.Claim:
    claim = actions.claim(job.id, "host@here:1")
    assert claim
    return claim


def run(claim: actions.Claim) -> Job:
    attempt.run(claim, {}, claimed_at=now())
    return Job.objects.get(pk=claim.job_id)


def versions(dataset: Dataset) -> list[str]:
    return sorted(path.name for path in (dataset.folder / "versions").iterdir())


def test_a_draft_becomes_version_2_with_its_rows_and_its_folder(dataset, job):
    ended = run(claimed(job))
    version = newest_version(dataset)
    assert (ended.state, ended.error, ended.title) == ("succeeded", "", "Pets v2") and version is not None
    assert (version.number, version.images, version.samples.count()) == (2, 19, 19) and versions(dataset) == ["2"]
    folder = Folder.open(version.folder)
    assert folder.id == version.fingerprint and (folder.folder / "pack").resolve() == (dataset.folder / "data" / "pack").resolve()
    assert folder.classes[folder.labels[0]] == "dog" and not folder.kept[1]


def test_the_changes_stay_with_the_version_that_they_made(dataset, job):
    run(claimed(job))
    lines = [json.loads(line) for line in (newest_version(dataset).folder / "changes.jsonl").read_text().splitlines()]
    assert lines == [
        {"op": "sample", "position": 0, "label": "dog", "removed": False},
        {"op": "sample", "position": 1, "removed": True},
    ]


def test_an_end_that_was_not_committed_is_done_again(dataset, job, monkeypatch):
    (dataset.folder / "versions" / "2").mkdir(parents=True)
    (dataset.folder / "versions" / "2" / "half").touch()
    assert run(claimed(job)).state == "succeeded"
    assert versions(dataset) == ["2"] and not (dataset.folder / "versions" / "2" / "half").exists()


def test_an_attempt_that_dies_before_its_end_is_followed_by_a_whole_one(dataset, job):
    first = claimed(job)
    work = work_for(Job.objects.get(pk=job.id), first)
    assert isinstance(work, Seal)
    work.prepare()
    work.folder.mkdir()
    actions.fail(first, "The worker that ran this job stopped answering.", "lost", retry=True)
    assert run(claimed(job)).state == "succeeded" and versions(dataset) == ["2"] and DatasetVersion.objects.count() == 2


def test_who_lost_the_job_writes_no_rows_and_seals_nothing(dataset, job):
    first = claimed(job)
    late = work_for(Job.objects.get(pk=job.id), first)
    actions.fail(first, "The worker that ran this job stopped answering.", "lost", retry=True)
    assert run(claimed(job)).state == "succeeded"
    before = list(DatasetVersion.objects.values_list("pk", flat=True))
    late.clear()
    with pytest.raises(actions.LostClaim):
        actions.finish(first, also=lambda: late.end({}))
    assert list(DatasetVersion.objects.values_list("pk", flat=True)) == before and versions(dataset) == ["2"]


def test_a_sealing_that_fails_leaves_the_draft_and_no_folder(actor, dataset, job, monkeypatch):
    monkeypatch.setattr(Seal, "end", lambda self, last: 1 / 0)
    assert run(claimed(job)).state == "failed" and versions(dataset) == []
    monkeypatch.undo()
    draft = drafts.current(dataset)
    assert draft and not draft.sealing and (draft.relabelled, draft.removed) == (1, 1)
    assert newest_version(dataset).number == 1


def test_a_draft_that_leaves_nothing_fails_with_a_sentence(actor, dataset):
    drafts.change(actor, dataset, range(20), removed=True)
    ended = run(claimed(drafts.seal(actor, dataset)))
    assert ended.state == "failed" and ended.error.startswith("These changes take every image out of version 1;")


def test_a_sealing_that_is_cancelled_leaves_the_draft(actor, dataset, job):
    claim = claimed(job)
    actions.request_cancel(job)
    assert run(claim).state == "cancelled"
    drafts.undo(actor, dataset)
    assert Draft.objects.get().removed == 0


def test_what_a_killed_sealing_left_is_swept_once_its_job_has_ended(dataset, job):
    left = dataset.folder / "versions"
    left.mkdir()
    (left / f"{job.id}.1").mkdir()
    (left / f"{job.id}.1.jsonl").touch()
    (left / "2").mkdir()
    leftovers.sweep()
    assert len(versions(dataset)) == 3
    actions.cancel_queued(job.id)
    leftovers.sweep()
    assert versions(dataset) == ["2"]


def test_rows_that_take_a_while_are_told_with_the_time_left(dataset, job, monkeypatch):
    monkeypatch.setattr(base, "EVENT_SECONDS", 0.0)
    monkeypatch.setattr(sealing, "CHUNK_ROWS", 5)
    ended = run(claimed(job))
    told = [event.data for event in ended.events.filter(kind="progress").order_by("seq")]
    assert any(each["stage"] == "indexing: 20 of 20 images" and each["eta_seconds"] is None for each in told)
    rows = [each for each in told if each["stage"].startswith("writing rows")]
    assert [each["stage"] for each in rows] == [f"writing rows: {done} of 19 images" for done in (4, 9, 14, 19)]
    assert [each["eta_seconds"] is not None for each in rows] == [False, True, True, True] and rows[-1]["eta_seconds"] == 0
    assert [each["progress"] for each in told] == sorted(each["progress"] for each in told) and rows[0]["progress"] < rows[-1][
        "progress"
    ] < 1
    assert ended.state == "succeeded" and ended.progress == 1


def test_the_commands_progress_is_that_of_all_the_work(dataset, job):
    work = work_for(job, claimed(job))
    told = work.scaled({"event": "progress", "fraction": 0.5, "eta_seconds": 3.0})
    assert 0 < work.share < 0.5 and told["fraction"] == work.share / 2 and told["eta_seconds"] == 3.0 + work.rows_seconds
    assert work.scaled({"event": "progress", "fraction": 0.5, "eta_seconds": None})["eta_seconds"] is None


def test_who_lost_the_job_while_rows_are_written_stops_there(dataset, job, monkeypatch):
    monkeypatch.setattr(base, "EVENT_SECONDS", 0.0)
    monkeypatch.setattr(sealing, "CHUNK_ROWS", 5)
    claim = claimed(job)
    tell = Seal.counting

    def lost(work: Seal):
        counted = tell(work)

        def heard(done: int, total: int, stage: str = ROWS) -> None:
            if done == 9 and stage == ROWS:
                actions.fail(claim, "The worker that ran this job stopped answering.", "lost", retry=True)
            counted(done, total, stage)

        return heard

    monkeypatch.setattr(Seal, "counting", lost)
    assert run(claim).state == "queued" and not dataset.versions.filter(number=2, ready=True).exists()
    monkeypatch.setattr(Seal, "counting", tell)
    assert run(claimed(job)).state == "succeeded" and newest_version(dataset).samples.count() == 19
