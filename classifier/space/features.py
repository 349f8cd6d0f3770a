"""What a network's head is given of images, gathered while they are looked at anyway, and kept beside their predictions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from classifier.metrics import embedding
from classifier.metrics.scored import Scored, path_of, read_scored
from classifier.space.basis import Directions, directions
from classifier.spec.events import SPLITS

OnFeatures: TypeAlias = Callable[[Tensor], None]  # float32 [n, D] of a batch, on the processor

MOST_BYTES = 1 << 28  # that the features of its points may take while they are gathered
FIT = 10_000  # of them tell the directions
LARGEST = 1e9  # of a feature: sums of squares of much larger ones are no numbers any more


def seen_by_head(caught: list[Tensor]) -> Tensor:
    """float32 [n, D] of what the head was given of a batch, view by view; where it was maps, of their means over all places."""
    views = [given.flatten(2).mean(2) if given.ndim > 2 else given for given in caught]
    return torch.stack(views).mean(0).float().cpu()


def held(values: Tensor) -> Tensor:
    """The features of a network that has gone astray, too, as numbers that can be reckoned with."""
    return torch.nan_to_num(values).clamp(-LARGEST, LARGEST)


class Gathered:
    """The features of images that come batch by batch, in order: of many a part that was chosen at random."""

    def __init__(self, images: int) -> None:
        self.images, self.done = images, 0
        self.rows = np.empty(0, np.int64)  # which of the images are kept
        self.values = torch.empty((0, 0))

    def __call__(self, batch: Tensor) -> None:
        if not self.done:
            wide = batch.shape[1]
            self.rows = embedding.some_of(self.images, max(1, min(embedding.MOST_POINTS, MOST_BYTES // (4 * wide))))
            self.values = torch.zeros((len(self.rows), wide))
        start, end = np.searchsorted(self.rows, (self.done, self.done + len(batch)))
        self.values[start:end] = batch[torch.from_numpy(self.rows[start:end] - self.done)]
        self.done += len(batch)


def fitted(values: Tensor) -> Directions:
    """The directions of features, by a part of them where they are many."""
    return directions(values[torch.from_numpy(embedding.some_of(len(values), FIT))])


def basis_of(found: Directions, images: int) -> embedding.Basis:
    """For the file."""
    shares = found.shares.numpy().astype(np.float32)
    return embedding.Basis(found.mean.numpy(), found.directions.numpy().astype(np.float32), found.scale, shares, images)


def points_of(rows: Scored, numbers: np.ndarray, split: str) -> np.ndarray:
    """POINT of those rows of the predictions."""
    points = np.zeros(len(numbers), embedding.POINT)
    points["row"], points["split"] = numbers, SPLITS.index(split)
    for name in ("position", "label", "predicted", "probability"):
        points[name] = np.nan_to_num(rows[name][numbers])  # a map has no word for what is no number
    return points


def keep_beside(predictions_csv: Path, gathered: Gathered, asked: np.ndarray, kept: np.ndarray, split: str) -> None:
    """Writes the places of evaluated images beside their predictions; `asked` for were these samples, of which some were not `kept`."""
    stem = stem_of(predictions_csv)
    embedding.remove(stem)
    rows = read_scored(path_of(predictions_csv))
    here = np.isin(asked[gathered.rows], kept)
    if rows is None or not here.any():
        return
    values = held(gathered.values[torch.from_numpy(here)])
    found = fitted(values)
    numbers = np.searchsorted(kept, asked[gathered.rows[here]])
    embedding.write(stem, points_of(rows, numbers, split), found.project(values).numpy(), basis_of(found, len(kept)))


def stem_of(predictions_csv: Path) -> Path:
    """Of the files beside a predictions file."""
    return predictions_csv.with_suffix("")
