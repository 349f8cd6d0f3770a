"""A server of one file on loopback, which behaves as it is told."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOOPBACK = ("127.0.0.0/8",)


@dataclass
class Served:
    """The file at /images.zip, what is asked for it, and how the answers go."""

    content: bytes
    port: int = 0
    tag: str = '"first"'
    ranges: bool = True
    told_length: bool = True
    type: str = "application/zip"
    cuts: list[int] = field(default_factory=list)  # of the next answers: bytes after which the line breaks
    statuses: list[int] = field(default_factory=list)  # of the next answers, in place of 200 or 206
    slow_seconds: float = 0.0  # over which an answer is spread
    leads: dict[str, str] = field(default_factory=dict)  # redirects: path → address
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/images.zip"

    @property
    def ranges_asked(self) -> list[str]:
        return [headers.get("Range", "") for _, headers in self.asked]


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append((self.path, dict(self.headers)))
            if self.path in served.leads:
                self.begin(302, {"Location": served.leads[self.path], "Content-Length": "0"})
            elif served.statuses:
                self.begin(served.statuses.pop(0), {"Content-Length": "0"})
            else:
                self.send_content()

        def send_content(self) -> None:
            first = self.first()
            rest = served.content[first:]
            headers = {"Content-Type": served.type} | ({"ETag": served.tag} if served.tag else {})
            headers |= {"Content-Length": str(len(rest))} if served.told_length else {"Connection": "close"}
            headers |= {"Content-Range": f"bytes {first}-{len(served.content) - 1}/{len(served.content)}"} if first else {}
            self.begin(206 if first else 200, headers)
            self.close_connection = True
            with contextlib.suppress(ConnectionError):  # who asked needs no more
                self.spread(rest[: served.cuts.pop(0)] if served.cuts else rest)
                self.wfile.flush()

        def spread(self, content: bytes) -> None:
            pieces = max(1, round(5 * served.slow_seconds))
            size = -(-len(content) // pieces)
            for place in range(0, len(content), max(1, size)):
                self.wfile.write(content[place : place + size])
                time.sleep(served.slow_seconds / pieces)

        def first(self) -> int:
            fits = self.headers.get("If-Range") == served.tag
            return (
                int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) if served.ranges and fits and "Range" in self.headers else 0
            )

        def begin(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
