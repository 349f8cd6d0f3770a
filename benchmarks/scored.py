"""A wide dataset with an evaluation of every image of it: columns, counts and a training, made without one.

Classes are mixed up within families of ten and now and then anywhere, so that about one cell in thirty has an image.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from django.conf import settings

from benchmarks.visits import client
from benchmarks.wide import fill
from classifier.metrics import confusion, per_class, scored_path, sparse, write_scored
from classifier.metrics.scored import ROW
from webapp.datasets.models import Dataset
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.jobs.models import Job

FAMILY = 10
WRONG, FAR = 0.25, 0.05  # of the images: named as one of the family, and as anything


def columns(labels: np.ndarray, classes: int) -> np.ndarray:
    """What a network might have said of images of those classes."""
    chance = np.random.default_rng(0)
    n = len(labels)
    drawn = chance.random(n)
    near = labels // FAMILY * FAMILY + chance.integers(0, FAMILY, n)
    said = np.where(drawn < FAR, chance.integers(0, classes, n), np.where(drawn < WRONG, np.minimum(near, classes - 1), labels))
    odds = -np.sort(-chance.dirichlet(np.full(6, 0.4), n).astype(np.float32), axis=1)
    rows = np.zeros(n, ROW)
    rows["position"], rows["label"], rows["predicted"] = np.arange(n), labels, said
    rows["probability"], rows["margin"] = odds[:, 0], odds[:, 0] - odds[:, 1]
    rows["loss"] = -np.log(np.where(said == labels, odds[:, 0], odds[:, 1]) + 1e-6)
    rows["best"] = (said[:, None] + np.arange(5)) % classes
    rows["best_probability"] = odds[:, :5]
    return rows


def made(images: int, classes: int) -> dict[str, Any]:
    """Where its pages are, and the session of its owner."""
    user, _ = fill(images, classes)
    dataset = Dataset.objects.get(name="Wide")
    version = dataset.versions.get(number=1)
    common = {"team": dataset.team, "created_by": user}
    job = Job.objects.create(kind="train", queue="device", title="Wide run", state="succeeded", **common)
    experiment = Experiment.objects.create(
        name="Wide run", dataset=dataset, version=version, config={"model": "resnet50"}, job=job, **common
    )
    rows = columns(np.arange(images) * classes // images, classes)
    counts = confusion(rows["label"], rows["predicted"], classes)
    labels = [entry["label"] for entry in version.classes]
    result: dict[str, Any] = {"n": images, "top1": float(np.trace(counts) / images), "top5": None, "loss": 1.0, "ece": 0.1}
    result["per_class"] = per_class(counts, labels)
    experiment.folder.mkdir(parents=True)
    write_scored(scored_path(experiment.folder / "predictions-test.csv"), rows)
    told = {"version": version, "job": job, "split": "test", "checkpoint": "best", "result": result, "confusion": sparse(counts)}
    evaluation = Evaluation.objects.create(experiment=experiment, predictions="predictions-test.csv", **told, **common)
    name = settings.SESSION_COOKIE_NAME
    return {"evaluation": evaluation.pk, "dataset": dataset.pk, "cookie": [name, client(user).cookies[name].value]}


def tell(images: int, classes: int) -> None:
    """On stdout, for who fills another process's database."""
    print(json.dumps(made(images, classes)))
