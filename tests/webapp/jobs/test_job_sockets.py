"""The job's socket, through the ASGI application, against a real Redis."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.utils import timezone

from webapp.accounts.actions import create_token, issue_ticket, revoke_token, token_actor
from webapp.accounts.models import Token
from webapp.asgi import application
from webapp.datasets.models import Dataset
from webapp.jobs import actions, admission, broadcast, consumers
from webapp.jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
OURS = b"http://localhost"
LOG = actions.NewEvent("log", {"message": "hello"})


@pytest.fixture(autouse=True)
def nudges(monkeypatch, pokes):
    """The real ones here."""
    monkeypatch.undo()
    monkeypatch.setattr("webapp.jobs.queue.poke", lambda job_id, queue: None)


@pytest.fixture
def claim(submit) -> actions.Claim:
    return actions.claim(submit().id, "w")


@pytest.fixture
def cookie(owner, signed_in) -> bytes:
    client: Client = signed_in(owner)
    return f"synset_session={client.cookies['synset_session'].value}".encode()


def socket(path: str, cookie: bytes = b"", origin: bytes = OURS) -> WebsocketCommunicator:
    return WebsocketCommunicator(application, path, headers=[(b"host", b"localhost"), (b"origin", origin), (b"cookie", cookie)])


def talk(path: str, conversation: Callable[[WebsocketCommunicator], Awaitable[Any]], cookie: bytes = b"", origin: bytes = OURS) -> Any:
    """Opens a socket, holds the conversation and closes it."""

    async def whole() -> Any:
        communicator = socket(path, cookie, origin)
        await communicator.connect()
        result = await asyncio.wait_for(conversation(communicator), 20)
        await communicator.disconnect()
        return result

    return async_to_sync(whole)()


async def heard(communicator: WebsocketCommunicator) -> dict[str, Any]:
    """The next message that is not about the link itself."""
    while (message := json.loads(await communicator.receive_from(timeout=10)))["type"] == "link":
        pass
    return message


async def closing(communicator: WebsocketCommunicator) -> int:
    while (output := await communicator.receive_output(timeout=10))["type"] != "websocket.close":
        pass
    return output["code"]


def test_a_snapshot_comes_first(claim, cookie):
    first = talk(f"/ws/jobs/{claim.job_id}/", heard, cookie)
    assert (first["type"], first["seq"], first["state"], first["id"]) == ("snapshot", 2, "running", claim.job_id)


def test_events_follow_the_snapshot_in_order(claim, cookie):
    async def conversation(communicator):
        await heard(communicator)
        await sync_to_async(actions.record)(claim, [LOG, LOG])
        await sync_to_async(actions.finish)(claim)
        return [await heard(communicator) for _ in range(3)]

    events = talk(f"/ws/jobs/{claim.job_id}/", conversation, cookie)
    assert [(e["seq"], e["kind"]) for e in events] == [(3, "log"), (4, "log"), (5, "state")]


def test_an_event_without_its_nudge_is_sent_when_nudges_do_not_arrive(claim, cookie, monkeypatch, settings):
    monkeypatch.setattr(broadcast, "nudge", lambda *_: None)
    monkeypatch.setattr(consumers, "POLL_SECONDS", 0.1)
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": ["unix:///nowhere.sock"]}}
    }

    async def conversation(communicator):
        await heard(communicator)
        await sync_to_async(actions.record)(claim, [LOG])
        return await heard(communicator)

    assert talk(f"/ws/jobs/{claim.job_id}/", conversation, cookie)["seq"] == 3


def test_a_ticket_opens_one_socket(claim, owner, actor_of):
    path = f"/ws/jobs/{claim.job_id}/?ticket={issue_ticket(actor_of(owner))}"
    first, second = talk(path, heard, origin=b""), talk(path, closing, origin=b"")
    assert (first["type"], second) == ("snapshot", 4401)


@pytest.mark.parametrize("path", ["/ws/jobs/{}/", "/ws/jobs/{}/?ticket=wrong"])
def test_nobody_and_a_bad_ticket_are_told_4401(path, claim):
    assert talk(path.format(claim.job_id), closing) == 4401


def test_a_foreign_pages_cookie_does_not_count(claim, cookie):
    assert talk(f"/ws/jobs/{claim.job_id}/", closing, cookie, origin=b"http://elsewhere.example") == 4401


def test_another_teams_and_an_unknown_job_look_the_same(claim, outsider, signed_in):
    cookie = f"synset_session={signed_in(outsider).cookies['synset_session'].value}".encode()
    codes = [talk(f"/ws/jobs/{id}/", closing, cookie) for id in (claim.job_id, "0" * 20)]
    assert codes == [4404, 4404]


@pytest.mark.parametrize("id", ["\0", "\0" * 20, "x"])
def test_the_database_is_not_asked_for_what_is_no_id(id, owner, actor_of, django_assert_num_queries):
    actor = actor_of(owner)
    with django_assert_num_queries(0):
        assert admission.job_for(actor, id) is None


def test_who_leaves_the_team_is_closed(claim, owner, cookie, monkeypatch):
    monkeypatch.setattr(consumers, "RIGHTS_SECONDS", 0.0)
    monkeypatch.setattr(consumers, "QUIET_SECONDS", 0.1)

    async def conversation(communicator):
        await heard(communicator)
        await owner.memberships.all().adelete()
        return await closing(communicator)

    assert talk(f"/ws/jobs/{claim.job_id}/", conversation, cookie) == 4403


@pytest.mark.parametrize("path", ["/ws/jobs/{}/", "/ws/team/"])
def test_who_signs_out_is_closed(path, claim, owner, signed_in, monkeypatch):
    monkeypatch.setattr(consumers, "RIGHTS_SECONDS", 0.0)
    monkeypatch.setattr(consumers, "QUIET_SECONDS", 0.1)
    client = signed_in(owner)

    async def conversation(communicator):
        await heard(communicator)
        await sync_to_async(client.post)("/logout/")
        return await closing(communicator)

    cookie = f"synset_session={client.cookies['synset_session'].value}".encode()
    assert talk(path.format(claim.job_id), conversation, cookie) == 4403


def test_a_socket_closes_once_its_training_lies_in_the_trash(claim, owner, cookie, monkeypatch):
    monkeypatch.setattr(consumers, "RIGHTS_SECONDS", 0.0)
    monkeypatch.setattr(consumers, "QUIET_SECONDS", 0.1)

    job = Job.objects.get()
    Dataset.objects.create(team=job.team, created_by=owner, name="Birds", job=job, archive_name="birds.zip")

    async def conversation(communicator):
        await heard(communicator)
        await Dataset.objects.aupdate(trashed_at=timezone.now())
        return await closing(communicator)

    assert talk(f"/ws/jobs/{claim.job_id}/", conversation, cookie) == 4404


def test_a_socket_closes_with_the_token_its_ticket_was_asked_for_with(claim, owner, monkeypatch):
    monkeypatch.setattr(consumers, "RIGHTS_SECONDS", 0.0)
    monkeypatch.setattr(consumers, "QUIET_SECONDS", 0.1)
    ticket = issue_ticket(token_actor(create_token(owner, "read", None)))

    async def conversation(communicator):
        await heard(communicator)
        await sync_to_async(revoke_token)(await Token.objects.aget())
        return await closing(communicator)

    assert talk(f"/ws/jobs/{claim.job_id}/?ticket={ticket}", conversation, origin=b"") == 4403


@pytest.mark.parametrize(("frame", "code"), [("x" * 5000, 1009), ("no json", 4400), ('{"type": "shout"}', 4400), ("[" * 4000, 4400)])
def test_a_bad_frame_ends_politely(frame, code, claim, cookie):
    async def conversation(communicator):
        await communicator.send_to(text_data=frame)
        return await closing(communicator)

    assert talk(f"/ws/jobs/{claim.job_id}/", conversation, cookie) == code


def test_a_ping_is_answered(claim, cookie):
    async def conversation(communicator):
        await heard(communicator)
        await communicator.send_to(text_data='{"type": "ping"}')
        return await heard(communicator)

    assert talk(f"/ws/jobs/{claim.job_id}/", conversation, cookie) == {"type": "pong"}


def test_the_teams_socket_says_which_job_moved(claim, cookie):
    async def conversation(communicator):
        assert await heard(communicator) == {"type": "listening"}
        await sync_to_async(actions.record)(claim, [LOG])
        return await heard(communicator)

    assert talk("/ws/team/", conversation, cookie) == {"type": "nudge", "job": claim.job_id, "seq": 3}


def test_the_teams_socket_takes_no_ticket(owner, actor_of):
    assert talk(f"/ws/team/?ticket={issue_ticket(actor_of(owner))}", closing) == 4401


def test_any_other_address_is_refused(db):
    async def whole():
        return await socket("/ws/elsewhere/").connect()

    assert async_to_sync(whole)()[0] is False


def test_a_job_that_has_ended_gives_its_end_in_the_snapshot(claim, cookie):
    actions.finish(claim)
    first = talk(f"/ws/jobs/{claim.job_id}/", heard, cookie)
    assert (first["state"], first["progress"], first["seq"]) == ("succeeded", 1.0, Job.objects.get().last_seq)
