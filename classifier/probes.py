"""What a network still tells when parts of its images are hidden: whether it looks at the things, or at what surrounds them.

A network that names most images by their border alone has learnt a shortcut (Geirhos et al., "Shortcut learning in deep neural
networks", 2020; Xiao et al., "Noise or signal: the role of image backgrounds in object recognition", 2021). All probes are of the
same images, drawn evenly over the classes, and one pass tells them all: an image is decoded once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from classifier.data.augment import normalise
from classifier.data.augment.colour import GREY_WEIGHTS
from classifier.data.augment.filters import blur
from classifier.data.dataset import Dataset
from classifier.data.load import eval_batches
from classifier.data.part import drawn
from classifier.data.spoilt import Spoilt
from classifier.evaluate import labels_in, samples_of
from classifier.inference import MANY, Pace, full_precision
from classifier.models.folding import folded
from classifier.run import Run
from classifier.spec.batches import looked_at
from classifier.spec.errors import Interrupted
from classifier.spec.events import Event, OnEvent, ShouldStop, ignore, never
from classifier.spec.probes import MOST_IMAGES, NAMES
from classifier.training.devices import choose_device

MIDDLE = 0.5**0.5  # of each side: half of the area
BLUR = 1 / 8  # of the side: the deviation that leaves colours alone
FIELDS = 8  # a side, of which half are masked
TILES = 4  # a side, that change places
BATCH = 64

Change = Callable[[Tensor, Tensor, np.ndarray], Tensor]  # (uint8 [N, 3, S, S], the colour that hides [3, 1, 1], positions [N])


def middle(side: int) -> slice:
    """The pixels of the middle along one side."""
    kept = max(1, round(side * MIDDLE))
    start = (side - kept) // 2
    return slice(start, start + kept)


def border(images: Tensor, hidden: Tensor, _: np.ndarray) -> Tensor:
    found, inside = images.clone(), middle(images.shape[3])
    found[:, :, inside, inside] = hidden
    return found


def centre(images: Tensor, hidden: Tensor, _: np.ndarray) -> Tensor:
    found, inside = hidden.expand(images.shape).clone(), middle(images.shape[3])
    found[:, :, inside, inside] = images[:, :, inside, inside]
    return found


def blurred(images: Tensor, _: Tensor, __: np.ndarray) -> Tensor:
    """As a whole, so that what stands around the middle runs into it; then the middle alone is put back."""
    found, inside = images.clone(), middle(images.shape[3])
    sigma = max(1.0, images.shape[3] * BLUR)
    soft = blur(images, torch.tensor([sigma]), round(3 * sigma))
    found[:, :, inside, inside] = soft[:, :, inside, inside].round().clamp(0, 255).to(torch.uint8)
    return found


def masked(images: Tensor, hidden: Tensor, positions: np.ndarray) -> Tensor:
    """Which fields is a function of the image's position alone."""
    side = images.shape[3]
    fields = np.stack([np.random.default_rng([1, int(at)]).permutation(FIELDS * FIELDS) < FIELDS * FIELDS // 2 for at in positions])
    place = torch.arange(side) * FIELDS // side  # of each pixel, the field it is in
    mask = torch.from_numpy(fields.reshape(-1, 1, FIELDS, FIELDS))[:, :, place][:, :, :, place].to(images.device)
    return torch.where(mask, hidden, images)


def grey(images: Tensor, _: Tensor, __: np.ndarray) -> Tensor:
    """As `greyed`, a batch at once."""
    weights = torch.tensor(GREY_WEIGHTS, device=images.device).view(3, 1, 1)
    return (images * weights).sum(1, keepdim=True).round().to(torch.uint8).expand_as(images)


def shuffled(images: Tensor, _: Tensor, positions: np.ndarray) -> Tensor:
    """A rest that is no whole field stays where it is."""
    field = images.shape[3] // TILES
    if not field:
        return images
    whole, found = field * TILES, images.clone()
    cut = images[:, :, :whole, :whole].unfold(2, field, field).unfold(3, field, field)  # [N, 3, T, T, F, F]
    cut = cut.reshape(len(images), 3, TILES * TILES, field, field)
    orders = np.stack([np.random.default_rng([2, int(at)]).permutation(TILES * TILES) for at in positions])
    order = torch.from_numpy(orders).to(images.device)[:, None, :, None, None].expand(cut.shape)
    moved = cut.gather(2, order).view(len(images), 3, TILES, TILES, field, field)
    found[:, :, :whole, :whole] = moved.permute(0, 1, 2, 4, 3, 5).reshape(len(images), 3, whole, whole)
    return found


CHANGES: dict[str, Change] = {
    "border": border,
    "blurred": blurred,
    "centre": centre,
    "masked": masked,
    "grey": grey,
    "shuffled": shuffled,
}
assert tuple(CHANGES) == NAMES


def probe(
    run_folder: Path,
    *,
    split: str = "test",
    checkpoint: str = "best",
    data: Path | None = None,
    raw: bool = False,
    most: int = MOST_IMAGES,
    device: str = "auto",
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> Event:
    """Measures a RUN's checkpoint on changed images of one split; gives the `probed` event that ends the command.

    No views are averaged. `raw`: the weights themselves where an average of them was kept. Raises InputError for what does not fit
    together, Interrupted between two batches when asked to stop.
    """
    run = Run.open(run_folder)
    dataset = run.as_seen(Dataset.open(data or run.dataset_folder))
    every = samples_of(dataset, split)
    labels_in(dataset, every, run.classes)  # refuses what the network does not know, before any work
    indices = some_of(dataset, every, most)
    model, epoch = run.load_model(checkpoint, raw=raw)
    spoilt = Spoilt(dataset, indices, on_event)
    said = predicted(run, model, dataset, indices, spoilt, device=device, on_event=on_event, should_stop=should_stop)
    spoilt.tell()
    kept = spoilt.readable()
    labels = labels_in(dataset, indices, run.classes)[kept]
    about = {"event": "probed", "split": split, "checkpoint": checkpoint, "epoch": epoch, "of": len(every)}
    return about | counted(labels, {name: places[kept] for name, places in said.items()}, run.classes)


def some_of(dataset: Dataset, indices: np.ndarray, most: int) -> np.ndarray:
    """At most about so many, the same share of each class; in order."""
    if len(indices) <= most:
        return indices
    return np.sort(drawn(dataset.labels, indices, most / len(indices), np.random.default_rng(0)))


def predicted(
    run: Run,
    model: nn.Module,
    dataset: Dataset,
    indices: np.ndarray,
    spoilt: Spoilt,
    *,
    device: str,
    on_event: OnEvent,
    should_stop: ShouldStop,
) -> dict[str, np.ndarray]:
    """{"plain" and each probe: the class that was named [N]}."""
    where = choose_device(device)
    model = model.to(where, torch.float32).to(memory_format=torch.channels_last).eval()
    network = folded(model) if len(indices) * (1 + len(NAMES)) >= MANY else model
    hidden = torch.tensor(run.normalisation[0]).mul(255).round().to(torch.uint8).to(where)[:, None, None]
    said: dict[str, list[np.ndarray]] = {name: [np.empty(0, np.int64)] for name in ("plain", *NAMES)}
    pace, done, size = Pace("probing", len(indices), on_event), 0, looked_at(BATCH, run.eval_size)
    with torch.inference_mode(), full_precision():
        for batch in eval_batches(dataset.pack, dataset.images[indices], run.eval_size, size, spoilt.positions.add, run.prepare):
            images = batch.to(where)
            for name, shown in views(images, hidden, indices[done : done + len(batch)]):
                if should_stop():
                    raise Interrupted("Interrupted; nothing was kept.")
                ready = normalise(shown, run.normalisation).contiguous(memory_format=torch.channels_last)
                said[name].append(network(ready).argmax(1).cpu().numpy())
            done += len(batch)
            pace(done)
    return {name: np.concatenate(parts) for name, parts in said.items()}


def views(images: Tensor, hidden: Tensor, positions: np.ndarray) -> Iterator[tuple[str, Tensor]]:
    """The images [N, 3, S, S] as they are, then by each probe."""
    yield "plain", images
    for name, change in CHANGES.items():
        yield name, change(images, hidden, positions)


def counted(labels: np.ndarray, said: dict[str, np.ndarray], classes: list[str]) -> dict[str, Any]:
    """Right ones in all and of each class, and how many were named as without the probe."""
    numbers = np.bincount(labels, minlength=len(classes))
    right = {name: np.bincount(labels[places == labels], minlength=len(classes)) for name, places in said.items()}
    probes = [
        {
            "probe": name,
            "right": int(right[name].sum()),
            "same": int((said[name] == said["plain"]).sum()),
            "per_class": right[name].tolist(),
        }
        for name in NAMES
    ]
    return {
        "n": len(labels),
        "commonest": float(numbers.max() / max(1, len(labels))),
        "right": int(right["plain"].sum()),
        "classes": classes,
        "images": numbers.tolist(),
        "per_class": right["plain"].tolist(),
        "probes": probes,
    }
