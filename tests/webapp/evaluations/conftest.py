"""A real RUN folder, trained once by the engine on a handful of tiny images; no worker listens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from webapp.accounts.models import User
from webapp.datasets.models import Dataset
from webapp.datasets.sealing import sealed
from webapp.evaluations.models import Evaluation
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs

COLOURS = {"blue": (20, 20, 200), "green": (20, 200, 20), "red": (200, 20, 20)}


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten images of 8 × 8 pixels of each of three colours, under names that a spreadsheet would run."""
    folder = tmp_path_factory.mktemp("colours")
    for name, (red, green, blue) in COLOURS.items():
        (folder / name).mkdir()
        for shade in range(10):
            Image.new("RGB", (8, 8), (red + shade, green + shade, blue + shade)).save(folder / name / f"=={shade}.png")
    return folder


@pytest.fixture(scope="session")
def trained(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, Path, dict]:
    """DATASET folder with its "imported" event, RUN folder with its "finished" event."""
    from classifier.data.importer import import_dataset
    from classifier.spec.config import TrainConfig
    from classifier.training.loop import train

    folder = tmp_path_factory.mktemp("run")
    imported = import_dataset(source, folder / "data")
    config = TrainConfig.from_mapping({"epochs": 2, "image_size": 8, "batch_size": 8, "augment": False, "device": "cpu"})
    return folder / "data", imported, folder / "run", train(folder / "data", folder / "run", config)


@pytest.fixture
def experiment(trained: tuple[Path, dict, Path, dict], editor: User) -> Experiment:
    """A training that runs, on the sealed dataset."""
    data = trained[0]
    team = editor.memberships.get().team
    job = jobs.submit(team=team, user=editor, kind="import", title="Colours")
    dataset = Dataset.objects.create(team=team, created_by=editor, name="Colours", job=job, archive_name="my colours.zip")
    jobs.finish(jobs.claim(job.id, "host@here:1"), also=lambda: sealed(dataset.id, data))
    job = jobs.submit(team=team, user=editor, kind="train", title="First")
    config = json.loads((data.parent / "run" / "config.json").read_text())
    version = dataset.versions.get()
    return Experiment.objects.create(team=team, created_by=editor, name="First", dataset=dataset, version=version, config=config, job=job)


@pytest.fixture
def finish(trained: tuple[Path, dict, Path, dict]) -> Callable[[Experiment], Experiment]:
    """The worker's last act: the job's end and the result in one transaction."""
    from webapp.experiments.actions import finished

    def end(experiment: Experiment, run: Path = trained[2]) -> Experiment:
        jobs.finish(jobs.claim(experiment.job_id, "device@here:1"), also=lambda: finished(experiment.id, run))
        return Experiment.objects.get(id=experiment.id)

    return end


@pytest.fixture
def evaluated(
    experiment: Experiment, finish: Callable[..., Experiment], trained: tuple[Path, dict, Path, dict], settings, tmp_path: Path
) -> Evaluation:
    """The test split's evaluation of a finished training, all files where the server keeps them."""
    settings.SYNSET_HOME = tmp_path / "home"
    shutil.copytree(trained[0], experiment.dataset.folder / "data")
    shutil.copytree(trained[2], experiment.folder)
    finish(experiment, experiment.folder)
    return Evaluation.objects.get()
