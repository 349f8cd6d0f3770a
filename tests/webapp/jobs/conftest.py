"""Jobs in any state."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import OperationalError, connection

from webapp.accounts.models import Team
from webapp.jobs import actions
from webapp.jobs.models import Job, State


def at_once(count: int, work: Callable[[], bool]) -> None:
    """Runs `work` in so many threads until it gives False; SQLite's in-memory database refuses where a file would wait."""

    def loop() -> None:
        going = True
        while going:
            with suppress(OperationalError):
                going = work()
        connection.close()

    threads = [threading.Thread(target=loop) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def submit(team: Team) -> Callable[..., Job]:
    def make(kind: str = "train", **options: object) -> Job:
        return actions.submit(team=team, user=None, kind=kind, title=f"a {kind}", **options)

    return make


@pytest.fixture
def job_in(submit: Callable[..., Job]) -> Callable[[str], tuple[Job, actions.Claim]]:
    """A job brought to a state by the verbs themselves, and the newest claim of it (of nobody, where it never ran)."""

    def make(state: str) -> tuple[Job, actions.Claim]:
        job = submit()
        nobody = actions.Claim(job.id, "nobody", 0, 0, job.kind)
        claim = nobody if state == State.QUEUED else actions.claim(job.id, "device@here:1")
        endings = {
            State.SUCCEEDED: lambda: actions.finish(claim),
            State.FAILED: lambda: actions.fail(claim, "No.", "no", retry=False),
            State.CANCELLED: lambda: actions.cancelled(claim),
            State.PAUSED: lambda: (actions.pause(job), actions.release(claim)),
        }
        endings.get(state, lambda: None)()
        job.refresh_from_db()
        return job, claim

    return make
