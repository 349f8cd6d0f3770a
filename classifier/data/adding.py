"""Added images on their way into the pack that all versions share: read into a pack of their own first, with a journal.

Its folder lies beside the version that is made of them. A try that was killed leaves it, and the next one takes over what was read, by the
rules of an import (`classifier.data.earlier`); the shared pack grows by what is whole alone, in the order of the source, so that its bytes
are the same however often a try was killed.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifier.data.batches import Images
from classifier.data.earlier import TakeOver
from classifier.data.journal import Journal, durable
from classifier.data.pack import INDEX_DTYPE, THUMB_DTYPE, PackWriter, mapped
from classifier.data.publish import glob_escape, is_free, owned
from classifier.data.survey import STOPPED
from classifier.spec.errors import Interrupted
from classifier.spec.events import OnEvent, ShouldStop
from classifier.spec.faults import fault
from classifier.spec.packfile import STORAGE_JPEG

TOO_SMALL = ("disk_full", "too_large", "cannot_write")  # codes of errors after which what was read must not take its place
AT_ONCE = 64  # images that are copied in one piece


def prefix_of(out: Path) -> str:
    """Of the folders in which images that are added to that version are read."""
    return f".{out.name}.adding-"


def read_for(out: Path) -> list[Path]:
    """All of them, also of tries that live."""
    return sorted(out.resolve().parent.glob(f"{glob_escape(prefix_of(out))}*"))


class Adding:
    """Where one version's added images are read to; made with the first of them."""

    def __init__(self, out: Path, begun: Sequence[Path], opened: contextlib.ExitStack) -> None:
        self.out, self.begun, self.opened = out.resolve(), list(begun), opened
        self.folder: Path | None = None
        self.sources = 0

    @contextlib.contextmanager
    def pack(self, about: dict[str, Any], on_event: OnEvent, should_stop: ShouldStop) -> Iterator[tuple[PackWriter, Journal]]:
        """A pack for the next source, with what an earlier try had read of it; `about` is what `how_read` says of the source."""
        folder = self.next_folder()
        tries = [path for root in self.begun for path in root.glob("*") if durable(path / "pack", about) is not None]
        kept = TakeOver(about, on_event, should_stop).best_of(tries, folder / "pack")
        if kept:
            message = f"Decoding added images. It goes on at image {kept + 1:,}"
            on_event({"event": "stage", "stage": "decoding", "message": message})
        with PackWriter(folder / "pack", ours=True) as writer, Journal(writer, about) as journal:
            yield writer, journal

    def next_folder(self) -> Path:
        """Ours alone for as long as this process lives."""
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix=prefix_of(self.out), dir=self.out.parent))
            self.opened.enter_context(owned(self.folder))
        found = self.folder / str(self.sources)
        found.mkdir()
        self.opened.enter_context(owned(found))
        self.sources += 1
        return found

    def remove(self) -> None:
        """What was read is of no use any more."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def reading_for(out: Path, earlier: Sequence[Path], *, keep: bool) -> Iterator[Adding]:
    """For as long as the version `out` is made. What tries for it that were killed had read, and those for `earlier`, is taken over; with
    `keep` what was read stays, however it ends, but where the disk or the memory was too small for it."""
    begun = [path for path in read_for(out) if is_free(path)]
    begun += [path for place in earlier for path in read_for(place) if path not in begun]
    with contextlib.ExitStack() as opened:
        adding = Adding(out, begun, opened)
        try:
            yield adding
        except BaseException as error:
            if not keep or isinstance(error, MemoryError) or getattr(error, "code", "") in TOO_SMALL:
                adding.remove()
            raise
        for folder in begun:
            shutil.rmtree(folder, ignore_errors=True)
        if not keep:
            adding.remove()


def copied(source: Path, writer: PackWriter, should_stop: ShouldStop) -> list[int]:
    """The row that each image of the pack `source` has in the other pack: its own where it is there already, else behind the last."""
    index, thumbs = mapped(source / "index.bin", INDEX_DTYPE), mapped(source / "thumbs_index.bin", THUMB_DTYPE)
    stores = {name: mapped(source / name, np.dtype(np.uint8)) for name in ("jpeg.bin", "pixels.bin", "thumbs.bin")}
    rows: list[int] = []
    for begin in range(0, len(index), AT_ONCE):
        if should_stop():
            raise Interrupted(STOPPED)
        rows += writer.extend(some(index[begin : begin + AT_ONCE], thumbs[begin : begin + AT_ONCE], stores))
        fault("copy")
    return rows


def some(index: np.ndarray, thumbs: np.ndarray, stores: dict[str, np.ndarray]) -> Images:
    """Images that follow each other in a pack: INDEX_DTYPE [N], THUMB_DTYPE [N] and the bytes of its files."""
    images, records, pictures = Images(), index.copy(), thumbs.copy()
    is_jpeg = records["storage"] == STORAGE_JPEG
    for name, part in (("jpeg.bin", is_jpeg), ("pixels.bin", ~is_jpeg)):
        if part.any():
            records["offset"][part] -= cut(images, name, stores[name], records[part])
    pictures["offset"] -= cut(images, "thumbs.bin", stores["thumbs.bin"], pictures)
    images.records, images.thumb_records = bytearray(records.tobytes()), bytearray(pictures.tobytes())
    images.digests = [digest.tobytes() for digest in np.ascontiguousarray(index["sha256"])]
    return images


def cut(images: Images, name: str, store: np.ndarray, records: np.ndarray) -> np.uint64:
    """Gives the images their bytes of one file; where these begin in it."""
    begin = int(records["offset"].min())
    end = int((records["offset"].astype(np.int64) + records["length"]).max())
    images.stores[name] = bytearray(store[begin:end].tobytes())
    return np.uint64(begin)
