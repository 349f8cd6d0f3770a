"""Every figure of a split with its interval, and what is drawn of it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from classifier.metrics import detail, softmax, summary, wilson
from classifier.metrics.curves import of_array
from classifier.metrics.detail import MOST_K

CLASSES = 6


def drawn(seed=1, n=150, classes=CLASSES):
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, classes, n)
    logits = draw.normal(size=(n, classes)).astype(np.float32) * 1.5
    logits[np.arange(n), labels] += 1.5
    return labels, logits


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_scores_of_probabilities_are_scikit_learns(seed):
    labels, logits = drawn(seed)
    figures, odds = detail(labels, logits).figures, softmax(logits)
    assert figures["brier"] == pytest.approx(reference.brier_score_loss(labels, odds, labels=range(CLASSES)))
    assert figures["calibration"]["before"]["loss"] == pytest.approx(reference.log_loss(labels, odds, labels=range(CLASSES)))
    assert figures["roc_area_macro"] == pytest.approx(reference.roc_auc_score(labels, odds, multi_class="ovr", labels=range(CLASSES)))
    for k, share in enumerate(figures["top_k"], 1):
        assert share == pytest.approx(reference.top_k_accuracy_score(labels, odds, k=k, labels=range(CLASSES)))


def test_the_brier_score_of_two_classes_is_scikit_learns():
    labels, logits = drawn(classes=2)
    assert detail(labels, logits).figures["brier"] == pytest.approx(reference.brier_score_loss(labels, softmax(logits)[:, 1]))


def test_every_interval_holds_its_figure():
    labels, logits = drawn()
    figures = detail(labels, logits).figures | summary(labels, logits, [str(i) for i in range(CLASSES)])
    spans = figures["intervals"]
    assert set(spans) >= {
        "top1",
        "balanced_accuracy",
        "f1_macro",
        "kappa",
        "mcc",
        "brier",
        "aurc",
        "loss",
        "ece",
        "roc_area_macro",
        "pr_area_macro",
    }
    for name, span in spans.items():
        for value, ends in zip(figures[name], span, strict=True) if name == "top_k" else [(figures[name], span)]:
            assert ends[0] <= value <= ends[1] and ends[0] < ends[1], name


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_shares_of_images_have_the_interval_of_every_other_share(seed):
    """A page that shows one of them beside another's would else say two things of one figure."""
    figures = detail(*drawn(seed)).figures
    spans, n = figures["intervals"], 150
    told = [(figures[name], spans[name]) for name in ("top1", "recall_weighted")] + list(zip(figures["top_k"], spans["top_k"], strict=True))
    for share, span in told:
        assert span == pytest.approx(wilson(round(share * n), n))


def test_no_more_of_top_k_is_told_than_says_anything():
    assert len(detail(*drawn(classes=3)).figures["top_k"]) == 2 and len(detail(*drawn(classes=40)).figures["top_k"]) == MOST_K


def test_a_temperature_changes_calibration_and_no_label():
    labels, logits = drawn()
    plain, cooler = detail(labels, logits), detail(labels, logits, 2.0)
    assert cooler.figures["calibration"]["after"] == detail(labels, logits / 2).figures["calibration"]["before"]
    assert cooler.figures["top1"] == plain.figures["top1"] and plain.figures["calibration"]["after"] is None
    assert of_array(cooler.arrays["bins_after"]).expected_error() == pytest.approx(cooler.figures["calibration"]["after"]["ece"])


def test_without_a_mistake_a_share_is_still_not_certain():
    figures = detail([0, 1, 1, 0], np.array([[9.0, 0], [0, 8], [0, 7], [6, 0]])).figures
    assert figures["top1"] == 1 and figures["intervals"]["top1"][0] < 0.7
    assert all(figures["intervals"][name] is None for name in ("f1_macro", "loss", "brier", "ece", "aurc", "roc_area_macro"))


def test_a_split_without_images_has_nulls():
    found = detail([], np.zeros((0, 3), np.float32))
    assert (
        found.figures["mcc"] is None
        and found.figures["intervals"]["top1"] is None
        and found.figures["calibration"]["before"]["ece"] is None
    )
    assert np.isnan(found.arrays["roc_area"]).all()


def test_a_network_of_nan_has_nulls_and_no_trouble():
    found = detail([0, 1, 1], np.full((3, 2), math.nan))
    figures = found.figures
    assert figures["brier"] is None and figures["intervals"]["loss"] is None and figures["top1"] == pytest.approx(1 / 3)
    assert figures["calibration"]["before"]["ece"] is None and np.isfinite(found.arrays["bins"]).all()  # what is drawn has no NaN
