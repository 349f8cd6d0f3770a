"""The live page, the list, and who may see and do what."""

from __future__ import annotations

import base64
import re

import pytest

from tests.webapp.experiments.kit import dataset_of, ended, epoch, launched
from webapp.core import paging
from webapp.core.ids import new_id
from webapp.experiments import actions, live
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs
from webapp.jobs.actions import NewEvent


@pytest.fixture
def experiment(editor):
    return launched(editor)


def running(experiment, *epochs):
    claim = jobs.claim(experiment.job_id, "device@here:1")
    for event in epochs:
        also = {key: value for key, value in event.items() if key != "confusion"}
        jobs.record(
            claim, [NewEvent("epoch", also)], progress=0.4, eta=90.0, also=lambda told=event: actions.record_epoch(experiment.id, told)
        )
    return Experiment.objects.get(id=experiment.id)


def test_a_waiting_training_says_its_place(signed_in, editor, experiment):
    text = signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()
    assert "Waiting, 1st in line" in text and "after the first epoch" in text


def test_a_running_training_shows_its_figures_with_interval(signed_in, editor, experiment):
    running(experiment, epoch(1), epoch(2))
    text = signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()
    assert "83.3 %" in text and "43.6 to 97.0" in text and "1 min 30 s left" in text and "▼ 1.250 since the epoch before" in text


def test_while_it_validates_the_epoch_keeps_its_place(signed_in, editor, experiment):
    claim = jobs.claim(experiment.job_id, "device@here:1")
    steps = {"stage": "epoch 2 of 3", "epoch": 2, "epochs": 3, "step": 10, "steps": 10}
    jobs.record(claim, [NewEvent("progress", steps)], stage=steps["stage"])
    told = {"stage": "Validating: 4 of 18 images", "done": 4, "total": 18, "unit": "images"}
    jobs.record(claim, [NewEvent("progress", told)], stage=told["stage"])
    text = signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()
    assert '<b id="live-epoch">Epoch 2 of 3</b>' in text and 'id="live-step">validating: 4 of 18 images<' in text


def test_before_the_first_epoch_it_says_what_it_does(signed_in, editor, experiment):
    jobs.record(jobs.claim(experiment.job_id, "device@here:1"), [NewEvent("progress", {"stage": "decoding"})], stage="decoding")
    text = signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()
    assert '<b id="live-epoch">Decoding</b>' in text and 'id="live-step"><' in text


def test_the_interval_is_half_of_wilsons():
    assert live.half_width(0.5, 6) == "± 31.2" and live.half_width(None, 6) == "" and live.half_width(0.5, 0) == ""


def test_an_interval_that_would_go_beyond_all_images_is_told_by_its_ends():
    assert live.half_width(5 / 6, 6) == "43.6 to 97.0" and live.half_width(1.0, 100) == "96.3 to 100.0"


def test_the_curves_come_as_figures(signed_in, editor, experiment):
    running(experiment, epoch(1), epoch(2))
    figures = signed_in(editor).get(f"/experiments/{experiment.id}/charts/").json()
    assert figures["loss"]["data"][1]["y"] == [2.5, 1.25] and set(figures) == {"loss", "steps", "accuracy", "error"}


def test_an_epoch_that_ends_while_the_page_is_made_is_told_after_it(experiment, monkeypatch):
    claim, history = jobs.claim(experiment.job_id, "device@here:1"), live.queries.history

    def meanwhile(of):
        found = history(of)
        jobs.record(claim, [NewEvent("epoch", {"epoch": 1})], also=lambda: actions.record_epoch(experiment.id, epoch(1)))
        return found

    monkeypatch.setattr(live.queries, "history", meanwhile)
    shown = live.context(Experiment.objects.get(id=experiment.id))
    assert shown["rows"] == [] and shown["job"].last_seq < experiment.job.events.get(kind="epoch").seq


def test_the_matrix_of_an_earlier_epoch_can_be_asked_for(signed_in, editor, experiment):
    running(experiment, epoch(1), epoch(2))
    answer = signed_in(editor).get(f"/experiments/{experiment.id}/matrix/?epoch=1").json()
    assert (
        answer["epoch"] == 1 and answer["epochs"] == [1, 2] and set(answer["figures"]) == {"recall", "precision", "f1", "counts", "by_row"}
    )


def test_of_an_epoch_only_what_is_looked_at_is_made(signed_in, editor, experiment):
    running(experiment, epoch(1), epoch(2))
    client, address = signed_in(editor), f"/experiments/{experiment.id}/matrix/"
    some = client.get(address, {"of": "recall,by_row"}).json()
    assert set(some["figures"]) == {"recall", "by_row"} and "watched" not in some
    assert set(client.get(address, {"of": "watched"}).json()) == {"epoch", "epochs", "figures", "watched"}
    assert client.get(address, {"of": ""}).json() == {"epoch": 2, "epochs": [1, 2], "figures": {}}


def test_what_is_no_part_of_an_epoch_is_refused_with_those_that_are(signed_in, editor, experiment):
    answer = signed_in(editor).get(f"/experiments/{experiment.id}/matrix/", {"of": "recall,loss"})
    assert answer.status_code == 400
    assert answer.content.decode() == (
        "`of` names what to draw, separated by commas: some of recall, precision, f1, counts, by_row, watched; 'recall,loss' came."
    )


@pytest.mark.parametrize("epoch_text", ["99", "-1", "x", "9" * 30, "²"])
def test_a_matrix_that_is_not_there_is_no_error(signed_in, editor, experiment, epoch_text):
    assert signed_in(editor).get(f"/experiments/{experiment.id}/matrix/", {"epoch": epoch_text}).status_code == 200


def test_the_log_tells_the_events_and_what_the_process_wrote(signed_in, editor, experiment):
    running(experiment, epoch(1))
    experiment.folder.mkdir(parents=True, exist_ok=True)
    (experiment.folder / "log.txt").write_text('{"event": "progress"}\nTraceback: out of memory\n')
    text = signed_in(editor).get(f"/experiments/{experiment.id}/log/").content.decode()
    assert "epoch 1  train loss 2.000" in text and "Traceback: out of memory" in text and "progress" not in text


def test_a_failed_training_says_why_and_what_may_help(signed_in, editor, experiment):
    ended(experiment, "failed")
    text = signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()
    assert (
        "It failed." in text and "Lower the learning rate." in text and f"/experiments/new/?from={experiment.id}&amp;learning_rate=" in text
    )


NOTHING_DRAWN = 'id="drawn" hidden'


def test_a_training_that_failed_at_once_shows_no_empty_frames(signed_in, editor, experiment):
    ended(experiment, "failed")
    assert NOTHING_DRAWN in signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()


def test_a_training_that_waits_shows_what_will_be_drawn(signed_in, editor, experiment):
    assert NOTHING_DRAWN not in signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()


def studied(client, experiment):
    """The lines of the menu "Study": whether each can be chosen, and what it says."""
    text = client.get(f"/experiments/{experiment.id}/").content.decode()
    menu = text[text.index("Study</summary>") :].split("</details>")[0]
    items = re.findall(r"<(a|button)([^>]*menu__item[^>]*)>(.*?)</\1>", menu, re.S)
    return {re.sub(r"<[^>]+>", ": ", words).removesuffix(": "): "aria-disabled" not in about for _, about, words in items}


def test_what_a_training_without_a_network_cannot_be_studied_by_says_why(signed_in, viewer, experiment):
    ended(experiment, "failed")
    why = "no network was kept: the training ended before its first epoch did"
    assert studied(signed_in(viewer), experiment) == {
        "Compare": True, f"Layers: {why}": False, f"Which class needs more images?: {why}": False,
    }  # fmt: skip


def test_of_a_stopped_training_whose_files_are_gone_that_is_said(signed_in, viewer, experiment):
    Experiment.objects.update(best_epoch=2)
    ended(experiment, "cancelled")
    assert "Layers: its checkpoints are not on this server any more" in studied(signed_in(viewer), experiment)


def test_a_trained_network_is_studied_every_way(signed_in, viewer, experiment):
    ended(experiment)
    assert studied(signed_in(viewer), experiment) == {"Compare": True, "Layers": True, "Which class needs more images?": True}


def test_a_retry_is_a_new_job_of_the_same_experiment(signed_in, editor, experiment):
    first = ended(experiment, "failed").job_id
    signed_in(editor).post(f"/experiments/{experiment.id}/retry/")
    experiment.refresh_from_db()
    assert experiment.job_id != first and experiment.job.state == "queued"


def test_two_retries_make_one_job(signed_in, editor, experiment):
    ended(experiment, "failed")
    client = signed_in(editor)
    answers = [client.post(f"/experiments/{experiment.id}/retry/", follow=True) for _ in range(2)]
    assert "Only a failed or cancelled job" in answers[1].content.decode() and experiment.team.jobs.filter(kind="train").count() == 2


def test_cancel_stops_a_waiting_training(signed_in, editor, experiment):
    signed_in(editor).post(f"/experiments/{experiment.id}/cancel/")
    experiment.job.refresh_from_db()
    assert experiment.job.state == "cancelled"


def test_a_training_that_runs_cannot_be_deleted(signed_in, editor, experiment):
    answer = signed_in(editor).post(f"/experiments/{experiment.id}/delete/", follow=True)
    assert Experiment.objects.exists() and "cancel it first" in answer.content.decode()


def test_a_finished_training_goes_to_the_trash_and_keeps_its_folder(signed_in, editor, experiment):
    ended(experiment, "failed").folder.mkdir(parents=True)
    signed_in(editor).post(f"/experiments/{experiment.id}/delete/")
    assert not Experiment.objects.exists() and Experiment.everything.get().trashed_by == editor and experiment.folder.exists()


def test_only_a_training_that_has_ended_offers_to_be_deleted(signed_in, editor, experiment):
    client, button = signed_in(editor), 'data-dialog="delete-dialog"'
    assert button not in client.get(f"/experiments/{experiment.id}/").content.decode()
    ended(experiment)
    text = client.get(f"/experiments/{experiment.id}/").content.decode()
    assert button in text and f'action="/experiments/{experiment.id}/delete/"' in text and "Delete First?" in text


@pytest.mark.parametrize("state", ["", "succeeded", "failed"])
def test_a_viewer_sees_no_button_that_changes_anything(signed_in, viewer, experiment, state):
    if state:
        ended(experiment, state)
    text = signed_in(viewer).get(f"/experiments/{experiment.id}/").content.decode()
    changing = [*(f"/experiments/{experiment.id}/{page}" for page in WRITES), "delete-dialog", "Clone and change", "/evaluations/of/"]
    assert not [words for words in changing if words in text]


def test_a_training_without_test_images_says_so(experiment):
    words = live.done_words(ended(experiment), {"n": 0, "top1": None})
    assert "The dataset has no test images" in words


READS = ["", "charts/", "matrix/", "log/", "steps/?of=rate"]
WRITES = ["cancel/", "retry/", "delete/"]


@pytest.mark.parametrize("page", READS)
def test_an_outsider_and_a_random_id_get_the_same_404(signed_in, outsider, experiment, page):
    client = signed_in(outsider)
    assert {client.get(f"/experiments/{id}/{page}").status_code for id in (experiment.id, new_id())} == {404}


@pytest.mark.parametrize("page", WRITES)
def test_an_outsider_changes_nothing(signed_in, outsider, experiment, page):
    assert signed_in(outsider).post(f"/experiments/{experiment.id}/{page}").status_code == 404


@pytest.mark.parametrize("page", WRITES)
def test_a_viewer_reads_and_changes_nothing(signed_in, viewer, experiment, page):
    client = signed_in(viewer)
    assert client.get(f"/experiments/{experiment.id}/").status_code == 200
    assert client.post(f"/experiments/{experiment.id}/{page}").status_code == 403


def test_somebody_not_signed_in_is_led_to_the_login(client, experiment):
    assert client.get(f"/experiments/{experiment.id}/")["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("sort", ["newest", "name", "data", "model", "validation", "owner__password"])
def test_the_list_pages_by_key_through_every_row_once(signed_in, editor, monkeypatch, sort):
    monkeypatch.setattr("webapp.experiments.listing.PAGE", 2)
    dataset, client, seen, cursor = dataset_of(editor), signed_in(editor), [], ""
    made = {launched(editor, name, dataset).id for name in ("b", "a", "c", "a", "d")}
    while True:
        context = client.get("/experiments/", {"sort": sort, "cursor": cursor}).context
        seen += [row.experiment.id for row in context["rows"]]
        cursor = context["next"]
        if not cursor:
            break
    assert len(seen) == 5 and set(seen) == made


ID = "0" * 20
KEYS = ('"a"', '"\\ud800"', '"\\u0000"', "NaN", f"1{'0' * 400}")
TOLD = [*(f'[{key}, "{ID}"]' for key in KEYS), "null", "[[], 1]", '[0.5, "\\ud800"]', '[0.5, "x"]', "[" * 20_000]
CURSORS = ["x", "é", *(base64.urlsafe_b64encode(text.encode()).decode() for text in TOLD)]


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_cursor_of_another_list_starts_from_the_top(signed_in, editor, experiment, cursor):
    assert len(signed_in(editor).get("/experiments/", {"sort": "validation", "cursor": cursor}).context["rows"]) == 1


@pytest.mark.parametrize("key", ["\ud800", "\0", 0.5, None, True])
@pytest.mark.parametrize("sort", ["newest", "name", "data", "model"])
def test_a_cursor_whose_key_is_no_text_starts_a_list_by_text_from_the_top(signed_in, editor, experiment, sort, key):
    cursor = paging.encode(key, ID)
    assert len(signed_in(editor).get("/experiments/", {"sort": sort, "cursor": cursor}).context["rows"]) == 1


def test_the_search_finds_name_data_and_model(signed_in, editor, experiment):
    client = signed_in(editor)
    found = [len(client.get("/experiments/", {"q": text}).context["rows"]) for text in ("fir", "anim", "small_", "zebra", "\0")]
    assert found == [1, 1, 1, 0, 1]


def test_the_list_is_empty_for_another_team(signed_in, outsider, experiment):
    assert "No experiments yet" in signed_in(outsider).get("/experiments/").content.decode()


def test_the_catalogue_lists_every_network(signed_in, viewer):
    text = signed_in(viewer).get("/models/").content.decode()
    assert "efficientnet_b0" in text and text.count('<tr id="model-') > 80


@pytest.mark.parametrize(("best", "words"), [(1, "epoch 1, the head alone"), (3, "epoch 3, fine-tuned")])
def test_the_best_epoch_says_whether_it_is_of_the_head_or_of_the_fine_tuning(signed_in, editor, best, words):
    experiment = launched(editor, weights="default", model="efficientnet_lite0", freeze="backbone", finetune=1)
    for number in (1, 2, 3):
        actions.record_epoch(experiment.id, epoch(number, best=number == best, val_top1=0.9 if number == best else 0.5))
    assert words in signed_in(editor).get(f"/experiments/{experiment.id}/").content.decode()
