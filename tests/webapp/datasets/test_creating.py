"""Archives come in whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import TestCase

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.models import AuditEntry
from webapp.accounts.permissions import Forbidden
from webapp.datasets import actions, files, queries
from webapp.datasets.models import Dataset
from webapp.jobs import actions as jobs
from webapp.jobs.models import Job


def folders() -> list[Path]:
    parent = Path(settings.SYNSET_HOME) / "datasets"
    return list(parent.iterdir()) if parent.exists() else []


def test_an_archive_lies_in_the_upload_folder_and_waits(waiting: Dataset, archive: Path) -> None:
    path = queries.archive_path(waiting)
    assert path and path.read_bytes() == archive.read_bytes() and queries.state(waiting) == "queued"


def test_an_archive_is_on_disk_for_good_with_every_folder_that_was_made_for_it(
    owner: Any, actor_of: Any, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(files, "sync", synced.append)
    dataset = actions.create(actor_of(owner), "Animals", archive, "animals.zip")
    path = queries.archive_path(dataset)
    assert path and synced == [path, path.parent, dataset.folder, dataset.folder.parent]


def test_workers_hear_of_an_import_after_the_commit(
    owner: Any, actor_of: Any, archive: Path, pokes: list[tuple[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        dataset = actions.create(actor_of(owner), "Animals", archive, "animals.zip")
    assert pokes == [(dataset.job_id, "host")]


def test_the_users_file_name_is_shown_without_its_folders(owner: Any, actor_of: Any, archive: Path) -> None:
    dataset = actions.create(actor_of(owner), "Animals", archive, "..\\../etc/\x07passwd.zip")
    path = queries.archive_path(dataset)
    assert dataset.archive_name == "passwd.zip" and path and path.parent == dataset.folder / "upload"


def test_every_wrong_field_is_named_at_once(owner: Any, actor_of: Any, archive: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        actions.create(actor_of(owner), "x" * 5000, archive, "a.zip", {"split": "70/70/70", "seed": -1, "group": "(", "colour": 1})
    assert set(caught.value.fields) == {"name", "split", "seed", "group", "colour"}


@pytest.mark.parametrize("split", ["70/15", "a/b/c", "nan/50/50", "0/50/50", "120/-10/-10", "70/15/16", ""])
def test_a_split_that_is_none_is_refused(split: str, owner: Any, actor_of: Any, archive: Path) -> None:
    with pytest.raises(ConfigError, match="split"):
        actions.create(actor_of(owner), "Animals", archive, "a.zip", {"split": split})


def test_a_nul_in_a_name_is_refused(owner: Any, actor_of: Any, archive: Path) -> None:
    with pytest.raises(ConfigError, match="name"):
        actions.create(actor_of(owner), "Ani\0mals", archive, "a.zip")


def test_an_empty_archive_is_refused(owner: Any, actor_of: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.zip").touch()
    with pytest.raises(ConfigError, match="empty"):
        actions.create(actor_of(owner), "Animals", tmp_path / "empty.zip", "empty.zip")


def test_an_archive_over_the_limit_is_refused(owner: Any, actor_of: Any, archive: Path, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    with pytest.raises(ConfigError, match="takes up to 100 bytes"):
        actions.create(actor_of(owner), "Animals", archive, "a.zip")


def test_a_viewer_creates_nothing(viewer: Any, actor_of: Any, archive: Path) -> None:
    with pytest.raises(Forbidden):
        actions.create(actor_of(viewer), "Animals", archive, "a.zip")


def test_a_full_disk_leaves_nothing_and_says_so(owner: Any, actor_of: Any, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = folders()
    monkeypatch.setattr("webapp.datasets.files.os.fsync", full)
    with pytest.raises(files.StorageFull, match="disk is full"):
        actions.create(actor_of(owner), "Animals", archive, "a.zip")
    assert folders() == before and not Dataset.objects.exists() and not Job.objects.exists()


def test_a_database_that_refuses_leaves_no_file(owner: Any, actor_of: Any, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**options: Any) -> None:
        raise RuntimeError("no")

    before = folders()
    monkeypatch.setattr("webapp.datasets.actions.jobs.submit", refuse)
    with pytest.raises(RuntimeError):
        actions.create(actor_of(owner), "Animals", archive, "a.zip")
    assert folders() == before


def test_a_failed_import_takes_another_archive(failed: Dataset, owner: Any, actor_of: Any, archive: Path) -> None:
    first = failed.job_id
    actions.replace_archive(actor_of(owner), failed, archive, "better.zip")
    kept = list((failed.folder / "upload").iterdir())
    assert failed.job_id != first and len(kept) == 1 and failed.archive_name == "better.zip" and not failed.problems.exists()


def test_a_replacement_that_fails_keeps_the_old_archive(
    failed: Dataset, owner: Any, actor_of: Any, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    old = queries.archive_path(failed)
    monkeypatch.setattr("webapp.datasets.files.os.fsync", full)
    with pytest.raises(files.StorageFull):
        actions.replace_archive(actor_of(owner), failed, archive, "better.zip")
    assert queries.archive_path(failed) == old and failed.problems.exists()


def test_a_second_replacement_keeps_its_archive_where_the_first_is_late_to_tidy_up(
    failed: Dataset, owner: Any, actor_of: Any, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, actor = tmp_path / "other.zip", actor_of(owner)
    other.write_bytes(b"another")

    def meanwhile(dataset: Dataset) -> None:
        """Between the first one's commit and its end: somebody cancels it and sends another."""
        transaction.on_commit(lambda: replaced_again(dataset))

    def replaced_again(dataset: Dataset) -> None:
        jobs.request_cancel(Job.objects.get(pk=dataset.job_id), actor)
        actions.replace_archive(actor, Dataset.objects.get(pk=dataset.pk), other, "other.zip")

    with TestCase.captureOnCommitCallbacks(execute=True):
        actions.replace_archive(actor, failed, archive, "better.zip", also=meanwhile)
    kept = Dataset.objects.get(pk=failed.pk)
    path = queries.archive_path(kept)
    assert kept.archive_name == "other.zip" and path and path.read_bytes() == b"another"


def test_an_archive_that_waits_to_replace_another_is_not_what_a_retry_imports(failed: Dataset, owner: Any, actor_of: Any) -> None:
    own = queries.archive_path(failed)
    (failed.folder / "upload" / "archive-zzzzzzzzzzzzzzzzzzzz.zip").write_bytes(b"its rows are not there yet")
    assert queries.archive_path(actions.retry(actor_of(owner), failed)) == own


def test_an_archive_that_is_imported_is_not_replaced(dataset: Dataset, owner: Any, actor_of: Any, archive: Path) -> None:
    with pytest.raises(InputError, match="is imported already"):
        actions.replace_archive(actor_of(owner), dataset, archive, "better.zip")


def test_a_failed_import_is_tried_again_once_for_two_clicks(failed: Dataset, owner: Any, actor_of: Any) -> None:
    again = Dataset.objects.get(pk=failed.pk)
    actions.retry(actor_of(owner), failed)
    with pytest.raises(InputError, match="is being imported"):
        actions.retry(actor_of(owner), again)


def test_a_new_dataset_stands_in_the_log(waiting: Dataset) -> None:
    assert list(AuditEntry.objects.values_list("verb", "subject")) == [("dataset.create", waiting.name)]


def test_another_archive_and_another_try_stand_in_the_log(failed: Dataset, owner: Any, actor_of: Any, archive: Path) -> None:
    again = actions.retry(actor_of(owner), failed)
    jobs.fail(jobs.claim(again.job_id, "host@here:1"), "Only one class came.", "bad_input", retry=False)
    actions.replace_archive(actor_of(owner), Dataset.objects.get(id=failed.id), archive, "better.zip")
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))[-2:] == ["dataset.retry", "dataset.replace"]
