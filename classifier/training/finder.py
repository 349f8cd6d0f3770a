"""Which learning rate suits a network and its data: a few steps whose rate rises (Smith, "Cyclical learning rates", 2017)."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor

from classifier.data.dataset import Dataset
from classifier.data.folds import folded
from classifier.data.load import readable
from classifier.data.part import part_of
from classifier.spec.config import TrainConfig
from classifier.spec.errors import ClassifierError, Interrupted
from classifier.spec.events import Event, OnEvent, ShouldStop, ignore, never
from classifier.training.cores import own_threads
from classifier.training.devices import determinism
from classifier.training.loop import make_ready
from classifier.training.optim import set_learning_rate
from classifier.training.order import derived_seed, generator
from classifier.training.progress import TICK_SECONDS
from classifier.training.setup import Training, Watch, refuse_untrainable, resolved, set_up
from classifier.training.step import FEWEST, augmented, learn, steps_of
from classifier.training.thawing import thaw

STEPS = 100
SPREAD = 1000.0  # the curve goes from the picked rate by this to the picked rate times this
KEEPS = 0.9  # of the smoothed loss, at each step
DIVERGED = 4.0  # times the lowest smoothed loss
FIRST = 5  # steps before a loss may count as diverged
BELOW = 10.0  # the suggestion lies by so much under the rate of the lowest loss


def find_rate(
    dataset_folder: Path, config: TrainConfig, *, steps: int = STEPS, on_event: OnEvent = ignore, should_stop: ShouldStop = never
) -> Event:
    """The `rate_found` event: the curve of the smoothed training loss by rate, and a tenth of the rate where it was lowest.

    Trains a network in a folder of its own that goes again; the same configuration gives the same curve.
    """
    dataset = folded(Dataset.open(dataset_folder).labelled(), config.folds, config.fold)
    refuse_untrainable(dataset)
    wanted = resolved(dataset, config)
    watch = Watch(lambda event: None if event["event"] == "progress" else on_event(event), should_stop)
    seen = steps * wanted.batch * wanted.accumulate  # no more images than that need be decoded
    part = part_of(dataset, min(seen, wanted.most_images or seen), wanted.seed)
    with TemporaryDirectory(prefix="synset-rate-") as folder, determinism(wanted.deterministic), own_threads():
        brief = replace(wanted, epochs=1, finetune=None)  # so that nothing is measured that only a long training, or its end, is for
        training = set_up(part, Path(folder) / "run", brief, None, watch, restart=False)
        make_ready(training)
        on_event({"event": "stage", "stage": "searching", "message": f"Raising the learning rate over {steps} steps"})
        curve = list(told(rising(training, steps), steps, on_event))
    return {"event": "rate_found", "suggested": suggested(curve), "curve": [{"rate": rate, "loss": loss} for rate, loss in curve]}


def told(curve: Iterator[tuple[float, float]], steps: int, on_event: OnEvent) -> Iterator[tuple[float, float]]:
    """The same points; how far the search is goes out as progress, at most four times a second."""
    began = newest = time.monotonic()
    for done, point in enumerate(curve, 1):
        yield point
        if (now := time.monotonic()) - newest < TICK_SECONDS:
            continue
        newest, pace = now, done / (now - began)
        progress: Event = {"event": "progress", "stage": "searching", "done": done, "total": steps, "unit": "steps"}
        on_event(progress | {"fraction": round(done / steps, 4), "eta_seconds": round((steps - done) / pace, 1), "rate": round(pace, 2)})


def rising(training: Training, steps: int) -> Iterator[tuple[float, float]]:
    """(rate, smoothed loss) of each step, until it diverges. Smoothed by a moving average without its bias to zero."""
    t, sum_, lowest = training, 0.0, math.inf
    thaw(t, 1)  # what thaws later is frozen in the first epoch, whose rate is looked for
    middle = t.config.learning_rate or 0.0
    for step, (images, labels) in enumerate(itertools.islice(batches(t), steps)):
        if t.watch.should_stop():
            raise Interrupted(f"Interrupted at step {step} of {steps}; nothing was kept.")
        rate = middle * SPREAD ** (2 * step / max(1, steps - 1) - 1)
        set_learning_rate(t.optimizer, rate)
        loss, _, count, _ = learn(t, t.stepped(t.model), images, labels).tolist()
        sum_ = KEEPS * sum_ + (1 - KEEPS) * loss / count
        smoothed = sum_ / (1 - KEEPS ** (step + 1))
        if not math.isfinite(smoothed) or (step >= FIRST and smoothed > DIVERGED * lowest):
            return
        lowest = min(lowest, smoothed)
        yield rate, smoothed


def batches(training: Training) -> Iterator[tuple[Tensor, Tensor]]:
    """Augmented images and labels of one epoch after another, as a training with that seed would see them."""
    t = training
    t.model.train()
    for epoch in itertools.count(1):
        steps = steps_of(t, epoch)
        for number, (positions, raw) in enumerate(zip(steps, t.images.batches(steps), strict=True), (epoch - 1) * t.steps_per_epoch):
            torch.manual_seed(derived_seed(t.config.seed, "dropout", number))
            positions, raw = readable(t.images, positions, raw)
            if len(positions) >= FEWEST:
                yield augmented(t, positions, raw, generator(t.config.seed, "augment", number))


def suggested(curve: list[tuple[float, float]]) -> float:
    """An order of magnitude under the rate of the lowest loss, where it still falls steeply."""
    if len(curve) <= FIRST:
        raise ClassifierError(
            "The loss was no number or diverged within the first steps, so no rate can be told. Try another optimiser, or another model.",
            code="nan_loss",
        )
    rate, _ = min(curve, key=lambda point: point[1])
    return float(f"{rate / BELOW:.3g}")
