"""What trainings and evaluations keep of an image that is erased."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from classifier.data.erase import erase
from classifier.metrics import read_predictions
from webapp.datasets.erasing import asking, forgetting, places
from webapp.datasets.models import Sample, Split
from webapp.evaluations.models import Evaluation
from webapp.experiments import preflight
from webapp.experiments.models import Experiment
from webapp.jobs.models import JobEvent


@pytest.fixture
def measured(
    experiment: Experiment, finish: Callable[..., Experiment], trained: tuple[Path, dict, Path, dict], settings, tmp_path: Path
) -> Experiment:
    """A finished training, its files where the server keeps them."""
    settings.SYNSET_HOME = tmp_path / "home"
    shutil.copytree(trained[0], experiment.dataset.folder / "data")
    shutil.copytree(trained[2], experiment.folder)
    return finish(experiment, experiment.folder)


def erased(experiment: Experiment, split: int) -> Sample:
    """One of the images of that split, before it was erased from files and rows."""
    sample = Sample.objects.filter(version=experiment.version, split=split).first()
    digest = places.digest_at(experiment.version, sample.position)
    erase([experiment.dataset.folder / "data"], digest)
    for place in places.places(experiment.team, digest):
        forgetting.forget(place, lambda: None)
    return sample


def test_who_asks_hears_which_networks_have_used_it(measured: Experiment) -> None:
    def words(split: int) -> list[tuple[str, str]]:
        sample = Sample.objects.filter(version=measured.version, split=split).first()
        measured.version.dataset = measured.dataset
        return [(use.name, use.words) for use in asking.look(measured.version, sample.position).saw]

    assert words(Split.TRAIN) == [("First", "learnt from it")]
    assert words(Split.VALIDATION) == [("First", "was judged by it as it trained")]
    assert words(Split.TEST) == [("First, test", "was measured on it")]


def test_predictions_name_it_no_more_and_say_the_same(measured: Experiment) -> None:
    file = Evaluation.objects.get().predictions_file
    before = list(read_predictions(file))
    sample = erased(measured, Split.TEST)
    after = list(read_predictions(file))
    assert sample.path in [row.path for row in before] and sample.path.encode() not in file.read_bytes()
    assert [row._replace(path="") for row in after] == [row._replace(path="") for row in before]
    assert [row.path for row in after] == ["erased" if row.path == sample.path else row.path for row in before]


def test_a_mistake_on_it_has_no_name_and_no_picture(measured: Experiment) -> None:
    evaluation = Evaluation.objects.get()
    samples = list(Sample.objects.filter(version=measured.version, split=Split.TEST)[:2])
    evaluation.mistakes = [
        {"path": s.path, "position": s.position, "image": s.image, "label": "red", "predicted": "blue", "probability": 1.0, "loss": 2.0}
        for s in samples
    ]
    evaluation.save()
    erased(measured, Split.TEST)
    evaluation.refresh_from_db()
    assert [(row["path"], row["image"]) for row in evaluation.mistakes] == [("erased", None), (samples[1].path, samples[1].image)]


def test_the_pictures_of_the_first_batch_go_from_what_learnt_from_it(measured: Experiment) -> None:
    folder = measured.folder / preflight.PICTURES
    assert list(folder.glob("*.png")) and preflight.found(measured)["pictures"]
    erased(measured, Split.TRAIN)
    assert not list(folder.glob("*.png"))
    told = preflight.found(measured)
    assert told["pictures"] == [] and told["message"]
    assert json.loads((measured.folder / "preflight.json").read_text())["losses"]


def test_what_its_job_told_of_the_file_names_it_no_more(measured: Experiment) -> None:
    sample = Sample.objects.filter(version=measured.version, split=Split.TRAIN).first()
    told = {"file": sample.path, "rule": "unreadable", "message": "cannot be decoded", "taken": False}
    JobEvent.objects.create(job=measured.job, seq=900, kind="problem", data=told)
    erased(measured, Split.TRAIN)
    assert JobEvent.objects.get(seq=900).data == {**told, "file": "erased"}
