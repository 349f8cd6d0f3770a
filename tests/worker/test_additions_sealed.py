"""A draft with added images is sealed by a real child: decoded once, what was not taken is listed, a bad archive fails in words."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from django.db import OperationalError

from classifier.data.revise import revise
from tests.classifier.images import class_folders, picture, write_tar
from tests.worker.sealed import run, version_of
from webapp.accounts.actor import Actor
from webapp.datasets import drafts, leftovers
from webapp.datasets.browsing import columns, order
from webapp.datasets.draft_models import Draft
from webapp.datasets.drafts import file, peeks, waiting
from webapp.datasets.models import Dataset
from webapp.datasets.queries import newest_version
from webapp.jobs import actions as jobs
from webapp.jobs.actions import LostClaim
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now
from worker.handlers.seals import Seal

pytestmark = pytest.mark.django_db(transaction=True)
NEW = {f"{number}.png": picture(seed=9_000 + number) for number in range(5)}


@pytest.fixture
def dataset(actor: Actor, tmp_path: Path) -> Dataset:
    return version_of(actor, class_folders(10), tmp_path).dataset


def test_added_images_are_in_the_next_version_and_what_was_left_out_is_listed(actor: Actor, dataset: Dataset, tmp_path: Path) -> None:
    files = NEW | {"broken.png": b"no picture", "twin.png": class_folders(1)["cat/0.png"]}
    drafts.add(actor, dataset, write_tar(tmp_path / "more.tar", files), "more.tar", "dog")
    job = run(drafts.seal(actor, dataset).id)
    version = newest_version(Dataset.objects.get())
    assert (job.state, job.error) == ("succeeded", "") and version and (version.number, version.images) == (2, 25)
    assert version.changes["added"] == 5
    found = {(row.file, row.rule) for row in dataset.problems.all()}
    assert found == {("broken.png", "not_an_image"), ("twin.png", "already_there")}
    assert Dataset.objects.get().problem_count == 2 and list((dataset.folder / "additions").iterdir()) == []


def test_files_of_one_name_in_two_archives_are_listed_each_with_what_it_came_in(actor: Actor, dataset: Dataset, tmp_path: Path) -> None:
    for number, name in enumerate(("one.tar", "two.tar")):
        files = {"new.png": NEW[f"{number}.png"], "IMG_1.jpg": b"no picture", "README.txt": b"Hello"}
        drafts.add(actor, dataset, write_tar(tmp_path / name, files), name, "dog")
    assert run(drafts.seal(actor, dataset).id).state == "succeeded"
    rows = dataset.problems.order_by("id")
    assert [(row.file, row.message.rpartition(" It came in ")[2]) for row in rows] == [("IMG_1.jpg", "one.tar."), ("IMG_1.jpg", "two.tar.")]
    assert (Dataset.objects.get().problem_count, Dataset.objects.get().ignored_count) == (2, 2)


def test_an_archive_of_which_nothing_can_be_added_fails_by_its_own_name(actor: Actor, dataset: Dataset, tmp_path: Path) -> None:
    drafts.add(actor, dataset, write_tar(tmp_path / "more.tar", {"broken.png": b"no picture"}), "more.tar", "dog")
    job = run(drafts.seal(actor, dataset).id)
    assert job.state == "failed" and "No image of more.tar can be added" in job.error and "archive-" not in job.error
    drafts.undo(actor, dataset)  # the draft goes on
    drafts.change(actor, dataset, [0], label="dog")
    assert run(drafts.seal(actor, dataset).id).state == "succeeded"


# It goes on where an attempt before it was killed, also one of a job that failed

MANY = {f"{number}.png": picture(seed=20_000 + number) for number in range(200)}


def begun(job_id: str, monkeypatch: pytest.MonkeyPatch, fault: str) -> Job:
    """The job after an attempt whose process is killed there."""
    monkeypatch.setenv("FAULT", f"{fault}:kill")
    job = run(job_id)
    monkeypatch.delenv("FAULT")
    return job


def kept(job: Job) -> int:
    """How many images the newest attempt did not read again."""
    return max(event.data.get("kept", 0) for event in job.events.filter(kind="progress"))


def read(dataset: Dataset) -> list[Path]:
    """What sealings had read of waiting images."""
    return list((dataset.folder / "versions").glob(peeks.READ))


def files_of(dataset: Dataset) -> dict[str, bytes]:
    """The pack, and the second version's own files."""
    found = [*(dataset.folder / "data" / "pack").iterdir(), *(dataset.folder / "versions" / "2").glob("*.*")]
    return {path.name: path.read_bytes() for path in found if path.name not in ("changes.jsonl", "dataset.json")}


@pytest.fixture
def many(actor: Actor, dataset: Dataset, tmp_path: Path) -> Dataset:
    """The dataset with two hundred images that wait."""
    drafts.add(actor, dataset, write_tar(tmp_path / "many.tar", MANY | {"twin.png": MANY["7.png"]}), "many.tar", "dog")
    return dataset


@pytest.fixture
def wanted(actor: Actor, tmp_path: Path, many: Dataset) -> dict[str, bytes]:
    """What comes of the same where nothing happens to it."""
    other = tmp_path / "other"
    shutil.copytree(many.folder, other)
    draft = Draft.objects.select_related("dataset", "base__dataset").get()
    (other / "versions").mkdir()
    file.write(draft, other / "versions" / "c.jsonl")
    revise(other / "data", other / "versions" / "c.jsonl", other / "versions" / "2")
    columns.build(other / "versions" / "2")
    order.build(other / "versions" / "2")
    found = [*(other / "data" / "pack").iterdir(), *(other / "versions" / "2").glob("*.*")]
    return {path.name: path.read_bytes() for path in found if path.name != "dataset.json"}


def sealed_whole(dataset: Dataset, job: Job, wanted: dict[str, bytes]) -> None:
    """The second version is there once, and nothing else is left."""
    version = newest_version(Dataset.objects.get())
    assert (job.state, job.error) == ("succeeded", "") and version and (version.number, version.images) == (2, 220)
    assert version.samples.count() == 220 and [row.rule for row in dataset.problems.all()] == ["already_there"]
    assert files_of(dataset) == wanted and not read(dataset) and list((dataset.folder / "additions").iterdir()) == []
    assert [path.name for path in (dataset.folder / "versions").iterdir()] == ["2"]


@pytest.mark.parametrize("fault", ["import@2", "copy@2", "grown", "publish"])
def test_an_attempt_whose_process_was_killed_is_gone_on_with(
    actor: Actor, many: Dataset, wanted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    job = begun(drafts.seal(actor, many).id, monkeypatch, fault)
    assert job.error.endswith("It goes on behind the added images that were read (attempt 2 of 3).") and len(read(many)) == 1
    job = run(job.id)
    assert kept(job) == 201 or fault == "import@2"  # of which nothing was on the disk for good
    sealed_whole(many, job, wanted)


def test_retry_goes_on_where_the_last_attempt_was_killed(
    actor: Actor, many: Dataset, wanted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = drafts.seal(actor, many)
    for fault in ("import@2", "copy@3", "publish"):
        failed = begun(first.id, monkeypatch, fault)
    assert (failed.state, failed.error_code) == ("failed", "killed") and read(many)
    assert not [path for path in leftovers.sweep() if "adding" in path.name]
    job = run(drafts.seal(actor, many).id)
    assert job.id != first.id and kept(job) == 201
    sealed_whole(many, job, wanted)


@pytest.mark.parametrize("moment", ["before_end", "end"])
def test_a_worker_that_is_lost_between_files_and_rows_has_no_image_read_again(
    actor: Actor, many: Dataset, wanted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    own = getattr(Seal, moment)

    def lost(work: Seal, last: object) -> None:
        """The worker dies here: nothing after it happens, and the keeper has queued the job again."""
        raise OperationalError("away") if moment == "end" else LostClaim(work.claim)

    job_id = drafts.seal(actor, many).id
    claim = jobs.claim(job_id, "host@here:1")
    assert claim
    monkeypatch.setattr(Seal, moment, lost)
    monkeypatch.setattr(attempt.Attempt, "patiently", lambda self, write: write())
    with contextlib.suppress(OperationalError):
        attempt.run(claim, {}, claimed_at=now())
    monkeypatch.setattr(Seal, moment, own)
    jobs.fail(claim, "The worker that ran this job stopped answering.", "lost", retry=True)
    job = run(job_id)
    assert kept(job) == 201
    sealed_whole(many, job, wanted)


def test_what_was_read_goes_with_a_draft_that_is_discarded(actor: Actor, many: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(drafts.seal(actor, many).id, monkeypatch, "copy@2")
    jobs.request_cancel(Job.objects.get(kind="seal"))
    assert len(read(many)) == 1
    drafts.discard(actor, many)
    assert read(many) == []


def test_what_was_read_goes_with_an_image_that_is_erased(actor: Actor, many: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(drafts.seal(actor, many).id, monkeypatch, "copy@2")
    jobs.request_cancel(Job.objects.get(kind="seal"))
    waiting.forget(many, "0" * 64)
    assert read(many) == []


def test_what_was_read_for_a_draft_that_is_closed_is_swept(actor: Actor, many: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(drafts.seal(actor, many).id, monkeypatch, "copy@2")
    (folder,) = read(many)
    monkeypatch.setattr(leftovers, "age", lambda path: 2 * leftovers.JUST_MADE)
    assert folder not in leftovers.sweep()
    Draft.objects.update(closed_at="2026-01-01T00:00:00Z")
    assert folder in leftovers.sweep() and read(many) == []


def test_a_disk_that_is_full_keeps_nothing_of_what_was_read(actor: Actor, many: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    job = drafts.seal(actor, many)
    monkeypatch.setenv("FAULT", "copy@2:full")
    assert "disk" in run(job.id).error and read(many) == []
