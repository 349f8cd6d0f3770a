"""What is refused before its body reaches the disk."""

from __future__ import annotations

import errno
import json

import pytest
from asgiref.sync import async_to_sync

from webapp.api import gate

MEGABYTE = b"x" * 1_000_000


@pytest.fixture
def knock(db):
    """Sends a body through the gate; gives (status or None, JSON, bytes that the application read)."""

    def send(body=(b"",), path="/api/v1/datasets", length=None, token="", breaks=None):
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
