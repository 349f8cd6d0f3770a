"""The classify page: what it takes, what it refuses, and what it says when nobody answers."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.webapp.experiments.kit import ended, epoch, launched
from webapp.accounts import limits
from webapp.accounts.actor import actor_in
from webapp.core.ids import new_id
from webapp.experiments import actions as experiments
from webapp.predictions import actions, client


@pytest.fixture
def answers(monkeypatch):
    """A worker that calls everything a bee; what it was sent."""
    sent = []

    async def classify(experiment, images, *, near="", timeout=30):
        sent.extend(name for name, _ in images)
        return [{"file": name, "top": [{"label": "bee", "probability": 0.75}]} for name, _ in images]

    monkeypatch.setattr(client, "classify", classify)
    return sent


@pytest.fixture
def experiment(editor):
    made = launched(editor)
    experiments.record_epoch(made.id, epoch(1))
    return ended(made)


def pictures(*names, size=10):
    return [SimpleUploadedFile(name, b"x" * size) for name in names]


def classified(client, experiment_id, images):
    return client.post("/classify/run/", {"experiment": experiment_id, "images": images})


def test_each_picture_gets_its_labels_in_order(signed_in, viewer, experiment, answers):
    results = classified(signed_in(viewer), experiment.id, pictures("b.png", "a.png")).json()["results"]
    assert [result["file"] for result in results] == ["b.png", "a.png"]
    assert results[0]["top"] == [{"label": "bee", "probability": 0.75, "name": "bee"}]


def test_a_picture_that_is_too_big_is_named_and_the_others_answered(signed_in, viewer, experiment, answers, monkeypatch):
    monkeypatch.setattr(actions, "MOST_BYTES", 20)
    results = classified(signed_in(viewer), experiment.id, pictures("big.png", size=21) + pictures("a.png")).json()["results"]
    assert "Send a smaller picture" in results[0]["error"] and "top" in results[1] and answers == ["a.png"]


@pytest.mark.parametrize("count", [0, 101])
def test_too_few_or_too_many_pictures_are_refused_in_a_sentence(signed_in, viewer, experiment, answers, count):
    answer = classified(signed_in(viewer), experiment.id, pictures(*[f"{i}.png" for i in range(count)]))
    assert answer.status_code == 422 and f"{count} came" in answer.json()["error"] and not answers


def test_many_pictures_never_lie_in_memory_together(signed_in, viewer, experiment, monkeypatch):
    asked = []

    async def classify(experiment, images, *, near="", timeout=30):
        asked.append(sum(len(data) for _, data in images))
        return [{"file": name, "error": "blank"} for name, _ in images]

    monkeypatch.setattr(client, "classify", classify)
    monkeypatch.setattr(actions, "BATCH_BYTES", 45)
    results = classified(signed_in(viewer), experiment.id, pictures(*[f"{i}.png" for i in range(10)])).json()["results"]
    assert [result["file"] for result in results] == [f"{i}.png" for i in range(10)]
    assert asked == [40, 40, 20]


def test_the_pictures_of_many_callers_take_turns(viewer, experiment, monkeypatch):
    held = []

    async def classify(experiment, images, *, near="", timeout=30):
        held.append(held[-1] + 1 if held else 1)
        await asyncio.sleep(0.01)
        held.append(held[-1] - 1)
        return [{"file": name, "error": "blank"} for name, _ in images]

    async def together():
        calls = [actions.classify(actor, str(experiment.folder), pictures("a.png")) for _ in range(20)]
        return await asyncio.gather(*calls)

    actor = actor_in(viewer)
    monkeypatch.setattr(client, "classify", classify)
    assert len(async_to_sync(together)()) == 20
    assert max(held) == actions.BATCHES_AT_ONCE


def test_a_worker_that_does_not_answer_is_said(signed_in, viewer, experiment, monkeypatch):
    async def silent(experiment, images, *, near="", timeout=30):
        raise client.Unavailable("No worker classifies at the moment; try again shortly.")

    monkeypatch.setattr(client, "classify", silent)
    answer = classified(signed_in(viewer), experiment.id, pictures("a.png"))
    assert answer.status_code == 503 and "try again shortly" in answer.json()["error"]


def test_a_full_redis_is_said(signed_in, viewer, experiment):
    server = limits.client()
    server.config_set("maxmemory", 1)
    try:
        answer = classified(signed_in(viewer), experiment.id, pictures("a.png"))
    finally:
        server.config_set("maxmemory", 0)
    assert (answer.status_code, answer.json()["error"]) == (503, client.FULL_REDIS)


def test_an_experiment_without_a_network_is_said(signed_in, viewer, editor, answers):
    answer = classified(signed_in(viewer), launched(editor).id, pictures("a.png"))
    assert answer.status_code == 409 and "no trained network yet" in answer.json()["error"]


def test_an_outsider_and_a_random_id_get_the_same_404(signed_in, outsider, experiment, answers):
    client_ = signed_in(outsider)
    assert {classified(client_, id, pictures("a.png")).status_code for id in (experiment.id, new_id())} == {404}


@pytest.fixture
def no_downloads(monkeypatch, tmp_path):
    """A machine with no published weights but those that come with Synset."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv("SYNSET_WEIGHTS", raising=False)


@pytest.fixture
def imagenet(monkeypatch):
    """A worker that calls everything a daisy, by its synset id; what it was asked."""
    asked = []

    async def classify(network, images, *, near="", timeout=30):
        asked.append(network)
        return [{"file": name, "top": [{"label": "n11939491", "probability": 0.75, "name": "daisy"}]} for name, _ in images]

    monkeypatch.setattr(client, "classify", classify)
    return asked


def test_a_published_network_classifies_by_the_names_of_its_own_classes(signed_in, viewer, imagenet):
    results = classified(signed_in(viewer), "published:efficientnet_lite0", pictures("a.png")).json()["results"]
    assert results[0]["top"] == [{"label": "n11939491", "probability": 0.75, "name": "daisy"}]
    assert imagenet == ["published:efficientnet_lite0"]


@pytest.mark.parametrize("name", ["resnet18", "small_cnn", "nothing", "../../etc"])
def test_a_published_network_whose_weights_are_not_here_is_said(signed_in, viewer, no_downloads, imagenet, name):
    answer = classified(signed_in(viewer), f"published:{name}", pictures("a.png"))
    assert answer.status_code == 409 and "not on this machine" in answer.json()["error"] and not imagenet


def test_the_page_offers_published_networks_whose_weights_are_here(signed_in, viewer, no_downloads, monkeypatch, tmp_path):
    (tmp_path / "resnet18-f37072fd.pth").touch()
    monkeypatch.setenv("SYNSET_WEIGHTS", str(tmp_path))
    found = signed_in(viewer).get("/classify/").context["published"]
    assert [network.value for network in found] == ["published:efficientnet_lite0", "published:resnet18"]
    assert "comes with Synset" in found[0].text and found[1].text == "resnet18 · top-1 69.8 %"


@pytest.mark.parametrize(
    ("asked", "is_chosen"), [("?experiment=published:efficientnet_lite0", True), ("", False), ("?experiment=x", False)]
)
def test_a_link_chooses_a_published_network_where_trained_ones_stand_first(signed_in, viewer, experiment, asked, is_chosen):
    chosen = signed_in(viewer).get(f"/classify/{asked}").context["chosen"]
    assert chosen == ("published:efficientnet_lite0" if is_chosen else experiment.id)


def test_without_any_network_at_all_the_page_says_what_to_do(signed_in, viewer, monkeypatch):
    monkeypatch.setattr("webapp.predictions.networks.published", list)
    assert "as soon as it is done" in signed_in(viewer).get("/classify/").content.decode()


def test_the_page_offers_trained_networks_alone(signed_in, viewer, editor, experiment):
    launched(editor, "Second", experiment.dataset)
    assert [e.id for e in signed_in(viewer).get("/classify/").context["experiments"]] == [experiment.id]


def test_without_a_network_the_page_leads_to_training(signed_in, viewer):
    assert "No trained network yet" in signed_in(viewer).get("/classify/").content.decode()
