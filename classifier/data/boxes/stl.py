"""STL-10's binary files (Coates, Ng and Lee, "An analysis of single-layer networks in unsupervised feature learning", 2011)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from classifier.data.boxes.box import Box
from classifier.data.boxes.idx import as_ppm
from classifier.data.problems import Unreadable

SIDE = 96
PIXELS = 3 * SIDE * SIDE
NAME = re.compile(r"(train|test|unlabeled)_([xy])\.bin")  # images, and labels from 1
NAMES = ("", "airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")


def open_stl(name: str, data: bytes) -> tuple[Box, Iterator[Callable[[], bytes]]]:
    """(what the file says, a reader of each image). The red plane comes first, and each plane column by column."""
    if name.endswith("_y.bin"):
        labels = np.frombuffer(data, np.uint8)
        if not len(labels) or not 1 <= labels.min() <= labels.max() < len(NAMES):
            raise Unreadable("damaged", f"holds no labels of STL-10: expected are bytes of 1 to {len(NAMES) - 1}")
        return Box("stl", labels=labels.tolist()), iter(())
    if not data or len(data) % PIXELS:
        raise Unreadable("truncated", f"is no file of STL-10's: its {len(data):,} bytes are no whole number of images of {PIXELS:,}")
    planes = np.frombuffer(data, np.uint8).reshape(-1, 3, SIDE, SIDE)
    return Box("stl", images=len(planes), names=NAMES), (lambda image=image: as_ppm(image.transpose(2, 1, 0)) for image in planes)
