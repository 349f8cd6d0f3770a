"""What every test of the web side stands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.test import Client

from webapp.accounts.limits import client as counter
from webapp.accounts.models import User
from webapp.core.resident import ALIVE


@pytest.fixture(autouse=True)
def pokes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What would have gone to Celery, as (job, queue), and to the sockets: no worker listens here."""
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: sent.append((job_id, queue)))
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    return sent


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Nobody has tried anything yet."""
    if counted := list(counter().scan_iter("synset:limit:*")):
        counter().delete(*counted)


@pytest.fixture
def visitor(client: Client, editor: User) -> Client:
    """An editor's browser."""
    client.force_login(editor)
    return client


@pytest.fixture
def worker(settings: Any) -> Iterator[None]:
    """The thread that says why networks say what they say, and the word that it is there."""
    from worker import whys  # with torch, which most of these tests go without

    server = redis.Redis.from_url(settings.REDIS_URL)
    server.set(ALIVE, 1)
    answering = whys.Whys().start()
    yield
    answering.stop()
    server.delete(ALIVE)
