"""A server that keeps sending, and says nothing, does not hold a download: each answer, and each piece of it, has its time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from classifier.data.remote import download as downloads
from classifier.data.remote import line
from classifier.data.remote.download import Wanted, download
from classifier.data.remote.line import Slow, asked
from classifier.spec.errors import ClassifierError
from tests.classifier.server import LOOPBACK

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HEADS = [b"HTTP/1.1 100 Continue\r\n\r\n", b"H"]
BODIES = [b"0", b"0\r\n" + b"a: b\r\n" * 1000]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "WHOLE_SECONDS", 0.2)
    monkeypatch.setattr(line, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(downloads, "WAITS_SECONDS", (0.0,) * 2)


@contextmanager
def endless(first: bytes, again: bytes) -> Iterator[str]:
    """The address of a server that sends `first`, then `again` and again."""
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while not over.is_set():
                answer(server.accept()[0])

    def answer(caller: socket.socket) -> None:
        with caller, suppress(OSError):
            caller.recv(4096)
            caller.sendall(first)
            while not over.wait(0.001):
                caller.sendall(again)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/images.zip"
        finally:
            over.set()
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join()


def raises_slow(do: Callable[[], object]) -> None:
    with pytest.raises(Slow, match="no whole answer came"):
        do()


@pytest.mark.parametrize("again", HEADS)
def test_a_head_without_end_is_given_up(again: bytes) -> None:
    with endless(b"", again) as address:
        raises_slow(lambda: asked(address, {}, LOOPBACK))


@pytest.mark.parametrize("again", BODIES)
def test_what_stands_around_a_body_without_end_is_given_up(again: bytes) -> None:
    with endless(CHUNKED + b"1\r\na\r\n", again) as address:
        answer = asked(address, {}, LOOPBACK)
        assert answer.piece(100) == b"a"
        raises_slow(lambda: answer.piece(100))
        answer.close()


def test_a_download_says_so_after_some_tries(tmp_path: Path) -> None:
    with endless(b"", HEADS[0]) as address, pytest.raises(ClassifierError, match="does not go on: no whole answer came"):
        download(Wanted(address, 1000, LOOPBACK), tmp_path / "archive")


def test_what_somebody_does_between_two_pieces_takes_its_time(tmp_path: Path) -> None:
    with endless(CHUNKED, b"1\r\na\r\n") as address:
        answer = asked(address, {}, LOOPBACK)
        assert answer.piece(1) == b"a"
        threading.Event().wait(0.4)
        assert answer.piece(1) == b"a"
        answer.close()
