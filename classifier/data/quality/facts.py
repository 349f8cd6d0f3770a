"""What a dataset is like as a whole: how its classes, sizes, shapes and light are spread."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from classifier.data.dataset import Dataset
from classifier.data.quality.looks import Looks, Means
from classifier.data.thumbnails import png
from classifier.spec.packfile import UNLABELLED

BINS = 32
UNEVEN = 10.0  # times as many images in the largest class as in the smallest
WIDEST = 2.0  # of aspects on a logarithmic scale: 4 : 1 and beyond are one bin


def spread(values: np.ndarray, edges: np.ndarray) -> dict[str, Any]:
    """How many values lie in each bin, those beyond in the outermost."""
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return {"edges": [round(float(edge), 4) for edge in edges], "counts": counts.tolist(), "median": round(float(np.median(values)), 4)}


def distributions(dataset: Dataset, looks: Looks, of_sample: np.ndarray) -> dict[str, Any]:
    """The longer side in pixels, width by height, and mean grey of 255, over all samples."""
    index = dataset.pack.index[dataset.images]
    height, width = index["height"].astype(np.float64), index["width"].astype(np.float64)
    longer = np.maximum(height, width)
    low, high = float(longer.min()), float(longer.max())
    aspect = np.log2(width / np.maximum(height, 1))
    of_aspect = spread(aspect, np.linspace(-WIDEST, WIDEST, BINS + 1))
    return {
        "size": spread(longer, np.linspace(low, max(high, low + 1), BINS + 1)),
        "aspect": {
            **of_aspect,
            "edges": [round(2.0**edge, 4) for edge in of_aspect["edges"]],
            "median": round(2.0 ** of_aspect["median"], 4),
        },
        "brightness": spread(looks.looks["brightness"][of_sample].astype(np.float64), np.linspace(0, 255, BINS + 1)),
    }


def imbalance(dataset: Dataset) -> dict[str, Any] | None:
    """The largest and the smallest class by training images; None of a dataset without any. `unlabelled` is no class."""
    numbers = np.bincount(dataset.labels[dataset.indices("train")], minlength=len(dataset.classes))
    labels = np.array([number for number, label in enumerate(dataset.classes) if label != UNLABELLED], np.int64)
    if not numbers[labels].any():
        return None
    largest, smallest = int(labels[numbers[labels].argmax()]), int(labels[numbers[labels].argmin()])
    ratio = float(numbers[largest] / max(1, numbers[smallest]))
    ends = {"largest": [largest, int(numbers[largest])], "smallest": [smallest, int(numbers[smallest])]}
    return {**ends, "ratio": round(ratio, 2), "suspicious": ratio >= UNEVEN}


def mean_images(means: Means) -> list[dict[str, Any]]:
    """A PNG of each class's mean image."""
    return [{"class": label, "png": base64.b64encode(png(pixels)).decode("ascii")} for label, pixels in means.pictures()]
