"""Images to classify; the interactive worker itself is tried in tests/worker."""

from __future__ import annotations

import pytest

from tests.webapp.api.kit import archive
from webapp.api.routes import evaluations as routes
from webapp.predictions import actions as predictions
from webapp.predictions import client


@pytest.fixture
def asked(monkeypatch):
    """What the worker is asked, batch by batch; it answers with each name."""
    batches = []

    async def answer(experiment, images, **_):
        batches.append([name for name, _ in images])
        return [{"file": name, "top": [{"label": "cat", "probability": 1.0}]} for name, _ in images]

    monkeypatch.setattr(client, "classify", answer)
    return batches


def send(call, ours, *images, **headers):
    return call("POST", f"/experiments/{ours.experiment.id}/classify", form={"images": list(images)}, **headers)


def images(count, content=b"pixels"):
    return [archive(content, f"{i}.png") for i in range(count)]


def test_there_is_no_model_while_it_trains(call, things):
    answer = send(call, things(), *images(1))
    assert (answer.status, answer.error["code"]) == (409, "no_model")


def test_results_come_in_the_order_of_the_images(call, things, asked):
    ours = things()
    ours.end()
    assert [result["file"] for result in send(call, ours, *images(3)).body["results"]] == ["0.png", "1.png", "2.png"]


def test_a_result_has_top_or_error_and_not_both(call, things, asked):
    ours = things()
    ours.end()
    assert send(call, ours, *images(1)).body["results"] == [{"file": "0.png", "top": [{"label": "cat", "probability": 1.0}]}]


def test_many_images_are_asked_a_few_at_a_time(call, things, asked):
    ours = things()
    ours.end()
    send(call, ours, *images(70))
    assert [len(batch) for batch in asked] == [32, 32, 6]


def test_large_images_are_asked_fewer_at_a_time(call, things, asked, monkeypatch):
    monkeypatch.setattr(predictions, "BATCH_BYTES", 10)
    ours = things()
    ours.end()
    send(call, ours, *images(3, b"123456"))
    assert [len(batch) for batch in asked] == [1, 1, 1]


def test_a_published_network_answers_without_any_training(call, asked):
    answer = call("POST", "/models/efficientnet_lite0/classify", form={"images": images(2)})
    assert [result["file"] for result in answer.body["results"]] == ["0.png", "1.png"]


def test_a_published_network_whose_weights_are_not_here_is_409_and_the_list_says_so(call, asked):
    answer = call("POST", "/models/small_cnn/classify", form={"images": images(1)})
    assert (answer.status, answer.error["code"]) == (409, "no_model")
    here = {model["name"]: model["here"] for model in call("GET", "/models").body["items"]}
    assert here["efficientnet_lite0"] and not here["small_cnn"]


def test_no_image_is_named_as_missing(call, things):
    answer = call("POST", f"/experiments/{things().experiment.id}/classify", form={})
    assert answer.status == 422 and answer.error["fields"] == {"images": "is missing"}


def test_more_than_one_call_should_carry_is_413(call, things, asked, monkeypatch):
    monkeypatch.setattr(routes, "MOST_BYTES", 10)
    ours = things()
    ours.end()
    assert send(call, ours, *images(2, b"123456")).status == 413


def test_a_worker_that_does_not_answer_is_503_in_words(call, things, monkeypatch):
    async def silent(*_, **__):
        raise client.Unavailable("The classifying worker does not answer; try again shortly.")

    monkeypatch.setattr(client, "classify", silent)
    ours = things()
    ours.end()
    answer = send(call, ours, *images(1))
    assert answer.status == 503 and "worker" in answer.error["message"]


def test_a_repeat_with_a_key_is_not_asked_again(call, things, asked):
    ours = things()
    ours.end()
    first, second = (send(call, ours, *images(1), Idempotency_Key="k") for _ in range(2))
    assert first.body == second.body and len(asked) == 1
