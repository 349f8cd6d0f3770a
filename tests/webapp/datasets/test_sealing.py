"""From the files of an import to the rows of a version."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.webapp.datasets.conftest import Imported, end_import
from webapp.datasets import actions, packs, queries, sealing
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.jobs import actions as jobs


def staged(dataset: Dataset, imported: Imported) -> DatasetVersion:
    """The rows, by whoever holds the job."""
    return actions.staged(dataset.id, imported[0], lambda: None)


def test_a_version_has_the_rows_that_the_engine_wrote(version: DatasetVersion, small_import: Imported) -> None:
    from classifier.data.dataset import Dataset as Folder

    folder = Folder.open(small_import[0])
    rows = list(version.samples.order_by("position").values_list("image", "label", "split", "path"))
    wanted = zip(folder.images.tolist(), folder.labels.tolist(), folder.splits.tolist(), map(folder.path, range(len(folder))), strict=True)
    assert rows == list(wanted)


def test_a_version_keeps_the_counts_by_class_and_split(version: DatasetVersion) -> None:
    entry = version.classes[0]
    assert entry["label"] == "ant" and entry["train"] + entry["validation"] + entry["test"] == 8 and version.images == 24


def test_small_pictures_and_photographs_are_told_apart(waiting: Dataset, small_import: Imported, photo_import: Imported) -> None:
    assert packs.all_small(small_import[0]) and not packs.all_small(photo_import[0])


def test_the_problems_of_the_import_are_counted_by_rule(dataset: Dataset) -> None:
    assert dataset.problem_count == 1 and dataset.problem_rules == {dataset.problems.get().rule: 1}


def test_problems_told_along_the_way_are_not_doubled_at_the_end(waiting: Dataset, small_import: Imported) -> None:
    actions.add_problems(waiting.id, small_import[1]["problems"])
    version = end_import(waiting, small_import)
    assert version.dataset.problem_count == version.dataset.problems.count() == 1


def test_what_a_look_showed_goes_with_the_import(waiting: Dataset, small_import: Imported) -> None:
    Dataset.objects.update(inspection={"faces": {"pictures": [{"path": "people/me.jpg", "image": "data:"}]}})
    assert end_import(waiting, small_import).dataset.inspection is None


def test_no_version_is_shown_before_the_job_has_succeeded(waiting: Dataset, small_import: Imported) -> None:
    staged(waiting, small_import)
    assert DatasetVersion.objects.exists() and queries.newest_version(waiting) is None


def test_staging_again_writes_nothing_twice(waiting: Dataset, small_import: Imported) -> None:
    first = staged(waiting, small_import)
    assert staged(waiting, small_import) == first and first.samples.count() == 24


def test_what_an_attempt_left_half_written_is_written_anew(waiting: Dataset, small_import: Imported) -> None:
    half = staged(waiting, small_import)
    half.samples.filter(position__gt=3).delete()
    whole = staged(waiting, small_import)
    assert whole.samples.count() == 24 and not DatasetVersion.objects.filter(pk=half.pk).exists()


def test_rows_are_written_in_chunks(waiting: Dataset, small_import: Imported, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(sealing, "CHUNK_ROWS", 10)
    monkeypatch.setattr(sealing, "write_chunk", lambda version, chunk, fence: sizes.append(len(chunk)))
    staged(waiting, small_import)
    assert sizes == [10, 10, 4]


def test_a_nul_in_a_path_is_shown_as_its_symbol(waiting: Dataset) -> None:
    actions.add_problems(waiting.id, [{"file": "a\0b", "rule": "unsafe_name", "message": "has a NUL", "taken": False}])
    assert waiting.problems.get().file == "a␀b"


def test_the_archive_goes_once_the_version_is_committed(
    waiting: Dataset, small_import: Imported, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        end_import(waiting, small_import)
    assert queries.archive_path(waiting) is None and (waiting.folder / "data").is_dir()


def test_a_pack_cut_short_has_no_such_image(waiting: Dataset, photo_import: Imported, tmp_path: Path) -> None:
    version = DatasetVersion(dataset=waiting, images=24, small=False)
    shutil.copytree(photo_import[0], version.folder)
    (version.folder / "pack" / "thumbs.bin").write_bytes(b"")
    with pytest.raises(packs.Missing):
        packs.thumbnail(version, 0)


def test_an_import_that_lost_its_job_seals_nothing(waiting: Dataset, small_import: Imported) -> None:
    claim = jobs.claim(waiting.job_id, "host@here:1")
    jobs.release(claim)
    with pytest.raises(jobs.LostClaim):
        jobs.finish(claim, also=lambda: actions.sealed(waiting.id, small_import[0]))
    assert not DatasetVersion.objects.exists()


def test_who_lost_the_job_neither_deletes_nor_writes_rows(waiting: Dataset, small_import: Imported) -> None:
    claim = jobs.claim(waiting.job_id, "host@here:1")
    half = staged(waiting, small_import)
    half.samples.filter(position__gt=3).delete()
    jobs.release(claim)
    with pytest.raises(jobs.LostClaim):
        actions.staged(waiting.id, small_import[0], lambda: jobs.fence(claim))
    assert half.samples.count() == 4


def test_who_loses_the_job_between_two_chunks_writes_no_more(
    waiting: Dataset, small_import: Imported, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, asked = jobs.claim(waiting.job_id, "host@here:1"), []

    def fence() -> None:
        asked.append(1)
        if len(asked) == 3:
            jobs.release(claim)
        jobs.fence(claim)

    monkeypatch.setattr(sealing, "CHUNK_ROWS", 10)
    with pytest.raises(jobs.LostClaim):
        actions.staged(waiting.id, small_import[0], fence)
    assert DatasetVersion.objects.get().samples.count() == 10
