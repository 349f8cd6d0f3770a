"""A dataset that came with a table, and an experiment on it that never trained: what tests of groups and slices cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from classifier.data.importer import import_dataset
from webapp.accounts.models import User
from webapp.datasets.models import Dataset
from webapp.datasets.sealing import sealed
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs


def experiment_on(archive: Path, editor: User, config: dict[str, Any]) -> Experiment:
    """With the dataset imported and its own folder made."""
    team = editor.memberships.get().team
    job = jobs.submit(team=team, user=editor, kind="import", title="Sites")
    dataset = Dataset.objects.create(team=team, created_by=editor, name="Sites", job=job, archive_name="sites.zip")
    import_dataset(archive, dataset.folder / "data")
    jobs.finish(jobs.claim(job.id, "host@here:1"), also=lambda: sealed(dataset.id, dataset.folder / "data"))
    training = jobs.submit(team=team, user=editor, kind="train", title="First")
    made = {"team": team, "created_by": editor, "dataset": dataset, "version": dataset.versions.get()}
    experiment = Experiment.objects.create(name="First", config=config, job=training, **made)
    experiment.folder.mkdir(parents=True)
    return experiment


def evaluation_of(experiment: Experiment, predictions: Path, result: dict[str, Any]) -> Evaluation:
    """On the test split, by the training's own job."""
    made = {"team": experiment.team, "created_by": experiment.created_by, "version": experiment.version}
    return Evaluation.objects.create(
        experiment=experiment, job=experiment.job, split="test", checkpoint="best", predictions=predictions.name, result=result, **made
    )
