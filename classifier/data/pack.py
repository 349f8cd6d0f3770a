"""The pack of `classifier.spec.packfile`: written once at import, read by training, evaluation and prediction.

Reading is safe from several threads: nothing moves a shared file position.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np

from classifier.data.batches import Encoded, Images, ends_of, index_record, store_of
from classifier.data.decode import Decoded, decode
from classifier.data.known import Digests
from classifier.data.problems import Unreadable
from classifier.data.thumbnails import png, saved, thumbnail
from classifier.spec.packfile import ERASED, INDEX, INDEX_FIELDS, SMALL_IMAGE_PIXELS, STORAGE_JPEG, STORAGE_PIXELS, THUMB, THUMB_FIELDS

if TYPE_CHECKING:
    import torch

JPEG_QUALITY = 95  # of photographs that are encoded again

INDEX_DTYPE = np.dtype(INDEX_FIELDS)
THUMB_DTYPE = np.dtype(THUMB_FIELDS)
assert INDEX_DTYPE.itemsize == INDEX.size and THUMB_DTYPE.itemsize == THUMB.size


def content_hash(data: bytes) -> bytes:
    """The 32 bytes of sha256 over a file's own bytes."""
    return hashlib.sha256(data).digest()


def encode(decoded: Decoded) -> Encoded:
    """Payload and thumbnail; the costly part, free of any shared state, so that threads can do it."""
    height, width, channels = decoded.shape
    if height * width <= SMALL_IMAGE_PIXELS:
        pixels = decoded.pixels
        return Encoded(STORAGE_PIXELS, pixels.tobytes(), width, height, channels, png(pixels), (width, height))
    image = decoded.picture
    payload = decoded.jpeg or saved(image, quality=JPEG_QUALITY, subsampling=0)
    return Encoded(STORAGE_JPEG, payload, width, height, channels, *thumbnail(image))


class ImageReader(ABC):
    """What reads images by row: `Pack` from disk, `MemoryPack` from memory."""

    index: np.ndarray  # INDEX_DTYPE [N]

    @abstractmethod
    def payload(self, row: int) -> bytes:
        """The stored bytes of one image."""

    def __len__(self) -> int:
        return len(self.index)

    @property
    def is_small(self) -> bool:
        """Whether every image is stored as raw pixels."""
        return bool((self.index["storage"] & ~np.uint8(ERASED) == STORAGE_PIXELS).all())

    def size(self, row: int) -> tuple[int, int]:
        """(height, width) in pixels."""
        return int(self.index["height"][row]), int(self.index["width"][row])

    def image(self, row: int) -> torch.Tensor:
        """uint8 [3, H, W] RGB; grey is repeated to three channels."""
        import torch  # here and not above: an import only writes, and starts in a fraction of the time and memory

        stored = torch.frombuffer(bytearray(self.payload(row)), dtype=torch.uint8)
        if self.index["storage"][row] == STORAGE_JPEG:
            from classifier.data.jpegs import pixels

            return pixels(stored)
        height, width = self.size(row)
        planes = stored.view(height, width, int(self.index["channels"][row])).permute(2, 0, 1)
        return planes.expand(3, height, width).contiguous()


class Pack(ImageReader):
    """A pack on disk, memory-mapped: opening costs nothing, whatever its size."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = mapped(folder / "index.bin", INDEX_DTYPE)
        self.pixels = mapped(folder / "pixels.bin", np.dtype(np.uint8))
        self.jpegs = mapped(folder / "jpeg.bin", np.dtype(np.uint8))

    @classmethod
    def open(cls, folder: Path | str) -> Pack:
        return cls(Path(folder))

    def __reduce__(self) -> tuple[Any, ...]:
        return Pack.open, (self.folder,)  # a copy in another process maps the same files

    def payload(self, row: int) -> bytes:
        entry = self.index[row]
        store = self.jpegs if entry["storage"] == STORAGE_JPEG else self.pixels
        start = int(entry["offset"])
        return store[start : start + int(entry["length"])].tobytes()


def mapped(path: Path, dtype: np.dtype[Any]) -> np.ndarray:
    """The file's whole records as a read-only array; the last may be cut while another process adds some. None at all cannot be mapped."""
    count = path.stat().st_size // dtype.itemsize
    if not count:
        return np.empty(0, dtype)
    return np.asarray(np.memmap(path, dtype, "r", shape=(count,)))


class Patience:
    """How long the files of each call may take to be read: a hundred huge pictures of one must not hold up everybody else's."""

    def __init__(self, calls: Sequence[Hashable], seconds: float) -> None:
        self.calls, self.seconds = calls, seconds  # of each file, which call it came with
        self.spent: defaultdict[Hashable, float] = defaultdict(float)

    @contextlib.contextmanager
    def with_file(self, position: int) -> Iterator[None]:
        """Measures one file. Raises Unreadable where those before it took all of the time."""
        call = self.calls[position]
        if self.spent[call] > self.seconds:
            raise Unreadable("slow", f"was not looked at: the pictures before it took over {self.seconds:g} s to read; send smaller ones")
        began_at = time.monotonic()
        try:
            yield
        finally:
            self.spent[call] += time.monotonic() - began_at


class MemoryPack(ImageReader):
    """Pictures to classify, packed in memory by the very code of the import."""

    def __init__(self, images: Sequence[Encoded], digests: Sequence[bytes]) -> None:
        self.payloads = [image.payload for image in images]
        records = (index_record(image, 0, digest) for image, digest in zip(images, digests, strict=True))
        self.index = np.frombuffer(b"".join(records), INDEX_DTYPE)

    @classmethod
    def from_files(cls, files: Sequence[tuple[str, bytes]], patience: Patience | None = None) -> tuple[MemoryPack, dict[int, Unreadable]]:
        """(pack, {position: why it cannot be read}); row k is the k-th file that could be read."""
        images: list[Encoded] = []
        digests: list[bytes] = []
        errors: dict[int, Unreadable] = {}
        for position, (name, data) in enumerate(files):
            try:
                with patience.with_file(position) if patience else contextlib.nullcontext():
                    images.append(encode(decode(data, name)))
                digests.append(content_hash(data))
            except Unreadable as error:
                errors[position] = error
        return cls(images, digests), errors

    def payload(self, row: int) -> bytes:
        return self.payloads[row]


class PackWriter:
    """Appends images to a pack folder, new or there already; durable once closed.

    The index of a pack that was there already is written last, once all that it names is on disk: whatever a crash cuts off is bytes
    that no row names. Of a pack that is `ours` nobody reads before it is whole: its index is written as it comes, and what was made
    durable (`sync`) is gone on with by another writer.
    """

    FILES = ("pixels.bin", "jpeg.bin", "thumbs.bin", "thumbs_index.bin", "index.bin")  # in the order of closing

    def __init__(self, folder: Path | str, *, ours: bool = False) -> None:
        self.folder, self.ours = Path(folder), ours
        self.folder.mkdir(parents=True, exist_ok=True)
        self.files: dict[str, IO[bytes]] = {}
        self.ends: dict[str, int] = {}  # of the files, in bytes, as they were found
        self.late: BytesIO | None = None  # records of a pack that grows, until all that they name is on disk

    def __enter__(self) -> Self:
        for name in self.FILES:
            self.files[name] = (self.folder / name).open("ab", buffering=1 << 20)
        index = mapped(self.folder / "index.bin", INDEX_DTYPE)
        self.ends = ends_of(index, mapped(self.folder / "thumbs_index.bin", THUMB_DTYPE)[: len(index)])
        for name, end in self.ends.items():  # behind them lies what a writer left that was killed
            if self.files[name].seek(0, os.SEEK_END) > end:
                self.files[name].truncate(end)
                self.files[name].seek(end)
        self.late = BytesIO() if len(index) and not self.ours else None
        self.known = Digests(self.folder / "index.bin", self.files["index.bin"].flush, late=self.late is not None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        kept = False
        try:
            if kind is None:
                self.keep()
                kept = True
        finally:
            self.close()
            if not kept and not self.ours:
                self.cut_back()

    def keep(self) -> None:
        """All of it on the disk, the records last."""
        self.sync()
        if self.late is not None:
            self.files["index.bin"].write(self.late.getbuffer())
            self.sync()

    def sync(self) -> dict[str, int]:
        """All that was written, on the disk for good; how many bytes each file has."""
        for file in self.files.values():
            file.flush()
            os.fsync(file.fileno())
        return {name: file.tell() for name, file in self.files.items()}

    def close(self) -> None:
        self.known.close()
        for file in self.files.values():
            with contextlib.suppress(OSError):  # of a full disk, which what was written before has told already
                file.close()

    def cut_back(self) -> None:
        """The pack as it was: a disk that what is left here has filled would find no room for the next try."""
        for name, end in self.ends.items():
            with contextlib.suppress(OSError):
                os.truncate(self.folder / name, end)

    def add(self, decoded: Decoded, digest: bytes) -> int:
        """The image's row; the same digest always gives the same row."""
        row = self.known.find(digest)
        return self.append(encode(decoded), digest) if row is None else row

    def append(self, encoded: Encoded, digest: bytes) -> int:
        """As `add`, for what `encode` already made."""
        if (known := self.known.find(digest)) is not None:
            return known
        offset = self.write(store_of(encoded.storage), encoded.payload)
        thumb = self.write("thumbs.bin", encoded.thumb)
        self.write("thumbs_index.bin", THUMB.pack(thumb, len(encoded.thumb), *encoded.thumb_size))
        self.write_records(index_record(encoded, offset, digest))
        return self.known.add(digest)

    def extend(self, images: Images) -> list[int]:
        """The rows of several images: as `append` one by one, but written in one piece where each of them is new."""
        if not len(images):
            return []
        first = len(self.known)
        if len(set(images.digests)) < len(images) or any(self.known.find(digest) is not None for digest in images.digests):
            return [self.append(encoded, digest) for encoded, digest in images]
        begins = {name: np.uint64(self.write(name, data)) for name, data in images.stores.items()}
        index, thumbs = np.frombuffer(images.records, INDEX_DTYPE), np.frombuffer(images.thumb_records, THUMB_DTYPE)
        index["offset"] += np.where(index["storage"] == STORAGE_JPEG, begins["jpeg.bin"], begins["pixels.bin"])
        thumbs["offset"] += begins["thumbs.bin"]
        self.write("thumbs_index.bin", images.thumb_records)
        self.write_records(images.records)
        for digest in images.digests:
            self.known.add(digest)
        return list(range(first, first + len(images)))

    def write_records(self, records: bytes | bytearray) -> None:
        if self.late is None:
            self.write("index.bin", records)
        else:
            self.late.write(records)

    def write(self, name: str, data: bytes | bytearray) -> int:
        """Appends and gives the offset where it begins."""
        file = self.files[name]
        start = file.tell()
        file.write(data)
        return start
