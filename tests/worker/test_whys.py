"""Questions about networks through a real Redis: the web's client on one side, the worker's thread on the other."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from asgiref.sync import async_to_sync
from django.conf import settings

from classifier.explain import Explainer
from tests.classifier.images import picture
from tests.worker.test_interactive import run_folder  # noqa: F401 (a fixture)
from webapp.core.resident import ALIVE, Unavailable
from webapp.experiments import why_client as client
from worker import whys
from worker.networks import Models

CAT = client.Picture("a.png", picture(seed=7))
WHY = {"about": "why", "method": "gradcam", "label": ""}


@pytest.fixture
def server() -> Iterator[redis.Redis]:
    found = redis.Redis.from_url(settings.REDIS_URL)
    found.delete(client.WHYS, *found.scan_iter(f"{client.WHYS}:*"))
    found.set(ALIVE, 1)
    yield found
    found.delete(ALIVE)


@pytest.fixture
def worker(server) -> Iterator[None]:
    """The thread that answers."""
    answering = whys.Whys().start()
    yield
    answering.stop()


def ask(folder: Path, question: dict[str, Any] = WHY, image: client.Picture = CAT, **more: Any) -> dict[str, Any]:
    return async_to_sync(client.ask)(str(folder), image, question, **{"seconds": 60.0, **more})


def left(server: redis.Redis) -> list[bytes]:
    return [key for key in server.scan_iter(f"{client.WHYS}*") if not key.endswith(b":reply")]


@pytest.mark.parametrize("method", ["gradcam", "integrated", "occlusion"])
def test_a_picture_is_explained_with_its_map_and_what_the_network_says(worker, run_folder, server, method):  # noqa: F811
    told = ask(run_folder, {**WHY, "method": method})
    assert told["method"] == method and told["label"] == told["top"][0]["label"] and told["epoch"] == 1
    assert told["image"].startswith("data:image/png;base64,") and told["overlay"].startswith("data:image/png;base64,")
    assert max(abs(value) for row in told["map"] for value in row) <= 1 and not left(server)


def test_another_class_is_explained_with_its_own_probability(worker, run_folder):  # noqa: F811
    told = {label: ask(run_folder, {**WHY, "label": label}) for label in ("cat", "dog")}
    assert told["cat"]["label"] == "cat" and told["cat"]["probability"] + told["dog"]["probability"] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({**WHY, "label": "pink"}, "does not know the class 'pink'"),
        ({**WHY, "method": "guess"}, "must be one of gradcam, integrated, occlusion; guess came"),
        ({"about": "nothing"}, "must be about why"),
    ],
)
def test_a_question_that_there_is_not_is_refused_in_words_and_the_thread_goes_on(worker, run_folder, question, words):  # noqa: F811
    with pytest.raises(client.Refused, match=words):
        ask(run_folder, question)
    assert ask(run_folder)["label"]


@pytest.mark.parametrize("text", ["{", "[]", '{"id": "x", "run": "y", "more": 1}'])
def test_a_request_that_nobody_here_understands_ends_no_thread(worker, run_folder, server, text):  # noqa: F811
    """As of a server that was updated before its worker."""
    server.set(client.image_key("x"), b"", ex=60)
    server.set(client.wanted_key("x"), 1, ex=60)
    server.rpush(client.WHYS, text)
    assert ask(run_folder)["label"]


def test_a_picture_that_cannot_be_read_is_named(worker, run_folder):  # noqa: F811
    with pytest.raises(client.Refused, match=r"b\.png"):
        ask(run_folder, image=client.Picture("b.png", CAT.data[:40]))


def test_a_run_or_a_checkpoint_that_is_not_there_is_said(worker, run_folder, tmp_path):  # noqa: F811
    with pytest.raises(client.Refused, match="is no run"):
        ask(tmp_path / "gone")
    with pytest.raises(client.Refused, match="There is no checkpoint 99"):
        ask(run_folder, checkpoint="99")


def test_whatever_a_network_trips_over_is_a_sentence(monkeypatch, run_folder):  # noqa: F811
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(whys, "answer", broken)
    told = whys.said(Models(Explainer), whys.Wanted("1", str(run_folder), "best", "a.png", WHY, CAT.data), lambda: False)
    assert "could not be looked into: ZeroDivisionError" in told["error"]


def test_a_device_without_memory_is_said_with_what_to_do(monkeypatch, run_folder):  # noqa: F811
    def full(*_: Any) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(whys, "answer", full)
    told = whys.said(Models(Explainer), whys.Wanted("1", str(run_folder), "best", "a.png", WHY, CAT.data), lambda: False)
    assert told["error"].startswith("The device has no memory left") and "Train it again" not in told["error"]


def test_without_a_worker_nobody_waits_and_nothing_stays(server, run_folder):  # noqa: F811
    server.delete(ALIVE)
    with pytest.raises(Unavailable, match="does not run at the moment"):
        ask(run_folder)
    assert not left(server)


def test_a_worker_that_is_busy_is_not_waited_for_without_end_and_nothing_stays(server, run_folder):  # noqa: F811
    with pytest.raises(Unavailable, match="No answer came within"):
        ask(run_folder, seconds=0.2)
    assert not left(server)


def test_without_redis_that_is_said(run_folder, settings):  # noqa: F811
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    with pytest.raises(Unavailable, match="Redis does not answer"):
        ask(run_folder)


def test_a_question_nobody_waits_for_any_more_is_passed_over(server):
    server.set(client.image_key("1"), b"picture")
    told = json.dumps({"id": "1", "run": "r", "checkpoint": "best", "file": "a.png", "ask": WHY})
    assert whys.read_wanted(server, told.encode()) is None
    server.set(client.wanted_key("1"), 1)
    assert whys.read_wanted(server, told.encode()) is not None


def test_what_is_computed_for_somebody_who_left_ends(worker, run_folder, server, monkeypatch):  # noqa: F811
    monkeypatch.setattr("classifier.explain.pixels.PASS_PIXELS", 16 * 16)  # a pass for each node
    began, left, looks = threading.Event(), threading.Event(), []

    def slowly(should_stop: Any) -> None:
        from classifier.spec.errors import Interrupted

        began.set()
        assert left.wait(60)
        looks.append(time.monotonic())
        time.sleep(0.05)
        if should_stop():
            raise Interrupted("Interrupted.")

    monkeypatch.setattr("classifier.explain.pixels.look", slowly)

    async def leave() -> None:
        asking = asyncio.create_task(client.ask(str(run_folder), CAT, {**WHY, "method": "integrated"}))
        await asyncio.to_thread(began.wait, 60)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        left.set()

    asyncio.run(leave())
    assert ask(run_folder)["label"] and len(looks) < 20  # of 24: it ended on the way


def test_too_many_at_once_are_told_to_come_again(server, run_folder, monkeypatch):  # noqa: F811
    monkeypatch.setattr(client, "AT_ONCE", 1)

    async def two() -> list[Any]:
        asked = (client.ask(str(run_folder), CAT, WHY, seconds=0.3) for _ in range(2))
        return await asyncio.gather(*asked, return_exceptions=True)

    assert sorted("no more are taken" in str(error) for error in asyncio.run(two())) == [False, True]
