"""Uploaded weights by a real child: kept as safetensors, or refused with a sentence and forgotten; and a training that starts from them."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from classifier.spec.errors import InputError
from tests.classifier import bad_weights
from tests.classifier.images import class_folders, write_zip
from webapp.accounts.models import User
from webapp.core.ids import new_id
from webapp.datasets import actions as datasets
from webapp.datasets.models import Dataset
from webapp.experiments import actions as experiments
from webapp.experiments import leftovers, uploads, weights
from webapp.experiments.models import WeightsFile
from webapp.jobs import actions
from webapp.jobs.models import Job
from worker import attempt
from worker.claim import now
from worker.handlers import work_for
from worker.handlers.weights import CheckWeights

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[[bad_weights.Make], WeightsFile]
SMALL = {"model": "small_cnn", "epochs": 1, "image_size": 16, "batch_size": 8, "device": "cpu"}


def state() -> dict[str, torch.Tensor]:
    return bad_weights.state()


@pytest.fixture
def upload(actor_of, owner: User, tmp_path: Path, settings, monkeypatch) -> Upload:
    """Uploads what `make` writes."""
    settings.SYNSET_HOME = tmp_path / "home"
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)

    def send(make: bad_weights.Make) -> WeightsFile:
        path = tmp_path / "Mine one.pth"
        make(path)
        return uploads.create(actor_of(owner), "Mine", path, path.name)

    return send


def run(job_id: str) -> Job:
    claim = actions.claim(job_id, "host@here:1")
    assert claim
    attempt.run(claim, {}, claimed_at=now())
    return Job.objects.get(pk=job_id)


def left(file: WeightsFile) -> list[str]:
    """What is kept of it."""
    return sorted(path.name for path in file.folder.iterdir()) if file.folder.exists() else []


def test_a_state_dict_is_kept_as_safetensors_and_nothing_else(upload):
    file = upload(bad_weights.saved(state))
    job = run(file.job_id)
    file.refresh_from_db()
    kept = load_file(file.path)
    assert (job.state, job.error) == ("succeeded", "") and left(file) == ["log.txt", "weights.safetensors"]
    assert kept.keys() == state().keys() and file.told["fits"] == ["small_cnn"] and file.told["tensors"] == len(kept)


def test_a_pickle_that_runs_code_does_not_run_and_is_refused_and_forgotten(upload, tmp_path):
    mark = tmp_path / "ran"
    file = upload(bad_weights.saved(lambda: {"weights": bad_weights.Hostile(str(mark))}))
    job = run(file.job_id)
    assert job.state == "failed" and "which is never run. Send the weights alone: torch.save(model.state_dict()" in job.error
    assert not mark.exists() and left(file) == []


def test_a_refusal_names_the_file_as_the_user_did_and_no_folder_of_the_server(upload, settings):
    error = run(upload(bad_weights.raw(b"no weights")).job_id).error
    assert error.startswith("Mine one.pth is no weights file") and str(settings.SYNSET_HOME) not in error


def test_a_whole_model_is_refused_with_what_to_send(upload):
    job = run(upload(bad_weights.saved(lambda: torch.nn.Linear(2, 2))).job_id)
    assert job.state == "failed" and "a whole model (torch.nn.modules.linear.Linear)" in job.error and "Send the weights alone" in job.error


def test_tied_layers_are_kept_each_with_its_numbers(upload):
    one = torch.ones(3, 3)
    file = upload(bad_weights.saved(lambda: {"a.weight": one, "b.weight": one, "c.weight": one.t()}))
    assert run(file.job_id).state == "succeeded" and all(torch.equal(kept, one) for kept in load_file(file.path).values())


def test_weights_with_a_wrappers_prefix_are_taken_and_a_training_starts_from_them(upload, actor_of, owner, tmp_path):
    wrapped = {f"module.{key}": value for key, value in state().items()}
    file = upload(bad_weights.saved(lambda: {"state_dict": wrapped}))
    assert run(file.job_id).state == "succeeded"
    pets = datasets.create(actor_of(owner), "Pets", write_zip(tmp_path / "pets.zip", class_folders(10)), "pets.zip")
    assert run(pets.job_id).state == "succeeded"
    pets = Dataset.objects.get(pk=pets.pk)
    training = experiments.launch(actor_of(owner), pets, "From mine", SMALL | {"weights": f"file:{file.id}"})
    with pytest.raises(InputError, match="Mine stays while From mine"):
        uploads.delete(actor_of(owner), file)
    ended = run(training.job_id)
    assert (ended.state, ended.error) == ("succeeded", "") and weights.shown(training.config["weights"]) == "Mine"
    uploads.delete(actor_of(owner), file)
    assert not file.folder.exists() and (training.folder / "result.json").exists()


def test_a_check_runs_within_limits(upload):
    file = upload(bad_weights.saved(state))
    claim = actions.claim(file.job_id, "host@here:1")
    limits = work_for(Job.objects.get(pk=file.job_id), claim).limits()
    assert limits[resource.RLIMIT_CORE] == 0 and 0 < limits[resource.RLIMIT_FSIZE] < 1 << 30 and limits[resource.RLIMIT_DATA] < 8 << 30


def test_a_check_over_a_limit_fails_and_keeps_nothing(upload, monkeypatch):
    monkeypatch.setattr(CheckWeights, "limits", lambda self: {resource.RLIMIT_FSIZE: 4096})
    file = upload(bad_weights.saved(state))
    assert run(file.job_id).state == "failed" and left(file) == []


def test_an_attempt_that_is_to_be_repeated_keeps_the_upload_for_the_next(upload):
    file = upload(bad_weights.saved(state))
    claim = actions.claim(file.job_id, "host@here:1")
    work = work_for(Job.objects.get(pk=file.job_id), claim)
    work.made.touch()
    actions.fail(claim, "The worker that ran this job stopped answering.", "lost", retry=True)
    work.clear()
    assert left(file) == ["upload"] and run(file.job_id).state == "succeeded"


def test_what_killed_checks_left_is_swept(upload):
    good, cancelled = upload(bad_weights.saved(state)), upload(bad_weights.saved(state))
    waits = upload(bad_weights.saved(state))
    run(good.job_id)
    (good.folder / f"{new_id()}.1.safetensors").touch()
    good.upload.touch()
    actions.request_cancel(cancelled.job)
    leftovers.sweep()
    assert (left(good), left(cancelled), left(waits)) == (["log.txt", "weights.safetensors"], [], ["upload"])
