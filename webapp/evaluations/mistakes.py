"""The worst mistakes of a predictions file, with the rows of their images so that thumbnails can be shown."""

from __future__ import annotations

import heapq
import math
from pathlib import Path
from typing import Any

from classifier.metrics import Prediction, read_predictions
from webapp.datasets.models import DatasetVersion, Sample, Split

MOST = 48


def badness(row: Prediction) -> float:
    """What mistakes are ordered by; a loss that is no number is the worst."""
    return row.loss if math.isfinite(row.loss) else math.inf


def stored(row: Prediction) -> dict[str, Any]:
    """The row as JSON; null where a figure is not finite."""
    return {
        "path": row.path,
        "label": row.label,
        "predicted": row.predicted,
        "probability": row.probability if math.isfinite(row.probability) else None,
        "loss": row.loss if math.isfinite(row.loss) else None,
    }


def worst_mistakes(
    version: DatasetVersion, split: str, predictions_csv: Path, most: int = MOST, *, folds: bool = False
) -> list[dict[str, Any]]:
    """Up to `most` mistakes, highest loss first, each with its sample's position and its image's row in the pack.

    With `folds` an image of the fold may stand in train or in validation of the version.
    """
    wrong = (row for row in read_predictions(predictions_csv) if row.label != row.predicted)
    worst = [stored(row) for row in heapq.nlargest(most, wrong, key=badness)]
    splits = [Split.TRAIN, Split.VALIDATION] if folds and split != "test" else [Split[split.upper()]]
    samples = Sample.objects.filter(version=version, split__in=splits, path__in=[row["path"] for row in worst])
    places = {path: (position, image) for path, position, image in samples.values_list("path", "position", "image")}
    for row in worst:
        row["position"], row["image"] = places.get(row["path"], (None, None))
    return worst
