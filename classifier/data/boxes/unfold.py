"""A source whose files of many images are seen as folders of images."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from classifier.data.archive import MAX_MEMBER_BYTES, Entry, Source, refused
from classifier.data.boxes.box import Box
from classifier.data.boxes.cifar import is_pickle, open_binary, open_names, open_pickle
from classifier.data.boxes.idx import is_idx, open_idx, unpacked
from classifier.data.boxes.stl import NAME as STL
from classifier.data.boxes.stl import open_stl
from classifier.data.boxes.svhn import NAME as SVHN
from classifier.data.boxes.svhn import open_svhn
from classifier.data.problems import Unreadable

NAMES = re.compile(r"batches\.meta\.txt|(fine|coarse)_label_names\.txt")
DIGITS = 5  # of an image's number in its path


class Unfolded:
    """Another source; an image of a box lies at "box/00042"."""

    def __init__(self, inner: Source) -> None:
        self.inner = inner
        self.path: Path = inner.path
        self.unsaid = inner.unsaid
        self.rewindable = inner.rewindable
        self.total = inner.total

    def read(self, key: Any) -> bytes:
        return self.inner.read(key)

    def fraction(self) -> float | None:
        return self.inner.fraction()

    def close(self) -> None:
        self.inner.close()

    def entries(self) -> Iterator[Entry]:
        for entry in self.inner.entries():
            if entry.kind != "box" or entry.read is None:
                yield entry
                continue
            try:
                yield from unfolded(entry, entry.read)
            except Unreadable as error:
                yield refused(entry.path, error.rule, error.message)


def unfolded(entry: Entry, read: Callable[[], bytes]) -> Iterator[Entry]:
    """What a box holds: itself with what it says, then its images; a file that is none, only called so, as the image it may be."""
    data = unpacked(read(), MAX_MEMBER_BYTES)
    opened = opened_box(entry.path, data)
    if opened is None:
        yield Entry(entry.path, "image", lambda: data, len(data), len(data), changed=entry.changed)
        return
    box, images = opened
    yield Entry(entry.path, "box", box=box)
    for number, image in enumerate(images):
        yield Entry(f"{entry.path}/{number:0{DIGITS}}", "image", image, changed=entry.changed)


def opened_box(path: str, data: bytes) -> tuple[Box, Iterator[Callable[[], bytes]]] | None:
    name = PurePosixPath(path).name.lower()
    if NAMES.fullmatch(name):
        return open_names(name, data), iter(())
    if is_idx(data):
        return open_idx(path, data)
    if STL.fullmatch(name):
        return open_stl(name, data)
    if SVHN.fullmatch(name):
        return open_svhn(data)
    if name.endswith(".bin"):
        return open_binary(path, data)
    return open_pickle(data) if is_pickle(data) else None
