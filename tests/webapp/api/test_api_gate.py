"""What is refused before its body reaches the disk."""

from __future__ import annotations

import asyncio
import errno
import json
import re
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.test import Client

from tests.access.routes import CALLS, PAGES
from webapp.api import gate
from webapp.asgi import application

MEGABYTE = b"x" * 1_000_000


@pytest.fixture
def knock(db):
    """Sends a body through the gate; gives (status or None, JSON, bytes that the application read)."""

    def send(body=(b"",), path="/api/v1/datasets", length=None, token="", cookie="", breaks=None, method="POST", says="", pause=0.0):
        parts, out, read = list(body), [], []

        async def receive():
            if pause:
                await asyncio.sleep(pause)
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
        headers += [(b"x-http-method-override", says.encode())] if says else []
        scope = {"type": "http", "method": method, "path": path, "headers": headers}
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


def test_a_large_picture_to_explain_is_let_through(knock, tokens):
    assert knock([MEGABYTE, MEGABYTE], path="/api/v1/experiments/x/explain", length=2_000_000, token=tokens["viewer"])[0] == 202


def test_large_corrections_are_let_through_from_those_who_may_edit(knock, tokens):
    address = "/api/v1/datasets/x/corrections"
    status = {who: knock([MEGABYTE, MEGABYTE], path=address, length=2_000_000, token=tokens[who])[0] for who in ("editor", "viewer")}
    assert status == {"editor": 202, "viewer": 403}


def test_a_large_archive_to_classify_is_let_through_from_those_who_may_have_it_classified(knock, tokens):
    address = "/api/v1/classifications"
    status = {who: knock([MEGABYTE, MEGABYTE], path=address, length=2_000_000, token=tokens[who])[0] for who in ("editor", "viewer")}
    assert status == {"editor": 202, "viewer": 403}


def test_a_sender_who_falls_silent_is_not_waited_for(knock, monkeypatch):
    monkeypatch.setattr(gate, "SILENT_SECONDS", 0.05)
    status, body, read = knock([b"{", b"}"], length=2, pause=60)
    assert (status, read) == (408, 0) and json.loads(body)["error"]["code"] == "too_slow"


def test_a_byte_now_and_then_holds_no_connection(knock, monkeypatch):
    monkeypatch.setattr(gate, "SILENT_SECONDS", 0.5)
    status, _, read = knock([b"x"] * 1_000, path="/login/", length=1_000, pause=0.1)
    assert status == 408 and read < 100


def test_a_large_body_may_take_its_time(knock, tokens, monkeypatch):
    monkeypatch.setattr(gate, "SILENT_SECONDS", 0.5)
    assert knock([MEGABYTE] * 10, length=10_000_000, token=tokens["editor"], pause=0.1)[::2] == (202, 10_000_000)


def test_after_its_body_a_call_may_take_as_long_as_it_likes(monkeypatch):
    monkeypatch.setattr(gate, "SILENT_SECONDS", 0.05)
    parts = [{"type": "http.request", "body": b"{}", "more_body": False}, {"type": "http.disconnect"}]

    async def receive():
        await asyncio.sleep(0.2 if len(parts) == 1 else 0)
        return parts.pop(0)

    wanted = [*parts, None]

    async def both():
        meter = gate.Meter(receive, receive, 10, gate.too_large())
        return [await meter.receive(), await meter.receive(), meter.refused]

    assert async_to_sync(both)() == wanted


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/healthz", "/api/v1/jobs", "/static/css/base.css"])
def test_who_only_asks_sends_no_large_body(method, path, knock):
    status, body, read = knock([MEGABYTE, MEGABYTE], path=path, length=2_000_000, method=method)
    assert (status, read) == (413, 0) and f"A {method} request takes no body" in body


def test_a_body_of_unknown_length_is_cut_where_one_only_asks(knock):
    assert knock([MEGABYTE] * 5, path="/healthz", method="GET")[::2] == (413, 1_000_000)


def test_a_post_that_means_head_brings_no_large_body_along(knock):
    status, _, read = knock([MEGABYTE, MEGABYTE], path="/datasets/uploads/x/", length=2_000_000, says="HEAD")
    assert (status, read) == (413, 0)


def test_a_small_body_of_who_only_asks_is_let_through(knock):
    assert knock([b"{}"], path="/api/v1/jobs", length=2, method="GET")[0] == 202


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


@pytest.mark.parametrize("path", ["/account/tokens/", "/experiments/new/", "/classify/", "/nowhere", "/datasets/new/"])
def test_a_large_form_is_not_read_where_no_files_are_taken(path, knock, cookie):
    status, body, read = knock([MEGABYTE, MEGABYTE], path=path, length=2_000_000, cookie=cookie)
    assert (status, read) == (413, 0) and body.startswith("This address takes up to 1,000,000 bytes")


def test_chunks_end_where_they_grow_large_and_no_files_are_taken(knock, cookie):
    assert knock([MEGABYTE] * 5, path="/account/tokens/", cookie=cookie)[0] == 413


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/datasets/upload/", "dataset.edit"),
        ("/datasets/uploads/", "dataset.edit"),
        ("/datasets/01k/replace/", "dataset.edit"),
        ("/datasets/01k/draft/add/", "dataset.edit"),
        ("/api/v1/datasets", "dataset.edit"),
        ("/api/v1/uploads", "dataset.edit"),
        ("/api/v1/uploads/01k", "dataset.edit"),
        ("/models/weights/", "experiment.create"),
        ("/api/v1/weights", "experiment.create"),
        ("/classify/many/send/", "experiment.create"),
        ("/api/v1/classifications", "experiment.create"),
        ("/classify/run/", "classify"),
        ("/api/v1/experiments/01k/classify", "classify"),
    ],
)
def test_an_address_that_takes_files_asks_for_the_right_to_send_them(path, right):
    assert gate.sending_verb({"path": path}) == right


TAKING = [name for name, route in (PAGES | CALLS).items() if route.file]


@pytest.mark.parametrize("name", TAKING)
def test_every_address_that_takes_a_file_takes_a_large_one(name):
    path = re.sub(r"<[^>]*>|{[^}]*}", "01k", name)
    assert gate.sending_verb({"path": path.replace("POST ", "/api/v1")})


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
    scope = {"type": "http", "method": "POST", "path": "/classify/run/", "headers": headers, "query_string": b""}
    async_to_sync(application)(scope, receive, send)
    assert any(path.is_relative_to(settings.FILE_UPLOAD_TEMP_DIR) for path in held)
