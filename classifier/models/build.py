"""Networks by their catalogue name, with a head for so many classes and nothing learnt yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn
from torchvision import models

from classifier.models.cnn import small_cnn
from classifier.models.lite0 import efficientnet_lite0
from classifier.spec.catalogue import MODELS
from classifier.spec.checks import model_name
from classifier.spec.errors import ConfigError
from classifier.spec.sizes import in_broken_parts


def vit_options(name: str, image_size: int) -> dict[str, Any]:
    """A vision transformer's table of positions is made for one size, in whole patches."""
    return {"image_size": image_size}


def maxvit_options(name: str, image_size: int) -> dict[str, Any]:
    """Its windows must tile each stage's map."""
    return {"input_size": (image_size, image_size)}


def aux_free(name: str, image_size: int) -> dict[str, Any]:
    """No auxiliary heads. `transform_input` as the published weights want it: always, so that a checkpoint needs no note of it."""
    return {"aux_logits": False, "transform_input": True, "init_weights": True}


OPTIONS: dict[str, Callable[[str, int], dict[str, Any]]] = {
    "vit_": vit_options,
    "maxvit_": maxvit_options,
    "googlenet": aux_free,
    "inception_v3": aux_free,
}

OWN: dict[str, Callable[[int], nn.Module]] = {"small_cnn": small_cnn, "efficientnet_lite0": efficientnet_lite0}  # the rest is torchvision's


def build(name: str, classes: int, *, image_size: int) -> nn.Module:
    """The network on the CPU in fp32, freshly initialised: float [N, 3, image_size, image_size] to logits [N, classes].

    Raises ConfigError for a name that the catalogue lacks and a size that the network cannot take.
    """
    try:
        entry = MODELS[model_name(name)]
    except ValueError as error:
        raise ConfigError({"model": str(error)}) from None
    if image_size < entry.min_size:
        raise ConfigError({"image_size": f"must be at least {entry.min_size} for {name}; {image_size} came"})
    if wrong := in_broken_parts(name, image_size):
        raise ConfigError({"image_size": wrong})
    if name in OWN:
        return OWN[name](classes)
    options = next((make(name, image_size) for prefix, make in OPTIONS.items() if name.startswith(prefix)), {})
    model: nn.Module = models.get_model(name, weights=None, num_classes=classes, **options)
    return model


def head_of(model: nn.Module) -> tuple[str, nn.Linear | nn.Conv2d]:
    """(name, layer) of the last linear or convolution layer: the one that gives the classes in every network of the catalogue."""
    layers = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    return layers[-1]
