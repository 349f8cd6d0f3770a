"""What is refused before its body reaches the disk."""

from __future__ import annotations

import asyncio
import errno
import json
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.test import Client

from webapp.api import gate
from webapp.asgi import application

MEGABYTE = b"x" * 1_000_000


@pytest.fixture
def knock(db):
    """Sends a body through the gate; gives (status or None, JSON, bytes that the application read)."""

    def send(body=(b"",), path="/api/v1/datasets", length=None, token="", cookie="", breaks=None):
        parts, out, read = list(body), [], []

        async def receive():
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)} if parts else {"type": "http.disconnect"}

        async def application(scope, receive, send):
            while (message := await receive())["type"] == "http.request":
                read.append(len(message["body"]))
                if breaks:
                    raise breaks
                if not message["more_body"]:
                    await send({"type": "http.response.start", "status": 202, "headers": []})
                    await send({"type": "http.response.body", "body": b"{}"})

        async def answer(message):
            out.append(message)

        headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
        headers += [(b"cookie", f"synset_session={cookie}".encode())] if cookie else []
        headers += [(b"content-length", str(length).encode())] if length else [(b"transfer-encoding", b"chunked")]
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
        async_to_sync(gate.Gate(application))(scope, receive, answer)
        return out[0]["status"] if out else None, out[1]["body"].decode() if out else "", sum(read)

    return send


def test_a_large_upload_without_a_living_token_is_not_read(knock):
    status, body, read = knock([MEGABYTE], length=2_000_000, token="wrong")
    assert (status, json.loads(body)["error"]["code"], read) == (401, "no_token", 0)


def test_a_large_upload_with_a_token_is_let_through(knock, tokens):
    assert knock([MEGABYTE, MEGABYTE], length=2_000_000, token=tokens["editor"])[::2] == (202, 2_000_000)


@pytest.mark.parametrize("who", ["viewer", "reader"])
def test_a_large_upload_of_those_who_may_not_upload_is_not_read(who, knock, tokens):
    status, body, read = knock([MEGABYTE], length=2_000_000, token=tokens[who])
    assert (status, json.loads(body)["error"]["code"], read) == (403, "forbidden", 0)


def test_many_pictures_of_a_viewer_are_let_through(knock, tokens):
    assert knock([MEGABYTE], path="/api/v1/experiments/x/classify", length=2_000_000, token=tokens["viewer"])[0] == 202


def test_a_small_body_is_left_to_the_view(knock):
    assert knock([b"{}"], length=2)[0] == 202


def test_a_body_over_the_limit_is_not_read(knock, tokens, settings):
    settings.UPLOAD_MAX_BYTES = 500_000
    status, body, read = knock([MEGABYTE], length=1_600_000, token=tokens["owner"])
    assert (status, read) == (413, 0) and "500,000" in json.loads(body)["error"]["message"]


def test_a_body_of_unknown_length_is_cut_at_the_limit(knock, tokens, settings):
    settings.UPLOAD_MAX_BYTES = 500_000
    status, _, read = knock([MEGABYTE] * 5, token=tokens["owner"])
    assert (status, read) == (413, 1_000_000)


def test_a_body_that_the_disk_cannot_hold_is_not_read(knock, tokens, monkeypatch):
    monkeypatch.setattr(gate.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 3_000_000}))
    assert knock([MEGABYTE], length=2_000_000, token=tokens["owner"])[::2] == (507, 0)


def test_a_disk_that_fills_meanwhile_is_said(knock, tokens):
    status, body, _ = knock([MEGABYTE], length=2_000_000, token=tokens["owner"], breaks=OSError(errno.ENOSPC, "full"))
    assert status == 507 and "disk" in json.loads(body)["error"]["message"]


def test_any_other_trouble_is_not_hidden(knock, tokens):
    with pytest.raises(OSError, match="broken"):
        knock([MEGABYTE], length=2_000_000, token=tokens["owner"], breaks=OSError(errno.EIO, "broken"))


def test_a_page_is_refused_in_plain_words(knock, settings):
    settings.UPLOAD_MAX_BYTES = 500_000
    status, body, _ = knock([MEGABYTE], path="/datasets/upload/", length=1_600_000)
    assert status == 413 and body.startswith("A request may have")


@pytest.fixture
def cookie(tokens):
    """A session of the editor's."""
    client = Client()
    client.force_login(get_user_model().objects.get(username="editor"))
    return client.cookies["synset_session"].value


@pytest.mark.parametrize("path", ["/login/", "/datasets/upload/", "/nowhere"])
def test_a_large_form_without_a_session_is_not_read(path, knock):
    status, body, read = knock([MEGABYTE, MEGABYTE], path=path, length=2_000_000, cookie="wrong")
    assert (status, read) == (403, 0) and body.startswith("Sign in first")


def test_chunks_without_a_session_end_where_they_grow_large(knock):
    assert knock([MEGABYTE] * 5, path="/login/")[::2] == (403, 1_000_000)


def test_a_small_form_in_chunks_is_left_to_the_view(knock):
    assert knock([b"name=ann"], path="/login/")[0] == 202


def test_a_large_form_of_a_session_is_let_through(knock, cookie):
    assert knock([MEGABYTE, MEGABYTE], path="/datasets/upload/", length=2_000_000, cookie=cookie)[::2] == (202, 2_000_000)


def test_chunks_that_the_disk_cannot_hold_twice_end_in_words(knock, tokens, monkeypatch):
    monkeypatch.setattr(gate.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 2_500_000}))
    assert knock([MEGABYTE] * 9, token=tokens["owner"])[::2] == (507, 2_000_000)


def test_a_body_waits_in_the_data_folder(tokens, cookie, settings):
    parts, held = [MEGABYTE] * 4, set()

    async def receive():
        if not parts:
            await asyncio.sleep(60)  # until the answer is out
        held.update(path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink())
        return {"type": "http.request", "body": parts.pop(), "more_body": bool(parts)}

    async def send(message):
        pass

    headers = [(b"host", b"localhost"), (b"cookie", f"synset_session={cookie}".encode()), (b"content-length", b"4000000")]
    scope = {"type": "http", "method": "POST", "path": "/nowhere", "headers": headers, "query_string": b""}
    async_to_sync(application)(scope, receive, send)
    assert any(path.is_relative_to(settings.FILE_UPLOAD_TEMP_DIR) for path in held)
