"""Training images that grow: progressive resizing."""

from __future__ import annotations

import pytest
import torch

from classifier.data.augment import shrunk
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError
from classifier.spec.sizes import growing_size
from classifier.training import setup
from classifier.training.loop import train


def test_sizes_grow_in_steps_and_end_at_the_whole_size():
    sizes = [growing_size(epoch, 9, 16, 64) for epoch in range(1, 10)]
    assert sizes[0] == 16 and sizes[6:] == [64, 64, 64]
    assert sizes == sorted(sizes) and all(size % 8 == 0 for size in sizes)


@pytest.mark.parametrize("epochs", [1, 2, 3, 100])
@pytest.mark.parametrize(("first", "last"), [(30, 30), (13, 50), (64, 32)])
def test_no_size_leaves_the_range_and_one_epoch_trains_too(epochs, first, last):
    sizes = [growing_size(epoch, epochs, first, last) for epoch in range(1, epochs + 1)]
    assert all(min(first, last) <= size <= last for size in sizes)


def test_images_are_only_made_smaller():
    images = torch.rand(2, 3, 16, 16)
    assert shrunk(images, 16) is images and shrunk(images, 20) is images
    assert shrunk(images, 8).shape == (2, 3, 8, 8)


def test_the_network_sees_each_epochs_own_size(photographs, tmp_path, monkeypatch):
    sides, plain = [], setup.new_model

    def watched(*parts):
        model = plain(*parts)
        model.register_forward_pre_hook(lambda module, inputs: sides.append(inputs[0].shape[3]) if module.training else None)
        return model

    monkeypatch.setattr(setup, "new_model", watched)
    config = {"epochs": 3, "batch_size": 8, "device": "cpu", "precision": "fp32", "image_size": 32, "first_size": 16}
    train(photographs, tmp_path / "run", TrainConfig.from_mapping(config))
    assert sides[-1] == 32 and sorted(set(sides)) == [16, 24, 32]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"image_size": 32, "first_size": 64}, "must be at most the image size, 32"),
        ({"model": "vit_b_16", "image_size": 224, "first_size": 112}, "must be at least 224 for vit_b_16"),
        ({"model": "alexnet", "first_size": 32}, "must be at least 63 for alexnet; 32 came"),
    ],
)
def test_a_first_size_that_cannot_be_is_refused(fields, words):
    with pytest.raises(ConfigError) as caught:
        TrainConfig.from_mapping(fields)
    assert words in caught.value.fields["first_size"]
