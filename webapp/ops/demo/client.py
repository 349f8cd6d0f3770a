"""Two ways in over HTTP: as a browser (cookies, the pages' own addresses) and as a program (REST with a token)."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

CHUNK_BYTES = 1 << 20
SECONDS = 60


class Refused(Exception):
    """The server answered that it does not; a sentence."""


def refusal(error: urllib.error.HTTPError) -> Refused:
    """The server's own words where it has some."""
    text = error.read(5000).decode(errors="replace")
    try:
        answer = json.loads(text)["error"]
        words = f"{answer['message']} {answer.get('fields') or ''}".strip()
    except (ValueError, KeyError, TypeError):
        words = error.reason
    return Refused(f"{error.url} answered {error.code}: {words}")


class Browser:
    """Signs in and uploads through the pages, with the session's and the CSRF cookie."""

    def __init__(self, base: str) -> None:
        self.base, self.cookies = base.rstrip("/"), CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def send(self, path: str, data: Any = None, headers: Mapping[str, str] | None = None) -> str:
        """The answer's text; raises Refused for 400 and above."""
        token = next((cookie.value for cookie in self.cookies if cookie.name == settings.CSRF_COOKIE_NAME), None)
        given = {**(headers or {}), **({"X-CSRFToken": token} if token else {})}
        try:
            with self.opener.open(urllib.request.Request(self.base + path, data, given), timeout=SECONDS) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            raise refusal(error) from None

    def sign_in(self, name: str, password: str) -> None:
        """By the login page's form."""
        self.send(settings.LOGIN_URL)
        self.send(settings.LOGIN_URL, urlencode({"name": name, "password": password}).encode())

    def upload(self, path: str, fields: Mapping[str, str], file_field: str, file: Path) -> dict[str, Any]:
        """A multipart form with one file, streamed; the JSON answer."""
        edge = secrets.token_hex(16)
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{file_field}"; filename="{file.name}"\r\n')
        head = ("".join(parts) + "Content-Type: application/zip\r\n\r\n").encode()
        tail = f"\r\n--{edge}--\r\n".encode()
        length = len(head) + file.stat().st_size + len(tail)
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}", "Content-Length": str(length), "Accept": "application/json"}
        return dict(json.loads(self.send(path, streamed(head, file, tail), headers)))


def streamed(head: bytes, file: Path, tail: bytes) -> Iterator[bytes]:
    """The body in pieces, so that no archive has to fit into memory."""
    yield head
    with file.open("rb") as source:
        while piece := source.read(CHUNK_BYTES):
            yield piece
    yield tail


class Api:
    """The REST API with a token."""

    def __init__(self, base: str, token: str) -> None:
        self.base, self.token = f"{base.rstrip('/')}/api/v1", token

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON answer; raises Refused for 400 and above."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.base + path, data, headers, method=method), timeout=SECONDS) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            raise refusal(error) from None
