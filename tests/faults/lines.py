"""A TCP line that can be cut, or go silent as when a cable is pulled."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

BYTES = 1 << 16


class Line:
    """Listens on loopback and hands every connection on to `target`, a unix socket's path or a TCP port of this machine."""

    def __init__(self, target: str | int) -> None:
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self.listener.getsockname()[1])
        self.flowing, self.open = threading.Event(), True
        self.flowing.set()
        self.ends: list[socket.socket] = []
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cut()
        self.listener.close()

    def cut(self) -> None:
        """Every connection ends, and a new one ends at once."""
        self.open = False
        self.flowing.set()
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.ends = []

    def go_silent(self) -> None:
        """Nothing arrives any more, and nobody is told."""
        self.flowing.clear()

    def mend(self) -> None:
        """As at the start; what was sent into the silence arrives now."""
        self.open = True
        self.flowing.set()

    def accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = self.connected()
            except OSError:
                near.close()
                continue
            self.ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    def connected(self) -> socket.socket:
        """The far end; OSError while the line is cut."""
        if not self.open:
            raise ConnectionRefusedError
        if isinstance(self.target, int):
            return socket.create_connection(("127.0.0.1", self.target))
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        far.connect(self.target)
        return far

    def carry(self, source: socket.socket, sink: socket.socket) -> None:
        """One direction of one connection, until either end closes."""
        with contextlib.suppress(OSError):
            while data := source.recv(BYTES):
                self.flowing.wait()
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
