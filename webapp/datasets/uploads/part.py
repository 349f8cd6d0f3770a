"""The file of an upload: one writer at a time, and never more told than is on disk for good."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models.functions import Now

from webapp.datasets import files
from webapp.datasets.models import Upload
from webapp.datasets.uploads import refusals

CLOSED = -1


class Part:
    """An open file that nobody else writes to: `told` bytes of it were confirmed to the sender, `size` are written.

    A writer's thread may outlive the request that sent it; `close` waits for it, and what comes after is refused.
    """

    def __init__(self, upload: Upload, handle: int) -> None:
        self.upload, self.handle, self.at_work = upload, handle, threading.RLock()
        self.told = self.size = reconciled(upload, handle)

    @property
    def left(self) -> int:
        """Bytes that are to come."""
        return self.upload.length - self.size

    def write(self, block: bytes | bytearray) -> None:
        """Appends; OSError where the disk is full."""
        with self.at_work:
            view = memoryview(block)
            while view:
                done = os.pwrite(self.handle, view, self.size)
                self.size += done
                view = view[done:]

    def cut(self) -> None:
        """Takes back what was not told."""
        with self.at_work:
            os.ftruncate(self.handle, self.told)
            self.size = self.told

    def tell(self, check: Callable[[], None]) -> None:
        """Makes what is written durable, and it is told from then on. Refused where the upload was discarded meanwhile.

        `check` may refuse it too, in the same transaction.
        """
        with self.at_work:
            os.fsync(self.handle)
            with transaction.atomic():
                check()
                rows = Upload.objects.filter(pk=self.upload.pk, offset=self.told, finished_at=None)
                if not rows.update(offset=self.size, touched_at=Now()):
                    raise refusals.gone(self.upload)
            self.told = self.upload.offset = self.size

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else is let in before the end of this, also where the request was cancelled and `close` came first: one lock, two handles.

        OSError where that was before its beginning.
        """
        with self.at_work:
            again = os.dup(self.handle)
        try:
            yield
        finally:
            os.close(again)

    def finish(self) -> None:
        """All of it was told, together with its dataset, which has the same bytes by another name: they are not cut any more."""
        self.told = self.size

    def close(self) -> None:
        """Lets the next writer in."""
        with self.at_work:
            handle, self.handle = self.handle, CLOSED
            if handle != CLOSED:
                os.close(handle)


def opened(upload: Upload) -> Part:
    """The file, made with its first byte. Refused while somebody else writes to it, and where the row is gone or whole."""
    upload.path.parent.mkdir(mode=0o700, exist_ok=True)
    new = not upload.path.exists()
    handle = os.open(upload.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        lock(upload, handle)
        read_again(upload, handle)
        if new:
            files.sync(upload.path.parent)
        return Part(upload, handle)
    except BaseException:
        os.close(handle)  # which frees the lock
        raise


def lock(upload: Upload, handle: int) -> None:
    """Takes the file for this process alone; a process that is killed lets go of it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise refusals.busy(upload) from None


def read_again(upload: Upload, handle: int) -> None:
    """The row as whoever had the lock before left it; a file that was made anew for nothing goes again."""
    row = Upload.objects.filter(pk=upload.pk).first()
    if row is None or row.finished_at:
        upload.path.unlink(missing_ok=True)
        raise refusals.whole(row) if row else refusals.gone(upload)
    upload.offset, upload.dataset_id = row.offset, row.dataset_id


def reconciled(upload: Upload, handle: int) -> int:
    """Bytes that both the row and the file know. What was written but never told is cut; a file that lost bytes brings its row back."""
    size = os.fstat(handle).st_size
    if size > upload.offset:
        os.ftruncate(handle, upload.offset)
    elif size < upload.offset:  # the disk was changed, or brought back from a backup
        Upload.objects.filter(pk=upload.pk, finished_at=None).update(offset=size)
        upload.offset = size
    return upload.offset


def here(upload: Upload) -> int:
    """How many bytes a sender may count on."""
    if upload.finished_at:
        return upload.length
    try:
        return min(upload.offset, upload.path.stat().st_size)
    except FileNotFoundError:
        return 0
