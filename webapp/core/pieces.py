"""Answers that leave a piece at a time, as fast as they are read.

Under ASGI Django would take a plain iterator, and so any file, to its end into memory before the first byte leaves: a long log, trained
weights, and the charts' library once for each browser that does not read it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from whitenoise.middleware import WhiteNoiseFileResponse, WhiteNoiseMiddleware

PIECE_BYTES = 1 << 16  # what uvicorn lets wait for a reader


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


class InPieces(StreamingHttpResponse):
    """An answer of bytes from an iterator, which runs off the event loop and no further than the reader is."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parts: Iterator[Any] = iter(self.streaming_content)  # type: ignore[arg-type]  # a plain iterator, as it was given
        while piece := await sync_to_async(gathered)(parts):
            yield piece


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
