"""Strangers who send without end or read nothing, to the real server: it lets go of them, and answers everybody else meanwhile."""

from __future__ import annotations

import socket
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tests.access.test_big_frames import web_bytes
from tests.plugins.stack import Stack

HEAD = b"%s HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture
def lines(stack: Stack) -> Iterator[list[socket.socket]]:
    """Connections to the server, closed at the end."""
    made: list[socket.socket] = []
    yield made
    for line in made:
        line.close()


def dial(stack: Stack, lines: list[socket.socket]) -> socket.socket:
    """A further connection, whose kernel takes in as little as it can."""
    line = socket.socket()
    lines.append(line)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    line.settimeout(20)
    line.connect(("127.0.0.1", stack.port))
    return line


def seconds_of_an_answer(stack: Stack) -> float:
    began = time.monotonic()
    with urllib.request.urlopen(f"{stack.base}/healthz", timeout=60) as answer:
        assert answer.status == 200
    return time.monotonic() - began


def test_a_header_without_end_holds_nobody_up(stack, lines):
    line, before = dial(stack, lines), web_bytes(stack)
    line.sendall(HEAD % b"GET /healthz" + b"X-Long: ")
    with pytest.raises(ConnectionError):
        for _ in range(1_000):
            line.sendall(b"a" * 50_000)
    assert seconds_of_an_answer(stack) < 2
    assert web_bytes(stack) < before + 20_000_000


def test_who_does_not_read_what_was_asked_for_fills_no_memory(stack, lines):
    before = web_bytes(stack)
    for _ in range(60):
        dial(stack, lines).sendall(HEAD % b"GET /static/vendor/plotly.min.js" + b"\r\n")
    for line in lines:
        assert line.recv(15) == b"HTTP/1.1 200 OK"
    assert web_bytes(stack) < before + 60_000_000  # of about 280 MB that they asked for
    assert seconds_of_an_answer(stack) < 2
