"""Answers that leave a piece at a time."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.test import RequestFactory

from webapp.core.pieces import PIECE_BYTES, FileInPieces, InPieces, StaticFiles

pytestmark = pytest.mark.django_db  # closing an answer closes old connections
PART = b"x" * 10_000


async def first(answer, count=1):
    """The first pieces, as an ASGI server takes them."""
    pieces = aiter(answer)
    taken = [await anext(pieces) for _ in range(count)]
    await pieces.aclose()
    return taken


async def whole(answer):
    return [piece async for piece in answer]


def test_no_more_is_made_than_is_read():
    made = []
    answer = InPieces(made.append(number) or PART for number in range(1_000))
    async_to_sync(first)(answer, 2)
    assert len(made) * len(PART) < 3 * PIECE_BYTES


def test_all_of_it_arrives_in_order_and_small_parts_together():
    pieces = async_to_sync(whole)(InPieces(b"%d " % number for number in range(50_000)))
    assert b"".join(pieces).split() == [b"%d" % number for number in range(50_000)]
    assert len(pieces) < 10


def test_a_file_is_read_no_further_than_it_is_sent(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(PART * 1_000)
    answer = FileInPieces(path.open("rb"), as_attachment=True, filename="weights.bin")
    async_to_sync(first)(answer)
    assert answer.file_to_stream.tell() < 2 * PIECE_BYTES
    assert answer["Content-Length"] == "10000000" and "weights.bin" in answer["Content-Disposition"]
    answer.close()
    assert answer.file_to_stream.closed


def test_a_static_file_leaves_in_pieces(tmp_path):
    (tmp_path / "library.js").write_bytes(PART * 1_000)
    files = StaticFiles(lambda request: None)
    files.add_files(str(tmp_path), prefix="/static/")
    answer = files(RequestFactory().get("/static/library.js"))
    async_to_sync(first)(answer)
    assert answer.file_to_stream.tell() < 2 * PIECE_BYTES
    assert "javascript" in answer["Content-Type"] and "Content-Disposition" not in answer
    answer.close()
