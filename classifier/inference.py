"""Images through a network in full precision: logits, at its evaluation size, with what cannot be decoded left out."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from classifier.data.augment import Normalisation, normalise
from classifier.data.augment.views import viewed
from classifier.data.dataset import Dataset
from classifier.data.load import Prepare, eval_batches, evaluated
from classifier.data.pack import ImageReader
from classifier.data.spoilt import Spoilt
from classifier.models.build import head_of
from classifier.models.caught import inputs_of
from classifier.models.folding import folded
from classifier.space.features import OnFeatures, seen_by_head
from classifier.spec.batches import looked_at
from classifier.spec.errors import Interrupted
from classifier.spec.events import Event, OnEvent, ShouldStop, ignore, never

TICK_SECONDS = 0.25  # at most four progress events a second
MOVED = 4096  # rows at once
MANY = 256  # images, from which on a faster copy of the network is worth making
SWITCH = threading.Lock()
FOUND: list[tuple[bool, bool]] = []  # whether fp32 was shortened, by who is in full precision; newest last


@contextlib.contextmanager
def full_precision() -> Iterator[None]:
    """Real fp32: a GPU's TF32 would move probabilities by more than the promised 1e-3.

    It holds for the whole process: of threads that overlap, the last to leave puts back what the first found.
    """
    with SWITCH:
        FOUND.append((torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32))
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        with SWITCH:  # the newest is not always one's own, but it is taken while any other is left
            torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = FOUND.pop()


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

    batch_size: the most images at once; of large ones fewer, so that they take no more memory than usual ones.

    `spoilt` is told the place in `rows` of each image that cannot be decoded; with `tta` the views of that name are averaged.
    `features` is given what the head is given of each batch, in the order of `rows` (`classifier.space.features`).
    Raises Interrupted between two batches when asked to stop.
    """
    model = model.to(device, torch.float32).to(memory_format=torch.channels_last).eval()
    head, layer = head_of(model)
    classes = layer.weight.shape[0]  # also of no image at all
    network = folded(model) if len(rows) >= MANY else model
    pace, done = Pace("testing", len(rows), on_event), 0
    found = torch.empty(len(rows), classes)  # filled batch by batch: of a large split they are gigabytes, and joined at the end were two
    with torch.inference_mode(), full_precision(), inputs_of(network.get_submodule(head)) as caught:
        for batch in eval_batches(pack, rows, image_size, looked_at(batch_size, image_size), spoilt, prepare):
            if should_stop():
                raise Interrupted("Interrupted.")
            images = normalise(batch.to(device), normalisation).contiguous(memory_format=torch.channels_last)
            found[done : done + len(batch)] = viewed(network, images, tta).cpu()
            if features is not None:
                features(seen_by_head(caught))
            caught.clear()
            done += len(batch)
            pace(done)
    return found


def measured(
    model: nn.Module, dataset: Dataset, indices: np.ndarray, *, on_event: OnEvent, **how: Any
) -> tuple[np.ndarray, Tensor, list[str]]:
    """(sample positions, their logits, files left out) of those of the samples at `indices` that can be decoded; `how` as in `logits`."""
    spoilt = Spoilt(dataset, indices, on_event)
    found = logits(model, dataset.pack, dataset.images[indices], on_event=on_event, spoilt=spoilt.positions.add, **how)
    spoilt.tell()
    kept = spoilt.readable()
    return indices[kept], moved_up(found, kept), spoilt.files


def moved_up(values: Tensor, kept: np.ndarray) -> Tensor:
    """The rows [n, C] of values [N, C] that are kept (bool [N]), in the same memory: the others are written over."""
    if kept.all():
        return values
    done = 0
    for start in range(0, len(kept), MOVED):
        some = values[start : start + MOVED][torch.from_numpy(kept[start : start + MOVED])]  # a copy
        values[done : done + len(some)] = some
        done += len(some)
    return values[:done]
