"""Answers that leave a piece at a time."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError
from django.test import RequestFactory

from webapp.core import pieces
from webapp.core.pieces import PIECE_BYTES, FileInPieces, InPieces, StaticFiles

pytestmark = pytest.mark.django_db  # closing an answer closes old connections
PART = b"x" * 10_000


async def first(answer, count=1):
    """The first pieces, as an ASGI server takes them."""
    parts = aiter(answer)
    taken = [await anext(parts) for _ in range(count)]
    await parts.aclose()
    return taken


async def whole(answer):
    return [piece async for piece in answer]


def test_no_more_is_made_than_is_read():
    made = []
    answer = InPieces(made.append(number) or PART for number in range(1_000))
    async_to_sync(first)(answer, 2)
    assert len(made) * len(PART) < 3 * PIECE_BYTES


def test_all_of_it_arrives_in_order_and_small_parts_together():
    parts = async_to_sync(whole)(InPieces(b"%d " % number for number in range(50_000)))
    assert b"".join(parts).split() == [b"%d" % number for number in range(50_000)]
    assert len(parts) < 10


def test_a_file_is_read_no_further_than_it_is_sent(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(PART * 1_000)
    answer = FileInPieces(path.open("rb"), as_attachment=True, filename="weights.bin")
    async_to_sync(first)(answer)
    assert answer.file_to_stream.tell() < 2 * PIECE_BYTES
    assert answer["Content-Length"] == "10000000" and "weights.bin" in answer["Content-Disposition"]
    answer.close()
    assert answer.file_to_stream.closed


async def until_stopped(answer):
    taken = []
    with pytest.raises(asyncio.CancelledError):
        async for piece in answer:
            taken.append(piece)
    return taken


def test_who_may_have_it_no_longer_gets_no_more_and_no_end(monkeypatch, caplog):
    monkeypatch.setattr(pieces, "LOOK_SECONDS", -1.0)
    answer = InPieces(PART for _ in range(1_000))
    answer.still = iter([True, True, False]).__next__
    assert len(async_to_sync(until_stopped)(answer)) == 2
    assert "A download was stopped" in caplog.text


def test_it_is_asked_every_few_seconds_alone(monkeypatch):
    asked, times = [], iter(range(0, 100, 2))
    monkeypatch.setattr(pieces, "time", SimpleNamespace(monotonic=lambda: next(times)))
    answer = InPieces(b"x" * PIECE_BYTES for _ in range(9))
    answer.still = lambda: not asked.append(1)
    assert len(async_to_sync(whole)(answer)) == 9 and len(asked) == 3


def test_a_database_that_does_not_answer_shuts_nobody_out(monkeypatch):
    def away() -> bool:
        raise OperationalError("it restarts")

    monkeypatch.setattr(pieces, "LOOK_SECONDS", -1.0)
    answer = InPieces([PART])
    answer.still = away
    assert async_to_sync(whole)(answer) == [PART]


def test_a_static_file_leaves_in_pieces(tmp_path):
    (tmp_path / "library.js").write_bytes(PART * 1_000)
    files = StaticFiles(lambda request: None)
    files.add_files(str(tmp_path), prefix="/static/")
    answer = files(RequestFactory().get("/static/library.js"))
    async_to_sync(first)(answer)
    assert answer.file_to_stream.tell() < 2 * PIECE_BYTES
    assert "javascript" in answer["Content-Type"] and "Content-Disposition" not in answer
    answer.close()
