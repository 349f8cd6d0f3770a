"""What cannot be together is refused at its field, with a sentence, before anything begins."""

from __future__ import annotations

import pytest

from classifier.spec.config import TrainConfig
from classifier.spec.errors import ConfigError

FROZEN = {"weights": "default", "model": "resnet18", "freeze": "backbone"}


@pytest.mark.parametrize(
    ("config", "field", "expected"),
    [
        ({"model": "alexnet", "image_size": 32}, "image_size", "must be at least 63 for alexnet; 32 came"),
        ({"model": "alexnet", "image_size": 64, "eval_size": 32}, "eval_size", "must be at least 63 for alexnet; 32 came"),
        ({"model": "alexnet", "image_size": 64, "first_size": 32}, "first_size", "must be at least 63 for alexnet; 32 came"),
        ({"model": "resnet18", "image_size": 8}, "image_size", "at least 32 for resnet18, whose last map has one place for 32 × 32 pixels"),
        ({"model": "resnet18", "image_size": 31}, "image_size", "must be at least 32 for resnet18"),
        ({"model": "resnet18", "image_size": 64, "eval_size": 24}, "eval_size", "must be at least 32 for resnet18"),
        ({"model": "mobilenet_v2", "image_size": 64, "first_size": 16}, "first_size", "must be at least 32 for mobilenet_v2"),
        ({"model": "vit_b_16", "image_size": 250}, "image_size", "must be a multiple of 16 for vit_b_16, such as 256; 250 came"),
        ({"model": "maxvit_t", "image_size": 300}, "image_size", "must be a multiple of 224 for maxvit_t, such as 224; 300 came"),
        ({"batch_size": 1}, "batch_size", "batch normalisation needs more than one image a step"),
        ({"batch_size": 1, "accumulate": 8}, "batch_size", "batch normalisation needs more than one image a step"),
        ({"epochs": 5, "warmup_epochs": 5}, "warmup_epochs", "must be shorter than the training of 5 epochs; 5 came"),
        ({"epochs": 5, "schedule": "multi_step", "milestones": "3, 6"}, "milestones", "must lie within the training of 5 epochs; 6 came"),
        ({"epochs": 5, "schedule": "step", "decay_epochs": 9}, "decay_epochs", "must be shorter than the training of 5 epochs; 9 came"),
        ({"epochs": 5, "schedule": "plateau", "decay_epochs": 9}, "decay_epochs", "must be shorter than the training of 5 epochs; 9 came"),
        ({"mixup": 0.2}, "mixup", 'but one of augment: augment={"mixup": …}'),
        ({"epochs": 5, "swa_from": 5}, "swa_from", "must lie before the last of 5 epochs"),
        ({"epochs": 5, "validate_every": 6}, "validate_every", "must be at most the training's 5 epochs; 6 came"),
        (FROZEN | {"features": "once", "augment": {"mixup": 0.2}}, "augment", "mixup cannot be with features that are computed once"),
        (FROZEN | {"layer_decay": 0.8}, "layer_decay", "needs stages that learn"),
        ({"deterministic": True, "batch_size": None}, "batch_size", "must be a number where a training is to repeat bit for bit"),
    ],
)  # fmt: skip
def test_it_is_refused_at_its_field(config, field, expected):
    with pytest.raises(ConfigError) as caught:
        TrainConfig.from_mapping(config)
    assert set(caught.value.fields) == {field} and expected in caught.value.fields[field]


@pytest.mark.parametrize(("model", "side"), [("resnet18", 32), ("squeezenet1_1", 17), ("small_cnn", 8), ("vit_b_32", 224), ("alexnet", 63)])
def test_an_image_that_leaves_the_last_map_a_place_is_taken(model, side):
    assert TrainConfig.from_mapping({"model": model, "image_size": side}).image_size == side


def test_a_training_that_began_when_more_was_allowed_can_still_be_read():
    assert TrainConfig.kept({"model": "resnet18", "image_size": 8}).image_size == 8
    with pytest.raises(ValueError, match="must be a whole number"):
        TrainConfig.kept({"image_size": "8 px"})


def test_a_batch_of_one_may_train_a_head_alone():
    assert TrainConfig.from_mapping(FROZEN | {"batch_size": 1}).batch_size == 1
