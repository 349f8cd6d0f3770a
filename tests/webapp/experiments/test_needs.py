"""Before anything like it was trained here, the form says roughly what memory a training needs, and that this is a guess."""

from __future__ import annotations

import pytest
import torch

from classifier.models.build import build
from classifier.spec.config import TrainConfig
from classifier.spec.stages import STAGES
from classifier.training.batch import Rehearsal
from classifier.training.devices import Plan
from tests.webapp.experiments.kit import dataset_of
from webapp.experiments import estimates, needs
from webapp.jobs import actions as jobs

RESNET = {"model": "resnet18", "image_size": 224, "batch_size": 32}
HEAD = {"weights": "default", "freeze": "backbone"}
GB = 10**9


@pytest.fixture
def version(editor):
    found = dataset_of(editor).versions.get()
    found.classes = [entry | {"train": 700} for entry in found.classes]
    found.save()
    return found


@pytest.fixture
def worker():
    """Says what the host of the worker that trains is made of."""

    def beat(**told):
        jobs.beat("device@there", "device", "there", 1, told)

    return beat


def needed(version, left=None, **config):
    return needs.need(version, TrainConfig(**config), left)


def test_the_first_training_of_all_has_a_guess_that_is_called_one(version):
    words, basis, short = estimates.memory(version, TrainConfig(**RESNET))
    assert words == "roughly 1.3 GB" and basis.startswith("a rough guess: 179 MB for the network") and not short


@pytest.mark.parametrize(("model", "batch"), [("resnet18", 16), ("mobilenet_v3_small", 32), ("efficientnet_lite0", 16)])
def test_the_guess_is_about_what_steps_are_measured_to_take(version, model, batch):
    config = TrainConfig(model=model, image_size=128, batch_size=batch, device="cpu", precision="fp32")
    network = build(model, len(version.classes), image_size=128)
    rehearsal = Rehearsal(network, config, Plan(), torch.device("cpu"))
    tried = rehearsal.tried(batch)
    weights = 4 * sum(parameter.numel() for parameter in network.parameters())
    assert needs.need(version, config, None).bytes == pytest.approx(weights + rehearsal.held + tried.growth, rel=0.3)


def test_a_network_counts_with_its_gradients_its_optimisers_figures_and_its_average(version):
    numbers = needed(version, **RESNET, optimizer="sgd", momentum=0.0).network / 8
    assert numbers == pytest.approx(11.2e6, rel=0.01)  # ResNet-18 with three classes
    for copies, config in ((3, {"optimizer": "sgd"}), (4, {"optimizer": "adamw"}), (4, {"optimizer": "rmsprop"}), (5, {"ema": 0.99})):
        assert needed(version, **RESNET, **config).network == pytest.approx(4 * copies * numbers)


def test_images_count_by_their_pixels_and_their_number(version):
    usual = needed(version, **RESNET)
    assert needed(version, **RESNET | {"image_size": 112}).image == pytest.approx(usual.image / 4)
    assert needed(version, **RESNET | {"batch_size": 64}).bytes - usual.bytes == pytest.approx(32 * usual.image)


def test_a_batch_is_never_larger_than_all_images(version):
    assert needed(version, **RESNET | {"batch_size": 8000}).batch == 2100


def test_stages_that_never_learn_keep_nothing(version):
    whole, half, thawing = (needed(version, **RESNET, **more) for more in ({}, {**HEAD, "freeze": 3}, {**HEAD, "freeze": 3, "unfreeze": 2}))
    assert half.image < whole.image / 2 and half.network < whole.network and thawing == whole


def test_a_head_on_features_needs_no_more_than_one_look(version):
    head = needed(version, **RESNET, **HEAD)
    assert head.image < needed(version, **RESNET).image / 3 and head.batch == needs.FEATURES
    assert needed(version, **RESNET, **HEAD, finetune=2).image == needed(version, **RESNET).image


def test_half_the_bits_keep_half(version, worker):
    usual, half = needed(version, **RESNET), needed(version, **RESNET, precision="bf16")
    assert half.image < 0.6 * usual.image and half.network > usual.network
    worker(gpus=[{"name": "a GPU"}])
    assert needed(version, **RESNET) == half and needed(version, **RESNET, device="cpu") == usual


def test_a_batch_that_is_picked_fills_no_more_than_its_share_of_what_is_free(version):
    picked = RESNET | {"batch_size": None}
    few = needed(version, **picked)
    assert few.batch == 256 and few.bytes == few.network + 256 * few.image
    large, tiny = few._replace(most=GB), few._replace(most=0.0)
    assert large.bytes == few.network + GB and needs.words(large)[0].startswith("at most roughly 1.")
    assert tiny.bytes == few.network + 2 * few.image


def test_what_is_not_free_is_said(version, worker):
    worker(memory_total=4 * GB, memory_used=3.4 * GB)
    assert estimates.memory(version, TrainConfig(**RESNET)).short.startswith("Only 600 MB of memory are free where it trains")
    assert not estimates.memory(version, TrainConfig(**RESNET | {"batch_size": 2})).short


def test_on_a_gpu_its_own_memory_counts(version, worker):
    worker(memory_total=4 * GB, memory_used=3 * GB, gpus=[{"memory_total": 40 * GB, "memory_used": GB}])
    assert needs.free(TrainConfig()) == 39 * GB and needs.free(TrainConfig(device="cpu")) == GB


def test_every_network_of_the_catalogue_has_a_guess(version):
    assert all(1e6 < needed(version, model=name, batch_size=2).bytes < 30 * GB for name in STAGES)
