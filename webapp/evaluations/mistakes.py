"""The worst mistakes of a predictions file, with the rows of their images so that thumbnails can be shown."""

from __future__ import annotations

import csv
import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from webapp.datasets.models import DatasetVersion, Sample, Split

MOST = 48
FORMULA = ("=", "+", "-", "@")  # a cell that begins so is written with a ' in front


def plain(cell: str) -> str:
    """The cell's text without the mark that keeps spreadsheets from running it."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in FORMULA else cell


def mistakes(predictions_csv: Path) -> Iterator[dict[str, Any]]:
    """Each wrong row of predictions-<split>.csv."""
    with predictions_csv.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["label"] != row["predicted"]:
                yield {
                    "path": plain(row["path"]),
                    "label": plain(row["label"]),
                    "predicted": plain(row["predicted"]),
                    "probability": float(row["probability"]),
                    "loss": float(row["loss"]) if row["loss"] else None,
                }


def worst_mistakes(version: DatasetVersion, split: str, predictions_csv: Path, most: int = MOST) -> list[dict[str, Any]]:
    """Up to `most` mistakes, highest loss first, each with its sample's position and its image's row in the pack."""
    worst = heapq.nlargest(most, mistakes(predictions_csv), key=lambda row: row["loss"] or 0.0)
    samples = Sample.objects.filter(version=version, split=Split[split.upper()], path__in=[row["path"] for row in worst])
    places = {path: (position, image) for path, position, image in samples.values_list("path", "position", "image")}
    for row in worst:
        row["position"], row["image"] = places.get(row["path"], (None, None))
    return worst
