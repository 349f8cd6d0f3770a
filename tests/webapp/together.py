"""Several people who act at the same moment, each in a thread with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import OperationalError, connection
from django.http import Http404

from classifier.spec.errors import ClassifierError


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
    """What it gives once nobody else holds SQLite's tables."""
    while True:
        try:
            return work()
        except OperationalError as error:
            if "locked" not in str(error):
                raise


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
