"""CIFAR-10's and CIFAR-100's python and binary batches (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from classifier.data.boxes.box import Box
from classifier.data.boxes.idx import as_ppm
from classifier.data.boxes.pickles import read_batch, text_of
from classifier.data.problems import Unreadable

SIDE = 32
PIXELS = 3 * SIDE * SIDE
Readers = Iterator[Callable[[], bytes]]


def is_pickle(data: bytes) -> bool:
    """Whether a file begins as pickles do: by their protocol, or as the older ones with a dictionary."""
    return data[:1] == b"\x80" or data[:3] == b"(dp" or data[:2] == b"}q"


def readers(planes: np.ndarray) -> Readers:
    """A reader for each image of uint8 [N, 3072]: the red plane, the green one, the blue one."""
    return (lambda row=row: as_ppm(row.reshape(3, SIDE, SIDE).transpose(1, 2, 0)) for row in planes)  # type: ignore[misc]


def open_pickle(data: bytes) -> tuple[Box, Readers]:
    """A python batch, or the list of its names."""
    found = read_batch(data)
    names, coarse = (words(found.get(key)) for key in ("fine_label_names", "coarse_label_names"))
    names = names or words(found.get("label_names"))
    if names:
        return Box("cifar", names=names, coarse_names=coarse), iter(())
    planes, labels = found.get("data"), numbers(found.get("fine_labels", found.get("labels")))
    if not isinstance(planes, np.ndarray) or planes.ndim != 2 or planes.shape[1] != PIXELS or len(labels) != len(planes):
        raise Unreadable("pickle", f"is a pickle, but no CIFAR batch: expected are rows of {PIXELS:,} bytes, with a label for each")
    return Box("cifar", len(planes), labels, numbers(found.get("coarse_labels"))), readers(planes)


def words(value: Any) -> tuple[str, ...]:
    return tuple(text_of(word) for word in value) if isinstance(value, list) else ()


def numbers(value: Any) -> Sequence[int]:
    return value if isinstance(value, list) and all(isinstance(number, int) and number >= 0 for number in value) else ()


def open_binary(path: str, data: bytes) -> tuple[Box, Readers]:
    """A binary batch: rows of one label (CIFAR-10) or two (CIFAR-100: coarse, fine) and the pixels."""
    hundred = PurePosixPath(path).stem in ("train", "test")
    width = PIXELS + (2 if hundred else 1)
    if not data or len(data) % width:
        raise Unreadable("unknown_ending", f"is no CIFAR batch: its {len(data):,} bytes are no whole number of rows of {width:,}")
    rows = np.frombuffer(data, np.uint8).reshape(-1, width)
    labels = rows[:, width - PIXELS - 1].tolist()
    return Box("cifar", len(rows), labels, rows[:, 0].tolist() if hundred else ()), readers(rows[:, width - PIXELS :])


def open_names(path: str, data: bytes) -> Box:
    """The names that stand beside binary batches, one a line."""
    lines = tuple(line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip())
    return Box("cifar", coarse_names=lines) if "coarse" in path else Box("cifar", names=lines)
