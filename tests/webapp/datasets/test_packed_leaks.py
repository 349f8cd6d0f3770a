"""What of a version's splits is known from its files alone: the same image on two sides, and groups that were torn apart."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.urls import reverse

from classifier.spec.packfile import ERASED, GROUPS_FILE, UNLABELLED
from webapp.datasets import packs
from webapp.datasets.models import DatasetVersion
from webapp.datasets.quality import packed, queries

TRAIN, VALIDATION, TEST = range(3)


@contextmanager
def rows_of(version: DatasetVersion) -> Iterator[np.ndarray]:
    """samples.bin, written back."""
    file = version.folder / "samples.bin"
    rows = np.fromfile(file, packs.SAMPLE_DTYPE)
    yield rows
    rows.tofile(file)


def first(version: DatasetVersion, split: int) -> int:
    """The first sample of a split."""
    return int(np.flatnonzero(packs.table(version.folder)["split"] == split)[0])


@pytest.fixture
def shared(version: DatasetVersion) -> DatasetVersion:
    """A version whose first test image is that of its first train sample too."""
    with rows_of(version) as rows:
        rows["image"][first(version, TEST)] = rows["image"][first(version, TRAIN)]
    return version


def test_sound_splits_share_nothing(version: DatasetVersion) -> None:
    assert set(packed.shared(version).values()) == {packed.Shared(0, 0)}
    assert queries.leaking(version) == (0, "", False, "problems")


def test_an_image_on_two_sides_is_known_without_a_check(shared: DatasetVersion) -> None:
    assert packed.shared(shared)["train-test"] == (1, 0) and packed.shared(shared)["train-validation"] == (0, 0)
    assert queries.leaking(shared) == (1, "1 of 3 test images also stands in train", False, "quality")


def test_a_new_version_that_nobody_checked_is_not_clean(shared: DatasetVersion) -> None:
    DatasetVersion.objects.filter(pk=shared.pk).update(number=2)
    later = DatasetVersion.objects.get()
    shutil.copytree(shared.folder, later.folder)
    assert queries.leaking(later).images == 1 and not queries.leaking(later).checked


def test_the_page_of_a_version_that_nobody_checked_says_what_leaks(shared: DatasetVersion, viewer: Any, signed_in: Callable) -> None:
    shown = signed_in(viewer).get(reverse("datasets:quality", args=[shared.dataset_id])).content.decode()
    assert "1 of 3 test images also stands in train." in shown and "Not checked yet" in shown


def test_a_group_on_two_sides_is_known_too(version: DatasetVersion) -> None:
    groups = np.arange(24, dtype="<u4")
    groups[first(version, TEST)] = groups[first(version, TRAIN)]
    groups.tofile(version.folder / GROUPS_FILE)
    assert packed.shared(version)["train-test"] == (0, 1)
    words = "1 of 3 test images belongs with images of train, as a group that was to stay together"
    assert queries.leaking(version).words == words


def test_an_image_that_is_there_itself_is_not_counted_for_its_group_once_more(shared: DatasetVersion) -> None:
    np.zeros(24, "<u4").tofile(shared.folder / GROUPS_FILE)
    assert packed.shared(shared)["train-test"] == (1, 2)
    assert queries.leaking(shared).words == "1 of 3 test images also stands in train, and 2 more belong with images there"


def test_groups_of_other_samples_say_nothing(version: DatasetVersion) -> None:
    np.zeros(7, "<u4").tofile(version.folder / GROUPS_FILE)
    assert packed.shared(version)["train-test"] == (0, 0)


def test_what_nobody_has_labelled_is_neither_learnt_nor_judged_by(shared: DatasetVersion) -> None:
    label = int(packs.table(shared.folder)["label"][first(shared, TRAIN)])
    shared.classes[label]["label"] = UNLABELLED
    assert packed.shared(shared)["train-test"] == (0, 0)


def test_an_erased_image_is_on_no_side(shared: DatasetVersion) -> None:
    index = np.memmap(shared.folder / "pack" / "index.bin", packs.INDEX_DTYPE, "r+")
    index["storage"][packs.table(shared.folder)["image"][first(shared, TEST)]] |= ERASED
    index.flush()
    shared.erased = 2
    assert packed.shared(shared)["train-test"] == (0, 0)


def test_an_image_that_moved_to_test_was_learnt_from_in_the_version_before(version: DatasetVersion) -> None:
    later = DatasetVersion.objects.create(
        dataset=version.dataset, number=2, fingerprint="2" * 64, images=24, classes=version.classes, parent=version
    )
    shutil.copytree(version.folder, later.folder)
    with rows_of(later) as rows:
        rows["split"][first(later, TRAIN)] = TEST
    assert packed.between(version, later)["train-test"] == (1, 0) and packed.shared(later)["train-test"] == (0, 0)


def test_where_the_files_are_gone_nothing_is_known(version: DatasetVersion) -> None:
    shutil.rmtree(version.folder)
    assert packed.shared(version) == {}


def test_a_million_rows_are_counted_at_once(tmp_path: Path) -> None:
    rows = np.zeros(1_000_000, packs.SAMPLE_DTYPE)
    rows["image"], rows["split"] = np.arange(1_000_000) % 999_990, np.arange(1_000_000) >= 900_000
    rows["split"] *= TEST
    rows.tofile(tmp_path / "samples.bin")
    (np.arange(1_000_000) // 3).astype("<u4").tofile(tmp_path / GROUPS_FILE)
    place, began = packed.Place(tmp_path, packed.NO_LABEL, 0, 0), time.process_time()  # of its own: others may keep the machine busy
    assert packed.counted(place, place)["train-test"] == (10, 0)
    assert time.process_time() - began < 2
