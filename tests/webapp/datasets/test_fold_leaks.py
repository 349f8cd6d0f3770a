"""What stands on two sides of a cross-validation, whose folds are dealt from train and validation together."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.spec.packfile import GROUPS_FILE
from tests.webapp.datasets.drafts.conftest import actor  # noqa: F401 (fixture)
from tests.webapp.datasets.test_packed_leaks import TEST, TRAIN, VALIDATION, first, rows_of
from tests.webapp.datasets.test_quality_fixes import check  # noqa: F401 (fixture)
from webapp.datasets.models import DatasetVersion
from webapp.datasets.quality import queries
from webapp.datasets.quality_models import Finding, QualityCheck

OF_ALL = "1 of 3 test images also stands in train or validation"


@pytest.fixture
def shared(version: DatasetVersion) -> DatasetVersion:
    """A version whose first test image is that of a validation sample too."""
    with rows_of(version) as rows:
        rows["image"][first(version, TEST)] = rows["image"][first(version, VALIDATION)]
    return version


def test_sound_splits_have_sound_folds(version: DatasetVersion) -> None:
    assert queries.leaking(version, 5) == queries.leaking(version) == (0, "", False, "problems")
    assert queries.torn_apart(version) == 0


def test_a_test_image_in_validation_is_learnt_from_by_folds_alone(shared: DatasetVersion) -> None:
    assert queries.leaking(shared).images == 0
    assert queries.leaking(shared, 5)[:2] == (1, OF_ALL)


def test_a_test_image_in_train_and_validation_counts_once(shared: DatasetVersion) -> None:
    with rows_of(shared) as rows:
        rows["image"][first(shared, TRAIN)] = rows["image"][first(shared, TEST)]
    assert queries.leaking(shared, 5)[:2] == (1, OF_ALL)


def test_a_group_of_test_that_reaches_into_validation_is_known_too(version: DatasetVersion) -> None:
    groups = np.arange(24, dtype="<u4")
    groups[first(version, TEST)] = groups[first(version, VALIDATION)]
    groups.tofile(version.folder / GROUPS_FILE)
    assert queries.leaking(version).images == 0
    words = "1 of 3 test images belongs with images of train or validation, as a group that was to stay together"
    assert queries.leaking(version, 5)[:2] == (1, words)


def found(of: QualityCheck, kind: str, position: int, other: int) -> None:
    QualityCheck.objects.filter(pk=of.pk).update(leaks={})
    Finding.objects.filter(of=of).delete()
    Finding.objects.create(of=of, kind=kind, rank=0, position=position, other=other, label=0, score=1.0)


def test_a_look_alike_of_test_in_validation_counts(check: QualityCheck, version: DatasetVersion) -> None:  # noqa: F811
    found(check, "near_leak", first(version, VALIDATION), first(version, TEST))
    assert queries.leaking(version, 5)[:2] == (1, OF_ALL)


def test_look_alikes_that_a_fold_may_tear_apart_are_told(check: QualityCheck, version: DatasetVersion) -> None:  # noqa: F811
    found(check, "near_leak", first(version, TRAIN), first(version, VALIDATION))
    assert (queries.leaking(version, 5).images, queries.torn_apart(version)) == (0, 1)


def test_look_alikes_that_stay_together_are_never_torn_apart(check: QualityCheck, version: DatasetVersion) -> None:  # noqa: F811
    groups = np.arange(24, dtype="<u4")
    groups[first(version, VALIDATION)] = groups[first(version, TRAIN)]
    groups.tofile(version.folder / GROUPS_FILE)
    found(check, "near_leak", first(version, TRAIN), first(version, VALIDATION))
    assert queries.torn_apart(version) == 0


def test_what_the_check_counted_beyond_its_list_counts(check: QualityCheck, version: DatasetVersion) -> None:  # noqa: F811
    Finding.objects.filter(of=check).delete()
    QualityCheck.objects.filter(pk=check.pk).update(leaks={"train-test": 0, "train-validation": 0, "validation-test": 2})
    assert queries.leaking(version, 5).images == 2
