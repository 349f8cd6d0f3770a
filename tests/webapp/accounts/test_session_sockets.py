"""What ends with a session or a membership: the open socket, through the real consumer."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from tests.webapp.jobs.test_job_sockets import closing, heard, talk
from webapp.accounts import actions
from webapp.accounts.models import Session
from webapp.jobs import consumers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def close_code(editor, signed_in, monkeypatch):
    """How the team's socket of the editor's browser closes after something was done."""
    monkeypatch.setattr(consumers, "RIGHTS_SECONDS", 0.0)
    monkeypatch.setattr(consumers, "QUIET_SECONDS", 0.1)
    cookie = f"synset_session={signed_in(editor).cookies['synset_session'].value}".encode()

    def after(deed):
        async def conversation(communicator):
            await heard(communicator)
            await sync_to_async(deed)()
            return await closing(communicator)

        return talk("/ws/team/", conversation, cookie)

    return after


def test_a_revoked_session_loses_its_socket(close_code, editor):
    assert close_code(lambda: actions.end_session(editor, Session.objects.get().handle)) == 4403


def test_signing_out_everywhere_else_closes_sockets(close_code, editor):
    assert close_code(lambda: actions.end_other_sessions(editor, "another")) == 4403


def test_who_is_removed_loses_their_socket(close_code, own):
    assert close_code(lambda: actions.remove_member(own, "editor")) == 4403


def test_a_reset_password_closes_sockets(close_code, own):
    link = actions.make_reset_link(own, "editor")[1]
    assert close_code(lambda: actions.reset_password(link, "heron-by-3-ponds")) == 4403
