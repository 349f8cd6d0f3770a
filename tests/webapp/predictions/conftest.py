"""No worker listens here."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def pokes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Jobs that workers would have heard of."""
    sent: list[str] = []
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: sent.append(job_id))
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    return sent
