"""The world that every cell of the table is called in, and who calls. It is built once; each test undoes what it did."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.access import world
from tests.access.world import Side, Trained
from tests.webapp.conftest import fresh_limits, pokes  # noqa: F401 (fixtures)
from tests.webapp.evaluations.conftest import source, trained  # noqa: F401 (fixtures)
from webapp.accounts import actions as accounts
from webapp.accounts.models import Team, User


class World(NamedTuple):
    """Members of every role and the owner of another team; our own things, another team's, those in our trash,
    those we deleted, and ids of nothing."""

    cast: dict[str, User]
    sides: dict[str, Side]


def build(trained: Trained) -> World:  # noqa: F811
    team, elsewhere = Team.objects.create(name="Birds"), Team.objects.create(name="Fungi")
    cast = {role: world.person(role, role, team) for role in ("owner", "editor", "viewer")}
    cast["outsider"] = world.person("outsider", "owner", elsewhere)
    sides = {name: world.side(team, cast["owner"], trained) for name in ("own", "trashed", "deleted")}
    world.throw_away(sides["trashed"])
    world.delete(sides["deleted"])
    sides["another team's"] = world.side(elsewhere, cast["outsider"], trained)
    return World(cast, sides | {"random": world.nothing(sides["own"])})


@pytest.fixture(scope="module")
def built(trained: Trained, django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:  # noqa: F811
    """The world, in the test database until the module's end."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
        patch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
        made = build(trained)
    yield made
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
    for folder in ("datasets", "experiments", "uploads"):
        shutil.rmtree(settings.SYNSET_HOME / folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def nobody_classifies(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker for pictures is here, and none is on its way."""
    monkeypatch.setattr("webapp.predictions.client.STARTING_SECONDS", 0.2)


@pytest.fixture(autouse=True)
def nobody_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser would take seconds for each caller."""
    monkeypatch.setattr("webapp.reports.pdf.browser", lambda: None)


@pytest.fixture(autouse=True)
def no_bucket_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them is there."""
    monkeypatch.setattr("webapp.datasets.connections.trying.last_event", lambda environment, *words: {})


@pytest.fixture
def cast(built: World, db: None) -> dict[str, User]:
    return built.cast


@pytest.fixture
def sides(built: World, db: None) -> dict[str, Side]:
    return built.sides


@pytest.fixture
def browser_of(cast: dict[str, User]) -> Callable[[str], Client]:
    """The browser of one of the cast, or of nobody."""

    def make(who: str) -> Client:
        client = Client(raise_request_exception=False)
        if who in cast:
            client.force_login(cast[who])
        return client

    return make


@pytest.fixture
def token_of(cast: dict[str, User]) -> Callable[[str, str], str]:
    """A token of one of the cast, of that scope."""
    return lambda who, scope: accounts.create_token(cast[who], scope, None)
