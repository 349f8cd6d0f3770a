"""Published networks with their ImageNet head, measured on data whose labels are synset ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn
from torchvision.models import ResNet18_Weights

from classifier.data.dataset import Dataset
from classifier.data.load import Prepare
from classifier.evaluate import labels_in, samples_of
from classifier.inference import measured
from classifier.metrics import tally
from classifier.models.as_published import as_published
from classifier.models.build import build
from classifier.models.weights import load_weights
from classifier.spec.checks import model_name
from classifier.spec.errors import ConfigError, InputError
from classifier.spec.events import Event, OnEvent, ShouldStop, ignore, never
from classifier.spec.imagenet import SYNSETS
from classifier.training.devices import choose_device


def class_names() -> dict[str, str]:
    """{synset id: readable name} of all 1,000, as torchvision has them."""
    return dict(zip(SYNSETS, ResNet18_Weights.DEFAULT.meta["categories"], strict=True))


def load_published(name: str, weights: str, on_event: OnEvent = ignore) -> nn.Module:
    """The network with its head for ImageNet's classes; raises ConfigError where the weights have no such head."""
    try:
        model_name(name)
    except ValueError as error:
        raise ConfigError({"model": str(error)}) from None
    told: list[Event] = []
    model = build(name, len(SYNSETS), image_size=as_published(name, weights).side)
    load_weights(model, weights, name=name, on_event=told.append)
    if any(event["event"] == "weights" and event["fresh"] for event in told):
        why = "has no head for ImageNet's 1,000 classes; train a network from it, and evaluate that"
        raise ConfigError({"weights": f"{Path(weights).name} {why}"})
    for event in told:
        on_event(event)
    return model.eval()


class Published:
    """A published network where a RUN stands for prediction: its classes are ImageNet's."""

    def __init__(self, name: str, weights: str = "default", on_event: OnEvent = ignore) -> None:
        self.model = load_published(name, weights, on_event)
        self.classes, self.names = list(SYNSETS), class_names()
        how = as_published(name, weights)
        self.eval_size, self.normalisation = how.side, how.normalisation
        self.prepare: Prepare = how.prepare
        self.tta: str | None = None

    def load_model(self, checkpoint: str | int = "best", *, raw: bool = False) -> tuple[nn.Module, int]:
        """(the network, epoch 0); there is but one, and no average of it."""
        return self.model, 0


def evaluate_published(
    name: str,
    weights: str,
    data: Path,
    *,
    split: str = "validation",
    device: str = "auto",
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> dict[str, Any]:
    """Measures a network of the catalogue on a DATASET in ImageNet's layout; gives the `evaluated` event that ends the command.

    Confusion and figures by class cover the data's classes; a prediction outside of them is wrong and counted in `outside`.
    """
    dataset = Dataset.open(data).labelled()
    dataset.tell_left_out(on_event)
    indices = samples_of(dataset, split)
    foreign = sorted(set(dataset.classes) - set(SYNSETS))
    if foreign:
        raise InputError(f"{foreign[0]!r} is no class of ImageNet: published weights are measured on labels such as n01440764. "
                         "Train a network on this dataset, and evaluate that.")  # fmt: skip
    model, how = load_published(name, weights, on_event), as_published(name, weights)
    indices, logits, _ = measured(
        model, dataset, indices, image_size=how.side, normalisation=how.normalisation, prepare=how.prepare,
        device=choose_device(device), on_event=on_event, should_stop=should_stop,
    )  # fmt: skip
    figures = among(labels_in(dataset, indices, SYNSETS), logits, dataset.classes)
    names = class_names()
    known = {label: names[label] for label in dataset.classes}
    return {"event": "evaluated", "split": split, **figures, "model": name, "weights": Path(weights).name, "names": known}


def among(labels: np.ndarray, logits: Tensor, classes: list[str]) -> dict[str, Any]:
    """The figures of true labels [N] and logits [N, 1000], in detail for those classes alone."""
    sums = tally(labels, logits.numpy())
    places = [SYNSETS.index(label) for label in classes]
    inner = sums.confusion[np.ix_(places, places)]
    figures = sums.summary(SYNSETS)
    rows = {row["label"]: row for row in figures["per_class"]}
    detail = {"confusion": inner.tolist(), "per_class": [rows[label] for label in classes]}
    return dict(figures) | detail | {"outside": sums.n - int(inner.sum())}
