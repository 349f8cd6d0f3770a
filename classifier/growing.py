"""Which class needs more images: heads that learn from ever larger parts of the training images, on features that are computed once.

The features are those of the run's own network where its backbone never learnt from these images; else those of the bundled
EfficientNet-Lite0. A backbone that was tuned on all training images would tell even the smallest part of them apart, and the curve
would say that no image more is needed. What judges is the validation split, or train and validation in turns: the test split is not
opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from classifier.data.augment import Normalisation, normalise
from classifier.data.dataset import Dataset
from classifier.data.folds import folded
from classifier.data.load import Prepare, eval_batches
from classifier.data.part import drawn
from classifier.data.quality.steps import Steps
from classifier.data.spoilt import Spoilt
from classifier.inference import full_precision
from classifier.metrics.growth import Growth, forecast
from classifier.models.build import build, head_of
from classifier.models.caught import inputs_of
from classifier.models.weights import load_weights
from classifier.optimisers import LBFGS
from classifier.run import Run
from classifier.space.features import seen_by_head
from classifier.spec.bundled import MODEL
from classifier.spec.errors import ConfigError, InputError
from classifier.spec.events import SPLITS, Event, OnEvent, ShouldStop, finite, ignore, never
from classifier.spec.growth import ENOUGH, FOLDS, LEAST, MOST_JUDGED, MOST_TRAIN, REPEATS, SHARES
from classifier.spec.words import plural
from classifier.training.devices import choose_device
from classifier.training.settings import normalisation_of

SIDE, SMALL_SIDE = 128, 64  # pixels that the bundled network sees
BATCH = 64
DIRECTIONS = 128  # of the features, in which they differ most
HELD = 0.01  # how freely a head may follow its features (1 / L2), as the quality check holds its own
STEPS = 60  # of L-BFGS
COSTS = {"recognising": 10.0, "learning": 4.0}
STOPPED = "Interrupted while learning curves were made; nothing was kept."


class Sight(NamedTuple):
    """A network whose features are looked at."""

    name: str
    own: bool  # the run's, whose backbone never learnt from these images
    model: nn.Module
    side: int
    normalisation: Normalisation
    prepare: Prepare


def grow(run_folder: Path, *, device: str = "auto", on_event: OnEvent = ignore, should_stop: ShouldStop = never) -> Event:
    """The `grown` event: learning curves a class of a RUN's dataset, with what twice as many images of all classes would bring.

    Raises InputError where there is too little to learn or to judge from, Interrupted when asked to stop.
    """
    run = Run.open(run_folder)
    dataset = run.as_seen(Dataset.open(run.dataset_folder))
    rows = np.concatenate([some_of(dataset, split, most) for split, most in (("train", MOST_TRAIN), ("validation", MOST_JUDGED))])
    check_enough(dataset, rows)
    sight = sight_of(run, dataset)
    where = choose_device(device)
    steps = Steps(COSTS, on_event, should_stop, STOPPED)
    steps.begin("recognising", f"Looking at {plural(len(rows), 'image')} with {sight.name}")
    values, kept = look(sight, dataset, rows, where, steps, on_event)
    rows, values = rows[kept], main_directions(values)
    steps.begin("learning", "Learning from ever more of the images")
    turns = judging(dataset, rows)
    labels, found = dataset.labels[rows], list[Learnt]()
    for turn, judges in enumerate(turns):
        found.append(curves(values, labels, judges, len(dataset.classes), Turns(steps, turn, len(turns)), where))
    numbers = np.mean([one.numbers for one in found], 0)
    true, right = np.concatenate([one.true for one in found]), np.concatenate([one.right for one in found], 1)
    whole = int((dataset.splits < 2).sum())
    event = told(dataset, sight, numbers, true, right, forecast(numbers, true, right))
    return dict(finite(event | {"whole": whole, "looked": len(rows), "turns": len(turns)}))


def some_of(dataset: Dataset, split: Any, most: int) -> np.ndarray:
    """A split's samples, or at most about so many, the same share of each class."""
    indices = dataset.indices(split)
    if len(indices) <= most:
        return indices
    return np.sort(drawn(dataset.labels, indices, most / len(indices), np.random.default_rng(0)))


def check_enough(dataset: Dataset, rows: np.ndarray) -> None:
    """InputError with what is missing."""
    classes = len(np.unique(dataset.labels[rows]))
    if classes < 2 or len(rows) < LEAST:
        there = f"there are {plural(len(rows), 'image')} of {plural(classes, 'class')} in train and validation"
        raise InputError(f"Learning curves take {LEAST} images of two classes; {there}. Add images, or cut the splits anew.")


def judging(dataset: Dataset, rows: np.ndarray) -> list[np.ndarray]:
    """Which of the samples at `rows` judge what learnt from the others, bool [N], turn by turn.

    Those of the validation split, where each class has enough of them. Else all in turns, so that also a class of few images is
    judged by as many as there are; what belongs together is never on both sides (`classifier.data.folds`).
    """
    validation = dataset.splits[rows] == SPLITS.index("validation")
    present = np.unique(dataset.labels[rows])
    judges = np.bincount(dataset.labels[rows[validation]], minlength=len(dataset.classes))[present]
    if judges.min() >= ENOUGH:
        return [validation]
    parts = (folded(dataset, FOLDS, fold + 1).splits[rows] == SPLITS.index("validation") for fold in range(FOLDS))
    try:
        return [part for part in parts if part.any()]
    except ConfigError as error:
        raise InputError(f"Too few images can judge what learns from the others: folds {error.fields['folds']}.") from None


def sight_of(run: Run, dataset: Dataset) -> Sight:
    """The run's own network where its backbone never learnt, else the bundled one."""
    if run.config.head_alone:
        return Sight(run.config.model, True, run.load_model("best")[0], run.eval_size, run.normalisation, run.prepare)
    side = SMALL_SIDE if dataset.pack.is_small else SIDE
    model = build(MODEL, 1000, image_size=side)
    load_weights(model, "default", name=MODEL)
    return Sight(MODEL, False, model, side, normalisation_of(MODEL), run.prepare)


def look(
    sight: Sight, dataset: Dataset, indices: np.ndarray, device: torch.device, steps: Steps, on_event: OnEvent
) -> tuple[Tensor, np.ndarray]:
    """(float32 [N, D] of the samples that can be decoded, which of them can [len(indices)])."""
    spoilt, found, done = Spoilt(dataset, indices, on_event), list[Tensor](), 0
    model = sight.model.to(device, torch.float32).to(memory_format=torch.channels_last).eval()
    with inputs_of(head_of(model)[1]) as caught, torch.no_grad(), full_precision():
        for batch in eval_batches(dataset.pack, dataset.images[indices], sight.side, BATCH, spoilt.positions.add, sight.prepare):
            model(normalise(batch.to(device), sight.normalisation).contiguous(memory_format=torch.channels_last))
            found.append(seen_by_head([caught.pop()]))
            done += len(batch)
            steps.told(done, len(indices))
    spoilt.tell()
    kept = spoilt.readable()
    return torch.cat(found)[torch.from_numpy(kept)], kept


def main_directions(values: Tensor) -> Tensor:
    """The features [N, D] in the directions in which they differ most, of deviation about 1; labels have no part in it."""
    values = values - values.mean(0)
    values = values / (values.std() + 1e-6)
    kept = min(DIRECTIONS, len(values) - 1, values.shape[1])
    torch.manual_seed(0)
    _, _, directions = torch.pca_lowrank(values, kept, center=False, niter=4)
    return values @ directions


class Learnt(NamedTuple):
    """What heads said that learnt from ever more images, by PLAN."""

    numbers: np.ndarray  # float [C, F]: images of each class that they learnt from
    true: np.ndarray  # int64 [V], of the images that judge
    right: np.ndarray  # bool [F, V]


class Turns(NamedTuple):
    """Tells how far one turn of several is."""

    steps: Steps
    turn: int
    turns: int

    def told(self, share: float) -> None:
        self.steps.told(round(1000 * (self.turn + share)), 1000 * self.turns, "parts")


PLAN = [(share, repeat) for share in SHARES for repeat in range(REPEATS if share < 1 else 1)]
SIZES = np.array([share for share, _ in PLAN])


def curves(values: Tensor, labels: np.ndarray, judges: np.ndarray, classes: int, turns: Turns, device: torch.device) -> Learnt:
    """Heads that learn from shares of what does not judge, features [N, D] and labels [N]."""
    learnt, true = np.flatnonzero(~judges), labels[judges]
    judged = values[torch.from_numpy(judges)].to(device)
    right, numbers, done = [], [], 0.0
    for share, repeat in PLAN:
        places = learnt
        if share < 1:
            places = np.sort(drawn(labels, learnt, share, np.random.default_rng([repeat, round(100 * share)])))
        weights, bias = fit(values[torch.from_numpy(places)].to(device), labels[places], classes)
        right.append((judged @ weights + bias).argmax(1).cpu().numpy() == true)
        numbers.append(np.bincount(labels[places], minlength=classes))
        done += share
        turns.told(done / SIZES.sum())
    return Learnt(np.stack(numbers, 1).astype(np.float64), true, np.stack(right))


def fit(values: Tensor, labels: np.ndarray, classes: int) -> tuple[Tensor, Tensor]:
    """(weights [D, C], bias [C]) of a logistic regression; the same values give the same."""
    weights = torch.zeros(values.shape[1], classes, device=values.device, requires_grad=True)
    bias = torch.zeros(classes, device=values.device, requires_grad=True)
    true = torch.from_numpy(labels).to(values.device)
    held = 1 / (2 * HELD * len(labels))
    optimiser = LBFGS([weights, bias], max_iter=STEPS, history_size=10, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        found = nn.functional.cross_entropy(values @ weights + bias, true) + held * weights.square().sum()
        found.backward()
        return found

    with torch.enable_grad(), full_precision():
        optimiser.step(loss)
    return weights.detach(), bias.detach()


def told(dataset: Dataset, sight: Sight, numbers: np.ndarray, true: np.ndarray, right: np.ndarray, made: Growth) -> Event:
    """All of it; what a class's repeats of one share found is told as their mean."""
    classes = len(dataset.classes)
    judges = np.bincount(true, minlength=classes)
    hits = np.stack([np.bincount(true[row], minlength=classes) for row in right])  # [F, C]
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = hits / judges[None]
    means = np.array([recall[share == SIZES].mean(0) for share in SHARES])  # [S, C]
    learnt = np.array([numbers[:, share == SIZES].mean(1) for share in SHARES])
    seen = (judges > 0) & (numbers[:, -1] > 0)
    now, doubled, low, high = made.mean
    rows = [dict(row(dataset.classes[label], label, learnt, means, judges, made)) for label in range(classes)]
    return {
        "event": "grown",
        "network": sight.name,
        "own": sight.own,
        "train": int(numbers[:, -1].sum()),
        "judged": len(true),
        "power": made.power,
        "shares": list(SHARES),
        "mean": {
            "images": [float(value) for value in learnt.mean(1)],
            "recall": [float(value) for value in means[:, seen].mean(1)],
            "now": now,
            "doubled": doubled,
            "low": low,
            "high": high,
        },
        "classes": rows,
    }


def row(name: str, label: int, learnt: np.ndarray, means: np.ndarray, judges: np.ndarray, made: Growth) -> Iterator[tuple[str, Any]]:
    """Of one class."""
    yield "label", name
    yield "judged", int(judges[label])
    yield "images", [round(float(value), 1) for value in learnt[:, label]]
    yield "recall", [round(float(value), 4) for value in means[:, label]]
    for what, values in (("now", made.now), ("doubled", made.doubled), ("gain", made.gain), ("low", made.low), ("high", made.high)):
        yield what, round(float(values[label]), 4)
