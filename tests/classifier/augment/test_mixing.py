"""Mixed images and their probabilities, against the published definitions and torchvision."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms import v2 as reference

from classifier.data.augment import Augment, likeliest, mixed
from classifier.data.augment.mixing import beta, blended, cutmix_masks, targets

CLASSES = 5


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch(count=64, side=16):
    """Images that are each of one value, their number, and labels."""
    values = torch.arange(count).float()
    return values[:, None, None, None].expand(count, 3, side, side).contiguous(), torch.arange(count) % CLASSES


def test_without_mixing_images_and_labels_are_the_same_objects():
    images, labels = batch()
    found = mixed(images, labels, CLASSES, Augment(), chance())
    assert found[0] is images and found[1] is labels


def test_one_share_for_all_gives_what_torchvisions_mixup_gives():
    images, labels = torch.rand(6, 3, 8, 8, generator=chance()), torch.arange(6) % CLASSES
    transform = reference.MixUp(num_classes=CLASSES)
    theirs = [transform.transform(part, {"labels": labels, "batch_size": 6, "lam": 0.3}) for part in (images,)]
    assert torch.allclose(blended(images, torch.full((6, 1, 1, 1), 0.3)), theirs[0], atol=1e-6)


@pytest.mark.parametrize("strengths", [Augment(mixup=0.4), Augment(cutmix=1.0), Augment(mixup=0.4, cutmix=1.0)])
def test_the_target_is_what_can_be_seen_of_each_label(strengths):
    images, labels = batch()
    found, target = mixed(images, labels, CLASSES, strengths, chance())
    assert torch.allclose(target.sum(1), torch.ones(64))
    own, other = images[:, 0, 0, 0], images.roll(1, 0)[:, 0, 0, 0]
    share = (found.mean((1, 2, 3)) - other) / (own - other)
    assert torch.allclose(target[torch.arange(64), labels], share, atol=1e-4)
    assert torch.allclose(target[torch.arange(64), labels.roll(1)], 1 - share, atol=1e-4)


def test_each_image_has_a_share_of_its_own():
    images, labels = batch()
    _, target = mixed(images, labels, CLASSES, Augment(mixup=1.0), chance())
    assert len({round(v, 4) for v in target[torch.arange(64), labels].tolist()}) > 50


def test_a_cut_image_is_itself_but_for_one_rectangle():
    images, labels = batch()
    found, _ = mixed(images, labels, CLASSES, Augment(cutmix=1.0), chance())
    for before, neighbour, after in zip(images, images.roll(1, 0), found, strict=True):
        foreign = after[0] == neighbour[0]
        assert torch.equal(torch.where(foreign, neighbour, before), after)
        rows, columns = foreign.any(1), foreign.any(0)
        assert int(foreign.sum()) == int(rows.sum()) * int(columns.sum())


def test_rectangles_have_the_area_that_was_drawn_unless_an_edge_cuts_them():
    stays, kept = cutmix_masks(torch.full((3000,), 0.75), 64, 64, chance())
    assert stays.shape == (3000, 64, 64)
    assert kept.min() == pytest.approx(0.75) and kept.max() < 0.95  # at a corner a quarter of it is left
    assert torch.allclose(kept, stays.float().mean((1, 2)))


def test_both_methods_share_the_images():
    images, labels = batch(400)
    found, _ = mixed(images, labels, CLASSES, Augment(mixup=1.0, cutmix=1.0), chance())
    uniform = (found == found[:, :1, :1, :1]).flatten(1).all(1)
    assert 150 < int(uniform.sum()) < 260  # mixed over the whole; a few rectangles are too small to see


def test_shares_are_of_the_beta_distribution():
    drawn = beta(20_000, 0.4, chance())
    assert float(drawn.mean()) == pytest.approx(0.5, abs=0.01)
    assert float(drawn.var()) == pytest.approx(1 / (4 * (2 * 0.4 + 1)), abs=0.005)


def test_the_same_generator_mixes_alike():
    images, labels = batch()
    first, again, other = (mixed(images, labels, CLASSES, Augment(mixup=0.2, cutmix=1.0), chance(seed))[0] for seed in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_the_likeliest_label_is_the_one_with_the_greater_share():
    labels = torch.tensor([0, 3])
    assert likeliest(targets(labels, torch.tensor([0.9, 0.2]), CLASSES)).tolist() == [0, 0]
    assert likeliest(labels) is labels
