"""Whether the images of a folder stand elsewhere in the source too, byte by byte: only then it is a copy, whatever it is called."""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from classifier.data.archive import Entry, Source, open_source
from classifier.data.pack import content_hash
from classifier.data.problems import Unreadable
from classifier.spec.errors import Interrupted
from classifier.spec.events import ShouldStop

Read = Callable[[], bytes | None]
SOME = 50  # images of a folder that are compared, the same ones each time
MOST_FOLDERS = 100  # that are looked for: each takes two walks over the whole source
MOST_READ = 5_000  # images of the same size, and of other names, that are read to find them


class Elsewhere:
    """Answers for a source, each folder once. None where the images looked at are all the same, and so tell nothing, and of folders behind
    the first MOST_FOLDERS."""

    def __init__(self, path: Path, encoding: str, should_stop: ShouldStop, stopped: str) -> None:
        self.path, self.encoding, self.should_stop, self.stopped = path, encoding, should_stop, stopped
        self.known: dict[str, bool | None] = {}

    def __call__(self, folder: str) -> bool | None:
        if folder not in self.known:
            self.known[folder] = self.look(folder) if len(self.known) < MOST_FOLDERS else None
        return self.known[folder]

    def look(self, folder: str) -> bool | None:
        source = open_source(self.path, self.encoding)
        try:
            wanted = self.some_of(source, folder)
        finally:
            source.close()
        if len(set(wanted.values())) < 2:
            return None
        source = open_source(self.path, self.encoding)
        try:
            return self.all_beside(source, folder, wanted)
        finally:
            source.close()

    def images(self, source: Source) -> Iterator[Entry]:
        for entry in source.entries():
            if self.should_stop():
                raise Interrupted(self.stopped)
            if entry.kind == "image" and entry.read is not None:
                yield entry

    def some_of(self, source: Source, folder: str) -> dict[tuple[str, int], bytes]:
        """{(name, size as the source tells it): content} of some of a folder's images, spread by chance."""
        chosen: list[tuple[int, str, int, int, Read]] = []  # numbered, for what reads them has no order, and two may be of one name
        for number, entry in enumerate(self.images(source)):
            if entry.path.startswith(f"{folder}/"):
                item = (-zlib.crc32(entry.path.encode()), entry.path, number, entry.size_bytes, content_of(source, entry))
                if len(chosen) < SOME:
                    heapq.heappush(chosen, item)
                else:
                    heapq.heappushpop(chosen, item)
        read = [(path, size, content) for _, path, _, size, find in chosen if (content := find()) is not None]
        return {(PurePosixPath(path).name, size): content for path, size, content in read}

    def all_beside(self, source: Source, folder: str, wanted: Mapping[tuple[str, int], bytes]) -> bool:
        """Whether each of these stands outside of the folder: by the same name first, then by size alone."""
        left, sizes, others = set[bytes | None](wanted.values()), {size for _, size in wanted}, list[Entry]()
        for entry in self.images(source):
            if entry.path.startswith(f"{folder}/") or (source.rewindable and entry.size_bytes not in sizes):
                continue
            if source.rewindable and (PurePosixPath(entry.path).name, entry.size_bytes) not in wanted:
                others += [entry] if len(others) < MOST_READ else []
                continue
            left.discard(hash_of(entry))
            if not left:
                return True
        for entry in others:
            left.discard(hash_of(entry))
            if not left:
                return True
        return False


def content_of(source: Source, entry: Entry) -> Read:
    """What gives an image's hash later. Of a stream it is taken now: else its bytes would be held."""
    if source.rewindable:
        return lambda: hash_of(entry)
    found = hash_of(entry)
    return lambda: found


def hash_of(entry: Entry) -> bytes | None:
    """None of an image that cannot be read."""
    try:
        return content_hash(entry.read()) if entry.read is not None else None
    except Unreadable:
        return None


def among_rows(paths: Iterable[str], rows: Sequence[int]) -> Callable[[str], bool | None]:
    """The same of images that were read already: `rows[i]` of the pack is what `paths[i]` holds."""

    def is_copy(folder: str) -> bool | None:
        inside = {row for path, row in zip(paths, rows, strict=True) if path.startswith(f"{folder}/")}
        outside = {row for path, row in zip(paths, rows, strict=True) if not path.startswith(f"{folder}/")}
        return inside <= outside if len(inside) > 1 else None

    return is_copy
