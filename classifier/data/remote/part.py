"""A copy that is not whole yet: FILE.part, and beside it how much of that counts after a crash."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from classifier.data.remote import members
from classifier.data.remote.download import KEEP_BYTES
from classifier.data.remote.stores import Wanted

if TYPE_CHECKING:
    from classifier.data.remote.copying import Piece

KEEP_SECONDS = 5.0


@dataclass
class State:
    """What is here of a copy."""

    have: int = 0  # bytes of the file that are on disk for good
    total: int | None = None  # bytes of the objects that are to come
    mark: str = ""  # of an archive: what tells it from a later one
    after: str = ""  # of a folder: the last object that is in those bytes
    objects: int = 0  # of a folder: that were counted
    objects_done: int = 0
    bytes_done: int = 0


class Part:
    """The file on its way, and what is written to it."""

    def __init__(self, target: Path, wanted: Wanted) -> None:
        self.target = target
        self.path = target.with_name(f"{target.name}.part")
        self.about = target.with_name(f"{target.name}.part.json")
        self.new = target.with_name(f"{target.name}.part.json.new")  # until it is whole
        place = (wanted.bucket.kind, wanted.bucket.endpoint, wanted.bucket.bucket, wanted.bucket.prefix, wanted.path)
        self.source = hashlib.sha256(json.dumps(place).encode()).hexdigest()
        self.member_from = self.kept_at = 0  # where the last member begins; up to where the file was kept
        self.kept = time.monotonic()
        self.left_key = ""  # an object of several pieces that is left out, its later ones with it

    def found(self) -> State:
        """What an earlier try left of the same thing."""
        try:
            kept: dict[str, Any] = json.loads(self.about.read_text("utf-8"))
            here = self.path.stat().st_size
            if kept.pop("source") == self.source and kept["have"] <= here:
                return State(**kept)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        return State()

    @contextmanager
    def opened(self, have: int) -> Iterator[IO[bytes]]:
        """The file, at the end of what counts."""
        with self.path.open("r+b" if have else "wb") as file:
            file.truncate(have)
            file.seek(have)
            self.kept_at = have
            yield file

    def member(self, file: IO[bytes], piece: Piece, data: bytes, left: str) -> None:
        """A piece of an object as part of a tar's member. One that cannot be had takes back what is here of its object."""
        if piece.first and piece.found.key == self.left_key:
            return
        if not piece.first:
            self.member_from = file.tell()
        if left:
            self.left_key = piece.found.key
            file.seek(self.member_from)
            file.truncate()
            file.write(members.header(piece.name, 0, left))
            return
        whole = piece.is_last and not piece.first  # it may have another size by now
        total = len(data) if whole else piece.found.size
        file.write((b"" if piece.first else members.header(piece.name, total)) + data)
        if piece.is_last:
            file.write(members.padding(total))

    def is_due(self, file: IO[bytes]) -> bool:
        """Whether so much came, or so long ago, that a crash should not lose it."""
        return file.tell() - self.kept_at >= KEEP_BYTES or time.monotonic() - self.kept >= KEEP_SECONDS

    def keep(self, file: IO[bytes], state: State) -> None:
        """From here on those bytes count also after a crash."""
        file.flush()
        os.fsync(file.fileno())
        state.have = self.kept_at = file.tell()
        self.kept = time.monotonic()
        self.new.write_text(json.dumps({"source": self.source, **vars(state)}), "utf-8")
        self.new.replace(self.about)

    def forget(self) -> None:
        """What came is of no use."""
        for path in (self.path, self.about, self.new):
            path.unlink(missing_ok=True)

    def finish(self) -> None:
        """The file gets its name."""
        self.path.replace(self.target)
        self.about.unlink(missing_ok=True)
