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

from tests.classifier.data.test_choices import legacy_zip
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


def requests(addition: Addition) -> str:
    return peeks.requests_key(str(addition.draft.dataset.team_id))


def test_what_somebody_asks_for_is_looked_at_once(actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis) -> None:
    addition = added(actor, dataset, tmp_path, NEW)
    assert peeks.read(addition) is None and peeks.ask(addition) == {"done": 0, "total": None, "eta": None}
    peeks.ask(addition)
    assert server.llen(requests(addition)) == 1
    worker.serve(server, threading.Event())
    seen = peeks.read(addition)
    assert seen and [image.path for image in seen.images] == sorted(NEW) and seen.is_whole and seen.small
    assert not server.exists(peeks.wanted_key(addition.pk))


def test_a_look_whose_worker_died_is_asked_for_again(actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis) -> None:
    addition = added(actor, dataset, tmp_path, NEW)
    peeks.ask(addition)
    assert 0 < server.ttl(peeks.wanted_key(addition.pk)) <= peeks.ASKED_SECONDS
    peeks.take(server, 1)
    server.delete(peeks.wanted_key(addition.pk))  # it took the request, and its word has run out
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
    assert peeks.read(addition) is None and not server.llen(requests(addition))
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
        peeks.put(server, "a team", addition)
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
    worker.tell(server, 7, {"event": "progress", "done": 64, "total": 200, "fraction": 0.3, "eta_seconds": 12.5})
    assert json.loads(server.get(peeks.wanted_key(7)) or b"") == {"done": 64, "total": 200, "eta": 12.5}


def test_without_a_worker_it_is_said_that_none_runs(actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis) -> None:
    server.delete(ALIVE)
    with pytest.raises(Unavailable, match="does not run at the moment"):
        peeks.ask(added(actor, dataset, tmp_path, NEW))


def test_a_redis_that_is_away_is_said(actor: Actor, dataset: Dataset, tmp_path: Path, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    with pytest.raises(Unavailable, match="does not answer, so nothing can be shown"):
        peeks.ask(added(actor, dataset, tmp_path, NEW))


def taken(server: redis.Redis, times: int) -> list[int | None]:
    """What is looked at, one after another."""
    return [peeks.take(server, 0.1) for _ in range(times)]


def test_a_team_that_asks_for_hundreds_holds_up_no_other_one(server: redis.Redis) -> None:
    for addition in range(300):
        peeks.put(server, "many", addition)
    peeks.put(server, "few", 1_000)
    peeks.put(server, "other", 2_000)
    assert taken(server, 4) == [0, 1_000, 2_000, 1]


def test_teams_are_served_in_turn_and_each_in_its_own_order(server: redis.Redis) -> None:
    for team in range(3):
        for number in range(3):
            peeks.put(server, f"team {team}", 10 * team + number)
    assert taken(server, 10) == [0, 10, 20, 1, 11, 21, 2, 12, 22, None]


def test_one_who_asks_again_and_again_keeps_the_place_of_the_first_time(server: redis.Redis) -> None:
    peeks.put(server, "eager", 1)
    peeks.put(server, "other", 2)
    for _ in range(5):
        peeks.put(server, "eager", 1)
    assert taken(server, 2) == [1, 2]


def test_a_team_that_came_late_waits_for_no_more_than_one_look_of_each(server: redis.Redis) -> None:
    for team in ("one", "two"):
        for number in range(50):
            peeks.put(server, team, number)
    taken(server, 20)
    peeks.put(server, "late", 1_000)
    assert 1_000 in taken(server, 3)


def test_a_worker_that_died_between_a_turn_and_its_request_loses_none(server: redis.Redis) -> None:
    for addition in (1, 2):
        peeks.put(server, "unlucky", addition)
    server.bzpopmin([peeks.TURNS], timeout=1)  # it took the turn, and then it was killed
    assert taken(server, 1) == [None]
    peeks.put(server, "unlucky", 1)  # whoever looks asks again
    assert taken(server, 4) == [1, 2, 1, None]


def test_two_workers_take_each_request_once(server: redis.Redis) -> None:
    for addition in range(60):
        peeks.put(server, f"team {addition % 3}", addition)
    found: list[int] = []

    def work() -> None:
        own = redis.Redis.from_url(django_settings.REDIS_URL)
        while (addition := peeks.take(own, 0.2)) is not None or own.exists(peeks.TURNS):
            found.extend([] if addition is None else [addition])
        own.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(30)
    assert sorted(found) == list(range(60))


def test_names_are_looked_at_in_the_encoding_that_was_chosen(actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis) -> None:
    drafts.add(actor, dataset, legacy_zip(tmp_path / "more.zip", "cp866"), "more.zip", "dog", how={"encoding": "cp437"})
    (addition,) = Addition.objects.select_related("draft__dataset")
    worker.look(server, addition.pk, threading.Event())
    seen = peeks.read(addition)
    assert seen and seen.names_in and seen.names_in["encoding"] == "cp437" and peeks.folder(addition).name.endswith(".seen-one-cp437")


def test_two_teams_looks_are_made_in_turn_by_a_real_worker(actor: Actor, dataset: Dataset, tmp_path: Path, server: redis.Redis) -> None:
    added(actor, dataset, tmp_path, NEW)
    for number in range(2):
        files = {f"{number}.png": picture(seed=9_100 + number)}
        drafts.add(actor, dataset, write_tar(tmp_path / f"m{number}.tar", files), f"m{number}.tar", "dog")
    draft = drafts.current(dataset)
    assert draft
    first = adding.waiting(draft)
    for one in first:
        one.draft = draft
        peeks.ask(one)
    drafts.add(actor, dataset, write_tar(tmp_path / "other.tar", {"o.png": picture(seed=9_200)}), "other.tar", "dog")
    late = Addition.objects.select_related("draft__dataset").get(name="other.tar")
    server.set(peeks.wanted_key(late.pk), "{}")
    peeks.put(server, "another team", late.pk)
    for _ in range(2):
        worker.serve(server, threading.Event())
    assert peeks.read(first[0]) and peeks.read(late) and not peeks.read(first[1])
