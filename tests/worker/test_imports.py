"""An import by a real child: sealed once, and never disturbed by one who lost the job."""

from __future__ import annotations

import resource
import shutil
from pathlib import Path

import pytest
from django.db import OperationalError

from classifier.data.publish import owned
from classifier.spec.packfile import INDEX
from tests.classifier.images import class_folders, write_zip
from webapp.accounts.models import User
from webapp.datasets import actions as datasets
from webapp.datasets import leftovers
from webapp.datasets.models import Dataset
from webapp.datasets.queries import newest_version
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt, stopping
from worker.claim import now
from worker.handlers import work_for
from worker.handlers.imports import Import

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(actor_of, owner: User, tmp_path: Path, settings, monkeypatch) -> Dataset:
    """Twenty pictures and two files that are none, uploaded."""
    settings.SYNSET_HOME = tmp_path / "home"
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    pets = write_zip(tmp_path / "pets.zip", class_folders(10) | {"cat/a.png": b"no", "dog/b.png": b"no"})
    return datasets.create(actor_of(owner), "Pets", pets, "pets.zip")


def claimed(dataset: Dataset) -> actions.Claim:
    claim = actions.claim(dataset.job_id, "host@here:1")
    assert claim
    return claim


def taken_over(dataset: Dataset) -> tuple[Import, actions.Claim]:
    """(the work of one whose lease ran out unnoticed, the claim of the next)."""
    first = claimed(dataset)
    work = work_for(Job.objects.get(pk=dataset.job_id), first)
    assert isinstance(work, Import)
    actions.fail(first, "The worker that ran this job stopped answering.", "lost", retry=True)
    return work, claimed(dataset)


def run(claim: actions.Claim) -> Job:
    attempt.run(claim, {}, claimed_at=now())
    return Job.objects.get(pk=claim.job_id)


def in_the_making(dataset: Dataset) -> list[str]:
    return [path.name for path in dataset.folder.iterdir() if "data." in path.name]


def test_an_upload_becomes_a_version_with_its_rows_and_problems(waiting):
    job = run(claimed(waiting))
    waiting.refresh_from_db()
    version = newest_version(waiting)
    assert (job.state, job.error) == ("succeeded", "")
    assert (version.samples.count(), version.dataset.problem_count, waiting.problems.count()) == (20, 2, 2)


def test_its_folder_is_the_datasets_and_nothing_else_is_left(waiting):
    run(claimed(waiting))
    assert (waiting.folder / "data" / "dataset.json").is_file() and in_the_making(waiting) == []


def test_who_lost_the_job_cannot_delete_what_the_next_one_sealed(waiting):
    late, claim = taken_over(waiting)
    assert run(claim).state == "succeeded"
    with pytest.raises(actions.LostClaim):
        late.prepare()
    late.clear()
    assert (waiting.folder / "data" / "dataset.json").is_file() and waiting.problems.count() == 2


def test_who_lost_the_job_leaves_the_next_ones_folder_alone(waiting):
    late, claim = taken_over(waiting)
    theirs = waiting.folder / f"data.{claim.job_id}.{claim.fence}"
    theirs.mkdir()
    with pytest.raises(actions.LostClaim):
        late.prepare()
    assert theirs.is_dir()


def test_who_was_stopped_before_it_began_finds_that_the_job_is_lost(waiting):
    first = claimed(waiting)
    actions.fail(first, "The worker that ran this job stopped answering.", "lost", retry=True)
    assert run(claimed(waiting)).state == "succeeded"
    attempt.run(first, {}, claimed_at=now() - 3600)
    assert Job.objects.get(pk=first.job_id).state == "succeeded" and waiting.problems.count() == 2


def test_what_an_earlier_job_left_is_cleared_by_the_next(waiting):
    claim = claimed(waiting)
    for name in (f"data.{'0' * 20}.7", f".data.{'0' * 20}.7.importing-x"):
        (waiting.folder / name).mkdir()
    work_for(Job.objects.get(pk=claim.job_id), claim).prepare()
    assert in_the_making(waiting) == []


def test_what_killed_attempts_left_is_gone_once_the_job_has_ended(waiting):
    _, claim = taken_over(waiting)
    for name in (f"data.{claim.job_id}.1", f".data.{claim.job_id}.1.importing-x"):
        (waiting.folder / name).mkdir()
    assert run(claim).state == "succeeded" and in_the_making(waiting) == []


# It goes on where an attempt before it was killed or sent away


def begun(claim: actions.Claim, monkeypatch, fault: str = "publish:kill") -> Job:
    """The job after an attempt whose process is killed; by default with all images read."""
    monkeypatch.setenv("FAULT", fault)
    job = run(claim)
    monkeypatch.delenv("FAULT")
    return job


def kept(job: Job) -> int:
    """How many images the newest attempt did not read again."""
    return max(event.data.get("kept", 0) for event in job.events.filter(kind="progress"))


def test_an_attempt_whose_process_was_killed_is_gone_on_with(waiting, monkeypatch):
    job = begun(claimed(waiting), monkeypatch)
    assert job.error.endswith("It goes on behind the images that were read (attempt 2 of 3).") and len(in_the_making(waiting)) == 1
    job = run(claimed(waiting))
    waiting.refresh_from_db()
    assert (job.state, kept(job), newest_version(waiting).samples.count(), waiting.problems.count()) == ("succeeded", 22, 20, 2)
    assert "Decoding images. It goes on at image 22 of 22" in [event.data.get("message") for event in job.events.filter(kind="log")]
    assert in_the_making(waiting) == [] and not (waiting.folder / "data" / "pack" / "journal.jsonl").exists()


def test_an_attempt_that_was_sent_away_with_its_worker_is_gone_on_with_and_does_not_count(waiting, monkeypatch, settings):
    settings.JOB_CANCEL_GRACE_SECONDS = 0.1
    monkeypatch.setattr(stopping, "is_stopping", lambda: all_read(waiting))
    job = begun(claimed(waiting), monkeypatch, "publish:hang")
    assert (job.state, job.attempt, len(in_the_making(waiting))) == ("queued", 0, 1)
    monkeypatch.setattr(stopping, "is_stopping", lambda: False)
    job = run(claimed(waiting))
    assert (job.state, job.attempt, kept(job)) == ("succeeded", 1, 22)


def all_read(dataset: Dataset) -> bool:
    """Whether the import has all images on the disk for good."""
    return any(path.stat().st_size for path in dataset.folder.glob(".data.*/samples.bin"))


def test_what_was_read_goes_with_a_job_that_is_cancelled(waiting, monkeypatch, settings):
    settings.JOB_CANCEL_GRACE_SECONDS = 0.1
    job = begun(claimed(waiting), monkeypatch)
    claim = claimed(waiting)
    actions.request_cancel(job)
    assert begun(claim, monkeypatch, "publish:hang").state == "cancelled" and in_the_making(waiting) == []


def failed(waiting: Dataset, monkeypatch) -> Job:
    """The job after its last attempt was killed too."""
    for _ in range(2):
        begun(claimed(waiting), monkeypatch)
    job = begun(claimed(waiting), monkeypatch)
    assert (job.state, job.error_code) == ("failed", "killed")
    return job


def test_retry_goes_on_where_the_last_attempt_was_killed(waiting, actor_of, owner, monkeypatch):
    failed(waiting, monkeypatch)
    assert len(in_the_making(waiting)) == 1 and leftovers.sweep() == []
    datasets.retry(actor_of(owner), waiting)
    assert leftovers.sweep() == []  # nor while it waits
    job = run(claimed(waiting))
    waiting.refresh_from_db()
    assert (job.state, kept(job), newest_version(waiting).samples.count(), waiting.problems.count()) == ("succeeded", 22, 20, 2)
    assert in_the_making(waiting) == []


def test_what_a_failed_import_had_read_goes_after_a_day(waiting, monkeypatch):
    failed(waiting, monkeypatch)
    (folder,) = waiting.folder.glob(".data.*")
    monkeypatch.setattr(leftovers, "age", lambda path: leftovers.DAY)
    assert folder in leftovers.sweep() and in_the_making(waiting) == []


def test_what_was_read_goes_with_an_import_that_cannot_come_to_an_end(waiting, monkeypatch):
    begun(claimed(waiting), monkeypatch)
    claim = claimed(waiting)
    waiting.folder.joinpath("upload").rename(waiting.folder / "gone")
    assert run(claim).state == "failed" and in_the_making(waiting) == []


def test_of_what_another_archive_was_read_before_nothing_is_taken_over(waiting, actor_of, owner, monkeypatch, tmp_path):
    failed(waiting, monkeypatch)
    datasets.replace_archive(actor_of(owner), waiting, write_zip(tmp_path / "other.zip", class_folders(7)), "other.zip")
    job = run(claimed(waiting))
    waiting.refresh_from_db()
    assert (job.state, kept(job), newest_version(waiting).images) == ("succeeded", 0, 14) and in_the_making(waiting) == []


def test_a_whole_import_whose_worker_was_lost_before_its_rows_is_not_made_again(waiting, monkeypatch):
    monkeypatch.setattr(Import, "before_end", lost)
    run(claimed(waiting))
    monkeypatch.setattr(Import, "before_end", before_end)
    job = run(claimed(waiting))
    assert job.state == "succeeded" and waiting.problems.count() == 2
    assert [event.data.get("message") for event in job.events.filter(kind="log")].count("Decoding images") == 1


before_end = Import.before_end


def lost(work: Import, last: object) -> None:
    """Its lease ran out, and the keeper has queued the job again."""
    actions.fail(work.claim, "The worker that ran this job stopped answering.", "lost", retry=True)
    raise actions.LostClaim(work.claim)


def test_of_one_that_lost_the_job_and_writes_on_nothing_comes_into_the_next_ones_dataset(waiting, monkeypatch):
    begun(claimed(waiting), monkeypatch)
    (folder,) = waiting.folder.glob(".data.*")
    with owned(folder), (folder / "pack" / "index.bin").open("ab") as theirs:
        claim = claimed(waiting)
        theirs.write(b"written without knowing")
        theirs.flush()
        job = run(claim)
    assert (job.state, kept(job)) == ("succeeded", 22)
    assert (waiting.folder / "data" / "pack" / "index.bin").stat().st_size == 20 * INDEX.size


def test_while_the_database_is_away_what_was_read_is_left_for_the_next(waiting, monkeypatch):
    begun(claimed(waiting), monkeypatch)
    late = work_for(Job.objects.get(pk=waiting.job_id), claimed(waiting))
    monkeypatch.setattr(Job.objects, "filter", away)
    late.clear()
    assert len(in_the_making(waiting)) == 1


def away(**_: object) -> None:
    raise OperationalError("the database is away")


def test_a_disk_that_is_full_keeps_nothing_of_what_was_read(waiting, monkeypatch):
    begun(claimed(waiting), monkeypatch)
    assert begun(claimed(waiting), monkeypatch, "publish:full").error_code == "disk_full" and in_the_making(waiting) == []


def test_an_end_that_was_not_committed_is_done_again(waiting):
    (waiting.folder / "data").mkdir()
    (waiting.folder / "data" / "half").touch()
    assert run(claimed(waiting)).state == "succeeded"
    assert not (waiting.folder / "data" / "half").exists()


def test_an_import_whose_folder_was_removed_says_so(waiting):
    shutil.rmtree(waiting.folder)
    job = run(claimed(waiting))
    assert (job.state, job.error) == ("failed", "The archive of Pets is gone; upload it again.")


def test_an_import_that_fails_leaves_no_folder(waiting, monkeypatch):
    monkeypatch.setattr(Import, "end", lambda self, last: 1 / 0)
    assert run(claimed(waiting)).state == "failed" and in_the_making(waiting) == []


def test_what_was_chosen_is_passed_on_to_the_command(waiting):
    waiting.options |= {"alike": True, "least": 3, "most": 500}
    waiting.save()
    words = taken_over(waiting)[0].arguments()
    assert "--alike" in words and words[words.index("--least") :][:4] == ["--least", "3", "--most", "500"]


def test_an_import_runs_within_limits(waiting):
    limits = work_for(Job.objects.get(pk=waiting.job_id), claimed(waiting)).limits()
    assert limits[resource.RLIMIT_CORE] == 0 and limits[resource.RLIMIT_DATA] >= 4 << 30 and limits[resource.RLIMIT_FSIZE] >= 64 << 30


def test_an_import_over_a_limit_ends_with_a_sentence(waiting, monkeypatch):
    monkeypatch.setattr(Import, "limits", lambda self: {resource.RLIMIT_FSIZE: 4096})
    job = run(claimed(waiting))
    assert (job.state, job.error_code) == ("failed", "too_large") and "take more than one file" in job.error


def test_an_import_that_finds_no_room_says_so_and_names_no_folder_of_the_server(waiting, monkeypatch):
    monkeypatch.setenv("FAULT", "publish:full")
    job = run(claimed(waiting))
    assert job.error.startswith("The disk has no space left for the dataset; nothing was kept. Free some, then try again.")
    assert (job.state, job.error_code, in_the_making(waiting)) == ("queued", "disk_full", [])
