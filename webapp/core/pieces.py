"""Answers that leave a piece at a time, as fast as they are read.

Under ASGI Django would take a plain iterator, and so any file, to its end into memory before the first byte leaves: a long log, trained
weights, and the charts' library once for each browser that does not read it.
"""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from whitenoise.middleware import WhiteNoiseFileResponse, WhiteNoiseMiddleware

logger = logging.getLogger(__name__)
PIECE_BYTES = 1 << 16  # what uvicorn lets wait for a reader
LOOK_SECONDS = 5.0  # between two looks whether the reader may still have the rest


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows of CSV as one part; half a letter, which UTF-8 has none of, by its code."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")


def gathered(parts: Iterator[bytes]) -> bytes:
    """The next parts as one piece of about that size; empty after the last."""
    piece = bytearray()
    for part in parts:
        piece += part
        if len(piece) >= PIECE_BYTES:
            break
    return bytes(piece)


def sliced(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Parts that lie in memory anyway, none of them copied whole."""
    for part in parts:
        for start in range(0, len(part), PIECE_BYTES):
            yield part[start : start + PIECE_BYTES]


def always() -> bool:
    """Whether the reader of what anybody may read still may."""
    return True


class InPieces(StreamingHttpResponse):
    """An answer of bytes from an iterator, which runs off the event loop and no further than the reader is.

    `still` is asked every few seconds whether its reader may have the rest: a link is revoked, or a member removed, while gigabytes are
    on their way. Who may not gets no more, and no end that could be taken for the file's.
    """

    still: Callable[[], bool] = staticmethod(always)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parts: Iterator[Any] = iter(self.streaming_content)  # type: ignore[arg-type]  # a plain iterator, as it was given
        looked_at = time.monotonic()
        while piece := await sync_to_async(gathered)(parts):
            if time.monotonic() - looked_at > LOOK_SECONDS:
                if not await sync_to_async(self.may_go_on)():
                    raise asyncio.CancelledError  # as where the reader hangs up: Django closes what is open, uvicorn the connection
                looked_at = time.monotonic()
            yield piece

    def may_go_on(self) -> bool:
        """Asks; while the database does not answer nobody can have been shut out by it."""
        try:
            may = self.still()
        except DatabaseError:
            return True
        if not may:
            logger.warning("A download was stopped: its reader may not have it any more")
        return may


class FileInPieces(InPieces, FileResponse):
    """A file."""


class StaticInPieces(InPieces, WhiteNoiseFileResponse):  # type: ignore[misc]  # whitenoise is untyped
    """A static file, with no header but those that WhiteNoise gives it."""


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise is untyped
    """WhiteNoise, whose files leave in pieces too."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> StaticInPieces:
        """The answer to a request for a static file."""
        found = static_file.get_response(request.method, request.META)
        answer = StaticInPieces(found.file or (), status=int(found.status))
        del answer["Content-Type"]
        for name, value in found.headers:
            answer[name] = value
        return answer
