"""What every test of the web side stands on."""

from __future__ import annotations

import pytest

from webapp.accounts.limits import client


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
    if counted := list(client().scan_iter("synset:limit:*")):
        client().delete(*counted)
