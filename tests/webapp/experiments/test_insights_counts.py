"""What the confusion matrix says: sure or not, better than nothing, fair to rare classes, mixed up where."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.metrics import wilson
from tests.webapp.experiments.curves_kit import facts, history, matrix, rules
from webapp.experiments.insights import counts, insights

LOPSIDED = np.array([[900, 0], [60, 40]])  # 94 % right, and 40 % of the rare class
GOOD = matrix(*[0.95] * 10)
ROWS = history([1.0, 0.8, 0.7, 0.66, 0.65, 0.65], [1.0, 0.8, 0.7, 0.66, 0.65, 0.66], [0.9] * 6)


def test_top1_stands_against_the_commonest_class_with_its_interval():
    said = counts.baseline(facts(counts=LOPSIDED))
    assert "always saying class 0, the commonest class, would reach 90.0 %" in said.words and "92.4 to 95.3" in said.words
    assert said.tone == "good"


def test_the_commonest_class_is_not_named_where_several_are():
    assert "always giving the same answer" in counts.baseline(facts(counts=GOOD)).words


def test_an_interval_that_holds_the_baseline_is_not_surely_better():
    said = counts.baseline(facts(counts=np.array([[88, 2], [8, 2]])))
    assert said.title == "Not surely better than a constant answer" and said.tone == "bad"


def test_fewer_right_than_a_constant_answer_is_worse():
    assert counts.baseline(facts(counts=np.array([[500, 400], [50, 50]]))).title.startswith("Worse")


def test_accuracy_that_hides_rare_classes_is_shown_beside_macro_figures():
    said = counts.imbalance(facts(counts=LOPSIDED, train=[4000, 400]))
    assert "mean over the classes 70.0 %" in said.words and "macro F1" in said.words and "class 1 (40 % of 100)" in said.words
    assert "class_weights=balanced" in said.links[0].url


def test_balanced_weights_are_not_advised_twice():
    said = counts.imbalance(facts(counts=LOPSIDED, train=[4000, 400], config={"class_weights": "balanced"}))
    assert not any(link.creates for link in said.links)


@pytest.mark.parametrize(("found", "train"), [(LOPSIDED, [400, 400]), (np.array([[9, 0], [2, 2]]), [90, 30]), (GOOD, [900] + [90] * 9)])
def test_even_classes_chance_and_fair_networks_are_no_imbalance(found, train):
    assert counts.imbalance(facts(counts=found, train=train)) is None


def test_few_images_make_a_wide_interval_and_say_how_many_are_needed():
    said = counts.few_images(facts(counts=matrix(0.9, 0.9, each=20)))
    assert "± 9.5 points" in said.words or "± 9.6 points" in said.words
    assert "takes about" in said.words


def test_many_images_are_enough():
    assert counts.few_images(facts(counts=GOOD)) is None


def test_certainty_that_misleads_is_told_with_what_chance_explains():
    said = counts.calibration(facts(counts=matrix(0.95, 0.95, each=150), ece=0.096))
    assert "9.6 points apart" in said.words and "at most 4.0" in said.words and "label_smoothing" in said.links[0].url


def test_label_smoothing_is_not_advised_to_who_has_it():
    said = counts.calibration(facts(counts=GOOD, ece=0.2, config={"label_smoothing": 0.1}))
    assert said.links[0].text == "Try without label smoothing"


@pytest.mark.parametrize(("each", "ece"), [(150, 0.05), (15, 0.1), (150, None)])
def test_small_errors_few_images_and_none_measured_say_nothing_of_certainty(each, ece):
    assert counts.calibration(facts(counts=matrix(0.9, 0.9, each=each), ece=ece)) is None


def test_no_test_images_are_named():
    assert counts.few_images(facts(counts=np.zeros((2, 2), np.int64))).title == "Nothing was tested"


@given(st.integers(1, 60), st.floats(0, 1))
def test_as_many_images_as_are_asked_for_are_enough(n, share):
    right = round(share * n)
    told = facts(counts=np.array([[right, n - right], [0, 0]]))
    more = counts.wanted(told)
    low, high = wilson(round(right / n * more), more)
    assert high - low <= 2 * counts.WIDE + 2 / more  # the images that are right are a whole number


def test_pairs_beyond_chance_are_told_both_ways():
    found = matrix(*[1.0] * 6, each=40)
    found[0, 1], found[1, 0], found[2, 5] = 9, 3, 1
    said = counts.mixed(facts(counts=found))
    assert said.words == "class 0 taken for class 1 9 of 49 (18 %), class 1 for class 0 3 of 43 (7 %)."


def test_mistakes_spread_evenly_mix_up_nothing():
    assert counts.mixed(facts(counts=matrix(*[0.55] * 10))) is None


def test_the_one_pair_of_two_classes_is_told():
    assert counts.mixed(facts(counts=LOPSIDED)).words == "class 1 taken for class 0 60 of 100 (60 %)."


def test_a_leak_makes_the_figures_untrue():
    said = counts.leaks(facts(counts=GOOD, findings={"leak": 12, "two_classes": 3}))
    assert (
        said.tone == "bad" and "12 images stand in more than one split" in said.words and said.links[0].url.endswith("problems/?rule=leak")
    )


def test_a_leak_that_no_import_found_is_told_in_its_own_words():
    said = counts.leaks(facts(counts=GOOD, findings={"leak": 2}, leak_words="2 of 30 test images also stand in train"))
    assert said.words.startswith("2 of 30 test images also stand in train, so that") and said.links[0].url.endswith("/quality/")


def test_where_nobody_looked_for_look_alikes_no_leak_is_ruled_out():
    (said, _) = insights(facts(ROWS, GOOD, looked=False))
    assert said.rule == "all_well" and "nobody looked for look-alikes" in said.words and "No leak between" not in said.words


def test_labels_that_contradict_each_other_are_told():
    assert "1 image stands in two classes" in counts.leaks(facts(findings={"two_classes": 1})).words


def test_findings_that_leave_figures_true_are_not_told():
    assert counts.leaks(facts(findings={"truncated": 4})) is None


def test_a_healthy_training_gets_good_news_alone():
    assert rules(insights(facts(ROWS, GOOD))) == ["all_well", "baseline"]


def test_what_is_worst_comes_first_and_never_more_than_five():
    rising = history([1.0, 0.5, 0.3, 0.2, 0.1, 0.05], [0.9, 0.8, 1.0, 1.2, 1.4, 1.6])
    said = insights(facts(rising, np.array([[45, 0], [7, 3]]), train=[500, 60], findings={"leak": 2}))
    assert [one.tone for one in said] == ["bad", "bad", "warn", "warn", "warn"]
    assert rules(said) == ["leaks", "baseline", "overfitting", "imbalance", "few_images"]


def test_nothing_learnt_is_said_once():
    flat = history([2.3] * 6, [2.3] * 6)
    assert rules(insights(facts(flat, matrix(*[0.1] * 10)))) == ["not_learning"]
