"""From a request to its answer on the server: how often it goes to a thread and back, and that it is the same answer."""

from __future__ import annotations

import asyncio
import functools

import pytest
from asgiref.sync import SyncToAsync, async_to_sync
from django.urls import reverse

from tests.webapp.datasets.tus_kit import in_the_tests_transaction
from webapp.core.handler import Handler, waits

STEPS = 3  # one for the answer, one before it and one behind it, where Django looks after its connections


@pytest.fixture
def steps(monkeypatch):
    """The steps from the event loop to a thread, by name."""
    found, call = [], SyncToAsync.__call__

    async def counted(self, *args, **kwargs):
        found.append(getattr(self.func, "__qualname__", str(self.func)))
        return await call(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", counted)
    return found


@functools.cache
def handler() -> Handler:
    return Handler()


@pytest.fixture
def ask():
    """Gives the status, the headers and the text of a page, as the server has them from its application."""

    async def asked(path, cookies, method):
        cookie = "; ".join(f"{name}={value.value}" for name, value in cookies.items())
        headers = [(b"host", b"localhost"), (b"cookie", cookie.encode()), (b"accept", b"text/html")]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
        came, sent = iter([{"type": "http.request", "body": b""}]), []

        async def receive():
            return next(came, None) or await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await handler()(scope, receive, send)
        start, *parts = sent
        headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return start["status"], headers, b"".join(part.get("body", b"") for part in parts).decode()

    def send(path, client, method="GET"):
        with in_the_tests_transaction():
            return async_to_sync(asked)(path, client.cookies, method)

    return send


def test_a_page_is_made_in_one_step_to_a_thread(ask, steps, signed_in, editor):
    status, _, text = ask("/datasets/", signed_in(editor))
    assert status == 200 and "<h1" in text
    assert len(steps) <= STEPS, steps


def test_it_has_passed_every_middleware(ask, signed_in, editor):
    _, headers, text = ask("/datasets/", signed_in(editor))
    assert headers["cache-control"] == "private, no-store" and headers["x-frame-options"] == "DENY"
    assert "default-src" in headers["content-security-policy"] and editor.username in text


def test_a_stranger_is_led_to_the_login_and_what_there_is_not_is_said(ask, client, signed_in, editor):
    status, headers, _ = ask("/datasets/", client)
    assert status == 302 and headers["location"].startswith("/login/")
    assert ask("/nowhere/", signed_in(editor))[0] == 404
    assert ask("/datasets/upload/", signed_in(editor), "DELETE")[0] in (403, 405)


def test_a_fault_of_a_view_is_answered(ask, signed_in, editor, monkeypatch):
    monkeypatch.setattr("webapp.datasets.views.browse.queries.datasets", None)
    assert ask("/datasets/", signed_in(editor))[0] == 500


def test_what_a_coroutine_answers_stays_on_the_event_loop(ask, client):
    waiting = reverse("experiments:layers", args=["0" * 26])
    assert waits(waiting) and waits(reverse("experiments:samples"))
    assert not any(map(waits, ("/datasets/", "/static/js/app.js", "/nowhere/", "/api/v1/docs")))
    status, headers, _ = ask(waiting, client)
    assert status == 302 and headers["location"].startswith("/login/")
