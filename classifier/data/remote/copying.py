"""What lies in a bucket, copied into one file: an archive as it is, or a folder of objects as a tar.

As a tar no name of an object ever becomes a name on this disk, and the copy grows at its end alone: FILE.part.json says up to which
byte it is on disk for good and which object was the last, so that a copy that broke off goes on behind it. Several pieces are on
their way at a time, and are written in order; so little is held in memory, however many objects there are.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from classifier.data.left import SAID
from classifier.data.names import kind_of
from classifier.data.remote import members
from classifier.data.remote.download import STOPPED, Flow, check_room
from classifier.data.remote.line import Passing
from classifier.data.remote.listing import ANSWER_SECONDS, Listing, nothing_at
from classifier.data.remote.part import Part, State
from classifier.data.remote.patience import Patience
from classifier.data.remote.stores import Found, Lost, Store, Wanted, store_of
from classifier.spec.buckets import clean_path
from classifier.spec.errors import ClassifierError, InputError, Interrupted
from classifier.spec.events import OnEvent, ShouldStop, ignore, never
from classifier.spec.words import plural

PIECE_BYTES = 4 << 20  # of an object that comes in one request
PIECES = 16  # on their way at a time
HELD_BYTES = 48 << 20  # of them, together
PIECE_SECONDS = 300.0  # for one of them, however busily a server sends
LOOK_SECONDS = 0.2
MOST_REFUSED = 100  # one after the other with nothing read: none will be


class Piece(NamedTuple):
    """A part of an object on its way, or an object of which nothing is to come."""

    found: Found
    name: str  # in the copy
    first: int
    size: int
    left: str = ""  # why it is left out already

    @property
    def is_last(self) -> bool:
        return self.first + self.size >= self.found.size or not self.size


def copy(wanted: Wanted, target: Path, on_event: OnEvent = ignore, should_stop: ShouldStop = never) -> None:
    """Puts the archive, or a tar of the folder's objects, to `target`. Raises as `download` does."""
    clean_path(wanted.path)
    asyncio.run(Copying(wanted, target, on_event, should_stop).until_told())


class Copying:
    """One copy on its way."""

    def __init__(self, wanted: Wanted, target: Path, on_event: OnEvent, should_stop: ShouldStop) -> None:
        self.wanted, self.on_event, self.should_stop = wanted, on_event, should_stop
        self.part = Part(target, wanted)
        self.state, self.flow = self.part.found(), Flow(0)
        self.patience = Patience(on_event)
        self.refused, self.why = 0, ""  # objects that may not be read, and what was said of the last

    async def until_told(self) -> None:
        """The copy, unless it is asked to stop meanwhile."""
        work = asyncio.create_task(self.run())
        while not (await asyncio.wait([work], timeout=LOOK_SECONDS))[0]:
            if self.should_stop():
                work.cancel()
                with suppress(asyncio.CancelledError, ClassifierError):
                    await work
                raise Interrupted(STOPPED)
        try:
            work.result()
        except InputError:
            self.part.forget()
            raise
        except Passing as trouble:
            raise self.given_up(str(trouble)) from None
        except Lost as lost:
            raise self.lost(lost) from None

    async def run(self) -> None:
        async with store_of(self.wanted.bucket, self.wanted.networks) as store:
            self.store: Store = store
            self.listing = Listing(store, self.wanted, self.patience)
            path = self.wanted.path
            single = await self.patience.tried(lambda: store.about(path), ANSWER_SECONDS) if path else None
            if single is not None and kind_of(path.rpartition("/")[2]) == "archive":
                await self.archive(single)
            else:
                await self.folder(single)
        self.part.finish()

    async def archive(self, found: Found) -> None:
        """An object that is an archive, byte for byte."""
        if self.state.mark != found.mark or not found.mark or self.state.total != found.size:
            self.state = State(mark=found.mark, total=found.size)
        self.wanted.check_size(found.size)
        check_room("The archive", found.size, self.state.have, self.part.target.parent)
        self.tell_stage(f"Copying {self.wanted.shown}")
        with self.part.opened(self.state.have) as file:
            await self.pour(self.pieces_of(found, found.key, self.state.have), file, as_tar=False)

    async def folder(self, single: Found | None) -> None:
        """All objects below the folder, as a tar; `single` is an object of the same name, if there is one."""
        if not self.state.objects:
            self.tell_stage(f"Listing {self.wanted.shown}")
            objects, total = await self.listing.counted(self.on_event)
            self.check_any(objects, single)
            self.state = State(objects=objects, total=total)
        elif self.state.have:
            words = f"Going on behind {plural(self.state.objects_done, 'object')} that were copied before."
            self.on_event({"event": "log", "level": "info", "message": words})
        state = self.state
        check_room("The folder", state.total or 0, state.have, self.part.target.parent)
        self.tell_stage(f"Copying {plural(state.objects, 'object')} from {self.wanted.shown}")
        with self.part.opened(state.have) as file:
            await self.pour(self.pieces(), file, as_tar=True)
            if not state.bytes_done:
                words = f"Of {plural(state.objects, 'object')} below {self.wanted.shown} none is an image that could be read."
                raise InputError(self.why or words, code="bucket")
            file.write(members.END)
            self.part.keep(file, state)

    def check_any(self, objects: int, single: Found | None) -> None:
        """Raises InputError for a folder that is none."""
        if not objects and single:
            words = f"{self.wanted.shown} is a single file and no archive. Name a zip or tar, or the folder that holds the images."
            raise InputError(words, code="bucket")
        if not objects:
            raise nothing_at(self.wanted)

    async def pieces(self) -> AsyncIterator[Piece]:
        """What is to come of each object, in order."""
        async for found in self.listing.behind(self.state.after):
            name = self.listing.name_of(found)
            if not name:
                continue  # the folder itself
            if members.too_large(found, name) and members.is_read(name):
                yield Piece(found, name, 0, 0, "too_large")
            elif not members.cost(found, name):
                yield Piece(found, name, 0, 0)
            else:
                async for piece in self.pieces_of(found, name, 0):
                    yield piece

    async def pieces_of(self, found: Found, name: str, first: int) -> AsyncIterator[Piece]:
        for start in range(first, found.size, PIECE_BYTES):
            yield Piece(found, name, start, min(PIECE_BYTES, found.size - start))

    async def pour(self, pieces: AsyncIterator[Piece], file: IO[bytes], *, as_tar: bool) -> None:
        """Writes them in order while the next ones are on their way."""
        self.flow = Flow(self.state.bytes_done if as_tar else self.state.have)
        under_way: deque[tuple[Piece, asyncio.Task[bytes]]] = deque()
        held = 0
        try:
            async for piece in pieces:
                under_way.append((piece, asyncio.create_task(self.come(piece))))
                held += piece.size
                while len(under_way) >= PIECES or held > HELD_BYTES:
                    held -= under_way[0][0].size
                    await self.write(*under_way.popleft(), file, as_tar)
            while under_way:
                await self.write(*under_way.popleft(), file, as_tar)
            self.part.keep(file, self.state)
        finally:
            for _, task in under_way:
                task.cancel()
            await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)

    async def come(self, piece: Piece) -> bytes:
        """Its bytes, none where none are wanted; of a small object that was changed meanwhile those that it has now."""
        found = piece.found
        if not piece.size:
            return b""
        try:
            return await self.patience.tried(lambda: self.store.read(found, piece.first, piece.size), PIECE_SECONDS)
        except Lost as lost:
            if lost.code != "changed" or piece.size != found.size:
                raise
        newer = await self.patience.tried(lambda: self.store.about(found.key), ANSWER_SECONDS)
        if newer is None:
            raise Lost("gone")
        if newer.size > PIECE_BYTES:
            raise Lost("changed")
        return await self.patience.tried(lambda: self.store.read(newer, 0, newer.size), PIECE_SECONDS) if newer.size else b""

    async def write(self, piece: Piece, task: asyncio.Task[bytes], file: IO[bytes], as_tar: bool) -> None:
        """One piece to the copy's end, with what a tar has around it."""
        left, data = piece.left, b""
        try:
            data = await task
        except Lost as lost:
            if not as_tar:
                raise
            left = lost.code
            if left == "refused":
                self.refused, self.why = self.refused + 1, str(lost)
            if self.refused >= MOST_REFUSED and not self.state.bytes_done:
                raise InputError(self.why, code="bucket") from None
        if as_tar:
            self.part.member(file, piece, data, left)
        else:
            file.write(data)
        self.flow.add(len(data))
        self.done(piece, len(data), file, as_tar)

    def done(self, piece: Piece, count: int, file: IO[bytes], as_tar: bool) -> None:
        """Keeps account: of a tar at the end of each object alone."""
        state = self.state
        state.bytes_done += count
        self.wanted.check_size(state.bytes_done)
        if not as_tar or piece.is_last:
            state.after, state.objects_done = piece.found.key, state.objects_done + 1
            if self.part.is_due(file):
                self.part.keep(file, state)
        if self.flow.due():
            self.on_event(self.flow.event(state.total))

    def lost(self, lost: Lost) -> ClassifierError:
        """The archive itself cannot be had."""
        if lost.code in ("gone", "changed"):
            return self.given_up(f"it {SAID[lost.code]}")  # begun anew, it is as it is by then
        self.part.forget()
        words = str(lost) if lost.code == "refused" else f"{self.wanted.shown} {SAID[lost.code]}."
        return InputError(words, code="bucket")

    def given_up(self, trouble: str) -> ClassifierError:
        words = f"The copy from {self.wanted.shown} does not go on: {trouble}. What came is kept; try again later."
        return ClassifierError(words, retry=True, code="download")

    def tell_stage(self, words: str) -> None:
        self.on_event({"event": "stage", "stage": "downloading", "message": words})
