"""Stored predictions, one CSV row an image: path,label,predicted,probability,loss, then the five best.

A text cell that a spreadsheet would run as a formula gets a quote mark before it; `read_predictions` takes it off again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from classifier.metrics.probabilities import cross_entropy, softmax, top_k
from classifier.metrics.whole import put

BEST = 5
HEADER = ["path", "label", "predicted", "probability", "loss"] + [
    f"top{i}_{part}" for i in range(1, BEST + 1) for part in ("label", "probability")
]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CHUNK_ROWS = 4096


class Prediction(NamedTuple):
    """What a network said of one image."""

    path: str  # inside SOURCE
    label: str  # the true one
    predicted: str
    probability: float  # of the predicted label
    loss: float  # cross-entropy in nats
    top: list[tuple[str, float]]  # the five best, best first; fewer with fewer classes


def quoted(text: str) -> str:
    """The text, safe to open in a spreadsheet."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def unquoted(cell: str) -> str:
    """What `quoted` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS) else cell


def predictions(paths: Iterable[str], labels: ArrayLike, logits: ArrayLike, classes: Sequence[str]) -> Iterator[Prediction]:
    """The rows of paths [N], true labels [N] and logits [N, C]."""
    true, values, names = np.asarray(labels, np.int64), np.asarray(logits), iter(paths)
    for start in range(0, len(true), CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        best, odds, losses = top_k(values[rows], min(BEST, len(classes))), softmax(values[rows]), cross_entropy(values[rows], true[rows])
        for i, label in enumerate(true[rows].tolist()):
            top = [(classes[j], float(odds[i, j])) for j in best[i].tolist()]
            yield Prediction(next(names), classes[label], top[0][0], top[0][1], float(losses[i]), top)


def cells(row: Prediction) -> list[str]:
    """A row's cells, without the columns of places that few classes leave empty."""
    texts = [quoted(row.path), quoted(row.label), quoted(row.predicted), f"{row.probability:.7g}", f"{row.loss:.7g}"]
    for label, probability in row.top:
        texts += [quoted(label), f"{probability:.7g}"]
    return texts + [""] * (len(HEADER) - len(texts))


def write_rows(path: Path, rows: Iterable[Prediction]) -> None:
    """Writes the file whole or not at all, on disk for good."""

    def save(file: IO[bytes]) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        writer = csv.writer(text)
        writer.writerow(HEADER)
        writer.writerows(map(cells, rows))
        text.detach()  # flushed; who opened the file closes it

    put(path, save)


def prediction(row: dict[str, str]) -> Prediction:
    """A row read back."""
    pairs = [(unquoted(row[f"top{i}_label"]), row[f"top{i}_probability"]) for i in range(1, BEST + 1)]
    top = [(label, float(odds)) for label, odds in pairs if odds]
    path, label, predicted = (unquoted(row[name]) for name in ("path", "label", "predicted"))
    return Prediction(path, label, predicted, float(row["probability"]), float(row["loss"]), top)


def read_predictions(path: Path) -> Iterator[Prediction]:
    """The rows of a file that `write_rows` wrote, one by one."""
    with path.open(newline="", encoding="utf-8") as file:
        yield from map(prediction, csv.DictReader(file))
