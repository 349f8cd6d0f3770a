"""Three starting points of the launch form; every value can be changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from classifier.spec import bundled
from classifier.spec.catalogue import MODELS
from webapp.datasets.models import DatasetVersion
from webapp.datasets.queries import split_counts
from webapp.experiments.weights import files

PRETRAINED = ("resnet18", "mobilenet_v3_small", "squeezenet1_1", "resnet50", "efficientnet_b0")  # small and well known first
FEATURES_ONCE = 20_000  # training images up to which the preset computes features once


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


def presets(version: DatasetVersion | None) -> list[Preset]:
    """The cards for that data: small images get the small network, photographs a larger one."""
    small = version is not None and version.small
    model, weights = with_local_weights()
    quick: dict[str, Any] = {"model": "small_cnn", "epochs": 3, "batch_size": 64, "image_size": None if small else 64}
    photographs = {"model": "resnet18", "epochs": 60, "image_size": 128, "batch_size": 32}
    scratch: dict[str, Any] = {"model": "small_cnn", "epochs": 20} if small else photographs
    transfer: dict[str, Any] = {"model": model, "weights": weights, "freeze": "backbone", "epochs": 15, "batch_size": 32, "image_size": 224}
    if version is not None and split_counts(version)["train"] <= FEATURES_ONCE:
        transfer |= {"features": "once", "epochs": 30}
    return [
        Preset("quick", "Quick check", "a minute, to see that all is well", quick),
        Preset("scratch", "From scratch", "no weights, more epochs", scratch),
        Preset("transfer", "Transfer learning", "pretrained weights, small data", transfer),
    ]
