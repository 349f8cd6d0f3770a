"""What is done one at a time, in threads and in forked processes, so that memory stays bounded on many cores."""

from __future__ import annotations

import fcntl
import resource
import tempfile
import threading
from types import TracebackType
from typing import IO


class Turn:
    """A lock among the threads of this process and, once `among_processes` was called, of all that are forked from it after that."""

    def __init__(self) -> None:
        self.threads = threading.Lock()
        self.file: IO[bytes] | None = None
        self.soft = 0  # bytes that this process may take when it is not its turn

    def among_processes(self) -> None:
        """Before a fork. The system itself takes such a lock from a process that dies."""
        self.file = self.file or tempfile.TemporaryFile()  # noqa: SIM115  # it stays open

    def __enter__(self) -> None:
        self.threads.acquire()
        if self.file is not None:
            fcntl.lockf(self.file, fcntl.LOCK_EX)
            self.soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
            resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.file is not None:
            resource.setrlimit(resource.RLIMIT_DATA, (self.soft, resource.getrlimit(resource.RLIMIT_DATA)[1]))
            fcntl.lockf(self.file, fcntl.LOCK_UN)
        self.threads.release()
