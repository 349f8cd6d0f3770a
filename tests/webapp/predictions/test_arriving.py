"""Pictures to classify that come in parts: with the last byte they are a classification, and no dataset."""

from __future__ import annotations

import pytest

from tests.webapp.datasets.tus_kit import metadata
from tests.webapp.datasets.uploads.conftest import from_page, no_part_is_left, program, sender  # noqa: F401 (fixtures)
from webapp.datasets.models import Dataset, Upload
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.predictions.models import Classification

CONTENT = b"PK\x03\x04" + bytes(100_000)


@pytest.fixture
def told(evaluated):
    return {"becomes": "classification", "network": evaluated.experiment_id}


def test_with_the_last_byte_it_waits_to_be_classified(sender, told):  # noqa: F811
    path = sender.begun(len(CONTENT), **told)
    assert not Classification.objects.exists()
    assert sender.send(path, 0, CONTENT[:60_000]).offset == 60_000
    answer = sender.send(path, 60_000, CONTENT[60_000:])
    made = Classification.objects.get()
    assert answer.status == 204 and answer.headers["synset-made"] == made.pk
    assert answer.headers["location"] in (f"/classify/{made.pk}/", f"/api/v1/classifications/{made.pk}")
    assert (made.name, made.archive_bytes, made.job.state) == ("hens.zip", len(CONTENT), "queued")
    assert (made.folder / "upload" / made.archive_file).read_bytes() == CONTENT
    assert Dataset.objects.count() == 1 and not Upload.objects.get().path.exists()  # the one that the network learnt from


def test_a_folder_is_called_without_the_archive_that_the_browser_made_of_it(sender, told):  # noqa: F811
    for more in ({"folder": "1"}, {}):
        named = metadata(filename="my trip.tar", **told, **more)
        begun = sender.speak("POST", sender.creation, Upload_Length=str(len(CONTENT)), Upload_Metadata=named)
        sender.send(begun.headers["location"], 0, CONTENT)
    assert list(Classification.objects.order_by("id").values_list("name", flat=True)) == ["my trip", "my trip.tar"]


def test_who_asks_again_is_led_to_it(sender, told):  # noqa: F811
    path = sender.begun(len(CONTENT), **told)
    sender.send(path, 0, CONTENT)
    head = sender.head(path)
    assert head.offset == len(CONTENT) and head.headers["synset-made"] == Classification.objects.get().pk
    refused = sender.send(path, 0, CONTENT)
    assert refused.status == 409 and "its classification was made" in refused.error["message"]


@pytest.mark.parametrize(("field", "value"), [("becomes", "a cake"), ("network", "published:none")])
def test_what_it_cannot_become_is_said_before_the_first_byte(field, value, sender, told):  # noqa: F811
    answer = sender.begin(len(CONTENT), **told | {field: value})
    assert answer.status == 422 and field in answer.error["fields"] and not Upload.objects.exists()


def test_a_network_that_goes_meanwhile_is_said_and_the_bytes_are_kept(sender, told, evaluated):  # noqa: F811
    path = sender.begun(len(CONTENT), **told)
    Experiment.everything.filter(pk=evaluated.experiment_id).update(trashed_at=evaluated.created_at)
    answer = sender.send(path, 0, CONTENT)
    words = "The network was deleted while the pictures were sent. Discard this upload, then send them with another network."
    assert (answer.status, answer.error["message"]) == (409, words)
    assert not Classification.objects.exists() and Upload.objects.get().finished_at is None


def test_a_network_that_is_trained_anew_meanwhile_is_said(sender, told, evaluated):  # noqa: F811
    path = sender.begun(len(CONTENT), **told)
    job = jobs.submit(team=evaluated.experiment.team, user=None, kind="train", title="First")
    Experiment.objects.filter(pk=evaluated.experiment_id).update(job=job)
    answer = sender.send(path, 0, CONTENT)
    assert answer.status == 409 and "its training is not done. Discard this upload" in answer.error["message"]


def test_unfinished_ones_stand_on_their_own_page(program, told, signed_in, editor):  # noqa: F811
    program.begun(len(CONTENT), **told)
    client = signed_in(editor)
    assert "Unfinished uploads" in client.get("/classify/many/").content.decode()
    assert "Unfinished uploads" not in client.get("/datasets/new/").content.decode()
    upload = Upload.objects.get()
    assert client.post(f"/datasets/uploads/{upload.pk}/discard/")["Location"] == "/classify/many/"


def test_the_same_file_goes_on_where_it_was_begun(sender, told):  # noqa: F811
    first = sender.begun(len(CONTENT), **told, modified="17")
    assert sender.begun(len(CONTENT), **told, modified="17") == first
    assert sender.begun(len(CONTENT), modified="17") != first  # a dataset is something else


def test_a_full_disk_is_said_as_for_datasets(sender, told, monkeypatch):  # noqa: F811
    from webapp.datasets.uploads import begin

    monkeypatch.setattr(begin.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1000}))
    assert sender.begin(len(CONTENT), **told).status == 507


def test_a_viewer_may_not(viewer, signed_in, told):
    assert signed_in(viewer).get("/classify/many/").status_code == 403
