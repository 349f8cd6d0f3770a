"""Mail over a real SMTP server on loopback, and over one that is down; the mail is sent by its own thread, as in the product."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler
from django.conf import LazySettings
from django.test import Client

from webapp.accounts import actions
from webapp.accounts.actions.resets import MAILS_AN_HOUR
from webapp.accounts.models import ResetLink
from webapp.core.trouble import Environment

pytestmark = pytest.mark.django_db(transaction=True)  # the thread has a connection of its own
NEW = "heron-by-3-ponds"
Configure = Callable[[str], None]


class Inbox(Handler):
    """What the server took."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.messages.append(message)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def configure(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Sets mail up by EMAIL_URL, as webapp.settings does."""

    def make(url: str) -> None:
        monkeypatch.setenv("EMAIL_URL", url)
        for name, value in Environment().mail("EMAIL_URL").items():
            setattr(settings, name, value)
        settings.MAIL = True

    return make


@pytest.fixture
def inbox(configure: Configure) -> Iterator[Inbox]:
    """A server that takes mail."""
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=free_port())
    server.start()
    configure(f"smtp://127.0.0.1:{server.port}")
    yield inbox
    server.stop()


@pytest.fixture
def down(configure: Configure) -> None:
    """A port where nothing listens."""
    configure(f"smtp://127.0.0.1:{free_port()}")


@pytest.fixture
def ann(member):
    user = member("editor", "ann")
    actions.set_email(user, "ann@example.org")
    return user


def ask(client: Client, who: str) -> bytes:
    """The answer's page without its form's key; returns once the mail's thread is done."""
    answer = client.post("/password/lost/", {"who": who})
    for thread in threading.enumerate():
        if thread.name == "mail":
            thread.join(20)
    assert answer.status_code == 200
    return re.sub(rb"X-CSRFToken[^}]*", b"", answer.content)


def test_the_mail_holds_a_link_that_sets_a_password(client, ann, inbox):
    ask(client, "ann")
    text = inbox.messages[0].get_payload(decode=True).decode()
    link = re.search(r"http://testserver(/password/reset/[\w-]+/)", text)[1]
    assert client.post(link, {"password": NEW}).status_code == 302
    ann.refresh_from_db()
    assert ann.check_password(NEW)


def test_the_mail_is_plain_text_for_that_person_with_a_subject(client, ann, inbox):
    ask(client, "ann")
    mail = inbox.messages[0]
    assert (mail["Subject"], mail["To"], mail["From"]) == ("A new password for Synset", "ann@example.org", "synset@localhost")
    assert (mail.get_content_type(), mail.is_multipart(), len(inbox.messages)) == ("text/plain", False, 1)


def test_nobody_gets_a_mail_for_a_name_that_there_is_not(client, ann, inbox):
    ask(client, "nobody")
    assert inbox.messages == []


def test_a_mail_server_that_is_down_tells_nobody_who_has_an_account(client, ann, down):
    assert ask(client, "ann") == ask(client, "nobody")


def test_a_mail_server_that_is_down_is_told_to_whoever_runs_the_server(client, ann, down, caplog):
    ask(client, "ann")
    told = [record for record in caplog.records if record.name == "webapp.accounts.mail"]
    assert [(record.levelno, record.exc_info) for record in told] == [(logging.ERROR, None)]
    assert "Check EMAIL_URL" in told[0].getMessage()


def test_a_mail_server_that_is_down_shows_no_traceback(client, ann, down, capfd):
    ask(client, "ann")
    assert "Traceback" not in capfd.readouterr().err


def test_what_a_server_that_is_down_did_not_send_does_not_count(client, ann, down):
    for _ in range(MAILS_AN_HOUR + 1):
        ask(client, "ann")
    assert not ResetLink.objects.exists()


def test_no_link_is_mailed_where_any_name_is_answered_to(client, ann, inbox, settings):
    settings.ALLOWED_HOSTS = ["*"]
    assert b"does not reset passwords by mail" in ask(client, "ann")
    assert inbox.messages == []
