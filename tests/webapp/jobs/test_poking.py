"""A poke never holds up whoever sent it: the job is saved, and the keeper pokes again."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from webapp.jobs.queue import Patience, poke, sender  # by name: other tests here put a list in its place


class Refusing:
    """An address that hangs up on everybody, and counts them."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.calls = 0
        self.thread = threading.Thread(target=self.hang_up)
        self.thread.start()

    def hang_up(self) -> None:
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:  # closed
                return
            self.calls += 1
            line.close()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.fixture
def refusing(settings) -> Iterator[Refusing]:
    server = Refusing()
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{server.listener.getsockname()[1]}/0"
    sender.cache_clear()
    yield server
    sender.cache_clear()
    server.close()


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    """The seconds that were slept between tries; nobody waits for them here."""
    seconds: list[float] = []
    for module in ("kombu.utils.functional.sleep", "redis.retry.sleep"):
        monkeypatch.setattr(module, seconds.append)
    return seconds


def test_a_redis_that_is_away_is_not_waited_for(refusing, slept):
    poke("a job", "host")
    assert refusing.calls and sum(slept) < 1


def test_a_redis_that_hangs_is_waited_for_only_a_moment(settings, monkeypatch):
    monkeypatch.setattr(Patience, "seconds", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        sender.cache_clear()
        began = time.monotonic()
        poke("a job", "host")
        sender.cache_clear()
    assert time.monotonic() - began < 10


def test_the_next_poke_asks_again(refusing):
    poke("a job", "host")
    before = refusing.calls
    poke("a job", "host")
    assert refusing.calls > before
