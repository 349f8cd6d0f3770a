"""What the curves of a training say: over-fitting, more to learn, nothing learnt."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp.experiments.curves_kit import facts, history, matrix
from webapp.experiments.insights import curves

EPOCHS = np.arange(1, 21)
FALLING = 2.2 * np.exp(-EPOCHS / 8)  # still going down at the end
SETTLED = 0.4 + 1.8 * np.exp(-EPOCHS / 2)
TURNING = 0.6 + 0.004 * (EPOCHS - 8.0) ** 2  # lowest at epoch 8
NOISE = np.random.default_rng(1).normal(0, 0.01, 20)
GUESSING = np.full(20, 2.302)


def urls(said):
    return [link.url for link in said.links]


def test_over_fitting_is_named_from_the_epoch_after_the_best():
    said = curves.overfitting(facts(history(FALLING, TURNING + NOISE / 10)))
    assert said.title == "Over-fitting from epoch 9" and "by heart" in said.words


def test_over_fitting_links_to_augmenting_regularising_and_stopping():
    said = curves.overfitting(facts(history(FALLING, TURNING), config={"augment": False, "weight_decay": 0.05}))
    assert [url.split("&")[1] for url in urls(said)] == ["augment=true", "weight_decay=0.1", "early_stopping=5"]


def test_stopping_early_is_not_advised_twice():
    said = curves.overfitting(facts(history(FALLING, TURNING), config={"early_stopping": 5}))
    assert not any("early_stopping" in url for url in urls(said))


def test_over_fitting_without_more_mistakes_says_so():
    said = curves.overfitting(facts(history(FALLING, TURNING, 0.5 + EPOCHS / 100)))
    assert "more certain, not more" in said.words


def test_a_validation_loss_that_settles_is_no_over_fitting():
    assert curves.overfitting(facts(history(FALLING, SETTLED + NOISE))) is None


def test_a_training_loss_that_does_not_fall_is_no_over_fitting():
    assert curves.overfitting(facts(history(np.full(20, 0.5), TURNING))) is None


def test_a_rise_of_two_epochs_is_too_short_to_tell():
    assert curves.overfitting(facts(history(FALLING[:10], TURNING[:10]))) is None


def test_a_rise_within_the_jitter_is_no_over_fitting():
    jitter = np.where(EPOCHS % 2, 0.12, -0.12)
    assert curves.overfitting(facts(history(FALLING, 0.6 + jitter - 0.1 * (EPOCHS == 8)))) is None


@given(st.integers(0, 10_000))
def test_flat_noise_is_never_over_fitting(seed):
    flat = 0.5 + np.random.default_rng(seed).normal(0, 0.005, 20)
    assert curves.overfit_from(facts(history(FALLING, flat))) is None


@given(st.floats(0.1, 10))
def test_the_unit_of_the_loss_does_not_matter_to_over_fitting(scale):
    assert curves.overfit_from(facts(history(FALLING * scale, (TURNING + NOISE / 10) * scale))) == 9


def test_a_loss_that_still_falls_is_told_with_its_rate_and_a_longer_training():
    said = curves.still_learning(facts(history(FALLING, FALLING + NOISE / 10)))
    assert said.title == "Still learning" and "fell by 13 % an epoch" in said.words
    assert urls(said) == [f"/experiments/new/?from={'0' * 20}&epochs=40"]


def test_a_training_that_was_stopped_is_continued_to_its_plan():
    said = curves.still_learning(facts(history(FALLING, FALLING), planned=100))
    assert urls(said)[0].endswith("epochs=100")


def test_a_settled_loss_is_not_still_learning():
    assert curves.still_learning(facts(history(FALLING, SETTLED))) is None


def test_a_loss_that_rose_again_is_not_still_learning():
    assert curves.still_learning(facts(history(FALLING, TURNING))) is None


def test_with_hardly_a_mistake_left_there_is_little_to_learn():
    assert curves.still_learning(facts(history(FALLING, FALLING, np.full(20, 0.99)))) is None


def test_few_epochs_are_told_to_be_few():
    said = curves.still_learning(facts(history(FALLING[:3], FALLING[:3])))
    assert said.title == "Cut off early" and "3 epochs" in said.words


@pytest.mark.parametrize("length", [3, 5, 20])
def test_noise_alone_is_seldom_still_learning(length):
    random = np.random.default_rng(2)
    told = [curves.still_learning(facts(history(FALLING[:length], 1 + random.normal(0, 0.05, length)))) for _ in range(300)]
    assert np.mean([said is not None and said.title == "Still learning" for said in told]) < 0.05


def test_a_loss_at_that_of_guessing_learnt_nothing():
    said = curves.not_learning(facts(history(GUESSING, GUESSING), matrix(*[0.1] * 10)))
    assert said.tone == "bad" and "2.30" in said.words and "learning_rate=0.0002" in urls(said)[0]


def test_a_rate_far_below_the_usual_is_raised():
    said = curves.not_learning(facts(history(GUESSING, GUESSING), config={"learning_rate": 1e-6}))
    assert "far below" in said.words and urls(said)[0].endswith("learning_rate=0.002")


def test_too_few_steps_ask_for_more_epochs():
    rows = [row | {"step": 20} for row in history(GUESSING, GUESSING)]
    said = curves.not_learning(facts(rows))
    assert "20 steps are too few" in said.words and "epochs=40" in urls(said)[0]


def test_better_than_the_commonest_class_has_learnt_something():
    assert curves.not_learning(facts(history(GUESSING, GUESSING), matrix(*[0.5] * 10))) is None


def test_a_loss_at_the_classes_shares_learnt_nothing_however_far_below_ln_c():
    uneven = [910] + [10] * 9
    at_shares = np.full(20, facts(train=uneven, config={"label_smoothing": 0.0}).prior)
    told = facts(history(at_shares, at_shares), train=uneven, config={"label_smoothing": 0.0})
    assert at_shares[0] < 0.6 and curves.not_learning(told).rule == "not_learning"


def test_a_loss_that_is_no_number_diverged():
    said = curves.diverged(facts(error_code="nan_loss", config={"learning_rate": 5.0}))
    assert said.title == "It diverged" and urls(said)[0].endswith("learning_rate=0.002")


def test_a_loss_that_blew_up_and_never_came_back_diverged():
    blown = np.concatenate([[735.0, 59.0], GUESSING[2:]])
    assert curves.diverged(facts(history(blown, blown), matrix(*[0.1] * 10))).rule == "diverged"


def test_a_loss_that_came_back_did_not_diverge():
    assert curves.diverged(facts(history([50.0, 2.0, 1.0], [2.0, 1.5, 1.0]))) is None


def test_a_training_without_validation_images_says_nothing_of_its_curve():
    rows = [row | {"val_loss": None, "val_top1": None} for row in history(FALLING, FALLING)]
    assert curves.overfitting(facts(rows)) is None and curves.still_learning(facts(rows)) is None


@pytest.mark.parametrize("config", [{"loss": "focal"}, {"loss": "binary"}, {"sampling": "over"}, {"class_weights": "effective"}])
def test_a_loss_that_guessing_is_not_known_of_is_not_compared_with_it(config):
    rows = history(GUESSING, GUESSING)
    assert curves.not_learning(facts(rows, config=config)) is None
    assert "knowing nothing" not in curves.diverged(facts(rows, error_code="nan_loss", config=config)).words
