"""Networks whose answers are written by hand, measured on the test images of a small set."""

from __future__ import annotations

from typing import Any

import numpy as np

from classifier.metrics import scored_path, scored_rows, summary, write_scored
from webapp.accounts.models import User
from webapp.datasets.models import Dataset, DatasetVersion, Sample, Split
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment, MetricPoint
from webapp.jobs import actions as jobs

LABELS = ("ant", "bee", "cow")
IMAGES = 30  # ten of each class, all for the test


def dataset_of(user: User, name: str = "Animals") -> Dataset:
    """Images that stand in no file: of each class ten for the test, by turns."""
    team = user.memberships.get().team
    job = jobs.submit(team=team, user=user, kind="import", title=name)
    dataset = Dataset.objects.create(team=team, created_by=user, name=name, job=job, archive_name="animals.zip")
    version_of(dataset)
    jobs.finish(jobs.claim(job.id, "host@here:1"))
    return Dataset.objects.get(id=dataset.id)


def version_of(dataset: Dataset, number: int = 1, labels: list[int] | None = None, test: int = IMAGES) -> DatasetVersion:
    """A version whose image at each position is of that class; of them the first `test` are for the test, the rest to learn from."""
    classes = [{"label": label, "name": label.capitalize(), "train": 20, "validation": 10, "test": 10} for label in LABELS]
    version = DatasetVersion.objects.create(
        dataset=dataset, number=number, fingerprint=str(number) * 64, images=IMAGES, classes=classes, test_opened=1
    )
    rows = labels or [at % 3 for at in range(IMAGES)]
    Sample.objects.bulk_create(
        Sample(
            version=version,
            position=at,
            image=at,
            label=label,
            split=Split.TEST if at < test else Split.TRAIN,
            path=f"{LABELS[label]}/{at:02}.png",
        )
        for at, label in enumerate(rows)
    )
    return version


def trained(version: DatasetVersion, name: str, config: dict[str, Any] | None = None, *, ended: bool = True) -> Experiment:
    """An experiment that told two epochs."""
    dataset = version.dataset
    job = jobs.submit(team=dataset.team, user=dataset.created_by, kind="train", title=name)
    made = {"team": dataset.team, "created_by": dataset.created_by, "dataset": dataset, "version": version, "job": job}
    values = {"model": "small_cnn", "epochs": 2, "learning_rate": 0.001, "augment": False, "weights": None} | (config or {})
    experiment = Experiment.objects.create(name=name, config=values, resolved=values if ended else None, **made)
    for epoch in (1, 2):
        for series, value in (
            ("val_top1", epoch / 4),
            ("val_loss", 2.0 / epoch),
            ("train_loss", 1.5 / epoch),
            ("images_per_second", 100.0),
        ):
            MetricPoint.objects.create(experiment=experiment, epoch=epoch, step=10 * epoch, name=series, value=value)
    if ended:
        jobs.finish(jobs.claim(job.id, "device@here:1"))
    experiment.folder.mkdir(parents=True, exist_ok=True)
    return Experiment.objects.get(id=experiment.id)


def measured(experiment: Experiment, wrong: dict[int, int], version: DatasetVersion | None = None, **more: Any) -> Evaluation:
    """Its evaluation on the test images of its own version or another; `wrong`: {position: the class it says instead}."""
    version = version or experiment.version
    samples = list(version.samples.filter(split=Split.TEST).order_by("position"))
    labels = np.array([sample.label for sample in samples])
    logits = np.full((len(samples), len(LABELS)), -1.0, np.float32)
    for row, sample in enumerate(samples):
        logits[row, wrong.get(sample.position, sample.label)] = 2.0 + sample.position / 50
    job = more.pop("job", None) or experiment.job
    made = {"team": experiment.team, "created_by": experiment.created_by, "job": job, "split": "test", "checkpoint": "best", **more}
    evaluation = Evaluation.objects.create(experiment=experiment, version=version, **made)
    file = experiment.folder / f"predictions-test-{evaluation.id}.csv"
    write_scored(scored_path(file), scored_rows([sample.position for sample in samples], labels, logits))
    evaluation.figures, evaluation.predictions = dict(summary(labels, logits, LABELS)), file.name
    evaluation.save()
    return evaluation


def reported(evaluation: Evaluation) -> Evaluation:
    """The same with its report."""
    from webapp.reports.actions import report_on

    report_on(evaluation)
    return Evaluation.objects.select_related("report").get(id=evaluation.id)
