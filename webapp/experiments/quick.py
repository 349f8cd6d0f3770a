"""The quick check: a tiny real training that tells whether a dataset's labels can be learnt at all, in about a minute."""

from __future__ import annotations

import math
import statistics
from typing import Any, NamedTuple

from classifier.spec.config import TrainConfig
from webapp.accounts.actor import Actor
from webapp.core.words import duration, plural, thousands
from webapp.datasets.hooks import Step
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.experiments import actions
from webapp.experiments.estimates import like
from webapp.experiments.learning import learnt_classes, learnt_counts
from webapp.experiments.models import Experiment
from webapp.experiments.presets import presets
from webapp.experiments.timings import seconds_an_image

SECONDS = 40.0  # of training; the start and the test come on top
START_SECONDS = 15.0
PASSES = 10_000  # images seen, over all epochs: enough to tell, where the data has so many
FEWEST_EPOCHS, MOST_EPOCHS = 3, 20
PIXELS_A_SECOND = 500_000.0  # of the small network on one core, where nothing was measured yet; two cores reach twice as much
SMALL_SIDE = 32
BATCHES_AN_EPOCH = 20  # fewer images than make so many of the usual size are cut into smaller ones
SMALL_BATCH = 16


class Plan(NamedTuple):
    """What a quick check will do."""

    config: dict[str, Any]
    images: int
    epochs: int
    seconds: float


def seconds_an_image_of(version: DatasetVersion, config: TrainConfig) -> float:
    """One image through one epoch: as measured on this machine, else by the pixels."""
    if measured := seconds_an_image(like(version, config)):
        return statistics.median(measured)
    return (config.image_size or SMALL_SIDE) ** 2 / PIXELS_A_SECOND


def plan(version: DatasetVersion) -> Plan | None:
    """As many images and epochs as fit the time, and no more than tell something; None where nothing can be trained."""
    there = learnt_counts(version)["train"]
    classes = len(learnt_classes(version))
    if there < 2 or classes < 2:
        return None
    quick = next(card.values for card in presets(version) if card.key == "quick")
    an_image = seconds_an_image_of(version, TrainConfig(**quick))
    images = min(there, max(2 * classes, int(SECONDS / FEWEST_EPOCHS / an_image)))
    fitting = int(SECONDS / (images * an_image))
    epochs = max(FEWEST_EPOCHS, min(MOST_EPOCHS, fitting, math.ceil(PASSES / images)))
    batch = quick["batch_size"] if images >= BATCHES_AN_EPOCH * quick["batch_size"] else SMALL_BATCH
    config = quick | {"epochs": epochs, "batch_size": batch, "most_images": images if images < there else None}
    return Plan(config, images, epochs, images * epochs * an_image + START_SECONDS)


def words(made: Plan, version: DatasetVersion) -> str:
    """What it will do and how long, before it is asked for."""
    there = learnt_counts(version)["train"]
    part = f"{thousands(made.images)} of {thousands(there)} training images" if made.images < there else plural(there, "training image")
    return (
        f"Trains a small network on {part} for {plural(made.epochs, 'epoch')}, about {duration(rounded(made.seconds))}, and says whether "
        "the labels can be learnt at all and which classes are mixed up."
    )


def rounded(seconds: float) -> float:
    """To tens: an estimate shows no more digits than it has."""
    return max(10.0, round(seconds / 10) * 10.0)


def step(actor: Actor, version: DatasetVersion) -> Step | None:
    """The quick check as what comes after an import, for those who may launch."""
    made = plan(version) if actor.can("experiment.create") else None
    return made and Step("Quick check", words(made, version), "experiments:quick", "Quick check")


def start(actor: Actor, dataset: Dataset, version: DatasetVersion, key: str | None) -> Experiment | None:
    """Queue it; the same `key` of the same person gives the first one's training. None where nothing can be trained."""
    made = plan(version)
    if made is None:
        return None
    name = f"Quick check of {dataset.name}"[: actions.NAME_LENGTH]
    return actions.launch(actor, dataset, name, made.config, version, key=key)
