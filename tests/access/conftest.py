"""The world that every cell of the table is called in, and who calls. It is built once; each test undoes what it did."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from django.conf import settings
from django.test import Client

from tests.access import world
from tests.access.world import Side, Trained
from tests.plugins import emptying
from tests.webapp.conftest import fresh_limits, pokes  # noqa: F401 (fixtures)
from tests.webapp.evaluations.conftest import source, trained  # noqa: F401 (fixtures)
from webapp.accounts import actions as accounts
from webapp.accounts.models import Team, User


class World(NamedTuple):
    """Members of every role and the owner of another team; our own things, another team's, those in our trash,
    those we deleted, and ids of nothing; who is signed in by which session, and everybody's tokens by their scope."""

    cast: dict[str, User]
    sides: dict[str, Side]
    sessions: dict[str, str]
    tokens: dict[tuple[str, str], str]


def build(trained: Trained) -> World:  # noqa: F811
    team, elsewhere = Team.objects.create(name="Birds"), Team.objects.create(name="Fungi")
    cast = {role: world.person(role, role, team) for role in ("owner", "editor", "viewer")}
    cast["outsider"] = world.person("outsider", "owner", elsewhere)
    sides = {name: world.side(team, cast["owner"], trained) for name in ("own", "trashed", "deleted")}
    world.throw_away(sides["trashed"])
    world.delete(sides["deleted"])
    sides["another team's"] = world.side(elsewhere, cast["outsider"], trained)
    sessions = {who: world.signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value for who, user in cast.items()}
    tokens = {(who, scope): accounts.create_token(user, scope, None) for who, user in cast.items() for scope in ("read", "write")}
    return World(cast, sides | {"random": world.nothing(sides["own"])}, sessions, tokens)


@pytest.fixture(scope="module")
def built(trained: Trained, django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:  # noqa: F811
    """The world, in the test database until the module's end."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)
        patch.setattr("webapp.jobs.broadcast.nudge", lambda job_id, team_id, seq: None)
        made = build(trained)
    yield made
    with django_db_blocker.unblock():
        emptying.empty()
    for folder in ("datasets", "experiments", "uploads"):
        shutil.rmtree(settings.SYNSET_HOME / folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def nobody_classifies(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker for pictures is here, and none is on its way."""
    monkeypatch.setattr("webapp.predictions.client.STARTING_SECONDS", 0.02)


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
def browser_of(built: World, db: None) -> Callable[[str], Client]:
    """The browser of one of the cast, who has signed in before, or of nobody."""

    def make(who: str) -> Client:
        client = Client(raise_request_exception=False)
        if who in built.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = built.sessions[who]
        return client

    return make


@pytest.fixture
def token_of(built: World, db: None) -> Callable[[str, str], str]:
    """A token of one of the cast, of that scope."""
    return lambda who, scope: built.tokens[who, scope]
