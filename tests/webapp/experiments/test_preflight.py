"""The check before a training, on the experiment's page."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from tests.webapp.experiments.kit import epoch, launched
from webapp.experiments import actions, preflight, queries
from webapp.experiments.models import MetricPoint

FOUND = {
    "message": "2 batches of up to 64 images at 32 px went well: loss 1.099 and 1.050; 320 MB of memory.",
    "image_size": 32,
    "pictures": [{"file": "00.png", "classes": [["bee", 1.0]]}, {"file": "01.png", "classes": [["ant", 0.7], ["cow", 0.3]]}],
}


@pytest.fixture
def experiment(editor):
    return launched(editor)


@pytest.fixture
def checked(experiment):
    """With what the engine wrote."""
    (experiment.folder / "first-batch").mkdir(parents=True)
    (experiment.folder / "preflight.json").write_text(json.dumps(FOUND))
    (experiment.folder / "run.json").write_text(json.dumps({"picked": ["1 of 2 threads: other work holds about 1.9 cores."]}))
    for name in ("00.png", "01.png"):
        Image.new("RGB", (32, 32), "red").save(experiment.folder / "first-batch" / name)
    return experiment


def page(client, experiment):
    return client.get(f"/experiments/{experiment.id}/").content.decode()


def test_the_page_tells_what_was_checked_and_names_each_picture(signed_in, editor, checked):
    text = page(signed_in(editor), checked)
    assert "Check before the training" in text and FOUND["message"] in text and "other work holds about 1.9 cores" in text
    assert "<p>bee</p>" in text and "<p>70 % ant, 30 % cow</p>" in text and "bee, as the network sees it" in text


def test_a_picture_of_the_first_batch_can_be_seen(signed_in, editor, checked):
    answer = signed_in(editor).get(f"/experiments/{checked.id}/first-batch/1/")
    assert answer["Content-Type"] == "image/png" and answer.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("place", [2, 99, 10**12])
def test_a_picture_that_was_not_kept_is_not_found(signed_in, editor, checked, place):
    assert signed_in(editor).get(f"/experiments/{checked.id}/first-batch/{place}/").status_code == 404


@pytest.mark.parametrize("written", ["", "[]", "{}", '{"message": "x", "image_size": "?", "pictures": [1]}'])
def test_a_file_that_cannot_be_read_shows_nothing(experiment, written):
    experiment.folder.mkdir(parents=True)
    (experiment.folder / "preflight.json").write_text(written)
    assert preflight.found(experiment) == {}


def test_before_the_check_the_page_says_nothing_of_it(signed_in, editor, experiment):
    assert "Check before the training" not in page(signed_in(editor), experiment)


def test_the_memory_of_the_check_is_kept_once_and_is_no_epoch(experiment):
    for taken in (300, 400):
        actions.record_memory(experiment.id, {"event": "preflight", "memory_bytes": taken})
    actions.record_epoch(experiment.id, epoch(1))
    assert MetricPoint.objects.get(name="memory_bytes").value == 300
    assert [row["epoch"] for row in queries.history(experiment)] == [1]
