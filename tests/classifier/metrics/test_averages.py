"""Figures of all classes together, beside scikit-learn's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from classifier.metrics import confusion
from classifier.metrics.averages import averages, margins

CLASSES = 5
said = st.lists(st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=60)


def figures(pairs):
    """(true labels, predictions, our figures)."""
    true, predicted = np.array(pairs).T
    return true, predicted, {name: float(value) for name, value in averages(margins(confusion(true, predicted, CLASSES))).items()}


@given(said)
def test_precision_recall_and_f1_are_scikit_learns_averaged_either_way(pairs):
    true, predicted, ours = figures(pairs)
    for average in ("macro", "weighted"):
        theirs = reference.precision_recall_fscore_support(true, predicted, average=average, zero_division=0)[:3]
        assert [ours[f"{name}_{average}"] for name in ("precision", "recall", "f1")] == pytest.approx(theirs)


@given(said)
@pytest.mark.filterwarnings("ignore")
def test_accuracy_and_balanced_accuracy_are_scikit_learns(pairs):
    true, predicted, ours = figures(pairs)
    assert ours["top1"] == pytest.approx(reference.accuracy_score(true, predicted))
    assert ours["balanced_accuracy"] == pytest.approx(reference.balanced_accuracy_score(true, predicted))


@given(said)
@pytest.mark.filterwarnings("ignore")
def test_cohens_kappa_is_scikit_learns(pairs):
    true, predicted, ours = figures(pairs)
    theirs = reference.cohen_kappa_score(true, predicted)
    assert ours["kappa"] == pytest.approx(theirs) or (math.isnan(theirs) and math.isnan(ours["kappa"]))


@given(said)
@pytest.mark.filterwarnings("ignore")
def test_matthews_correlation_is_scikit_learns(pairs):
    true, predicted, ours = figures(pairs)
    assert ours["mcc"] == pytest.approx(reference.matthews_corrcoef(true, predicted), abs=1e-9)


@given(st.lists(said, min_size=2, max_size=4))
def test_many_matrices_at_once_are_counted_as_each_by_itself(sets):
    matrices = [margins(confusion(*np.array(pairs).T, CLASSES)) for pairs in sets]
    together = averages(type(matrices[0])(*(np.stack(part) for part in zip(*matrices, strict=True))))
    for place, alone in enumerate(map(averages, matrices)):
        for name, value in alone.items():
            assert together[name][place] == pytest.approx(float(value), nan_ok=True)


def test_without_images_nothing_is_defined():
    assert all(math.isnan(float(value)) for value in averages(margins(np.zeros((3, 3), np.int64))).values())
