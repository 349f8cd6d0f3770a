"""Waiting images are looked at by a real child, asked for through a real Redis."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings

from tests.classifier.images import class_folders, picture, write_tar
from tests.worker.sealed import version_of
from webapp.accounts.actor import Actor
from webapp.core.resident import ALIVE, Unavailable
from webapp.datasets import drafts
from webapp.datasets.draft_models import Addition
from webapp.datasets.drafts import adding, peeks
from webapp.datasets.models import Dataset
from worker import peeks as worker

pytestmark = pytest.mark.django_db(transaction=True)
NEW = {f"{number}.png": picture(seed=9_000 + number) for number in range(5)}


@pytest.fixture
def dataset(actor: Actor, tmp_path: Path) -> Dataset:
    return version_of(actor, class_folders(10), tmp_path).dataset


@pytest.fixture
def server() -> Iterator[redis.Redis]:
    found = redis.Redis.from_url(django_settings.REDIS_URL)
    found.delete(peeks.PEEKS, *found.scan_iter(f"{peeks.PEEKS}:*"))
    found.set(ALIVE, 1)
    yield found
    found.delete(ALIVE)


def added(actor: Actor, dataset: Dataset, tmp_path: Path, files: dict[str, bytes], label: str = "dog") -> Addition:
    drafts.add(actor, dataset, write_tar(tmp_path / "more.tar", files), "more.tar", label)
    draft = drafts.current(dataset)
    assert draft
    (addition,) = adding.waiting(draft)
    addition.draft = draft
    return addition


def test_what_somebody_asks_for_is_looked_at_once(actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis) -> None:
    addition = added(actor, dataset, tmp_path, NEW)
    assert peeks.read(addition) is None and peeks.ask(addition) == {"done": 0, "total": None}
    peeks.ask(addition)
    assert server.llen(peeks.PEEKS) == 1
    worker.serve(server, threading.Event())
    seen = peeks.read(addition)
    assert seen and [image.path for image in seen.images] == sorted(NEW) and seen.is_whole and seen.small
    assert not server.exists(peeks.wanted_key(addition.pk))


def test_a_look_whose_worker_died_is_asked_for_again(actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis) -> None:
    addition = added(actor, dataset, tmp_path, NEW)
    peeks.ask(addition)
    assert 0 < server.ttl(peeks.wanted_key(addition.pk)) <= peeks.ASKED_SECONDS
    server.delete(peeks.PEEKS, peeks.wanted_key(addition.pk))  # it took the request, and its word has run out
    half = peeks.folder(addition).with_name(f".{peeks.folder(addition).name}.importing-killed")
    half.mkdir()
    peeks.ask(addition)
    worker.serve(server, threading.Event())
    assert peeks.read(addition) and not half.exists()


def test_what_nobody_waits_for_any_more_is_not_looked_at(actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis) -> None:
    addition = added(actor, dataset, tmp_path, NEW)
    peeks.ask(addition)
    server.delete(peeks.wanted_key(addition.pk))  # as it ends by itself once its page is closed, while others' looks come first
    worker.serve(server, threading.Event())
    assert peeks.read(addition) is None and not server.llen(peeks.PEEKS)
    peeks.ask(addition)
    worker.serve(server, threading.Event())
    assert peeks.read(addition) is not None


def test_the_thread_goes_on_after_one_that_failed(server: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    second = threading.Event()

    def look(_server: redis.Redis, addition: int, _over: threading.Event) -> None:
        looked.append(addition)
        if addition == 1:
            raise KeyError("nobody thought of this")
        second.set()

    monkeypatch.setattr(worker, "look", look)
    for addition in (1, 2):
        server.set(peeks.wanted_key(addition), "{}")
        server.rpush(peeks.PEEKS, json.dumps({"addition": addition}))
    thread = worker.Peeks().start()
    second.wait(10)
    thread.stop()
    assert looked == [1, 2] and not thread.thread.is_alive()


def test_an_archive_of_which_nothing_can_be_added_says_why_by_its_own_name(
    actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis
) -> None:
    addition = added(actor, dataset, tmp_path, {"broken.png": b"no picture"})
    worker.look(server, addition.pk, threading.Event())
    said = peeks.failed(addition)
    assert said.startswith("No image of more.tar can be added. 1 left out, the first: broken.png") and str(tmp_path) not in said


def test_one_that_takes_too_long_is_ended_and_says_so(
    actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    addition = added(actor, dataset, tmp_path, NEW)
    monkeypatch.setattr(worker, "LOOK_SECONDS", 0.0)
    worker.look(server, addition.pk, threading.Event())
    assert "so it was ended" in peeks.failed(addition) and peeks.read(addition) is None


def test_what_was_seen_while_an_image_was_erased_is_not_kept(
    actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    addition = added(actor, dataset, tmp_path, NEW)
    monkeypatch.setattr(worker, "meanwhile", lambda dataset, since: True)
    worker.look(server, addition.pk, threading.Event())
    assert peeks.read(addition) is None and peeks.failed(addition) == ""
    assert list((dataset.folder / "additions").iterdir()) == [peeks.archive(addition)]


def test_of_a_draft_that_is_discarded_meanwhile_nothing_is_kept(
    actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    addition = added(actor, dataset, tmp_path, NEW)
    look = worker.run_child

    def looked(*words: Any) -> str:
        why = look(*words)
        drafts.discard(actor, dataset)
        return why

    monkeypatch.setattr(worker, "run_child", looked)
    worker.look(server, addition.pk, threading.Event())
    assert list((dataset.folder / "additions").iterdir()) == []


def test_how_far_it_is_stands_where_pages_ask(server: redis.Redis) -> None:
    worker.tell(server, 7, {"event": "progress", "done": 64, "total": 200, "fraction": 0.3})
    assert json.loads(server.get(peeks.wanted_key(7)) or b"") == {"done": 64, "total": 200}


def test_without_a_worker_it_is_said_that_none_runs(actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis) -> None:
    server.delete(ALIVE)
    with pytest.raises(Unavailable, match="does not run at the moment"):
        peeks.ask(added(actor, dataset, tmp_path, NEW))


def test_a_redis_that_is_away_is_said(actor: Actor, dataset: Dataset, tmp_path: Path, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    with pytest.raises(Unavailable, match="does not answer, so nothing can be shown"):
        peeks.ask(added(actor, dataset, tmp_path, NEW))
