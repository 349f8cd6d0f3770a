"""Fills in what a configuration leaves open, from the model, the data and the other fields."""

from __future__ import annotations

import dataclasses
import sys

from classifier.data import augment
from classifier.data.augment import Augment, Normalisation
from classifier.models.weights import run_in
from classifier.run import Run
from classifier.spec.catalogue import MODELS
from classifier.spec.config import NOTHING_TO_GO_BY, TrainConfig
from classifier.spec.defaults import filled, pick_features
from classifier.spec.errors import ConfigError, InputError
from classifier.spec.packfile import SMALL_IMAGE_PIXELS

IMAGENET: Normalisation = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
LITE: Normalisation = ([127 / 255] * 3, [128 / 255] * 3)  # of TensorFlow's EfficientNet-Lite
HALVES: Normalisation = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])

SMALL_SIDE = int(SMALL_IMAGE_PIXELS**0.5)


def normalisation_of(model: str) -> Normalisation:
    """Mean and deviation that the published weights were trained with; as good as any from scratch."""
    return {"efficientnet_v2_l": HALVES, "efficientnet_lite0": LITE}.get(model, IMAGENET)


def run_behind(config: TrainConfig) -> Run | None:
    """The earlier run of the same network that the weights are of; None where they are others, or cannot be had."""
    source = run_in(config.weights) if config.weights else None
    if source is None:
        return None
    try:
        run = Run.open(source[0])
    except InputError:
        return None  # which is said where the weights are loaded
    return run if run.config.model == config.model else None


def pick_normalisation(config: TrainConfig) -> Normalisation:
    """What the weights have learnt with: of an earlier run its own, else that of the published ones."""
    run = run_behind(config)
    return run.normalisation if run else normalisation_of(config.model)


def pick_image_size(config: TrainConfig, typical_size: tuple[int, int], *, small: bool) -> int:
    """Pixels a side, from the median (height, width) of the data and what the model is made for.

    Weights get the size they were trained with; from scratch, small images stay about as they are
    (small_cnn) or are doubled for networks that halve them five times.
    """
    if run := run_behind(config):
        return run.image_size
    entry = MODELS[config.model]
    short = min(typical_size)
    if config.model == "small_cnn":
        return max(entry.min_size, min(SMALL_SIDE, (short + 2) // 4 * 4))
    if config.weights is not None or entry.min_size >= entry.image_size:
        return entry.image_size
    wanted = SMALL_SIDE if small else short // 32 * 32
    return max(entry.min_size, min(entry.image_size, max(SMALL_SIDE, wanted)))


def pick_augment(config: TrainConfig, features: str | None, *, small: bool, grey: bool) -> Augment:
    """The strengths to use. Features computed once show the mirror at most: where it was asked for, or nothing was said of either."""
    suited = augment.resolve(config.augment, small=small, grey=grey)
    if features != "once" or config.finetune:  # which shows images after all
        return suited
    named = isinstance(config.augment, dict) and config.augment.get("flip") is not None
    return Augment(flip=suited.flip and (named or config.features is None))


def refuse_unwatched(config: TrainConfig, validation_images: int) -> None:
    """Raises ConfigError where a training is to be stopped by images that there are none of."""
    if config.early_stopping is not None and not validation_images:
        raise ConfigError({"early_stopping": NOTHING_TO_GO_BY})


def resolve(config: TrainConfig, typical_size: tuple[int, int], *, small: bool, grey: bool, images: int = sys.maxsize) -> TrainConfig:
    """The configuration without nulls that matter: what result.json shows and what a second run would need. images: to train on."""
    whole, features = filled(config), config.features or pick_features(config, images)
    return dataclasses.replace(
        whole,
        features=features,
        fold=config.fold or (1 if config.folds else None),
        # the rates go with the batch, once that is measured
        learning_rate=whole.learning_rate if config.batch_size else config.learning_rate,
        finetune_rate=whole.finetune_rate if config.batch_size else config.finetune_rate,
        image_size=config.image_size or pick_image_size(config, typical_size, small=small),
        augment=dataclasses.asdict(pick_augment(config, features, small=small, grey=grey)),
    )
