"""Every socket, by every kind of caller, about own, another team's, trashed, deleted and random jobs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.test import Client

from tests.access.rights import ROLES, may_session
from tests.access.routes import SOCKETS, Route
from tests.access.world import Side
from webapp.accounts.actions import create_token, issue_ticket, token_actor
from webapp.asgi import application
from webapp.jobs import consumers

OURS = b"http://localhost"
ANONYMOUS, UNKNOWN = 4401, 4404
ABOUT = [name for name, route in SOCKETS.items() if route.about]


def opened(path: str, cookie: str = "", origin: bytes = OURS) -> Any:
    """The first message of a socket, or the code that it was closed with."""
    headers = [(b"host", b"localhost"), (b"origin", origin), (b"cookie", cookie.encode())]

    async def whole() -> Any:
        communicator = WebsocketCommunicator(application, path, headers=headers)
        await communicator.connect()
        output = await communicator.receive_output(timeout=10)
        await communicator.disconnect()
        return json.loads(output["text"]) if output["type"] == "websocket.send" else output["code"]

    return async_to_sync(whole)()


def cookie_of(client: Client) -> str:
    return f"synset_session={client.cookies['synset_session'].value}"


def address(name: str, route: Route, side: Side) -> str:
    return "/" + name.replace(f"<str:{route.place}>", side.ids.get(route.about, ""))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", SOCKETS)
def test_a_member_hears_what_the_role_may(name, role, sides, browser_of):
    first = opened(address(name, SOCKETS[name], sides["own"]), cookie_of(browser_of(role)))
    assert isinstance(first, dict) == may_session(SOCKETS[name].right, role)


@pytest.mark.parametrize("whose", ["another team's", "trashed", "deleted", "random"])
@pytest.mark.parametrize("name", ABOUT)
def test_what_is_not_there_closes_alike(name, whose, sides, browser_of):
    assert opened(address(name, SOCKETS[name], sides[whose]), cookie_of(browser_of("owner"))) == UNKNOWN


@pytest.mark.parametrize("name", ABOUT)
def test_an_outsider_hears_nothing_of_ours(name, sides, browser_of):
    assert opened(address(name, SOCKETS[name], sides["own"]), cookie_of(browser_of("outsider"))) == UNKNOWN


@pytest.mark.parametrize("name", SOCKETS)
def test_nobody_a_foreign_page_and_a_made_up_ticket_are_told_4401(name, sides, browser_of):
    path, cookie = address(name, SOCKETS[name], sides["own"]), cookie_of(browser_of("owner"))
    assert {opened(path), opened(path, cookie, b"http://elsewhere.example"), opened(f"{path}?ticket=made-up", cookie)} == {ANONYMOUS}


@pytest.mark.parametrize("scope", ["read", "write"])
def test_a_tokens_ticket_hears_one_job_of_its_team_alone(scope, sides, cast):
    def ticket() -> str:
        return issue_ticket(token_actor(create_token(cast["viewer"], scope, None)))

    name = "ws/jobs/<str:job_id>/"
    answers = {whose: opened(f"{address(name, SOCKETS[name], sides[whose])}?ticket={ticket()}") for whose in ("own", "another team's")}
    assert isinstance(answers["own"], dict) and answers["another team's"] == UNKNOWN


def test_a_socket_is_closed_within_a_minute_of_a_lost_right():
    longest_wait = max(consumers.QUIET_SECONDS + consumers.TEAM_SECONDS, consumers.SEND_SECONDS)
    assert consumers.RIGHTS_SECONDS + longest_wait < 60
