"""HTTP as the web process takes it: uvicorn's, with an end to what comes before a request can be answered.

uvicorn's own waits for ever for the end of a request's head and for a reader of its answer, and gathers a header of any length, by
copying all of it again with each piece: one connection of a stranger could so hold up everybody. No code of ours would be asked.
"""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 65_536  # of a request's line and headers; browsers and proxies send a few thousand
READ_SECONDS = 60.0  # so often it is looked whether a reader takes what waits for it
SLOWEST = 1_000  # bytes a second that a reader takes at least
HEAD_SECONDS = 20.0  # from the first byte, or from the connection, to the end of the headers
TOO_LONG = "HTTP/1.1 431 Request Header Fields Too Large"
TOO_LATE = "HTTP/1.1 408 Request Timeout"


class Protocol(HttpToolsProtocol):
    """One connection. Bytes are counted from the last that meant something (a whole head, a piece of a body): so what follows a body
    in chunks, and what stands beside the lengths of chunks, has an end too."""

    taken = 0
    waiting: TimerHandle | None = None
    sending: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self.expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self.head_came()
        self.was_read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.taken += len(data)
        super().data_received(data)
        if self.taken > HEAD_BYTES:
            self.end(TOO_LONG)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.expect_head()

    def on_headers_complete(self) -> None:
        self.head_came()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.taken = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.taken = 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.expect_reader()

    def resume_writing(self) -> None:
        self.was_read()
        super().resume_writing()

    def expect_reader(self) -> None:
        """From now on it is waited for the other side to take what lies here."""
        self.was_read()
        self.sending = self.loop.call_later(READ_SECONDS, self.look, self.transport.get_write_buffer_size())

    def was_read(self) -> None:
        """Little waits to be sent, or nobody is there any more."""
        if self.sending is not None:
            self.sending.cancel()
            self.sending = None

    def look(self, before: int) -> None:
        """Gives up a reader who took next to nothing since then."""
        if before - self.transport.get_write_buffer_size() < READ_SECONDS * SLOWEST:
            self.transport.abort()
        else:
            self.expect_reader()

    def expect_head(self) -> None:
        """From now on the head is waited for."""
        self.waiting = self.waiting or self.loop.call_later(HEAD_SECONDS, self.end, TOO_LATE)

    def head_came(self) -> None:
        """The head is whole, or nobody waits for it any more."""
        self.taken = 0
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None

    def end(self, status: str) -> None:
        """Hangs up, and says why unless an answer is under way; what came is dropped at once, not when the other side closes."""
        self.waiting = None
        if self.transport.is_closing():
            return
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete:
            self.transport.write(f"{status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".encode())
        self.transport.close()
