"""Cohen's kappa from counts, held to scikit-learn."""

import math
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from classifier.metrics import agreement, confusion
from classifier.metrics.agreement import tabled

CLASSES = 4
pairs = st.lists(st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=60)


@given(pairs)
def test_kappa_is_scikit_learns(found):
    first, second = np.array(found).T
    told = agreement(confusion(first, second, CLASSES))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = cohen_kappa_score(first, second, labels=range(CLASSES))
    assert (told.kappa is None) if math.isnan(expected) else told.kappa == pytest.approx(expected, abs=1e-12)


@given(pairs)
def test_kappa_lies_in_its_interval_and_within_its_bounds(found):
    told = agreement(confusion(*np.array(found).T, CLASSES))
    assert told.kappa is None or -1 <= told.low <= told.kappa <= told.high <= 1


@given(pairs)
def test_who_is_first_makes_no_difference(found):
    counts = confusion(*np.array(found).T, CLASSES)
    one, other = agreement(counts), agreement(counts.T)
    assert (one.images, one.agreed, one.kappa) == (other.images, other.agreed, pytest.approx(other.kappa))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("bcd")), min_size=1, max_size=30))
def test_pairs_of_labels_are_counted_in_a_table(found):
    labels, counts = tabled(Counter(found))
    assert counts.sum() == len(found) and labels == sorted({label for pair in found for label in pair})
    assert agreement(counts).agreed == sum(first == second for first, second in found)


def test_of_no_image_nothing_is_said():
    told = agreement(np.zeros((2, 2), np.int64))
    assert (told.images, told.observed, told.kappa, told.words) == (0, None, None, "")


def test_one_class_alone_leaves_kappa_undefined():
    told = agreement(np.array([[7, 0], [0, 0]]))
    assert told.observed == 1 and told.expected == 1 and told.kappa is None


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([[9, 0], [0, 9]], "almost perfect"),
        ([[8, 2], [1, 9]], "substantial"),
        ([[5, 5], [5, 5]], "slight"),
        ([[0, 5], [5, 0]], "less than chance"),
    ],
)
def test_agreement_is_said_in_words(counts, words):
    assert agreement(np.array(counts)).words == words
