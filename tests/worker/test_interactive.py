"""Classifying through a real Redis: the web's client on one side, the resident worker's rounds on the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import torch
from asgiref.sync import async_to_sync
from django.conf import settings
from PIL import Image
from sklearn.datasets import load_sample_images

from classifier.data.dataset import Dataset
from classifier.data.importer import import_dataset
from classifier.metrics import embedding
from classifier.run import Run
from classifier.space.mapping import embed
from classifier.spec.config import TrainConfig
from classifier.training.loop import train
from tests.classifier.images import class_folders, encoded, picture, write_zip
from webapp.predictions import client
from worker import interactive

FLOWER = encoded(Image.fromarray(load_sample_images().images[1]))
CAT, DOG = picture(seed=7), picture(seed=1007)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    """A network after one epoch."""
    folder = tmp_path_factory.mktemp("run")
    torch.set_num_threads(1)
    import_dataset(write_zip(folder / "pets.zip", class_folders(per_class=8)), folder / "data")
    config = TrainConfig.from_mapping(
        {"model": "small_cnn", "epochs": 1, "image_size": 16, "batch_size": 8, "device": "cpu", "deterministic": True}
    )
    train(folder / "data", folder / "run", config)
    return folder / "run"


@pytest.fixture
def worker() -> Iterator[threading.Event]:
    """The resident worker's loop, in a thread; gives what stops it."""
    stop = threading.Event()
    thread = threading.Thread(target=interactive.run, args=(stop,))
    thread.start()
    yield stop
    stop.set()
    thread.join(20)


@pytest.fixture
def server() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


def classify(folder: Path, *images: tuple[str, bytes], timeout: float = 60.0) -> list[dict[str, Any]]:
    return async_to_sync(client.classify)(str(folder), list(images), timeout=timeout)


def test_each_picture_gets_its_labels_by_probability(worker, run_folder):
    (result,) = classify(run_folder, ("a.png", CAT))
    odds = [top["probability"] for top in result["top"]]
    assert result["file"] == "a.png" and {top["label"] for top in result["top"]} == {"cat", "dog"}
    assert odds == sorted(odds, reverse=True) and sum(odds) == pytest.approx(1.0)


def test_a_broken_picture_has_an_error_of_its_own(worker, run_folder):
    results = classify(run_folder, ("a.png", CAT), ("b.png", CAT[:40]), ("c.png", DOG))
    assert [set(result) for result in results] == [{"file", "top"}, {"file", "error"}, {"file", "top"}]


def test_whatever_a_network_trips_over_is_a_sentence_and_no_end_of_the_worker(monkeypatch):
    models = interactive.Models()
    monkeypatch.setattr(models, "get", lambda run: [][0])
    told = interactive.answer(models, "run", [interactive.Request("a", "run", [("a.png", CAT)])])
    assert "could not be used: IndexError" in told["a"]["error"]


def test_many_pictures_keep_their_order_over_several_requests(worker, run_folder, monkeypatch):
    monkeypatch.setattr(client, "REQUEST_IMAGES", 2)
    results = classify(run_folder, *[(f"{i}.png", CAT) for i in range(5)])
    assert [result["file"] for result in results] == [f"{i}.png" for i in range(5)]


def test_requests_are_bounded_in_bytes():
    images = [("a", b"x" * 6), ("b", b"x" * 4), ("c", b"x"), ("d", b"x" * 50)]
    names = [[name for name, _ in some] for some in client.portions(images, lambda image: len(image[1]), 10)]
    assert names == [["a", "b"], ["c"], ["d"]]


def test_a_picture_over_the_limit_is_not_even_sent(worker, run_folder, monkeypatch):
    monkeypatch.setattr(client, "IMAGE_BYTES", 20)
    assert classify(run_folder, ("a.png", CAT)) == [{"file": "a.png", "error": client.TOO_BIG}]


def test_a_network_that_is_gone_is_said_in_a_sentence(worker, tmp_path):
    with pytest.raises(client.Unavailable, match="is no run"):
        classify(tmp_path / "gone", ("a.png", CAT))


def test_after_a_bad_request_the_worker_goes_on(worker, run_folder, tmp_path):
    with pytest.raises(client.Unavailable):
        classify(tmp_path / "gone", ("a.png", CAT))
    assert "top" in classify(run_folder, ("a.png", CAT))[0]


def test_without_a_worker_the_wait_is_short_and_the_pictures_go(run_folder, server, monkeypatch):
    server.delete(client.ALIVE)
    monkeypatch.setattr(client, "STARTING_SECONDS", 0.2)
    with pytest.raises(client.Unavailable, match="did not answer"):
        classify(run_folder, ("a.png", CAT))
    assert not list(server.scan_iter("synset:classify:*:images"))


def test_a_request_nobody_waits_for_is_passed_over(run_folder, server, monkeypatch):
    monkeypatch.setattr(client, "STARTING_SECONDS", 0.2)
    server.delete(client.ALIVE, client.REQUESTS)
    with pytest.raises(client.Unavailable):
        classify(run_folder, ("a.png", CAT))
    assert interactive.gather(server, threading.Event()) == []


def test_without_redis_nothing_is_lost_and_that_is_said(run_folder, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    with pytest.raises(client.Unavailable, match="Redis does not answer"):
        classify(run_folder, ("a.png", CAT))


def test_a_published_network_answers_with_the_names_of_imagenets_classes(worker):
    (result,) = classify(Path(f"{client.PUBLISHED}efficientnet_lite0"), ("flower.png", FLOWER))
    assert (result["top"][0]["label"], result["top"][0]["name"]) == ("n11939491", "daisy") and len(result["top"]) == 5


def test_weights_that_would_have_to_be_downloaded_are_not_waited_for(worker, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(client.Unavailable, match="weights of resnet18 are not on the machine that classifies"):
        classify(Path(f"{client.PUBLISHED}resnet18"), ("flower.png", FLOWER))


def test_a_network_stays_loaded_until_its_run_changes(run_folder):
    models = interactive.Models()
    first, again = models.get(str(run_folder)), models.get(str(run_folder))
    (run_folder / "manifest.json").touch()
    assert first is again and models.get(str(run_folder)) is not first


def test_requests_of_one_network_share_a_batch(run_folder):
    requests = [interactive.Request(str(i), str(run_folder), [("a.png", CAT)]) for i in range(3)]
    told = interactive.answer(interactive.Models(), str(run_folder), requests)
    assert [len(told[str(i)]["results"]) for i in range(3)] == [1, 1, 1]


def test_pictures_that_take_too_long_to_read_cost_their_own_request_alone(run_folder, monkeypatch):
    monkeypatch.setattr(interactive, "READING_SECONDS", 0.0)
    slow = interactive.Request("slow", str(run_folder), [("a.png", CAT), ("b.png", DOG), ("c.png", CAT)])
    other = interactive.Request("other", str(run_folder), [("d.png", DOG)])
    told = interactive.answer(interactive.Models(), str(run_folder), [slow, other])
    assert [set(result) for result in told["slow"]["results"]] == [{"file", "top"}, {"file", "error"}, {"file", "error"}]
    assert "over 0 s to read; send smaller ones" in told["slow"]["results"][1]["error"] and "top" in told["other"]["results"][0]


def test_each_picture_has_its_nearest_training_images_where_they_were_looked_at(worker, run_folder, tmp_path):
    found = embedding.read(looked(run_folder, tmp_path))
    labels = Run.open(run_folder).classes
    near = async_to_sync(client.classify)(
        str(run_folder), [("a.png", CAT), ("b.png", CAT[:40]), ("c.png", DOG)], near=str(tmp_path / "map"), timeout=60.0
    )
    assert "error" in near[1] and "nearest" not in near[1]
    for result in (near[0], near[2]):
        alike = [one["likeness"] for one in result["nearest"]]
        assert len(alike) == 5 and alike == sorted(alike, reverse=True) and {one["label"] for one in result["nearest"]} <= set(labels)
        assert {one["position"] for one in result["nearest"]} <= set(found.points["position"][: found.learnt].tolist())


def test_a_training_image_is_its_own_nearest(worker, run_folder, tmp_path):
    looked(run_folder, tmp_path)
    data = Dataset.open(Run.open(run_folder).dataset_folder)
    position = int(data.indices("train")[0])
    content = class_folders(per_class=8)[data.path(position)]
    (result,) = async_to_sync(client.classify)(str(run_folder), [("again.png", content)], near=str(tmp_path / "map"), timeout=60.0)
    assert result["nearest"][0]["position"] == position and result["nearest"][0]["likeness"] == pytest.approx(1, abs=1e-3)


def test_without_a_map_nothing_is_near(worker, run_folder):
    assert "nearest" not in classify(run_folder, ("a.png", CAT))[0]


def looked(run_folder: Path, folder: Path) -> Path:
    """The stem of a map of what the network learnt from."""
    embed(run_folder, folder / "map", device="cpu")
    return folder / "map"
