"""The starting points of the launch form."""

from __future__ import annotations

import pytest

from classifier.spec.config import TrainConfig
from classifier.training import settings
from webapp.experiments import presets


def test_transfer_learning_on_few_images_learns_the_head_then_the_whole():
    few, several, many = presets.transfer(500), presets.transfer(5_000), presets.transfer(50_000)
    assert (few["finetune"], few["epochs"], several["finetune"]) == (3, 33, 2) and "finetune" not in many
    assert few["label_smoothing"] == 0
    values = {**few, "weights": "w.pth"}
    assert settings.resolve(TrainConfig.from_mapping(values), (300, 300), small=False, grey=False, images=500).features == "once"


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("images", [0, 500, 5_000, 50_000, 1_281_167])
def test_every_preset_is_valid_whatever_the_data(small, images):
    fast = presets.AIRBENCH | {"image_size": None if small else 32}
    for values in (presets.imagenet(images, small=small), presets.transfer(images), fast):
        config = TrainConfig.from_mapping(values)
        assert settings.resolve(config, (32, 32) if small else (375, 500), small=small, grey=False, images=images).image_size


def test_the_imagenet_recipe_is_torchvisions():
    config = TrainConfig.from_mapping(presets.imagenet(1_281_167, small=False))
    assert (config.model, config.image_size, config.eval_size) == ("resnet50", 176, 224)
    assert (config.optimizer, config.momentum, config.nesterov, config.warmup_epochs, config.weight_decay) == ("sgd", 0.9, False, 5, 2e-5)
    assert config.augment == {"policy": "trivialaugment", "erase": 0.1, "mixup": 0.2, "cutmix": 1.0}
