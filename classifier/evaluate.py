"""One network on one split: the figures, every prediction, and what is drawn of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from classifier import metrics
from classifier.calibrating import Fit, Measured, key_of, of_checkpoint, within
from classifier.data.augment.views import VIEWS
from classifier.data.dataset import Dataset
from classifier.inference import Pace, full_precision, logits, measured
from classifier.metrics.temperature import spread
from classifier.run import Run
from classifier.space.features import Gathered, keep_beside
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS, OnEvent, ShouldStop, ignore, never
from classifier.spec.words import plural
from classifier.speed import speeds
from classifier.training.devices import choose_device

__all__ = [
    "NO_VIEWS",
    "Pace",
    "evaluate",
    "full_precision",
    "labels_in",
    "logits",
    "measured",
    "samples_of",
    "views_of",
    "write_predictions",
]

NO_VIEWS = "none"  # the image itself alone
LONG_LOGITS = 100_000_000  # of which to make figures takes half a minute and more


def write_predictions(path: Path, dataset: Dataset, indices: np.ndarray, logits: Tensor, classes: Sequence[str]) -> None:
    """A row each of the samples at `indices` [N] with logits [N, C], for people as `metrics.write_rows` says and beside it as columns
    (`metrics.scored`); labels in the order of `classes`."""
    paths = (dataset.path(int(i)) for i in indices)
    labels = labels_in(dataset, indices, classes)
    positions = indices if dataset.places is None else dataset.places[indices]
    metrics.write_scored(metrics.scored_path(path), metrics.scored_rows(positions, labels, logits.numpy()))
    metrics.write_rows(path, metrics.predictions(paths, labels, logits.numpy(), classes))


def labels_in(dataset: Dataset, indices: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """True labels [N] of samples as places in `classes`; raises InputError for a class that the network does not know."""
    unknown = sorted(set(dataset.classes) - set(classes))
    if unknown:
        what = f"The network does not know the class {unknown[0]!r} of this dataset ({len(unknown)} unknown in all)"
        raise InputError(f"{what}; it knows {named(classes)}.")
    places = np.array([classes.index(label) for label in dataset.classes], np.int64)
    return np.asarray(places[dataset.labels[indices]])


def named(classes: Sequence[str]) -> str:
    """The first few of many names."""
    return ", ".join(classes[:8]) + (f" and {len(classes) - 8} more" if len(classes) > 8 else "")


def samples_of(dataset: Dataset, split: str) -> np.ndarray:
    """The positions of a split's samples; raises InputError for a wrong or an empty split."""
    if split not in SPLITS:
        raise InputError(f"The split must be one of {', '.join(SPLITS)}; {split[:40]} came.")
    indices = dataset.indices(split)
    if not len(indices):
        filled = [name for name in SPLITS if len(dataset.indices(name))]
        raise InputError(f"The dataset has no images in its {split} split; it has some in {', '.join(filled)}.")
    return indices


def predictions_name(run: Run, dataset: Dataset, split: str, checkpoint: str, tta: str, *, raw: bool = False) -> str:
    """The file's name: the plain one for the run's own best checkpoint, data and views, so that nothing else ever overwrites it."""
    parts = ["predictions", split]
    own = dataset.id == run.dataset_id
    parts += [] if own and checkpoint == "best" else [checkpoint]
    parts += [] if own else [dataset.id[:12]]
    parts += [] if tta == (run.config.tta or NO_VIEWS) else [tta]
    parts += ["raw"] if raw else []
    return "-".join(parts) + ".csv"


def views_of(run: Run, asked: str | None) -> str:
    """The views to average: those asked for, else those of the run's configuration. Raises InputError for a name that is none."""
    tta = asked or run.config.tta or NO_VIEWS
    if tta not in (NO_VIEWS, *VIEWS):
        raise InputError(f"Test-time augmentation is one of {', '.join((NO_VIEWS, *VIEWS))}; {tta[:40]} came.")
    return tta


def written(
    file: Path, dataset: Dataset, indices: np.ndarray, logits: Tensor, classes: Sequence[str], fit: Fit, on_event: OnEvent = ignore
) -> dict[str, Any]:
    """Writes predictions and curves (`metrics.curves`) of the samples at `indices` [N] with logits [N, C]; gives all their figures.

    Of very many it tells what it is at: who hears nothing for minutes takes the process for one that hangs.
    """
    labels, found = labels_in(dataset, indices, classes), logits.numpy()
    tell, of = on_event if found.size >= LONG_LOGITS else ignore, plural(len(labels), "image")
    tell({"event": "stage", "stage": "writing", "message": f"Writing what was said of {of}"})
    write_predictions(file, dataset, indices, logits, classes)
    tell({"event": "stage", "stage": "measuring", "message": f"Measuring by {plural(len(classes), 'class')}"})
    told = metrics.detail(labels, found, fit["temperature"])
    metrics.write_curves(metrics.curves_path(file), told.arrays)
    tell({"event": "stage", "stage": "summing", "message": f"Summing up {of}"})
    return told.figures | dict(metrics.summary(labels, found, classes)) | {"calibration": told.figures["calibration"] | fit}


class Network(NamedTuple):
    """A checkpoint, ready to be measured."""

    run: Run
    model: nn.Module
    epoch: int
    views: str
    key: str  # of its temperature
    device: torch.device
    should_stop: ShouldStop

    @property
    def tta(self) -> str | None:
        """The views as the batches are told."""
        return None if self.views == NO_VIEWS else self.views

    @property
    def how(self) -> dict[str, Any]:
        """How its images are looked at."""
        run = self.run
        told = {"image_size": run.eval_size, "normalisation": run.normalisation, "prepare": run.prepare, "tta": self.tta}
        return {**told, "device": self.device, "should_stop": self.should_stop}


def evaluate(
    run_folder: Path,
    *,
    split: str = "test",
    checkpoint: str = "best",
    data: Path | None = None,
    tta: str | None = None,
    raw: bool = False,
    speed: bool = True,
    device: str = "auto",
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> dict[str, Any]:
    """Measures a RUN's checkpoint on one split of its own or another DATASET; gives the `evaluated` event that ends the command.

    `tta`: none, flip or ten_crop; None: as the run was configured. `raw`: with the weights themselves where an average of them was kept.
    `speed`: also how long it takes for batches of several sizes. Also writes every prediction, and curves, into the RUN.
    Raises InputError for what does not fit together.
    """
    run = Run.open(run_folder)
    dataset = run.as_seen(Dataset.open(data or run.dataset_folder))
    dataset.tell_left_out(on_event)
    indices = samples_of(dataset, split)
    labels_in(dataset, indices, run.classes)  # refuses what the network does not know, before any work
    network = loaded(run, checkpoint, views_of(run, tta), raw=raw, device=choose_device(device), should_stop=should_stop)
    fit, before = temperature(network, dataset, len(indices), on_event)
    told = within(on_event, before, before + len(indices))
    asked, gathered = indices, Gathered(len(indices))
    indices, found, _ = measured(network.model, dataset, indices, on_event=told, features=gathered, **network.how)
    file = run_folder / predictions_name(run, dataset, split, checkpoint, network.views, raw=raw)
    figures = written(file, dataset, indices, found, run.classes, fit, on_event)
    keep_beside(file, gathered, asked, indices, split)
    averaged = {} if network.views == NO_VIEWS else {"tta": network.views}
    extra = averaged | ({"raw": True} if raw else {}) | ({"speed": timing(network)} if speed else {})
    return {
        "event": "evaluated",
        "split": split,
        **figures,
        **extra,
        "checkpoint": checkpoint,
        "epoch": network.epoch,
        "predictions": file.name,
    }


def loaded(run: Run, checkpoint: str, views: str, *, raw: bool, device: torch.device, should_stop: ShouldStop) -> Network:
    """The checkpoint on its device."""
    model, epoch = run.load_model(checkpoint, raw=raw)
    key = key_of(run.entry(checkpoint)["sha256"], views, raw=raw)
    return Network(run, model, epoch, views, key, device, should_stop)


def timing(network: Network) -> dict[str, Any]:
    """How long it takes here."""
    return speeds(network.model, network.run.eval_size, network.device, tta=network.tta, should_stop=network.should_stop)


def temperature(network: Network, dataset: Dataset, following: int, on_event: OnEvent) -> tuple[Fit, int]:
    """(the checkpoint's temperature, how many images were looked at for it before the `following` ones)."""
    looked: list[int] = []

    def measure() -> Measured:
        own = dataset if dataset.id == network.run.dataset_id else network.run.as_seen(Dataset.open(network.run.dataset_folder))
        rows = validation_rows(own)
        looked.append(len(rows))
        tell = within(on_event, 0, len(rows) + following, "calibrating")
        return of_validation(network.model, own, rows, network.run.classes, on_event=tell, **network.how)

    return of_checkpoint(network.run.folder, network.key, measure), sum(looked)


def validation_rows(own: Dataset) -> np.ndarray:
    """The validation samples that a temperature is fitted on."""
    rows = own.indices("validation")
    return rows[spread(len(rows))]


def of_validation(model: nn.Module, own: Dataset, rows: np.ndarray, classes: list[str], **how: Any) -> Measured:
    """(true labels, logits) of those samples."""
    rows, found, _ = measured(model, own, rows, **how)
    return labels_in(own, rows, classes), found.numpy()


def of_training(network: Network, own: Dataset, on_event: OnEvent) -> Fit:
    """The temperature of a training's best checkpoint, at its end, on the validation images that it was chosen by."""
    rows = validation_rows(own)
    return of_checkpoint(
        network.run.folder,
        network.key,
        lambda: of_validation(network.model, own, rows, network.run.classes, on_event=on_event, **network.how),
    )
