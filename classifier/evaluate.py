"""One network on one split: logits in full precision, the figures, and the file of every prediction."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from classifier import metrics
from classifier.data.augment import Normalisation, normalise
from classifier.data.augment.views import VIEWS, viewed
from classifier.data.dataset import Dataset
from classifier.data.load import Prepare, eval_batches, evaluated
from classifier.data.pack import ImageReader
from classifier.data.spoilt import Spoilt
from classifier.models.build import head_of
from classifier.models.caught import inputs_of
from classifier.models.folding import folded
from classifier.run import Run
from classifier.space.features import Gathered, OnFeatures, keep_beside, seen_by_head
from classifier.spec.errors import InputError, Interrupted
from classifier.spec.events import SPLITS, Event, OnEvent, ShouldStop, ignore, never
from classifier.training.devices import choose_device

NO_VIEWS = "none"  # the image itself alone
TICK_SECONDS = 0.25  # at most four progress events a second
MANY = 256  # images, from which on a faster copy of the network is worth making


@contextlib.contextmanager
def full_precision() -> Iterator[None]:
    """Real fp32: a GPU's TF32 would move probabilities by more than the promised 1e-3."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


class Pace:
    """Progress of one pass over images, at most every TICK_SECONDS; time left from the measured rate."""

    def __init__(self, stage: str, total: int, on_event: OnEvent) -> None:
        self.stage, self.total, self.on_event = stage, total, on_event
        self.started = self.told = time.monotonic()

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self.told < TICK_SECONDS and done < self.total:
            return
        self.told = now
        rate = done / max(now - self.started, 1e-9)
        self.on_event(self.event(done, rate))

    def event(self, done: int, rate: float) -> Event:
        """The progress event."""
        return {
            "event": "progress",
            "stage": self.stage,
            "done": done,
            "total": self.total,
            "unit": "images",
            "fraction": done / max(1, self.total),
            "eta_seconds": (self.total - done) / rate if rate else None,
            "rate": rate,
        }


def logits(
    model: nn.Module,
    pack: ImageReader,
    rows: Sequence[int] | np.ndarray,
    *,
    image_size: int,
    normalisation: Normalisation,
    device: torch.device | str,
    batch_size: int = 64,
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
    spoilt: Callable[[int], None] = lambda _: None,
    prepare: Prepare = evaluated,
    tta: str | None = None,
    features: OnFeatures | None = None,
) -> Tensor:
    """Float32 logits [N, C], on the CPU, of the pack's images at `rows`; the model is left in eval mode and fp32 on `device`.

    `spoilt` is told the place in `rows` of each image that cannot be decoded; with `tta` the views of that name are averaged.
    `features` is given what the head is given of each batch, in the order of `rows` (`classifier.space.features`).
    Raises Interrupted between two batches when asked to stop.
    """
    model = model.to(device, torch.float32).to(memory_format=torch.channels_last).eval()
    head, layer = head_of(model)
    classes = layer.weight.shape[0]  # also of no image at all
    network = folded(model) if len(rows) >= MANY else model
    pace, found = Pace("testing", len(rows), on_event), [torch.empty(0, classes)]
    done = 0
    with torch.inference_mode(), full_precision(), inputs_of(network.get_submodule(head)) as caught:
        for batch in eval_batches(pack, rows, image_size, batch_size, spoilt, prepare):
            if should_stop():
                raise Interrupted("Interrupted.")
            images = normalise(batch.to(device), normalisation).contiguous(memory_format=torch.channels_last)
            found.append(viewed(network, images, tta).cpu())
            if features is not None:
                features(seen_by_head(caught))
            caught.clear()
            done += len(batch)
            pace(done)
    return torch.cat(found)


def measured(
    model: nn.Module, dataset: Dataset, indices: np.ndarray, *, on_event: OnEvent, **how: Any
) -> tuple[np.ndarray, Tensor, list[str]]:
    """(sample positions, their logits, files left out) of those of the samples at `indices` that can be decoded; `how` as in `logits`."""
    spoilt = Spoilt(dataset, indices, on_event)
    found = logits(model, dataset.pack, dataset.images[indices], on_event=on_event, spoilt=spoilt.positions.add, **how)
    spoilt.tell()
    kept = spoilt.readable()
    return indices[kept], found[torch.from_numpy(kept)], spoilt.files


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


def predictions_name(run: Run, dataset: Dataset, split: str, checkpoint: str, tta: str) -> str:
    """The file's name: the plain one for the run's own best checkpoint, data and views, so that nothing else ever overwrites it."""
    parts = ["predictions", split]
    own = dataset.id == run.dataset_id
    parts += [] if own and checkpoint == "best" else [checkpoint]
    parts += [] if own else [dataset.id[:12]]
    parts += [] if tta == (run.config.tta or NO_VIEWS) else [tta]
    return "-".join(parts) + ".csv"


def views_of(run: Run, asked: str | None) -> str:
    """The views to average: those asked for, else those of the run's configuration. Raises InputError for a name that is none."""
    tta = asked or run.config.tta or NO_VIEWS
    if tta not in (NO_VIEWS, *VIEWS):
        raise InputError(f"Test-time augmentation is one of {', '.join((NO_VIEWS, *VIEWS))}; {tta[:40]} came.")
    return tta


def evaluate(
    run_folder: Path,
    *,
    split: str = "test",
    checkpoint: str = "best",
    data: Path | None = None,
    tta: str | None = None,
    device: str = "auto",
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> dict[str, Any]:
    """Measures a RUN's checkpoint on one split of its own or another DATASET; gives the `evaluated` event that ends the command.

    `tta`: none, flip or ten_crop; None: as the run was configured. Also writes every prediction into the RUN.
    Raises InputError for what does not fit together.
    """
    run = Run.open(run_folder)
    dataset = run.as_seen(Dataset.open(data or run.dataset_folder))
    dataset.tell_left_out(on_event)
    indices = samples_of(dataset, split)
    labels_in(dataset, indices, run.classes)  # refuses what the network does not know, before any work
    views = views_of(run, tta)
    model, epoch = run.load_model(checkpoint)
    asked, gathered = indices, Gathered(len(indices))
    indices, found, _ = measured(
        model,
        dataset,
        indices,
        image_size=run.eval_size,
        normalisation=run.normalisation,
        prepare=run.prepare,
        tta=None if views == NO_VIEWS else views,
        device=choose_device(device),
        on_event=on_event,
        should_stop=should_stop,
        features=gathered,
    )
    file = run_folder / predictions_name(run, dataset, split, checkpoint, views)
    write_predictions(file, dataset, indices, found, run.classes)
    keep_beside(file, gathered, asked, indices, split)
    figures = metrics.summary(labels_in(dataset, indices, run.classes), found.numpy(), run.classes)
    averaged = {} if views == NO_VIEWS else {"tta": views}
    return {"event": "evaluated", "split": split, **figures, **averaged, "checkpoint": checkpoint, "epoch": epoch, "predictions": file.name}
