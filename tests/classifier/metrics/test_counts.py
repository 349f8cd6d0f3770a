"""Figures from counts, held to scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as reference

from classifier.metrics import balanced_accuracy, confusion, dense, macro_f1, majority_baseline, most_confused, per_class, sparse, top1

CLASSES = 4
pairs = st.lists(st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=60)


def columns(found: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    true, said = np.array(found).T
    return true, said


@given(pairs)
def test_the_confusion_matrix_is_scikit_learns(found):
    true, said = columns(found)
    assert (confusion(true, said, CLASSES) == reference.confusion_matrix(true, said, labels=range(CLASSES))).all()


@given(pairs, pairs)
def test_counts_of_two_batches_add_to_counts_of_one(first, second):
    both = confusion(*columns(first + second), CLASSES)
    assert (confusion(*columns(first), CLASSES) + confusion(*columns(second), CLASSES) == both).all()


@given(pairs)
def test_accuracy_is_scikit_learns(found):
    true, said = columns(found)
    assert top1(confusion(true, said, CLASSES)) == pytest.approx(reference.accuracy_score(true, said))


@given(pairs)
def test_figures_of_each_class_are_scikit_learns(found):
    true, said = columns(found)
    expected = reference.precision_recall_fscore_support(true, said, labels=range(CLASSES), zero_division=np.nan)
    rows = per_class(confusion(true, said, CLASSES), "abcd")
    for name, values in zip(("precision", "recall", "f1", "n"), expected, strict=True):
        assert [np.nan if row[name] is None else row[name] for row in rows] == pytest.approx(values.tolist(), nan_ok=True)


@given(pairs)
def test_macro_f1_is_scikit_learns(found):
    true, said = columns(found)
    assert macro_f1(confusion(true, said, CLASSES)) == pytest.approx(reference.f1_score(true, said, average="macro"))


@given(pairs)
@pytest.mark.filterwarnings("ignore:y_pred contains classes", "ignore:A single label was found")
def test_balanced_accuracy_is_scikit_learns(found):
    true, said = columns(found)
    assert balanced_accuracy(confusion(true, said, CLASSES)) == pytest.approx(reference.balanced_accuracy_score(true, said))


def test_a_class_that_neither_occurs_nor_is_predicted_has_no_figures():
    row = per_class(confusion([0], [0], 2), ["a", "b"])[1]
    assert row == {"label": "b", "n": 0, "precision": None, "recall": None, "f1": None}


def test_nothing_counted_gives_nulls():
    nothing = confusion([], [], 3)
    assert [top1(nothing), macro_f1(nothing), balanced_accuracy(nothing), majority_baseline(nothing)] == [None] * 4


def test_the_majority_baseline_is_the_commonest_true_class():
    assert majority_baseline(confusion([0, 0, 0, 1], [1, 1, 1, 1], 2)) == 0.75


def test_the_commonest_mistake_comes_first_with_its_share():
    found = most_confused(confusion([0, 0, 0, 1, 2], [1, 1, 0, 2, 2], 3), ["cat", "dog", "cow"])
    assert found[0] == {"label": "cat", "predicted": "dog", "count": 2, "share": 2 / 3}
    assert [pair["label"] for pair in found] == ["cat", "dog"]


def test_a_label_outside_the_classes_is_refused():
    with pytest.raises(ValueError, match=r"0\.\.1"):
        confusion([0, 2], [0, 0], 2)


@given(counts=arrays(np.int64, st.integers(1, 8).map(lambda size: (size, size)), elements=st.integers(0, 3)))
def test_a_matrix_without_its_zeros_becomes_the_same_counts(counts):
    kept = sparse(counts)
    assert (dense(kept) == counts).all() and 0 not in kept["counts"]
