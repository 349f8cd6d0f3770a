"""Previews through a real Redis: the web's client on one side, the resident worker's rounds on the other."""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
import torch
from asgiref.sync import async_to_sync
from django.conf import settings

from classifier.data.dataset import Dataset
from classifier.data.folds import folded
from classifier.data.importer import import_dataset
from classifier.preview import SAMPLES
from classifier.spec.config import TrainConfig
from tests.classifier.images import class_folders, write_zip
from webapp.core import resident
from webapp.core.resident import ALIVE, Unavailable
from webapp.experiments import preview_client as client
from worker import interactive, previews

CONFIG = TrainConfig(image_size=16)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """A DATASET of two classes."""
    folder = tmp_path_factory.mktemp("pets")
    torch.set_num_threads(1)
    import_dataset(write_zip(folder / "pets.zip", class_folders(per_class=16)), folder / "data")
    return folder / "data"


@pytest.fixture
def server() -> redis.Redis:
    found = redis.Redis.from_url(settings.REDIS_URL)
    found.delete(client.PREVIEWS, interactive.REQUESTS, *found.scan_iter(f"{client.PREVIEWS}:*"))
    found.set(ALIVE, 1)
    yield found
    found.delete(ALIVE)


@pytest.fixture
def worker(server) -> Iterator[None]:
    """The resident worker's loop, in a thread."""
    stop = threading.Event()
    thread = threading.Thread(target=interactive.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join(20)


def ask(folder, config=CONFIG, number=0, seconds=60.0):
    return async_to_sync(client.preview)(SimpleNamespace(folder=folder), config, number, seconds=seconds)


def test_the_samples_come_with_their_labels_and_an_example(worker, data):
    told = ask(data)
    assert len(told["samples"]) == SAMPLES and {label for sample in told["samples"] for label, _ in sample["shares"].items()} == {
        "cat",
        "dog",
    }
    assert told["side"] == 16 and told["example"]["before"]["width"] == 16


def test_a_dataset_that_is_gone_is_said_and_the_worker_goes_on(worker, data, tmp_path):
    with pytest.raises(client.Undrawable, match="cannot be read now"):
        ask(tmp_path / "gone")
    assert ask(data)["samples"]


def test_a_dataset_that_is_imported_anew_is_read_anew(data):
    kept = previews.Previewers()
    first, again = kept.get(str(data), CONFIG), kept.get(str(data), CONFIG)
    (data / "dataset.json").touch()
    assert first is again and kept.get(str(data), CONFIG) is not first


def test_a_fold_shows_images_that_it_learns_from(data):
    second = dataclasses.replace(CONFIG, folds=2, fold=2)
    shown, whole = previews.Previewers().get(str(data), second), Dataset.open(data)
    assert shown.train.tolist() == folded(whole, 2, 2).indices("train").tolist() != whole.indices("train").tolist()


@pytest.mark.parametrize("error", [RuntimeError("grid_sampler"), IndexError("row 9"), AssertionError(), ZeroDivisionError()])
def test_whatever_the_engine_trips_over_is_a_sentence_and_no_end_of_the_worker(data, monkeypatch, error):
    def broken(*_):
        raise error

    monkeypatch.setattr(previews.Previewer, "preview", broken)
    told = previews.draw(previews.Previewers(), previews.Wanted("1", str(data), CONFIG.to_mapping(), 0))
    assert f"could not be drawn: {type(error).__name__}" in told["error"]


def test_who_classifies_goes_before_all_previews(server):
    for number in range(3):
        server.set(client.wanted_key(str(number)), 1, ex=60)
        server.rpush(client.PREVIEWS, json.dumps({"id": str(number), "data": "", "config": {}, "number": 0}))
    server.rpush(interactive.images_key("c"), b"picture")
    server.rpush(interactive.REQUESTS, json.dumps({"id": "c", "run": "r", "files": ["a.png"]}))
    stop = threading.Event()
    first, then = interactive.gather(server, stop), interactive.gather(server, stop)
    assert [request.id for request in first] == ["c"] and then.id == "0"  # one preview, then it looks for classifications again
    assert server.llen(client.PREVIEWS) == 2


def test_a_preview_nobody_waits_for_is_passed_over(server):
    server.rpush(client.PREVIEWS, json.dumps({"id": "1", "data": "", "config": {}, "number": 0}))
    assert interactive.gather(server, threading.Event()) == []


def test_a_caller_who_gives_up_leaves_nothing_behind(server, data):
    with pytest.raises(Unavailable, match="did not come within"):
        ask(data, seconds=0.2)
    assert not server.llen(client.PREVIEWS) and not list(server.scan_iter(f"{client.PREVIEWS}:*"))


def test_without_a_worker_nobody_is_kept_waiting(server, data):
    server.delete(ALIVE)
    with pytest.raises(Unavailable, match="does not run at the moment"):
        ask(data)


def test_a_redis_that_hangs_is_waited_for_only_a_moment(data, settings, monkeypatch):
    monkeypatch.setattr(resident, "HANGING_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/1"
        began = time.monotonic()
        with pytest.raises(Unavailable, match="Redis does not answer"):
            ask(data)
    assert time.monotonic() - began < 10


def test_without_redis_that_is_said(data, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    with pytest.raises(Unavailable, match="Redis does not answer"):
        ask(data)
