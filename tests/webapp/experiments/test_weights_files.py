"""Uploaded weights on the pages: sent, offered to a launch, deleted, and nobody else's; and those of kept epochs of a run."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from classifier.spec.errors import ConfigError, InputError
from tests.webapp.experiments.kit import SMALL, dataset_of, ended, keeps, launched
from webapp.experiments import actions, checkpoints, uploads, weights
from webapp.experiments.models import Experiment, WeightsFile
from webapp.experiments.removing import heirs_of
from webapp.jobs import actions as jobs
from webapp.jobs import room
from webapp.jobs.models import Job

FORM = {"name": "Second", "model": "small_cnn", "epochs": "3", "batch_size": "16", "optimizer": "adamw", "momentum": "0.9"}
FORM |= {"label_smoothing": "0.1", "seed": "0", "device": "auto", "augment": "true", "key": "one"}
TOLD = {"tensors": 9, "parameters": 1234, "dtypes": ["float32"], "bytes": 5000, "fits": ["small_cnn"], "keys": ["a.weight"]}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    settings.SYNSET_HOME = tmp_path
    return tmp_path


def sent(content: bytes = b"numbers", name: str = "mine.pth") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def file(actor_of, editor) -> WeightsFile:
    """Waits for its check."""
    return uploads.create(actor_of(editor), "Mine", sent(), "mine.pth")


def checked(file: WeightsFile) -> WeightsFile:
    """The same after a check that went well."""
    jobs.finish(jobs.claim(file.job_id, "host@here:1"), also=lambda: uploads.passed(file.id, TOLD | {"event": "checked"}))
    file.path.write_bytes(b"numbers")
    return WeightsFile.objects.get(pk=file.pk)


def refused(file: WeightsFile) -> WeightsFile:
    """The same after a check that did not."""
    jobs.fail(jobs.claim(file.job_id, "host@here:1"), "mine.pth is empty.", "bad_config", retry=False)
    return WeightsFile.objects.get(pk=file.pk)


def test_an_upload_is_kept_as_it_came_and_waits_for_its_check(signed_in, editor):
    answer = signed_in(editor).post("/models/weights/", {"name": "Mine", "file": sent()})
    made = WeightsFile.objects.get()
    assert answer["Location"] == "/models/#your-weights" and (made.name, made.file_name, made.bytes) == ("Mine", "mine.pth", 7)
    assert (made.job.kind, made.job.queue, made.job.state) == ("weights", "host", "queued") and made.upload.read_bytes() == b"numbers"


def test_a_script_that_sends_the_form_hears_where_to_go_on(signed_in, editor):
    answer = signed_in(editor).post("/models/weights/", {"name": "Mine", "file": sent()}, headers={"Accept": "application/json"})
    assert answer.json() == {"url": "/models/#your-weights"} and WeightsFile.objects.exists()


def test_a_script_that_sends_the_form_hears_each_wrong_field(signed_in, editor):
    answer = signed_in(editor).post("/models/weights/", {"name": "x" * 200, "file": sent(b"")}, headers={"Accept": "application/json"})
    assert answer.status_code == 422 and answer.json()["fields"] == {
        "name": "Must have 1 to 120 characters; 200 came.",
        "file": "Is empty (0 bytes); expected a state dict as .pth or .pt, or a .safetensors file.",
    }


def test_a_form_sent_twice_is_checked_once(signed_in, editor):
    client = signed_in(editor)
    for _ in range(2):
        client.post("/models/weights/", {"name": "Mine", "file": sent(), "key": "one"})
    assert WeightsFile.objects.get().name == "Mine" and Job.objects.count() == 1


def test_a_form_changed_after_going_back_keeps_both_files(signed_in, editor):
    client = signed_in(editor)
    client.post("/models/weights/", {"name": "", "file": sent(), "key": "one"})
    client.post("/models/weights/", {"name": "", "file": sent(name="other.pth"), "key": "one"})
    assert sorted(WeightsFile.objects.values_list("name", flat=True)) == ["mine", "other"]


def test_a_click_that_lost_the_race_finds_the_first_file_and_leaves_none(actor_of, editor, home, monkeypatch):
    first = uploads.create(actor_of(editor), "Mine", sent(), "mine.pth", key="one")
    before, found = list((home / "weights").iterdir()), iter([None, first])
    monkeypatch.setattr(uploads, "made_before", lambda actor, key: next(found))  # it did not see the other yet
    assert uploads.create(actor_of(editor), "Mine", sent(), "mine.pth", key="one") == first
    assert Job.objects.count() == 1 and list((home / "weights").iterdir()) == before


def test_without_a_name_it_is_called_as_its_file(signed_in, editor):
    signed_in(editor).post("/models/weights/", {"name": "", "file": sent(name="../../bird net.pth")})
    made = WeightsFile.objects.get()
    assert (made.name, made.file_name) == ("bird net", "bird net.pth") and [path.name for path in made.folder.iterdir()] == ["upload"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "Mine"}, "Is missing; choose a .pth"),
        ({"name": "Mine", "file": b""}, "Is empty (0 bytes); expected a state dict"),
        ({"name": "Mine", "file": b"x" * 101}, "this server takes up to 100 bytes (SYNSET_WEIGHTS_MAX_BYTES)"),
        ({"name": "n" * 200, "file": b"x"}, "Must have 1 to 120 characters; 200 came."),
        ({"name": "a\0b", "file": b"x"}, "Must have 1 to 120 characters"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(fields, words, signed_in, editor, settings, home):
    settings.WEIGHTS_MAX_BYTES = 100
    body = {name: sent(value) if isinstance(value, bytes) else value for name, value in fields.items()}
    answer = signed_in(editor).post("/models/weights/", body)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not WeightsFile.objects.exists() and not list(home.glob("weights/*"))


def test_a_full_disk_keeps_nothing_and_says_so(signed_in, editor, monkeypatch, home):
    def full(archive, target):
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("webapp.datasets.files.place", full)
    answer = signed_in(editor).post("/models/weights/", {"name": "Mine", "file": sent()}, follow=True)
    assert "disk is full, so the file was not kept" in answer.content.decode()
    assert not WeightsFile.objects.exists() and not list(home.glob("weights/*"))


def test_the_page_shows_what_is_ready_and_why_something_was_refused(signed_in, viewer, file, actor_of, editor):
    checked(file)
    refused(uploads.create(actor_of(editor), "Bad", sent(), "bad.pth"))
    page = signed_in(viewer).get("/models/").content.decode()
    assert all(words in page for words in ("Ready", "small_cnn", "1,234", "float32", "Failed", "mine.pth is empty."))


def test_a_check_that_waits_for_room_says_so_while_there_is_none(signed_in, viewer, file, settings):
    jobs.put_back(jobs.claim(file.job_id, "host@here:1"), f"The disk is full: 12 kB are free. {room.goes_on()}", "disk_full")
    client = signed_in(viewer)
    assert "disk" not in client.get("/models/").content.decode().partition('id="weights-files"')[2].partition("</table>")[0]
    settings.JOB_LEAST_FREE_BYTES = 1 << 62
    assert '<div class="row__note warn">The disk of the data folder is full: ' in client.get("/models/").content.decode()


def test_only_those_who_may_see_the_form_and_the_buttons(signed_in, editor, viewer, file):
    checked(file)
    seen = {user.username: signed_in(user).get("/models/").content.decode() for user in (editor, viewer)}
    assert 'action="/models/weights/"' in seen["editor"] and f"/models/weights/{file.id}/delete/" in seen["editor"]
    assert "<form" not in seen["viewer"].split('id="your-weights"')[1].split("</section>")[0]


def test_the_launch_form_offers_what_is_ready_and_starts_from_it(signed_in, editor, file, actor_of):
    uploads.create(actor_of(editor), "Unchecked", sent(), "mine.pth")
    checked(file)
    options = [choice.value for choice in weights.choices(file.team)]
    made = launched(editor, weights=f"file:{file.id}")
    assert options == [f"file:{file.id}"] and made.config["weights"] == str(file.path)
    assert (weights.chosen(made.config["weights"]), weights.shown(made.config["weights"])) == (f"file:{file.id}", "Mine")


@pytest.mark.parametrize("source", ["an uploaded file", "an earlier run"])
def test_weights_that_are_another_networks_are_refused_at_their_field_before_anything_waits(source, signed_in, editor, file):
    earlier = ended(launched(editor))
    wanted = f"file:{checked(file).id}" if source == "an uploaded file" else f"run:{earlier.id}"
    fields = FORM | {"dataset": earlier.dataset_id, "weights": wanted}
    answer = signed_in(editor).post("/experiments/new/", fields | {"model": "resnet18"})
    words = "Are those of small_cnn, and the model is resnet18; choose the model that they belong to, or other weights."
    assert answer.status_code == 422 and words in html.unescape(answer.content.decode()) and Experiment.objects.count() == 1
    assert signed_in(editor).post("/experiments/new/", fields).status_code == 302


def test_a_launch_takes_no_file_of_another_team_none_that_waits_and_no_path(actor_of, outsider, editor, file):
    dataset = dataset_of(outsider)
    for wanted in (f"file:{file.id}", "file:", "file:../../etc", str(file.path)):
        with pytest.raises(ConfigError, match="weights: "):
            actions.launch(actor_of(outsider), dataset, "First", SMALL | {"weights": wanted})
    with pytest.raises(ConfigError, match="passed its check"):
        launched(editor, weights=f"file:{file.id}")
    checked(file)
    with pytest.raises(ConfigError, match="passed its check"):
        actions.launch(actor_of(outsider), dataset, "First", SMALL | {"weights": f"file:{file.id}"})


def test_a_launch_beside_a_deletion_is_refused(actor_of, editor, file, monkeypatch):
    checked(file)
    monkeypatch.setattr(weights, "uploaded_path", lambda team, id: file.path)  # it was looked up before the other had deleted it
    uploads.delete(actor_of(editor), file)
    with pytest.raises(ConfigError, match="deleted meanwhile"):
        launched(editor, weights=f"file:{file.id}")


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_what_a_run_started_from_may_go_once_that_has_ended(state, signed_in, editor, file, django_capture_on_commit_callbacks):
    checked(file)
    ended(launched(editor, weights=f"file:{file.id}"), state)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(editor).post(f"/models/weights/{file.id}/delete/")
    assert not WeightsFile.objects.exists() and not file.folder.exists()


def test_a_training_that_waits_keeps_its_weights(signed_in, editor, file):
    checked(file)
    launched(editor, "Heir", weights=f"file:{file.id}")
    page = signed_in(editor).post(f"/models/weights/{file.id}/delete/", follow=True).content.decode()
    assert "Mine stays while Heir, which is not finished, starts from it" in page and file.path.exists()


def test_what_is_being_checked_is_not_deleted(actor_of, editor, file):
    with pytest.raises(InputError, match="Mine is being checked"):
        uploads.delete(actor_of(editor), file)
    assert WeightsFile.objects.exists() and file.upload.exists()


def test_the_form_offers_the_kept_epochs_of_a_run_besides_its_best(editor):
    run = ended(launched(editor))
    Experiment.objects.filter(id=run.id).update(best_epoch=2)
    keeps(run, 1, 2, 3, half=4)
    offered = [(choice.value, choice.text) for choice in weights.choices(run.team)]
    assert offered == [
        (f"run:{run.id}", "First, best epoch 2"), (f"run:{run.id}@1", "First, epoch 1"), (f"run:{run.id}@3", "First, epoch 3"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", '{"checkpoints": 3}', '{"checkpoints": [{}]}', '{"checkpoints": ["a"]}', "{"])
def test_a_manifest_that_cannot_be_read_offers_no_epochs(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    assert checkpoints.kept_epochs(tmp_path) == []


def test_one_epoch_of_an_earlier_run_gives_the_weights_and_a_clone_names_it(signed_in, editor):
    dataset = dataset_of(editor)
    earlier = keeps(ended(launched(editor, dataset=dataset)), 2)
    signed_in(editor).post("/experiments/new/", FORM | {"dataset": dataset.id, "weights": f"run:{earlier.id}@2"})
    made = Experiment.objects.exclude(id=earlier.id).get()
    assert made.config["weights"] == f"{earlier.folder}@2" and weights.run_of(made.config["weights"]) == earlier.id
    assert weights.chosen(made.config["weights"]) == f"run:{earlier.id}@2"
    assert heirs_of([earlier]) == {earlier.id: made.name}


@pytest.mark.parametrize("epoch", ["", "best", "../x", "1@2", "9" * 50])
def test_what_is_no_epoch_of_a_run_is_refused(actor_of, editor, epoch):
    earlier = ended(launched(editor))
    with pytest.raises(ConfigError, match="names no epoch"):
        actions.launch(actor_of(editor), earlier.dataset, "Second", SMALL | {"weights": f"run:{earlier.id}@{epoch}"})


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ((1, 3, 5), "Names epoch 2 of the run, which is not kept; 3 epochs are kept: 1, 3, 5. Without the @ it is the run's best epoch."),
        ((5,), "Names epoch 2 of the run, which is not kept; 1 epoch is kept: 5."),
        ((), "Names epoch 2 of the run, which is not kept; no epoch of it is kept."),
        (range(10, 60), "50 epochs are kept: …, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59."),
    ],
)
def test_an_epoch_that_is_not_kept_is_refused_at_its_field_with_those_that_are(kept, words, signed_in, editor):
    earlier = keeps(ended(launched(editor)), *kept)
    answer = signed_in(editor).post("/experiments/new/", FORM | {"dataset": earlier.dataset_id, "weights": f"run:{earlier.id}@2"})
    assert answer.status_code == 422 and words in html.unescape(answer.content.decode()) and Experiment.objects.count() == 1
