"""The files of a map of the images of an evaluation that `benchmarks.scored` has made: classes in clusters, of no network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks.scored import made
from classifier.metrics import Scored, embedding
from webapp.evaluations.models import Evaluation

DIRECTIONS, FEATURES = 128, 2048
TEST = 2  # the place of the test split
SPREAD = 0.4  # of a class's images, where classes lie 1 from the middle


def write(stem: Path, rows: Scored, classes: int) -> None:
    """Of every prediction, each near the middle of its class."""
    chance = np.random.default_rng(0)
    points = np.zeros(len(rows), embedding.POINT)
    points["position"], points["row"], points["split"] = rows["position"], np.arange(len(rows)), TEST
    for name in ("label", "predicted", "probability"):
        points[name] = rows[name]
    middles = chance.normal(size=(classes, DIRECTIONS))
    falling = np.geomspace(1, 0.01, DIRECTIONS)  # as principal components are
    values = (middles[rows["label"]] + SPREAD * chance.normal(size=(len(rows), DIRECTIONS))) * falling
    directions = chance.normal(size=(FEATURES, DIRECTIONS)).astype(np.float32)
    shares = (falling**2 / (falling**2).sum()).astype(np.float32)
    basis = embedding.Basis(np.zeros(FEATURES, np.float32), directions, 1.0, shares, len(rows))
    embedding.write(stem, points, values, basis)


def tell(images: int, classes: int) -> None:
    """On stdout, for who fills another process's database."""
    told = made(images, classes)
    evaluation = Evaluation.objects.get(pk=told["evaluation"])
    assert evaluation.scored is not None
    write(evaluation.stem, evaluation.scored, classes)
    print(json.dumps(told))
