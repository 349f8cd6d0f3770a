"""Weights files: uploaded, read, named by a launch, deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from webapp.experiments import uploads
from webapp.experiments.models import WeightsFile
from webapp.jobs import actions as jobs

TOLD = {"tensors": 9, "parameters": 1234, "dtypes": ["float32"], "bytes": 5000, "fits": ["small_cnn"], "keys": ["a.weight"]}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> None:
    settings.SYNSET_HOME = tmp_path


@pytest.fixture
def send(call):
    """Uploads weights, as the owner unless somebody else is named."""
    return lambda content=b"numbers", **how: call(
        "POST", "/weights", form={"name": "Mine", "file": SimpleUploadedFile("m.pth", content)}, **how
    )


def passed(id: str) -> WeightsFile:
    """Its check has gone well."""
    file = WeightsFile.objects.get(pk=id)
    jobs.finish(jobs.claim(file.job_id, "host@here:1"), also=lambda: uploads.passed(id, TOLD))
    return file


def test_an_upload_answers_202_with_its_id_and_its_check(send):
    answer = send(by="editor")
    made = WeightsFile.objects.get()
    assert answer.status == 202 and answer.body == {"id": made.id, "job": made.job_id} and made.upload.read_bytes() == b"numbers"


def test_an_upload_over_the_limit_is_413_in_words(send, settings):
    settings.WEIGHTS_MAX_BYTES = 3
    answer = send()
    assert answer.status == 413 and "3 bytes" in answer.error["message"] and not WeightsFile.objects.exists()


def test_a_wrong_field_is_named(call, send):
    assert "is empty" in send(b"").error["fields"]["file"]
    assert call("POST", "/weights", form={"name": "Mine"}).error["fields"] == {"file": "is missing"}


def test_weights_are_read_with_what_was_found(call, send):
    id = send().body["id"]
    waiting = call("GET", f"/weights/{id}", by="viewer").body
    passed(id)
    found = call("GET", "/weights", by="reader").body["items"][0]
    assert (waiting["state"], waiting["found"], waiting["file"]) == ("queued", None, "m.pth")
    assert (found["id"], found["state"], found["error"], found["found"]) == (id, "succeeded", "", TOLD)


def test_a_launch_names_them_and_is_told_them_without_a_path(call, send, things):
    id = send().body["id"]
    passed(id)
    config = {"model": "small_cnn", "epochs": 1, "weights": f"file:{id}"}
    made = call("POST", "/experiments", {"dataset": things().dataset.id, "name": "again", "config": config})
    assert made.status == 202 and call("GET", f"/experiments/{made.body['id']}").body["config"]["weights"] == f"file:{id}"
    refused = call("DELETE", f"/weights/{id}")
    assert refused.status == 409 and "again" in refused.error["message"]


def test_a_launch_does_not_take_those_of_another_team(call, send, things):
    id = send(by="outsider").body["id"]
    passed(id)
    config = {"model": "small_cnn", "epochs": 1, "weights": f"file:{id}"}
    answer = call("POST", "/experiments", {"dataset": things().dataset.id, "name": "again", "config": config})
    assert answer.status == 422 and "passed its check" in str(answer.error["fields"])


def test_deleted_weights_are_gone_for_good(call, send):
    id = send().body["id"]
    assert call("DELETE", f"/weights/{id}").status == 409  # while they are checked
    passed(id)
    assert call("DELETE", f"/weights/{id}").body == {"id": id, "outcome": "purged", "until": None}
    assert call("GET", f"/weights/{id}").status == 404


def test_a_refused_file_is_uploaded_again_and_not_checked_again(call, send):
    made = send().body
    jobs.fail(jobs.claim(made["job"], "host@here:1"), "m.pth is no weights file.", "bad_config", retry=False)
    answer = call("POST", f"/jobs/{made['job']}/retry")
    assert call("GET", f"/weights/{made['id']}").body["error"] == "m.pth is no weights file."
    assert answer.status == 409 and "upload the file again" in answer.error["message"]
