"""Several people who act at the same moment, each in a thread with a connection of its own."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import OperationalError, connection
from django.http import Http404

from classifier.spec.errors import ClassifierError

MOST_SECONDS = 120.0
REFUSALS = ("locked", "within a transaction")


def outcomes(*works: Callable[[], object]) -> list[object]:
    """Runs them at once; what each gave, or the refusal that it raised. Anything else is raised here.

    SQLite's in-memory database refuses where a file would wait: then the work is done again from its beginning.
    """
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        start.wait()
        try:
            return until_unlocked(work)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(run, work) for work in works]
    return [outcome(future) for future in futures]


def until_unlocked(work: Callable[[], object]) -> object:
    """What it gives once nobody else holds SQLite's tables; between tries it steps aside, for as long as chance says."""
    give_up_at = time.monotonic() + MOST_SECONDS
    while True:
        try:
            return work()
        except OperationalError as error:
            if not any(words in str(error) for words in REFUSALS) or time.monotonic() > give_up_at:
                raise
            connection.connection.rollback()  # where the end of a transaction was refused too, it is still open
            time.sleep(random.uniform(0, 0.02))


def outcome(future: Future[object]) -> object:
    """What the work gave, or its refusal."""
    error = future.exception()
    return error if is_refusal(error) else future.result()


def is_refusal(outcome: object) -> bool:
    """Whether somebody was told a sentence instead."""
    return isinstance(outcome, ClassifierError | Http404)


def done(told: list[object]) -> int:
    """How many were not refused."""
    return sum(not is_refusal(one) for one in told)
