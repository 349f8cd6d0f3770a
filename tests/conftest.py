"""The cast that every test may use, and what a browser or a second process needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadFileScheduling

from classifier.spec.loading import loading
from tests.plugins import emptying, prepared
from tests.plugins.stack import PASSWORD, PERSON, Stack
from webapp.accounts.actor import Actor, actor_in
from webapp.accounts.models import Membership, Role, Team, User

BROWSER = Path(__file__).parent / "browser"
hypothesis_settings.register_profile("plain", deadline=None)  # a busy machine is no failure
hypothesis_settings.load_profile("plain")


def pytest_configure() -> None:
    emptying.install()
    prepared.install()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser come last: Playwright keeps an event loop in this thread, where Django's database calls then refuse to run."""
    there = {path: path.is_relative_to(BROWSER) for path in {item.path for item in items}}  # thousands of tests are of few files
    items.sort(key=lambda item: there[item.path])
    for item in items:
        if there[item.path]:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Tests and what they import are some million objects that stay: only what comes after is searched for garbage."""
    with loading():
        return (yield)


class ByFile(LoadFileScheduling):
    """A file at a time in each process; all files whose tests use the browser's world in one, so that it is built once."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(super()._split_scope(nodeid))
        return "world" if BROWSER.name in file.parts and "world: World" in (self.config.rootpath / file).read_text() else str(file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Of `--dist loadfile`."""
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Birds")


@pytest.fixture
def member(team: Team) -> Callable[..., User]:
    """A person of a role, in the team unless another is named; without a password, sign in with `signed_in`."""

    def make(role: str, name: str = "", team: Team = team) -> User:
        user = User.objects.create(username=name or role)
        Membership.objects.create(user=user, team=team, role=role)
        return user

    return make


@pytest.fixture
def owner(member: Callable[..., User]) -> User:
    return member(Role.OWNER)


@pytest.fixture
def editor(member: Callable[..., User]) -> User:
    return member(Role.EDITOR)


@pytest.fixture
def viewer(member: Callable[..., User]) -> User:
    return member(Role.VIEWER)


@pytest.fixture
def outsider(member: Callable[..., User]) -> User:
    """The owner of another team."""
    return member(Role.OWNER, "outsider", Team.objects.create(name="Fungi"))


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A client of somebody's browser."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def actor_of() -> Callable[[User], Actor]:
    """Somebody in their first team, as a view has them in `request.actor`."""

    def make(user: User) -> Actor:
        actor = actor_in(user, via="session")
        assert actor
        return actor

    return make


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole tree, ready, with the account `pat` (owner of team Stack); started once, by the first test that asks."""
    with Stack(tmp_path_factory.mktemp("stack")).prepared() as started:
        started.desk.call("create_user", PERSON, "--team", "Stack", "--role", "owner", SYNSET_PASSWORD=PASSWORD)
        yield started.wait_until_ready()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real image sets beside the checkout."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of real image sets, ../shared/data, is not beside the checkout")
    return folder
