"""Every image that a RUN learnt from, judged itself by and was measured on, in the network's own space: for maps and for neighbours.

Images of the test split are looked at only where the evaluation that the map belongs to is of that split.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

from classifier import metrics
from classifier.data.dataset import Dataset
from classifier.data.spoilt import Spoilt
from classifier.evaluate import NO_VIEWS, Pace, labels_in, logits, predictions_name, samples_of, views_of
from classifier.metrics import embedding
from classifier.metrics.scored import path_of, read_scored
from classifier.run import Run
from classifier.space.basis import directions
from classifier.space.features import FIT, basis_of, held
from classifier.space.tsne import ITERATIONS, tsne
from classifier.spec.errors import InputError
from classifier.spec.events import SPLITS, Event, OnEvent, ShouldStop, Split, ignore, never
from classifier.spec.faults import fault
from classifier.training.devices import choose_device

CHUNK_IMAGES = 4096
MOST_ARRANGED = 20_000  # points of the t-SNE
LOOKED, ARRANGED = 0.75, 0.25  # shares of the progress bar


class Part(NamedTuple):
    """A split whose images are looked at."""

    dataset: Dataset
    split: Split
    other: bool  # of another dataset than was learnt from
    indices: np.ndarray


def parts_of(run: Run, split: str, data: Path | None) -> list[Part]:
    """Train and validation of what was learnt from, and the evaluated split; those that are not empty, train first."""
    own = run.as_seen(Dataset.open(run.dataset_folder))
    target = run.as_seen(Dataset.open(data)) if data else own
    samples_of(target, split)  # refuses a wrong name and an empty split
    other = target.id != own.id
    wanted: list[tuple[Dataset, Split, bool]] = [(own, "train", False), (own, "validation", False)]
    if other or split not in ("train", "validation"):
        wanted.append((target, cast(Split, split), other))
    return [Part(*one, indices) for one in wanted if len(indices := one[0].indices(one[1]))]


class Looking:
    """Features and best classes of all images of some parts, one after the other."""

    def __init__(
        self, run: Run, parts: list[Part], checkpoint: str, device: str, on_event: OnEvent, should_stop: ShouldStop, *, raw: bool = False
    ) -> None:
        self.run, self.parts, self.on_event, self.should_stop = run, parts, on_event, should_stop
        self.model, self.epoch = run.load_model(checkpoint, raw=raw)
        views = views_of(run, None)
        self.how: dict[str, Any] = {"image_size": run.eval_size, "normalisation": run.normalisation, "prepare": run.prepare}
        self.how |= {"device": choose_device(device), "tta": None if views == NO_VIEWS else views}
        self.starts = np.cumsum([0, *(len(part.indices) for part in parts)])
        self.points = np.concatenate([blank(part, run.classes) for part in parts])
        self.readable = np.ones(len(self.points), bool)
        self.spoilt = [Spoilt(part.dataset, part.indices, on_event) for part in parts]  # how many are too many is a share of the split
        self.pace = Pace("looking", len(self.points), lambda event: on_event(event | {"fraction": LOOKED * event["fraction"]}))
        self.done = 0

    def chunks(self, places: np.ndarray) -> Iterator[tuple[np.ndarray, Tensor]]:
        """(places among all, their features) of some places, which rise."""
        for number, part in enumerate(self.parts):
            low, high = self.starts[number], self.starts[number + 1]
            inside = places[(places >= low) & (places < high)]
            for at in range(0, len(inside), CHUNK_IMAGES):
                some = inside[at : at + CHUNK_IMAGES]
                yield some, self.look(part, self.spoilt[number], some, some - low)

    def look(self, part: Part, spoilt: Spoilt, places: np.ndarray, within: np.ndarray) -> Tensor:
        """float32 [n, D]; notes what the network says of them, and which cannot be read."""
        indices, found = part.indices[within], list[Tensor]()
        said = logits(
            self.model, part.dataset.pack, part.dataset.images[indices], spoilt=lambda at: spoilt.positions.add(int(within[at])),
            on_event=self.tell, should_stop=self.should_stop, features=found.append, **self.how,
        ).numpy()  # fmt: skip
        spoilt.tell()
        self.readable[places] = spoilt.readable()[within]
        best = said.argmax(1)
        self.points["predicted"][places] = best
        self.points["probability"][places] = np.nan_to_num(metrics.softmax(said)[np.arange(len(best)), best])
        self.done += len(places)
        return held(torch.cat(found))

    def tell(self, event: Event) -> None:
        """The progress of a chunk as that of the whole."""
        if event["event"] != "progress":
            self.on_event(event)
            return
        self.pace(self.done + event["done"])


def blank(part: Part, classes: list[str]) -> np.ndarray:
    """POINT of a part before it is looked at."""
    points = np.zeros(len(part.indices), embedding.POINT)
    points["position"], points["row"] = part.indices, embedding.NO_ROW
    points["split"], points["other"] = SPLITS.index(part.split), part.other
    points["label"] = labels_in(part.dataset, part.indices, classes)
    return points


def looked_at(looking: Looking) -> tuple[np.ndarray, embedding.Basis]:
    """(values [N, K] of all places, the basis): a part is looked at first, by which the directions are found."""
    count = len(looking.points)
    first = embedding.some_of(count, FIT)
    seen = list(looking.chunks(first))
    features = torch.cat([found for _, found in seen])
    found = directions(features[torch.from_numpy(looking.readable[first])])
    values = np.zeros((count, found.directions.shape[1]), np.float32)
    values[first] = kept(found.project(features))
    for places, more in looking.chunks(np.setdiff1d(np.arange(count), first, assume_unique=True)):
        values[places] = kept(found.project(more))
    return values, basis_of(found, int(looking.readable.sum()))


def kept(values: Tensor) -> np.ndarray:
    """As they are kept."""
    return values.clamp(-embedding.FITS, embedding.FITS).numpy()


def joined(points: np.ndarray, predictions_csv: Path | None, split: str, other: bool) -> None:
    """Puts what the evaluation says of its images in place of what was seen now, with its rows; they may be seen from several views."""
    rows = None if predictions_csv is None else read_scored(path_of(predictions_csv))
    if rows is None:
        return
    mine = np.flatnonzero((points["split"] == SPLITS.index(split)) & (points["other"] == other))
    order = np.argsort(rows["position"], kind="stable")
    place = np.searchsorted(rows["position"][order], points["position"][mine]).clip(max=max(0, len(rows) - 1))
    row = order[place] if len(rows) else place
    there = rows["position"][row] == points["position"][mine] if len(rows) else np.zeros(0, bool)
    mine, row = mine[there], row[there]
    points["row"][mine] = row
    for name in ("label", "predicted", "probability"):
        points[name][mine] = np.nan_to_num(rows[name][row])


def arranged(points: np.ndarray, values: np.ndarray, device: Any, on_event: OnEvent, should_stop: ShouldStop) -> np.ndarray:
    """LAYOUT of at most so many points: of the evaluated ones half of them, the others as they come."""
    chosen = embedding.shown(points, MOST_ARRANGED)
    later = {"unit": "steps"}
    pace = Pace("arranging", ITERATIONS, lambda event: on_event(event | later | {"fraction": LOOKED + ARRANGED * event["fraction"]}))
    near = torch.from_numpy(values[chosen]).to(device)
    places = tsne(near, told=pace, should_stop=should_stop).cpu().numpy()
    layout = np.zeros(len(chosen), embedding.LAYOUT)
    layout["point"], layout["x"], layout["y"] = chosen, places[:, 0], places[:, 1]
    return layout


def embed(
    run_folder: Path,
    out: Path,
    *,
    split: str = "test",
    checkpoint: str = "best",
    data: Path | None = None,
    predictions: Path | None = None,
    raw: bool = False,
    device: str = "auto",
    on_event: OnEvent = ignore,
    should_stop: ShouldStop = never,
) -> Event:
    """Writes OUT.points.npy and the files beside it (`classifier.metrics.embedding`); gives the `mapped` event that ends the command.

    predictions: of the evaluation that is shown; None: the one that `evaluate` wrote, where there is one. raw: the weights themselves where
    an average of them was kept; nothing predicts with those, so that the event names no checkpoint. Raises InputError for what does not
    fit together.
    """
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent}; give --out a name in a folder that is there.")
    run = Run.open(run_folder)
    parts = parts_of(run, split, data)
    target = next((part for part in parts if part.other), parts[-1]).dataset
    predictions = predictions or run_folder / predictions_name(run, target, split, checkpoint, views_of(run, None), raw=raw)
    looking = Looking(run, parts, checkpoint, device, on_event, should_stop, raw=raw)
    message = f"Looking at {len(looking.points):,} images: " + ", ".join(f"{len(p.indices):,} {p.split}" for p in parts)
    on_event({"event": "stage", "stage": "looking", "message": message})
    values, basis = looked_at(looking)
    points, values = looking.points[looking.readable], values[looking.readable]
    joined(points, predictions, split, any(part.other for part in parts))
    embedding.write(out, points, values, basis)
    on_event({"event": "stage", "stage": "arranging", "message": f"Arranging {min(len(points), MOST_ARRANGED):,} points by t-SNE"})
    layout = arranged(points, values, looking.how["device"], on_event, should_stop)
    fault("space_arranged")
    embedding.write_layout(out, layout)
    counts = {"evaluated" if part.other else part.split: len(part.indices) for part in parts}
    return {"event": "mapped", "points": len(points), "arranged": len(layout), "images": counts, "epoch": looking.epoch,
            "checkpoint": "" if raw else run.entry(checkpoint)["sha256"], "file": str(out)}  # fmt: skip
