"""Which validation images excite each filter of a network the most, and where (Zeiler and Fergus, "Visualizing and understanding
convolutional networks", 2014): one pass tells it of all filters of all layers at once.

Of an image counts the strongest value that a filter gives anywhere on it. Layers are those of `classifier.explain.layers`; what gives
tokens without places (windows) counts their strongest, a list of values each of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from classifier.data.augment import normalise
from classifier.data.dataset import Dataset
from classifier.data.load import eval_batches
from classifier.data.spoilt import Spoilt
from classifier.evaluate import samples_of
from classifier.explain.layers import Walk
from classifier.explain.orders import Order, are_patches, channels_first, patches
from classifier.inference import Pace, full_precision
from classifier.metrics import excited
from classifier.metrics.excited import BEST, FILTER, MOST, NOWHERE, About, Excited, Layer
from classifier.metrics.scored import FORGOTTEN
from classifier.probes import some_of
from classifier.run import Run
from classifier.spec.batches import looked_at
from classifier.spec.errors import InputError, Interrupted
from classifier.spec.events import Event, OnEvent, ShouldStop, finite, ignore, never
from classifier.spec.exciting import MOST_IMAGES, SPLIT
from classifier.training.devices import choose_device

BATCH = 32
NO_LAYER = "This network has no layer {name!r} with filters; `layers` lists those that there are."
NO_FILTER = "The layer {name} has the filters 0 to {last}; {number} came."


def as_filters(output: Tensor, order: Order) -> Tensor | None:
    """[N, filters, h, w], or [N, filters] of a layer without places, of what it gave for N images; None of what has no filters."""
    if output.ndim == 4 and order.in_windows:
        return output.amax((1, 2))
    if output.ndim == 4:
        return channels_first(output) if order.is_last else output
    if output.ndim == 3:
        return patches(output) if are_patches(output) else output.amax(1)
    return output if output.ndim == 2 else None


class Kept:
    """Of each filter of one layer the strongest images so far, best first; of equals those that came first."""

    def __init__(self, filters: int, grid: list[int] | None, device: torch.device) -> None:
        self.grid = grid
        self.values = torch.full((MOST, filters), -torch.inf, device=device)
        self.numbers = torch.full((MOST, filters), -1, dtype=torch.int64, device=device)  # of the image, in the order of looking
        self.places = torch.full((MOST, filters), NOWHERE, dtype=torch.int64, device=device)  # on the grid, line by line
        self.sums = torch.zeros(filters, device=device)
        self.counts = torch.zeros(filters, dtype=torch.int64, device=device)
        self.least = torch.full((filters,), torch.inf, device=device)

    def add(self, given: Tensor, numbers: Tensor, usable: Tensor) -> None:
        """What the layer gave for a batch [N, filters, …], whose images go by `numbers` [N]; only the `usable` ones count."""
        values = (given.amax((2, 3)) if given.ndim == 4 else given).float()
        whole = torch.isfinite(values) & usable[:, None]
        self.sums += torch.where(whole, values, 0.0).sum(0)
        self.counts += whole.sum(0)
        self.least = torch.minimum(self.least, values.masked_fill(~whole, torch.inf).amin(0))
        values = values.masked_fill(~whole, -torch.inf)
        changed = (values.amax(0) > self.values[-1]).nonzero().flatten()  # after the first batches these are few
        if len(changed):
            self.merge(values[:, changed], given, numbers, changed)

    def merge(self, values: Tensor, given: Tensor, numbers: Tensor, filters: Tensor) -> None:
        """Values [N, K] of those filters [K], some of them among the strongest."""
        every, order = torch.cat([self.values[:, filters], values]).sort(dim=0, descending=True, stable=True)
        every, order = every[:MOST], order[:MOST]
        is_new = order >= MOST
        image = (order - MOST).clamp_min(0)
        kept = order.clamp_max(MOST - 1)
        places = self.places[:, filters].gather(0, kept)
        if given.ndim == 4:
            column = filters.expand(MOST, -1)
            places[is_new] = given[image[is_new], column[is_new]].flatten(1).argmax(1)
        else:
            places[is_new] = NOWHERE
        self.numbers[:, filters] = torch.where(is_new, numbers[image], self.numbers[:, filters].gather(0, kept))
        self.places[:, filters] = places
        self.values[:, filters] = every

    def told(self, positions: np.ndarray) -> np.ndarray:
        """FILTER of each; `positions` of the samples by the numbers of their images."""
        found = np.zeros(len(self.sums), FILTER)
        found["mean"] = (self.sums / self.counts).cpu().numpy()  # NaN of a filter that gave no number
        found["least"] = self.least.cpu().numpy()
        values, numbers, places = (each.T.cpu().numpy() for each in (self.values, self.numbers, self.places))
        there = np.isfinite(values)
        best = np.full(values.shape, excited.nobody(), BEST)
        best["position"][there] = positions[numbers[there]]
        best["value"][there] = values[there]
        if self.grid is not None:
            best["down"][there], best["across"][there] = np.divmod(places[there], self.grid[1])
        found["best"] = best
        return found


class Strongest(Walk):
    """Keeps of each layer's filters the images that excite them the most, batch by batch."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Kept] = {}  # in the order in which they run
        self.numbers = self.usable = torch.empty(0)

    def look(self, model: nn.Module, images: Tensor, numbers: np.ndarray, usable: np.ndarray) -> None:
        """At a batch [N, 3, S, S] whose images go by `numbers` [N]; those that are not `usable` [N] excite nothing."""
        self.images, self.ran, self.around = len(images), {}, set()
        self.numbers, self.usable = (torch.from_numpy(each).to(images.device) for each in (numbers, usable))
        self.through(model, images)

    def note(self, name: str, module: nn.Module, given: Tensor) -> None:
        filters = as_filters(given, self.order)
        if filters is None:
            return
        called = self.called(name)
        if called not in self.kept:
            self.kept[called] = Kept(filters.shape[1], list(filters.shape[2:]) or None, given.device)
        self.kept[called].add(filters, self.numbers, self.usable)

    def told(self, positions: np.ndarray) -> tuple[np.ndarray, list[Layer]]:
        """(FILTER of all filters, where each layer's stand)."""
        found, layers, start = [np.zeros(0, FILTER)], [], 0
        for name, kept in self.kept.items():
            found.append(kept.told(positions))
            layers.append(Layer(name=name, start=start, filters=len(found[-1]), grid=kept.grid))
            start += len(found[-1])
        return np.concatenate(found), layers


def excite(
    run_folder: Path,
    *,
    out: Path | None = None,
    checkpoint: str = "best",
    raw: bool = False,
    layer: str | None = None,
    filter: int | None = None,
    most: int = MOST_IMAGES,
    device: str = "auto",
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> Event:
    """Looks at a RUN's validation images with one of its checkpoints; gives the `excited` event that ends the command.

    out: the stem of the files to write (`classifier.metrics.excited`). layer and filter: whose images the event tells. raw: the weights
    themselves where an average of them was kept. Raises InputError for what there is not, Interrupted between two batches.
    """
    if out is not None and not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent}; give --out a name in a folder that is there.")
    run = Run.open(run_folder)
    dataset = run.as_seen(Dataset.open(run.dataset_folder))
    every = samples_of(dataset, SPLIT)
    indices = some_of(dataset, every, most)
    model, epoch = run.load_model(checkpoint, raw=raw)
    if layer is not None:
        check(model, run.eval_size, layer, filter or 0)
    spoilt = Spoilt(dataset, indices, on_event)
    strongest = looked(run, model, dataset, indices, spoilt, device=device, on_event=on_event, should_stop=should_stop)
    spoilt.tell()
    filters, layers = strongest.told(indices)
    images, side, resize = int(spoilt.readable().sum()), run.eval_size, run.config.resize
    about = About(layers=layers, split=SPLIT, images=images, of=len(every), side=side, resize=resize)
    if out is not None:
        excited.write(out, filters, about)
    told: dict[str, Any] = {"event": "excited", "split": SPLIT, "images": about["images"], "of": about["of"]}
    told |= {"layers": len(layers), "filters": len(filters), "epoch": epoch, "checkpoint": run.entry(checkpoint)["sha256"], "raw": raw}
    return told | ({} if layer is None else one(Excited(filters, about), dataset, layer, filter or 0))


def looked(
    run: Run,
    model: nn.Module,
    dataset: Dataset,
    indices: np.ndarray,
    spoilt: Spoilt,
    *,
    device: str,
    on_event: OnEvent,
    should_stop: ShouldStop,
) -> Strongest:
    """After one pass over the samples at `indices`. The layers stay as they are, since each of them is asked about."""
    where = choose_device(device)
    model = model.to(where, torch.float32).to(memory_format=torch.channels_last).eval()
    strongest, pace, done = Strongest(), Pace("looking", len(indices), on_event), 0
    size = looked_at(BATCH, run.eval_size)
    with full_precision():
        for batch in eval_batches(dataset.pack, dataset.images[indices], run.eval_size, size, spoilt.positions.add, run.prepare):
            if should_stop():
                raise Interrupted("Interrupted; nothing was kept.")
            numbers = np.arange(done, done + len(batch))
            images = normalise(batch.to(where), run.normalisation).contiguous(memory_format=torch.channels_last)
            strongest.look(model, images, numbers, spoilt.readable()[numbers])
            done += len(batch)
            pace(done)
    return strongest


def check(model: nn.Module, side: int, name: str, number: int) -> None:
    """InputError for a filter that there is not, before all images are looked at for it."""
    strongest, first = Strongest(), np.zeros(1, np.int64)
    strongest.look(model, torch.zeros(1, 3, side, side), first, first == 0)
    layer = next((kept for called, kept in strongest.kept.items() if called == name), None)
    if layer is None:
        raise InputError(NO_LAYER.format(name=name[:80]))
    if not 0 <= number < len(layer.sums):
        raise InputError(NO_FILTER.format(name=name, last=len(layer.sums) - 1, number=number))


def one(found: Excited, dataset: Dataset, name: str, number: int) -> dict[str, Any]:
    """What a terminal is told of one filter."""
    layer = next(each for each in found.about["layers"] if each["name"] == name)
    told = found.filter(layer, number)
    best = [
        {"position": int(each["position"]), "path": dataset.path(int(each["position"])), "value": float(each["value"])}
        | ({} if layer["grid"] is None else {"down": int(each["down"]), "across": int(each["across"])})
        for each in told["best"]
        if each["position"] != FORGOTTEN
    ]
    about = {"layer": name, "filter": number, "grid": layer["grid"], "mean": float(told["mean"]), "least": float(told["least"])}
    told_of: dict[str, Any] = finite(about | {"best": best})
    return told_of
