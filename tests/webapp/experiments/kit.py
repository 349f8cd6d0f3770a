"""Datasets, trainings and what a training tells, as the pages meet them."""

from __future__ import annotations

import json
from typing import Any

from webapp.accounts.actor import actor_in
from webapp.accounts.models import User
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.experiments import actions
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs

LABELS = ("ant", "bee", "cow")
SMALL = {"model": "small_cnn", "epochs": 3, "image_size": 32}


def dataset_of(user: User, name: str = "Animals", *, ready: bool = True) -> Dataset:
    """A dataset of the user's team with 7, 2 and 1 images of each class; still importing unless ready."""
    team = user.memberships.get().team
    job = jobs.submit(team=team, user=user, kind="import", title=name)
    dataset = Dataset.objects.create(team=team, created_by=user, name=name, job=job, archive_name="animals.zip", options={"seed": 0})
    if ready:
        classes = [{"label": label, "name": label, "train": 7, "validation": 2, "test": 1} for label in LABELS]
        DatasetVersion.objects.create(dataset=dataset, number=1, fingerprint="f" * 64, images=30, classes=classes)
        jobs.finish(jobs.claim(job.id, "host@here:1"))
        dataset.job.refresh_from_db()
    return dataset


def launched(user: User, name: str = "First", dataset: Dataset | None = None, **config: Any) -> Experiment:
    """A training that waits."""
    actor = actor_in(user, via="session")
    assert actor
    return actions.launch(actor, dataset or dataset_of(user), name, SMALL | config)


def epoch(number: int, **changes: Any) -> dict[str, Any]:
    """An EpochEvent of a training of three epochs of ten steps."""
    matrix = {"size": 3, "rows": [0, 1, 1, 2], "columns": [0, 1, 2, 2], "counts": [2, 1, 1, 2]}
    figures = {"train_loss": 2.0 / number, "train_top1": 0.5, "val_loss": 2.5 / number, "val_top1": 5 / 6, "val_top5": 1.0}
    speed = {"lr": 0.001, "images_per_second": 100.0, "seconds": 0.5}
    place = {"event": "epoch", "epoch": number, "epochs": 3, "step": 10 * number, "best": True}
    return {**place, **figures, **speed, "confusion": matrix, **changes}


def ended(experiment: Experiment, state: str = "succeeded") -> Experiment:
    """The same training after its end."""
    claim = jobs.claim(experiment.job_id, "device@here:1")
    if state == "succeeded":
        jobs.finish(claim)
    elif state == "failed":
        jobs.fail(claim, "The loss is not finite. Lower the learning rate.", "nan_loss", retry=False)
    else:
        jobs.cancelled(claim)
    return Experiment.objects.get(id=experiment.id)


def keeps(experiment: Experiment, *epochs: int, half: int | None = None) -> Experiment:
    """The same training with a manifest that names whole checkpoints of those epochs, and one cut short of another."""
    experiment.folder.mkdir(parents=True)
    entries = [{"epoch": epoch, "whole": epoch != half} for epoch in (*epochs, *([] if half is None else [half]))]
    (experiment.folder / "manifest.json").write_text(json.dumps({"checkpoints": entries}))
    return experiment
