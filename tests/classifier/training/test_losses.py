"""The losses, held to torch's own and to their definitions, and what makes uneven classes even."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError, Interrupted
from classifier.training import losses, sampling
from classifier.training.loop import stalled, train
from tests.classifier.training.runs import after, result, same

CPU = torch.device("cpu")
COUNTS = [10, 30, 60]
LABELS = np.repeat([0, 1, 2, 4], [3, 5, 12, 1])  # class 3 has no image


def logits_of(images=40, classes=3):
    chance = torch.Generator().manual_seed(0)
    return 3 * torch.randn(images, classes, generator=chance), torch.randint(classes, (images,), generator=chance)


def criterion(**fields):
    return losses.make_criterion(TrainConfig(**{"label_smoothing": 0.0} | fields), COUNTS, CPU)


@pytest.mark.parametrize("class_weights", [None, "balanced", "effective"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_focal_loss_of_gamma_nothing_is_torchs_cross_entropy(class_weights, smoothing):
    both = {"class_weights": class_weights, "label_smoothing": smoothing}
    torch.testing.assert_close(criterion(loss="focal", focal_gamma=0.0, **both)(*logits_of()), criterion(**both)(*logits_of()))


def test_the_focal_loss_is_that_of_its_paper():
    logits, labels = logits_of()
    p = logits.softmax(1)[torch.arange(len(labels)), labels]
    torch.testing.assert_close(criterion(loss="focal")(logits, labels), (-((1 - p) ** 2) * p.log()).mean())


def test_the_binary_loss_is_torchs_summed_over_classes():
    logits, labels = logits_of()
    wanted = functional.binary_cross_entropy_with_logits(logits, functional.one_hot(labels, 3).float()) * 3
    torch.testing.assert_close(criterion(loss="binary")(logits, labels), wanted)


@pytest.mark.parametrize("loss", ["cross_entropy", "focal", "binary"])
@pytest.mark.parametrize("class_weights", [None, "balanced"])
def test_labels_may_be_shares_of_classes(loss, class_weights):
    logits, labels = logits_of()
    made = criterion(loss=loss, class_weights=None if loss == "cross_entropy" else class_weights, label_smoothing=0.1)
    torch.testing.assert_close(made(logits, functional.one_hot(labels, 3).float()), made(logits, labels))


@pytest.mark.parametrize("loss", ["focal", "binary"])
def test_a_weighted_image_counts_as_often_as_its_weight_says(loss):
    logits, labels = logits_of()
    plain = criterion(loss=loss)
    weights = losses.balanced_weights(COUNTS)
    each = torch.stack([plain(logits[i : i + 1], labels[i : i + 1]) for i in range(len(labels))])
    wanted = (each * weights[labels]).sum() / weights[labels].sum()
    torch.testing.assert_close(criterion(loss=loss, class_weights="balanced")(logits, labels), wanted)


@pytest.mark.parametrize("loss", ["focal", "binary"])
def test_the_gradient_is_finite_where_the_network_is_sure(loss):
    logits = torch.tensor([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]], requires_grad=True)
    criterion(loss=loss)(logits, torch.tensor([0, 0])).backward()
    assert bool(logits.grad.isfinite().all())


def test_balanced_weights_make_classes_count_alike():
    weights = losses.balanced_weights([10, 30, 0])
    assert weights[0] * 10 == pytest.approx(float(weights[1]) * 30) and weights[2] == 0


def test_effective_weights_lie_between_none_and_balanced_ones():
    balanced, effective = losses.balanced_weights([10, 10_000, 0]), losses.effective_weights([10, 10_000, 0])
    assert 1 < float(effective[0] / effective[1]) < float(balanced[0] / balanced[1]) and effective[2] == 0
    assert float(effective[0] / effective[1]) == pytest.approx((1 - 0.999**10_000) / (1 - 0.999**10), rel=1e-5)
    assert float(effective.sum()) == pytest.approx(2)


def test_cross_entropy_stays_torchs():
    assert type(criterion(class_weights="balanced")) is nn.CrossEntropyLoss


@pytest.mark.parametrize(("how", "wanted"), [("over", 12), ("under", 1)])
def test_sampling_makes_classes_even_and_leaves_out_those_without_images(how, wanted):
    drawn = sampling.chosen(LABELS, 5, how, seed=0, epoch=1)
    assert Counter(LABELS[drawn].tolist()) == dict.fromkeys((0, 1, 2, 4), wanted)
    assert sampling.each(np.bincount(LABELS, minlength=5).tolist(), how) == [wanted, wanted, wanted, 0, wanted]


def test_over_sampling_shows_each_image_as_often_as_the_others_of_its_class_or_once_more():
    times = Counter(sampling.chosen(LABELS, 5, "over", 0, 1).tolist())
    assert [times[i] for i in range(3)] == [4, 4, 4] and sorted(times[i] for i in range(3, 8)) == [2, 2, 2, 3, 3]


def test_under_sampling_shows_other_images_each_epoch_and_the_same_ones_again_after_a_cut():
    labels = np.repeat([0, 1], [3, 40])
    first, second = (sampling.chosen(labels, 2, "under", 0, epoch) for epoch in (1, 2))
    assert torch.equal(first, sampling.chosen(labels, 2, "under", 0, 1)) and not torch.equal(first, second)


def test_without_sampling_an_epoch_shows_every_image_once():
    assert torch.equal(sampling.chosen(LABELS, 5, None, 0, 1), torch.arange(len(LABELS)))


def test_sampled_classes_need_no_weights():
    with pytest.raises(ConfigError, match="makes classes even already"):
        TrainConfig.from_mapping({"sampling": "over", "class_weights": "balanced"})


@pytest.mark.parametrize(("how", "loss"), [("over", "focal"), ("under", "binary")])
def test_a_sampled_training_is_exact_after_a_cut(digits, quick, tmp_path, how, loss):
    config = replace(quick, sampling=how, loss=loss, epochs=2)
    train(digits, tmp_path / "uncut", config)
    with pytest.raises(Interrupted):
        train(digits, tmp_path / "run", config, should_stop=after(5 + 3))
    train(digits, tmp_path / "run", config)
    assert same(tmp_path / "run", tmp_path / "uncut") and len(result(tmp_path / "run")["history"]) == 2


@pytest.mark.parametrize(("least", "ends"), [(0.0, False), (0.04, False), (0.06, True)])
def test_a_loss_that_falls_too_little_ends_the_training(least, ends):
    rows = [{"val_loss": loss} for loss in (1.0, 0.95)]
    assert stalled(rows, 1, least) is ends


def test_nothing_stalls_before_the_first_epoch():
    assert not stalled([], 1)


def test_what_nobody_validates_never_stalls():
    unseen = {"val_loss": None}
    assert not stalled([unseen] * 9, 2)
    assert not stalled([unseen, unseen, {"val_loss": 1.0}, unseen], 2) and stalled([unseen, {"val_loss": 1.0}, unseen, unseen], 2)
