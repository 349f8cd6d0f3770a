"""What killed processes left is removed, and nothing else."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from webapp.accounts.models import AuditEntry
from webapp.datasets import actions, drafts, files, leftovers
from webapp.datasets.models import Dataset, DatasetVersion, Draft, Suggesting, Upload
from webapp.datasets.quality import actions as quality
from webapp.datasets.queries import archive_path
from webapp.datasets.uploads import begin, expire
from webapp.jobs import actions as jobs
from worker.keeper import Keeper

pytestmark = pytest.mark.django_db
HOUR = 3600.0


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.SYNSET_HOME = tmp_path
    return tmp_path


def left(path: Path, hours: float) -> Path:
    """A folder with a file, last touched so many hours ago."""
    path.mkdir(parents=True)
    (path / "file").write_bytes(b"x")
    for each in (path / "file", path):
        os.utime(each, (time.time() - hours * HOUR,) * 2)
    return path


@pytest.fixture
def locked() -> Iterator[Callable[[Path], None]]:
    """Holds folders as a living import does."""
    held: list[int] = []

    def hold(folder: Path) -> None:
        held.append(os.open(folder, os.O_RDONLY))
        fcntl.flock(held[-1], fcntl.LOCK_EX)

    yield hold
    for descriptor in held:
        os.close(descriptor)


@pytest.mark.parametrize(("hours", "stays"), [(23, True), (25, False)])
def test_an_upload_goes_after_a_day(hours: int, stays: bool, home: Path) -> None:
    upload = left(home / "tmp" / "a.upload", hours)
    leftovers.sweep()
    assert upload.exists() == stays


def test_before_anything_runs_every_upload_goes(home: Path) -> None:
    left(home / "tmp" / "folder", 0)
    (home / "tmp" / "b.upload").write_bytes(b"half")
    leftovers.sweep(upload_seconds=0.0)
    assert not list((home / "tmp").iterdir())


@pytest.mark.parametrize("name", [".gone-datasets-01k", "01k/.gone-01k-upload"])
def test_a_half_deleted_folder_goes(name: str, home: Path) -> None:
    gone = left(home / "datasets" / name, 0)
    leftovers.sweep()
    assert not gone.exists()


def test_a_killed_imports_staging_goes(waiting: Dataset) -> None:
    staging = left(waiting.folder / ".data.importing-x1", 0.1)
    leftovers.sweep()
    assert not staging.exists() and archive_path(waiting)


def test_a_living_imports_staging_stays(waiting: Dataset, locked: Callable[[Path], None]) -> None:
    staging = left(waiting.folder / ".data.importing-x1", 100)
    locked(staging)
    assert not leftovers.sweep() and staging.exists()


def test_what_a_killed_import_had_read_stays_for_its_next_attempt(waiting: Dataset) -> None:
    staging = left(waiting.folder / f".data.{waiting.job_id}.1.importing-x1", 100)
    assert not leftovers.sweep()
    jobs.request_cancel(waiting.job)
    assert leftovers.sweep() == [staging] and not staging.exists()


def test_a_whole_import_goes_once_its_job_has_ended_without_it(waiting: Dataset) -> None:
    whole = left(waiting.folder / f"data.{waiting.job_id}.1", 100)
    claim = jobs.claim(waiting.job_id, "host@here:1")
    assert claim and not leftovers.sweep()
    jobs.fail(claim, "The import process was killed.", "killed", retry=False)
    assert leftovers.sweep() == [whole] and not whole.exists()


@pytest.mark.parametrize(("hours", "stays"), [(23, True), (25, False)])
def test_an_upload_without_a_row_goes_after_a_day(hours: int, stays: bool, home: Path) -> None:
    folder = left(home / "datasets" / "01k", hours)
    leftovers.sweep()
    assert folder.exists() == stays


def test_images_that_nobody_deleted_stay_also_without_a_row(home: Path) -> None:
    left(home / "datasets" / "01k" / "data", 100)
    left(home / "datasets" / "01k" / "upload", 100)
    assert not leftovers.sweep()


@pytest.mark.parametrize(("hours", "stays"), [(23, True), (25, False)])
def test_images_of_a_purged_dataset_go_after_a_day(hours: int, stays: bool, home: Path, team: Any) -> None:
    data = left(home / "datasets" / "01k" / "data", hours)
    os.utime(data.parent, (time.time() - hours * HOUR,) * 2)
    AuditEntry.objects.create(team=team, name="owner", via="session", verb="dataset.purge", subject_id="01k")
    leftovers.sweep()
    assert data.parent.exists() == stays


def test_what_lies_in_the_trash_keeps_its_files(failed: Dataset, owner: Any, actor_of: Any) -> None:
    actions.delete(actor_of(owner), failed)
    for path in [*failed.folder.rglob("*"), failed.folder]:
        os.utime(path, (time.time() - 100 * HOUR,) * 2)
    assert not leftovers.sweep()


def test_a_dataset_keeps_everything(version: DatasetVersion) -> None:
    files.remove(version.dataset.folder / "upload")  # as the commit of its import does
    before = sorted(version.dataset.folder.rglob("*"))
    for path in before:
        os.utime(path, (time.time() - 100 * HOUR,) * 2)
    assert not leftovers.sweep(upload_seconds=0.0) and sorted(version.dataset.folder.rglob("*")) == before


def test_an_archive_that_was_imported_goes_where_a_process_died_before_it_did(version: DatasetVersion) -> None:
    archive = version.dataset.folder / "upload"
    assert archive.exists() and leftovers.sweep() == [archive] and not archive.exists() and (version.dataset.folder / "data").exists()


def test_an_archive_whose_import_may_be_tried_again_stays(failed: Dataset) -> None:
    assert not leftovers.sweep() and archive_path(failed)


def test_a_replacement_that_died_before_its_rows_goes_after_a_day(failed: Dataset) -> None:
    own = archive_path(failed)
    lost = left(failed.folder / "upload" / "archive-01k00000000000000000.zip", 25)
    leftovers.sweep()
    assert not lost.exists() and archive_path(failed) == own


@pytest.fixture
def upload(owner: Any, actor_of: Any) -> Upload:
    """Four of ten bytes of an archive."""
    made = begin.begin(actor_of(owner), 10, {"filename": "more.zip"})
    made.path.parent.mkdir()
    made.path.write_bytes(b"half")
    return made


@pytest.mark.parametrize(("days", "stays"), [(6.9, True), (7.1, False)])
def test_an_unfinished_upload_goes_after_its_term(days: float, stays: bool, upload: Upload) -> None:
    Upload.objects.update(touched_at=timezone.now() - timedelta(days=days))
    leftovers.sweep()
    assert (upload.path.exists(), Upload.objects.exists()) == (stays, stays)


def test_an_upload_that_is_just_being_sent_stays(upload: Upload, locked: Callable[[Path], None]) -> None:
    Upload.objects.update(touched_at=timezone.now() - timedelta(days=8))
    locked(upload.path)
    assert not leftovers.sweep() and upload.path.exists() and Upload.objects.exists()


def test_an_upload_that_is_gone_on_with_just_when_its_term_ends_stays(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    Upload.objects.update(touched_at=timezone.now() - timedelta(days=8))

    def told_meanwhile(path: Path) -> bool:
        return bool(Upload.objects.update(touched_at=timezone.now(), offset=4))

    monkeypatch.setattr(expire, "is_free", told_meanwhile)
    assert not leftovers.sweep() and upload.path.read_bytes() == b"half" and Upload.objects.exists()


@pytest.mark.parametrize("finished", [True, False])
def test_bytes_that_no_upload_needs_go_after_a_day(finished: bool, upload: Upload) -> None:
    if finished:
        Upload.objects.update(finished_at=timezone.now())
    else:
        Upload.objects.all().delete()
    assert not leftovers.sweep() and upload.path.exists()
    os.utime(upload.path, (time.time() - 25 * HOUR,) * 2)
    assert leftovers.sweep() == [upload.path] and not upload.path.exists()


@pytest.fixture
def put_in_place(version: DatasetVersion, owner: Any, actor_of: Any) -> Path:
    """What a sealing that was killed after its move leaves, before its rows are committed."""
    drafts.change(actor_of(owner), version.dataset, [0], removed=True)
    drafts.seal(actor_of(owner), version.dataset)
    return left(version.dataset.folder / "versions" / "2", 25)


def give_up_sealing() -> None:
    jobs.fail(jobs.claim(Draft.objects.get().job_id, "host@here:1"), "Lost.", "lost", retry=False)


def test_a_version_whose_sealing_was_killed_goes_once_its_draft_is_given_up(put_in_place: Path, version, owner, actor_of) -> None:
    leftovers.sweep()
    assert put_in_place.exists()
    give_up_sealing()
    leftovers.sweep()
    assert put_in_place.exists()
    drafts.discard(actor_of(owner), version.dataset)
    leftovers.sweep()
    assert not put_in_place.exists() and (version.dataset.folder / "data").exists()


def test_a_version_that_was_put_in_place_just_now_stays(put_in_place: Path, version, owner, actor_of) -> None:
    give_up_sealing()
    drafts.discard(actor_of(owner), version.dataset)
    os.utime(put_in_place)
    leftovers.sweep()
    assert put_in_place.exists()


def test_versions_that_rows_name_stay_and_those_of_a_dataset_that_is_unknown_here(version: DatasetVersion, home: Path) -> None:
    DatasetVersion.objects.create(dataset=version.dataset, number=2, fingerprint="b" * 64, images=1, classes=[], parent=version)
    kept = left(version.dataset.folder / "versions" / "2", 100), left(home / "datasets" / "01k" / "versions" / "2", 100)
    left(home / "datasets" / "01k" / "data", 100)
    leftovers.sweep()
    assert all(folder.exists() for folder in kept)


def test_the_keeper_sweeps_every_hour() -> None:
    assert Keeper().paces[leftovers.sweep] == HOUR


def test_what_a_killed_check_wrote_goes_once_its_job_has_ended(version: DatasetVersion, owner: Any, actor_of: Any) -> None:
    check = quality.start(actor_of(owner), version)
    check.folder.mkdir()
    file = check.folder / f"{check.job_id}.1.json"
    file.write_text("{}")
    leftovers.sweep()
    assert file.exists()
    jobs.fail(jobs.claim(check.job_id, "host@here:1"), "Lost.", "lost", retry=False)
    leftovers.sweep()
    assert not file.exists()


def test_what_a_killed_look_at_the_images_wrote_goes_once_its_job_has_ended(version: DatasetVersion, owner: Any, team: Any) -> None:
    job = jobs.submit(team=team, user=owner, kind="suggest", title="Suggestions")
    row = Suggesting.objects.create(team=team, version=version, job=job, source="net", source_name="Net")
    row.folder.mkdir()
    made = [row.folder / name for name in (f"{job.pk}.1.bin", f"{job.pk}.1.log", f".{job.pk}.1.bin.partial")]
    for file in (*made, row.file):
        file.write_bytes(b"")
    leftovers.sweep()
    assert all(file.exists() for file in made)
    jobs.fail(jobs.claim(job.pk, "device@here:1"), "Lost.", "lost", retry=False)
    leftovers.sweep()
    assert not any(file.exists() for file in made) and row.file.exists()
