"""A download from the real server whose reader is shut out in the middle."""

from __future__ import annotations

import socket
import time

import pytest
from django.conf import settings
from django.test import Client

from tests.faults.house import House
from webapp.accounts.models import Session
from webapp.core.pieces import LOOK_SECONDS

pytestmark = pytest.mark.faults
MEGABYTES = 64
LAST_CHUNK = b"0\r\n\r\n"


def test_a_download_ends_soon_after_its_reader_is_signed_out(house: House):
    log = house.dataset.folder / "log.txt"
    log.write_bytes(b"one line of a long log\n" * (MEGABYTES << 20 >> 4))
    _, port = house.web()
    browser = Client()
    browser.force_login(house.actor.user)
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        head = f"GET /datasets/{house.dataset.id}/log.txt HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"
        line.sendall(head.encode())
        assert line.recv(15) == b"HTTP/1.1 200 OK"
        Session.objects.all().delete()
        began, taken, end = time.monotonic(), 0, b""
        while part := line.recv(1 << 16):  # about three megabytes a second, so that all of it would take longer
            taken, end = taken + len(part), (end + part)[-len(LAST_CHUNK) :]
            time.sleep(0.02)
    assert taken < MEGABYTES << 20 and end != LAST_CHUNK
    assert time.monotonic() - began < 4 * LOOK_SECONDS
    assert "A download was stopped" in (house.home / "web.log").read_text()
