"""Starting points of the launch form; every value can be changed.

"ImageNet recipe" is torchvision's for its newer weights (Vryniotis, "How to train state-of-the-art models using TorchVision's
latest primitives", PyTorch blog, 2021) with fewer epochs, as Wightman et al. ("ResNet strikes back", 2021) found that 100 come
near 300: SGD on a cosine after five epochs of warm-up, TrivialAugment, erasing, MixUp and CutMix, smoothed labels, hardly any
decay, averaged weights, and evaluation at a larger size than training (Touvron et al., 2019).

"Small images fast" follows Jordan ("94 % on CIFAR-10 in 3.29 seconds on a single GPU", 2024, and its successor with Muon): few
epochs on a rate that falls in a straight line, Muon for the kernels, labels smoothed by 0.2, and the mirror image looked at too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from classifier.spec import bundled
from classifier.spec.catalogue import MODELS
from classifier.spec.defaults import FEATURES_ONCE
from webapp.datasets.models import DatasetVersion
from webapp.experiments.learning import learnt_counts
from webapp.experiments.weights import files

PRETRAINED = ("resnet18", "mobilenet_v3_small", "squeezenet1_1", "resnet50", "efficientnet_b0")  # small and well known first
FINETUNED_IMAGES = 1500  # that fine-tuning looks at in all: minutes on two cores
FEW, MANY = 5_000, 20_000  # training images
TORCHVISION: dict[str, Any] = {
    "optimizer": "sgd", "momentum": 0.9, "nesterov": False, "weight_decay": 2e-5, "schedule": "cosine", "warmup_epochs": 5.0, "epochs": 100,
    "label_smoothing": 0.1, "ema": 0.9998,
    "augment": {"policy": "trivialaugment", "erase": 0.1, "mixup": 0.2, "cutmix": 1.0},
}  # fmt: skip
AIRBENCH: dict[str, Any] = {
    "model": "small_cnn", "optimizer": "muon", "schedule": "polynomial", "decay_power": 1.0, "warmup_epochs": 1.0, "epochs": 10,
    "batch_size": 128, "label_smoothing": 0.2, "tta": "flip",
}  # fmt: skip


class Preset(NamedTuple):
    """One card."""

    key: str
    title: str
    words: str
    values: dict[str, Any]


def with_local_weights() -> tuple[str, str]:
    """A published network whose weights are on this machine, and the weights to choose; else the first, downloaded.

    Those that come with Synset stand behind what somebody put into SYNSET_WEIGHTS.
    """
    local = files()
    for name in PRETRAINED:
        wanted = MODELS[name].weights_file or ""
        if wanted in local:
            return name, "default"
        if near := [file for file in local if file.startswith(f"{name}-") or Path(file).stem == name]:
            return name, near[0]
    return bundled.MODEL if bundled.bundled_file() else PRETRAINED[0], "default"


def transfer(images: int) -> dict[str, Any]:
    """The head alone first; of few images also all of the network for some epochs after it, kept where validation is better.

    Labels are not smoothed then: a head that learns from few images ends far less sure than it is right, and no better
    (docs/transfer.md, "The head first, then everything").
    """
    model, weights = with_local_weights()
    values = {"model": model, "weights": weights, "freeze": "backbone", "epochs": 15, "batch_size": 32, "image_size": 224}
    if not 0 < images <= FEATURES_ONCE:
        return values
    last = max(2, min(5, FINETUNED_IMAGES // images))
    return values | {"epochs": 30 + last, "finetune": last, "label_smoothing": 0.0}


def imagenet(images: int, *, small: bool) -> dict[str, Any]:
    """The same recipe with a network and batches that suit the number of images."""
    sizes = {"image_size": None} if small else {"image_size": 176, "eval_size": 224}
    model = "resnet50" if images > MANY and not small else "resnet18"
    return TORCHVISION | sizes | {"model": model, "batch_size": 32 if images < FEW else 128}


def presets(version: DatasetVersion | None) -> list[Preset]:
    """The cards for that data: small images get the small network, photographs a larger one."""
    small = version is not None and version.small
    images = 0 if version is None else learnt_counts(version)["train"]
    quick: dict[str, Any] = {"model": "small_cnn", "epochs": 3, "batch_size": 64, "image_size": None if small else 64}
    photographs = {"model": "resnet18", "epochs": 60, "image_size": 128, "batch_size": 32}
    scratch: dict[str, Any] = {"model": "small_cnn", "epochs": 20} if small else photographs
    return [
        Preset("quick", "Quick check", "a minute, to see that all is well", quick),
        Preset("transfer", "Transfer learning", "pretrained weights, small data", transfer(images)),
        Preset("scratch", "From scratch", "no weights, more epochs", scratch),
        Preset("imagenet", "ImageNet recipe", "from scratch, long, many images", imagenet(images, small=small)),
        Preset("fast", "Small images fast", "ten epochs of thumbnails", AIRBENCH | {"image_size": None if small else 32}),
    ]
