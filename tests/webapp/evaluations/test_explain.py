"""Why a network said what it said of one image: the page, its part, and the API, answered by the worker's own thread."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from classifier.data.erase import erase
from classifier.run import sha256_of
from tests.webapp.calls import PART, called
from tests.webapp.evaluations.test_erasing import measured  # noqa: F401 (a fixture)
from webapp.accounts import actions as accounts
from webapp.api.models import IdempotentAnswer
from webapp.core.resident import Unavailable
from webapp.core.words import percent
from webapp.datasets import packs
from webapp.datasets.erasing import forgetting, places
from webapp.datasets.models import Sample
from webapp.evaluations.explain import asking, choices, halves
from webapp.evaluations.models import Evaluation
from webapp.experiments import checkpoints, why_client
from webapp.experiments.models import Experiment
from webapp.jobs import actions as jobs


@pytest.fixture
def evaluation(measured: Experiment) -> Evaluation:  # noqa: F811
    return Evaluation.objects.get(experiment=measured)


def part(client: Client, evaluation: Evaluation, row: int = 0, **query: str) -> str:
    answer = client.get(reverse("evaluations:explain", args=[evaluation.pk, row]), query, headers=PART)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("method", "words"), [("gradcam", "Of layer features."), ("integrated", "add up to"), ("occlusion", "Of 49 covers")]
)
def test_each_method_shows_its_map_over_the_image_and_says_how_far_to_trust_it(worker, visitor, evaluation, method, words):
    told = part(visitor, evaluation, method=method)
    assert told.count("data:image/png;base64,") == 2 and words in told and "why__over" in told


def with_average(run: Path) -> None:
    """Gives each checkpoint an average of its weights, which says something else than the weights do."""
    file = run / "manifest.json"
    told = json.loads(file.read_text())
    for entry in told["checkpoints"]:
        path = run / "checkpoints" / entry["file"]
        state = torch.load(path, weights_only=True)
        state["average"] = {name: values * 0.5 if name.startswith("head") else values for name, values in state["model"].items()}
        torch.save(state, path)
        entry["sha256"] = sha256_of(path)
    file.write_text(json.dumps(told))


def test_an_evaluation_is_explained_by_the_very_weights_that_it_measured(worker, client, visitor, evaluation, editor):
    with_average(evaluation.experiment.folder)
    said = f"</b> {percent(float(evaluation.scored[0]['probability']))}</p>"
    told = part(visitor, evaluation)
    assert said not in told and "not averaged" not in told
    Evaluation.objects.update(raw=True)
    told = part(visitor, evaluation)
    assert said in told and "best checkpoint, its weights not averaged" in told
    answer = called(client, editor, "get", f"/evaluations/{evaluation.pk}/images/0/explanation").json()
    assert answer["probability"] == pytest.approx(float(evaluation.scored[0]["probability"]), abs=1e-4)
    page = visitor.get(reverse("evaluations:image", args=[evaluation.pk, 0])).content.decode()
    assert "checkpoint=best&amp;raw=1" in page


def test_weights_without_an_average_are_refused_in_words_where_none_was_kept(worker, visitor, evaluation):
    Evaluation.objects.update(raw=True)
    assert "keeps no average of its weights" in part(visitor, evaluation)


@pytest.fixture
def went_on(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The checkpoints of a run whose best one is of another epoch than the one that was measured as its best."""
    kept = checkpoints.entries(evaluation.experiment)
    best = next(entry for entry in kept if entry.get("best"))
    other = next(entry for entry in kept if entry.get("whole") and entry["epoch"] != best["epoch"])
    Evaluation.objects.update(result=evaluation.result | {"epoch": other["epoch"]})
    return [best, other]


def test_an_older_evaluation_is_explained_by_the_checkpoint_that_it_measured(worker, client, visitor, evaluation, editor, went_on):
    best, other = (entry["epoch"] for entry in went_on)
    assert f"checkpoint of epoch {other}" in part(visitor, evaluation)
    assert called(client, editor, "get", f"/evaluations/{evaluation.pk}/images/0/explanation").json()["epoch"] == other != best
    page = visitor.get(reverse("evaluations:image", args=[evaluation.pk, 0])).content.decode()
    assert f"checkpoint={other}" in page


def test_where_that_one_is_not_kept_any_more_it_is_said(worker, visitor, evaluation, went_on):
    Evaluation.objects.update(result=evaluation.result | {"epoch": 77})
    words = f"best checkpoint as it is now, of epoch {went_on[0]['epoch']}: that of epoch 77, which was measured, is not kept"
    assert words in part(visitor, evaluation)


def test_a_class_is_named_by_its_label_or_by_its_readable_name(evaluation):
    for entry in evaluation.version.classes:
        entry["name"] = {"red": "Rouge"}.get(entry["label"], "")
    assert [choices.label_of(evaluation, typed) for typed in ("red", "Rouge", "pink", "")] == ["red", "red", "pink", ""]


def test_the_network_is_shown_the_image_of_the_row_and_says_what_it_said(worker, visitor, evaluation):
    scored = evaluation.scored
    for row in range(len(scored)):
        said = evaluation.classes[scored[row]["predicted"]]
        found = asking.row_of(evaluation, row)
        sample = Sample.objects.get(version=evaluation.version, position=scored[row]["position"])
        assert found.path == sample.path and found.picture.data == packs.picture(evaluation.version, sample.image)[0]
        assert f"<b>{said}</b> {100 * scored[row]['probability']:.1f}" in part(visitor, evaluation, row)


def test_any_class_can_be_explained(worker, visitor, evaluation):
    assert all(f"<b>{label}</b>" in part(visitor, evaluation, label=label) for label in evaluation.classes)


def test_two_networks_stand_side_by_side(worker, visitor, evaluation, trained):
    other = Experiment.objects.create(
        **{name: getattr(evaluation.experiment, name) for name in ("team", "created_by", "dataset", "version", "config")},
        name="Second",
        best_epoch=1,
        job=jobs.submit(team=evaluation.team, user=evaluation.created_by, kind="train", title="Second"),
    )
    shutil.copytree(trained[2], other.folder)
    jobs.finish(jobs.claim(other.job_id, "device@here:2"))
    told = part(visitor, evaluation, beside=other.pk)
    assert told.count('class="why__side"') == 2 and told.count("why__over") == 2 and "Second" in told
    assert "compare where, not how much" in told and "compare where" not in part(visitor, evaluation)  # colours are scaled by themselves


def test_a_map_on_which_nothing_speaks_for_the_class_says_so():
    answer = {"method": "gradcam", "layer": "features.7", "grid": [2, 3], "map": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]}
    assert halves.figures(answer).startswith("No place of layer features.7 speaks for this class")
    assert "3 × 2 places" in halves.figures(answer | {"map": [[0.0, 0.0, 0.2], [0.0, 0.0, 0.0]]})


def test_a_network_that_has_learnt_nothing_yet_is_not_asked(visitor, evaluation, experiment):
    Experiment.objects.filter(pk=evaluation.experiment_id).update(best_epoch=None)
    job = evaluation.job
    type(job).objects.filter(pk=job.pk).update(state="failed")
    assert "has no trained network yet" in part(visitor, evaluation, beside=evaluation.experiment_id)


def test_the_checkpoint_of_an_epoch_is_called_so(visitor, evaluation):
    Evaluation.objects.update(checkpoint="7")
    assert "small_cnn, checkpoint of epoch 7" in part(visitor, evaluation)


def test_without_a_worker_that_is_said_with_a_button(visitor, evaluation):
    told = part(visitor, evaluation)
    assert "does not run at the moment" in told and "Try again" in told
    assert "data-asks-again" in told and "data-asks-words" in told  # of which the page presses the one by itself


def test_an_answer_that_was_late_is_not_asked_for_again_by_itself(visitor, evaluation, monkeypatch):
    async def late(*_args, **_more):
        raise Unavailable(why_client.LATE.format(seconds=90))

    monkeypatch.setattr(why_client, "ask", late)
    told = part(visitor, evaluation)
    assert "No answer came within 90 s" in told and "Try again" in told and "data-asks-again" not in told


@pytest.mark.parametrize(("query", "words"), [({"method": "guess"}, "guess came"), ({"label": "pink"}, "does not know the class")])
def test_what_cannot_be_explained_is_said(worker, visitor, evaluation, query, words):
    assert words in part(visitor, evaluation, **query)


def test_an_erased_image_is_not_explained(visitor, evaluation, trained):
    data, sample = (
        evaluation.version.dataset.folder / "data",
        Sample.objects.get(version=evaluation.version, position=int(evaluation.scored[0]["position"])),
    )
    digest = places.digest_at(evaluation.version, sample.position)
    erase([data], digest)
    for place in places.places(evaluation.team, digest):
        forgetting.forget(place, lambda: None)
    assert "This image was erased" in part(visitor, evaluation)
    opened = visitor.get(reverse("evaluations:explain", args=[evaluation.pk, 0]), headers={"Accept": "text/html"})
    assert b"This image was erased" in opened.content and b"why-form" not in opened.content


def test_an_evaluation_without_columns_says_what_to_do(visitor, evaluation):
    (evaluation.experiment.folder / evaluation.predictions).with_suffix(".npy").unlink()
    assert "Evaluate the checkpoint again" in part(visitor, evaluation)


@pytest.mark.parametrize("row", [9, 10**9])
def test_a_row_that_there_is_not_is_not_found(visitor, evaluation, row):
    assert visitor.get(reverse("evaluations:explain", args=[evaluation.pk, row]), headers=PART).status_code == 404


def test_the_page_offers_methods_classes_and_networks_and_keeps_what_its_address_picked(visitor, evaluation):
    address = reverse("evaluations:explain", args=[evaluation.pk, 0])
    answer = visitor.get(address, {"method": "occlusion", "label": "green"}, headers={"Accept": "text/html"}).content.decode()
    assert 'value="occlusion" checked' in answer and 'list="why-labels" value="green"' in answer and "Grad-CAM" in answer
    assert all(f'<option value="{label}">' in answer for label in evaluation.classes) and "its label</option>" in answer


def test_an_image_is_told_by_what_it_is_and_not_by_its_row(visitor, evaluation):
    told = visitor.get(reverse("evaluations:image", args=[evaluation.pk, 0])).content.decode()
    assert "Why it says so" in told and "best checkpoint" in told and "row 0" not in told
    (evaluation.experiment.folder / evaluation.predictions).with_suffix(".npy").unlink()
    refused = visitor.get(reverse("evaluations:explain", args=[evaluation.pk, 0]), headers={"Accept": "text/html"}).content.decode()
    assert "Nothing to explain." in refused and "Image 0" not in refused


def test_the_page_leads_to_the_images_before_and_behind(visitor, evaluation):
    last = len(evaluation.scored) - 1
    for row, others in ((0, [1]), (1, [0, 2]), (last, [last - 1])):
        answer = visitor.get(reverse("evaluations:explain", args=[evaluation.pk, row]), headers={"Accept": "text/html"}).content.decode()
        links = [tag for tag in re.findall(r"<a [^>]*>", answer) if 'data-key="Arrow' in tag]
        wanted = [reverse("evaluations:explain", args=[evaluation.pk, other]) for other in others]
        assert [re.search(r'href="([^"]*)"', link)[1] for link in links] == wanted


def test_a_viewer_sees_it_and_an_outsider_finds_nothing(worker, client, evaluation, viewer, outsider):
    for user, status in ((viewer, 200), (outsider, 404)):
        client.force_login(user)
        assert client.get(reverse("evaluations:explain", args=[evaluation.pk, 0]), headers=PART).status_code == status


def test_the_api_tells_the_map_in_numbers(worker, client, editor, evaluation):
    answer = called(client, editor, "get", f"/evaluations/{evaluation.pk}/images/0/explanation?method=occlusion&label=red")
    told = answer.json()
    assert answer.status_code == 200, told
    assert (told["method"], told["label"]) == ("occlusion", "red") and told["figures"]["covers"] == 49
    assert len(told["map"]) == 8 and told["overlay"].startswith("data:image/png")


def test_the_api_explains_a_picture_that_is_sent(worker, client, editor, evaluation, source):
    image = SimpleUploadedFile("a.png", (source / "red" / "==0.png").read_bytes())
    answer = called(client, editor, "post", f"/experiments/{evaluation.experiment_id}/explain", data={"image": image, "label": "blue"})
    assert answer.status_code == 200 and answer.json()["label"] == "blue"


def test_the_api_explains_a_picture_by_a_published_network(worker, client, editor, source):
    def sent(name: str) -> Any:
        image = SimpleUploadedFile("a.png", (source / "red" / "==0.png").read_bytes())
        return called(client, editor, "post", f"/models/{name}/explain", data={"image": image, "label": "n11939491"})

    answer = sent("efficientnet_lite0")
    assert answer.status_code == 200 and (answer.json()["label"], answer.json()["name"]) == ("n11939491", "daisy")
    assert sent("nothing").status_code == 409 and "no published weights of 'nothing'" in sent("nothing").json()["error"]["message"]


def test_a_picture_that_is_sent_lies_nowhere_in_the_clear_where_a_repeat_is_answered(worker, client, editor, evaluation, source):
    headers = {"Authorization": f"Bearer {accounts.create_token(editor, 'write', None)}", "Idempotency-Key": "once"}
    picture = (source / "red" / "==0.png").read_bytes()
    address = f"/api/v1/experiments/{evaluation.experiment_id}/explain"
    first, again = (client.post(address, {"image": SimpleUploadedFile("a.png", picture)}, headers=headers) for _ in range(2))
    assert first.status_code == 200 and again["Idempotent-Replayed"] == "true" and again.json() == first.json()
    row = IdempotentAnswer.objects.get(key="once")
    assert row.body is None and "data:image" not in row.sealed


@pytest.mark.parametrize(("query", "status"), [("method=guess", 422), ("label=pink", 422), ("", 200)])
def test_the_api_refuses_what_there_is_not_in_words(worker, client, editor, evaluation, query, status):
    answer = called(client, editor, "get", f"/evaluations/{evaluation.pk}/images/0/explanation?{query}")
    assert answer.status_code == status and (status == 200 or answer.json()["error"]["message"])


def test_the_api_says_when_nobody_answers(client, editor, evaluation):
    answer = called(client, editor, "get", f"/evaluations/{evaluation.pk}/images/0/explanation")
    assert answer.status_code == 503 and "does not run" in json.loads(answer.content)["error"]["message"]
