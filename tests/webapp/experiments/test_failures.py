"""A training that failed says what can be done; one that had setbacks shows them; its whole log can be had."""

from __future__ import annotations

import re

import pytest

from tests.webapp.experiments.kit import launched
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.actions import NewEvent

pytestmark = pytest.mark.django_db


def failed(experiment: Experiment, code: str) -> Experiment:
    claim = jobs.claim(experiment.job_id, "device@here:1")
    jobs.fail(claim, "It could not go on.", code, retry=False)
    return Experiment.objects.get(id=experiment.id)


def page(client, experiment: Experiment) -> str:
    return client.get(f"/experiments/{experiment.id}/").content.decode()


@pytest.mark.parametrize(
    ("code", "words", "link"),
    [
        ("out_of_memory", "Clone with batches of 32", "batch_size=32"),
        ("out_of_memory", "Clone with batches of 32, 2 a step", "accumulate=2"),
        ("nan_loss", "Clone with a learning rate of 0.0002", "learning_rate=0.0002"),
        ("nan_loss", "Clone, and go back when it diverges", "on_nan=go_back"),
        ("killed", "Try again", "/retry/"),
        ("loader", "Try again", "/retry/"),
        ("hung", "Try again", "/retry/"),
        ("lost", "Try again", "/retry/"),
        ("disk_full", "Try again", "/retry/"),
        ("disk_full", "Look at the trash", "/trash/"),
        ("unreadable", "Look at the dataset", "/datasets/"),
        ("bad_input", "Clone and change", "/experiments/new/"),
    ],
)
def test_each_failure_has_a_button_for_what_may_help(signed_in, editor, code, words, link):
    text = page(signed_in(editor), failed(launched(editor), code))
    assert "It could not go on." in text
    assert words in text and link in text


@pytest.mark.parametrize("code", ["out_of_memory", "nan_loss"])
def test_the_page_of_a_training_that_would_not_be_taken_any_more_still_opens(signed_in, editor, code):
    experiment = launched(editor, batch_size=2)
    Experiment.objects.filter(id=experiment.id).update(config=experiment.config | {"model": "resnet18", "image_size": 8})
    assert "Clone" in page(signed_in(editor), failed(experiment, code))


def test_smaller_images_are_no_smaller_than_the_network_takes(signed_in, editor):
    text = page(signed_in(editor), failed(launched(editor, model="alexnet", batch_size=2, image_size=64), "out_of_memory"))
    assert "Clone with images of 63 pixels" in text


def test_memory_that_a_batch_of_two_uses_up_is_saved_by_smaller_images(signed_in, editor):
    text = page(signed_in(editor), failed(launched(editor, batch_size=2, image_size=64), "out_of_memory"))
    assert "Clone with images of 32 pixels" in text and "image_size=32" in text


def test_the_offered_clone_is_a_form_with_that_change(signed_in, editor):
    experiment = failed(launched(editor), "out_of_memory")
    text = signed_in(editor).get(f"/experiments/new/?from={experiment.id}&batch_size=32").content.decode()
    assert re.search(r'<input[^>]*name="batch_size"[^>]*value="32"', text)


def test_a_training_that_waits_for_room_on_the_disk_says_so_while_there_is_none(signed_in, editor, settings):
    experiment = launched(editor)
    jobs.put_back(jobs.claim(experiment.job_id, "device@one:1"), "The disk is full: 12 kB are free.", "disk_full")
    assert "starts once there is room" not in page(signed_in(editor), experiment)
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    assert "starts once there is room" in page(signed_in(editor), experiment)


def test_a_training_that_waits_while_the_disk_is_full_says_so_before_its_first_attempt(signed_in, editor, settings):
    experiment = launched(editor)
    assert "starts once there is room" not in page(signed_in(editor), experiment)
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    text = page(signed_in(editor), experiment)
    assert "The disk of the data folder is full" in text and "go on by themselves once" in text and "starts once there is room" in text


def test_a_viewer_is_offered_nothing_that_is_not_theirs_to_do(signed_in, editor, viewer):
    text = page(signed_in(viewer), failed(launched(editor), "killed"))
    assert "Try again" not in text and "Clone" not in text


def test_setbacks_stand_on_the_page_with_what_came_of_each(signed_in, editor):
    experiment = launched(editor)
    jobs.fail(
        jobs.claim(experiment.job_id, "device@one:1"), "The training process was killed by the system (signal 9).", "killed", retry=True
    )
    jobs.claim(experiment.job_id, "device@two:1")
    text = page(signed_in(editor), experiment)
    assert "attempt 2" in text and "killed by the system" in text and "device@one" in text and "Under way" in text


def test_warnings_stand_on_the_page_once_each(signed_in, editor):
    experiment = launched(editor)
    full = NewEvent("log", {"level": "warning", "message": "The disk is full: checkpoint epoch-0002.pt was not kept."})
    spoilt = NewEvent("problem", {"file": "cat/1.jpg", "rule": "unreadable", "message": "It cannot be decoded.", "taken": False})
    jobs.record(jobs.claim(experiment.job_id, "device@one:1"), [full, full, spoilt])
    text = page(signed_in(editor), experiment)
    notice = text[text.index("Worth knowing") :].partition("</div>")[0]
    assert notice.count("The disk is full") == 1
    assert "1 image could not be read and was left out" in notice


def test_the_whole_log_is_a_file_with_all_that_was_told_and_written(signed_in, editor):
    experiment = failed(launched(editor), "killed")
    experiment.folder.mkdir(parents=True)
    (experiment.folder / "log.txt").write_text("Segmentation fault\n")
    answer = signed_in(editor).get(f"/experiments/{experiment.id}/log.txt")
    text = b"".join(answer.streaming_content).decode()
    assert answer["Content-Disposition"].startswith("attachment")
    assert "It could not go on." in text and "Segmentation fault" in text


def test_a_running_training_is_paused_resumed_and_finished_from_its_page(signed_in, editor):
    client, experiment = signed_in(editor), launched(editor)
    jobs.claim(experiment.job_id, "device@here:1")
    client.post(f"/experiments/{experiment.id}/pause/")
    assert "Pausing" in page(client, experiment)
    client.post(f"/experiments/{experiment.id}/resume/")
    client.post(f"/experiments/{experiment.id}/finish/")
    assert "Finishing" in page(client, experiment)


def test_a_paused_training_says_so_and_offers_to_go_on(signed_in, editor):
    client, experiment = signed_in(editor), launched(editor)
    client.post(f"/experiments/{experiment.id}/pause/")
    text = page(client, experiment)
    assert "Paused" in text and f"/experiments/{experiment.id}/resume/" in text
    assert experiment.name in client.get("/queue/").content.decode()
    assert "paused at" in client.get("/").content.decode()
