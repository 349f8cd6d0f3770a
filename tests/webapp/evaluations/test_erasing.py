"""What trainings and evaluations keep of an image that is erased."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from classifier.data.erase import erase
from classifier.metrics import read_predictions
from classifier.metrics.scored import FORGOTTEN
from webapp.datasets.erasing import asking, forgetting, places
from webapp.datasets.models import Erasure, Sample, Split
from webapp.evaluations.models import Evaluation
from webapp.experiments import preflight
from webapp.experiments.actions import retry
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.models import Attempt, Job, JobEvent
from worker.handlers.evaluates import second_name


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
    return erased_at(experiment, Sample.objects.filter(version=experiment.version, split=split).first())


def erased_at(experiment: Experiment, sample: Sample) -> Sample:
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


def test_a_training_that_waits_to_go_on_by_another_job_has_learnt_from_it_too(measured: Experiment) -> None:
    measured.points.create(epoch=1, step=1, name="step_loss", value=1.0)
    Experiment.objects.filter(pk=measured.pk).update(job=jobs.submit(team=measured.team, user=None, kind="train", title="First"))
    sample = Sample.objects.filter(version=measured.version, split=Split.TRAIN).first()
    measured.version.dataset = measured.dataset
    assert [use.name for use in asking.look(measured.version, sample.position).saw] == ["First"]


def test_a_training_that_began_after_an_image_was_erased_has_not_used_it(measured: Experiment, actor_of, owner) -> None:
    measured.version.dataset = measured.dataset
    sample = Sample.objects.filter(version=measured.version, split=Split.TRAIN).first()
    done = asking.ask(actor_of(owner), measured.version, sample.position)
    erased_at(measured, sample)
    saw = [use._asdict() for use in asking.saw(places.places(measured.team, done.digest))]
    jobs.finish(jobs.claim(done.job_id, "host@here:1"), also=lambda: Erasure.objects.update(saw=saw))
    later = Experiment.objects.get(pk=measured.pk)
    later.pk, later.name, later.job = None, "Second", jobs.submit(team=measured.team, user=None, kind="train", title="Second")
    later._state.adding = True
    later.id = Experiment._meta.get_field("id").get_default()
    later.save()
    jobs.claim(later.job_id, "device@here:2")
    assert [use.name for use in asking.look(measured.version, sample.position).saw] == ["First"]


def test_predictions_of_a_training_that_ran_as_it_was_erased_name_it_not(
    experiment: Experiment,
    finish: Callable[..., Experiment],
    trained: tuple[Path, dict, Path, dict],
    settings,
    tmp_path: Path,
    actor_of,
    owner,
) -> None:
    settings.SYNSET_HOME = tmp_path / "home"
    shutil.copytree(trained[0], experiment.dataset.folder / "data")
    shutil.copytree(trained[2], experiment.folder)
    experiment.version.dataset = experiment.dataset
    sample = Sample.objects.filter(version=experiment.version, split=Split.TEST).first()
    asking.ask(actor_of(owner), experiment.version, sample.position)
    erased_at(experiment, sample)
    assert sample.path.encode() in (experiment.folder / "predictions-test.csv").read_bytes()
    finish(experiment, experiment.folder)
    file = Evaluation.objects.get().predictions_file
    assert sample.path.encode() not in file.read_bytes() and [row.path for row in read_predictions(file)].count("erased") == 1


def test_the_engines_own_file_of_predictions_names_it_no_more(measured: Experiment) -> None:
    evaluation = Evaluation.objects.get()
    own = measured.folder / "predictions-test.csv"
    named = own.with_name(f"predictions-test-{evaluation.pk}-3.csv")
    second_name(own, named)
    Evaluation.objects.update(predictions=named.name)
    sample = erased(measured, Split.TEST)
    assert all(sample.path.encode() not in file.read_bytes() and b"erased" in file.read_bytes() for file in (own, named))


def test_predictions_name_it_no_more_and_say_the_same(measured: Experiment) -> None:
    file = Evaluation.objects.get().predictions_file
    before = list(read_predictions(file))
    sample = erased(measured, Split.TEST)
    after = list(read_predictions(file))
    assert sample.path in [row.path for row in before] and sample.path.encode() not in file.read_bytes()
    assert [row._replace(path="") for row in after] == [row._replace(path="") for row in before]
    assert [row.path for row in after] == ["erased" if row.path == sample.path else row.path for row in before]


def test_the_columns_of_predictions_know_its_place_no_more_and_say_the_same(measured: Experiment) -> None:
    before = np.array(Evaluation.objects.get().scored)
    sample = erased(measured, Split.TEST)
    after = Evaluation.objects.get().scored
    assert sample.position in before["position"]
    assert after["position"].tolist() == [FORGOTTEN if at == sample.position else at for at in before["position"].tolist()]
    assert all((after[name] == before[name]).all() for name in before.dtype.names if name != "position")


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


def test_neither_a_failure_nor_a_line_of_the_log_names_it_once_the_training_is_tried_anew(
    experiment: Experiment, tmp_path: Path, trained, settings, actor_of, owner
) -> None:
    settings.SYNSET_HOME = tmp_path / "home"
    shutil.copytree(trained[0], experiment.dataset.folder / "data")
    sample = Sample.objects.filter(version=experiment.version, split=Split.TRAIN).first()
    said = f"4 of 9 images cannot be decoded, {sample.path} among them: the files are damaged."
    for _ in range(2):
        claim = jobs.claim(experiment.job_id, "device@here:1")
        jobs.record(claim, [jobs.NewEvent("log", {"level": "warning", "message": said})])
        jobs.fail(claim, said, "unreadable", retry=False)
        experiment.refresh_from_db()
        first, experiment = experiment.job_id, retry(actor_of(owner), experiment)
    erased(experiment, Split.TRAIN)
    for told in (Job.objects.filter(error__contains="images"), Attempt.objects.all(), JobEvent.objects.all()):
        text = str(list(told.values()))
        assert sample.path not in text and text.count("cannot be decoded, erased among them") >= 2
    assert Job.objects.get(pk=first).error == said.replace(sample.path, "erased")


def test_the_account_of_a_training_that_could_not_read_it_names_it_no_more(measured: Experiment) -> None:
    sample = Sample.objects.filter(version=measured.version, split=Split.TRAIN).first()
    file = measured.folder / "result.json"
    told = json.loads(file.read_text()) | {"unreadable": ["another.png", sample.path]}
    file.write_text(json.dumps(told))
    erased(measured, Split.TRAIN)
    assert json.loads(file.read_text()) == told | {"unreadable": ["another.png"]}
