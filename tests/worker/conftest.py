"""A claimed job, whose pokes and nudges go nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from webapp.accounts.actor import Actor
from webapp.accounts.models import Team, User
from webapp.jobs import actions
from worker import stopping


@pytest.fixture
def claim(team: Team, monkeypatch: pytest.MonkeyPatch) -> actions.Claim:
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    job = actions.submit(team=team, user=None, kind="train", title="a training")
    claim = actions.claim(job.id, "device@here:1")
    assert claim
    return claim


@pytest.fixture
def actor(actor_of: Any, owner: User, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """An owner whose imports may fetch from this machine; pokes and nudges go nowhere."""
    settings.SYNSET_HOME = tmp_path / "home"
    settings.FETCH_NETWORKS = ["127.0.0.0/8"]
    settings.SYNSET_HOME.mkdir()
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
    monkeypatch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
    acting: Actor = actor_of(owner)
    return acting


@pytest.fixture
def script(tmp_path: Path):
    """A command that runs some Python lines."""
    import sys

    def make(*lines: str) -> list[str]:
        path = tmp_path / "script.py"
        path.write_text("\n".join(("import json, os, signal, subprocess, sys, time", *lines)))
        return [sys.executable, str(path)]

    return make


@pytest.fixture(autouse=True)
def going_on() -> Iterator[None]:
    """No test leaves the worker stopping."""
    yield
    stopping.go_on()
