"""What of a version a training learns: every class but that of images which nobody has labelled yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from classifier.spec.packfile import UNLABELLED
from webapp.datasets.models import DatasetVersion
from webapp.datasets.queries import SPLIT_NAMES


def learnt_classes(version: DatasetVersion, rows: int | None = None) -> list[dict[str, Any]]:
    """The entries of the classes that a network tells apart, in its order. `rows`: of a matrix that is there already, for trainings of
    earlier days learnt the unlabelled ones as a class too."""
    every: list[dict[str, Any]] = version.classes
    if len(every) < 2 or rows == len(every):
        return every
    return [entry for entry in every if entry["label"] != UNLABELLED]


def learnt_counts(version: DatasetVersion) -> dict[str, int]:
    """{split: images} of them, from the stored aggregates."""
    classes = learnt_classes(version)
    return {name: sum(entry[name] for entry in classes) for name in SPLIT_NAMES}


def left_unlabelled(version: DatasetVersion) -> int:
    """How many images a training leaves out since nobody has labelled them."""
    return sum(images(entry) for entry in version.classes if entry["label"] == UNLABELLED)


def images(entry: Mapping[str, Any]) -> int:
    return sum(int(entry[name]) for name in SPLIT_NAMES)
