"""What tells the class without a look at what is shown: a network would learn that in place of the things themselves.

Each is tried by itself: a small decision tree that sees nothing else, cross-validated, its accuracy the mean over the classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TypedDict

import numpy as np

from classifier.data.dataset import Dataset
from classifier.data.part import drawn
from classifier.data.quality.looks import Looks
from classifier.data.quality.steps import Steps
from classifier.spec.quality import SHORTCUTS

MOST_IMAGES = 10_000
FOLDS = 5
LEAVES = 64  # at most, and so many more as there are classes
LIFT = 0.3  # of the way from chance to certainty
LIFT_SEEN = 0.5  # of what belongs to the things too: tomatoes are red to the border
SEEN = frozenset(("brightness", "border"))
SURE = 4.0  # standard errors above chance


class Shortcut(TypedDict):
    """How much of the classes one property tells."""

    by: str
    accuracy: float  # mean of the classes' own
    chance: float
    images: int
    suspicious: bool


def sampled(labels: np.ndarray, most: int) -> np.ndarray:
    """At most about so many positions, the same share of each class, of classes with enough images to be cross-validated."""
    enough = np.bincount(labels)[labels] >= FOLDS
    positions = np.flatnonzero(enough)
    if len(positions) > most:
        positions = drawn(labels, positions, most / len(positions), np.random.default_rng(0))
        positions = positions[np.bincount(labels[positions])[labels[positions]] >= FOLDS]
    return np.sort(positions)


def properties(dataset: Dataset, looks: Looks, of_sample: np.ndarray, positions: np.ndarray) -> dict[str, np.ndarray]:
    """{what: float [N, …]} of these samples."""
    index = dataset.pack.index[dataset.images[positions]]
    height, width = index["height"].astype(np.float64), index["width"].astype(np.float64)
    seen = looks.looks[of_sample[positions]]
    endings = [PurePosixPath(dataset.path(position)).suffix.lower() for position in positions.tolist()]
    codes = {ending: code for code, ending in enumerate(sorted(set(endings)))}
    return {
        "size": np.stack([height, width], 1),
        "aspect": (width / np.maximum(height, 1))[:, None],
        "brightness": np.stack([seen["brightness"], seen["contrast"]], 1),
        "border": seen["border"],
        "ending": np.array([codes[ending] for ending in endings], np.float64)[:, None],
    }


def tried(by: str, values: np.ndarray, labels: np.ndarray) -> Shortcut:
    """How well the values alone tell the labels; chance where they are all the same."""
    classes, numbers = np.unique(labels, return_inverse=True)
    chance = 1 / len(classes)
    found = chance
    if (values != values[0]).any():
        found = cross_validated(values, numbers, len(classes))
    error = (chance * (1 - chance) / len(labels)) ** 0.5
    suspicious = (found - chance) / (1 - chance) >= (LIFT_SEEN if by in SEEN else LIFT) and found - chance >= SURE * error
    return {"by": by, "accuracy": round(found, 4), "chance": round(chance, 4), "images": len(labels), "suspicious": bool(suspicious)}


def cross_validated(values: np.ndarray, labels: np.ndarray, classes: int) -> float:
    """The mean over the classes of how many of their images a tree tells that has not seen them."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_leaf_nodes=LEAVES + classes, min_samples_leaf=2, class_weight="balanced", random_state=0)
    told = cross_val_predict(tree, values, labels, cv=StratifiedKFold(FOLDS, shuffle=True, random_state=0))
    right = np.bincount(labels[told == labels], minlength=classes) / np.bincount(labels, minlength=classes)
    return float(right.mean())


def shortcuts(dataset: Dataset, looks: Looks, of_sample: np.ndarray, steps: Steps) -> Iterator[Shortcut]:
    """Each of SHORTCUTS, the strongest not first; nothing where no two classes have enough images."""
    labelled = np.flatnonzero(~dataset.waiting)  # what nobody has labelled comes from elsewhere, and that alone would tell it
    positions = labelled[sampled(dataset.labels[labelled], MOST_IMAGES)]
    labels = dataset.labels[positions]
    if len(np.unique(labels)) < 2:
        return
    found = properties(dataset, looks, of_sample, positions)
    names: Sequence[str] = SHORTCUTS
    for done, name in enumerate(names, 1):
        yield tried(name, found[name], labels)
        steps.told(done, len(names), "properties")
