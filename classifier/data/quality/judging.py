"""Likely label errors: what a simple classifier says that has not seen the image, on features of a network that knows the world.

The features are those of the bundled EfficientNet-Lite0, reduced to their main directions; the classifier is logistic regression,
cross-validated over the whole dataset, what belongs together in one fold; which labels to doubt is confident learning's say
(Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels", 2021) as cleanlab has it.
"""

from __future__ import annotations

import logging
import warnings
from typing import NamedTuple, TypedDict

import numpy as np
import torch

from classifier.data.augment import normalise
from classifier.data.dataset import Dataset
from classifier.data.load import decode_threads, in_threads
from classifier.data.quality import apart
from classifier.data.quality.finding import Findings
from classifier.data.quality.looks import Thumbs, shrunk
from classifier.data.quality.shortcuts import FOLDS, sampled
from classifier.data.quality.steps import Steps
from classifier.space.basis import directions
from classifier.spec.errors import ConfigError

MODEL = "efficientnet_lite0"
MOST_IMAGES = 20_000  # looked at by the network: a part of a larger dataset
SIDE, SMALL_SIDE = 128, 64  # pixels; a thumbnail has 192 at most
BATCH = 64
HELD = 0.01  # how freely the classifier may follow its features (1 / L2): of 0.001 to 0.3 what told most of 5 % swapped labels of groceries
LEAST_IMAGES = 20
LEAST_LIFT = 0.6  # of the way from always naming the commonest class to certainty: whoever knows less has no say about labels


class Judged(TypedDict):
    """By what labels were doubted."""

    images: int
    of: int  # that have a label: a part of a large dataset is judged
    accuracy: float | None  # of the classifier, on images that it had not seen
    reason: str  # why nothing was doubted; empty where it was


class Sure(NamedTuple):
    """Of some samples the chance that a classifier gives to their label which has not seen them."""

    positions: np.ndarray
    chances: np.ndarray


NOT_JUDGED = Sure(np.empty(0, np.int64), np.empty(0))


def label_errors(dataset: Dataset, belongs: np.ndarray, steps: Steps) -> tuple[Findings, Judged, Sure]:
    """The samples whose label the classifier contradicts surely enough, with the class it names; and how sure it is of each.

    belongs: as `apart.belonging`: it learns nothing of what belongs with an image before it judges that.
    """
    labelled = np.flatnonzero(~dataset.waiting)
    positions = labelled[sampled(dataset.labels[labelled], MOST_IMAGES)]
    folds = apart.folds(dataset, positions, belongs, FOLDS)
    positions, folds = positions[folds != apart.NO_FOLD], folds[folds != apart.NO_FOLD]
    classes, labels = np.unique(dataset.labels[positions], return_inverse=True)
    if len(classes) < 2 or len(positions) < LEAST_IMAGES:
        few = "No label was doubted: that takes two classes of five images that do not all belong together, and twenty in all."
        return none(), {"images": 0, "of": len(labelled), "accuracy": None, "reason": few}, NOT_JUDGED
    try:
        values = features(dataset, positions, steps)
    except ConfigError as error:
        return none(), {"images": 0, "of": len(labelled), "accuracy": None, "reason": error.message}, NOT_JUDGED
    steps.begin("judging", "Doubting labels")
    chances = out_of_fold(values, labels, folds)
    accuracy = float((chances.argmax(1) == labels).mean())
    sure_of = Sure(positions, chances[np.arange(len(labels)), labels])
    judged: Judged = {"images": len(positions), "of": len(labelled), "accuracy": round(accuracy, 4), "reason": ""}
    commonest = float(np.bincount(labels).max() / len(labels))
    if accuracy < commonest + LEAST_LIFT * (1 - commonest):
        reason = "The classes are too much alike for a simple classifier, so that it doubts no label."
        return none(), {**judged, "reason": reason}, sure_of
    places = doubted(labels, chances)
    said = chances[places].argmax(1)
    sure = chances[places, said] - chances[places, labels[places]]
    return Findings.of("label", positions[places], sure.astype(np.float64), labels=classes[said]), judged, sure_of


def none() -> Findings:
    return Findings.of("label", np.empty(0, np.int64), np.empty(0))


def features(dataset: Dataset, positions: np.ndarray, steps: Steps) -> np.ndarray:
    """float32 [N, DIRECTIONS or fewer] of these samples, from their thumbnails."""
    from classifier.models.build import build
    from classifier.models.weights import load_weights
    from classifier.training.settings import normalisation_of

    side = SMALL_SIDE if dataset.pack.is_small else SIDE
    model = build(MODEL, 1000, image_size=side)
    load_weights(model, "default", name=MODEL)
    network = torch.nn.Sequential(model.get_submodule("features"), model.get_submodule("pool")).eval().to(memory_format=torch.channels_last)
    thumbs, normalisation = Thumbs(dataset.folder / "pack"), normalisation_of(MODEL)

    def batch(start: int) -> torch.Tensor:
        shown = [thumbs.pixels(row) for row in dataset.images[positions[start : start + BATCH]].tolist()]
        black = np.zeros((side, side, 3), np.uint8)
        return torch.from_numpy(np.stack([black if pixels is None else shrunk(pixels, side) for pixels in shown])).permute(0, 3, 1, 2)

    found: list[torch.Tensor] = []
    with torch.inference_mode():
        for done, images in enumerate(in_threads(batch, range(0, len(positions), BATCH), decode_threads(), 4), 1):
            found.append(network(normalise(images, normalisation).contiguous(memory_format=torch.channels_last)).float())
            steps.told(min(done * BATCH, len(positions)), len(positions))
    values = torch.cat(found)
    return np.asarray(directions(values).project(values).numpy())


def out_of_fold(values: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """float [N, classes]: what a classifier says of each sample that learnt from the other folds, about four fifths of all."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import PredefinedSplit, cross_val_predict

    model = LogisticRegression(C=HELD, max_iter=200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged: near enough for a doubt
        return np.asarray(cross_val_predict(model, values, labels, cv=PredefinedSplit(folds), method="predict_proba"))


def doubted(labels: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Places whose label is likely wrong, by both of confident learning's ways to prune."""
    logging.getLogger("cleanlab").setLevel(logging.ERROR)
    from cleanlab.filter import find_label_issues

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wrong = np.asarray(find_label_issues(labels, chances, filter_by="both", n_jobs=1, verbose=False), bool)
    return np.flatnonzero(wrong & (chances.argmax(1) != labels))
